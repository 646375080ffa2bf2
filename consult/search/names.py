"""Search by name: plans with actions and indicators, bodies, laws, recommendations, and substances.

The index holds each name by the rules of every language. Matches are checked again by the rules of the name's own
language. Names without a language are checked by those of the reader's language and literally.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, literal, literal_column, or_, select, union_all
from sqlalchemy.dialects.postgresql import REGCONFIG, distinct_on
from sqlalchemy.orm import Session

from consult.accounts.labels import country_name
from consult.bodies.model import PublicBody
from consult.core.i18n import N_, current_language
from consult.countries.model import CountryFact
from consult.plans.indicators.model import PlanIndicator
from consult.plans.model import ActionPlan, PlanAction
from consult.recommendations.model import CountryRecommendation, RecommendationSet
from consult.search.query_terms import CONFIGURATION_SQL, SearchQuery
from consult.search.snippets import WHOLE_OPTIONS, parse_snippet
from consult.search.texts import ANY_LANGUAGE, FEW, MANY, WORDS, NamedThing, TextHit, TextResults, run
from consult.signals.substances.matches import list_terms, load_index
from consult.signals.substances.model import SubstanceRecord

_PLAN, _ACTION, _INDICATOR, _BODY, _LAW, _RECOMMENDATION = range(6)
"""Kinds of names, in the order of the list."""
Loader = Callable[[Session, Mapping[int, Collection[int]]], Mapping[tuple[int, int], NamedThing]]


def find_in_plans(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find published plans, then actions and indicators, by name, newest first. Two statements."""
    published = select(ActionPlan.id).where(ActionPlan.published_at.is_not(None))
    seen = or_(PlanAction.plan_id.in_(published), PlanAction.plan_id.is_(None))
    plan = _rules("plan.language")
    action = _rules("action.language")
    title = func.jsonb_each_text(PlanIndicator.titles).table_valued("key", "value", name="title")
    near = union_all(
        _near(_PLAN, ActionPlan.id, ActionPlan.title, plan, "words_in_languages(plan.title)").where(
            ActionPlan.published_at.is_not(None)
        ),
        _near(_ACTION, PlanAction.id, PlanAction.title, action, "words_in_languages(action.title)").where(seen),
        _near(
            _INDICATOR,
            PlanIndicator.id,
            title.c.value,
            _rules("title.key"),
            "words_in_languages(indicator.titles::text)",
        )
        .join_from(PlanIndicator, title, literal(True))
        .where(PlanIndicator.plan_id.in_(published)),
    )
    return _find(session, near, query, most, _load_of_plans)


