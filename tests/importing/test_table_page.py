"""The page that imports a table of comments: preview, columns, rejected rows by line, and nothing twice."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.submissions.model import Comment, State, Submission
from tests import factories
from tests.importing.test_tables import EXPORTS

SignIn = Callable[[Any], FlaskClient]
COLUMNS = ("id_column", "text_columns", "stance_column", "provision_column", "language_column")


@pytest.fixture
def row(session: Session) -> Consultation:
    owner = factories.account(session, Role.POLICYMAKER)
    made = factories.consultation(session, slug="plan", owner_id=owner.id)
    session.commit()
    return made


@pytest.fixture
def browser(session: Session, row: Consultation, sign_in: SignIn) -> FlaskClient:
    return sign_in(session.get_one(Account, row.owner_id))


def look(browser: FlaskClient, row: Consultation, table: str, name: str = "table.csv") -> Any:
    data = {"file": (io.BytesIO(table.encode()), name), "source": "elsewhere", "do": "look"}
    return browser.post(f"/desk/consultations/{row.id}/import-comments", data=data)


def answer_form(page: Any, **values: Any) -> dict[str, Any]:
    """The fields of a previewed page as a browser sends them."""
    form = html.fromstring(page.text).xpath("//form[@enctype]")[0]
    chosen: dict[str, Any] = {name: form.fields[name] or "" for name in COLUMNS if name != "text_columns"}
    chosen["text_columns"] = form.xpath(".//input[@name='text_columns'][@checked]/@value")
    sealed = form.fields["table"]
    return {**chosen, "table": sealed, "source": "elsewhere", "do": "keep", **values}


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Submission)) or 0


@pytest.mark.parametrize("platform", EXPORTS)
def test_an_export_is_previewed_and_imported_once(
    session: Session, browser: FlaskClient, row: Consultation, platform: str
) -> None:
    table, expected = EXPORTS[platform]
    seen = look(browser, row, table)
    assert (seen.status_code, f"export from {platform}" in seen.text, count(session)) == (200, True, 0)
    path, form = f"/desk/consultations/{row.id}/import-comments", answer_form(seen)
    pages = [browser.post(path, data=form) for _time in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert session.scalars(select(Comment.body)).all() == [expected]
    assert session.scalars(select(Submission.state)).all() == [State.PENDING]
    assert "Canary" not in pages[0].text


def test_columns_of_an_unknown_table_are_chosen_and_broken_rows_named_by_line(
    session: Session, browser: FlaskClient, row: Consultation
) -> None:
    lines = [f"{n}," if n % 3 == 0 else f"{n},Words {n}" for n in range(300)]
    unknown = look(browser, row, "\n".join(["nr,words", *lines]))
    assert (unknown.status_code, "We do not recognise these columns" in unknown.text) == (422, True)
    given = answer_form(unknown, id_column="nr", text_columns=["words"])
    seen = browser.post(f"/desk/consultations/{row.id}/import-comments", data={**given, "do": "look"})
    assert (seen.status_code, seen.text.count("the text is empty"), count(session)) == (200, 7, 0)
    done = browser.post(f"/desk/consultations/{row.id}/import-comments", data=answer_form(seen, published="y"))
    assert (done.status_code, count(session)) == (200, 200)
    reasons = done.text.partition("Rejected rows")[2]
    assert [int(line) for line in re.findall(r'<th scope="row">(\d+)</th>', reasons)] == list(range(2, 302, 3))
    assert set(session.scalars(select(Submission.state))) == {State.PUBLISHED}


@pytest.mark.parametrize(("table", "words"), [("", "cannot be read as a table"), ("a\xff\n", "We do not recognise")])
def test_a_file_that_is_no_table_is_refused(browser: FlaskClient, row: Consultation, table: str, words: str) -> None:
    answer = look(browser, row, table)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_only_those_who_may_publish_import_and_only_once_it_is_open(
    session: Session, browser: FlaskClient, row: Consultation, sign_in: SignIn
) -> None:
    draft = factories.consultation(session, phase="draft", owner_id=row.owner_id)
    later = factories.consultation(session, opens_at=now() + timedelta(days=5), owner_id=row.owner_id)
    other = factories.account(session, Role.POLICYMAKER)
    session.commit()
    assert browser.get(f"/desk/consultations/{draft.id}/import-comments").status_code == 404
    refused = look(browser, later, EXPORTS["Decidim"][0])
    assert (refused.status_code, count(session)) == (422, 0)
    stranger = sign_in(other)
    assert stranger.get(f"/desk/consultations/{row.id}/import-comments").status_code == 403
    assert look(stranger, row, EXPORTS["Decidim"][0]).status_code == 403
