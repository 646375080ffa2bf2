"""Offices of a body that is merged into another one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.bodies import merge
from consult.core.clock import now
from consult.core.web.access import Role
from consult.signals.offices.model import OfficeKind, SignalOffice, SignalSeat
from tests import factories
from tests.bodies.working import make_body


def test_where_both_bodies_have_an_office_the_one_that_stays_keeps_its_assessors(session: Session) -> None:
    one, other, person = make_body(session), make_body(session), factories.account(session)
    rows = [
        SignalOffice(body_id=body.id, country=country, kind=OfficeKind.FOCAL_POINT, since=now())
        for body, country in ((one, "CR"), (one, "PE"), (other, "CR"))
    ]
    session.add_all(rows)
    session.flush()
    session.add(SignalSeat(account_id=person.id, since=now(), office_id=rows[0].id))
    session.flush()
    stays = rows[2].id

    merge.merge(session, body=one, into=other, by=factories.account(session, Role.ADMIN))

    offices = session.execute(select(SignalOffice.body_id, SignalOffice.country).order_by(SignalOffice.country)).all()
    assert list(map(tuple, offices)) == [(other.id, "CR"), (other.id, "PE")]
    assert session.scalar(select(SignalSeat.office_id)) == stays
