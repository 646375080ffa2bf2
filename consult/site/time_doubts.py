"""Health checks of the time: processes whose clock differs, and doubts of the scheduler."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Literal

from babel.dates import format_timedelta
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core import time_check
from consult.core.i18n import N_, _, current_language
from consult.core.time_check import Doubt, DoubtKind
from consult.site.model import Heartbeat

_PREFIX = "time."
_SHOWN_FOR = timedelta(minutes=2)
# Translators: used in the sentences "The clock of %(process)s is … ahead of the database's."
_PROCESSES = {
    "web": N_("a web server process"),
    "worker": N_("a worker"),
    "clock": N_("the scheduler"),
    "command": N_("a command"),
}


@time_check.on_difference
def note_difference(connection: Connection, process: str, ahead: timedelta) -> None:
    """Record the clock difference of a kind of process, at the database's time."""
    row = insert(Heartbeat).values(
        name=f"{_PREFIX}{process}", at=func.clock_timestamp(), detail={"seconds": round(ahead.total_seconds())}
    )
    last = {"at": row.excluded.at, "detail": row.excluded.detail}
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=last))


def list_sentences(session: Session) -> list[str]:
    """Return problems with the time as sentences. Empty if there are none."""
    recent = select(Heartbeat).where(
        Heartbeat.name.startswith(_PREFIX), Heartbeat.at > func.clock_timestamp() - _SHOWN_FOR
    )
    differing = {row.name.removeprefix(_PREFIX): row.detail["seconds"] for row in session.scalars(recent)}
    if abs(time_check.difference()) > time_check.TOLERANCE:
        differing[time_check.process_name()] = time_check.difference().total_seconds()
    sentences = [_explain_difference(process, timedelta(seconds=by)) for process, by in sorted(differing.items())]
    doubt = time_check.get_doubt(session)
    return [*sentences, _explain_doubt(doubt)] if doubt else sentences


def _explain_difference(process: str, by: timedelta) -> str:
    name, long = str(_PROCESSES.get(process, process)), format_length(by)
    if by > timedelta():
        text = _("The system time of %(process)s is %(long)s ahead of the database’s time.", process=name, long=long)
    else:
        text = _("The system time of %(process)s is %(long)s behind the database’s time.", process=name, long=long)
    if process == "clock":
        rest = _("Openings, closings, digests and reminders wait until both times agree. Set the clock of the machine.")
    else:
        rest = _("Correct the time on the machine that runs this process.")
    return f"{text} {rest}"


def _explain_doubt(doubt: Doubt) -> str:
    if doubt.kind is DoubtKind.BEHIND:
        text = _("The system time is %(long)s earlier than a time already recorded.", long=format_length(doubt.by))
    else:
        text = _("The system time is %(long)s later than the last run of the scheduler.", long=format_length(doubt.by))
    rest = _(
        "Openings, closings, digests and reminders are paused. If the time is wrong, the operator must correct "
        "it. In either case, the command consult repair clock is needed."
    )
    return f"{text} {rest}"


def format_length(by: timedelta) -> str:
    """Return a duration such as `70 days` in the current language."""
    long = abs(by)
    unit: Literal["day", "hour", "minute"] = "minute"
    if long >= timedelta(hours=2):
        unit = "day" if long >= timedelta(days=2) else "hour"
    return str(format_timedelta(long, threshold=inf, granularity=unit, locale=current_language()))
