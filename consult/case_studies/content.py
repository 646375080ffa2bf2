"""What a case study says, as a record: the author's copy and each edition are JSON of it."""

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
from consult.core.text import clean_text, one_line

_NOTHING = re.compile(r"\W*(nothing|none|no|n/?a|nil|rien|aucune?|nada|ninguno?|لا شيء|لا يوجد)?\W*", re.IGNORECASE)
_SEARCH_PAGE = re.compile(
    r"https?://[^\s/]*(google|bing|duckduckgo|yandex|baidu|yahoo|ecosia)\.[^\s]*|https?://\S*[?&](q|query|search|term)=\S*",
    re.IGNORECASE,
)
PARTS: Mapping[PartKind, Any] = {
    PartKind.PROBLEM: N_("The problem"),
    PartKind.DONE: N_("What was done"),
    PartKind.WHOM: N_("For whom"),
    PartKind.CHANGED: N_("What changed"),
    PartKind.WRONG: N_("What went wrong"),
    PartKind.COST: N_("What it cost"),
    PartKind.NEEDS: N_("What it needs elsewhere"),
}
_MISSING = {
    "title": N_("Give it a title"),
    "country": N_("Choose the country"),
    "began": N_("Say in which year it began"),
    "run_by": N_("Say who ran it"),
    "paid_by": N_("Say who paid for it"),
    "summary": N_("Sum it up in a few sentences"),
    "language": N_("Choose the language"),
    "told": N_("Say how it went"),
}


@dataclass(frozen=True)
class StudySource:
    """What it rests on. `n`: how many people, or whatever it counts."""

    design: SourceDesign
    citation: str = ""
    n: int | None = None
    independent: bool = False
    file_id: int | None = None


@dataclass(frozen=True)
class StudyContent:
    """All that its author says. `terms` are numbers of terms of the taxonomy; `parts` are by heading."""

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
        """All of it in one text, to be searched and checked."""
        said = [self.title, self.summary, self.region, self.setting, self.run_by, self.paid_by, *self.authors]
        return "\n".join(filter(None, [*said, *self.parts.values(), *(it.citation for it in self.sources)]))

    @property
    def names_nothing(self) -> bool:
        """Whether its author says that nothing went wrong."""
        return says_nothing(self.parts.get(PartKind.WRONG, ""))


def from_json(said: Mapping[str, Any]) -> StudyContent:
    """The record of its JSON."""
    given = dict(said)
    given["parts"] = {PartKind(kind): body for kind, body in said.get("parts", {}).items()}
    given["sources"] = [StudySource(**{**it, "design": SourceDesign(it["design"])}) for it in said.get("sources", ())]
    given["told"] = Direction(said["told"]) if said.get("told") else None
    return StudyContent(**given)


def says_nothing(words: str) -> bool:
    """Whether nothing is said, or that it is nothing.

    >>> says_nothing(" Nothing. "), says_nothing("n/a"), says_nothing("Nothing reached the women.")
    (True, True, False)
    """
    return _NOTHING.fullmatch(words) is not None


def clean(content: StudyContent) -> StudyContent:
    """The record without blanks and control characters; sources that say nothing are left out.

    Raises a Refusal for what is too long, or cannot be: no people counted, a search page as a source.
    """
    lines: dict[str, Any] = {
        name: one_line(getattr(content, name)) for name in ("title", "region", "setting", "run_by", "paid_by")
    }
    parts = {kind: clean_text(content.parts.get(kind, "")) for kind in PartKind}
    if any(len(body) > MAX_PART for body in parts.values()):
        raise Refusal(_("Shorten each part to %(most)s characters or fewer.", most=MAX_PART))
    summary = clean_text(content.summary)
    if len(summary) > MAX_SUMMARY:
        said = _("Shorten the summary to %(most)s characters or fewer.", most=MAX_SUMMARY)
        raise Refusal(said, field="summary")
    if content.began and content.ended and content.ended < content.began:
        raise Refusal(_("It cannot end before it began."), field="ended")
    authors = [name for name in map(one_line, content.authors) if name][:MAX_AUTHORS]
    sources = [_clean_source(it, number) for number, it in enumerate(content.sources)]
    kept = [it for it in sources if it is not None][:MAX_SOURCES]
    return replace(content, **lines, parts=parts, summary=summary, authors=authors, sources=kept)


def _clean_source(source: StudySource, number: int) -> StudySource | None:
    citation = one_line(source.citation)
    if not citation and source.file_id is None:
        return None
    if _SEARCH_PAGE.fullmatch(citation):
        said = _("This leads to a search, which shows something else tomorrow. Name the source itself.")
        raise Refusal(said, field=f"citation_{number}")
    if source.n is not None and source.n < 1:
        raise Refusal(_("A source that counted nobody shows nothing. Leave the number empty."), field=f"n_{number}")
    return replace(source, citation=citation)


def list_missing(content: StudyContent, *, asked: bool) -> list[Refusal]:
    """What is still missing, each with its field. `asked`: that nothing went wrong was asked about once already."""
    found = [Refusal(str(message), field=name) for name, message in _MISSING.items() if not getattr(content, name)]
    for kind in (PartKind.PROBLEM, PartKind.DONE, PartKind.WHOM, PartKind.CHANGED):
        if not content.parts.get(kind):
            said = _("Write a few sentences here.")
            found.append(Refusal(f"{PARTS[kind]}{_(': ')}{said}", field=kind.value))
    if not content.sources:
        found.append(Refusal(_("Name at least one source, also if it is what somebody saw."), field="citation_0"))
    if content.names_nothing and not asked:
        said = _(
            "Readers trust a report that names what went wrong, or was hardest. If there is nothing, go on again: "
            "the page will say that the author names nothing."
        )
        found.append(Refusal(said, field=PartKind.WRONG.value))
    return found


def check_complete(content: StudyContent, *, asked: bool) -> None:
    """Raises a Refusal for the first thing that is still missing."""
    for missing in list_missing(content, asked=asked):
        raise missing
