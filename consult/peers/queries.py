"""Reads of partners and of what was taken from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.peers.model import ItemKind, Peer, PeerItem, PeerState

LISTED = 200
"""Records of each kind on a page, last changed first."""
_SHOWN = (PeerState.OK, PeerState.QUIET, PeerState.REFUSED, PeerState.KEY_CHANGED)


@dataclass(frozen=True)
class ForeignItem:
    """A record with the partner that signed it."""

    row: PeerItem
    peer: Peer

    @property
    def status(self) -> str:
        """Return retracted, corrected, closed, withdrawn or gone, or an empty string."""
        if self.row.gone_at is not None:
            return "gone"
        if self.row.record.get("state") in ("retracted", "withdrawn", "closed"):
            return str(self.row.record["state"])
        return "corrected" if (self.row.record.get("warning") or {}).get("kind") == "correction" else ""


def list_peers(session: Session) -> Sequence[Peer]:
    """Return confirmed partners by name."""
    return session.scalars(select(Peer).where(Peer.state.in_(_SHOWN)).order_by(Peer.name, Peer.id)).all()


def list_all_peers(session: Session) -> Sequence[Peer]:
    """Return all partners, oldest first."""
    return session.scalars(select(Peer).order_by(Peer.id)).all()


def list_items(session: Session) -> Mapping[ItemKind, Sequence[ForeignItem]]:
    """Return the records of confirmed partners by kind, last changed first."""
    return {kind: _list_kind(session, kind) for kind in ItemKind}


def _list_kind(session: Session, kind: ItemKind) -> list[ForeignItem]:
    rows = session.execute(
        select(PeerItem, Peer)
        .join(Peer, Peer.id == PeerItem.peer_id)
        .where(PeerItem.kind == kind, Peer.state.in_(_SHOWN))
        .order_by(PeerItem.changed_at.desc(), PeerItem.id.desc())
        .limit(LISTED)
    )
    return [ForeignItem(*row) for row in rows]
