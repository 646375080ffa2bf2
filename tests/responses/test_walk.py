"""Every number of the sample's pages of answers opens its list, and the list has as many rows as the number says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase
from consult.core.web.access import Role
from tests.sample import load_sample

_NUMBER = re.compile(r'<a href="([^"]+\?show=\w+)">(?:<span class="tag[^>]*>[^<]*</span>)?\s*([\d,]+)\s*<')


def numbers(browser: FlaskClient, address: str) -> dict[str, int]:
    """The lists that a page's numbers open, and what the numbers say."""
    text = browser.get(address).text
    return {html.unescape(way): int(n.replace(",", "")) for way, n in _NUMBER.findall(text)}


def rows(browser: FlaskClient, step: str | None, row: str) -> list[str]:
    found: list[str] = []
    while step:
        answered = browser.get(step)
        assert answered.status_code == 200, step
        found += re.findall(row, answered.text)
        further = re.search(r'<a href="([^"]+)" rel="next"', answered.text)
        step = html.unescape(further[1]) if further else None
    return found


def test_every_number_of_answers_opens_its_list(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    load_sample(session)
    owner = session.scalars(select(Account).where(Account.role == Role.POLICYMAKER)).first()
    admin = session.scalars(select(Account).where(Account.role == Role.ADMIN)).one()
    desk, met = sign_in(owner), 0
    there = session.execute(
        select(Consultation.id, Consultation.slug).where(Consultation.phase != Phase.DRAFT).order_by(Consultation.id)
    ).all()
    for number, slug in there:
        pages = (
            (client, f"/c/{slug}/outcome", r'<li class="comment" id="a(\d+)"'),
            (desk, f"/desk/consultations/{number}/answers", r'href="/desk/arguments/(\d+)/answer"'),
        )
        for browser, address, row in pages:
            said = numbers(browser, address)
            assert len(said) >= 3, address
            wrong = {way: n for way, n in said.items() if len(set(rows(browser, way, row))) != n}
            assert wrong == {}
            met += sum(said.values())
    assert met > 20
    asked = [rows(sign_in(admin), f"/desk/consultations/{number}/answers?show=mine", r"arguments/(\d+)/answer")
             for number, _slug in there]  # fmt: skip
    assert sum(map(len, asked)) == 1
