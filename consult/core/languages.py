"""The registry of languages: one entry holds everything that Consult needs to know of a language.

To add a language: an entry here; its catalogue in `consult/translations/<code>/` where pages are to be in it; its words
in `consult/analysis/text/words/<code>.txt` and `consult/moderation/checks/words/<code>.txt`; for another script a font
in `fonts/` and a `:lang(<code>)` rule in the style sheet. `tests/rules/test_languages.py` finds what is missing.
What joins a list and what follows a label (`", "`, `": "`) are strings of the catalogue. Countries stand in the order
of their letters without accents in every language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_LANGUAGE = "en"
"""What is spoken where nothing else was chosen, and the language that strings are written in."""


@dataclass(frozen=True)
class Language:
    """One language. A default is what holds for a language without the piece, and for one that has no entry here."""

    code: str  # ISO 639-1
    name: str  # what its speakers call it
    akn: str  # its code in Akoma Ntoso: ISO 639-2/T
    interface: int = 0
    """Its place in the list of languages that pages and letters are in, from 1; 0: drafts and comments only."""
    rtl: bool = False
    quotation_marks: tuple[str, str] = ("“", "”")  # Source: CLDR, delimiters
    dates: str = ""  # the locale whose dates are written; its own where empty
    search: str = "simple"
    """PostgreSQL's text search configuration; `simple`: no stems, no stop words. Source: its manual, section 12.2."""
    preamble: str = "Preamble"  # heading of what stands before the first heading of a draft
    whole: str = "Text"  # heading of a draft without headings
    sans: str = "Noto Sans"  # families of `fonts/list.txt`, for paper
    serif: str = "Noto Serif"
    prefixes: re.Pattern[str] = re.compile("^(?:[ldjmtscn]|qu)[’'](?=.)")  # written together with the next word
    plural_s: bool = False  # whether an s at the end makes a plural
    return_words: bool = False
    """Whether return codes are made of its words: of English ones only, for everybody."""
    missing_words: frozenset[str] = frozenset()
    """The lists of words that nobody has written yet: the checks and the analysis do without."""


REGISTRY: tuple[Language, ...] = (
    Language(
        code="en",
        name="English",
        akn="eng",
        interface=1,
        dates="en_GB",  # as most of the world writes them, the day first
        search="english",
        plural_s=True,
        return_words=True,
    ),
    Language(
        code="es",
        name="Español",
        akn="spa",
        interface=3,
        quotation_marks=("«", "»"),
        search="spanish",
        preamble="Preámbulo",
        whole="Texto",
        plural_s=True,
    ),
    Language(
        code="fr",
        name="Français",
        akn="fra",
        interface=2,
        quotation_marks=("«\u202f", "\u202f»"),
        search="french",
        preamble="Préambule",
        whole="Texte",
        plural_s=True,
    ),
    Language(
        code="ar",
        name="العربية",
        akn="ara",
        interface=4,
        rtl=True,
        quotation_marks=("«", "»"),
        search="arabic",
        preamble="الديباجة",
        whole="النص",
        sans="Noto Sans Arabic",
        serif="Noto Naskh Arabic",
        missing_words=frozenset({"closes", "introductions", "relations"}),
        prefixes=re.compile("^(?:[وبكفل]{0,2}ال|لل)(?=..)"),
    ),
    Language(
        code="pt",
        name="Português",
        akn="por",
        search="portuguese",
        missing_words=frozenset({"closes", "courtesies", "please", "pointers", "threats"}),
        preamble="Preâmbulo",
        whole="Texto",
        plural_s=True,
    ),
)
"""In the order of the list of languages in which drafts are written."""

_BY_CODE: dict[str, Language] = {language.code: language for language in REGISTRY}
CONTENT_LANGUAGES: dict[str, str] = {language.code: language.name for language in REGISTRY}
"""What drafts and comments are written in."""
LANGUAGES: dict[str, str] = {
    language.code: language.name
    for language in sorted(REGISTRY, key=lambda language: language.interface)
    if language.interface
}
"""What pages and letters are in."""

_OTHER_RTL = frozenset({"ckb", "dv", "fa", "he", "nqo", "prs", "ps", "sd", "syr", "ug", "ur", "yi"})
"""Languages without an entry, of imported comments, that run from right to left."""
_OTHER_FONTS = ("Noto Sans CJK SC", "Noto Emoji")
"""Families for comments in languages without an entry; what they lack is looked for in all that there are."""


@lru_cache(maxsize=512)
def find_language(code: str) -> Language:
    """The entry of a language; one of defaults for a language that has none, as comments that were imported may have.

    >>> find_language("fr").search, find_language("de").search, find_language("de").akn
    ('french', 'simple', 'de')
    """
    return _BY_CODE.get(code) or Language(code, name="", akn=code, rtl=code in _OTHER_RTL)


def list_paper_fonts(*, serif: bool) -> list[str]:
    """The families of fonts for paper, each once, in the order in which they are tried."""
    own = [language.serif if serif else language.sans for language in REGISTRY]
    return [*dict.fromkeys([*own, *_OTHER_FONTS])]


def parse_word_lists(text: str) -> dict[str, list[str]]:
    """The lines of each list of a file of words, by its name in brackets; lines that begin with # are remarks.

    >>> parse_word_lists("# Spanish\\n[closes]\\natentamente saludos\\n\\n[pointers]\\nadjunto")
    {'closes': ['atentamente saludos'], 'pointers': ['adjunto']}
    """
    lists: dict[str, list[str]] = {}
    present: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            present = lists.setdefault(line.strip("[] "), [])
        elif line.strip() and not line.startswith("#"):
            present.append(line)
    return lists
