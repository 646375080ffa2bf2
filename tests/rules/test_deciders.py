"""Nobody decides on a public statement in which they have a part, of whatever kind it is, and somebody else can."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.arguments.objections import service as objections
from consult.arguments.objections.model import ArgumentObjection
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.case_studies import service as case_studies
from consult.case_studies import uses
from consult.case_studies.review.process import PROCESS, USE_PROCESS
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Forbidden, NotFound
from consult.core.web.access import Role
from consult.decisions import appeals as statement_appeals
from consult.decisions import reports as reader_reports
from consult.decisions import service as decisions
from consult.decisions.kinds import DECIDED
from consult.decisions.model import AppealOutcome, FormerTie, Outcome, ReportKind, ReportOutcome
from consult.decisions.process import PROCESSES, DecisionProcess
from consult.decisions.reasons import Reason
from consult.moderation import service as moderation
from consult.moderation import waiting_list
from consult.moderation.model import DecisionOutcome
from consult.moderation.queue import case_page
from consult.moderation.queue import queries as queue
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.recourse import appeal_queries, appeals, report_queries, reports
from consult.plans import service as plans
from consult.plans.reports import service as action_reports
from consult.plans.reports.process import PROCESS as REPORTS
from consult.signals import warnings
from consult.signals.model import Signal, SignalLevel, SignalWarning, WarningKind
from consult.submissions.model import NameRule, Submission
from tests import factories, filing
from tests.arguments.speaking import NEEDLES, claim, said
from tests.bodies.working import asked_by, make_body, work
from tests.case_studies.written import appraiser, person, published, written
from tests.plans.planned import given, planned, terms
from tests.signals.working import TEXTS, opened, seated

_numbers = itertools.count(1)
Decide = Callable[[Account], Any]


@dataclass(frozen=True)
class World:
    """A statement's author, the organisation it speaks for, and the body that it is about."""

    author: Account
    organisation: Organisation
    body: PublicBody


def make_world(session: Session) -> World:
    number = next(_numbers)
    author = factories.account(session, email=f"amara{number}@gmail.com")
    organisation = factories.organisation(
        session, name=f"Night Harbour {number}", proven_domain=f"port{number}.example"
    )
    for member in (author, person(session)):
        session.add(Membership(organisation_id=organisation.id, account_id=member.id, signatory=True, since=now()))
    session.flush()
    return World(author, organisation, make_body(session))


def _file(session: Session, world: World, *, published: bool = False) -> Submission:
    row = filing.file(session, asked_by(session, world.body), NEEDLES[0])
    row.account_id = world.author.id
    row.organisation_id, row.organisation_name = world.organisation.id, world.organisation.name
    row.name_rule = NameRule.ORGANISATION
    session.flush()
    if published:
        moderator = factories.account(session, Role.MODERATOR)
        _decide(session, row, moderator, DecisionOutcome.PUBLISH)
    return row


def _decide(session: Session, row: Submission, by: Account, outcome: DecisionOutcome, **values: Any) -> Any:
    return moderation.decide(
        session, moderator=by, submission_id=row.id, revision=row.revision, outcome=outcome, **values
    )


def _comment(session: Session, world: World) -> Decide:
    row = _file(session, world)
    return lambda by: _decide(session, row, by, DecisionOutcome.PUBLISH)


def _comment_second(session: Session, world: World) -> Decide:
    row, first = _file(session, world), factories.account(session, Role.MODERATOR)
    return lambda by: _decide(session, row, first, DecisionOutcome.WITHHOLD, reason=Reason.HATE, second=by)


def _comment_appeal(session: Session, world: World) -> Decide:
    row = _file(session, world)
    _decide(session, row, factories.account(session, Role.MODERATOR), DecisionOutcome.RETURN, reason=Reason.HATE)
    appeal = appeals.file(session, row, words="Look again.")
    return lambda by: appeals.answer(
        session, moderator=by, appeal_id=appeal.id, outcome=AppealOutcome.REJECTED, reasons="No."
    )


def _reader_report(session: Session, world: World) -> Decide:
    row = _file(session, world, published=True)
    reports.file(session, reference=row.reference, kind=ReportKind.PERSON, key="k")
    return lambda by: reports.answer(
        session, moderator=by, submission_id=row.id, words="No.", outcome=ReportOutcome.KEPT
    )


