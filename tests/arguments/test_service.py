from __future__ import annotations

import random

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from consult.arguments import queries, service
from consult.arguments.jobs import proposals
from consult.arguments.model import Argument, ArgumentActKind, Claim
from consult.consultations.model import Consultation
from consult.core.errors import Forbidden, Refusal
from consult.core.queue import celery
from consult.core.web.access import Role
from consult.submissions.model import State
from tests import factories
from tests.arguments.speaking import NEEDLES, PLACE, PRISONS, claim, follow, groups, holding, propose, said
from tests.filing import comment, decide, file

ALL = NEEDLES + PRISONS


def balanced(session: Session, row: Consultation) -> bool:
    """Check that the stored counts equal the rows."""
    session.expire_all()
    counted = {
        number: (voices, statements)
        for number, voices, statements in session.execute(
            select(Claim.argument_id, func.count(Claim.submitter.distinct()), func.count())
            .where(Claim.argument_id.is_not(None), Claim.consultation_id == row.id)
            .group_by(Claim.argument_id)
        )
    }
    rows = session.scalars(select(Argument).where(Argument.consultation_id == row.id))
    return all((one.voices, one.statements) == counted.get(one.id, (0, 0)) for one in rows)


def test_like_statements_are_proposed_as_one_argument(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    assert groups(session, row) == {frozenset(NEEDLES), frozenset(PRISONS)}
    needles = holding(session, row, NEEDLES[0])
    assert (needles.voices, needles.name) == (3, None)
    assert any("needle" in phrase for phrase in needles.phrases)
    assert balanced(session, row)


def test_shuffled_arrival_gives_the_same_arguments(session: Session) -> None:
    found = []
    for seed in range(3):
        row = factories.consultation(session)
        said(session, row, *random.Random(seed).sample(ALL, len(ALL)))
        found.append(groups(session, row))
    assert found[0] == found[1] == found[2]


def test_what_is_beyond_the_compared_is_placed_in_steps_that_may_stop(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "_MOST", 8)
    monkeypatch.setattr(proposals, "_REST", 2)
    row = factories.consultation(session)
    extra = [f"{words} Please do it in town number {n}." for n, words in enumerate(ALL * 2)]
    said(session, row, *ALL, *extra)
    compared = sum(len(words) for words in groups(session, row))
    assert compared <= 8
    assert queries.list_unfinished(session) == [(row.id, PLACE)]
    steps, before = 0, None
    while service.place_rest(session, consultation_id=row.id, place=PLACE):
        if before is None:  # the first step is stopped before it ends, and done again
            session.rollback()
            before = sum(len(words) for words in groups(session, row))
            assert before == compared
            continue
        session.commit()
        assert balanced(session, row)
        steps += 1
    session.commit()
    once = groups(session, row)
    assert steps > 2
    assert sum(len(words) for words in once) > compared
    assert len([words for group in once for words in group]) == len({words for group in once for words in group})
    assert queries.list_unfinished(session) == []
    assert not service.place_rest(session, consultation_id=row.id, place=PLACE)
    propose(session, row)
    while service.place_rest(session, consultation_id=row.id, place=PLACE):
        session.commit()
    assert groups(session, row) == once, "the same statements give the same arguments"


def test_proposals_have_the_time_of_a_large_consultation_and_go_on_by_themselves(session: Session) -> None:
    limits = celery.tasks["analysis.propose_arguments"], celery.tasks["analysis.place_rest"]
    assert [work.soft_time_limit for work in limits] == [600, 120]


def test_statements_of_another_stance_or_place_are_other_arguments(session: Session) -> None:
    row = factories.consultation(session)
    file(session, row, comment(session, row, NEEDLES[0], "1.1", "support"), published=True)
    file(session, row, comment(session, row, NEEDLES[1], "1.1", "concern"), published=True)
    file(session, row, comment(session, row, NEEDLES[2], "1.2", "support"), published=True)
    follow(session, row)
    propose(session, row)
    assert groups(session, row) == set()
    assert len(queries.list_unplaced(session, row.id, place=None, after=None).items) == 3


def test_the_sentences_of_a_comment_are_statements_of_their_own_and_one_voice(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, f"{NEEDLES[0]} {PRISONS[0]} {NEEDLES[2]}", NEEDLES[1], PRISONS[1])
    assert groups(session, row) == {frozenset(NEEDLES), frozenset(PRISONS[:2])}
    needles = holding(session, row, NEEDLES[0])
    assert (needles.voices, needles.statements) == (2, 3)


def test_one_organisation_is_one_voice_and_copies_are_none(session: Session) -> None:
    row = factories.consultation(session)
    for words in NEEDLES:
        file(session, row, words, organisation="Health First", published=True)
    for _copy in range(3):
        file(session, row, NEEDLES[0] + " We ask this of you.", published=True)
    follow(session, row)
    propose(session, row)
    found = holding(session, row, NEEDLES[1])
    assert found.voices == 2
    assert balanced(session, row)


def test_what_is_not_published_is_no_statement(session: Session) -> None:
    row = factories.consultation(session)
    file(session, row, NEEDLES[0])
    follow(session, row)
    assert session.scalar(select(func.count()).select_from(Claim)) == 0


@pytest.mark.parametrize("state", [State.WITHHELD, State.WITHDRAWN, State.ERASED])
def test_what_is_taken_down_leaves_at_once_and_its_voice_with_the_ledger(session: Session, state: State) -> None:
    row = factories.consultation(session)
    filed = file(session, row, NEEDLES[0], published=True)
    said(session, row, *NEEDLES[1:])
    found = holding(session, row, NEEDLES[0])
    decide(session, filed, state, "off_topic" if state is State.WITHHELD else None)
    session.commit()
    assert NEEDLES[0] not in {one.text for one in queries.list_quotes(session, found.id).items}
    follow(session, row)
    assert session.get_one(Argument, found.id, populate_existing=True).voices == 2
    assert balanced(session, row)


def test_a_copy_speaks_on_when_the_first_of_it_is_withdrawn(session: Session) -> None:
    row = factories.consultation(session)
    first = file(session, row, NEEDLES[0], published=True)
    second = file(session, row, NEEDLES[0].upper(), published=True)
    said(session, row, *NEEDLES[1:])
    found = holding(session, row, NEEDLES[1])
    service.name_argument(session, argument_id=found.id, by=factories.account(session, Role.ADMIN), words="Needles")
    decide(session, first, State.WITHDRAWN)
    follow(session, row)
    quotes = {one.text: one.reference for one in queries.list_quotes(session, found.id).items}
    assert quotes[NEEDLES[0].upper()] == second.reference
    assert session.get_one(Argument, found.id, populate_existing=True).voices == 3
    assert balanced(session, row)


def test_a_new_statement_goes_to_the_argument_it_is_near_to(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    fresh = "More needle exchange programmes would prevent hepatitis."
    other = "The budget chapter is silent about rural clinics."
    file(session, row, fresh, published=True)
    file(session, row, other, published=True)
    follow(session, row)
    assert holding(session, row, fresh).id == holding(session, row, NEEDLES[0]).id
    assert claim(session, other).argument_id is None
    assert balanced(session, row)


def test_who_forbids_what_others_ask_for_is_not_counted_with_them(session: Session) -> None:
    row = factories.consultation(session)
    against = "Please do not fund needle exchange programmes: they do not prevent hepatitis infections."
    said(session, row, *ALL, against)
    assert groups(session, row) == {frozenset(NEEDLES), frozenset(PRISONS)}
    late = "Never fund needle exchange programmes to prevent new hepatitis infections."
    file(session, row, late, published=True)
    follow(session, row)
    assert claim(session, late).argument_id is None
    propose(session, row)
    assert groups(session, row) == {frozenset(NEEDLES), frozenset(PRISONS), frozenset({against, late})}


def test_a_place_where_no_word_is_said_twice_takes_more(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, "Rural clinics close early throughout winter.")
    said(session, row, "Teachers deserve honest training materials instead.", "Rural clinics close early every winter.")
    assert groups(session, row) == {
        frozenset({"Rural clinics close early throughout winter.", "Rural clinics close early every winter."})
    }


def test_an_argument_keeps_its_number_when_it_is_proposed_again(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    before = {holding(session, row, NEEDLES[0]).id, holding(session, row, PRISONS[0]).id}
    said(session, row, "Hepatitis falls where needle exchange programmes are funded.")
    assert {holding(session, row, NEEDLES[0]).id, holding(session, row, PRISONS[0]).id} == before


def test_a_person_names_an_argument_and_it_is_written_down(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    person = factories.account(session, Role.MODERATOR, display_name="Tomas")
    found = holding(session, row, NEEDLES[0])
    service.name_argument(session, argument_id=found.id, by=person, words="  Fund needle exchange ")
    session.commit()
    done = queries.list_history(session, found.id)
    assert [(one.deed, one.who, one.act.before, one.act.after) for one in done] == [
        (ArgumentActKind.NAMED, "Tomas", None, "Fund needle exchange")
    ]
    assert found.label == "Fund needle exchange"


def test_merged_arguments_are_one_and_the_old_address_leads_there(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    person = factories.account(session, Role.ADMIN)
    needles, prisons = holding(session, row, NEEDLES[0]), holding(session, row, PRISONS[0])
    service.name_argument(session, argument_id=needles.id, by=person, words="Harm reduction")
    service.merge(session, argument_id=needles.id, into_id=prisons.id, by=person)
    session.commit()
    assert groups(session, row) == {frozenset(ALL)}
    assert queries.get_argument(session, needles.id).id == prisons.id
    assert (prisons.name, prisons.voices) == ("Harm reduction", 6)
    propose(session, row)
    assert groups(session, row) == {frozenset(ALL)}
    with pytest.raises(Refusal):
        service.name_argument(session, argument_id=needles.id, by=person, words="Again")
    assert balanced(session, row)


def test_split_off_statements_stay_apart(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    person = factories.account(session, Role.ADMIN)
    whole = holding(session, row, NEEDLES[0])
    one = claim(session, NEEDLES[1])
    service.split(session, argument_id=whole.id, claim_ids=[one.id], by=person, words="Spread")
    session.commit()
    propose(session, row)
    assert groups(session, row) == {frozenset(NEEDLES) - {NEEDLES[1]}, frozenset({NEEDLES[1]})}
    assert [done.deed for done in queries.list_history(session, whole.id)] == [ArgumentActKind.SPLIT]
    assert balanced(session, row)


def test_a_statement_that_was_taken_out_is_not_put_back(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    found, one = holding(session, row, NEEDLES[0]), claim(session, NEEDLES[1])
    service.remove_statements(
        session, argument_id=found.id, claim_ids=[one.id], by=factories.account(session, Role.ADMIN)
    )
    session.commit()
    propose(session, row)
    assert groups(session, row) == {frozenset(NEEDLES) - {NEEDLES[1]}, frozenset(PRISONS)}


def test_only_the_owner_and_moderators_work_on_arguments(session: Session) -> None:
    owner = factories.account(session, Role.POLICYMAKER)
    row = factories.consultation(session, owner=owner)
    said(session, row, *NEEDLES)
    found = holding(session, row, NEEDLES[0])
    for role in (Role.CONTRIBUTOR, Role.POLICYMAKER):
        with pytest.raises(Forbidden):
            service.name_argument(session, argument_id=found.id, by=factories.account(session, role), words="Mine")
    service.name_argument(session, argument_id=found.id, by=owner, words="Needles")
    assert found.name == "Needles"


def test_what_was_done_cannot_be_unwritten(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    person = factories.account(session, Role.ADMIN)
    service.name_argument(session, argument_id=holding(session, row, NEEDLES[0]).id, by=person, words="Needles")
    session.commit()
    with pytest.raises(DatabaseError, match="stays written"):
        session.execute(text("DELETE FROM argument_act"))
    session.rollback()


def test_of_a_letters_members_only_their_own_words_are_statements(session: Session) -> None:
    row = factories.consultation(session)
    letter = (
        "Please keep the target of sixty per cent in paragraph one of this plan. Our members in every province have "
        "waited for a plan that names a number and a year, and we will hold the ministry to both of them."
    )
    for number in range(8):
        file(session, row, letter + (f" {NEEDLES[number]}" if number < 3 else ""), published=True)
    follow(session, row)
    propose(session, row)
    asked = "Please keep the target of sixty per cent in paragraph one of this plan."
    assert groups(session, row) == {frozenset(NEEDLES), frozenset({asked})}


def test_following_twice_adds_nothing(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *ALL)
    before = session.execute(select(Claim.id, Claim.argument_id).order_by(Claim.id)).all()
    follow(session, row)
    session.execute(text("DELETE FROM follower WHERE name = 'arguments'"))
    follow(session, row)
    assert session.execute(select(Claim.id, Claim.argument_id).order_by(Claim.id)).all() == before
    assert balanced(session, row)


POOL = [
    *ALL, "Hepatitis tests belong beside every needle exchange.", "Nobody should leave prison without naloxone.",
    "Publish the budget of each programme every year.", "The budget must be published by programme and year.",
]  # fmt: skip
_moves = st.lists(
    st.tuples(st.sampled_from(["file", "withdraw", "erase", "propose", "name", "merge", "split", "out", "move"]),
              st.integers(0, 99), st.integers(0, 99)),
    min_size=4, max_size=9,
)  # fmt: skip


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=_moves)
def test_counts_balance_and_a_persons_work_is_never_undone(app: Flask, session: Session, moves: list) -> None:  # type: ignore[type-arg]
    row = factories.consultation(session)
    person = factories.account(session, Role.ADMIN)
    filed = [file(session, row, words, published=True) for words in POOL]
    follow(session, row)
    propose(session, row)
    held: dict[int, int | None] = {}
    for what, one, other in moves:
        _do(session, row, person, filed, what, one, other, held)
        assert balanced(session, row)
        there = dict(session.execute(select(Claim.id, Claim.argument_id).where(Claim.id.in_(held))).all())
        assert all(held[number] == argument for number, argument in there.items())


def _do(
    session: Session, row: Consultation, person: object, filed: list, what: str, one: int, other: int,
    held: dict[int, int | None],
) -> None:  # type: ignore[type-arg]  # fmt: skip
    if what == "file":
        filed.append(file(session, row, f"{POOL[one % len(POOL)]} This is our view number {other}.", published=True))
    elif what in ("withdraw", "erase"):
        target = filed[one % len(filed)]
        if target.state is State.PUBLISHED:
            decide(session, target, State.WITHDRAWN if what == "withdraw" else State.ERASED)
    elif what == "propose":
        propose(session, row)
    else:
        _work(session, row, person, what, one, other, held)
    follow(session, row)


def _work(
    session: Session, row: Consultation, by: object, what: str, one: int, other: int, held: dict[int, int | None]
) -> None:
    rows = sorted(queries.list_arguments(session, row.id, most=100), key=lambda argument: argument.id)
    if not rows:
        return
    first, second = rows[one % len(rows)], rows[other % len(rows)]
    claims = list(session.scalars(select(Claim.id).where(Claim.argument_id == first.id).order_by(Claim.id)))
    some = claims[: max(1, other % (len(claims) + 1))]
    alike = first.id != second.id and (first.place, first.stance) == (second.place, second.stance)
    if what == "name":
        service.name_argument(session, argument_id=first.id, by=by, words=f"Point {other}")  # type: ignore[arg-type]
        held |= dict.fromkeys(claims, first.id)
    elif what == "merge" and alike:
        service.merge(session, argument_id=first.id, into_id=second.id, by=by)  # type: ignore[arg-type]
        held |= dict.fromkeys(claims, second.id)
    elif what == "split":
        made = service.split(session, argument_id=first.id, claim_ids=some, by=by, words="Another")  # type: ignore[arg-type]
        held |= dict.fromkeys(claims, first.id) | dict.fromkeys(some, made.id)
    elif what == "out":
        service.remove_statements(session, argument_id=first.id, claim_ids=some, by=by)  # type: ignore[arg-type]
        held |= dict.fromkeys(claims, first.id) | dict.fromkeys(some, None)
    elif what == "move" and alike:
        service.move_statements(session, argument_id=first.id, claim_ids=some, to_id=second.id, by=by)  # type: ignore[arg-type]
        held |= dict.fromkeys(claims, first.id) | dict.fromkeys(some, second.id)
