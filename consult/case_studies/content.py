"""The content of a case study as a record. The author's copy and each edition are stored as JSON of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from consult.case_studies.model import (
    MAX_AUTHORS,
    MAX_PART,
    MAX_SOURCES,
    MAX_SUMMARY,
    Direction,
    PartKind,
    SourceDesign,
)
from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.scripts.typed_words import says_none
from consult.core.text import clean_text, one_line

_SEARCH_PAGE = re.compile(
    r"https?://[^\s/]*(google|bing|duckduckgo|yandex|baidu|yahoo|ecosia)\.[^\s]*|https?://\S*[?&](q|query|search|term)=\S*",
    re.IGNORECASE,
)
PARTS: Mapping[PartKind, Any] = {
    PartKind.PROBLEM: N_("The problem"),
    PartKind.DONE: N_("What was done"),
    PartKind.WHOM: N_("People reached"),
    PartKind.CHANGED: N_("What changed"),
    PartKind.WRONG: N_("What went wrong"),
    PartKind.COST: N_("Cost"),
    PartKind.NEEDS: N_("Requirements for repeating the practice elsewhere"),
}
_MISSING = {
    "title": N_("Enter a title"),
    "country": N_("Choose the country"),
    "began": N_("Enter the start year"),
    "run_by": N_("Enter who ran the practice"),
    "paid_by": N_("Enter who paid for the practice"),
    "summary": N_("Write a summary in a few sentences"),
    "language": N_("Choose the language"),
    "told": N_("Choose a result"),
}


@dataclass(frozen=True)
class StudySource:
    """A source of a case study. `n` is the number of people, or of whatever it counts."""

    design: SourceDesign
    citation: str = ""
    n: int | None = None
    independent: bool = False
    file_id: int | None = None


@dataclass(frozen=True)
class StudyContent:
    """The content written by the author. `terms` are IDs of topics; `parts` are keyed by heading."""

    title: str = ""
    country: str = ""
    region: str = ""
    began: int | None = None
    ended: int | None = None
    setting: str = ""
    run_by: str = ""
    paid_by: str = ""
    authors: Sequence[str] = ()
    summary: str = ""
    language: str = ""
    told: Direction | None = None
    parts: Mapping[PartKind, str] = field(default_factory=dict)
    sources: Sequence[StudySource] = ()
    terms: Sequence[int] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def words(self) -> str:
        """Return all text as one string, for search and checks."""
        return "\n".join([*self.told_words, *filter(None, self.authors)])

    @property
    def told_words(self) -> list[str]:
        """Return the texts that may name people other than the authors. The names of the authors are not included."""
        texts = [self.title, self.summary, self.region, self.setting, self.run_by, self.paid_by]
        return [words for words in (*texts, *self.parts.values(), *(it.citation for it in self.sources)) if words]

    @property
    def names_nothing(self) -> bool:
        """Return True if the author says that nothing went wrong."""
        return says_nothing(self.parts.get(PartKind.WRONG, ""))


def from_json(stored: Mapping[str, Any]) -> StudyContent:
    """Return the record from its JSON."""
    given = dict(stored)
    given["parts"] = {PartKind(kind): body for kind, body in stored.get("parts", {}).items()}
    given["sources"] = [StudySource(**{**it, "design": SourceDesign(it["design"])}) for it in stored.get("sources", ())]
    given["told"] = Direction(stored["told"]) if stored.get("told") else None
    return StudyContent(**given)


def says_nothing(words: str) -> bool:
    """Return True if a text is empty or means “nothing”.

    >>> says_nothing(" Nothing. "), says_nothing("n/a"), says_nothing("Nothing reached the women.")
    (True, True, False)
    """
    return says_none(words) or re.search(r"\w", words) is None


def clean(content: StudyContent) -> StudyContent:
    """Return the record without superfluous blanks, control characters and empty sources.

    Raises a Refusal for content that is too long or impossible, such as a count of no people or a search page as
    source.
    """
    lines: dict[str, Any] = {
        name: one_line(getattr(content, name)) for name in ("title", "region", "setting", "run_by", "paid_by")
    }
    parts = {kind: clean_text(content.parts.get(kind, "")) for kind in PartKind}
    if any(len(body) > MAX_PART for body in parts.values()):
        raise Refusal(_("Shorten each part to %(most)s characters or fewer.", most=MAX_PART))
    summary = clean_text(content.summary)
    if len(summary) > MAX_SUMMARY:
        error = _("Shorten the summary to %(most)s characters or fewer.", most=MAX_SUMMARY)
        raise Refusal(error, field="summary")
    if content.began and content.ended and content.ended < content.began:
        raise Refusal(_("The end year cannot be before the start year."), field="ended")
    authors = [name for name in map(one_line, content.authors) if name][:MAX_AUTHORS]
    sources = [_clean_source(it, number) for number, it in enumerate(content.sources)]
    kept = [it for it in sources if it is not None][:MAX_SOURCES]
    return replace(content, **lines, parts=parts, summary=summary, authors=authors, sources=kept)


def _clean_source(source: StudySource, number: int) -> StudySource | None:
    citation = one_line(source.citation)
    if not citation and source.file_id is None:
        return None
    if _SEARCH_PAGE.fullmatch(citation):
        error = _("This link opens a search, and search results change. Link to the source itself.")
        raise Refusal(error, field=f"citation_{number}")
    if source.n is not None and source.n < 1:
        raise Refusal(_("Enter at least 1 person, or leave the number empty."), field=f"n_{number}")
    return replace(source, citation=citation)


def list_missing(content: StudyContent, *, asked: bool) -> list[Refusal]:
    """Return what is missing, with the field of each.

    `asked`: the author has confirmed once that nothing went wrong.
    """
    refusals = [Refusal(str(message), field=name) for name, message in _MISSING.items() if not getattr(content, name)]
    for kind in (PartKind.PROBLEM, PartKind.DONE, PartKind.WHOM, PartKind.CHANGED):
        if not content.parts.get(kind):
            text = _("Write a few sentences here.")
            refusals.append(Refusal(f"{PARTS[kind]}{_(': ')}{text}", field=kind.value))
    if not content.sources:
        refusals.append(Refusal(_("Name at least one source. It can be what someone saw."), field="citation_0"))
    if content.names_nothing and not asked:
        text = _(
            "Readers trust a report that says what went wrong or was hardest. If nothing went wrong, press the "
            "button again. The page will say that the author reported no problems."
        )
        refusals.append(Refusal(text, field=PartKind.WRONG.value))
    return refusals


def check_complete(content: StudyContent, *, asked: bool) -> None:
    """Raise a Refusal for the first missing part."""
    for missing in list_missing(content, asked=asked):
        raise missing