def _objection(session: Session, world: World) -> Decide:
    row = _file(session, world, published=True)
    said(session, session.get_one(Consultation, row.consultation_id), *NEEDLES[1:])
    made = objections.file(session, row, claim_id=claim(session, NEEDLES[0]).id, words="Not mine.")
    return lambda by: objections.leave(session, objection_id=made.id, by=by, words="It is.")


def _study(session: Session, world: World) -> Any:
    row = written(session, world.author, organisation_id=world.organisation.id)
    row.body_id = world.body.id
    case_studies.send(session, row, by=world.author, asked=True)
    return row


def _case_study(session: Session, world: World) -> Decide:
    row = _study(session, world)
    return lambda by: decisions.decide(session, PROCESS, item_id=row.id, by=by, outcome=Outcome.PUBLISH)


def _case_study_return(session: Session, world: World) -> Decide:
    row = _study(session, world)
    return lambda by: decisions.decide(
        session, PROCESS, item_id=row.id, by=by, outcome=Outcome.RETURN, note="Take the names out."
    )


def _case_study_withdrawal(session: Session, world: World) -> Decide:
    row = _study(session, world)
    case_studies.publish(session, row, by=factories.account(session, Role.MODERATOR))
    return lambda by: decisions.decide(
        session,
        PROCESS,
        item_id=row.id,
        by=by,
        outcome=Outcome.WITHDRAW,
        policy=1,
        note="The case study breaks the rules.",
    )


def _case_study_withdrawal_second(session: Session, world: World) -> Decide:
    made = _case_study_withdrawal(session, world)(person(session, Role.MODERATOR))
    return lambda by: decisions.agree(session, PROCESS, decision_id=made.id, by=by)


def _case_study_appeal(session: Session, world: World) -> Decide:
    row = _study(session, world)
    _decide_at_once(session, PROCESS, row, Outcome.RETURN, note="No.")
    return _answer_appeal(session, PROCESS, row, world)


def _case_study_reader_report(session: Session, world: World) -> Decide:
    row = _study(session, world)
    _decide_at_once(session, PROCESS, row, Outcome.PUBLISH)
    return _answer_report(session, PROCESS, row)


def _decide_at_once(session: Session, process: DecisionProcess, row: Any, outcome: Outcome, **values: Any) -> None:
    """Decide as uninvolved moderators: two where two are needed."""
    people = [person(session, Role.MODERATOR) for _n in range(2)]
    decisions.decide_at_once(
        session, process, item_id=row.id, by=people[0], second=people[1], outcome=outcome, **values
    )


def _answer_appeal(session: Session, process: DecisionProcess, row: Any, world: World) -> Decide:
    statement_appeals.file(session, process, item_id=row.id, by=world.author, words="Look again.")
    return lambda by: decisions.decide(
        session, process, item_id=row.id, by=by, outcome=Outcome.ACCEPT_APPEAL, note="It is fine."
    )


def _answer_report(session: Session, process: DecisionProcess, row: Any) -> Decide:
    reader_reports.file(session, process, item_id=row.id, kind=ReportKind.PERSON, key="k")
    return lambda by: decisions.decide(session, process, item_id=row.id, by=by, outcome=Outcome.KEEP)


def _undo(session: Session, process: DecisionProcess, row: Any, outcome: Outcome, **values: Any) -> Decide:
    """Of a decision that a moderator without a part has made: only they undo it."""
    by = person(session, Role.MODERATOR)
    made = decisions.decide(session, process, item_id=row.id, by=by, outcome=outcome, **values)
    return lambda who: decisions.undo(session, process, decision_id=made.id, by=who)


def _told_use(session: Session, world: World) -> Any:
    return uses.report_use(
        session, published(session), by=world.author, country="KE", organisation=world.organisation.name, happened="So."
    )


def _use(session: Session, world: World) -> Decide:
    use = _told_use(session, world)
    return lambda by: decisions.decide(session, USE_PROCESS, item_id=use.id, by=by, outcome=Outcome.PUBLISH)


def _use_withheld(session: Session, world: World) -> Decide:
    use = _told_use(session, world)
    return lambda by: decisions.decide(
        session, USE_PROCESS, item_id=use.id, by=by, outcome=Outcome.WITHHOLD, reason="off_topic"
    )


