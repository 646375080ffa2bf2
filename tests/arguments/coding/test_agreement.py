"""A second person labels statements without seeing the first labels; how well the two agree is published."""

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
from consult.arguments.coding import agreement
from consult.arguments.coding import service as coding
from consult.arguments.coding.agreement import ENOUGH, CodeAgreement, cohen_kappa
from consult.arguments.model import ArgumentLabel, Claim, LabelSuggestion, SecondLabel
from consult.consultations.model import Consultation
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.digests.results import cache
from tests import factories
from tests.arguments.coding.test_service import HEALTH, MONEY, spoken, term
from tests.arguments.speaking import claim, follow

SignIn = Callable[[Any], FlaskClient]
Coded = tuple[Consultation, str, Account]


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        ({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}, 0.4),
        ({("yes", "yes"): 45, ("yes", "no"): 15, ("no", "yes"): 25, ("no", "no"): 15}, 0.1304),
        ({("yes", "yes"): 25, ("yes", "no"): 35, ("no", "yes"): 5, ("no", "no"): 35}, 0.2593),
        # three labels: 15 + 20 + 10 of 60 agree; chance 0.3508 by the sums 25, 22, 13 and 20, 27, 13
        ({("a", "a"): 15, ("a", "b"): 7, ("a", "c"): 3, ("b", "a"): 2, ("b", "b"): 20,
          ("c", "a"): 3, ("c", "c"): 10}, 0.6149),
        ({("yes", "no"): 3, ("no", "yes"): 3}, -1.0),
        ({("yes", "yes"): 5, ("no", "no"): 5}, 1.0),
        ({("yes", "yes"): 9}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_kappa_is_as_in_the_literature(pairs: dict[tuple[str, str], int], kappa: float | None) -> None:
    assert cohen_kappa(pairs) == kappa


@pytest.fixture
def coded(session: Session) -> Coded:
    """A codebook with one term, and somebody who labelled twenty statements."""
    row, first = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, HEALTH + MONEY, "support")
    follow(session, row)
    code = str(coding.add_code(session, consultation=row, term_id=term(session).id, by=first).term_id)
    values = {claim(session, words).id: "yes" for words in HEALTH[:10]}
    values |= {claim(session, words).id: "no" for words in MONEY[:10]}
    coding.label_statements(session, consultation=row, code=code, values=values, by=first)
    session.commit()
    return row, code, first


def test_the_second_person_sees_neither_labels_nor_suggestions(session: Session, sign_in: SignIn, coded: Coded) -> None:
    row, code, first = coded
    for one in session.scalars(select(Claim.id)):
        session.add(LabelSuggestion(claim_id=one, code=code, consultation_id=row.id, value="yes", sure=0.93))
    session.commit()
    second = sign_in(factories.account(session, Role.MODERATOR))
    page = second.get(f"/desk/arguments/of/{row.slug}/themes/apart?code={code}").text
    shown = page.split("<main")[1].split("<aside")[0]
    assert shown.count('value="yes"') == shown.count('value="no"') == 10
    assert "checked" not in shown
    assert "Suggested" not in shown
    assert not re.search(r"\b(0?[.,])?93\b", re.sub(r"<[^>]*>", " ", shown))
    own = sign_in(first).get(f"/desk/arguments/of/{row.slug}/themes/apart?code={code}").text
    assert "No excerpts left for a second label" in own


def test_a_second_label_changes_nothing_but_the_agreement_and_is_given_once(
    session: Session, sign_in: SignIn, coded: Coded
) -> None:
    row, code, _first = coded
    person = factories.account(session, Role.MODERATOR)
    number = claim(session, HEALTH[0]).id
    address = f"/desk/arguments/of/{row.slug}/themes/apart?code={code}"
    browser = sign_in(person)
    assert browser.post(address, data={}).status_code == 422
    assert browser.post(address, data={f"s{number}": "no"}).status_code == 303
    assert browser.post(address, data={f"s{number}": "yes"}).status_code == 303
    assert session.scalars(select(SecondLabel.value)).all() == ["no"]
    assert session.get_one(ArgumentLabel, (number, code)).value == "yes"
    assert number not in {one.id for one in agreement.list_apart(session, row.id, code, person)}
    assert agreement.list_agreements(session, row.id) == [CodeAgreement(code, 1, None)]


def test_who_labelled_first_who_may_not_or_what_nobody_labelled_counts_not(session: Session, coded: Coded) -> None:
    row, code, first = coded
    second = factories.account(session, Role.MODERATOR)
    labelled, free = claim(session, HEALTH[0]).id, claim(session, HEALTH[11]).id
    label = agreement.label_apart
    with pytest.raises(Refusal):
        label(session, consultation=row, code=code, values={labelled: "yes"}, by=first)
    with pytest.raises(Refusal):
        label(session, consultation=row, code=code, values={free: "yes", labelled: "support"}, by=second)
    with pytest.raises(Forbidden):
        label(session, consultation=row, code=code, values={labelled: "yes"}, by=factories.account(session))
    with pytest.raises(NotFound):
        label(session, consultation=row, code="999999", values={labelled: "yes"}, by=second)
    assert agreement.list_agreements(session, row.id) == []


def test_what_we_heard_says_how_well_two_people_agree_once_thirty_statements_have_two_labels(
    session: Session, client: FlaskClient, coded: Coded, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, code, _first = coded
    second = factories.account(session, Role.MODERATOR)
    values = {claim(session, words).id: "yes" for words in HEALTH[:9]}
    values |= {claim(session, words).id: "no" for words in (HEALTH[9], *MONEY[:10])}
    agreement.label_apart(session, consultation=row, code=code, values=values, by=second)
    assert ENOUGH == 30

    def heard() -> str:
        cache.refresh(session, consultation_id=row.id)
        session.commit()
        return html.unescape(client.get(f"/c/{row.slug}/said").text)

    few = heard()
    assert "Two people labelled 20 excerpts separately for" in few
    assert "That is too few to measure agreement." in few
    monkeypatch.setattr(agreement, "ENOUGH", 20)
    assert agreement.list_agreements(session, row.id) == [CodeAgreement(code, 20, 0.9)]
    assert "Agreement (kappa): 0.9," in heard()


def test_a_suggestion_is_never_told_as_wholly_sure(session: Session, sign_in: SignIn, coded: Coded) -> None:
    row, code, first = coded
    free = [claim(session, words).id for words in HEALTH[10:]]
    coding.store_suggestions(session, row.id, code, [(number, "yes", 0.99996) for number in free], 20, 0.9)
    session.commit()
    page = sign_in(first).get(f"/desk/arguments/of/{row.slug}/themes?code={code}").text
    assert "confidence 99%" in page
    assert "confidence 100%" not in page