def find_bodies(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find bodies by their names in all languages and acronyms, newest first. Two statements."""
    name = func.jsonb_each_text(PublicBody.names).table_valued("key", "value", name="name")
    indexed = "words_in_languages(body.name || ' ' || coalesce(body.code, '') || ' ' || body.names::text)"
    written = PublicBody.name + func.coalesce(literal(" (") + PublicBody.code + literal(")"), literal(""))
    near = union_all(
        _near(_BODY, PublicBody.id, written, _rules(f"'{current_language()}'"), indexed),
        _near(_BODY, PublicBody.id, written, _rules("''"), indexed),
        _near(_BODY, PublicBody.id, name.c.value, _rules("name.key"), indexed).join_from(
            PublicBody, name, literal(True)
        ),
    )
    return _find(session, near, query, most, _load_bodies)


def find_laws(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find current laws, judgments and reservations of countries by their words, newest first. Two statements."""
    text = CountryFact.title + literal(" ") + CountryFact.words
    indexed = "words_in_languages((country_fact.title || ' '::text) || country_fact.words)"
    near = _near(_LAW, CountryFact.id, text, _rules("country_fact.language"), indexed)
    return _find(session, near.where(CountryFact.replaced_by.is_(None)), query, most, _load_laws)


def find_recommendations(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find recommendations to countries by their words, newest first. Two statements."""
    indexed = "words_in_languages(recommendation.words)"
    near = _near(
        _RECOMMENDATION,
        CountryRecommendation.id,
        CountryRecommendation.words,
        _rules("recommendation_set.language"),
        indexed,
    )
    return _find(session, near.join_from(CountryRecommendation, RecommendationSet), query, most, _load_recommendations)


def find_substances(session: Session, query: SearchQuery, *, most: int = FEW) -> TextResults:
    """Find substances by name, CAS number or InChIKey, also by similar names. Four statements."""
    terms = list_terms(session)
    match = load_index(session, terms).match(query.words)
    wanted = [*match.certain, *(number for number, _likeness in match.proposed)]
    identifiers = or_(SubstanceRecord.cas == query.words.strip(), SubstanceRecord.inchikey == query.words.strip())
    wanted += session.scalars(select(SubstanceRecord.term_id).where(identifiers)).all()
    by_id = {term.id: term for term in terms}
    items = [
        TextHit(
            0,
            [(by_id[number].label(current_language()), True)],
            named=NamedThing(N_("Substance"), "substances.one", {"notation": by_id[number].notation}),
        )
        for number in dict.fromkeys(wanted)
    ]
    return TextResults(items[:most], len(items))


def _rules(language: str) -> ColumnElement[Any]:
    return cast(literal_column(CONFIGURATION_SQL.format(language=language)), REGCONFIG)


def _near(kind: int, number: Any, name: Any, rules: Any, indexed: str) -> Select[Any]:
    """Select names that may match according to the index."""
    columns = (literal(kind).label("kind"), number.label("id"), name.label("said"), rules.label("rules"))
    return select(*columns).where(literal_column(indexed).op("@@")(ANY_LANGUAGE)).limit(MANY)


def _find(session: Session, near: Any, query: SearchQuery, most: int, load: Loader) -> TextResults:
    """Find each match by the rules of its language once, with the words around it."""
    known = near.cte("near").prefix_with("MATERIALIZED")
    asked = func.websearch_to_tsquery(known.c.rules, WORDS)
    once = (
        select(known)
        .ext(distinct_on(known.c.kind, known.c.id))
        .where(func.to_tsvector(known.c.rules, known.c.said).op("@@")(asked))
        .order_by(known.c.kind, known.c.id)
        .cte("once")
    )
    shown = func.ts_headline(
        once.c.rules, once.c.said, func.websearch_to_tsquery(once.c.rules, WORDS), literal(WHOLE_OPTIONS)
    )
    matches = select(once.c.kind, once.c.id, shown.label("shown"), func.count().over().label("n"))
    rows = run(session, matches.order_by(once.c.kind, once.c.id.desc()).limit(most), query)
    if not rows:
        return TextResults()
    things = load(session, {kind: [row.id for row in rows if row.kind == kind] for kind in range(6)})
    hits = [TextHit(0, parse_snippet(row.shown), named=things[(row.kind, row.id)]) for row in rows]
    return TextResults(hits, rows[0].n)


def _load_of_plans(session: Session, wanted: Mapping[int, Collection[int]]) -> Mapping[tuple[int, int], NamedThing]:
    things: dict[tuple[int, int], NamedThing] = {}
    for plan in session.scalars(select(ActionPlan).where(ActionPlan.id.in_(wanted[_PLAN]))):
        things[(_PLAN, plan.id)] = NamedThing(N_("Plan"), "plans.plan", {"slug": plan.slug}, plan.language)
    actions = select(PlanAction, ActionPlan).outerjoin(ActionPlan, ActionPlan.id == PlanAction.plan_id)
    for action, of in session.execute(actions.where(PlanAction.id.in_(wanted[_ACTION]))):
        where: dict[str, Any] = {"slug": of.slug, "number": action.number} if of else {"number": action.id}
        endpoint = "plans.plan_action" if of else "plans.action"
        within = (of.title, of.language) if of else None
        things[(_ACTION, action.id)] = NamedThing(N_("Action"), endpoint, where, action.language, within)
    indicators = select(PlanIndicator, ActionPlan).join(ActionPlan, ActionPlan.id == PlanIndicator.plan_id)
    for row, of in session.execute(indicators.where(PlanIndicator.id.in_(wanted[_INDICATOR]))):
        where = {"slug": of.slug, "code": row.code}
        things[(_INDICATOR, row.id)] = NamedThing(
            N_("Indicator"), "indicators.indicator", where, "", (of.title, of.language)
        )
    return things


def _load_bodies(session: Session, wanted: Mapping[int, Collection[int]]) -> Mapping[tuple[int, int], NamedThing]:
    rows = session.scalars(select(PublicBody).where(PublicBody.id.in_(wanted[_BODY])))
    return {(_BODY, row.id): NamedThing(N_("Body"), "bodies_site.one", {"slug": row.slug}) for row in rows}


def _load_laws(session: Session, wanted: Mapping[int, Collection[int]]) -> Mapping[tuple[int, int], NamedThing]:
    rows = session.scalars(select(CountryFact).where(CountryFact.id.in_(wanted[_LAW])))
    return {
        (_LAW, row.id): NamedThing(
            N_("Law or treaty"),
            "countries.fact",
            {"number": row.id},
            row.language,
            (country_name(row.country), current_language()),
        )
        for row in rows
    }


def _load_recommendations(
    session: Session, wanted: Mapping[int, Collection[int]]
) -> Mapping[tuple[int, int], NamedThing]:
    query = select(CountryRecommendation, RecommendationSet).join(RecommendationSet)
    return {
        (_RECOMMENDATION, row.id): NamedThing(
            N_("Recommendation"),
            "recommendations.recommendation",
            {"number": row.id},
            of_set.language,
            (f"{country_name(of_set.country)} · {of_set.symbol}", current_language()),
        )
        for row, of_set in session.execute(query.where(CountryRecommendation.id.in_(wanted[_RECOMMENDATION])))
    }