def _use_second(session: Session, world: World) -> Decide:
    made = _use_withheld(session, world)(person(session, Role.MODERATOR))
    return lambda by: decisions.agree(session, USE_PROCESS, decision_id=made.id, by=by)


def _use_appeal(session: Session, world: World) -> Decide:
    use = _told_use(session, world)
    _decide_at_once(session, USE_PROCESS, use, Outcome.WITHHOLD, reason="off_topic")
    return _answer_appeal(session, USE_PROCESS, use, world)


def _use_reader_report(session: Session, world: World) -> Decide:
    use = _told_use(session, world)
    _decide_at_once(session, USE_PROCESS, use, Outcome.PUBLISH)
    return _answer_report(session, USE_PROCESS, use)


def _use_of_their_study(session: Session, world: World) -> Decide:
    row = _study(session, world)
    case_studies.publish(session, row, by=factories.account(session, Role.MODERATOR))
    use = uses.report_use(session, row, by=person(session), country="KE", organisation="Somebody else", happened="So.")
    return lambda by: decisions.decide(session, USE_PROCESS, item_id=use.id, by=by, outcome=Outcome.PUBLISH)


def _reported(session: Session, world: World) -> Any:
    lead = work(session, world.body)
    action = plans.add_action(session, planned(session, world.body, by=lead), by=lead, terms=terms("9"))
    return action_reports.report_for_organisation(
        session, action, by=world.author, organisation_id=world.organisation.id, given=given("late")
    )


def _reported_for_government(session: Session, world: World) -> Any:
    """What the author says of an action for the body that they work for; public at once."""
    world.author.role = Role.POLICYMAKER
    session.add(BodyMember(body_id=world.body.id, account_id=world.author.id, role=BodyRole.LEAD, since=now()))
    session.flush()
    action = plans.add_action(session, planned(session, world.body, by=world.author), by=world.author, terms=terms("9"))
    return action_reports.report_for_government(session, action, by=world.author, given=given("under_way"))


def _government_report_withheld(session: Session, world: World) -> Decide:
    row = _reported_for_government(session, world)
    return lambda by: decisions.decide(
        session, REPORTS, item_id=row.id, by=by, outcome=Outcome.WITHHOLD, policy=1, reason="off_topic"
    )


def _government_report_second(session: Session, world: World) -> Decide:
    made = _government_report_withheld(session, world)(person(session, Role.MODERATOR))
    return lambda by: decisions.agree(session, REPORTS, decision_id=made.id, by=by)


def _government_report_appeal(session: Session, world: World) -> Decide:
    row = _reported_for_government(session, world)
    _decide_at_once(session, REPORTS, row, Outcome.WITHHOLD, reason="off_topic")
    return _answer_appeal(session, REPORTS, row, world)


def _government_report_reader_report(session: Session, world: World) -> Decide:
    return _answer_report(session, REPORTS, _reported_for_government(session, world))


def _action_report(session: Session, world: World) -> Decide:
    row = _reported(session, world)
    return lambda by: decisions.decide(session, REPORTS, item_id=row.id, by=by, outcome=Outcome.PUBLISH)


def _action_report_withheld(session: Session, world: World) -> Decide:
    row = _reported(session, world)
    return lambda by: decisions.decide(
        session, REPORTS, item_id=row.id, by=by, outcome=Outcome.WITHHOLD, policy=1, reason="off_topic"
    )


def _action_report_second(session: Session, world: World) -> Decide:
    made = _action_report_withheld(session, world)(person(session, Role.MODERATOR))
    return lambda by: decisions.agree(session, REPORTS, decision_id=made.id, by=by)


def _action_report_appeal(session: Session, world: World) -> Decide:
    row = _reported(session, world)
    _decide_at_once(session, REPORTS, row, Outcome.WITHHOLD, reason="off_topic")
    return _answer_appeal(session, REPORTS, row, world)


def _action_report_reader_report(session: Session, world: World) -> Decide:
    row = _reported(session, world)
    _decide_at_once(session, REPORTS, row, Outcome.PUBLISH)
    return _answer_report(session, REPORTS, row)


def _drafted_warning(session: Session, world: World, level: SignalLevel) -> tuple[Signal, SignalWarning]:
    signal = opened(session, seated(session), level=level)
    return signal, warnings.write(
        session, signal, by=world.author, kind=WarningKind.WARNING, texts=TEXTS, language="en"
    )


