"""How far the setting up of a consultation is, as a list of tasks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consult.consultations.model import Consultation
from consult.core.i18n import N_, _


class Progress(StrEnum):
    NOT_STARTED = "not started"
    STARTED = "in progress"
    DONE = "done"


PROGRESS = {
    Progress.NOT_STARTED: N_("Not started"),
    Progress.STARTED: N_("In progress"),
    Progress.DONE: N_("Done"),
}


@dataclass(frozen=True)
class Task:
    """One thing to set up. What is `needed` and not done keeps it from being published; `missing` says what is."""

    key: str
    label: str
    progress: Progress
    needed: bool = False
    missing: str = ""

    @property
    def blocks(self) -> bool:
        return self.needed and self.progress is not Progress.DONE


def tasks(row: Consultation, *, typed: bool, provisions: int, questions: int, at: datetime) -> list[Task]:
    """Every task of setting up, in the order in which they are best done. `typed`: whether the draft has any text."""
    return [
        Task("about", _("What it is about"), Progress.DONE, needed=True),
        _draft(typed, provisions),
        Task("questions", _("Questions beside it"), _done(questions > 0)),
        _dates(row, at),
        _settled(row, "who", _("Who may take part")),
        _settled(row, "names", _("How people may be named")),
        _settled(row, "groups", _("Groups to hear")),
        _settled(row, "languages", _("Languages")),
        Task(
            "promise", _("The promise"), _done(row.answer_by is not None), missing=_("Say by when people are answered.")
        ),
        Task("preview", _("Preview"), _done(row.preview is not None), missing=_("Show it to somebody first.")),
    ]  # fmt: skip


def missing(found: list[Task]) -> list[Task]:
    """What must be done before it can be published."""
    return [task for task in found if task.blocks]


def open_tasks(found: list[Task]) -> list[Task]:
    """What is worth a look before publishing, and need not be done."""
    return [task for task in found if task.progress is not Progress.DONE and not task.needed]


def _done(done: bool) -> Progress:
    return Progress.DONE if done else Progress.NOT_STARTED


def _settled(row: Consultation, step: str, label: str) -> Task:
    return Task(step, label, _done(step in row.settled), missing=_("Nobody has looked at this yet."))


def _draft(typed: bool, provisions: int) -> Task:
    progress = Progress.DONE if provisions else Progress.STARTED if typed else Progress.NOT_STARTED
    return Task("draft", _("The draft"), progress, needed=True, missing=_("Give the draft its text first."))


def _dates(row: Consultation, at: datetime) -> Task:
    passed = row.closes_at <= at
    said = _("The closing time has passed. Choose a later one first.")
    return Task("dates", _("Dates"), Progress.STARTED if passed else Progress.DONE, needed=True, missing=said)
