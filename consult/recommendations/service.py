"""Services for recommendations: keep, give to bodies, decline, link actions, confirm topics. All are recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.labels import country_name
from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.countries import rights
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans import rights as plan_rights
from consult.plans.model import ActionPlan, PlanAction
from consult.plans.rights import PlanDeed
from consult.recommendations.matrices.reader import RecommendationRow
from consult.recommendations.model import (
    DECLINE_DAYS,
    CountryRecommendation,
    GivenRecommendation,
    RecommendationAction,
    RecommendationSet,
    RecommendationSource,
    RecommendationTerm,
)
from consult.taxonomy.model import Term


@dataclass(frozen=True)
class SetTerms:
    """The document that makes recommendations. `reply_by` is the day by which the country reports again."""

    source: RecommendationSource
    symbol: str
    day: date
    language: str
    session: str = ""
    address: str = ""
    reply_by: date | None = None


def keep(
    session: Session,
    country: str,
    rows: Sequence[RecommendationRow],
    *,
    by: Account | None,
    terms: SetTerms,
    data: bytes,
    at: datetime | None = None,
) -> tuple[RecommendationSet, int]:
    """Keep recommendations that the set does not have, and return the set and their number.

    The set is found by country and symbol, else created. `by` is None for the sample. Raises Forbidden and Refusal.
    """
    if by is not None:
        rights.check_may_edit(session, by, country)
    if not terms.symbol:
        raise Refusal(_("Enter the document symbol."), field="symbol")
    if terms.reply_by and terms.reply_by < terms.day:
        raise Refusal(_("The next report is due before the date of the document."), field="reply_by")
    moment = at or now()
    its = {
        name: getattr(terms, name) for name in ("source", "symbol", "session", "address", "day", "reply_by", "language")
    }
    values = {**its, "country": country, "sha256": sha256(data).digest(), "kept_at": moment}
    values["kept_by"] = by.id if by else None
    session.execute(insert(RecommendationSet).values(values).on_conflict_do_nothing())
    same = RecommendationSet.country == country, RecommendationSet.symbol == terms.symbol
    row = session.scalars(select(RecommendationSet).where(*same)).one()
    added = insert(CountryRecommendation).on_conflict_do_nothing().returning(CountryRecommendation.id)
    fresh = [_to_values(row.id, place, each) for place, each in enumerate(rows, start=1)]
    kept = len(list(session.scalars(added, fresh))) if fresh else 0
    if kept:
        _record(session, Kind.RECOMMENDATION_KEPT, row.id, by=by, at=at, country=country, symbol=row.symbol, kept=kept)
    return row, kept


def _to_values(set_id: int, place: int, row: RecommendationRow) -> dict[str, object]:
    names = ("number", "words", "position")
    lists = {name: list(getattr(row, name)) for name in ("states", "themes", "people")}
    return {"set_id": set_id, "place": place, **{name: getattr(row, name) for name in names}, **lists}


def check_country(named: Sequence[str], country: str) -> None:
    """Raise a Refusal if a file names the countries under review, and this one is not among them."""
    if named and country not in named:
        names = ", ".join(map(country_name, named[:3]))
        raise Refusal(_("This file is about another country: %(names)s.", names=names), field="file")


def get(session: Session, number: int) -> tuple[CountryRecommendation, RecommendationSet]:
    """Return a recommendation with its set. Raises NotFound."""
    query = select(CountryRecommendation, RecommendationSet).join(RecommendationSet)
    row = session.execute(query.where(CountryRecommendation.id == number)).one_or_none()
    if row is None:
        raise NotFound(_("We cannot find this recommendation. Check the link."))
    return row[0], row[1]


def give(
    session: Session,
    recommendation: CountryRecommendation,
    country: str,
    body_ids: Collection[int],
    *,
    by: Account,
    at: datetime | None = None,
) -> int:
    """Give a recommendation to bodies of the country, and return the number of new ones. Raises Forbidden, NotFound."""
    rights.check_may_edit(session, by, country)
    own = set(session.scalars(select(PublicBody.id).where(PublicBody.country == country)))
    if not set(body_ids) <= own:
        raise NotFound(_("We cannot find this body. Check the link."))
    moment = at or now()
    rows = [
        {
            "recommendation_id": recommendation.id,
            "body_id": number,
            "given_at": moment,
            "given_by": by.id,
            "declined_at": None,
            "reason": "",
        }
        for number in sorted(body_ids)
    ]
    added = insert(GivenRecommendation).on_conflict_do_nothing().returning(GivenRecommendation.body_id)
    given = list(session.scalars(added, rows)) if rows else []
    if given:
        _record(session, Kind.RECOMMENDATION_GIVEN, recommendation.id, by=by, at=at, bodies=given)
    return len(given)


def decline(
    session: Session,
    recommendation: CountryRecommendation,
    body: PublicBody,
    *,
    by: Account,
    reason: str,
    at: datetime | None = None,
) -> None:
    """Decline a recommendation for a body, within 30 days and with a reason. Raises Forbidden, NotFound and Refusal."""
    if not rights.may_edit_body(session, by, body):
        raise Forbidden(_("Only a lead or editor of this body or an administrator can do this."))
    key, moment = (recommendation.id, body.id), at or now()
    row = session.get(GivenRecommendation, key, with_for_update=True, populate_existing=True)
    if row is None or row.declined_at is not None:
        raise NotFound(_("This recommendation is not assigned to this body."))
    if not reason:
        raise Refusal(_("Enter the reason."), field="reason")
    if moment - row.given_at > timedelta(days=DECLINE_DAYS):
        raise Refusal(_("A body can decline only within %(most)s days.", most=DECLINE_DAYS), field="reason")
    row.declined_at, row.reason = moment, reason
    session.flush()
    _record(session, Kind.RECOMMENDATION_DECLINED, recommendation.id, by=by, at=at, body=body.id)


def may_link(session: Session, account: Account | None, country: str, action: PlanAction) -> bool:
    """Return whether the account may link an action: it edits the country's facts or the plan of the action."""
    if account is None:
        return False
    plan = session.get(ActionPlan, action.plan_id) if action.plan_id else None
    edits = plan is not None and plan_rights.may(session, account, plan, PlanDeed.EDIT)
    return edits or rights.may_edit(session, account, country)