def _warning(session: Session, world: World) -> Decide:
    signal, draft = _drafted_warning(session, world, SignalLevel.ALERT)
    return lambda by: warnings.publish(session, signal, by=by, written_at=draft.written_at)


def _warning_review(session: Session, world: World) -> Decide:
    signal, draft = _drafted_warning(session, world, SignalLevel.EMERGENCY)
    warnings.publish(session, signal, by=world.author, written_at=draft.written_at)
    return lambda by: warnings.review(session, signal, draft.edition, by=by, reason="I read it.")


STATEMENTS: Mapping[str, Mapping[str, Callable[[Session, World], Decide]]] = {
    "submission": {
        "published": _comment,
        "second person": _comment_second,
        "appeal": _comment_appeal,
        "reported by a reader": _reader_report,
    },
    "objection": {"left": _objection},
    "case_study": {
        "published": _case_study,
        "returned": _case_study_return,
        "withdrawn": _case_study_withdrawal,
        "withdrawn, second person": _case_study_withdrawal_second,
        "appeal": _case_study_appeal,
        "reported by a reader": _case_study_reader_report,
    },
    "case_study_use": {
        "published": _use,
        "withheld": _use_withheld,
        "withheld, second person": _use_second,
        "appeal": _use_appeal,
        "reported by a reader": _use_reader_report,
        "of their case study": _use_of_their_study,
    },
    "action_report": {
        "published": _action_report,
        "withheld": _action_report_withheld,
        "withheld, second person": _action_report_second,
        "appeal": _action_report_appeal,
        "reported by a reader": _action_report_reader_report,
        "government's, withheld": _government_report_withheld,
        "government's, withheld, second person": _government_report_second,
        "government's, appeal": _government_report_appeal,
        "government's, reported by a reader": _government_report_reader_report,
    },
    "signal_warning": {"approved": _warning, "reviewed after an emergency": _warning_review},
}
"""Each kind of statement, and the decisions on it."""
UNDONE: Mapping[str, Callable[[Session, World], Decide]] = {
    "case_study": lambda session, world: _undo(session, PROCESS, _study(session, world), Outcome.PUBLISH),
    "case_study_use": lambda session, world: _undo(session, USE_PROCESS, _told_use(session, world), Outcome.PUBLISH),
    "action_report": lambda session, world: _undo(session, REPORTS, _reported(session, world), Outcome.PUBLISH),
}
"""Each kind of statement in whose room decisions are undone alike."""


def _author(session: Session, world: World) -> Account:
    world.author.role = Role.MODERATOR
    return world.author


def _colleague(session: Session, world: World) -> Account:
    who = person(session, Role.MODERATOR)
    session.add(Membership(organisation_id=world.organisation.id, account_id=who.id, since=now()))
    return who


def _left_last_month(session: Session, world: World) -> Account:
    who = _colleague(session, world)
    session.flush()
    session.execute(delete(Membership).where(Membership.account_id == who.id))
    session.execute(update(FormerTie).values(ended_at=now() - timedelta(days=30)))
    return who


def _same_mailbox(session: Session, world: World) -> Account:
    address = unseal(world.author.email_sealed).replace("@", "+desk@")
    return factories.account(session, Role.MODERATOR, email=address)


def _same_mailbox_with_dots(session: Session, world: World) -> Account:
    address = unseal(world.author.email_sealed).replace("amara", "a.mara").replace("@gmail", "@googlemail")
    return factories.account(session, Role.MODERATOR, email=address)


def _employer(session: Session, world: World) -> Account:
    who = person(session, Role.MODERATOR)
    there = session.scalars(select(BodyMember.account_id).where(BodyMember.body_id == world.body.id)).all()
    for member in {who.id, world.author.id} - set(there):
        session.add(BodyMember(body_id=world.body.id, account_id=member, role=BodyRole.READER, since=now()))
    return who


def _declared(session: Session, world: World) -> Account:
    who = person(session, Role.MODERATOR)
    appraiser(session, f"Treasurer of {world.organisation.name}", account=who)
    return who


PARTS: Mapping[str, Callable[[Session, World], Account]] = {
    "author": _author,
    "colleague": _colleague,
    "colleague until last month": _left_last_month,
    "same mailbox": _same_mailbox,
    "same mailbox, dots": _same_mailbox_with_dots,
    "employer": _employer,
    "declared interest": _declared,
}
_ALLOWED = {
    "objection": {"employer"},  # the body that asks answers for its arguments
    "signal_warning": {"colleague", "colleague until last month", "employer", "declared interest"},  # the site warns
}
"""Parts that keep nobody from deciding."""
_CASES = [(kind, how) for kind, decisions in STATEMENTS.items() for how in decisions]


