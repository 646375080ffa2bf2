"""`consult repair clock`: undo work done at a wrong time, and confirm the current time."""

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
from consult.plans.movement import service as movements
from consult.plans.timetables import due
from consult.responses import round_repair
from consult.site import service as site
from consult.site.time_doubts import format_length

_WAITS = "Openings, closings, digests and reminders wait until you confirm the time."


@click.group("repair")
def repair() -> None:
    """Repair data after a fault of the machine."""


@repair.command("clock")
@click.option("--yes", is_flag=True, help="Make the changes. Without this option, the command only shows them.")
def clock(yes: bool) -> None:
    """Confirm the current time and undo what was done while the clock was ahead.

    Consultations that opened or closed too early are reset. Digests that were made too early can be made again.
    E-mails and other work with a date months ahead become due. The public record keeps all its entries.
    E-mails already sent cannot be recalled; they are counted. First set the clocks of this machine and of the database.
    They must agree.
    """
    with application().app_context(), transaction() as session:
        at, doubt = time_check.find_doubt(session)
        click.echo(f"The database’s time is {at:%Y-%m-%d %H:%M} UTC.")
        if doubt and doubt.kind is DoubtKind.DIFFERS:
            raise click.ClickException(
                f"This machine’s clock is {_describe(doubt)} the database’s clock. Set the one that is wrong, "
                "then run this command again."
            )
        if doubt:
            click.echo(f"This is {_describe(doubt)} the last time that the scheduler recorded. {_WAITS}")
        stays = list(_describe_lasting(session, at))
        done = list(_repair_all(session, at))
        for line in done + stays:
            click.echo(line)
        if not done:
            click.echo("Nothing to undo.")
        if not yes:
            session.rollback()
            click.echo("Nothing is changed yet. If this time is right, run: consult repair clock --yes")
            return
        if done or stays or doubt:
            detail = {"lines": len(done), "seconds": round(doubt.by.total_seconds()) if doubt else 0}
            ledger.record(session, Kind.CLOCK_REPAIRED, subject_id=0, at=at, detail=detail)
        time_check.confirm_time(session)
        click.echo("Done. Waiting work continues within seconds.")


def _describe(doubt: Doubt) -> str:
    return f"{format_length(doubt.by)} {'ahead of' if doubt.by > timedelta() else 'behind'}"


_COUNTED = (
    (round_repair.free_days, "Days whose e-mails about answers can be sent again: {}."),
    (due.undo_overdue, "Actions marked overdue too early, now reset: {}."),
    (movements.undo_early, "Yearly summaries of years that have not ended, deleted: {}."),
    (calls.reopen_early, "Calls closed too early, now open: {}."),
    (mail_dates.bring_forward, "E-mails with a date months ahead, now due: {}."),
    (moderation_dates.bring_forward, "Decisions and answers that take effect now: {}."),
    (files.bring_forward, "Files whose check is due now: {}."),
    (task_retries.forget_later, "Job records dated in the future, deleted: {}."),
    (site.forget_later_beats, "Process records dated in the future, deleted: {}."),
)
"""Functions that repair one part and return the number of repaired things, with their message."""


def _repair_all(session: Session, at: datetime) -> Iterator[str]:
    """Repair each part and yield a line for each kind of change."""
    yield from _repair_consultations(session, at)
    yield from _repair_digests(session, at)
    for mend, said in _COUNTED:
        if mended := mend(session, at=at):
            yield said.format(mended)


def _describe_lasting(session: Session, at: datetime) -> Iterator[str]:
    """Yield lines about what no command can undo."""
    if sent := mail_dates.count_sent_later(session, at=at):
        yield f"E-mails sent while the clock was wrong, cannot be recalled: {sent}."
    if later := ledger.count_later(session, at=at):
        yield f"Entries of the public record dated in the future, not changed: {later}."


def _repair_consultations(session: Session, at: datetime) -> Iterator[str]:
    for row in phase_repair.restore_phases(session, at=at):
        yield f"Consultation {row.slug}: was {row.was}, is {row.phase}."
    if withdrawn := phase_repair.undo_reminders(session, at=at):
        yield f"Reminders to followers queued too early and not sent, now cancelled: {withdrawn}."


def _repair_digests(session: Session, at: datetime) -> Iterator[str]:
    for row in slot_repair.free_slots(session, at=at):
        told = "the next digest repeats it" if row.told_again else "the next digest does not repeat it"
        yield (
            f"Digest {row.digest_id} ({row.cadence}) was made for {row.slot_at:%Y-%m-%d %H:%M} UTC. That time is free "
            f"again, and {told}. E-mails sent: {row.sent}, cancelled: {row.withdrawn}."
        )
