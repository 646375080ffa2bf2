"""Authors see what their submission was grouped with and how the draft changed where they commented."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.arguments import queries as arguments
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.text import excerpt
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.delivery import personal_copies
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence
from consult.documents import service as documents
from consult.submissions import service as submissions
from consult.submissions.anchors import carry_forward
from consult.submissions.model import Submission
from consult.trace import changed_words
from tests import factories, filing
from tests.analysis.templates import spin
from tests.analysis.writing import LETTERS
from tests.arguments import speaking
from tests.counting import statements
from tests.factories import publish_next

FIRST = """# Plan

## 2 Services

2.1 Each State shall reach 60 per cent of people by the end of 2029:

(a) with needle and syringe programmes;

2.2 Members shall meet twice a year in the capital.

2.3 Police guidance shall be issued by each State. Judges are trained.
"""
SECOND = """# Plan

## 2 Services

2.1 Members shall meet twice a year in the capital.

2.2 Each State shall reach 75 per cent of people by the end of 2029:

(a) with needle and syringe programmes, for every gender;

2.3 A secretariat is set up in the smallest of the member States.
"""


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.with_draft(session, FIRST)
    changed_words._version_changes.clear()
    session.commit()
    return row


def on(session: Session, row: Consultation, *numbers: str) -> Submission:
    said = [filing.comment(session, row, f"About {number}", number) for number in numbers]
    return filing.file(session, row, *said, published=True)


def told(client: FlaskClient, row: Submission) -> str:
    page = client.get(f"/r/{row.reference}/{submissions.author_secret(row)}").text
    return re.sub(r'<bdi class="hidden" lang="en">.*?</bdi>', "", page)


def cards(page: str) -> dict[str, str]:
    found = re.findall(r'<section class="card" aria-labelledby="changed-\d+">(.*?)</section>', page, re.S)
    return {re.sub("<.*?>", "", card[: card.index("</h2>")]).strip(): card for card in found}


@pytest.mark.parametrize("carried", [False, True])
def test_the_author_sees_what_changed_in_the_paragraph_commented_on_wherever_it_went(
    client: FlaskClient, session: Session, consultation: Consultation, carried: bool
) -> None:
    row = on(session, consultation, "2.1", "2.2", "2.3")
    assert "Text changed" not in told(client, row)
    publish_next(session, consultation, SECOND)
    if carried:
        assert carry_forward.carry_batch(session, consultation_id=consultation.id) == 3
        session.commit()
    page = told(client, row)
    assert "Text changed in version 2" in page
    found = cards(page)
    assert list(found) == ["Changes in paragraph 2.1", "Changes in paragraph 2.3"], "2.2 only moved"
    first = found["Changes in paragraph 2.1"]
    assert "<del>60</del><ins>75</ins> per cent" in first
    assert "for every gender</ins>" in first, "its points are of it"
    assert "In the new version: 2.2" in first
    assert "This part is not in the new version." in found["Changes in paragraph 2.3"]
    assert f"/c/{consultation.slug}/changes?from=1&amp;to=2" in page
    assert ">The draft as a whole<" not in page, "carried words are shown where they are now"
    assert "Text changed" not in client.get(f"/r/{row.reference}").text, "what it is on is told to its author only"


def test_changes_over_several_versions_are_told_as_such_and_none_as_none(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    row, other = on(session, consultation, "2.1"), on(session, consultation, "2.2")
    publish_next(session, consultation, FIRST.replace("60", "65"))
    publish_next(session, consultation, FIRST.replace("60", "75"))
    page = told(client, row)
    assert "Text changed from version 1 to version 3" in page
    assert "<del>60</del><ins>75</ins>" in page
    assert "Text changed" not in told(client, other)
    documents.begin_next(session, document_id=consultation.document_id, text=FIRST.replace("60", "99"))
    session.commit()
    assert "99" not in "".join(cards(told(client, row)).values()), "what is being prepared is not told"


def test_a_copy_of_a_letter_leads_to_it_with_people_and_organisations(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    for name in ("Farm Union", "Farm Union", "Clinic"):
        filing.file(session, row, LETTERS[0], organisation=name, published=True)
    mine, waits = filing.file(session, row, LETTERS[0], published=True), filing.file(session, row, LETTERS[0])
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=filing.numbered(session))
    session.commit()
    assert "Grouped with" not in told(client, mine), "four published copies are no public letter"
    filing.file(session, row, LETTERS[0], published=True)
    turned = filing.file(session, row, LETTERS[0].replace("not to repeal", "to repeal"), published=True)
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=filing.numbered(session))
    session.commit()
    page = told(client, mine)
    assert "Grouped with 5 other copies of the same campaign letter" in page
    assert "3 people, 2 organisations" in page
    beginning = LETTERS[0].partition("Dear Minister,")[2]
    assert f'<q dir="auto">{excerpt(beginning, 80)}</q></a>' in page, "a letter without a name is told by its words"
    assert "Seems to say the opposite" not in page
    assert "say the opposite" not in told(client, turned)  # it is only suggested
    address = re.search(r'href="(/c/[^"]+/campaigns/\d+)"', page)
    assert address
    assert client.get(address[1]).status_code == 200
    assert "Grouped with" not in told(client, waits)


def test_a_comment_leads_to_the_argument_it_makes(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    speaking.said(session, row, *speaking.NEEDLES, *speaking.PRISONS)
    argument = speaking.holding(session, row, speaking.NEEDLES[0])
    rows = session.scalars(select(Submission).where(Submission.consultation_id == row.id).order_by(Submission.id)).all()
    mine, rows[0].country, rows[1].country, rows[2].country = rows[0], "BR", "KE", "BR"
    session.commit()
    page = told(client, mine)
    assert f"Grouped with {argument.statements - 1} similar excerpts" in page
    assert f"{argument.voices} people, 2 countries" in page
    sample = arguments.list_samples(session, [argument.id])[argument.id][0]
    assert f'<q dir="auto">{excerpt(sample.text, 80)}</q></a>' in page, "as its own page is called until it has a name"
    argument.name = "More needles"
    session.commit()
    assert "<bdi>More needles</bdi></a>" in told(client, mine)
    assert f"/c/{row.slug}/arguments/{argument.id}" in page


def test_only_a_digest_that_somebody_was_sent_is_one_that_the_drafting_team_was_sent(
    client: FlaskClient, session: Session
) -> None:
    row = factories.consultation(session)
    reader = factories.account(session, Role.POLICYMAKER)
    delivery.subscribe(session, account=reader, consultation=row, cadence=Cadence.WEEKLY, language="en", at=now())
    mine = filing.file(session, row, "One.", published=True)
    filing.numbered(session)
    asked_for = personal_copies.compile_on_demand(session, row)
    session.commit()
    assert not asked_for.empty
    page = told(client, mine)
    assert "Will go to the drafting team" in page
    assert "Sent to the drafting team" not in page
    digests.compile_digest(session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now())
    session.commit()
    page = told(client, mine)
    assert "Sent to the drafting team" in page
    assert "Will go to the drafting team" not in page


def test_none_of_it_costs_many_statements(client: FlaskClient, session: Session, consultation: Consultation) -> None:
    row = on(session, consultation, "2.1", "2.2", "2.3")
    publish_next(session, consultation, SECOND)
    while carry_forward.carry_batch(session, consultation_id=consultation.id):
        session.commit()
    filing.numbered(session)
    told(client, row)  # a process reads both versions and the map between them once
    address = f"/r/{row.reference}/{submissions.author_secret(row)}"
    with statements() as seen:
        assert "Text changed in version 2" in client.get(address).text
    assert len(seen) <= 10, seen  # with where its statements were put, and whether it is asked how it was


def test_a_variant_of_a_template_is_not_said_to_be_a_copy_of_a_letter(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    mine = [filing.file(session, row, words, published=True) for words in spin(24)][3]
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=filing.numbered(session))
    session.commit()
    page = told(client, mine)
    assert "Grouped with 23 other texts from the same template" in page
    assert "copies of the same campaign letter" not in page
