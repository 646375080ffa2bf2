"""A moderator corrects the roles of the lines of a text, and what is quoted follows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.analysis.model import LineChoice, Statement
from consult.analysis.text.line_roles import LineRole
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.submissions.model import Submission
from tests import factories
from tests.analysis.writing import LETTERS
from tests.filing import file, numbered
from tests.forms import pressed
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]
LETTER = LETTERS[0]


def analysed(session: Session, consultation: Consultation) -> None:
    """As the scheduler and the workers do it."""
    analysis.FOLLOWER.follow(session, consultation_id=consultation.id, until=numbered(session))
    analysis.compare(session, consultation_id=consultation.id)
    session.commit()


def last_submission(session: Session) -> Submission:
    return session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()


@pytest.fixture
def browser(session: Session, sign_in: SignIn) -> FlaskClient:
    return sign_in(factories.account(session, Role.MODERATOR))


def choose(browser: FlaskClient, address: str, line: str, role: LineRole) -> str:
    """Give a line a role on the page, and return the page that follows."""
    page = browser.get(address).text
    name = page.split(f">{line}</label>")[1].split('name="')[1].split('"')[0]
    data = pressed(page, having=name, **{name: str(role)})
    return browser.post(address, data=data, follow_redirects=True).text


def test_a_line_that_is_corrected_is_quoted_no_more_and_can_be_quoted_again(
    session: Session, browser: FlaskClient
) -> None:
    consultation = factories.consultation(session)
    for text in (*[LETTER] * 6, f"{LETTER}\n\nLet Kids Play"):
        file(session, consultation, text)
    analysed(session, consultation)
    assert session.scalars(select(Statement)).all() != []
    address = f"/review/{last_submission(session).id}/lines"
    page = choose(browser, address, "Let Kids Play", LineRole.HEADING)
    assert "Roles saved." in page
    assert "Corrected by a person" in page
    analysed(session, consultation)
    assert session.scalars(select(Statement)).all() == []
    choose(browser, address, "Let Kids Play", LineRole.WORDS)
    analysed(session, consultation)
    assert len(session.scalars(select(Statement)).all()) == 1


def test_a_name_is_shown_with_its_role_and_an_unknown_role_changes_nothing(
    session: Session, browser: FlaskClient
) -> None:
    file(session, factories.consultation(session), "Keep the clinic open at night.\nSincerely,\nJane Roe")
    address = f"/review/{last_submission(session).id}/lines"
    page = browser.get(address).text
    role = page.split(">Jane Roe</label>")[1].split(" selected>")[0].rsplit('value="', 1)[1]
    assert role.startswith("identifying")
    name = page.split(">Jane Roe</label>")[1].split('name="')[1].split('"')[0]
    data = pressed(page, having=name)
    data[name] = "poem"
    assert "No role was changed." in browser.post(address, data=data, follow_redirects=True).text
    assert session.scalars(select(LineChoice)).all() == []


def test_an_author_cannot_correct_the_roles_of_their_own_text(session: Session, sign_in: SignIn) -> None:
    author = factories.account(session, Role.MODERATOR)
    filed(session, body="Keep the clinic open.", account_id=author.id)
    assert sign_in(author).get(f"/review/{last_submission(session).id}/lines").status_code == 403
