"""The ledger against its chain of hashes: gaps, changed entries and a truncated end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.digests.model import Digest
from consult.ledger import chain
from consult.ledger import service as ledger
from consult.ledger.model import LedgerHead
from consult.responses.model import ResponseRound


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Check the chain from after entry `after` to the next stored head. Return the findings and the head's number.

    After the last head, check to the end of the ledger and return None as the number.
    """
    known = _list_known(session)  # read before the ledger's end, which may advance in between
    before = session.scalar(_heads(LedgerHead.number <= after).order_by(LedgerHead.number.desc()).limit(1))
    since, digest = (before.number + 1, before.sha256) if before else (1, chain.START)
    head = session.scalar(_heads(LedgerHead.number >= since).order_by(LedgerHead.number).limit(1))
    until = head.number + 1 if head else ledger.head(session)
    found, expected = [], since
    for entry in chain.list_entries(session, since=since, until=until):
        if entry.number != expected:
            found.append(_gap(expected, entry.number - 1))
        digest, expected = chain.extend(digest, entry), entry.number + 1
    end = ledger.head(session) - 1
    if expected < until and expected <= end:
        found.append(_gap(expected, until - 1))
    if head is None:
        return [*found, *_check_tail(known, end)], None
    if not found and expected == until and digest != head.sha256:
        found.append(Finding("chain", "ledger", head.number, {"first": since, "last": head.number}))
    return found, head.number


def check_remembered(session: Session, *, number: int, digest: bytes) -> list[Finding]:
    """Compare the hash of the first `number` entries with one that an operator noted."""
    before = session.scalar(_heads(LedgerHead.number <= number).order_by(LedgerHead.number.desc()).limit(1))
    since, head = (before.number + 1, before.sha256) if before else (1, chain.START)
    made = chain.hash_entries(session, head=head, since=since, until=number + 1)
    if number < ledger.head(session) and made == digest:
        return []
    detail = {"n": number, "found": made.hex(), "given": digest.hex()}
    return [Finding("remembered", "ledger", number, detail)]


def compute_head(session: Session) -> tuple[int, bytes]:
    """Return the number of entries and the hash of the whole ledger."""
    last, end = chain.get_last_head(session), ledger.head(session) - 1
    since, head = (last.number + 1, last.sha256) if last else (1, chain.START)
    return end, chain.hash_entries(session, head=head, since=since, until=end + 1)


def _heads(where: ColumnElement[bool]) -> Select[LedgerHead]:
    return select(LedgerHead).where(where).execution_options(populate_existing=True)


def _gap(first: int, last: int) -> Finding:
    numbers = f"entry {first}" if first == last else f"entries {first} to {last}"
    return Finding("gap", "ledger", first, {"first": first, "last": last, "numbers": numbers})


def _list_known(session: Session) -> list[tuple[int, str]]:
    """Return the last entry number that each other record implies: heads, followers, digests, e-mail rounds."""
    furthest, last = chain.get_furthest_follower(session), chain.get_last_head(session)
    known = [(furthest[1], f"the follower {furthest[0]}")] if furthest else []
    known += [(last.number, "the chain of hashes")] if last else []
    for column, name in ((Digest.until, "a digest"), (ResponseRound.until, "a round of e-mails")):
        upto = session.scalar(select(func.max(column)))
        known += [(upto - 1, name)] if upto else []
    return known


def _check_tail(known: Sequence[tuple[int, str]], end: int) -> Iterator[Finding]:
    number, name = max(known, default=(0, ""))
    if number > end:
        yield Finding("tail", name, end + 1, {"end": end, "known": number, "n": number - end})
