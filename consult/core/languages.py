"""The registry of languages. One entry holds the properties of one language.

To add a language, add an entry here. Add its words in `consult/analysis/text/words/<code>.txt` and
`consult/moderation/checks/words/<code>.txt`. An interface language needs a catalogue in `consult/translations/<code>/`.
A new script needs a font in `fonts/` and a `:lang(<code>)` rule in the style sheet. `tests/rules/test_languages.py`
finds what is missing. List separators and label suffixes (`", "`, `": "`) are strings of the catalogue. Countries are
sorted by their letters without accents in every language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_LANGUAGE = "en"
"""The default interface language and the source language of strings."""


@dataclass(frozen=True)
class Language:
    """A language. The defaults apply to languages without the value, and to those without an entry."""

    code: str  # ISO 639-1
    name: str  # name in the language itself
    akn: str  # code in Akoma Ntoso: ISO 639-2/T
    interface: int = 0
    """The position among interface languages, from 1. 0 means drafts and comments only."""
    rtl: bool = False
    quotation_marks: tuple[str, str] = ("“", "”")  # Source: CLDR, delimiters
    dates: str = ""  # locale for dates; its own if empty
    search: str = "simple"
    """PostgreSQL's text search configuration.

    `simple` has no stemming and stop words. Source: its manual, section 12.2.
    """
    preamble: str = "Preamble"  # heading of text before a draft's first heading
    whole: str = "Text"  # heading of a draft without headings
    sans: str = "Noto Sans"  # font family of `fonts/list.txt`
    serif: str = "Noto Serif"
    prefixes: re.Pattern[str] = re.compile("^(?:[ldjmtscn]|qu)[’'](?=.)")  # elided words before an apostrophe
    plural_s: bool = False  # whether a final s marks the plural
    return_words: bool = False
    """True if recovery words are made of its words: English only, for everyone."""
    none_words: tuple[str, ...] = ()
    """Words that people type for “none”. Pages show the first one."""
    done_words: tuple[str, ...] = ()
    """Words that people type for “done”. Pages show the first one."""
    or_word: str = ""
    """The word for “or” in searches. Empty for English, since PostgreSQL supports that itself."""
    missing_words: frozenset[str] = frozenset()
    """Word lists that are not written yet. Checks and analysis work without them."""


REGISTRY: tuple[Language, ...] = (
    Language(
        code="en",
        name="English",
        akn="eng",
        interface=1,
        dates="en_GB",  # day first, as in most of the world
        search="english",
        plural_s=True,
        return_words=True,
        none_words=("none", "nothing", "no", "nil", "n/a"),
        done_words=("done",),
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
        none_words=("ninguno", "ninguna", "nada"),
        done_words=("hecho", "hecha"),
        or_word="o",
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
        none_words=("aucun", "aucune", "rien", "néant"),
        done_words=("fait", "faite"),
        or_word="ou",
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
        none_words=("لا شيء", "لا يوجد", "لا توجد"),
        done_words=("تم", "تمت"),
        or_word="أو",
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
"""All languages, in the order in which they are offered for drafts."""

_BY_CODE: dict[str, Language] = {language.code: language for language in REGISTRY}
CONTENT_LANGUAGES: dict[str, str] = {language.code: language.name for language in REGISTRY}
"""The languages of drafts and comments."""
LANGUAGES: dict[str, str] = {
    language.code: language.name
    for language in sorted(REGISTRY, key=lambda language: language.interface)
    if language.interface
}
"""The languages of pages and e-mails."""

_OTHER_RTL = frozenset({"ckb", "dv", "fa", "he", "nqo", "prs", "ps", "sd", "syr", "ug", "ur", "yi"})
"""Right-to-left languages without an entry, which imported comments may have."""
_OTHER_FONTS = ("Noto Sans CJK SC", "Noto Emoji")
"""Font families for comments in languages without an entry. For missing characters all fonts are searched."""


@lru_cache(maxsize=512)
def find_language(code: str) -> Language:
    """Return the entry of a language, or a default entry for unknown ones, which imported comments may have.

    >>> find_language("fr").search, find_language("de").search, find_language("de").akn
    ('french', 'simple', 'de')
    """
    return _BY_CODE.get(code) or Language(code, name="", akn=code, rtl=code in _OTHER_RTL)


def list_paper_fonts(*, serif: bool) -> list[str]:
    """Return the distinct font families for print, in the order in which they are tried."""
    own = [language.serif if serif else language.sans for language in REGISTRY]
    return [*dict.fromkeys([*own, *_OTHER_FONTS])]


def parse_word_lists(text: str) -> dict[str, list[str]]:
    """Return the lines of each list of a word file by its name in brackets. Lines that begin with # are comments.

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