def test_every_kind_of_statement_on_which_somebody_decides_is_tried_here() -> None:
    assert set(STATEMENTS) == set(DECIDED)


@pytest.mark.parametrize(
    ("kind", "how", "part"),
    [(kind, how, part) for kind, how in _CASES for part in PARTS if part not in _ALLOWED.get(kind, ())],
)
def test_nobody_decides_on_a_statement_in_which_they_have_a_part(
    session: Session, kind: str, how: str, part: str
) -> None:
    world = make_world(session)
    decide = STATEMENTS[kind][how](session, world)
    who = PARTS[part](session, world)
    session.flush()
    with pytest.raises(Forbidden):
        decide(who)


@pytest.mark.parametrize(
    ("kind", "how", "part"), [(kind, how, part) for kind, how in _CASES for part in _ALLOWED.get(kind, ())]
)
def test_who_belongs_to_the_body_that_asks_or_to_the_site_decides(
    session: Session, kind: str, how: str, part: str
) -> None:
    world = make_world(session)
    decide = STATEMENTS[kind][how](session, world)
    who = PARTS[part](session, world)
    session.flush()
    decide(who)


@pytest.mark.parametrize(("kind", "how"), _CASES)
def test_a_moderator_without_a_part_decides(session: Session, kind: str, how: str) -> None:
    decide = STATEMENTS[kind][how](session, make_world(session))
    decide(person(session, Role.MODERATOR))


def test_in_every_room_decisions_are_undone_appealed_against_and_reported() -> None:
    assert set(UNDONE) == set(PROCESSES)
    for kind in PROCESSES:
        assert {"appeal", "reported by a reader"} <= set(STATEMENTS[kind])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", UNDONE)
def test_nobody_undoes_a_decision_on_a_statement_in_which_they_have_a_part(
    session: Session, kind: str, part: str
) -> None:
    world = make_world(session)
    undo = UNDONE[kind](session, world)
    who = PARTS[part](session, world)
    session.flush()
    with pytest.raises(NotFound):
        undo(who)


@pytest.mark.parametrize("part", [*PARTS, None])
def test_lists_say_of_a_submission_what_the_decision_says(session: Session, part: str | None) -> None:
    world, other = make_world(session), make_world(session)
    row, appealed, reported = _file(session, world), _file(session, world), _file(session, world, published=True)
    free = _file(session, other)
    _decide(session, appealed, factories.account(session, Role.MODERATOR), DecisionOutcome.RETURN, reason=Reason.HATE)
    appeal = appeals.file(session, appealed, words="Look again.")
    reports.file(session, reference=reported.reference, kind=ReportKind.PERSON, key="k")
    who = PARTS[part](session, world) if part else person(session, Role.MODERATOR)
    filing.numbered(session)
    while waiting_list.FOLLOWER.follow_site(session):
        pass
    listed = queue.get_queue_page(session, who, QueueFilter()).items.items
    said = {one.id: one.own for one in listed}
    assert said == {row.id: part is not None, free.id: False}
    assert queue.find_next(session, who, QueueFilter(), submission_id=free.id) == (None if part else row.id)
    assert [one.involved for one in appeal_queries.list_waiting(session, who)] == [part is not None]
    assert [one.own for one in report_queries.list_waiting(session, who)] == [part is not None]
    cases = [
        case_page.get_case(session, who, row.id),
        appeal_queries.get_case(session, who, appeal.id),
        report_queries.get_case(session, who, reported.id),
    ]
    assert [case.own for case in cases] == [part is not None] * 3


@pytest.mark.parametrize("part", [*PARTS, None])
def test_the_list_of_objections_says_what_the_decision_says(session: Session, part: str | None) -> None:
    world = make_world(session)
    _objection(session, world)
    who = PARTS[part](session, world) if part else person(session, Role.MODERATOR)
    session.flush()
    rows = session.scalars(select(ArgumentObjection)).all()
    own = part is not None and part not in _ALLOWED["objection"]
    assert objections.find_own(session, rows, who) == ({one.id for one in rows} if own else set())
