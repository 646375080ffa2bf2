"""Setup progress of a consultation, as a list of tasks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from consult.consultations.model import COPIED, Consultation
from consult.core.i18n import N_, _


class SetupProgress(StrEnum):
    NOT_STARTED = "not started"
    STARTED = "in progress"
    COPIED = "copied"
    DONE = "done"


PROGRESS_LABELS = {
    SetupProgress.NOT_STARTED: N_("Not started"),
    SetupProgress.STARTED: N_("In progress"),
    SetupProgress.COPIED: N_("Copied"),
    SetupProgress.DONE: N_("Done"),
}


_SAVED_WITH = {"dates": "about"}
"""Tasks that are saved by the form of another."""


@dataclass(frozen=True)
class SetupTask:
    """One thing to set up. What is `needed` and not done keeps it from being published; `missing` says what is."""

    key: str
    label: str
    progress: SetupProgress
    needed: bool = False
    missing: str = ""

    @property
    def blocks(self) -> bool:
        return self.needed and self.progress not in (SetupProgress.DONE, SetupProgress.COPIED)


def list_tasks(
    row: Consultation,
    *,
    typed: bool,
    provisions: int,
    questions: int,
    at: datetime,
    missing: Sequence[str] = (),
    started: bool = True,
) -> list[SetupTask]:
    """Every task of setting up, in the order in which they are best done. `typed`: whether the draft has any text.

    `missing`: bodies that have not agreed yet. `started`: whether the operator has said what the law asks for.
    """
    return [
        _copied(row, SetupTask("about", _("What it is about"), SetupProgress.DONE, needed=True)),
        _copied(row, _draft_task(typed, provisions)),
        _copied(row, SetupTask("questions", _("Questions beside it"), _to_progress(questions > 0))),
        _copied(row, _dates_task(row, at)),
        _step_task(row, "who", _("Who may take part"), True),
        _step_task(row, "names", _("How people may be named"), True),
        _step_task(row, "safety", _("Who may stay unknown"), True),
        _step_task(row, "groups", _("Groups to hear"), row.groups),
        _step_task(row, "languages", _("Languages"), row.languages),
        _step_task(row, "paper", _("Form on paper"), row.paper_return),
        SetupTask(
            "promise",
            _("The promise"),
            _to_progress(row.answer_by is not None),
            missing=_("Say by when people are answered."),
        ),
        SetupTask(
            "preview", _("Preview"), _to_progress(row.preview is not None), missing=_("Show it to somebody first.")
        ),
        *_bodies_task(missing),
        *_start_task(started),
    ]


def list_blocking(found: list[SetupTask]) -> list[SetupTask]:
    """What must be done before it can be published."""
    return [task for task in found if task.blocks]


def list_optional(found: list[SetupTask]) -> list[SetupTask]:
    """What is worth a look before publishing, and need not be done."""
    return [task for task in found if task.progress is not SetupProgress.DONE and not task.blocks]


def _copied(row: Consultation, task: SetupTask) -> SetupTask:
    """The task; where its content came with a copy and its owner has not saved it since, to be looked at."""
    saved = _SAVED_WITH.get(task.key, task.key) in row.settled
    if COPIED not in row.settled or saved or task.progress is not SetupProgress.DONE:
        return task
    said = _("It was copied from another consultation: look at it, and save it.")
    return replace(task, progress=SetupProgress.COPIED, missing=said)


def _to_progress(done: bool) -> SetupProgress:
    return SetupProgress.DONE if done else SetupProgress.NOT_STARTED


def _step_task(row: Consultation, step: str, label: str, filled: object) -> SetupTask:
    """A step that is done once its owner has saved it; `filled`: whether a copy brought something along for it."""
    done = step in row.settled or (COPIED in row.settled and bool(filled))
    return _copied(row, SetupTask(step, label, _to_progress(done), missing=_("Nobody has looked at this yet.")))


def _draft_task(typed: bool, provisions: int) -> SetupTask:
    progress = SetupProgress.DONE if provisions else SetupProgress.STARTED if typed else SetupProgress.NOT_STARTED
    return SetupTask("draft", _("The draft"), progress, needed=True, missing=_("Give the draft its text first."))


def _bodies_task(missing: Sequence[str]) -> list[SetupTask]:
    """Only while somebody has to agree."""
    said = _("These have not agreed yet: %(names)s.", names=", ".join(missing))
    return [SetupTask("bodies", _("Who asks"), SetupProgress.STARTED, needed=True, missing=said)] if missing else []


def _start_task(started: bool) -> list[SetupTask]:
    """Only until an administrator has said what the law asks for."""
    said = _("An administrator must first say who is responsible for this site, and what else the law asks for.")
    task = SetupTask("start", _("What the law asks for"), SetupProgress.NOT_STARTED, needed=True, missing=said)
    return [] if started else [task]


def _dates_task(row: Consultation, at: datetime) -> SetupTask:
    passed = row.closes_at <= at
    said = _("The closing time has passed. Choose a later one first.")
    return SetupTask(
        "dates", _("Dates"), SetupProgress.STARTED if passed else SetupProgress.DONE, needed=True, missing=said
    )
