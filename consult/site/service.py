"""Health: heartbeats of the clock and the workers, and the checks behind the health page.

The clock writes its own heartbeat and sends a probe to each queue; a process that takes any work from a queue writes
one. So a worker that does not consume, a queue without a worker and a stopped clock all show within two minutes. A long
queue with a live worker is not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from kombu import Connection
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.audit import service as audit
from consult.core import task_retries
from consult.core.clock import now
from consult.core.database import connections, key_check, outages
from consult.core.database.key_check import WrongSealKey
from consult.core.database.schema_check import is_schema_behind
from consult.core.i18n import _, ngettext
from consult.core.queue import QUEUES
from consult.core.scripts import fonts
from consult.core.settings import Settings
from consult.core.web.requests import NO_SPACE_ERRORS
from consult.digests import queries as digests
from consult.files import clamd, store
from consult.mail import queries as mail
from consult.site import time_doubts
from consult.site.model import Heartbeat

CLOCK_LATE = timedelta(seconds=45)
WORKER_LATE = timedelta(seconds=90)
AUDIT_LATE = timedelta(days=2)
FORWARDED = "forwarded"
"""The name of the note of when a request last came through a proxy that is not counted."""
FORWARDED_TOLD = timedelta(hours=1)
_NEARLY_ALL = 0.95
"""Of the database's connections: when so many are taken, it is told."""
_PROBE = bytes(2**16)  # a full disk still takes a file with nothing in it


