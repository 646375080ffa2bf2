"""Sample bodies, their members with roles, and joint consultations."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import members, service
from consult.bodies.model import BodyKind, BodyMember, BodyRole, PublicBody
from consult.bodies.service import BodyDescription
from consult.cli.sample.world import countries
from consult.consultations.joint import service as joint
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation

_FILE = Path(__file__).parent / "data" / "bodies.toml"
_SAID = ("name", "names", "code", "country", "about", "address", "colour", "promise_days")


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def make_bodies(session: Session, people: Mapping[str, Account], at: datetime) -> None:
    """Create the bodies with their members, and the countries, before any consultation."""
    for row in _read()["body"]:
        described = BodyDescription(kind=BodyKind(row["kind"]), **{name: row[name] for name in _SAID if name in row})
        body = service.make(session, by=None, described=described, at=at)
        if "logo" in row:
            body.logo = (_FILE.parent / row["logo"]).read_bytes()
        if "domain" in row:
            body.domain, body.domain_proved_at = row["domain"], at
        for key, role in row["members"].items():
            members.add(session, body, account=people[key], role=BodyRole(role), by=None, at=at)
    countries.add_countries(session, at)


def ask_together(session: Session, row: Consultation, at: datetime) -> None:
    """Add the other bodies of a joint consultation. Each agrees through its lead, and no e-mail is sent."""
    for joined in _read()["joint"]:
        if joined["consultation"] != row.slug:
            continue
        rows = session.scalars(select(PublicBody).where(PublicBody.name.in_(joined["bodies"]))).all()
        for body in rows:
            session.add(ConsultationBody(consultation_id=row.id, body_id=body.id, part=PartInConsultation.ASKS))
            session.flush()
            leads = select(Account).join(BodyMember, BodyMember.account_id == Account.id)
            lead = session.scalars(leads.where(BodyMember.body_id == body.id, BodyMember.role == BodyRole.LEAD)).one()
            joint.agree(session, number=row.id, by=lead, body_id=body.id, at=at)
