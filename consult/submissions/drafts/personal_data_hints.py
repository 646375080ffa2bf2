"""Hints about personal data in a draft, shown to the author before sending. They do not prevent sending."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from consult.core.lazy import LazyModule

_phonenumbers: Any = LazyModule("phonenumbers")
COVER = "[…]"
"""Placeholder for words that the author removed with one click."""
MOST = 8
"""Maximum number of findings shown."""
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_NATIONAL = re.compile(
    r"(?<![\w.,/+-])(?!\d{1,2}([./-])\d{1,2}\1\d{4})(?=0(?:[ ./()-]{0,2}\d){8,14}(?![\w/-]|[.,]\d))"
    r"0\d{1,4}(?:[ ./()-]{0,2}\d{2,12}){1,5}(?![\w/-])"
)
"""A national phone number of any country: nine or more digits in sequence, beginning with 0."""
_NAME = r"[^\W\d_][\w’'-]{1,30}"
_CAPITAL = r"(?-i:[A-ZÀ-ÖØ-Þ])[\w’'-]{1,30}(?:\s+(?-i:[A-ZÀ-ÖØ-Þ])[\w’'-]{1,30})?"
_TITLE = (
    r"mr|mrs|ms|miss|dr|prof|sr|sra|srta|señora?|señorita|don|doña|doctora?|m|mme|mlle|monsieur|madame|senhora?|dona"
)
_KIN = (
    r"my\s+(?:(?:grand)?(?:son|daughter|mother|father)|brother|sister|husband|wife|partner|(?:boy|girl)?friend|neighbou?r"
    r"|client|patient|cousin|uncle|aunt|nephew|niece|mum|mom|dad|colleague)"
    r"|mi\s+(?:hij[oa]|herman[oa]|espos[oa]|marido|mujer|pareja|vecin[oa]|amig[oa]|paciente|prim[oa]|sobrin[oa]|t[ií][oa]"
    r"|niet[oa]|abuel[oa]|novi[oa]|cuñad[oa]|compañer[oa]|madre|padre|mamá|papá)"
    r"|m(?:on|a)\s+(?:fils|fille|frère|sœur|mari|femme|voisine?|amie?|patiente?|cousine?|oncle|tante|neveu|nièce|mère"
    r"|père|copine?|collègue)"
    r"|(?:meu|minha)\s+(?:filh[oa]|irmão|irmã|espos[oa]|marido|mulher|vizinh[oa]|amig[oa]|paciente|prim[oa]|sobrinh[oa]"
    r"|ti[oa]|net[oa]|avô|avó|namorad[oa]|cunhad[oa]|colega|mãe|pai)"
    r"|(?:called|named|llamad[oa]|nommée?|chamad[oa])"
)
_ARABIC = (
    rf"(?<!\w)(?:السيدة?|الدكتورة?|الأستاذة?|جاري|جارتي|أخي|أختي|ابني|ابنتي|زوجي|زوجتي|صديقي|صديقتي|اسمها?ه?)\s+{_NAME}"
)
_PERSON = re.compile(rf"(?<!\w)(?:(?:{_TITLE})\.?\s+{_CAPITAL}|(?:{_KIN}),?\s+{_CAPITAL})|{_ARABIC}", re.IGNORECASE)


@dataclass(frozen=True)
class PersonalDataHint:
    """Words that may identify a person. `kind` is email, phone or person."""

    kind: str
    words: str


@dataclass(frozen=True)
class HintSpan:
    """The position of such words in a text."""

    start: int
    end: int
    kind: str


def find_hints(text: str, country: str = "") -> list[PersonalDataHint]:
    """Find possible personal data in a text. `country` gives the format of national phone numbers.

    >>> text = "Ask ana@example.org, +51 1 234 5678 or Mrs. Quispe. In 1961, 1971, 1988."
    >>> [found.words for found in find_hints(text)]
    ['ana@example.org', '+51 1 234 5678', 'Mrs. Quispe']
    >>> find_hints("Between 2027 and 2030 sixty per cent, 1,194,758 people; see 2.1 and E/CN.7/2019/1.", "PE")
    []
    """
    return [PersonalDataHint(span.kind, " ".join(text[span.start : span.end].split())) for span in _find(text, country)]


def find_spans(text: str, country: str = "") -> list[HintSpan]:
    """Return the positions of possible personal data, in order. Of overlapping ones, the first.

    >>> [(found.start, found.end, found.kind) for found in find_spans("Call +51 1 234 5678 or ana@example.org.")]
    [(5, 19, 'phone'), (23, 38, 'email')]
    """
    spans: list[HintSpan] = []
    for span in sorted(_find(text, country), key=lambda span: (span.start, -span.end)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
    return spans


def cover(text: str, country: str = "") -> str:
    """Replace possible personal data with COVER.

    >>> cover("Call +51 1 234 5678, please.")
    'Call […], please.'
    """
    for span in reversed(find_spans(text, country)):
        text = text[: span.start] + COVER + text[span.end :]
    return text


def _find(text: str, country: str) -> list[HintSpan]:
    """Return e-mail addresses, then phone numbers, then people."""
    numbers = list(
        _phonenumbers.PhoneNumberMatcher(text, country or None, leniency=_phonenumbers.Leniency.VALID, max_tries=200)
    )
    known = [(number.start, number.end) for number in numbers]
    national = [
        HintSpan(found.start(), found.end(), "phone")
        for found in _NATIONAL.finditer(text)
        if not any(start < found.end() and found.start() < end for start, end in known)
    ]
    return [
        *(HintSpan(found.start(), found.end(), "email") for found in _EMAIL.finditer(text)),
        *(HintSpan(start, end, "phone") for start, end in known),
        *national,
        *(HintSpan(found.start(), found.end(), "person") for found in _PERSON.finditer(text)),
    ]


def find_all_hints(texts: Iterable[str], country: str = "") -> list[PersonalDataHint]:
    """Return possible personal data in all texts of a submission, without duplicates."""
    found = dict.fromkeys(finding for text in texts for finding in find_hints(text, country))
    return list(found)[:MOST]
