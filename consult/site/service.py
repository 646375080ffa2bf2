"""Health: heartbeats of the scheduler and the workers, and the checks of the health page.

The scheduler writes its own heartbeat and sends a probe to each queue. A process that takes any task from a queue
writes one. So a worker that does not consume, a queue without a worker and a stopped scheduler all show within two
minutes. A long queue with a live worker is not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from kombu import Connection
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.audit import service as audit
from consult.core import task_retries
from consult.core.clock import now
from consult.core.i18n import _, ngettext
from consult.core.queue import QUEUES
from consult.core.scripts import fonts
from consult.core.settings import Settings
from consult.core.web.requests import NO_SPACE_ERRORS
from consult.core.web.template_filters import format_moment
from consult.digests import queries as digests
from consult.files import clamd, store
from consult.gateway.health import check_channel
from consult.gateway.model import InboundChannel
from consult.mail import queries as mail
from consult.site import database_checks, time_doubts
from consult.site.health_check import HealthCheck, HealthStatus
from consult.site.model import Heartbeat

BACKUP = "backup"
"""The name of the heartbeat of the last complete backup."""
CLOCK_LATE = timedelta(seconds=45)
WORKER_LATE = timedelta(seconds=90)
AUDIT_LATE = timedelta(days=2)
FORWARDED = "forwarded"
"""Name of the record of the last request through a proxy that is not counted."""
FORWARDED_TOLD = timedelta(hours=1)
_PROBE = bytes(2**16)  # a full disk still takes a file with nothing in it


@dataclass(frozen=True)
class HealthReport:
    checks: list[HealthCheck] = field(default_factory=list)

    @property
    def status(self) -> HealthStatus:
        """Return the overall status.

        DOWN without the database or its key, or if worker and scheduler are both dead. DEGRADED if any other part
        fails, since submissions are still accepted.
        """
        states = {check.name: check.status for check in self.checks}
        down = {name for name, state in states.items() if state is HealthStatus.DOWN}
        if down & {"database", "key"} or down >= {"worker", "clock"}:
            return HealthStatus.DOWN
        return HealthStatus.OK if all(state is HealthStatus.OK for state in states.values()) else HealthStatus.DEGRADED

    @property
    def has_database(self) -> bool:
        """Return True if the database answers and matches this release."""
        return all(check.status is not HealthStatus.DOWN for check in self.checks if check.name in ("database", "key"))


def worker_beat_name(queue: str) -> str:
    """Return the heartbeat name of a queue's workers."""
    return f"worker.{queue}"


def record_beat(session: Session, name: str, at: datetime | None = None) -> None:
    """Record a heartbeat."""
    row = insert(Heartbeat).values(name=name, at=at or now(), detail={})
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": row.excluded.at}))


def forget_later_beats(session: Session, *, at: datetime) -> int:
    """Delete heartbeats with a future time, left by a wrong clock, and return their number.

    They would hide that a part has stopped.
    """
    later = delete(Heartbeat).where(Heartbeat.at > at + CLOCK_LATE).returning(Heartbeat.name)
    return len(session.scalars(later).all())


def check_health(session: Session, settings: Settings) -> HealthReport:
    """Run all checks, starting with the database. Without it, run only those that do not need it."""
    database = database_checks.check_database(session, settings)
    if database.status is HealthStatus.DOWN:
        return HealthReport([database, check_broker(settings), *_files(settings)])
    beats = {row.name: row.at for row in session.scalars(select(Heartbeat))}
    return HealthReport(
        [
            database,
            database_checks.check_transactions(session),
            database_checks.check_ledger(session),
            database_checks.check_followers(session),
            database_checks.check_key(session, settings),
            check_broker(settings),
            _worker(beats),
            _clock(beats.get("clock")),
            _time(session),
            *_proxy(beats.get(FORWARDED)),
            _work(session),
            _mail(session),
            *_inbound(session, settings),
            _digests(session),
            _audit(session),
            _fonts(),
            *_files(settings),
        ]
    )


