"""Checks of the database on the health page: connections, key, transactions, and entries without a number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.database import connections, key_check, outages
from consult.core.database.key_check import WrongSealKey
from consult.core.database.schema_check import is_schema_behind
from consult.core.i18n import _, ngettext
from consult.core.settings import Settings
from consult.core.web import systems
from consult.core.web.template_filters import format_moment
from consult.ledger import chain, followers
from consult.ledger import service as ledger
from consult.site.health_check import HealthCheck, HealthStatus

_NEARLY_ALL = 0.95
"""Of the database's connections: when so many are taken, it is told."""
TRANSACTION_LATE = timedelta(seconds=60)
NUMBER_LATE = timedelta(seconds=60)
FOLLOWER_LATE = timedelta(minutes=10)


def check_database(session: Session, settings: Settings) -> HealthCheck:
    try:
        missing = is_schema_behind(session)
    except WrongSealKey:
        session.rollback()
        return _key_check(fits=False)
    except Exception as error:
        session.rollback()
        sentence = _("The database does not respond. Nobody can send or read anything.")
        return HealthCheck("database", HealthStatus.DOWN, f"{sentence} {outages.explain_outage(error)}".strip())
    if missing:
        sentence = _(
            "The database does not match this release yet. The operator of this site must run: consult migrate."
        )
        return HealthCheck("database", HealthStatus.DOWN, sentence)
    return HealthCheck("database", *_room(session, settings))


def _room(session: Session, settings: Settings) -> tuple[HealthStatus, str]:
    """Return whether enough connections are available.

    Behind a pooler, a process opens no connections to the database itself.
    """
    taken, most, own = *connections.count_connections(session), settings.most_connections
    if own > most and not connections.is_pooled(session.connection()):
        said = _(
            "One process of this site can open %(own)s connections, but the database accepts only %(most)s in total.",
            own=own,
            most=most,
        )
        return HealthStatus.DEGRADED, said
    if taken >= _NEARLY_ALL * most:
        said = _("The database has few connections left: %(taken)s of %(most)s are in use.", taken=taken, most=most)
        return HealthStatus.DEGRADED, said
    return HealthStatus.OK, _("The database is responding.")


def check_key(session: Session, settings: Settings) -> HealthCheck:
    """Return whether the key fits the database connected now, which may differ from the one at the start."""
    driver: Any = session.connection().connection.driver_connection
    return _key_check(fits=key_check.is_database_key(driver, settings))


def _key_check(*, fits: bool) -> HealthCheck:
    if fits:
        return HealthCheck("key", HealthStatus.OK, _("The encryption key matches the database."))
    sentence = _(
        "The encryption key of this process does not match the database. Nobody can send or open anything "
        "until the operator of this site provides the right key."
    )
    return HealthCheck("key", HealthStatus.DOWN, sentence)


def check_transactions(session: Session) -> HealthCheck:
    """Return how long the oldest open transaction has been running. It holds locks and keeps deleted rows."""
    age = connections.find_oldest_transaction(session)
    if age is None or age < timedelta(seconds=1):
        return HealthCheck("transactions", HealthStatus.OK, _("No database transaction is open for long."))
    sentence = ngettext(
        "The oldest open database transaction has been running for %(num)s second.",
        "The oldest open database transaction has been running for %(num)s seconds.",
        int(age.total_seconds()),
    )
    if age < TRANSACTION_LATE:
        return HealthCheck("transactions", HealthStatus.OK, sentence)
    rest = _(
        "Other work may be waiting for this transaction. A large import can take this long. In any other case, "
        "the operator must act."
    )
    return HealthCheck("transactions", HealthStatus.DEGRADED, f"{sentence} {rest}")


def check_ledger(session: Session) -> HealthCheck:
    """Return how many entries wait for their number, and since when. Followers do not see them yet."""
    waiting = ledger.find_unnumbered(session)
    if waiting.oldest is None:
        return HealthCheck("ledger", HealthStatus.OK, _("All entries in the public record have a number."))
    sentence = ngettext(
        "%(num)s entry in the public record has been waiting for its number since %(moment)s.",
        "%(num)s entries in the public record are waiting for a number, the first since %(moment)s.",
        waiting.count,
        moment=format_moment(waiting.oldest),
    )
    late = now() - waiting.oldest > NUMBER_LATE
    return HealthCheck("ledger", HealthStatus.DEGRADED if late else HealthStatus.OK, sentence)


def check_followers(session: Session) -> HealthCheck:
    """Return which followers have yet to handle entries that had a number ten minutes ago."""
    until = chain.get_head_before(session, now() - FOLLOWER_LATE)
    late = [row.name for row in followers.find_late(session, until=until) if systems.is_module_on(row.module)]
    if not late:
        return HealthCheck("followers", HealthStatus.OK, _("Counts and lists are up to date."))
    sentence = _(
        "Counts and lists are more than ten minutes behind the public record: %(names)s.",
        names=", ".join(late),
    )
    return HealthCheck("followers", HealthStatus.DEGRADED, sentence)
