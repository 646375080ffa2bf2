from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import service
from consult.arguments.coding import service as coding
from consult.arguments.jobs import themes, vectors
from consult.arguments.model import ArgumentLabel, Claim, LabelSuggestion
from consult.consultations.model import Consultation
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from consult.taxonomy.model import Term
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, claim, follow, groups, holding, propose
from tests.filing import comment, file

HEALTH = [f"Needle exchange number {n} prevents hepatitis in our town and must be funded." for n in range(12)]
MONEY = [f"Publish the budget of programme {n} every year and say what each result has cost." for n in range(12)]


def term(session: Session) -> Term:
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    return session.scalars(select(Term).order_by(Term.id)).first()  # type: ignore[return-value]


def spoken(session: Session, row: Consultation, texts: list[str], stance: str | None) -> None:
    for words in texts:
        file(session, row, comment(session, row, words, "1.1", stance), published=True)


def test_few_labels_are_learnt_and_the_rest_is_suggested_with_how_sure(session: Session) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, HEALTH + MONEY, "support")
    follow(session, row)
    code = str(coding.add_code(session, consultation=row, term_id=term(session).id, by=by).term_id)
    values = {claim(session, words).id: "yes" for words in HEALTH[:5]}
    values |= {claim(session, words).id: "no" for words in MONEY[:5]}
    assert coding.label_statements(session, consultation=row, code=code, values=values, by=by) == 10
    service.learn_labels(session, consultation_id=row.id)
    session.commit()
    offered = {
        row.claim_id: row.sure for row in session.scalars(select(LabelSuggestion).where(LabelSuggestion.code == code))
    }
    assert {claim(session, words).id for words in HEALTH[5:]} <= offered.keys()
    assert not {claim(session, words).id for words in MONEY} & offered.keys()
    assert all(0.5 <= sure <= 1 for sure in offered.values())
    known = next(one for one in coding.get_codebook_page(session, row.slug, code=code, by=by).codes if one.code == code)
    assert (known.labels, known.yes, known.score) == (10, 5, 1.0)


@pytest.mark.parametrize(
    ("score", "said", "shown"), [(None, "", 0), (0.2, "poor", 0), (0.5, "fair", 7), (0.8, "reliable", 7)]
)
def test_poor_suggestions_are_not_shown(score: float | None, said: str, shown: int) -> None:
    known = coding.CodeSummary("1", None, labels=9, yes=4, suggested=7, score=score)
    assert (known.quality, known.offered) == (said, shown)


def test_a_suggestion_is_no_label_until_a_person_says_so(session: Session) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, HEALTH + MONEY, "support")
    follow(session, row)
    code = str(coding.add_code(session, consultation=row, term_id=term(session).id, by=by).term_id)
    values = {claim(session, words).id: "yes" for words in HEALTH[:5]}
    values |= {claim(session, words).id: "no" for words in MONEY[:5]}
    coding.label_statements(session, consultation=row, code=code, values=values, by=by)
    service.learn_labels(session, consultation_id=row.id)
    first = coding.get_codebook_page(session, row.slug, code=code, by=by).read[0]
    assert first.value == "yes"
    assert session.get(ArgumentLabel, (first.quote.id, code)) is None
    coding.label_statements(session, consultation=row, code=code, values={first.quote.id: "no"}, by=by)
    assert session.get_one(ArgumentLabel, (first.quote.id, code)).value == "no"
    service.learn_labels(session, consultation_id=row.id)
    assert session.get(LabelSuggestion, (first.quote.id, code)) is None


def test_with_too_few_labels_nothing_is_suggested(session: Session) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, HEALTH, "support")
    follow(session, row)
    code = str(coding.add_code(session, consultation=row, term_id=term(session).id, by=by).term_id)
    coding.label_statements(session, consultation=row, code=code, values={claim(session, HEALTH[0]).id: "yes"}, by=by)
    service.learn_labels(session, consultation_id=row.id)
    assert session.scalars(select(LabelSuggestion)).all() == []