def link(
    session: Session,
    recommendation: CountryRecommendation,
    country: str,
    action: PlanAction,
    *,
    by: Account,
    at: datetime | None = None,
) -> bool:
    """Link an action of a public plan to a recommendation. Return False if it was linked. Raises Forbidden, Refusal."""
    if not may_link(session, by, country, action):
        raise Forbidden(_("Only people who work for a body of this country can do this."))
    plan = session.get(ActionPlan, action.plan_id) if action.plan_id else None
    if plan is not None and plan.published_at is None:
        raise Refusal(_("Publish the plan first. Actions in an unpublished plan are not public."), field="action")
    values = {"recommendation_id": recommendation.id, "action_id": action.id, "linked_at": at or now()}
    added = insert(RecommendationAction).values(**values, linked_by=by.id).on_conflict_do_nothing()
    if session.scalar(added.returning(RecommendationAction.action_id)) is None:
        return False
    _record(session, Kind.LINK_MADE, recommendation.id, by=by, at=at, to="action", action=action.id)
    return True


def unlink(
    session: Session, recommendation: CountryRecommendation, country: str, action: PlanAction, *, by: Account
) -> None:
    """Remove the link of an action. Raises Forbidden and NotFound."""
    if not may_link(session, by, country, action):
        raise Forbidden(_("Only people who work for a body of this country can do this."))
    row = session.get(RecommendationAction, (recommendation.id, action.id))
    if row is None:
        raise NotFound(_("This action is not linked."))
    session.delete(row)
    session.flush()
    _record(session, Kind.LINK_REMOVED, recommendation.id, by=by, at=None, to="action", action=action.id)


def confirm_terms(
    session: Session,
    recommendation: CountryRecommendation,
    country: str,
    term_ids: Collection[int],
    *,
    by: Account,
    at: datetime | None = None,
) -> bool:
    """Set the topics of a recommendation, and return whether they changed. Raises Forbidden and NotFound."""
    rights.check_may_edit(session, by, country)
    wanted = set(term_ids)
    if len(session.scalars(select(Term.id).where(Term.id.in_(wanted))).all()) < len(wanted):
        raise NotFound(_("We cannot find this topic."))
    of = RecommendationTerm.recommendation_id == recommendation.id
    before = set(session.scalars(select(RecommendationTerm.term_id).where(of)))
    if before == wanted:
        return False
    session.execute(delete(RecommendationTerm).where(of, RecommendationTerm.term_id.in_(before - wanted)))
    its = {"recommendation_id": recommendation.id, "confirmed_by": by.id, "confirmed_at": at or now()}
    if rows := [{**its, "term_id": number} for number in sorted(wanted - before)]:
        session.execute(insert(RecommendationTerm).on_conflict_do_nothing(), rows)
    _record(session, Kind.TERMS_CONFIRMED, recommendation.id, by=by, at=at, to="recommendation", terms=sorted(wanted))
    return True


def list_bodies(session: Session, country: str) -> list[PublicBody]:
    """Return the bodies of a country, by name."""
    return [body for body in bodies.list_bodies(session) if body.country == country]


def _record(
    session: Session, kind: Kind, number: int, *, by: Account | None, at: datetime | None, **detail: object
) -> None:
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, kind, subject_id=number, actor=actor, detail=detail, at=at)
