"""Bodies: who makes one, what it says of itself, who works for it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts import staff
from consult.bodies import colours, members, service
from consult.bodies.logos import MAX_UPLOAD
from consult.bodies.members import LastLead
from consult.bodies.model import BodyKind, BodyMember, BodyRole
from consult.bodies.service import BodyChangedMeanwhile, BodyDescription
from consult.consultations import service as consultations
from consult.core.errors import Forbidden, Refusal
from consult.core.web.access import Role
from consult.ledger.model import LedgerEntry
from tests import factories
from tests.bodies.working import asked_by, make_body, work


def said(session: Session) -> list[tuple[str, dict[str, object]]]:
    found = select(LedgerEntry).where(LedgerEntry.kind.startswith("body.")).order_by(LedgerEntry.id)
    return [(row.kind, row.detail) for row in session.scalars(found)]


def test_only_an_administrator_makes_a_body(session: Session) -> None:
    described = BodyDescription("World Health Organization", BodyKind.UN, code="who")
    with pytest.raises(Forbidden):
        service.make(session, by=factories.account(session, Role.POLICYMAKER), described=described)
    made = service.make(session, by=factories.account(session, Role.ADMIN), described=described)
    assert (made.slug, made.code) == ("world-health-organization", "WHO")
    assert said(session) == [("body.made", {"name": made.name, "slug": made.slug})]


@pytest.mark.parametrize(
    ("described", "field"),
    [
        (BodyDescription(" ", BodyKind.CITY), "name"),
        (BodyDescription("Ministry of Health", BodyKind.MINISTRY), "name"),
        (BodyDescription("Other", BodyKind.MINISTRY, code="TOOLONGER"), "code"),
        (BodyDescription("Other", BodyKind.MINISTRY, code="moh"), "code"),
        (BodyDescription("Other", BodyKind.MINISTRY, colour="#ffffff"), "colour"),
        (BodyDescription("Other", BodyKind.MINISTRY, colour="red; x"), "colour"),
    ],
)
def test_a_description_that_cannot_be_is_refused_at_its_field(
    session: Session, described: BodyDescription, field: str
) -> None:
    make_body(session, "Ministry of Health", code="MOH")
    with pytest.raises(Refusal) as refused:
        service.make(session, by=None, described=described)
    assert refused.value.field == field


def test_two_bodies_whose_names_make_the_same_address_get_two(session: Session) -> None:
    assert [make_body(session, name).slug for name in ("Health!", "Health?")] == ["health", "health-2"]


def test_an_accent_is_seen_on_both_papers() -> None:
    good = colours.read_colour("#a3721e")
    assert good
    assert min(colours.contrast(good, paper) for paper in colours.PAPERS) >= colours.LEAST


def test_a_lead_changes_what_a_body_says_and_not_what_it_is_called(session: Session) -> None:
    body = make_body(session, "Council")
    lead = work(session, body)
    described = BodyDescription("World Bank", BodyKind.UN, about="We read everything.", promise_days=60)
    service.change(session, body, by=lead, revision=body.revision, described=described)
    assert (body.name, body.kind, body.about) == ("Council", BodyKind.MINISTRY, "We read everything.")
    with pytest.raises(BodyChangedMeanwhile):
        service.change(session, body, by=lead, revision=body.revision - 1, described=described)
    reader = work(session, body, BodyRole.READER)
    with pytest.raises(Forbidden):
        service.change(session, body, by=reader, revision=body.revision, described=described)


def picture(size: tuple[int, int] = (300, 100), kind: str = "PNG") -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "#a3721e").save(made, kind, comment=b"taken at home")
    return made.getvalue()


def test_a_logo_is_made_anew_from_its_pixels(session: Session) -> None:
    body = make_body(session)
    service.set_logo(session, body, by=work(session, body), data=picture(kind="JPEG"))
    assert body.logo
    with Image.open(BytesIO(body.logo)) as opened:
        assert (opened.format, opened.size) == ("PNG", (300, 100))
    assert b"home" not in body.logo


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"", "SVG"),
        (b"\x89PNG\r\n\x1a\n broken", "SVG"),
        (picture((3000, 2000)), "too many pixels"),
        (b"x" * (MAX_UPLOAD + 1), "2 MB"),
    ],
)
def test_what_is_no_logo_is_refused(session: Session, data: bytes, words: str) -> None:
    body = make_body(session)
    with pytest.raises(Refusal, match=words) as refused:
        service.set_logo(session, body, by=work(session, body), data=data)
    assert refused.value.field == "logo"
    assert body.logo is None


# Members


def test_the_first_in_a_body_leads_it_whatever_was_offered(session: Session) -> None:
    body = make_body(session)
    work(session, body, BodyRole.READER)
    assert [row.role for row, _person in members.list_members(session, body)] == [BodyRole.LEAD]
    assert said(session)[-1] == ("body.member_added", {"role": "lead"})


def test_the_last_lead_neither_goes_nor_becomes_less(session: Session) -> None:
    body = make_body(session)
    lead, _drafter = work(session, body), work(session, body, BodyRole.DRAFTER)
    with pytest.raises(LastLead):
        members.remove(session, body, account_id=lead.id, by=lead)
    with pytest.raises(LastLead):
        members.add(session, body, account=lead, role=BodyRole.READER, by=lead)


def test_the_database_itself_keeps_a_lead(session: Session) -> None:
    body = make_body(session)
    lead, _drafter = work(session, body), work(session, body, BodyRole.DRAFTER)
    session.commit()
    session.execute(text("UPDATE body_member SET role = 'reader' WHERE account_id = :it"), {"it": lead.id})
    with pytest.raises(IntegrityError, match="nobody who leads it"):
        session.commit()
    session.rollback()


def test_a_moderator_is_of_the_site_and_of_no_body(session: Session) -> None:
    body = make_body(session)
    moderator = factories.account(session, Role.MODERATOR)
    with pytest.raises(Refusal, match="This person is a moderator"):
        members.add(session, body, account=moderator, role=BodyRole.READER, by=None)
    lead, drafter = work(session, body), work(session, body, BodyRole.DRAFTER)
    staff.change_role(session, drafter, role=Role.MODERATOR, by=None)
    assert [person.id for _row, person in members.list_members(session, body)] == [lead.id]


def test_whoever_works_for_a_body_may_enter_the_desk(session: Session) -> None:
    body = make_body(session)
    person = factories.account(session)
    members.add(session, body, account=person, role=BodyRole.READER, by=work(session, body))
    assert person.role is Role.POLICYMAKER


def test_what_somebody_is_in_charge_of_goes_to_another_lead_when_they_leave_the_body(session: Session) -> None:
    body = make_body(session)
    lead, other = work(session, body), work(session, body, BodyRole.LEAD)
    row = asked_by(session, body, owner=other)
    members.remove(session, body, account_id=other.id, by=lead)
    assert row.owner_id == lead.id


def test_when_the_only_lead_stops_working_here_the_next_leads_and_is_in_charge(session: Session) -> None:
    body = make_body(session)
    lead, drafter = work(session, body), work(session, body, BodyRole.DRAFTER)
    row = asked_by(session, body, owner=lead)
    staff.change_role(session, lead, role=Role.CONTRIBUTOR, by=None)
    session.commit()
    roles = [(person.id, member.role) for member, person in members.list_members(session, body)]
    assert roles == [(drafter.id, BodyRole.LEAD)]
    assert row.owner_id == drafter.id


def test_where_nobody_is_left_in_a_body_an_administrator_is_in_charge(session: Session) -> None:
    body, admin = make_body(session), factories.account(session, Role.ADMIN)
    row = asked_by(session, body)
    owner = session.get_one(type(admin), row.owner_id)
    staff.change_role(session, owner, role=Role.CONTRIBUTOR, by=admin)
    session.commit()
    assert row.owner_id == admin.id
    assert session.scalars(select(BodyMember)).all() == []


def test_a_consultation_is_of_the_body_of_its_name_only_for_who_sets_up_for_it(session: Session) -> None:
    body = make_body(session, "Ministry of Health")
    theirs, stranger = work(session, body), factories.account(session, Role.POLICYMAKER)
    row = asked_by(session, body)
    terms = consultations.get_terms(row)
    assert consultations.create(session, owner=theirs, terms=terms, code="AA11").body_id == body.id
    assert consultations.create(session, owner=stranger, terms=terms, code="AA12").body_id is None
    reader = work(session, body, BodyRole.READER)
    assert consultations.create(session, owner=reader, terms=terms, code="AA13").body_id is None
