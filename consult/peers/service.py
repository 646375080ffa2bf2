"""Partners of this site: add, confirm and remove them, and take what they share."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import transaction
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.logs import log
from consult.core.web import remote_hosts
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.peers import answers, keys
from consult.peers.model import Peer, PeerItem, PeerState, SharingKey
from consult.peers.received import ListRefused, ReceivedList, read_list

LEAST_MINUTES, MOST_MINUTES = 5, 1440
_KEY_BYTES = 32
_STOPPED = (PeerState.UNCONFIRMED, PeerState.KEY_CHANGED)


def clean_address(typed: str) -> str:
    """Return the address of a site with a slash at its end. Raises Refusal for one that is private or not https."""
    address = typed.strip().rstrip("/") + "/"
    if not remote_hosts.is_safe_address(address) or "?" in address or "#" in address:
        raise Refusal(_("Enter a web address that starts with https."), field="address")
    if remote_hosts.names_private_host(address):
        raise Refusal(_("This web address is on a private network. Enter a public one."), field="address")
    return address


def add(session: Session, by: Account, *, address: str, takes: Collection[str], every_minutes: int) -> Peer:
    """Add a partner with the key that it names now. Nothing is fetched until the key is confirmed. Raises Refusal."""
    address = clean_address(address)
    described = answers.get_description(address)
    try:
        key = b64decode(described["keys"][0]["public"], validate=True)
        name, installation = str(described["name"])[:200], str(described["installation"])[:64]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Refusal(_("No Consult site answers at this web address. Check the address."), field="address") from error
    own = session.get(SharingKey, 1)
    if len(key) != _KEY_BYTES or (own is not None and installation == own.installation):
        raise Refusal(
            _("This is the web address of your own site, or the other site’s key is not valid."), field="address"
        )
    if session.scalar(select(Peer.id).where((Peer.address == address) | (Peer.installation == installation))):
        raise Conflict(_("This site is a partner already."), field="address")
    minutes, at = min(max(every_minutes, LEAST_MINUTES), MOST_MINUTES), now()
    row = Peer(
        address=address,
        name=name,
        installation=installation,
        key=key,
        takes=sorted(set(takes)),
        every_minutes=minutes,
        added_at=at,
        added_by=by.id,
        next_at=at,
    )
    session.add(row)
    session.flush()
    _record(session, by, row, "added")
    return row


def get_peer(session: Session, number: int) -> Peer:
    """Return a partner, locked. Raises NotFound."""
    row = session.get(Peer, number, with_for_update=True)
    if row is None:
        raise NotFound(_("We cannot find this partner. It may have been removed."))
    return row


def confirm(session: Session, by: Account, row: Peer) -> None:
    """Start to fetch from a partner whose key an administrator has compared."""
    row.state, row.confirmed_by, row.next_at = PeerState.OK, by.id, now()
    _record(session, by, row, "confirmed")


def remove(session: Session, by: Account, row: Peer) -> None:
    """Delete a partner with everything taken from it."""
    _record(session, by, row, "removed")
    session.delete(row)
    session.flush()


def _record(session: Session, by: Account, row: Peer, what: str) -> None:
    detail = {"key": "partner", "language": "", "what": what, "address": row.address, "installation": row.installation}
    ledger.record(
        session, Kind.SITE_CHANGED, subject_id=row.id, actor=pseudonym("account", by.id), detail=detail, at=now()
    )


def list_due(session: Session) -> Sequence[int]:
    """Return the ids of partners to fetch from, longest due first."""
    due = select(Peer.id).where(Peer.next_at <= now(), Peer.state.not_in(_STOPPED))
    return session.scalars(due.order_by(Peer.next_at)).all()


def fetch(number: int) -> PeerState | None:
    """Fetch the list of a partner and keep it. No transaction is open while the partner answers."""
    with transaction() as session:
        row = session.get(Peer, number, with_for_update=True)
        if row is None or row.state in _STOPPED:
            return None
        row.next_at = now() + timedelta(minutes=row.every_minutes)
        address, etag, key, installation = row.address, row.etag, row.key, row.installation
    state, received, tag = _get_list(address, etag, key, installation)
    with transaction() as session:
        row = session.get(Peer, number, with_for_update=True)
        if row is None or row.key != key or row.state in _STOPPED:
            return None
        if received is not None and received.position < row.position:
            state, received = PeerState.REFUSED, None  # an earlier list, without later retractions
        row.state = state
        if state is PeerState.OK:
            row.checked_at = now()
        if received is not None:
            row.etag = tag
            keep_list(session, row, received)
    return state


def _get_list(address: str, etag: str, key: bytes, installation: str) -> tuple[PeerState, ReceivedList | None, str]:
    try:
        answer = answers.get(f"{address}shared.json", etag)
        if answer.status == 304:
            return PeerState.OK, None, etag
        return PeerState.OK, read_list(answer.body, key=key, installation=installation, address=address), answer.etag
    except ListRefused as error:
        changed = str(error) == "signature" and _has_other_key(address, key)
        log.warning("peers.refused", address=address, error=str(error), key_changed=changed)
        return PeerState.KEY_CHANGED if changed else PeerState.REFUSED, None, ""
    except (OSError, ValueError) as error:
        log.info("peers.no_answer", address=address, error=type(error).__name__)
        return PeerState.QUIET, None, ""


def _has_other_key(address: str, key: bytes) -> bool:
    try:
        return bool(b64decode(answers.get_description(address)["keys"][0]["public"]) != key)
    except (Refusal, KeyError, IndexError, TypeError, ValueError):
        return False


def keep_list(session: Session, row: Peer, received: ReceivedList) -> None:
    """Replace what is kept of a partner. Records that it no longer lists are marked."""
    at = now()
    held = {item.name: item for item in session.scalars(select(PeerItem).where(PeerItem.peer_id == row.id))}
    wanted = {name: pair for name, pair in received.records.items() if pair[0]["kind"] in row.takes}
    for name, (record, digest) in wanted.items():
        item = held.get(name)
        if item is None:
            session.add(
                PeerItem(
                    peer_id=row.id,
                    name=name,
                    kind=record["kind"],
                    record=record,
                    sha256=digest,
                    first_at=at,
                    changed_at=at,
                )
            )
        elif item.sha256 != digest or item.gone_at is not None:
            item.record, item.sha256, item.changed_at, item.gone_at = record, digest, at, None
    for name, item in held.items():
        if name not in wanted and item.gone_at is None:
            item.gone_at = at
    row.listed, row.signature, row.position = received.text, received.signature, received.position
    session.flush()


def describe_key(row: Peer | SharingKey) -> str:
    """Return the fingerprint of a key."""
    return keys.write_fingerprint(row.key if isinstance(row, Peer) else row.public)