def check_broker(settings: Settings) -> HealthCheck:
    """Return whether the queue can be reached, within two seconds."""
    if settings.celery_broker.startswith("memory:"):
        return HealthCheck("broker", HealthStatus.OK, _("The queue runs in this process."))
    try:
        with Connection(
            settings.celery_broker,
            connect_timeout=1,
            transport_options={"socket_timeout": 1, "socket_connect_timeout": 1},
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except Exception:
        sentence = _(
            "The queue cannot be reached. Submissions are accepted, but e-mails and digests are sent more slowly."
        )
        return HealthCheck("broker", HealthStatus.DOWN, sentence)
    return HealthCheck("broker", HealthStatus.OK, _("The queue accepts jobs."))


def _clock(seen: datetime | None) -> HealthCheck:
    if seen is None or now() - seen > CLOCK_LATE:
        return HealthCheck(
            "clock", HealthStatus.DOWN, _("The scheduler has stopped. No digests will be made until it runs again.")
        )
    return HealthCheck("clock", HealthStatus.OK, _("Scheduled jobs are running."))


def _time(session: Session) -> HealthCheck:
    if sentences := time_doubts.list_sentences(session):
        return HealthCheck("time", HealthStatus.DEGRADED, " ".join(sentences))
    return HealthCheck("time", HealthStatus.OK, _("The system times agree."))


def _worker(beats: Mapping[str, datetime]) -> HealthCheck:
    late = now() - WORKER_LATE
    waiting = [queue for queue in QUEUES if (seen := beats.get(worker_beat_name(queue))) is None or seen < late]
    if len(waiting) == len(QUEUES):
        return HealthCheck(
            "worker", HealthStatus.DOWN, _("No worker has taken a job from the queue for more than a minute.")
        )
    if waiting:
        sentence = _("No worker has recently taken jobs from: %(queues)s.", queues=", ".join(waiting))
        return HealthCheck("worker", HealthStatus.DEGRADED, sentence)
    return HealthCheck("worker", HealthStatus.OK, _("Workers are taking jobs from the queue."))


def _proxy(seen: datetime | None) -> list[HealthCheck]:
    """Return a degraded check if a proxy was seen within FORWARDED_TOLD, else an empty list."""
    if seen is None or now() - seen > FORWARDED_TOLD:
        return []
    sentence = _(
        "Requests come through a proxy (they have X-Forwarded-For), but CONSULT_PROXIES is 0. All visitors "
        "therefore share the same limits. The operator of this site must set CONSULT_PROXIES to the number of "
        "proxies."
    )
    return [HealthCheck("proxy", HealthStatus.DEGRADED, sentence)]


def _work(session: Session) -> HealthCheck:
    if resting := task_retries.list_resting(session):
        names = ", ".join(dict.fromkeys(work.partition(" ")[0] for work in resting))
        sentence = _(
            "These jobs failed five times and are paused for half an hour or more: %(names)s. The log says why.",
            names=names,
        )
        return HealthCheck("work", HealthStatus.DEGRADED, sentence)
    return HealthCheck("work", HealthStatus.OK, _("No job is failing repeatedly."))


def _mail(session: Session) -> HealthCheck:
    report = mail.check_outbox(session)
    if not report.balanced:
        return HealthCheck(
            "mail",
            HealthStatus.DOWN,
            _(
                "Some e-mails are missing. The number of e-mails written does not match the total sent, "
                "waiting and abandoned."
            ),
        )
    if report.late:
        return HealthCheck(
            "mail", HealthStatus.DEGRADED, _("Some e-mails have been waiting for more than ten minutes.")
        )
    if report.refused:
        sentence = _("The mail server is not accepting e-mail now. We retry for four days.")
        return HealthCheck("mail", HealthStatus.DEGRADED, sentence)
    if report.dead:
        sentence = ngettext(
            "%(num)s e-mail could not be sent and is kept for 30 days. An administrator can send it again.",
            "%(num)s e-mails could not be sent and are kept for 30 days. An administrator can send them again.",
            report.dead,
        )
        return HealthCheck("mail", HealthStatus.DEGRADED, sentence)
    return HealthCheck("mail", HealthStatus.OK, _("E-mail is being sent."))


def _inbound(session: Session, settings: Settings) -> list[HealthCheck]:
    """Return a check of inbound e-mail, or an empty list if it is not in use."""
    at = now()
    found = check_channel(session, InboundChannel.LETTER, at=at)
    if found.read_at is None:
        if not settings.signals_mailbox:
            return []
        sentence = _(
            "Incoming e-mail has never been read, so reports sent by e-mail are waiting. The operator of this "
            "site must run every few minutes: consult inbound read."
        )
        return [HealthCheck("inbound", HealthStatus.DEGRADED, sentence)]
    said = [_("Incoming e-mail was last read on %(moment)s.", moment=format_moment(found.read_at))]
    if found.aside:
        said.append(
            ngettext(
                "%(num)s message could not be read. It has been in quarantine since %(moment)s. The command "
                "consult inbound aside says why.",
                "%(num)s messages could not be read and are in quarantine, the first since %(moment)s. The "
                "command consult inbound aside says why.",
                found.aside,
                moment=format_moment(found.oldest or at),
            )
        )
    late = found.is_late(at)
    if late:
        said.append(_("Incoming e-mail has not been read for more than an hour."))
    bad = late or found.puts_many_aside
    return [HealthCheck("inbound", HealthStatus.DEGRADED if bad else HealthStatus.OK, " ".join(said))]


def _digests(session: Session) -> HealthCheck:
    if digests.count_refused(session):
        return HealthCheck(
            "digests", HealthStatus.DOWN, _("The numbers in a digest do not add up, so we did not send it.")
        )
    if without := digests.count_unprinted(session):
        sentence = _(
            "In the last week, we sent digests without a PDF because the PDF could not be made. Number of "
            "digests: %(n)s. The log says why.",
            n=without,
        )
        return HealthCheck("digests", HealthStatus.DEGRADED, sentence)
    return HealthCheck("digests", HealthStatus.OK, _("The numbers in all digests add up."))


def _audit(session: Session) -> HealthCheck:
    state = audit.get_state(session)
    if state.findings:
        sentence = ngettext(
            "%(num)s stored item does not match the public record. The operator of this site must run: consult audit.",
            "%(num)s stored items do not match the public record. The operator of this site must run: consult audit.",
            state.findings,
        )
        return HealthCheck("audit", HealthStatus.DEGRADED, sentence)
    if state.oldest is not None and now() - state.oldest > AUDIT_LATE:
        sentence = _("No integrity check has finished for two days. The scheduler’s log says why.")
        return HealthCheck("audit", HealthStatus.DEGRADED, sentence)
    if state.checked_at is None:
        return HealthCheck(
            "audit", HealthStatus.OK, _("An integrity check is comparing stored data with the public record.")
        )
    return HealthCheck("audit", HealthStatus.OK, _("Stored data match the public record."))


def find_store_problem(settings: Settings) -> str:
    """Return the problem of the file store in CONSULT_FILES_URL as a sentence, or "" if it answers."""
    said = {
        store.StoreTrouble.AWAY: _("The file store does not respond."),
        store.StoreTrouble.NO_BUCKET: _("The bucket of the file store does not exist."),
        store.StoreTrouble.REFUSED: _(
            "The file store refuses the key, or the key has no permission to list the bucket."
        ),
    }
    trouble = store.find_trouble(settings) if settings.files_url.reveal() else None
    return said[trouble] if trouble else ""


def _fonts() -> HealthCheck:
    if gone := fonts.list_missing():
        sentence = _(
            "Fonts are missing: %(names)s. PDF files use the fonts of this machine and may lack characters. "
            "The operator must reinstall this site.",
            names=", ".join(gone),
        )
        return HealthCheck("fonts", HealthStatus.DEGRADED, sentence)
    return HealthCheck("fonts", HealthStatus.OK, _("The fonts of receipts and digests are installed."))


def _files(settings: Settings) -> list[HealthCheck]:
    found = [_folder(settings.data_dir)]
    if found[0].status is HealthStatus.OK and (wrong := find_store_problem(settings)):
        rest = _("Text is accepted. Files are refused for now, with a message.")
        found = [HealthCheck("files", HealthStatus.DEGRADED, f"{wrong} {rest}")]
    if settings.clamd_url and not clamd.is_answering(settings.clamd_url):
        sentence = _("The virus scanner does not respond. Files are accepted, but nobody can see them until it does.")
        found.append(HealthCheck("scanner", HealthStatus.DEGRADED, sentence))
    elif settings.clamd_url:
        found.append(HealthCheck("scanner", HealthStatus.OK, _("The virus scanner is responding.")))
    return found


def _folder(folder: Path) -> HealthCheck:
    probe = folder / ".write-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(_PROBE)
        probe.unlink()
    except OSError as error:
        full = error.errno in NO_SPACE_ERRORS
        said = _("The disk of the data folder is full.") if full else _("The data folder is not writable.")
        return HealthCheck("files", HealthStatus.DOWN, said)
    return HealthCheck("files", HealthStatus.OK, _("The data folder is writable."))
