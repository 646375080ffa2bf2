"""Bodies in tests: one with people in it, and a consultation that it asks."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import members, service
from consult.bodies.model import BodyKind, BodyRole, PublicBody
from consult.bodies.service import BodyDescription
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from tests import factories

_numbers = itertools.count(1)


def make_body(session: Session, name: str = "", **values: Any) -> PublicBody:
    described = BodyDescription(name or f"Ministry {next(_numbers)}", BodyKind.MINISTRY, **values)
    return service.make(session, by=None, described=described)


def work(session: Session, body: PublicBody, role: BodyRole = BodyRole.LEAD) -> Account:
    """Somebody who works for a body; where nobody does yet, they lead it."""
    person = factories.account(session, Role.POLICYMAKER)
    members.add(session, body, account=person, role=role, by=None)
    return person


def lead_body(session: Session, person: Account) -> PublicBody:
    """A body that somebody leads."""
    body = make_body(session)
    members.add(session, body, account=person, role=BodyRole.LEAD, by=None)
    return body


def asked_by(session: Session, body: PublicBody, **values: Any) -> Consultation:
    """A consultation of a body; its owner leads it unless somebody is named."""
    owner = values.pop("owner", None) or work(session, body)
    return factories.consultation(session, owner=owner, body=body.name, body_id=body.id, **values)
