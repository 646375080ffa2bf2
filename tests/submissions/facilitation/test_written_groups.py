"""Written submissions count towards the owner's groups where the writer says so."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.analysis.service import FOLLOWER
from consult.consultations.model import Consultation
from consult.core.errors import Refusal
from consult.digests import count_queries
from consult.submissions.facilitation import service
from consult.submissions.model import State
from consult.trace import erasure
from tests import factories, filing

GROUPS = [{"name": "growers", "target": 5}, {"name": "women in prison", "target": 5}]


def counted(session: Session, row: Consultation) -> dict[str, int]:
    until = filing.numbered(session)
    for follower in (FOLLOWER, count_queries.FOLLOWER):
        follower.follow(session, consultation_id=row.id, until=until)
    session.commit()
    return dict(count_queries.get_counts(session, row.id, ("group",)).get("group", {}))


def test_what_is_published_counts_for_the_group_that_its_writer_named(session: Session) -> None:
    row = factories.consultation(session, groups=GROUPS)
    sent, other = filing.file(session, row, "We grow."), filing.file(session, row, "So do we.")
    service.say_group(session, sent, "growers")
    assert counted(session, row) == {}
    for one in (sent, other):
        filing.decide(session, one, State.PUBLISHED)
    assert counted(session, row) == {"growers": 1}
    erasure.erase(session, sent)
    assert counted(session, row) == {}
    assert service.get_group(session, sent.id) == ""


def test_a_group_of_nobodys_and_one_for_a_meeting_are_refused(session: Session) -> None:
    row = factories.consultation(session, groups=GROUPS)
    sent = filing.file(session, row, "We grow.")
    with pytest.raises(Refusal):
        service.say_group(session, sent, "astronauts")
    sent.present = 12
    with pytest.raises(Refusal):
        service.say_group(session, sent, "growers")


def test_only_the_browser_that_sent_it_says_so_and_may_change_it(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session, groups=GROUPS)
    sent = filing.file(session, row, "We grow.")
    page = f"/c/{row.slug}/sent/{sent.reference}"
    assert client.post(f"{page}/group", data={"group": "growers"}).status_code == 404
    with client.session_transaction() as cookie:
        cookie["sent"] = [sent.reference]
    assert "women in prison" in client.get(page).text
    assert client.post(f"{page}/group", data={"group": "growers"}).status_code == 303
    assert 'value="growers" checked' in client.get(page).text
    client.post(f"{page}/group", data={"group": ""})
    assert service.get_group(session, sent.id) == ""