class HealthStatus(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class HealthCheck:
    """One part of the system: whether it works, and a sentence for a person."""

    name: str
    status: HealthStatus
    sentence: str


@dataclass(frozen=True)
class HealthReport:
    checks: list[HealthCheck] = field(default_factory=list)

    @property
    def status(self) -> HealthStatus:
        """Down without its database or the key to it, or when nobody does the work that waits: worker and clock dead.

        Degraded when any other part does not work: submissions are still accepted.
        """
        states = {check.name: check.status for check in self.checks}
        down = {name for name, state in states.items() if state is HealthStatus.DOWN}
        if down & {"database", "key"} or down >= {"worker", "clock"}:
            return HealthStatus.DOWN
        return HealthStatus.OK if all(state is HealthStatus.OK for state in states.values()) else HealthStatus.DEGRADED


def worker_beat_name(queue: str) -> str:
    """The name of the heartbeat of a queue's workers."""
    return f"worker.{queue}"


def record_beat(session: Session, name: str, at: datetime | None = None) -> None:
    """Notes that a part was seen doing its work now."""
    row = insert(Heartbeat).values(name=name, at=at or now(), detail={})
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": row.excluded.at}))


def forget_later_beats(session: Session, *, at: datetime) -> int:
    """After a clock was wrong: beats of a time that has not come would hide that a part stopped. Gives how many."""
    later = delete(Heartbeat).where(Heartbeat.at > at + CLOCK_LATE).returning(Heartbeat.name)
    return len(session.scalars(later).all())


def check_health(session: Session, settings: Settings) -> HealthReport:
    """All checks, the database first: without it only what does not need it is asked."""
    database = _database(session, settings)
    if database.status is HealthStatus.DOWN:
        return HealthReport([database, _broker(settings), *_files(settings)])
    beats = {row.name: row.at for row in session.scalars(select(Heartbeat))}
    return HealthReport(
        [
            database,
            _key(session, settings),
            _broker(settings),
            _worker(beats),
            _clock(beats.get("clock")),
            _time(session),
            *_proxy(beats.get(FORWARDED)),
            _work(session),
            _mail(session),
            _digests(session),
            _audit(session),
            _fonts(),
            *_files(settings),
        ]
    )


def _database(session: Session, settings: Settings) -> HealthCheck:
    try:
        missing = is_schema_behind(session)
    except WrongSealKey:
        session.rollback()
        return _key_check(fits=False)
    except Exception as error:
        session.rollback()
        sentence = _("The database does not answer. Nothing can be filed or read.")
        return HealthCheck("database", HealthStatus.DOWN, f"{sentence} {outages.explain_outage(error)}".strip())
    if missing:
        sentence = _("The database is not of this release yet. Whoever runs this site must run: consult migrate.")
        return HealthCheck("database", HealthStatus.DOWN, sentence)
    return HealthCheck("database", *_room(session, settings))


def _room(session: Session, settings: Settings) -> tuple[HealthStatus, str]:
    """Whether there are connections enough. Behind a pooler a process opens none of the database's own."""
    taken, most, own = *connections.count_connections(session), settings.most_connections
    if own > most and not connections.is_pooled(session.connection()):
        said = _(
            "One process of this site may open %(own)s connections, and the database takes %(most)s in all.",
            own=own,
            most=most,
        )
        return HealthStatus.DEGRADED, said
    if taken >= _NEARLY_ALL * most:
        said = _("The database has few connections left: %(taken)s of %(most)s are taken.", taken=taken, most=most)
        return HealthStatus.DEGRADED, said
    return HealthStatus.OK, _("The database answers.")


def _key(session: Session, settings: Settings) -> HealthCheck:
    """Asked of the database that answers now: it may be another than when this process started."""
    driver: Any = session.connection().connection.driver_connection
    return _key_check(fits=key_check.is_database_key(driver, settings))


def _key_check(*, fits: bool) -> HealthCheck:
    if fits:
        return HealthCheck("key", HealthStatus.OK, _("The seal key is that of the database."))
    sentence = _(
        "The seal key of this process is not that of the database. Nothing can be opened or sealed, or filed, until "
        "whoever runs this site gives it the right key."
    )
    return HealthCheck("key", HealthStatus.DOWN, sentence)


def _broker(settings: Settings) -> HealthCheck:
    if settings.celery_broker.startswith("memory:"):
        return HealthCheck("broker", HealthStatus.OK, _("The queue lives in this process."))
    try:
        with Connection(
            settings.celery_broker,
            connect_timeout=1,
            transport_options={"socket_timeout": 1, "socket_connect_timeout": 1},
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except Exception:
        sentence = _("The queue cannot be reached. Submissions are accepted; letters and digests go out more slowly.")
        return HealthCheck("broker", HealthStatus.DOWN, sentence)
    return HealthCheck("broker", HealthStatus.OK, _("The queue accepts work."))


def _clock(seen: datetime | None) -> HealthCheck:
    if seen is None or now() - seen > CLOCK_LATE:
        return HealthCheck(
            "clock", HealthStatus.DOWN, _("The clock has stopped. Digests will not be compiled until it runs.")
        )
    return HealthCheck("clock", HealthStatus.OK, _("Scheduled jobs run."))


def _time(session: Session) -> HealthCheck:
    if sentences := time_doubts.list_sentences(session):
        return HealthCheck("time", HealthStatus.DEGRADED, " ".join(sentences))
    return HealthCheck("time", HealthStatus.OK, _("The clocks agree."))


def _worker(beats: Mapping[str, datetime]) -> HealthCheck:
    late = now() - WORKER_LATE
    waiting = [queue for queue in QUEUES if (seen := beats.get(worker_beat_name(queue))) is None or seen < late]
    if len(waiting) == len(QUEUES):
        return HealthCheck(
            "worker", HealthStatus.DOWN, _("No worker has taken work from the queue for more than a minute.")
        )
    if waiting:
        sentence = _("No worker has taken work lately from: %(queues)s.", queues=", ".join(waiting))
        return HealthCheck("worker", HealthStatus.DEGRADED, sentence)
    return HealthCheck("worker", HealthStatus.OK, _("A worker takes work from the queue."))


def _proxy(seen: datetime | None) -> list[HealthCheck]:
    """Nothing where no proxy was seen that is not counted."""
    if seen is None or now() - seen > FORWARDED_TOLD:
        return []
    sentence = _(
        "Requests come through a proxy (they have X-Forwarded-For), but CONSULT_PROXIES is 0: all visitors share their "
        "limits. Whoever runs this site must set it to the number of proxies."
    )
    return [HealthCheck("proxy", HealthStatus.DEGRADED, sentence)]


def _work(session: Session) -> HealthCheck:
    if resting := task_retries.list_resting(session):
        names = ", ".join(dict.fromkeys(work.partition(" ")[0] for work in resting))
        sentence = _(
            "Work failed five times and rests for half an hour or more: %(names)s. The log says why.", names=names
        )
        return HealthCheck("work", HealthStatus.DEGRADED, sentence)
    return HealthCheck("work", HealthStatus.OK, _("No work fails again and again."))


def _mail(session: Session) -> HealthCheck:
    report = mail.check_outbox(session)
    if not report.balanced:
        return HealthCheck(
            "mail", HealthStatus.DOWN, _("The letters written do not add up to the letters accounted for.")
        )
    if report.late:
        return HealthCheck("mail", HealthStatus.DEGRADED, _("Letters have been waiting for more than ten minutes."))
    if report.refused:
        sentence = _("The mail server takes no letters now. They are tried again for four days.")
        return HealthCheck("mail", HealthStatus.DEGRADED, sentence)
    if report.dead:
        sentence = ngettext(
            "%(num)s letter was given up and is kept for 30 days. An administrator can send it again.",
            "%(num)s letters were given up and are kept for 30 days. An administrator can send them again.",
            report.dead,
        )
        return HealthCheck("mail", HealthStatus.DEGRADED, sentence)
    return HealthCheck("mail", HealthStatus.OK, _("Letters go out."))


def _digests(session: Session) -> HealthCheck:
    if digests.count_refused(session):
        return HealthCheck(
            "digests", HealthStatus.DOWN, _("The numbers of a digest do not add up, so it was not sent.")
        )
    if without := digests.count_unprinted(session):
        sentence = _(
            "Digests of the last week that went out without their sheet, because it could not be made: %(n)s. "
            "The log says why.",
            n=without,
        )
        return HealthCheck("digests", HealthStatus.DEGRADED, sentence)
    return HealthCheck("digests", HealthStatus.OK, _("The numbers of every digest add up."))


def _audit(session: Session) -> HealthCheck:
    state = audit.get_state(session)
    if state.findings:
        sentence = ngettext(
            "%(num)s thing that is stored does not agree with the ledger. Whoever runs this site must run: "
            "consult audit.",
            "%(num)s things that are stored do not agree with the ledger. Whoever runs this site must run: "
            "consult audit.",
            state.findings,
        )
        return HealthCheck("audit", HealthStatus.DEGRADED, sentence)
    if state.oldest is not None and now() - state.oldest > AUDIT_LATE:
        sentence = _("What is stored has not been compared with the ledger for two days. The clock's log says why.")
        return HealthCheck("audit", HealthStatus.DEGRADED, sentence)
    if state.checked_at is None:
        return HealthCheck("audit", HealthStatus.OK, _("What is stored is being compared with the ledger."))
    return HealthCheck("audit", HealthStatus.OK, _("What is stored agrees with the ledger."))


def find_store_problem(settings: Settings) -> str:
    """The problem of the store that CONSULT_FILES_URL names, in a sentence; empty if it answers."""
    said = {
        store.StoreTrouble.AWAY: _("The file store does not answer."),
        store.StoreTrouble.NO_BUCKET: _("The bucket of the file store is not there."),
        store.StoreTrouble.REFUSED: _("The file store refuses the key, or the key may not list the bucket."),
    }
    trouble = store.find_trouble(settings) if settings.files_url.reveal() else None
    return said[trouble] if trouble else ""


def _fonts() -> HealthCheck:
    if gone := fonts.list_missing():
        sentence = _(
            "Fonts are missing: %(names)s. Papers are made with those of this machine and may lack letters. "
            "Whoever runs this site must install it again.",
            names=", ".join(gone),
        )
        return HealthCheck("fonts", HealthStatus.DEGRADED, sentence)
    return HealthCheck("fonts", HealthStatus.OK, _("The fonts of receipts and digests are there."))


def _files(settings: Settings) -> list[HealthCheck]:
    found = [_folder(settings.data_dir)]
    if found[0].status is HealthStatus.OK and (wrong := find_store_problem(settings)):
        rest = _("Words are accepted; files are refused with a sentence for now.")
        found = [HealthCheck("files", HealthStatus.DEGRADED, f"{wrong} {rest}")]
    if settings.clamd_url and not clamd.is_answering(settings.clamd_url):
        sentence = _("The virus scanner does not answer. Files are accepted and shown to nobody until it does.")
        found.append(HealthCheck("scanner", HealthStatus.DEGRADED, sentence))
    elif settings.clamd_url:
        found.append(HealthCheck("scanner", HealthStatus.OK, _("The virus scanner answers.")))
    return found


def _folder(folder: Path) -> HealthCheck:
    probe = folder / ".write-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(_PROBE)
        probe.unlink()
    except OSError as error:
        full = error.errno in NO_SPACE_ERRORS
        said = _("The disk of the data folder is full.") if full else _("The data folder cannot be written to.")
        return HealthCheck("files", HealthStatus.DOWN, said)
    return HealthCheck("files", HealthStatus.OK, _("The data folder can be written to."))
