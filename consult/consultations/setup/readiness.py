"""Setup progress of a consultation, as a list of tasks. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from consult.consultations.model import COPIED, Consultation
from consult.core.i18n import N_, NP_, _


class SetupProgress(StrEnum):
    NOT_STARTED = "not started"
    STARTED = "in progress"
    COPIED = "copied"
    DONE = "done"


PROGRESS_LABELS = {
    SetupProgress.NOT_STARTED: N_("Not started"),
    SetupProgress.STARTED: N_("In progress"),
    SetupProgress.COPIED: NP_("from an earlier consultation", "Copied"),
    SetupProgress.DONE: N_("Done"),
}


_SAVED_WITH = {"dates": "about"}
"""Tasks that are saved with the form of another task."""


@dataclass(frozen=True)
class SetupTask:
    """A setup task. If it is `needed` and not done, it blocks publication. `missing` describes what is missing."""

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
    """Return the setup tasks in the recommended order. `typed` is True if the draft has any text.

    `missing` are bodies that have not agreed yet. `started` is True if the operator's legal information is complete.
    """
    return [
        _copied(row, SetupTask("about", _("Subject"), SetupProgress.DONE, needed=True)),
        _copied(row, _draft_task(typed, provisions)),
        _copied(row, SetupTask("questions", _("Additional questions"), _to_progress(questions > 0))),
        _copied(row, _dates_task(row, at)),
        _step_task(row, "who", _("Eligibility"), True),
        _step_task(row, "names", _("Name options"), True),
        _step_task(row, "safety", _("Anonymous form"), True),
        _step_task(row, "groups", _("Groups to hear from"), row.groups),
        _step_task(row, "languages", _("Languages"), row.languages),
        _step_task(row, "paper", _("Paper form"), row.paper_return),
        SetupTask(
            "promise",
            _("Time limit"),
            _to_progress(row.answer_by is not None),
            missing=_("Set the due date for answers."),
        ),
        SetupTask(
            "preview",
            _("Preview"),
            _to_progress(row.preview is not None),
            missing=_("Show the preview to someone first."),
        ),
        *_bodies_task(missing),
        *_start_task(started),
    ]


def list_blocking(found: list[SetupTask]) -> list[SetupTask]:
    """Return the tasks that block publication."""
    return [task for task in found if task.blocks]


def list_optional(found: list[SetupTask]) -> list[SetupTask]:
    """Return unfinished tasks that do not block publication."""
    return [task for task in found if task.progress is not SetupProgress.DONE and not task.blocks]


def _copied(row: Consultation, task: SetupTask) -> SetupTask:
    """Return the task, marked for review if its content was copied and not saved since."""
    saved = _SAVED_WITH.get(task.key, task.key) in row.settled
    if COPIED not in row.settled or saved or task.progress is not SetupProgress.DONE:
        return task
    text = _("Copied from another consultation. Check it and save it.")
    return replace(task, progress=SetupProgress.COPIED, missing=text)


def _to_progress(done: bool) -> SetupProgress:
    return SetupProgress.DONE if done else SetupProgress.NOT_STARTED


def _step_task(row: Consultation, step: str, label: str, filled: object) -> SetupTask:
    """Return a step that is done once saved. `filled`: whether a copy contains values for it."""
    done = step in row.settled or (COPIED in row.settled and bool(filled))
    return _copied(row, SetupTask(step, label, _to_progress(done), missing=_("Nobody has checked this part yet.")))


def _draft_task(typed: bool, provisions: int) -> SetupTask:
    progress = SetupProgress.DONE if provisions else SetupProgress.STARTED if typed else SetupProgress.NOT_STARTED
    return SetupTask("draft", _("Draft policy"), progress, needed=True, missing=_("Add the text of the draft first."))


def _bodies_task(missing: Sequence[str]) -> list[SetupTask]:
    """Return a task while bodies have not agreed, else an empty list."""
    text = _("These bodies still have to approve: %(names)s.", names=", ".join(missing))
    return (
        [SetupTask("bodies", _("Public bodies"), SetupProgress.STARTED, needed=True, missing=text)] if missing else []
    )


def _start_task(started: bool) -> list[SetupTask]:
    """Return a task while the operator's legal information is missing, else an empty list."""
    text = _("An administrator must first enter the legal information for this site, including the person responsible.")
    task = SetupTask("start", _("Legal information"), SetupProgress.NOT_STARTED, needed=True, missing=text)
    return [] if started else [task]


def _dates_task(row: Consultation, at: datetime) -> SetupTask:
    passed = row.closes_at <= at
    text = _("The closing time has passed. Choose a later one first.")
    return SetupTask(
        "dates", _("Dates"), SetupProgress.STARTED if passed else SetupProgress.DONE, needed=True, missing=text
    )
