"""The ledger against its chain of hashes: gaps, changed entries, a tail that was cut off."""

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
    """Findings up to the next head, and its number; behind the last head, those up to the end, and None."""
    known = _list_known(session)  # before the ledger's end is asked for, which may move on meanwhile
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
    """Whether the hash of the first entries is one that somebody wrote down."""
    before = session.scalar(_heads(LedgerHead.number <= number).order_by(LedgerHead.number.desc()).limit(1))
    since, head = (before.number + 1, before.sha256) if before else (1, chain.START)
    made = chain.hash_entries(session, head=head, since=since, until=number + 1)
    if number < ledger.head(session) and made == digest:
        return []
    detail = {"n": number, "found": made.hex(), "given": digest.hex()}
    return [Finding("remembered", "ledger", number, detail)]


def compute_head(session: Session) -> tuple[int, bytes]:
    """How many entries there are, and the hash of them all."""
    last, end = chain.get_last_head(session), ledger.head(session) - 1
    since, head = (last.number + 1, last.sha256) if last else (1, chain.START)
    return end, chain.hash_entries(session, head=head, since=since, until=end + 1)


def _heads(where: ColumnElement[bool]) -> Select[LedgerHead]:
    return select(LedgerHead).where(where).execution_options(populate_existing=True)


def _gap(first: int, last: int) -> Finding:
    numbers = f"entry {first}" if first == last else f"entries {first} to {last}"
    return Finding("gap", "ledger", first, {"first": first, "last": last, "numbers": numbers})


def _list_known(session: Session) -> list[tuple[int, str]]:
    """What else remembers how far the ledger came: the heads, the followers, the digests, the rounds of letters."""
    furthest, last = chain.get_furthest_follower(session), chain.get_last_head(session)
    known = [(furthest[1], f"the follower {furthest[0]}")] if furthest else []
    known += [(last.number, "the chain of hashes")] if last else []
    for column, name in ((Digest.until, "a digest"), (ResponseRound.until, "a round of letters")):
        upto = session.scalar(select(func.max(column)))
        known += [(upto - 1, name)] if upto else []
    return known


def _check_tail(known: Sequence[tuple[int, str]], end: int) -> Iterator[Finding]:
    number, name = max(known, default=(0, ""))
    if number > end:
        yield Finding("tail", name, end + 1, {"end": end, "known": number, "n": number - end})
