"""Is everything running? Heartbeats of the clock and the workers, and the checks behind the health page.

The clock writes its own beat and puts a question on each queue; a process that takes work from a queue beats, whatever
the work. So a worker that is alive but does not consume, a queue that nobody takes from, and a clock that has died, all
show within two minutes, and a queue that is merely long does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from kombu import Connection
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core import attempts
from consult.core.clock import now
from consult.core.i18n import _
from consult.core.migrated import behind
from consult.core.queue import QUEUES
from consult.core.settings import Settings
from consult.core.web import NO_ROOM
from consult.digests import queries as digests
from consult.files import clamd, store
from consult.mail import queries as mail
from consult.site.model import Heartbeat

CLOCK_LATE = timedelta(seconds=45)
WORKER_LATE = timedelta(seconds=90)
_PROBE = bytes(2**16)  # a full disk still takes a file with nothing in it


class Status(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class Check:
    """One part of the system: whether it works, and a sentence for a person."""

    name: str
    status: Status
    sentence: str


@dataclass(frozen=True)
class Health:
    checks: list[Check] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """Down without its database; degraded when any other part does not work: submissions are still accepted."""
        states = {check.name: check.status for check in self.checks}
        if states.get("database") is Status.DOWN:
            return Status.DOWN
        return Status.OK if all(state is Status.OK for state in states.values()) else Status.DEGRADED


def taker(queue: str) -> str:
    """The name under which whoever takes work from this queue beats."""
    return f"worker.{queue}"


def beat(session: Session, name: str, at: datetime | None = None) -> None:
    """Notes that a part was seen doing its work now."""
    row = insert(Heartbeat).values(name=name, at=at or now(), detail={})
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": row.excluded.at}))


def health(session: Session, settings: Settings) -> Health:
    """All checks, the database first: without it only what does not need it is asked."""
    database = _database(session)
    if database.status is Status.DOWN:
        return Health([database, _broker(settings), *_files(settings)])
    beats = {row.name: row.at for row in session.scalars(select(Heartbeat))}
    return Health(
        [database, _broker(settings), _worker(beats), _clock(beats.get("clock")), _work(session),
         _mail(session), _digests(session), *_files(settings)]
    )  # fmt: skip


def _database(session: Session) -> Check:
    try:
        missing = behind(session)
    except Exception:
        session.rollback()
        return Check("database", Status.DOWN, _("The database does not answer. Nothing can be filed or read."))
    if missing:
        sentence = _("The database is not of this release yet. Whoever runs this site must run: consult migrate.")
        return Check("database", Status.DOWN, sentence)
    return Check("database", Status.OK, _("The database answers."))


def _broker(settings: Settings) -> Check:
    if settings.celery_broker.startswith("memory:"):
        return Check("broker", Status.OK, _("The queue lives in this process."))
    try:
        with Connection(settings.celery_broker, connect_timeout=1, transport_options={"socket_timeout": 1,
                        "socket_connect_timeout": 1}) as connection:  # fmt: skip
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except Exception:
        sentence = _("The queue cannot be reached. Submissions are accepted; letters and digests go out more slowly.")
        return Check("broker", Status.DOWN, sentence)
    return Check("broker", Status.OK, _("The queue accepts work."))


def _clock(seen: datetime | None) -> Check:
    if seen is None or now() - seen > CLOCK_LATE:
        return Check("clock", Status.DOWN, _("The clock has stopped. Digests will not be compiled until it runs."))
    return Check("clock", Status.OK, _("The clock ticks."))


def _worker(beats: Mapping[str, datetime]) -> Check:
    late = now() - WORKER_LATE
    waiting = [queue for queue in QUEUES if (seen := beats.get(taker(queue))) is None or seen < late]
    if len(waiting) == len(QUEUES):
        return Check("worker", Status.DOWN, _("No worker has taken work from the queue for more than a minute."))
    if waiting:
        sentence = _("No worker has taken work lately from: %(queues)s.", queues=", ".join(waiting))
        return Check("worker", Status.DEGRADED, sentence)
    return Check("worker", Status.OK, _("A worker takes work from the queue."))


def _work(session: Session) -> Check:
    if resting := attempts.resting(session):
        names = ", ".join(dict.fromkeys(work.partition(" ")[0] for work in resting))
        sentence = _(
            "Work failed five times and rests for half an hour or more: %(names)s. The log says why.", names=names
        )
        return Check("work", Status.DEGRADED, sentence)
    return Check("work", Status.OK, _("No work fails again and again."))


def _mail(session: Session) -> Check:
    report = mail.health(session)
    if not report.balanced:
        return Check("mail", Status.DOWN, _("The letters written do not add up to the letters accounted for."))
    if report.late:
        return Check("mail", Status.DEGRADED, _("Letters have been waiting for more than ten minutes."))
    return Check("mail", Status.OK, _("Letters go out."))


def _digests(session: Session) -> Check:
    if digests.refused(session):
        return Check("digests", Status.DOWN, _("The numbers of a digest do not add up, so it was not sent."))
    return Check("digests", Status.OK, _("The numbers of every digest add up."))


def _files(settings: Settings) -> list[Check]:
    found = [_folder(settings.data_dir)]
    if settings.files_url.reveal() and found[0].status is Status.OK and not store.answers(settings):
        sentence = _("The file store does not answer. Words are accepted; files are refused with a sentence for now.")
        found = [Check("files", Status.DEGRADED, sentence)]
    if settings.clamd_url and not clamd.answers(settings.clamd_url):
        sentence = _("The virus scanner does not answer. Files are accepted and shown to nobody until it does.")
        found.append(Check("scanner", Status.DEGRADED, sentence))
    elif settings.clamd_url:
        found.append(Check("scanner", Status.OK, _("The virus scanner answers.")))
    return found


def _folder(folder: Path) -> Check:
    probe = folder / ".write-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(_PROBE)
        probe.unlink()
    except OSError as error:
        full = error.errno in NO_ROOM
        said = _("The disk of the data folder is full.") if full else _("The data folder cannot be written to.")
        return Check("files", Status.DOWN, said)
    return Check("files", Status.OK, _("The data folder can be written to."))
