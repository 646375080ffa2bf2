"""Two bodies become one, a domain is proved, and whoever is put in charge gets a letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit import promises
from consult.bodies import domains, members, merge
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.consultations import charge
from consult.core.clock import now
from consult.core.db import Base
from consult.core.errors import Forbidden, Refusal
from consult.core.web.access import Role
from consult.decisions.kinds import InterestedDecider
from consult.moderation import service as moderation
from consult.responses.model import Response
from consult.site.bodies import queries
from tests import factories, filing
from tests.accounts.letters import letters
from tests.bodies.test_record import answer_number, closed
from tests.bodies.working import asked_by, make_body, work
from tests.counting import statements

SignIn = Callable[[Any], FlaskClient]
ENDED = ("body_record", "sign_on_body")
"""What ends with a body: it is counted anew, and how people sign in is for the other to say."""


def answer_all(session: Session, body: PublicBody) -> None:
    for number in closed(session, body, answer_by=now().date())[1:]:
        answer_number(session, number)


def test_the_record_of_a_merged_body_adds_up_its_address_leads_on_and_its_people_stay(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    old, new, admin = make_body(session, "Old"), make_body(session, "New"), factories.account(session, Role.ADMIN)
    answer_all(session, old)
    answer_all(session, new)
    reader = work(session, old, BodyRole.READER)
    before = [queries.get_record(session, body.id) for body in (old, new)]
    desk = sign_in(admin)
    wrong = desk.post("/desk/bodies/old/merge", data={"into": "new"})
    assert (wrong.status_code, "Confirm that you know this cannot be undone." in wrong.text) == (422, True)
    assert desk.post("/desk/bodies/old/merge", data={"into": "new", "sure": "y"}).status_code == 303
    session.expire_all()
    record = queries.get_record(session, new.id)
    assert record.kept == before[0].kept + before[1].kept == 4
    counted = promises.count_by_ledger(session, new.id)
    assert (counted.kept, counted.late, counted.overdue) == (record.kept, record.late, record.overdue)
    assert promises.check_next(session, after=0)[0] == []
    assert session.scalars(select(Response.body_id).distinct()).all() == [new.id]
    moved = client.get("/b/old")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/b/new")
    assert [role for body, role in members.list_roles(session, reader) if body.id == new.id] == [BodyRole.READER]
    acts = desk.get("/people/acts").text
    assert "Body merged into another: Old" in acts
    assert "Now: New" in acts
    assert make_body(session, "Old").slug == "old-2"


def test_whatever_names_a_body_is_moved_to_the_other(session: Session) -> None:
    one, other = make_body(session), make_body(session)
    with statements() as made:
        merge.merge(session, body=one, into=other, by=factories.account(session, Role.ADMIN))
    found = [
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "body.id" for key in column.foreign_keys) and table.name not in ENDED
    ]
    left = [
        f"{table}.{column}"
        for table, column in found
        if not any(sql.startswith(f"UPDATE {table} SET") and f"{column}=" in sql.partition("WHERE")[0] for sql in made)
    ]
    assert len(found) > 10
    assert left == []


@pytest.mark.parametrize("theirs", BodyRole)
@pytest.mark.parametrize("others", [None, BodyRole.LEAD, BodyRole.READER])
def test_who_works_for_both_bodies_keeps_the_role_in_the_one_that_stays(
    session: Session, theirs: BodyRole, others: BodyRole | None
) -> None:
    one, other, admin = make_body(session), make_body(session), factories.account(session, Role.ADMIN)
    lead, both = work(session, other), factories.account(session, Role.POLICYMAKER)
    if theirs is not BodyRole.LEAD:
        work(session, one)
    members.add(session, one, account=both, role=theirs, by=None)
    members.add(session, other, account=both, role=BodyRole.READER, by=None)
    colleague = work(session, one, others) if others else None
    merge.merge(session, body=one, into=other, by=admin)
    session.commit()
    rows = session.execute(select(BodyMember.account_id, BodyMember.role).where(BodyMember.body_id == other.id))
    roles = {account_id: role for account_id, role in rows}  # noqa: C416
    assert (roles[both.id], roles[lead.id]) == (BodyRole.READER, BodyRole.LEAD)
    assert colleague is None or roles[colleague.id] is others
    assert session.scalars(select(BodyMember.id).where(BodyMember.body_id == one.id)).all() == []


def test_only_an_administrator_merges_and_never_a_body_with_itself(session: Session) -> None:
    one, other = make_body(session), make_body(session)
    with pytest.raises(Forbidden):
        merge.merge(session, body=one, into=other, by=work(session, one))
    with pytest.raises(Refusal):
        merge.merge(session, body=one, into=one, by=factories.account(session, Role.ADMIN))


def test_a_domain_is_proved_by_the_dns_and_another_one_has_to_be_proved_again(
    session: Session, client: FlaskClient
) -> None:
    body = make_body(session, "Ministry")
    lead = work(session, body)
    with pytest.raises(Refusal, match="such as health"):
        domains.set_domain(session, body, by=lead, typed="no domain")
    domains.set_domain(session, body, by=lead, typed="https://www.Health.example/x")
    session.commit()
    assert "not verified" in client.get("/b/ministry").text
    with pytest.raises(Refusal, match="did not find the entry"):
        domains.prove(session, body, by=lead, look_up=lambda _domain: ["something else"])
    lines = {"health.example": [domains.dns_line(body)]}
    domains.prove(session, body, by=lead, look_up=lines.__getitem__)
    session.commit()
    assert "verified by DNS on" in client.get("/b/ministry").text
    domains.set_domain(session, body, by=lead, typed="other.example")
    assert body.domain_proved_at is None


def test_an_administrator_names_a_body_in_each_language(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    body = make_body(session, "Ministry of Health")
    session.commit()
    desk = sign_in(factories.account(session, Role.ADMIN))
    page = desk.post(
        f"/desk/bodies/{body.slug}/about",
        data={
            "name": body.name,
            "kind": "ministry",
            "name_fr": "Ministère de la Santé",
            "revision": "1",
        },
    )
    assert page.status_code == 303
    assert "Ministère de la Santé" in client.get(f"/b/{body.slug}?lang=fr").text


def test_whoever_is_put_in_charge_gets_a_letter(session: Session) -> None:
    body = make_body(session)
    row = asked_by(session, body)
    owner, other = factories.account(session, Role.ADMIN), work(session, body)
    row.owner_id = owner.id
    charge.hand_over(session, number=row.id, by=owner, to_id=other.id)
    assert [letter.subject for letter in letters(session)] == [f"You are now the owner: {row.title}"]
    charge.hand_over(session, number=row.id, by=other, to_id=owner.id)
    assert len(letters(session)) == 2


def test_who_works_for_a_body_that_asks_does_not_moderate_its_consultation(session: Session) -> None:
    body = make_body(session)
    row = asked_by(session, body)
    sent = filing.file(session, row, "Words.")
    admin = factories.account(session, Role.ADMIN)
    members.add(session, body, account=admin, role=BodyRole.LEAD, by=None)
    with pytest.raises(InterestedDecider, match="You work for a public body"):
        moderation.check_not_own(session, sent.id, admin)
    moderation.check_not_own(session, sent.id, factories.account(session, Role.MODERATOR))