def test_a_stance_that_was_not_said_is_offered_and_counts_once_decided(session: Session) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, HEALTH, "support")
    spoken(session, row, MONEY, "concern")
    unsaid = "Needle exchange in our town prevents hepatitis and must be funded at last."
    spoken(session, row, [unsaid], None)
    follow(session, row)
    propose(session, row)
    service.learn_labels(session, consultation_id=row.id)
    one = claim(session, unsaid)
    offer = session.get_one(LabelSuggestion, (one.id, "stance"))
    assert (offer.value, one.stance) == ("support", "")
    coding.label_statements(session, consultation=row, code="stance", values={one.id: "support"}, by=by)
    session.commit()
    assert (one.stance, one.coded) == ("support", True)
    propose(session, row)
    assert any(unsaid in group and HEALTH[0] in group for group in groups(session, row))


def test_what_a_submitter_chose_is_never_changed(session: Session) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, [NEEDLES[0]], "support")
    follow(session, row)
    one = claim(session, NEEDLES[0])
    coding.label_statements(session, consultation=row, code="stance", values={one.id: "concern"}, by=by)
    assert session.get_one(Claim, one.id, populate_existing=True).stance == "support"


def test_only_the_codebook_and_only_those_who_may(session: Session) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, [NEEDLES[0]], "support")
    follow(session, row)
    one = claim(session, NEEDLES[0]).id
    with pytest.raises(NotFound):
        coding.label_statements(session, consultation=row, code="999", values={one: "yes"}, by=by)
    with pytest.raises(Refusal):
        coding.label_statements(session, consultation=row, code="stance", values={one: "perhaps"}, by=by)
    with pytest.raises(Forbidden):
        coding.add_code(session, consultation=row, term_id=1, by=factories.account(session, Role.POLICYMAKER))


def test_labels_are_given_on_a_page_without_scripts(session: Session, sign_in: Callable[[Any], FlaskClient]) -> None:
    row = factories.consultation(session)
    spoken(session, row, [*NEEDLES, *PRISONS], "support")
    follow(session, row)
    number = term(session).id
    browser = sign_in(factories.account(session, Role.MODERATOR))
    here = f"/desk/arguments/of/{row.slug}/themes"
    assert browser.get(here).status_code == 200
    assert browser.post(f"{here}/add", data={"term": ""}).status_code == 422
    assert browser.post(f"{here}/add", data={"term": str(number)}).status_code == 303
    one = claim(session, NEEDLES[0]).id
    assert NEEDLES[0] in browser.get(f"{here}?code={number}").text
    assert browser.post(f"{here}?code={number}", data={}).status_code == 422
    assert browser.post(f"{here}?code={number}", data={f"s{one}": "yes"}).status_code == 303
    shown = browser.get(f"{here}?code={number}").text
    assert NEEDLES[0] not in shown
    assert "1 label" in shown
    assert browser.get(f"{here}?code=999").status_code == 404


def test_an_argument_says_what_people_found_it_to_be_about(session: Session, client: FlaskClient) -> None:
    row, by = factories.consultation(session), factories.account(session, Role.ADMIN)
    spoken(session, row, list(NEEDLES), "support")
    follow(session, row)
    propose(session, row)
    theme = term(session)
    coding.add_code(session, consultation=row, term_id=theme.id, by=by)
    values = {claim(session, NEEDLES[0]).id: "yes", claim(session, NEEDLES[1]).id: "no"}
    coding.label_statements(session, consultation=row, code=str(theme.id), values=values, by=by)
    session.commit()
    found = holding(session, row, NEEDLES[0])
    page = client.get(f"/c/{row.slug}/arguments/{found.id}").text
    assert f"<bdi>{theme.label('en')}</bdi> 1" in page


def test_confidence_is_calibrated_on_what_was_not_seen() -> None:
    """Of what it is about 80 % sure of, about 80 % is right: noise in the labels is told as doubt."""
    chance = np.random.default_rng(7)
    size = 900
    side = chance.random(size) < 0.5
    rows = chance.standard_normal((size, 16)).astype(np.float32) * 0.4
    rows[:, 0] += np.where(side, 1, -1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    truth = np.where(chance.random(size) < 0.2, ~side, side)[:, None]
    known, asked = slice(0, 300), slice(300, size)
    order = [vectors.shuffle_key(str(number)) for number in range(300)]
    found = themes.learn_from_labels(rows[known], truth[known], rows[asked], order).sure[:, 0]
    for low in (0.1, 0.7):
        inside = (found >= low) & (found < low + 0.2)
        if inside.sum() > 50:
            assert abs(found[inside].mean() - truth[asked][inside, 0].mean()) < 0.1
    assert abs(found.mean() - truth[asked].mean()) < 0.06
