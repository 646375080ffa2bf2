"""Lines that identify a person: a name, an address or contact details, recognised by shape and word lists. Pure.

Each test reads at most `LONGEST` characters of a line, so the time is linear in a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from consult.analysis.text.normalise import split_words
from consult.analysis.text.wordlists import compile_phrases, load_words
from consult.core.lazy import LazyModule

LONGEST = 160
"""Characters of a line that may be a name or an address."""
TOKEN = re.compile(r"[^\W\d_](?:[\w.'’\-]{0,40}\w)?\.?")
_phonenumbers: Any = LazyModule("phonenumbers")
_MASKED = re.compile(r"\[(?:e-?mail|phone|name|address|redacted)[^\]\n]{0,20}\]", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.,])\+?\(?\d[\d\s().\-/]{6,18}\d(?!\w)")
_DATE = re.compile(r"\b\d{1,2}([./-])\d{1,2}\1\d{2,4}\b")
_REGIONS = ("US", "GB", "FR", "ES", "PT", "BR", "MX", "DE", "IT", "MA")
_APART = re.compile(r"(?<!\s)\s{1,9}[\-–—/|·•]\s{1,9}|[,;()\u060c]")
"""What parts a name from a place."""
_PLACE = re.compile(
    r"""(?x)
    [^\W\d_][\w.'’\- ]{1,40},?\s+[A-Z]{2}\.?,?\s+\d{5}(?:-\d{4})? | [A-Z][\w.'’\- ]{1,40},\s*[A-Z]{2}\.? | [A-Z]{2}
    | (?:[^\W\d_][\w.'’\- ]{1,40},?\s+)?(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)
    | (?:[A-Z]{1,3}-)?\d{4,5}(?:-\d{3,4})?(?:,?\s+[^\W\d_][\w.'’\-]*){0,4}(?:\s+\([\w ]{1,20}\))?
    | [^\W\d_][\w.'’\-]+(?:\s[^\W\d_][\w.'’\-]+)?,?\s+(?:\(\d{2,5}\)|(?!19|20)\d{4,5}(?:-\d{3,4})?)
    """
)
_NUMBERED_ROAD = re.compile(
    r"\w{3,}(?:straße|strasse|str\.|weg|platz|gasse|allee|hang|ring|damm|ufer)\s+\d+\s?[a-zA-Z]?(?:,.*)?", re.IGNORECASE
)
_MOST, _MOST_TITLED, _MOST_SIGNED, _MOST_PLACE = 5, 9, 9, 10
"""Words of a name, of one with titles, of a line under a close, and of an address."""


@cache
def list_words(*lists: str) -> frozenset[str]:
    """Return the words of some lists in all languages."""
    return frozenset().union(*(load_words(name) for name in lists))


def has_plain_word(line: str) -> bool:
    """Return True if a line has a stopword or a word on the list of plain words, which names do not contain."""
    return _has(line, list_words("stopwords", "plain_words"))


def has_stopword(line: str) -> bool:
    """Return True if a line has a stopword, which names do not contain."""
    return _has(line, list_words("stopwords"))


def _has(line: str, words: frozenset[str]) -> bool:
    particles = list_words("name_particles")
    return any(word in words and word not in particles for word in split_words(line) if len(word) > 1)


def is_name(line: str, *, strict: bool, nouns: bool = False) -> bool:
    """Return True if a line has the shape of a name.

    `strict`: it looks like a name wherever it is. `nouns`: the language writes nouns with a capital, so capitals prove
    nothing.
    """
    bare = line[: LONGEST + 1].strip(" ,.!-–—_*\"'")
    tokens = _drop_joins(_APART.sub(" ", bare).replace("&", " ").split())
    if (
        not 1 <= len(tokens) <= _MOST_TITLED
        or len(bare) > LONGEST
        or not all(TOKEN.fullmatch(token) for token in tokens)
    ):
        return False
    lower = [token.strip(".'’").casefold() for token in tokens]
    honorific = lower[0] in list_words("honorifics")
    given = any(one in list_words("given_names") for one in lower[:2])
    if (honorific and len(tokens) == 1) or (len(tokens) > _MOST + 1 and not honorific):
        return False
    cased = [one for one, low in zip(tokens, lower, strict=True) if low not in list_words("name_particles")]
    capital = all(not one[0].islower() for one in cased) and any(one[0].isupper() for one in cased)
    known = given and capital and len(tokens) in (2, 3)
    rest = " ".join(tokens[1:] if honorific or given else tokens)
    if has_stopword(rest) if known else has_plain_word(rest):
        return False
    if not strict:
        return bool(cased) and len(tokens) <= _MOST + honorific and (capital or line[-1:] not in ".!?…؟")
    if honorific or (given and len(tokens) > 1):
        return True
    shouted = bare.isupper() and len(bare) > 4
    return capital and len(tokens) > 1 and not shouted and not nouns and line[-1:] not in "!?…"


def is_capitalised(line: str) -> bool:
    """Return True if no word of a line, except particles, begins with a small letter.

    True in scripts without capitals.
    """
    particles = list_words("name_particles", "joins")
    return not any(word[0].islower() and word.strip(".,") not in particles for word in line.split())


def _drop_joins(tokens: list[str]) -> list[str]:
    """Return the words without “and” between two names."""
    if list_words("joins").isdisjoint(tokens):
        return tokens
    return [
        token
        for at, token in enumerate(tokens)
        if not (0 < at < len(tokens) - 1 and token in list_words("joins") and tokens[at - 1][0].isupper())
        or not tokens[at + 1][0].isupper()
    ]


def is_signature(line: str) -> bool:
    """Return True if a line after a closing phrase is a name, possibly with a place, an office or an organisation."""
    words = line.split()
    if is_name(line, strict=False) or is_signed(line):
        return True
    if not words or len(words) > _MOST_SIGNED or len(line) > LONGEST or line[-1] in "!?…؟:":
        return False
    plain = has_plain_word(line)
    content = [word for word in words if len(word) > 3]
    capital = bool(content) and all(one[0].isupper() or not one[0].isalpha() for one in content)
    return (not plain and line[-1] != ".") or (capital and len(words) > 1) or has_office(line)


def is_signed(line: str) -> bool:
    """Return True if a line is a name followed by a place, an age or an office: "Jane Roe, retired nurse"."""
    name, mark, rest = re.sub(r"(?<!\s)\s{1,9}[–—-]\s{1,9}", ", ", line[:LONGEST]).partition(",")
    if not mark or line[-1:] in ".!?…:" or not is_name(name, strict=True) or len(name.split()) < 2:
        return False
    rest = rest.strip()
    told = _PLACE.fullmatch(rest) or _AGE.search(rest) or has_office(rest)
    return bool(told) and len(rest.split()) <= 6


_AGE = re.compile(r"\b\d{2}\b")


def has_office(line: str) -> bool:
    """Return True if a short line names an office, a profession or a kind of organisation."""
    return not list_words("sign_roles").isdisjoint(split_words(line[:LONGEST]))


def is_identifying(line: str) -> bool:
    """Return True if a line is an address or contact details. A name alone is not recognised."""
    words = line.split()
    if len(words) > _MOST_PLACE or len(line) > LONGEST or _LINK.search(line):
        return False
    label = compile_phrases("contact_labels").match(line)
    if (_EMAIL.search(line) or _MASKED.search(line)) and (len(words) <= 3 or label or not has_plain_word(line)):
        return True
    if label and len(words) <= 8 and re.match(r"\s*[.:#º°]|\s*\(?\+?\d", line[label.end() :]):
        return True
    if has_phone(line) and (len(words) <= 5 or not has_plain_word(line)):
        return True
    placed = _PLACE.fullmatch(line) and (re.search(r"\d{4}", line) or not has_plain_word(line))
    return bool(placed) or _is_road(line, words)


def has_phone(line: str) -> bool:
    """Return True if a line has a phone number in the format of one of the usual countries."""
    found = _PHONE.search(line[:LONGEST])
    return (
        found is not None and not _DATE.search(line) and any(_is_number(found.group(), region) for region in _REGIONS)
    )


def _is_number(written: str, region: str) -> bool:
    try:
        number = _phonenumbers.parse(written, region)
    except _phonenumbers.NumberParseException:
        return False
    return bool(_phonenumbers.is_valid_number(number))


def _is_road(line: str, words: Sequence[str]) -> bool:
    if _NUMBERED_ROAD.fullmatch(line):
        return True
    if line[-1:] in ".!?:" or not 2 <= len(words) <= _MOST_PLACE:
        return False
    road = [word.strip(".,º").casefold() in list_words("street_words") for word in words]
    number = any(one.isdigit() for one in line)
    begun = words[0][0].isdigit() or (road[0] and not line[0].islower())
    return any(road) and number and (begun or not has_stopword(line))
