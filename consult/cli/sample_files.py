"""The sample as it stands in `samples/`: read, checked for its own sense, and typed. Nothing here knows a database."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class Login:
    """An account of the demo, and the organisation it files for."""

    key: str
    email: str
    name: str
    role: str
    language: str
    organisation: str | None = None
    owner: bool = False


@dataclass(frozen=True)
class Reader:
    """Whose wish it is to be sent a consultation's digests."""

    account: str
    consultation: str
    cadence: str
    language: str


@dataclass(frozen=True)
class Organisation:
    key: str
    name: str
    kind: str
    country: str
    website: str


@dataclass(frozen=True)
class Question:
    """A question; `after` names an earlier one and the choices after which this is asked."""

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
class Consultation:
    """A consultation whose days count from the moment of loading: `opens_days` -14 opened a fortnight ago."""

    slug: str
    code: str
    title: str
    body: str
    summary: str
    purpose: str
    language: str
    languages: list[str]
    tags: list[str]
    draft: str
    timezone: str
    opens_days: int
    closes_days: int
    answer_by_days: int
    questions: list[Question]
    countries: list[str] = field(default_factory=list)
    next_draft: str = ""  # the version that follows, where one was published
    next_days: int = 0
    groups: list[str] = field(default_factory=list)  # whom the owner sets out to hear: "people who use drugs: 20"

    @property
    def source(self) -> str:
        """The draft as Markdown."""
        return (FOLDER / "drafts" / self.draft).read_text(encoding="utf-8")

    @property
    def next_source(self) -> str:
        """The version that follows, as Markdown; empty where there is none."""
        return (FOLDER / "drafts" / self.next_draft).read_text(encoding="utf-8") if self.next_draft else ""


@dataclass(frozen=True)
class Remark:
    """A comment on the paragraph numbered `on`, or on the draft as a whole where that is empty."""

    on: str
    stance: str
    body: str
    words: str = ""  # of the paragraph, where the comment is on some of them only


@dataclass(frozen=True)
class Piece:
    """Evidence: a file of samples/evidence, or a reference. Its topics are said by a moderator: `scheme/notation`."""

    kind: str
    description: str
    file: str = ""
    reference: str = ""
    language: str = ""
    year: int | None = None
    place: str = ""
    method: str = ""
    topics: list[str] = field(default_factory=list)
    unchecked: bool = False  # the virus scanner has been away since it came

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return (FOLDER / "evidence" / self.file).read_bytes()


@dataclass(frozen=True)
class Verdict:
    """What a moderator would do with a submission, and asks a colleague about."""

    by: str
    outcome: str
    reason: str | None = None
    note: str = ""
    internal_note: str = ""
    hidden: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Filed:
    """A submission, and what became of it."""

    consultation: str
    language: str
    name_rule: str
    country: str
    days: float
    state: str
    comments: list[Remark]
    answers: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)  # what was chosen, in words; else what was said instead
    organisation: str | None = None
    person: str | None = None
    present: int | None = None  # filed by a facilitator for a group: how many were there
    reason: str | None = None
    note: str = ""
    hidden: dict[str, str] = field(default_factory=dict)  # words of it, and the reason to hide them from the public
    by: str = ""  # who decided; else they take turns
    two: bool = False  # decided by two people
    letter: bool = False  # decided with the other copies of a letter
    proposed: Verdict | None = None  # what waits for a second reader
    evidence: list[Piece] = field(default_factory=list)

    def received(self, now: datetime) -> datetime:
        """When it was filed, for a sample loaded at `now`."""
        return now - timedelta(days=self.days)


@dataclass(frozen=True)
class Sample:
    password: str
    logins: list[Login]
    readers: list[Reader]
    organisations: list[Organisation]
    consultations: list[Consultation]
    submissions: list[Filed]  # oldest first


def read_sample() -> Sample:
    """Everything in `samples/`."""
    accounts = _toml(FOLDER / "accounts.toml")
    submissions = [row for path in sorted(FOLDER.glob("submissions/*.toml")) for row in _submissions(_toml(path))]
    return Sample(
        password=accounts["password"],
        logins=[Login(**row) for row in accounts["account"]],
        readers=[Reader(**row) for row in accounts["subscription"]],
        organisations=[Organisation(**row) for row in _toml(FOLDER / "organisations.toml")["organisation"]],
        consultations=[_consultation(row) for row in _toml(FOLDER / "consultations.toml")["consultation"]],
        submissions=sorted(submissions, key=lambda row: -row.days),
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _consultation(row: dict[str, Any]) -> Consultation:
    return Consultation(**{**row, "questions": [Question(**question) for question in row["questions"]]})


def _submissions(file: dict[str, Any]) -> list[Filed]:
    """The submissions of one file; what the file says of all of them stands at its top, a form letter too."""
    shared: dict[str, Any] = {key: file[key] for key in ("consultation", "language") if key in file}
    letter = file.get("letter")
    return [_filed({**shared, **row}, letter) for row in file["submission"]]


def _filed(row: dict[str, Any], letter: dict[str, str] | None) -> Filed:
    added = row.pop("added", "")
    comments = row.pop("comments", None) or [dict(letter or {})]
    if added:
        comments = [{**comments[0], "body": f"{comments[0]['body']}\n\n{added}"}]
    evidence = [Piece(**piece) for piece in row.pop("evidence", ())]
    proposed = Verdict(**row.pop("proposed")) if "proposed" in row else None
    remarks = [Remark(**comment) for comment in comments]
    return Filed(**row, comments=remarks, evidence=evidence, proposed=proposed)
