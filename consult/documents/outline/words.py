"""Keywords of headings in legal texts with their rank, in the languages of drafts."""

from __future__ import annotations

import re
from typing import NamedTuple

from consult.documents.model import ProvisionKind

ANNEX, APPENDIX, ARTICLE = 0, 2, 40
_RANKS: dict[int, tuple[ProvisionKind, str]] = {
    ANNEX: (
        ProvisionKind.ANNEX,
        "annex|annexe|anexo|allegato|anlage|anhang|bijlage|приложение|schedule|ملحق|الملحق|مرفق|المرفق|المرفقة",
    ),
    APPENDIX: (
        ProvisionKind.ANNEX,
        "appendix|appendice|apéndice|apêndice|attachment|addendum|дополнение|تذييل|التذييل",
    ),
    1: (
        ProvisionKind.SECTION,
        "disposición adicional|disposición transitoria|disposición derogatoria|disposición final|disposição final",
    ),
    8: (ProvisionKind.PART, "book|livre|libro|livro|buch|книга|الكتاب|كتاب"),
    10: (ProvisionKind.PART, "part|partie|parte|teil|часть|الجزء|جزء"),
    12: (ProvisionKind.PART, "title|titre|título|titulo|titolo|titel|раздел|الباب|باب"),
    18: (ProvisionKind.CHAPTER, "subtitle|subpart"),
    20: (ProvisionKind.CHAPTER, "chapter|chapitre|capítulo|capitulo|capo|kapitel|hauptstück|глава|الفصل|فصل"),
    30: (
        ProvisionKind.SECTION,
        r"section|sec\.|sección|seccion|secção|seção|sezione|abschnitt|подраздел|القسم|قسم|المبحث|الفرع",
    ),
    34: (
        ProvisionKind.SECTION,
        "subsection|sous-section|subsección|subsecção|sottosezione|unterabschnitt|параграф|المطلب",
    ),
    ARTICLE: (
        ProvisionKind.SECTION,
        r"article|artículo|articulo|artigo|articolo|artikel|art\.|art|статья|المادة|مادة|المادّة|rule|règle|regla"
        "|regra|regola|regel|правило|القاعدة|قاعدة|regulation|principle|principe|principio|recommendation",
    ),
}
_WORDS = {word.replace("\\", ""): (rank, kind) for rank, (kind, words) in _RANKS.items() for word in words.split("|")}
_ORDINALS = (
    r"premi[eè]re?|1ers?|unique|préliminaire|deuxième|second[e]?|troisième|quatrième|cinquième|sixième|septième|huitième"
    r"|neuvième|dixième|primer[oa]?|únic[oa]|preliminar|segund[oa]|tercer[oa]?|cuart[oa]|quint[oa]|sext[oa]|séptim[oa]"
    r"|octav[oa]|noven[oa]|décim[oa]|primeir[oa]|terceir[oa]|quart[oa]|oitav[oa]|prim[oa]|second[oa]|terz[oa]|ottav[oa]"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|first|third|fourth|fifth"
    r"|перв(?:ая|ый|ое)|втор(?:ая|ой|ое)|треть[яе]|третий|четв[её]рт(?:ая|ый)|пят(?:ая|ый)|шест(?:ая|ой)"
    r"|ال(?:أول[ىي]?|اول[ىي]?|واحدة?|حادية?|ثانية?|ثالثة?|رابعة?|خامسة?|سادسة?|سابعة?|ثامنة?|تاسعة?|عاشرة?|تمهيدي)"
    r"(?:\s+عشرة?)?(?:\s+وال\w{4,7}ون)?"
)
_ROMAN, _ADDED = (
    "[IVXLCDMІХ]{1,7}(?i:er|re)?",
    r"(?:[a-z](?!\w)|[ -]?(?i:bis|ter|qu[aá]ter|quinquies|sexies|septies|octies)\b)?",
)
_DIGITS = rf"\(?\d{{1,4}}(?:[.‑-]\d{{1,4}})*{_ADDED}\)?(?:er|re|\.?[ºª°]|o(?!\w)|a(?!\w))?(?:-[A-Z](?!\w))?"
_CODE = r"[LRDA]\.?[ *]{0,2}\d{1,4}(?:-\d{1,4})*"
_NUMBER = rf"(?:{_CODE}|{_DIGITS}|{_ROMAN}{_ADDED}(?!\w)|[A-Z](?!\w)|(?i:{_ORDINALS})(?!\w))"
_ALL = "|".join(sorted((word.replace(".", r"\.") for word in _WORDS), key=len, reverse=True))
_KEYWORD = re.compile(
    rf"(?P<word>(?i:{_ALL})(?!\w)|§§?|Nr\.)(?P<gap>\s*(?:\(?(?:[nN][o°º]\.?|[nN]úm\.|Nr\.|№|رقم)\s*)?)(?P<number>{_NUMBER})"
    r"(?P<mark>\s*[.:)]?\s*[.]?\s*[—–:-]*)(?P<space>\s+|$|(?<=[—–:.-]))"
)
_AFTER = re.compile(
    r"(?P<number>\d{1,2}\.|(?i:erster|zweiter|dritter|vierter|fünfter))\s+"
    r"(?P<word>(?i:teil|titel|kapitel|abschnitt|buch|hauptstück))(?!\w)(?P<mark>[.:]?\s*[—–-]?)(?P<space>\s+|$)"
)
_ORDINAL_ANNEX = re.compile(
    r"(?P<number>(?i:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth))\s+"
    r"(?P<word>(?i:schedule|annex|appendix))(?P<mark>[.:]?\s*[—–-]?)(?P<space>\s*$|\s+(?=[(\[]))"
)
_ALONE = re.compile(
    r"(?:annex|annexe|anexo|allegato|anlage|anhang|приложение|schedule|appendix|appendice|apéndice|ملحق|الملحق|مرفق)s?"
    r"[.:]?$",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(
    r"(?:preamble|préambule|preambule|preámbulo|preambulo|preâmbulo|preambolo|präambel|преамбула|الديباجة|ديباجة"
    r"|recitals|considérants|considerandos|exposición de motivos)[.:]?$",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:done (?:at|in)|in witness whereof|signed (?:at|in)|this (?:regulation|directive|decision) shall be binding"
    r"|fait à|en foi de quoi|le présent (?:règlement|arrêté) est obligatoire|hecho en|dado en|en fe de lo cual"
    r"|(?:el|la) presente (?:reglamento|directiva) será|fatto a|geschehen zu|feito em|совершено|حرر|صدر|تحريرا"
    r"|for the (?:commission|european parliament|council))\b"
    r"|\w+, (?:(?:le|el|em|am|den|addì|a) )?\d{1,2}(?:er)? (?:de )?\w+",
    re.IGNORECASE,
)
"""How what stands below the last provision begins."""


class Keyword(NamedTuple):
    """A heading's word and number as printed, its rank, and what follows; `apart`: behind a stop or a dash."""

    kind: ProvisionKind
    rank: int
    number: str
    rest: str
    apart: bool


def split_keyword(text: str) -> Keyword | None:
    """Return the keyword and number with which a text begins, or None.

    >>> split_keyword("Article 5 bis. Purpose")[1:], split_keyword("المادة الأولى")[2]
    ((40, 'Article 5 bis', 'Purpose', True), 'المادة الأولى')
    >>> split_keyword("Art. 1º Esta lei trata de saúde.").apart, split_keyword("Art. 5º da Constituição").apart
    (True, False)
    >>> split_keyword("Title of article"), split_keyword("Part a of it")
    (None, None)
    """
    if _PREAMBLE.match(text):
        return Keyword(ProvisionKind.PREAMBLE, ANNEX, "", text, False)
    if _ALONE.match(text):
        return Keyword(ProvisionKind.ANNEX, APPENDIX if text[:3].lower() in ("app", "apé") else ANNEX, text, "", False)
    match, swapped = _KEYWORD.match(text), None
    if match is None:
        match = swapped = _AFTER.match(text) or _ORDINAL_ANNEX.match(text)
    if match is None:
        return None
    word = match["word"]
    rank, kind = _WORDS.get(word.lower(), (ARTICLE, ProvisionKind.SECTION))
    if not swapped and (not match["gap"] and word[0] != "§"):
        return None
    printed = text[match.start() : match.start("mark")]
    # Brazilian and older Spanish laws print "Art. 1º Esta lei" without a stop.
    ordinal = printed[-1] in "ºª°" and word[0] != "§" and text[match.end() : match.end() + 1].isupper()
    apart = bool(match["mark"].strip()) or bool(swapped) or ordinal
    return Keyword(kind, rank, " ".join(_digits(printed).split()), text[match.end() :].lstrip("—–:- "), apart)


def _digits(printed: str) -> str:
    return "".join(str(int(char)) if char.isdecimal() else char for char in printed)
