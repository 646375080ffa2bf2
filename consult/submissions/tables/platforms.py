"""Exports of other consultation platforms, recognised by the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from consult.core.languages import DEFAULT_LANGUAGE

_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class TableMapping:
    """The columns of a table of comments. The text is that of `bodies` in order, separated by empty lines.

    Columns with names, addresses and accounts of people are in no mapping.
    """

    source_id: str = ""
    bodies: tuple[str, ...] = ()
    stance: str = ""
    provision: str = ""
    language: str = ""
    platform: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    """Other fields of a submission with their columns."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all columns that are read."""
        others = (self.stance, self.provision, self.language, *(column for _field, column in self.fields))
        return (self.source_id, *self.bodies, *(column for column in others if column))

    @property
    def is_complete(self) -> bool:
        return bool(self.source_id and self.bodies)


@dataclass(frozen=True)
class Platform:
    """An export: names of columns in small letters, first choice first. All of `marks` are in its header."""

    name: str
    marks: tuple[str, ...]
    ids: tuple[str, ...]
    bodies: tuple[tuple[str, ...], ...]  # of each part of the text, the first name that the file has
    stance: tuple[str, ...] = ()
    language: tuple[str, ...] = ()


PLATFORMS = (
    Platform("regulations.gov", ("document id", "comment"), ("document id",), (("comment",),)),
    Platform(
        "Have your say",
        ("feedback",),
        ("id", "reference", "feedback id"),
        (("feedback",),),
        language=("language",),
    ),
    Platform(
        "Decidim comments",
        ("id", "body", "alignment"),
        ("id",),
        (("body",),),
        stance=("alignment",),
        language=("locale",),
    ),
    Platform("Consul Democracy comments", ("id", "body", "commentable id"), ("id",), (("body",),)),
    Platform("Decidim", ("id", "title", "body"), ("reference", "id"), (("title",), ("body",))),
    Platform(
        "Consul Democracy",
        ("id", "title", "description"),
        ("id",),
        (("title",), ("summary",), ("description",)),
    ),
    Platform("Citizen Space", ("response id",), ("response id",), ()),
)
STANCES = MappingProxyType({"-1": "drop", "0": "", "1": "keep"})
"""Alignments of comments in Decidim, as words for types of comments."""
_PERSONAL = re.compile(
    r"\b(name|first|last|email|e mail|mail|phone|fax|address|author|user|account|login|ip|postcode|zip|city|nickname|"
    r"organisation|organization|submitted|date|created|published|updated|status|tags?|notes?)\b"
)
_LEAST_WORDS = 4
"""Words in the name of a column that can be a question. Citizen Space names its columns by them."""


def simplify(name: str) -> str:
    """Return the name of a column in small letters without its language, as the platforms spell it differently.

    >>> simplify("Document ID"), simplify("title/en"), simplify("commentable_id"), simplify("author/name")
    ('document id', 'title', 'commentable id', 'author name')
    """
    base, slash, language = name.strip().casefold().rpartition("/")
    kept = base if slash and re.fullmatch(r"[a-z]{2}(?:-[a-z]{2})?", language) else name.casefold()
    return _WORDS.sub(" ", kept).strip()


def propose_mapping(names: Sequence[str], *, language: str = DEFAULT_LANGUAGE) -> TableMapping:
    """Return the columns to read, by the platform whose names they are. It is incomplete if none is known.

    Of texts in several languages, the one in `language` is read, else the first.

    >>> propose_mapping(["id", "title/ca", "title/en", "body/ca", "body/en", "author/name"]).bodies
    ('title/en', 'body/en')
    """
    known: dict[str, list[str]] = {}
    for name in names:
        known.setdefault(simplify(name), []).append(name)
    for platform in PLATFORMS:
        if not all(mark in known for mark in platform.marks):
            continue
        mapping = TableMapping(
            source_id=_choose(known, platform.ids, language),
            bodies=tuple(filter(None, (_choose(known, part, language) for part in platform.bodies))),
            stance=_choose(known, platform.stance, language),
            language=_choose(known, platform.language, language),
            platform=platform.name,
        )
        return mapping if mapping.bodies else replace(mapping, bodies=_list_questions(names, mapping))
    return TableMapping()


def _choose(known: dict[str, list[str]], names: Sequence[str], language: str) -> str:
    for name in names:
        if name in known:
            columns = known[name]
            return next((each for each in columns if each.casefold().endswith(f"/{language}")), columns[0])
    return ""


def _list_questions(names: Sequence[str], mapping: TableMapping) -> tuple[str, ...]:
    """Return the columns that can be questions: long names without a word for people or times."""
    return tuple(
        name
        for name in names
        if name != mapping.source_id and len(name.split()) >= _LEAST_WORDS and not _PERSONAL.search(simplify(name))
    )
