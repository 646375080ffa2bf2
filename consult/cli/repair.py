"""`consult repair clock`: undoes what was done in a wrong time, and says that the present time is right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import click
from sqlalchemy.orm import Session

from consult.calls import service as calls
from consult.cli.schema_check import application
from consult.consultations import phase_repair
from consult.core import task_retries, time_check
from consult.core.db import transaction
from consult.core.time_check import Doubt, DoubtKind
from consult.digests import slot_repair
from consult.files import service as files
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import date_repair as mail_dates
from consult.moderation import date_repair as moderation_dates
from consult.plans import service as plans
from consult.plans.movement import service as movements
from consult.responses import round_repair
from consult.site import service as site
from consult.site.time_doubts import format_length

_WAITS = "Openings, closings, digests and reminders wait until it is confirmed."


@click.group("repair")
def repair() -> None:
    """Repair what a fault of the machine left behind."""


@repair.command("clock")
@click.option("--yes", is_flag=True, help="Do it; without this it is only said what would be done.")
def clock(yes: bool) -> None:
    """Confirm the present time, and undo what was done in a time that has not come.

    Openings and closings before their time are undone, used-up slots of digests are free again, letters and other work
    that would wait for months are due. The log is only added to. What was sent cannot be called back: it is counted.
    Set the clocks of the machines first: this one's and the database's must agree.
    """
    with application().app_context(), transaction() as session:
        at, doubt = time_check.find_doubt(session)
        click.echo(f"The time is {at:%Y-%m-%d %H:%M} UTC by the database.")
        if doubt and doubt.kind is DoubtKind.DIFFERS:
            raise click.ClickException(
                f"This machine's clock is {_describe(doubt)} the database's: set the one that is wrong, "
                "then run this again."
            )
        if doubt:
            click.echo(f"That is {_describe(doubt)} the last time at which the clock process trusted it. {_WAITS}")
        stays = list(_describe_lasting(session, at))
        done = list(_repair_all(session, at))
        for line in done + stays:
            click.echo(line)
        if not done:
            click.echo("There is nothing to undo.")
        if not yes:
            session.rollback()
            click.echo("Nothing is changed yet. If this time is right: consult repair clock --yes")
            return
        if done or stays or doubt:
            detail = {"lines": len(done), "seconds": round(doubt.by.total_seconds()) if doubt else 0}
            ledger.record(session, Kind.CLOCK_REPAIRED, subject_id=0, at=at, detail=detail)
        time_check.confirm_time(session)
        click.echo("Done. What waits for the time goes on within seconds.")


def _describe(doubt: Doubt) -> str:
    return f"{format_length(doubt.by)} {'ahead of' if doubt.by > timedelta() else 'behind'}"


_COUNTED = (
    (round_repair.free_days, "Days of letters about answers that are free again: {}."),
    (plans.undo_overdue, "Actions that were called overdue before their day, and are not: {}."),
    (movements.undo_early, "Movements of plans in years that have not ended, deleted: {}."),
    (calls.reopen_early, "Calls that were closed before their time, and are open: {}."),
    (mail_dates.bring_forward, "Letters that waited for a time months ahead, and are due now: {}."),
    (moderation_dates.bring_forward, "Decisions and answers that take effect now: {}."),
    (files.bring_forward, "Files whose check is due now: {}."),
    (task_retries.forget_later, "Marks of work with a time that has not come, deleted: {}."),
    (site.forget_later_beats, "Marks of processes with a time that has not come, deleted: {}."),
)
"""What repairs a part and gives how many things it mended, with what is said of them."""


def _repair_all(session: Session, at: datetime) -> Iterator[str]:
    """Repairs each part; a line for each thing that is not as it was."""
    yield from _repair_consultations(session, at)
    yield from _repair_digests(session, at)
    for mend, said in _COUNTED:
        if mended := mend(session, at=at):
            yield said.format(mended)


def _describe_lasting(session: Session, at: datetime) -> Iterator[str]:
    """What no command can undo."""
    if sent := mail_dates.count_sent_later(session, at=at):
        yield f"Letters that were sent in the wrong time and cannot be called back: {sent}."
    if later := ledger.count_later(session, at=at):
        yield f"Entries of the log with a date that has not come; they stay as they are: {later}."


def _repair_consultations(session: Session, at: datetime) -> Iterator[str]:
    for row in phase_repair.restore_phases(session, at=at):
        yield f"Consultation {row.slug}: was {row.was}, is {row.phase}."
    if withdrawn := phase_repair.undo_reminders(session, at=at):
        yield f"Reminders to followers that were written too early and not sent, withdrawn: {withdrawn}."


def _repair_digests(session: Session, at: datetime) -> Iterator[str]:
    for row in slot_repair.free_slots(session, at=at):
        told = "what it tells comes again in the next one" if row.told_again else "what it told stays told"
        yield (
            f"Digest {row.digest_id} ({row.cadence}) had the slot of {row.slot_at:%Y-%m-%d %H:%M} UTC, which is free: "
            f"{told}. Letters sent: {row.sent}, withdrawn: {row.withdrawn}."
        )
