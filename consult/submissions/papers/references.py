"""Search for recommendations in a paper that name a part of the draft: by unit and number, number alone, or quotation.

Only blocks that recommend something are searched. A number counts for this draft unless the words around it name
another instrument, such as "article 14 of the 1988 Convention". Nothing is placed without a person's consent: `sure`
only decides which boxes are ticked beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from consult.core.text import normalise

QUOTED_WORDS = 6
"""Least number of words within quotation marks, found in one provision only, that name it."""
REPEATED_WORDS = 9
"""The same without quotation marks."""

_RECOMMENDS = re.compile(
    r"\b(recommend\w*|should|must|ought to|shall|urge\w*|call(?:s|ed|ing)? (?:on|for|upon)|propos\w+|request\w*|"
    r"suggest\w*|ask(?:s|ed)? (?:that|for|the)|replace|delete|remove|insert|add|amend|"
    r"recommand\w*|devrai\w*|doi(?:t|vent|s)|faut|demand\w+|exhort\w+|invit\w+|préconis\w+|remplac\w+|supprim\w+|ajout\w+|"
    r"recomend\w*|recomiend\w*|deb(?:e|en|ería|erían|erá|erán)|solicit\w+|pedimos|propon\w+|inst(?:a|amos|an)|sustitu\w+|"
    r"suprim\w+|elimin\w+|añad\w+|agreg\w+|modifi\w+)\b|نوصي|توصي|يوصى|ينبغي|يجب|نطلب|نطالب|نقترح|تقترح|ندعو|تدعو|نحث|يتعين|"
    r"يستعاض|يحذف|حذف|استبدال|إضافة",
    re.IGNORECASE,
)
_UNITS = (
    r"articles?|art\.|sections?|sec\.|§{1,2}|paragraphs?|paras?\.?|clauses?|points?|actions?|measures?|annex(?:es)?|"
    r"chapters?|objectives?|targets?|commitments?|recommendations?|parts?|provisions?|paragraphes?|alinéas?|chapitres?|"
    r"mesures?|annexes?|objectifs?|recommandations?|dispositions?|artículos?|párrafos?|apartados?|secciones|sección|"
    r"puntos?|cláusulas?|capítulos?|medidas?|acciones|acción|anexos?|objetivos?|recomendaciones|recomendación|"
    r"(?:ال|لل|بال|وال)?(?:مادة|مادتين|مادتان|مواد|فقرة|فقرتين|فقرتان|فقرات|قسم|أقسام|بند|بندين|بندان|بنود|نقطة|نقاط|"
    r"فصل|فصول|إجراء|إجراءات|تدبير|تدابير|مرفق|هدف|أهداف|توصية|توصيات)"
)
_FAMILIES = (
    ("articl", "art", "artícul", "مادة", "مادت", "مواد"),
    ("section", "sec", "sección", "seccion", "§", "قسم", "أقسام"),
    ("paragraph", "para", "párraf", "apartad", "alinéa", "فقر"),
    ("chapt", "chapitr", "capítul", "فصل", "فصول"),
    ("action", "acci", "mesure", "measure", "medida", "إجراء", "تدبير", "تدابير"),
    ("recommend", "recommand", "recomend", "توصي"),
    ("objective", "objectif", "objetivo", "هدف", "أهداف"),
    ("annex", "anexo", "مرفق"),
    ("clause", "cláusul", "point", "punto", "بند", "بنود", "نقط", "نقاط"),
)
"""Beginnings of the words for one kind of unit in the four languages, without the Arabic article."""
_NUMBER = r"\d{1,3}(?:\.\d{1,3}){0,3}(?: ?\([a-z0-9]{1,3}\))?"
_JOINT = r"(?:[ \n]?(?:,|;|and|or|et|ou|y|o|e|&|و|أو)[ \n]?(?:the |les? |la |el )?)"
_RANGE = r"(?:[ \n]?(?:[-–—]|to|through|à|al?|hasta|إلى)[ \n]?)"
_NAMED = re.compile(
    rf"(?<!\w)(?P<unit>{_UNITS})[ \n]?(?:nos?\.?[ \n]?|n°[ \n]?|رقم[ \n]?)?"
    rf"(?P<numbers>{_NUMBER}(?:(?:{_JOINT}|{_RANGE}){_NUMBER}){{0,8}})(?!\w|[.]\d|\s?%)",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?:^|[\n(]) ?(?P<number>\d{1,3}(?:\.\d{1,3}){1,3}(?: ?\([a-z]\))?)(?= ?[:.)–—-]?\s)")
_ONE = re.compile(rf"(?P<joint>{_RANGE})?(?P<number>{_NUMBER})", re.IGNORECASE)
_OF = re.compile(
    r"\s{0,3}(?:of|in|from|under|to|du|de la|de l[’']|des|de los|de las|del|de|dans|en|من|في)\s", re.IGNORECASE
)
_INSTRUMENT = re.compile(
    r"\b(conventions?|treat(?:y|ies)|acts?|laws?|directives?|regulations?|codes?|charters?|protocols?|covenants?|"
    r"constitution|guidelines?|declarations?|resolutions?|bills?|reports?|loi|traité|règlement|charte|pacte|protocole|"
    r"lignes directrices|déclaration|résolution|rapport|ley|tratado|convenio|convención|reglamento|carta|pacto|"
    r"directrices|declaración|resolución|informe)\b|اتفاقية|الاتفاقية|معاهدة|قانون|القانون|ميثاق|العهد|بروتوكول|"
    r"المبادئ التوجيهية|إعلان|قرار|تقرير",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"«„](?P<words>[^“”\"«»„]{20,600})[”\"»“]")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_COMMON = frozenset(
    ["draft", "with", "from", "this", "that", "proposed", "projet", "proyecto", "pour", "para", "dans", "مشروع"]
)
"""Words that name no draft."""
_SPACES = re.compile(r"[ \t\u00a0]+")
_AROUND = 80
"""Characters after a number, and before it, in which another instrument is looked for."""


@dataclass(frozen=True)
class Part:
    """A part of the draft on which one can comment."""

    id: int
    number: str
    text: str
    heading: str = ""

    @property
    def plain(self) -> str:
        """Return the number of the part without the unit: "5" of "Article 5", "2.1", "2.1(a)"."""
        match = re.search(r"\d{1,3}(?:\.\d{1,3})*(?:\s?\([a-z0-9]{1,3}\))?", self.number.translate(_DIGITS))
        return re.sub(r"\s", "", match[0]).lower() if match else ""

    @property
    def unit(self) -> str:
        return normalise(re.sub(r"[\d().\s]+", " ", self.number).strip())


@dataclass(frozen=True)
class Recommendation:
    """The index of its block, and the part of the draft that it names."""

    block: int
    part: int
    sure: bool
    found_by: str  # "number", "bare" or "quote"


@dataclass(frozen=True)
class DraftIndex:
    """The parts of a draft by number and by runs of words, and the titles by which a paper may call it."""

    parts: Sequence[Part]
    names: Sequence[str] = ()

    @cached_property
    def by_number(self) -> Mapping[str, Sequence[Part]]:
        parts: dict[str, list[Part]] = {}
        for part in self.parts:
            if part.plain:
                parts.setdefault(part.plain, []).append(part)
        return parts

    @cached_property
    def by_words(self) -> Mapping[tuple[str, ...], int | None]:
        """Return the part of each run of QUOTED_WORDS words, or None if several parts have it."""
        runs: dict[tuple[str, ...], int | None] = {}
        for part in self.parts:
            for run in set(_runs(f"{part.heading} {part.text}", QUOTED_WORDS)):
                runs[run] = None if run in runs else part.id
        return runs

    @cached_property
    def name_words(self) -> Sequence[frozenset[str]]:
        """Return the distinctive words of each name: years, and words of four letters or more."""
        words = (frozenset(word for word in _words(name) if len(word) > 3) - _COMMON for name in self.names)
        return [these for these in words if len(these) > 1]

    def is_named_in(self, text: str) -> bool:
        """Return True if a passage as long as a name has most of its distinctive words, and at least two."""
        words = _words(text)
        return any(_has_most(words, name) for name in self.name_words)


def _has_most(words: Sequence[str], name: frozenset[str]) -> bool:
    least, length = max(2, -(-len(name) * 3 // 4)), 2 * len(name) + 2
    places = [at for at, word in enumerate(words) if word in name]
    return any(
        len({words[at] for at in places[first : first + length] if at - places[first] < length}) >= least
        for first in range(len(places))
    )


def find_recommendations(blocks: Sequence[str], draft: DraftIndex, kinds: Sequence[str] = ()) -> list[Recommendation]:
    """Return the recommendations in the blocks of a paper, in order, each part at most once a block.

    `kinds` are those of the blocks: footnotes are not searched.
    """
    named = draft.is_named_in("\n".join(blocks))
    recommendations: list[Recommendation] = []
    for number, block in enumerate(blocks):
        kind = kinds[number] if number < len(kinds) else "paragraph"
        if kind == "note" or not recommends(block):
            continue
        by_part: dict[int, Recommendation] = {}
        for item in _find_in_block(number, _SPACES.sub(" ", block.translate(_DIGITS)), draft, named):
            if item.part not in by_part or (item.sure and not by_part[item.part].sure):
                by_part[item.part] = item
        recommendations += by_part.values()
    return recommendations


def recommends(block: str) -> bool:
    """Return whether a block recommends something.

    >>> recommends("Section 2.1 should say 80 per cent."), recommends("Section 2.1 is on treatment.")
    (True, False)
    """
    return _RECOMMENDS.search(block) is not None


def _find_in_block(number: int, block: str, draft: DraftIndex, named: bool) -> Iterator[Recommendation]:
    for part in _quoted_parts(block, draft):
        yield Recommendation(number, part, named, "quote")
    for match in _NAMED.finditer(block):
        if _is_of_another(block, match.start(), match.end(), draft):
            continue
        for plain in _numbers(match["numbers"], draft):
            if (fitting := _fitting(match["unit"], draft.by_number.get(plain, ()))) is not None:
                yield Recommendation(number, fitting[0].id, named and (fitting[1] or "." in plain), "number")
    for match in _BARE.finditer(block):
        parts = draft.by_number.get(re.sub(r"\s", "", match["number"]).lower(), ())
        if len(parts) == 1 and not _is_of_another(block, match.start(), match.end(), draft):
            yield Recommendation(number, parts[0].id, False, "bare")


def _numbers(text: str, draft: DraftIndex) -> Iterator[str]:
    """Yield the numbers in a list; a range gives all numbers of the draft from its first to its last."""
    last = ""
    order = list(draft.by_number)
    for match in _ONE.finditer(text):
        plain = re.sub(r"\s", "", match["number"]).lower()
        if match["joint"] and last in draft.by_number and plain in draft.by_number:
            first, end = order.index(last), order.index(plain)
            yield from (number for number in order[first + 1 : end] if number.count(".") == plain.count("."))
        yield plain
        last = plain


def _fitting(unit: str, parts: Iterable[Part]) -> tuple[Part, bool] | None:
    """Return the part that a unit word and a number name, and True if the draft uses that word. None if unclear."""
    these = list(parts)
    same = [part for part in these if part.unit and _family(part.unit) == _family(normalise(unit))]
    if len(same) == 1:
        return same[0], True
    if len(these) == 1 and not same:
        return these[0], not these[0].unit
    return None


def _family(unit: str) -> str:
    """Return the first spelling in the family of a unit word, or the word itself.

    >>> _family("artículos") == _family("المادة") == _family("article"), _family("pillar")
    (True, 'pillar')
    """
    bare = re.sub(r"^[وبل]?(?:ال|لل)", "", unit)
    return next((family[0] for family in _FAMILIES if bare.startswith(family)), bare)


def _is_of_another(block: str, start: int, end: int, draft: DraftIndex) -> bool:
    """Return True if the words around a number name another instrument. The words after it take precedence."""
    of = _OF.match(block, end)
    if of:
        after = re.split(r"[.;:\n]", block[of.end() : of.end() + _AROUND], maxsplit=1)[0]
        if draft.is_named_in(after) or _says_this(after):
            return False
        if _INSTRUMENT.search(after.split(",")[0]):
            return True
    before = block[max(0, start - 2 * _AROUND) : start]
    last = next(iter(reversed(list(_INSTRUMENT.finditer(before)))), None)
    if last is None or re.search(r"[.!?]\s", before[last.end() :]):
        return False
    phrase = before[max(0, last.start() - 40) :]
    return not draft.is_named_in(phrase) and not _says_this(phrase)


def _says_this(words: str) -> bool:
    """Return True if these words refer to the draft that is being commented on."""
    return (
        re.search(r"\b(draft|this|present|proposed|consultation|projet|présente?|proyecto|present[ea])\b", words, re.I)
        is not None
        or re.search("مشروع|هذا|هذه", words) is not None
    )


def _quoted_parts(block: str, draft: DraftIndex) -> Iterator[int]:
    """Yield the parts whose words the block quotes or repeats at length."""
    quoted = [match["words"] for match in _QUOTED.finditer(block)]
    seen = set()
    for text, least in [*((words, QUOTED_WORDS) for words in quoted), (block, REPEATED_WORDS)]:
        runs = [draft.by_words.get(run) for run in _runs(text, QUOTED_WORDS)]
        for part in {run for run in runs if run is not None}:
            if part not in seen and _longest_run(runs, part) + QUOTED_WORDS - 1 >= least:
                seen.add(part)
                yield part


def _longest_run(runs: Sequence[int | None], part: int) -> int:
    longest = length = 0
    for run in runs:
        length = length + 1 if run == part else 0
        longest = max(longest, length)
    return longest


def _words(text: str) -> list[str]:
    return normalise(text).split()


def _runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = _words(text)
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))
