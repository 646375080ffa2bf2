"""The links by which readers stop e-mails without signing in: one digest, all digests, followers, watchers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.followers import service as followers
from consult.consultations.model import Follow
from consult.digests import letters as digest_letters
from consult.digests.delivery import service as digests
from consult.digests.model import Cadence, Subscription
from consult.signals.model import Watcher
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from tests import factories


@dataclass(frozen=True)
class StopLink:
    """A recipient with the start of their link's address, its token, its end, and whether they still get e-mail."""

    path: str
    token: str
    end: str
    is_served: Callable[[], bool]


def _subscribe(session: Session) -> Subscription:
    return digests.subscribe(
        session,
        account=factories.account(session),
        consultation=factories.consultation(session),
        cadence=Cadence.DAILY,
        language="en",
    )


def _has_digest(session: Session, number: int) -> bool:
    session.expire_all()
    return session.get_one(Subscription, number).ended_at is None


def _digest(session: Session) -> StopLink:
    row = _subscribe(session)
    token = digest_letters.unsubscribe_token(row.id)
    return StopLink("/unsubscribe/", token, "", lambda: _has_digest(session, row.id))


def _all_digests(session: Session) -> StopLink:
    row = _subscribe(session)
    token = digest_letters.combined_unsubscribe_token(row.account_id)
    return StopLink("/unsubscribe/", token, "", lambda: _has_digest(session, row.id))


def _follower(session: Session) -> StopLink:
    it, known = factories.consultation(session), set(session.scalars(select(Follow.id)))
    followers.request_confirmation(session, consultation=it, email="a@ngo.example", language="en")
    row = session.scalars(select(Follow).where(Follow.id.not_in(known))).one()
    number, token = row.id, row.token
    return StopLink("/unfollow/", token, "", lambda: _is_there(session, Follow, number))


def _watcher(session: Session) -> StopLink:
    known = set(session.scalars(select(Watcher.id)))
    watchers.request_confirmation(session, email=f"a{len(known)}@ngo.example", wish=WatchFilter(countries=["EC"]))
    row = session.scalars(select(Watcher).where(Watcher.id.not_in(known))).one()
    number, token = row.id, row.token
    return StopLink("/signals/watcher/", token, "/stop", lambda: _is_there(session, Watcher, number))


def _is_there(session: Session, table: Any, number: int) -> bool:
    session.expire_all()
    return session.get(table, number) is not None


KINDS = {"digest": _digest, "all digests": _all_digests, "follower": _follower, "watcher": _watcher}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_whole_link_of_a_reader_stops_their_letters(session: Session, client: FlaskClient, kind: str) -> None:
    link, other = KINDS[kind](session), KINDS[kind](session)
    strangers = [make(session) for name, make in KINDS.items() if name != kind]
    session.commit()
    start, _dash, secret = link.token.rpartition("-")
    forged = [
        f"{start}-anything",
        f"{start}-",
        start,
        f"{start}-{secret[:-1]}",
        f"{start}-{secret}a",
        f"{start}-{other.token.rpartition('-')[2]}",
        *(f"{start}-{it.token.rpartition('-')[2]}" for it in strangers),
        *(it.token for it in strangers if it.path != link.path),
        f"x-{secret}",
        f"999999999999999999999-{secret}",
        f"١-{secret}",
        f"-{start}-{secret}",
    ]
    for token in forged:
        answer = client.post(f"{link.path}{token}{link.end}")
        assert answer.status_code == 404, token
    assert all(it.is_served() for it in (link, other, *strangers))
    assert client.post(f"{link.path}{link.token}{link.end}").status_code == 200
    assert not link.is_served()
    assert all(it.is_served() for it in (other, *strangers))
