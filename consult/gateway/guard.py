"""Items whose sender waits for the answer: text messages, and tables by page, command or API.

They are read in the session of the request. The result is stored with the item, or in a transaction of its own if
the request stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import keyed_hash, seal_bytes
from consult.core.db import separate_transaction
from consult.core.errors import Refusal, TooMany
from consult.core.i18n import _
from consult.core.logs import log
from consult.gateway.model import InboundItem, InboundState
from consult.gateway.service import MAX_SIZE, Envelope, explain

READ = "read"
LIMITED = "refused by limit"
_REFUSED = "refused"


class PutAside(Refusal):
    """An item could not be read and is kept for the operator."""


@contextmanager
def receive(session: Session, envelope: Envelope) -> Iterator[None]:
    """Guard the reading of an item and store its result. The same bytes may be read again.

    The body runs in a savepoint. A Refusal is noted and raised again. Any other exception puts the item aside and
    raises PutAside. Errors of the connection to the database are raised as they are.
    """
    try:
        with session.begin_nested():
            yield
    except (OperationalError, InterfaceError):
        raise
    except Refusal as refusal:
        limited = isinstance(refusal, TooMany)
        _note_apart(envelope, InboundState.REFUSED, outcome=LIMITED if limited else _REFUSED)
        raise
    except Exception as error:
        reason = explain(error)
        log.warning("inbound.aside", channel=str(envelope.channel), reason=reason)
        _note_apart(envelope, InboundState.ASIDE, reason=reason, content=envelope.content[:MAX_SIZE])
        message = _(
            "We received your message, but we could not read it. We kept the message for the people who run the site."
        )
        raise PutAside(message) from error
    else:
        _note(session, envelope, InboundState.READ, outcome=READ)


def _note_apart(
    envelope: Envelope, state: InboundState, *, outcome: str = "", reason: str = "", content: bytes | None = None
) -> None:
    with separate_transaction() as session:
        _note(session, envelope, state, outcome=outcome, reason=reason, content=content)


def _note(
    session: Session,
    envelope: Envelope,
    state: InboundState,
    *,
    outcome: str = "",
    reason: str = "",
    content: bytes | None = None,
) -> None:
    """Insert the row of an item, or update the one of the same bytes."""
    values = {
        "state": state,
        "outcome": outcome,
        "reason": reason,
        "principal": envelope.principal,
        "sealed": None if content is None else seal_bytes(content),
    }
    row = insert(InboundItem).values(
        channel=envelope.channel,
        key=keyed_hash("inbound", envelope.content),
        arrived_at=now(),
        size=envelope.size,
        **values,
    )
    session.execute(row.on_conflict_do_update(index_elements=["channel", "key"], set_=values))
