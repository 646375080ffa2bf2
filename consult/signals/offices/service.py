"""Offices: open, close, check in which country an assessor decides, and find the issuer of a warning."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.countries import list_countries
from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.signals.offices.model import OfficeKind, SignalOffice, SignalSeat
from consult.signals.on_call.model import SignalDuty


@dataclass(frozen=True)
class OfficeName:
    """An office with the name of its body."""

    row: SignalOffice
    body: PublicBody


def list_offices(session: Session, country: str = "") -> Sequence[OfficeName]:
    """Return the open offices, of one country if given, by country and id."""
    rows = (
        select(SignalOffice, PublicBody)
        .join(PublicBody, PublicBody.id == SignalOffice.body_id)
        .where(SignalOffice.closed_at.is_(None))
        .order_by(SignalOffice.country, SignalOffice.id)
    )
    if country:
        rows = rows.where(SignalOffice.country == country)
    return [OfficeName(*row) for row in session.execute(rows)]


def find_office(session: Session, office_id: int | None) -> OfficeName | None:
    """Return an office, also a closed one."""
    if office_id is None:
        return None
    row = session.execute(
        select(SignalOffice, PublicBody)
        .join(PublicBody, PublicBody.id == SignalOffice.body_id)
        .where(SignalOffice.id == office_id)
    ).one_or_none()
    return OfficeName(*row) if row else None


def open_office(
    session: Session, *, body_id: int, country: str, kind: OfficeKind, by: Account, at: datetime | None = None
) -> SignalOffice:
    """Open an office of a body in a country, or open a closed one again. Raises a Refusal."""
    moment = at or now()
    if session.get(PublicBody, body_id) is None:
        raise Refusal(_("Choose a body."), field="body")
    if country not in dict(list_countries(DEFAULT_LANGUAGE)):
        raise Refusal(_("Choose a country."), field="country")
    row = session.scalar(select(SignalOffice).where(SignalOffice.body_id == body_id, SignalOffice.country == country))
    row = row or SignalOffice(body_id=body_id, country=country, since=moment)
    row.kind, row.closed_at = kind, None
    session.add(row)
    session.flush()
    _record(session, row, by, moment)
    return row


def close_office(session: Session, office_id: int, *, by: Account, at: datetime | None = None) -> None:
    """Close an office and remove its assessors. Safe to repeat."""
    row, moment = session.get(SignalOffice, office_id), at or now()
    if row is None or row.closed_at is not None:
        return
    row.closed_at = moment
    holders = select(SignalSeat.account_id).where(SignalSeat.office_id == office_id)
    session.execute(delete(SignalDuty).where(SignalDuty.account_id.in_(holders)))
    session.execute(delete(SignalSeat).where(SignalSeat.office_id == office_id))
    session.flush()
    _record(session, row, by, moment)


def _record(session: Session, row: SignalOffice, by: Account, at: datetime) -> None:
    detail = {"country": row.country, "kind": str(row.kind), "open": row.closed_at is None}
    actor = pseudonym("account", by.id)
    ledger.record(session, Kind.SIGNAL_OFFICE_CHANGED, subject_id=row.id, actor=actor, detail=detail, at=at)


def check_country(session: Session, by: Account | None, country: str) -> None:
    """Raise Forbidden if the account is an assessor of an office in another country."""
    office = find_office(session, _find_seat(session, by.id)) if by else None
    if office and office.row.country != country:
        raise Forbidden(_("Your office is in another country. Ask an assessor in this country to decide."))


def _find_seat(session: Session, account_id: int) -> int | None:
    return session.scalar(select(SignalSeat.office_id).where(SignalSeat.account_id == account_id))


def choose_issuer(session: Session, country: str, people: Collection[int], *, emergency: bool) -> SignalOffice | None:
    """Return the office that issues a warning by these people, or None if the site's editors issue it.

    Raises Forbidden if the country has offices, none of these people works in one, and it is not an emergency.
    """
    offices = {office.row.id: office.row for office in list_offices(session, country)}
    seats = select(SignalSeat.office_id).where(SignalSeat.account_id.in_(people)).order_by(SignalSeat.account_id)
    chosen = next((offices[number] for number in session.scalars(seats) if number in offices), None)
    if offices and chosen is None and not emergency:
        raise Forbidden(_("This country has an office. An assessor of the office must write or publish the text."))
    return chosen
