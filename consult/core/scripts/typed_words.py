"""Words that people type for a choice, in the interface languages, regardless of accents, case and spelling."""

from __future__ import annotations

import re
import unicodedata

from consult.core.languages import REGISTRY

NONE = {language.code: language.none_words for language in REGISTRY if language.none_words}
OR = {language.code: language.or_word for language in REGISTRY if language.or_word}
DONE = {language.code: language.done_words for language in REGISTRY if language.done_words}


def fold_typed(text: str) -> str:
    """Return the letters of a typed word without accents, hamza, vowel signs, spaces and punctuation.

    >>> fold_typed(" Néant. ") == fold_typed("NEANT"), fold_typed("لا شيء") == fold_typed("لاشئ")
    (True, True)
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if one.isalnum())
    return plain.translate(_ARABIC)


_ARABIC = str.maketrans({"ء": None, "ى": "ي", "ی": "ي", "ک": "ك"})
_NONE = frozenset(fold_typed(word) for words in NONE.values() for word in words)
_DONE = frozenset(fold_typed(word) for words in DONE.values() for word in words)


def says_none(text: str) -> bool:
    """Return True if a text is only the word for “none” in any of the languages.

    >>> [says_none(one) for one in ("None.", "Aucun", "ninguna", "لا شئ", "none of my own", "")]
    [True, True, True, True, False, False]
    """
    return fold_typed(text) in _NONE


def cut_done(text: str) -> tuple[str, bool]:
    """Return the text without the word for “done” at its end, and whether that was there.

    >>> cut_done("First site open DONE"), cut_done("Primer centro abierto, hecho"), cut_done("Undone")
    (('First site open', True), ('Primer centro abierto', True), ('Undone', False))
    """
    said, _space, last = text.rstrip().rpartition(" ")
    return (said.rstrip(" ,،–—-"), True) if said and fold_typed(last) in _DONE else (text, False)


def to_search_words(text: str, language: str) -> str:
    """Replace the reader's word for “or” with PostgreSQL's, except in quotation marks.

    >>> to_search_words('agujas o "una o dos"', "es"), to_search_words("o", "es")
    ('agujas or "una o dos"', 'o')
    """
    if (word := OR.get(language)) is None:
        return text
    words = re.findall(r'"[^"]*"?|[^\s"]+', text)
    inner = words[1:-1]
    changed = ["or" if fold_typed(one) == fold_typed(word) else one for one in inner]
    return " ".join([*words[:1], *changed, *words[1:][-1:]])
