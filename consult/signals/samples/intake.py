"""Tables of samples as they arrive, by page, command or API: each is read under the guard of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from consult.core.crypto import keyed_hash
from consult.gateway.guard import receive
from consult.gateway.model import InboundChannel
from consult.gateway.readers import Reading
from consult.gateway.service import Envelope
from consult.signals.samples.table import read_table

_READABLE = "readable"


@contextmanager
def receive_table(session: Session, data: bytes, organisation_id: int) -> Iterator[None]:
    """Guard the reading of a table of an organisation. See `consult.gateway.guard.receive`."""
    principal = keyed_hash("inbound organisation", str(organisation_id).encode())
    with receive(session, Envelope(InboundChannel.TABLE, data, len(data), principal)):
        yield


def read_again(_session: Session, raw: bytes) -> Reading:
    """Read a table that was put aside, and keep nothing: a member has to check its preview first."""
    read_table(raw, "")
    return Reading(_READABLE)
