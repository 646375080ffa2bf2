"""Checks of `consult doctor` on this machine and its services: database, queue, processes, file store, disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, text

from consult import create_app
from consult.cli.maintenance.findings import CheckOutcome, DoctorFinding
from consult.core import time_check
from consult.core.database import connections
from consult.core.database.schema_check import is_schema_behind
from consult.core.db import ReadMode, db, set_read_only
from consult.core.queue import require_broker_access
from consult.core.settings import Settings, SettingsError
from consult.embedded.binaries import OLDEST_POSTGRES
from consult.files import store
from consult.site import service as site
from consult.site.health_check import HealthCheck, HealthStatus

_NEEDED_CONNECTIONS = 27
"""Connections of the default processes: docs/sizing.md."""
_LEAST_SPACE = 2**30
_LEAST_SHARE = 0.1
_REMEDIES = {
    "database": "Run consult migrate, or raise max_connections.",
    "key": "Set the key that this database was encrypted with.",
    "worker": "Start consult worker with all queues.",
    "clock": "Start consult clock.",
    "time": "Run NTP on every machine, then consult repair clock.",
    "work": "Read the error before queue.rests in the log of the worker.",
    "mail": "Read mail.server_away in the log, and the page “E-mails that could not be sent”.",
    "inbound": "Run consult inbound read every few minutes, and read consult inbound aside.",
    "digests": "Run consult audit, and keep the log.",
    "audit": "Run consult audit: it names each item.",
    "fonts": "Install the package again.",
    "proxy": "Set CONSULT_PROXIES to the number of proxies.",
    "scanner": "Start clamd, or correct CONSULT_CLAMD_URL.",
}
"""What to do about each check of the page /health."""
_CHECKED_HERE = ("broker", "files")
"""Checks of the page /health that `consult doctor` does in more detail."""


def check_database(settings: Settings) -> Iterator[DoctorFinding]:
    """Yield the findings about the database and the processes that work on it. Raises OperationalError."""
    engine = create_engine(
        settings.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10}
    )
    with engine.connect() as connection:
        yield _check_version(connection)
        yield _check_room(connection)
        if is_schema_behind(connection):
            sentence = "The database is empty or from an older release."
            yield DoctorFinding("migrations", CheckOutcome.PROBLEM, sentence, "Run consult migrate.")
            return
    yield DoctorFinding("migrations", CheckOutcome.OK, "The database has all migrations of this release.")
    yield from _check_health(settings)


def _check_version(connection: Connection) -> DoctorFinding:
    number = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    sentence = f"PostgreSQL {number} answers."
    if number < OLDEST_POSTGRES:
        return DoctorFinding("database", CheckOutcome.PROBLEM, sentence, f"Upgrade it to {OLDEST_POSTGRES} or newer.")
    return DoctorFinding("database", CheckOutcome.OK, sentence)


def _check_room(connection: Connection) -> DoctorFinding:
    most = connections.count_connections(connection)[1]
    sentence = f"The database allows {most} connections."
    if most < _NEEDED_CONNECTIONS:
        remedy = f"Raise max_connections: the default processes need {_NEEDED_CONNECTIONS}. See docs/sizing.md."
        return DoctorFinding("connections", CheckOutcome.PROBLEM, sentence, remedy)
    return DoctorFinding("connections", CheckOutcome.OK, sentence)


def _check_health(settings: Settings) -> Iterator[DoctorFinding]:
    """Yield the checks of the page /health, with a remedy for each that is not well."""
    app = create_app(settings)
    time_check.name_process("command")
    with app.app_context():
        time_check.measure()
        set_read_only(ReadMode.APART)
        report = site.check_health(db.session(), settings)
        db.session.remove()
        db.engine.dispose()
    for check in report.checks:
        if check.name not in _CHECKED_HERE and (check.name, check.status) != ("database", HealthStatus.OK):
            yield _convert(check)


def _convert(check: HealthCheck) -> DoctorFinding:
    if check.status is HealthStatus.OK:
        return DoctorFinding(check.name, CheckOutcome.OK, check.sentence)
    return DoctorFinding(check.name, CheckOutcome.PROBLEM, check.sentence, _REMEDIES.get(check.name, ""))


def check_services(settings: Settings) -> Iterator[DoctorFinding]:
    """Yield the findings about the queue and the file store."""
    try:
        require_broker_access(settings)
        broker = site.check_broker(settings)
    except SettingsError as error:
        yield DoctorFinding("queue", CheckOutcome.PROBLEM, str(error), "Correct user and password.")
    else:
        well = broker.status is HealthStatus.OK
        remedy = "" if well else "Start Redis, Valkey or RabbitMQ, or correct CONSULT_REDIS_URL or CONSULT_BROKER_URL."
        yield DoctorFinding("queue", CheckOutcome.OK if well else CheckOutcome.PROBLEM, broker.sentence, remedy)
    try:
        store.try_writing(settings)
    except (store.StoreAway, SettingsError) as error:
        sentence = site.find_store_problem(settings) or str(error)
        yield DoctorFinding(
            "files", CheckOutcome.PROBLEM, sentence, "Check CONSULT_FILES_URL and the rights of its key or owner."
        )
    else:
        yield DoctorFinding("files", CheckOutcome.OK, "The file store can be written, read and deleted from.")


def check_folders(settings: Settings) -> Iterator[DoctorFinding]:
    """Yield the findings about free space and rights of the data folder and the temporary folder."""
    folders = {"data folder": settings.data_dir, "temporary folder": Path(tempfile.gettempdir())}
    for name, folder in folders.items():
        yield _check_folder(name, folder)


def _check_folder(name: str, folder: Path) -> DoctorFinding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(2**16))
        disk = shutil.disk_usage(folder)
    except OSError as error:
        sentence = f"The {name} {folder} cannot be written to: {error.strerror}."
        return DoctorFinding(
            "disk", CheckOutcome.PROBLEM, sentence, "Free space, or make the user of Consult its owner."
        )
    sentence = f"The {name} {folder} has {disk.free / 2**30:.1f} GB free of {disk.total / 2**30:.0f} GB."
    if disk.free < _LEAST_SPACE or disk.free < _LEAST_SHARE * disk.total:
        return DoctorFinding("disk", CheckOutcome.PROBLEM, sentence, "Free space, or enlarge the disk.")
    return DoctorFinding("disk", CheckOutcome.OK, sentence)
