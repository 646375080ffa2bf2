"""Every number of the sample's pages opens its list, and the list has as many rows as the number says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.digests.delivery import personal_copies
from consult.digests.lists.queries import PAGE
from consult.digests.model import Digest
from consult.digests.results import cache as results_cache
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions.model import State, Submission
from tests.filing import numbered
from tests.sample import load_sample

_LINK = re.compile(r'<a [^>]*?href="([^"#]*/list/[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_CELL = re.compile(r'<td class="num"[^>]*>(.*?)</td>', re.DOTALL)
_NUMBER = re.compile(r"[\d,]+")


def plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def listed(browser: FlaskClient, address: str) -> tuple[int, int]:
    """The number in the heading of a list, and how many its rows stand for, page by page."""
    rows = 0
    first = page = browser.get(address)
    step: str | None = address
    while step:
        assert page.status_code == 200, (step, page.status_code)
        here = re.findall(r'<li class="comment">.*?</li>', page.text, re.DOTALL)
        assert len(here) <= PAGE
        met = [re.search(r"(\d+) (?:person|people) present", one) for one in here]
        rows += sum(int(one[1]) if one else 1 for one in met)
        further = re.search(r'<a href="([^"]+)" rel="next"', page.text)
        step = html.unescape(further[1]) if further else None
        page = browser.get(step) if step else page
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", first.text, re.DOTALL)
    assert heading
    number = _NUMBER.search(plain(heading[1]))
    assert number, plain(heading[1])
    return int(number[0].replace(",", "")), rows


def wrong(browser: FlaskClient, address: str) -> dict[str, Any]:
    """The lists behind a page's numbers that hold something else than they say; and that there are lists at all."""
    text = browser.get(address).text
    links = {html.unescape(way): plain(words) for way, words in _LINK.findall(text)}
    assert len(links) > 20
    found: dict[str, Any] = {}
    for way, words in links.items():
        if way.endswith(".csv"):
            continue
        said, rows = listed(browser, way)
        told = int(words.replace(",", "")) if re.fullmatch(r"[\d,]+", words) else said
        if not said == rows == told:
            found[way] = (words, said, rows)
    return found


def unlinked(text: str) -> list[str]:
    """Numbers of tables that lead nowhere; nothing is behind none. Quiet ones are parts of a number beside them."""
    return [plain(cell) for cell in _CELL.findall(text) if "<a " not in cell and plain(cell) not in ("", "0")]


@pytest.fixture
def sample(session: Session) -> Consultation:
    load_sample(session)
    row = session.scalars(select(Consultation).where(Consultation.code == "DP27")).one()
    of_it = select(Submission.id).where(Submission.consultation_id == row.id, Submission.state == State.PUBLISHED)
    for shown in session.scalars(of_it.order_by(Submission.id).limit(3)).all():
        ledger.record(session, Kind.COVERED, subject_id=shown, consultation_id=row.id)
    numbered(session)
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()
    return row


def test_every_list_behind_the_samples_pages_has_the_rows_that_were_counted(
    session: Session, sample: Consultation, client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    heard = f"/c/{sample.slug}/said"
    assert wrong(client, heard) == {}
    assert unlinked(client.get(heard).text) == []
    desk = sign_in(session.scalars(select(Account).where(Account.role == Role.POLICYMAKER)).first())
    numbered(session)
    fresh = personal_copies.compile_on_demand(session, sample)
    session.commit()
    page = f"/desk/digests/{fresh.id}"
    assert wrong(desk, page) == {}
    assert unlinked(desk.get(page).text) == []
    for digest in session.scalars(select(Digest).where(Digest.id != fresh.id, ~Digest.empty)).all():
        lists = wrong(desk, f"/desk/digests/{digest.id}")
        kinds = {way.rpartition("/")[2].partition(":")[0] for way in lists}
        erased = {"texts", "all-texts", "individual", "all-individual"}  # what was erased since is missing there
        assert kinds <= {"all-own", "all-shared", "all-attachment", "all-told", "argued", *erased}, lists
        for way in lists:
            assert "If a submission was erased later" in desk.get(way).text
