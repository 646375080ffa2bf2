"""Background tasks of partners: make the key of this site, and fetch from partners that are due."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, is_stopping
from consult.core.db import transaction
from consult.core.queue import publish, task
from consult.peers import keys, service


@task("peers.fetch", minutes=2, limited=False)
def fetch(_session: Session, peer_id: int) -> None:
    service.fetch(peer_id)


@every(seconds=20)
def sweep(session: Session) -> None:
    """Ask a worker to fetch from each partner that is due. Fetch here if none can be asked."""
    with transaction() as other:
        keys.ensure_key(other)
    due = service.list_due(session)
    session.rollback()  # each fetch has its own transactions
    for peer_id in due:
        if is_stopping():
            return
        if not publish(fetch, peer_id):
            service.fetch(peer_id)
