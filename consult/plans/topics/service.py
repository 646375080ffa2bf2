"""Topics of actions. Software suggests them, and people who edit the plan confirm them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.ledger.model import Kind
from consult.plans import entries, rights
from consult.plans.model import ActionPlan, ActionTerm, PlanAction
from consult.plans.rights import PlanDeed
from consult.plans.topics.related import list_cues, list_related
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import term_matches
from consult.taxonomy.model import Scheme, Term
from consult.taxonomy.term_matches import TermFinder


@dataclass(frozen=True)
class SuggestedTopic:
    """A suggested topic, with the words that suggest it or the topic to which it is related."""

    term: Term
    words: str = ""
    related_to: Term | None = None


@dataclass(frozen=True)
class ActionTopics:
    """An action with its confirmed topics and further suggestions."""

    action: PlanAction
    confirmed: Sequence[Term]
    suggested: Sequence[SuggestedTopic]


def list_topics(session: Session, action_id: int) -> Sequence[tuple[Scheme, Term]]:
    """Return the confirmed topics of an action, in the order of the taxonomy. One statement."""
    rows = session.execute(
        select(Scheme, Term)
        .join(Term, Term.scheme_id == Scheme.id)
        .join(ActionTerm, ActionTerm.term_id == Term.id)
        .where(ActionTerm.action_id == action_id)
        .order_by(Scheme.position, Term.position)
    )
    return [(scheme, term) for scheme, term in rows]


def list_actions(session: Session, plan: ActionPlan) -> Sequence[ActionTopics]:
    """Return the actions of a plan with their topics and suggestions, in order. Three statements."""
    terms = taxonomy.list_terms(session)
    by_id, by_uri = {term.id: term for term in terms}, {term.uri: term for term in terms}
    names = term_matches.build_term_finder(((term.id, term.labels, term.others) for term in terms), plan.language)
    cues = TermFinder(plan.language, [(by_uri[uri].id, word) for uri, word in list_cues() if uri in by_uri])
    wanted = select(PlanAction).where(PlanAction.plan_id == plan.id).order_by(PlanAction.position, PlanAction.id)
    confirmed: dict[int, list[Term]] = defaultdict(list)
    rows = select(ActionTerm.action_id, ActionTerm.term_id).join(PlanAction).where(PlanAction.plan_id == plan.id)
    for action_id, term_id in session.execute(rows):
        if term_id in by_id:
            confirmed[action_id].append(by_id[term_id])
    return [
        ActionTopics(
            action,
            sorted(confirmed[action.id], key=lambda term: (term.scheme_id, term.position)),
            _suggest(action, confirmed[action.id], by_id, by_uri, (names, cues)),
        )
        for action in session.scalars(wanted).all()
    ]


def _suggest(
    action: PlanAction,
    confirmed: Sequence[Term],
    by_id: Mapping[int, Term],
    by_uri: Mapping[str, Term],
    finders: Iterable[TermFinder],
) -> list[SuggestedTopic]:
    """Return topics named in the words of an action, and the rights that they and the confirmed topics concern."""
    text = "\n".join((action.title, action.objective, action.measured_by))
    named: dict[int, SuggestedTopic] = {}
    for finder in finders:
        for match in finder.find(text):
            named.setdefault(match.term_id, SuggestedTopic(by_id[match.term_id], text[match.start : match.end]))
    known = [*(by_id[number].uri for number in named), *(term.uri for term in confirmed)]
    for uri, source in list_related(known).items():
        if uri in by_uri:
            named.setdefault(by_uri[uri].id, SuggestedTopic(by_uri[uri], related_to=by_uri[source]))
    given = {term.id for term in confirmed}
    return [topic for number, topic in named.items() if number not in given]


def confirm(
    session: Session,
    plan: ActionPlan,
    *,
    by: Account,
    chosen: Mapping[int, Collection[int]],
    at: datetime | None = None,
) -> int:
    """Set the topics of actions by their ids, and return how many actions changed. Raises Forbidden, NotFound.

    Of actions that are not in `chosen` nothing changes. A change in a published plan is recorded in the ledger.
    """
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    wanted = {number for numbers in chosen.values() for number in numbers}
    if len(session.scalars(select(Term.id).where(Term.id.in_(wanted))).all()) < len(wanted):
        raise NotFound(_("We cannot find this topic."))
    moment, changed = at or now(), 0
    actions = select(PlanAction).where(PlanAction.plan_id == plan.id, PlanAction.id.in_(list(chosen)))
    for action in session.scalars(actions.order_by(PlanAction.id).with_for_update()).all():
        of = ActionTerm.action_id == action.id
        before = set(session.scalars(select(ActionTerm.term_id).where(of)))
        after = set(chosen[action.id])
        if before == after:
            continue
        changed += 1
        session.execute(delete(ActionTerm).where(of, ActionTerm.term_id.in_(before - after)))
        added = [
            {"action_id": action.id, "term_id": number, "confirmed_by": by.id, "confirmed_at": moment}
            for number in sorted(after - before)
        ]
        if added:
            session.execute(insert(ActionTerm).on_conflict_do_nothing(), added)
        if plan.published_at is not None:
            entries.record(session, Kind.ACTION_CHANGED, action, by=by, at=moment, detail={"changed": ["topics"]})
    session.flush()
    return changed
