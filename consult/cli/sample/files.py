"""Reader of the sample in `data/` as typed values, with a check of its consistency, without a database."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class SampleLogin:
    """A demo account, and the organisation it submits for."""

    key: str
    email: str
    name: str
    role: str
    language: str
    organisation: str | None = None
    owner: bool = False


@dataclass(frozen=True)
class SampleReader:
    """A subscription of an account to a consultation's digests."""

    account: str
    consultation: str
    cadence: str
    language: str


@dataclass(frozen=True)
class SampleOrganisation:
    key: str
    name: str
    kind: str
    country: str
    website: str


@dataclass(frozen=True)
class SampleQuestion:
    """A question. `after` names an earlier question and the choices for which this one is asked."""

    key: str
    wording: str
    hint: str = ""
    kind: str = "text"
    options: list[str] = field(default_factory=list)
    steps: int = 5
    other: bool = False
    chapter: str = ""
    after: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class SampleConsultation:
    """A consultation with dates relative to loading: `opens_days` -14 opened two weeks ago."""

    slug: str
    code: str
    title: str
    body: str
    summary: str
    purpose: str
    language: str
    languages: list[str]
    tags: list[str]
    timezone: str
    opens_days: int
    closes_days: int
    answer_by_days: int
    questions: list[SampleQuestion]
    countries: list[str] = field(default_factory=list)
    draft: str = ""  # file of the draft; empty if it reviews a treaty
    treaty: str = ""  # the treaty whose articles are the draft
    next_draft: str = ""  # the next version, if one was published
    next_days: int = 0
    titles: dict[str, str] = field(default_factory=dict)  # short titles by paragraph number
    plain: dict[str, str] = field(default_factory=dict)  # plain-language texts by paragraph number
    topics: dict[str, list[str]] = field(default_factory=dict)  # topics by paragraph number: "rights/health"
    groups: list[str] = field(default_factory=list)  # target groups: "people who use drugs: 20"

    @property
    def source(self) -> str:
        """Return the draft as Markdown."""
        return (FOLDER / "drafts" / self.draft).read_text(encoding="utf-8")

    @property
    def next_source(self) -> str:
        """Return the next version as Markdown, or an empty string."""
        return (FOLDER / "drafts" / self.next_draft).read_text(encoding="utf-8") if self.next_draft else ""


@dataclass(frozen=True)
class SampleComment:
    """A comment on the paragraph numbered `on`, or on the whole draft if empty."""

    on: str
    stance: str
    body: str
    words: str = ""  # selected words of the paragraph, if any
    swap: tuple[str, ...] = ()  # words of the paragraph and their replacement


@dataclass(frozen=True)
class SampleEvidence:
    """Evidence: a file in data/evidence or a reference. A moderator assigns its topics: `scheme/notation`."""

    kind: str
    description: str
    file: str = ""
    reference: str = ""
    language: str = ""
    year: int | None = None
    place: str = ""
    method: str = ""
    topics: list[str] = field(default_factory=list)
    unchecked: bool = False  # the virus scanner has not responded since

    @property
    def data(self) -> bytes:
        """Return the bytes of the file."""
        return (FOLDER / "evidence" / self.file).read_bytes()


@dataclass(frozen=True)
class SampleProposal:
    """A decision that a moderator proposes to a colleague."""

    by: str
    outcome: str
    reason: str | None = None
    note: str = ""
    internal_note: str = ""
    hidden: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SampleSubmission:
    """A submission and the decision on it."""

    consultation: str
    language: str
    name_rule: str
    country: str
    days: float
    state: str
    comments: list[SampleComment]
    answers: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)  # choices in words, or “something else”
    organisation: str | None = None
    person: str | None = None
    side: str = ""  # what should happen to the draft as a whole
    present: int | None = None  # number of people of a group filed by a facilitator
    reason: str | None = None
    note: str = ""
    hidden: dict[str, str] = field(default_factory=dict)  # words to hide, with the reason
    by: str = ""  # moderator who decided; by default they take turns
    two: bool = False  # decided by two people
    letter: bool = False  # decided with the other copies of a campaign letter
    proposed: SampleProposal | None = None  # a decision that waits for a second reviewer
    evidence: list[SampleEvidence] = field(default_factory=list)

    def received(self, now: datetime) -> datetime:
        """Return the time of receipt for a sample loaded at `now`."""
        return now - timedelta(days=self.days)


@dataclass(frozen=True)
class Sample:
    password: str
    logins: list[SampleLogin]
    readers: list[SampleReader]
    organisations: list[SampleOrganisation]
    consultations: list[SampleConsultation]
    submissions: list[SampleSubmission]  # oldest first


def read_sample() -> Sample:
    """Return everything in `data/`."""
    accounts = _toml(FOLDER / "accounts.toml")
    submissions = [row for path in sorted(FOLDER.glob("submissions/*.toml")) for row in _submissions(_toml(path))]
    return Sample(
        password=accounts["password"],
        logins=[SampleLogin(**row) for row in accounts["account"]],
        readers=[SampleReader(**row) for row in accounts["subscription"]],
        organisations=[SampleOrganisation(**row) for row in _toml(FOLDER / "organisations.toml")["organisation"]],
        consultations=[_consultation(row) for row in _toml(FOLDER / "consultations.toml")["consultation"]],
        submissions=sorted(submissions, key=lambda row: -row.days),
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _consultation(row: dict[str, Any]) -> SampleConsultation:
    return SampleConsultation(**{**row, "questions": [SampleQuestion(**question) for question in row["questions"]]})


def _submissions(file: dict[str, Any]) -> list[SampleSubmission]:
    """Return the submissions of one file. Values at its top, such as a campaign letter, apply to all of them."""
    shared: dict[str, Any] = {key: file[key] for key in ("consultation", "language", "side") if key in file}
    letter = file.get("letter")
    return [_filed({**shared, **row}, letter) for row in file["submission"]]


def _filed(row: dict[str, Any], letter: dict[str, str] | None) -> SampleSubmission:
    added = row.pop("added", "")
    comments = row.pop("comments", None) or [dict(letter or {})]
    if added:
        comments = [{**comments[0], "body": f"{comments[0]['body']}\n\n{added}"}]
    evidence = [SampleEvidence(**piece) for piece in row.pop("evidence", ())]
    proposed = SampleProposal(**row.pop("proposed")) if "proposed" in row else None
    remarks = [SampleComment(**comment) for comment in comments]
    return SampleSubmission(**row, comments=remarks, evidence=evidence, proposed=proposed)
