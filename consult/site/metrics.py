"""Measurements of the whole site in the text format of Prometheus.

They describe the state of the processes, not the people who use the site: no label holds an address, a name, a path or
a consultation. Source: Prometheus documentation, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit import service as audit
from consult.core import task_retries
from consult.core.clock import now
from consult.core.database import connections
from consult.core.settings import Settings
from consult.ledger import followers
from consult.ledger import service as ledger
from consult.mail import queries as mail
from consult.site.health_check import HealthStatus
from consult.site.model import Heartbeat
from consult.site.service import HealthReport, check_health

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HEALTH_VALUES = {HealthStatus.OK: 0, HealthStatus.DEGRADED: 1, HealthStatus.DOWN: 2}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class Gauge:
    """A value, or several that differ in one label. `values` has the key "" where there is no label."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = field(default="")


def render_metrics(session: Session, settings: Settings) -> str:
    """Return all measurements. Without a database, only the checks that do not need one and the disk."""
    return "".join(_render(gauge) for gauge in _list_gauges(session, settings))


def _render(gauge: Gauge) -> str:
    """Return the lines of a metric.

    >>> print(_render(Gauge("consult_queue", "Jobs.", {'a"b': 2}, "name")), end="")
    # HELP consult_queue Jobs.
    # TYPE consult_queue gauge
    consult_queue{name="a\\"b"} 2
    """
    lines = [f"# HELP {gauge.name} {gauge.help}", f"# TYPE {gauge.name} gauge"]
    for key, value in gauge.values.items():
        labels = f'{{{gauge.label}="{key.translate(_ESCAPES)}"}}' if gauge.label else ""
        lines.append(f"{gauge.name}{labels} {value:.10g}")
    return "\n".join(lines) + "\n"


def _list_gauges(session: Session, settings: Settings) -> Iterator[Gauge]:
    report = check_health(session, settings)
    yield Gauge("consult_info", "Version of this release.", {version("consult"): 1}, "version")
    yield from _list_health(report)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(settings.data_dir)
    yield Gauge("consult_disk_free_bytes", "Free space on the disk of the data folder.", {"": disk.free})
    yield Gauge("consult_disk_size_bytes", "Size of the disk of the data folder.", {"": disk.total})
    if report.has_database:
        yield from _list_database(session)
        yield from _list_work(session)


def _list_health(report: HealthReport) -> Iterator[Gauge]:
    values = {check.name: _HEALTH_VALUES[check.status] for check in report.checks}
    yield Gauge("consult_health", "Checks of the page /health: 0 ok, 1 degraded, 2 down.", values, "check")


def _list_database(session: Session) -> Iterator[Gauge]:
    taken, most = connections.count_connections(session)
    yield Gauge("consult_database_connections", "Open connections of the database server.", {"": taken})
    yield Gauge("consult_database_connections_max", "Connections that the database server allows.", {"": most})
    yield Gauge("consult_database_size_bytes", "Size of the database.", {"": connections.measure_size(session)})
    yield Gauge(
        "consult_database_oldest_transaction_seconds",
        "Age of the oldest open transaction.",
        {"": (connections.find_oldest_transaction(session) or timedelta()).total_seconds()},
    )


def _list_work(session: Session) -> Iterator[Gauge]:
    ages = {row.name: (now() - row.at).total_seconds() for row in session.scalars(select(Heartbeat))}
    parts = {name: age for name, age in ages.items() if name in ("clock", "backup") or name.startswith("worker.")}
    yield Gauge("consult_heartbeat_age_seconds", "Time since a part of the site last worked.", parts, "part")
    oldest = ledger.find_unnumbered(session).oldest
    yield Gauge("consult_record_entries", "Numbered entries of the public record.", {"": ledger.head(session) - 1})
    yield Gauge(
        "consult_record_unnumbered_age_seconds",
        "Waiting time of the oldest entry of the public record without a number.",
        {"": max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0},
    )
    yield Gauge(
        "consult_follower_entries_behind",
        "Entries of the public record that a follower has yet to handle.",
        followers.measure_lags(session),
        "follower",
    )
    paused = len(task_retries.list_resting(session))
    yield Gauge("consult_jobs_paused", "Jobs that failed five times and are paused.", {"": paused})
    outbox = mail.check_outbox(session)
    counts = {"waiting": outbox.waiting, "refused": outbox.refused, "failed": outbox.dead}
    yield Gauge("consult_mails", "E-mails that were not sent yet, by state.", counts, "state")
    yield Gauge("consult_mails_late", "1 if e-mails wait for more than ten minutes.", {"": int(outbox.late)})
    findings = audit.get_state(session).findings
    yield Gauge("consult_audit_findings", "Stored items that do not match the public record.", {"": findings})
