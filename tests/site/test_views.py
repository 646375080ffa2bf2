"""Home, the list, a consultation's front page, and the way out."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from consult.consultations.model import Phase
from consult.core.clock import now
from consult.core.db import db
from consult.documents.model import Provision, ProvisionChange, ProvisionLink, Version
from consult.site import consultation_search, recent_changes
from consult.site.consultation_search import ConsultationFilter
from tests import factories
from tests.site import tagging

PASSED = {"opens_at": now() - timedelta(days=40), "phase": Phase.CLOSED}


def test_home_lists_what_is_open_what_comes_and_what_is_owed(session: Session, client: FlaskClient) -> None:
    factories.consultation(session, title="Now open")
    factories.consultation(session, title="Comes soon", opens_at=now() + timedelta(days=2), phase=Phase.UPCOMING)
    owed = (now() - timedelta(days=1)).date()
    factories.consultation(session, title="Is owed", closes_at=now() - timedelta(days=5), answer_by=owed, **PASSED)
    factories.consultation(session, title="Still secret", phase=Phase.DRAFT)
    session.commit()
    page = client.get("/").text
    assert page.index("Now open") < page.index("Comes soon") < page.index("Is owed")
    assert "Answer overdue since" in page
    assert "Still secret" not in page


def test_the_front_page_offers_what_can_still_be_done(session: Session, client: FlaskClient) -> None:
    coming = factories.consultation(session, opens_at=now() + timedelta(days=2), phase=Phase.UPCOMING)
    running = factories.consultation(session)
    over = factories.consultation(session, closes_at=now() - timedelta(days=5), **PASSED)
    session.commit()
    pages = [client.get(f"/c/{row.slug}").text for row in (coming, running, over)]
    assert ["Follow this consultation by e-mail" in page for page in pages] == [True, True, False]
    assert ["Print the paper form" in page for page in pages] == [True, True, False]
    assert ["<b>0</b> submissions" in page for page in pages] == [False, True, True]
    assert ["Submissions received" in page for page in pages] == [False, True, True]


@pytest.mark.parametrize("page", ["arguments", "campaigns", "follow", "paper", "comments"])
def test_the_bar_tells_that_a_page_is_of_a_consultation(session: Session, client: FlaskClient, page: str) -> None:
    row = factories.consultation(session)
    session.commit()
    shown = client.get(f"/c/{row.slug}/{page}").text
    assert shown.count('<a href="/consultations" aria-current="page">') == 2, "in the bar and in the menu of a phone"


def test_what_is_not_published_has_no_page(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session, phase=Phase.DRAFT)
    session.commit()
    assert client.get(f"/c/{row.slug}").status_code == 404


def test_a_search_takes_percent_signs_for_what_they_are(session: Session, client: FlaskClient) -> None:
    factories.consultation(session, title="Reach 80% of people")
    factories.consultation(session, title="Something else")
    session.commit()
    page = client.get("/consultations?q=80%25").text
    assert "Reach 80% of people" in page
    assert "Something else" not in page


@pytest.mark.parametrize("phase", ["open", "closed"])
def test_every_consultation_is_on_exactly_one_page_of_the_list(
    session: Session, client: FlaskClient, phase: str
) -> None:
    ends = {"open": now() + timedelta(days=3), "closed": now() - timedelta(days=3)}[phase]
    for number in range(30):
        given = {} if phase == "open" else PASSED
        factories.consultation(session, title=f"Plan number {number:02}.", closes_at=ends, **given)
    session.commit()
    first = client.get(f"/consultations?phase={phase}").text
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(link).text
    titles = [f"Plan number {number:02}.<" for number in range(30)]
    shown = [(title in first) + (title in second) for title in titles]
    assert shown == [1] * 30


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJ4IiwgMV0", "W251bGwsIG51bGxd"])
def test_a_page_of_the_list_that_does_not_exist_says_so(client: FlaskClient, cursor: str) -> None:
    answer = client.get(f"/consultations?after={cursor}")
    assert answer.status_code == 404
    assert "first page" in answer.text


def test_leaving_wipes_what_this_browser_kept_and_says_nothing_of_where_from(client: FlaskClient) -> None:
    client.get("/?lang=ar")
    answer = client.post("/leave")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    with client.session_transaction() as kept:
        assert dict(kept) == {}


def test_the_list_is_narrowed_by_country_topic_and_closing_time(session: Session, client: FlaskClient) -> None:
    here = factories.consultation(session, title="Here and soon", countries=["PE"], closes_at=now() + timedelta(days=3))
    factories.consultation(session, title="Elsewhere", countries=["MA", "TN"], closes_at=now() + timedelta(days=60))
    above = tagging.term(session, "pillars", "reduction")
    below = tagging.term(session, "pillars", "needles", above)
    tagging.tag(session, here, below)
    session.commit()
    everything = client.get("/consultations").text
    assert ">Peru</option>" in everything
    assert ">Morocco</option>" in everything
    assert ">Fiji</option>" not in everything
    for asked in ("country=PE", "closes=7", f"pillar={below.id}"):
        page = client.get(f"/consultations?{asked}").text
        assert ("Here and soon" in page, "Elsewhere" in page) == (True, False), asked
    assert "Elsewhere" in client.get("/consultations?country=TN&closes=90").text
    assert "No consultations match your search" in client.get("/consultations?country=TN&closes=7").text
    assert "Choose one of the options" not in client.get("/consultations?country=PE").text
    assert "Elsewhere" in client.get("/consultations?country=ZZ&pillar=x&topic=99999999999999999999").text


def test_a_topic_finds_drafts_on_what_lies_below_it(session: Session) -> None:
    row = factories.consultation(session)
    above = tagging.term(session, "rights", "health")
    tagging.tag(session, row, tagging.term(session, "rights", "medicines", above))
    assert [
        one.id for one in consultation_search.find_consultations(session, ConsultationFilter(terms=[above.id])).items
    ] == [row.id]


def test_everybody_sees_which_drafts_changed_and_which_answers_are_owed(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session, title="Now in its second version")
    document = session.get_one(Version, row.version_id).document_id
    later = Version(document_id=document, number=2, source="", created_at=now(), published_at=now())
    session.add(later)
    session.flush()
    for line, change in enumerate(
        [ProvisionChange.EDITED, ProvisionChange.EDITED, ProvisionChange.NEW, ProvisionChange.UNCHANGED]
    ):
        provision = session.scalars(select(Provision.id).where(Provision.version_id == row.version_id)).first()
        session.add(
            ProvisionLink(version_id=later.id, line=line, change=change, edited=False, after_id=provision, score=1)
        )
    ended = {"closes_at": now() - timedelta(days=9), **PASSED}
    factories.consultation(session, title="Is late", answer_by=(now() - timedelta(days=2)).date(), **ended)
    factories.consultation(session, title="Is promised", answer_by=(now() + timedelta(days=2)).date(), **ended)
    session.commit()
    page = client.get("/changes").text
    assert page.index("Is late") < page.index("Now in its second version") < page.index("Is promised")
    assert [word for word in ("Reworded 2", "New 1", "Unchanged 1") if word in page] == ["Reworded 2", "New 1"]
    assert "Now in its second version" in client.get("/").text.split("Recently changed drafts")[1]


def test_versions_that_followed_are_on_exactly_one_page_each(session: Session) -> None:
    for _number in range(5):
        row = factories.consultation(session)
        document = session.get_one(Version, row.version_id).document_id
        session.add(Version(document_id=document, number=2, source="", created_at=now(), published_at=now()))
    session.flush()
    first = recent_changes.list_changed_drafts(session, few=3)
    second = recent_changes.list_changed_drafts(session, few=3, after=first.next_cursor or "")
    assert len({it.version.id for it in [*first.items, *second.items]}) == 5
    assert second.next_cursor is None


@pytest.mark.parametrize("path", ["/", "/consultations", "/changes", "/c/{slug}"])
def test_pages_cost_the_same_few_statements_however_many_consultations(
    session: Session, client: FlaskClient, path: str
) -> None:
    counted = []
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _u, sql, *_: statements.append(sql))
    for more in (2, 20):
        for _number in range(more):
            row = factories.consultation(session)
        address = path.format(slug=row.slug)
        session.commit()
        statements.clear()
        assert client.get(address).status_code == 200
        counted.append(len(statements))
    most = 7 if path.startswith("/c/") else 6  # a consultation also says of which signal it is
    assert counted[0] == counted[1] <= most


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (23, "12 January 2099, 23:59 UTC−05 (Lima time; 13 January 2099, 04:59 UTC)"),
        (9, "12 January 2099, 09:59 UTC−05 (Lima time; 14:59 UTC)"),
    ],
)
def test_a_closing_time_that_is_the_next_day_in_utc_says_which_day(
    client: FlaskClient, session: Session, hour: int, said: str
) -> None:
    ends = datetime(2099, 1, 12, hour, 59, tzinfo=ZoneInfo("America/Lima"))
    it = factories.consultation(session, closes_at=ends, timezone="America/Lima")
    assert said in client.get(f"/c/{it.slug}").text
