"""The owner says what paragraphs are about; readers look up what was said about a topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.documents import tags
from consult.documents.model import Provision, ProvisionKind
from consult.submissions import service as submissions
from consult.submissions.model import NameRule, Stance, State
from consult.submissions.values import NewComment, Submitter
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import service as taxonomy_service
from tests import counting, factories
from tests.taxonomy.test_service import RIGHTS


def provision(session: Session, row: Consultation, number: str) -> Provision:
    found = session.scalar(select(Provision).where(Provision.version_id == row.version_id, Provision.number == number))
    assert found
    return found


def say(session: Session, row: Consultation, number: str, body: str, stance: Stance = Stance.CONCERN) -> None:
    filed = submissions.file(
        session, consultation=row, by=Submitter(name_rule=NameRule.NONE), key=body,
        comments=[NewComment(provision(session, row, number).id, stance, body)],
    )  # fmt: skip
    submissions.transition(session, filed, state=State.PUBLISHED, actor=None)


def owned(session: Session) -> tuple[Consultation, Account]:
    taxonomy_service.load_pack(session, [RIGHTS])
    row = factories.consultation(session)
    owner = session.get_one(Account, row.owner_id)
    owner.role = Role.POLICYMAKER
    provision(session, row, "1.1").text = "Treatment is free for all."
    session.flush()
    return row, owner


def test_what_the_words_suggest_counts_only_once_the_owner_accepts_it(
    session: Session, sign_in: Callable[[Any], FlaskClient], client: FlaskClient
) -> None:
    row, owner = owned(session)
    care = taxonomy.get_term(session, "x-rights", "care")
    desk = sign_in(owner)
    place, number, slug, care_id, document_id = (
        provision(session, row, "1.1"),
        row.id,
        row.slug,
        care.id,
        row.document_id,
    )
    wid = place.wid
    assert "Treatment" in desk.get(f"/desk/consultations/{number}/topics").text
    assert "Care" not in client.get(f"/c/{slug}/topics").text
    answer = desk.post(f"/desk/consultations/{number}/topics/{wid}", data={"do": "accept", "term": care_id})
    assert answer.status_code == 303
    assert "Care" in client.get(f"/c/{slug}/topics").text
    desk.post(f"/desk/consultations/{number}/topics/{wid}", data={})
    assert tags.terms_by_provision(session, document_id) == {}


def test_a_point_is_called_by_its_paragraph_too(session: Session, sign_in: Callable[[Any], FlaskClient]) -> None:
    row, owner = owned(session)
    outer, point = provision(session, row, "1.1"), provision(session, row, "1.2")
    point.kind, point.parent_id, point.number = ProvisionKind.POINT, outer.id, "(a)"
    session.commit()
    desk, address = sign_in(owner), f"/desk/consultations/{row.id}/topics"
    assert f'/topics/{point.wid}">1.1(a) ' in desk.get(address).text
    assert "Topics of 1.1(a)" in desk.get(f"{address}/{point.wid}").text


def test_a_topic_gathers_what_was_said_on_its_paragraphs_and_below_it(session: Session, client: FlaskClient) -> None:
    row, owner = owned(session)
    care, health = (taxonomy.get_term(session, "x-rights", name) for name in ("care", "health"))
    for number, term in (("1.1", care), ("2.1", health)):
        wid = provision(session, row, number).wid
        tags.add_tags(session, document_id=row.document_id, wid=wid, term_ids=[term.id], by=owner.id)
    say(session, row, "1.1", "Free for whom?")
    say(session, row, "2.1", "A right at last.", Stance.SUPPORT)
    say(session, row, "2.2", "Beside the point.")
    slug = row.slug
    wide, narrow = (client.get(f"/c/{slug}/topics/x-rights/{name}").text for name in ("health", "care"))
    assert "Free for whom?" in wide
    assert "A right at last." in wide
    assert "Beside the point." not in wide
    assert "A right at last." not in narrow
    supported = client.get(f"/c/{slug}/topics/x-rights/health?stance=support").text
    assert "Free for whom?" not in supported


def test_only_the_owner_tags_and_only_with_terms_that_there_are(
    session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row, owner = owned(session)
    stranger = factories.account(session, Role.POLICYMAKER)
    address = f"/desk/consultations/{row.id}/topics/{provision(session, row, '1.1').wid}"
    assert sign_in(stranger).post(address, data={"term": "1"}).status_code in (403, 404)
    assert sign_in(owner).post(address, data={"term": "999999999"}).status_code == 404


def test_a_topics_page_takes_as_many_statements_however_much_was_said(session: Session, client: FlaskClient) -> None:
    row, owner = owned(session)
    wid = provision(session, row, "1.1").wid
    care = taxonomy.get_term(session, "x-rights", "care")
    tags.add_tags(session, document_id=row.document_id, wid=wid, term_ids=[care.id], by=owner.id)
    address = f"/c/{row.slug}/topics/x-rights/care"
    say(session, row, "1.1", "One.")
    client.get(address)  # the draft's places are read once by a process
    with counting.statements() as few:
        client.get(address)
    for number in range(12):
        say(session, row, "1.1", f"Many {number}.")
    session.commit()
    with counting.statements() as many:
        client.get(address)
    assert len(many) == len(few) <= 8
