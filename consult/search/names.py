"""Search by name: plans with actions and indicators, bodies, laws, recommendations, and substances.

The index holds each name by the rules of every language. Matches are checked again by the rules of the name's own
language. Names without a language are checked by those of the reader's language and literally.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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


def find_names(session: Session, query: SearchQuery, most: Mapping[str, int]) -> Mapping[str, TextResults]:
    """Find public things by name, at most so many of each group in `most`, by kind and newest first. One statement.

    Groups are those of NAME_GROUPS; one that is not in `most` is not searched. Groups with matches take a statement
    more each, that of plans three.
    """
    if not most:
        return {}
    rows = run(session, _match([NAME_GROUPS[name] for name in most], list(most.values())), query)
    groups = {name: [row for row in rows if row.part == part] for part, name in enumerate(most)}
    return {name: _gather(session, NAME_GROUPS[name].load, matches) for name, matches in groups.items()}


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


def _select_plans() -> Sequence[Select[Any]]:
    """Select published plans, actions of published plans or of none, and indicators of published plans."""
    published = select(ActionPlan.id).where(ActionPlan.published_at.is_not(None))
    seen = or_(PlanAction.plan_id.in_(published), PlanAction.plan_id.is_(None))
    title = func.jsonb_each_text(PlanIndicator.titles).table_valued("key", "value", name="title")
    titles = "words_in_languages(indicator.titles::text)"
    plan = _near(
        _PLAN, ActionPlan.id, ActionPlan.title, _rules("plan.language"), "words_in_languages(plan.title)"
    ).where(ActionPlan.published_at.is_not(None))
    action = _near(
        _ACTION, PlanAction.id, PlanAction.title, _rules("action.language"), "words_in_languages(action.title)"
    ).where(seen)
    indicator = _near(_INDICATOR, PlanIndicator.id, title.c.value, _rules("title.key"), titles)
    return (
        plan,
        action,
        indicator.join_from(PlanIndicator, title, literal(True)).where(PlanIndicator.plan_id.in_(published)),
    )


def _select_bodies() -> Sequence[Select[Any]]:
    """Select bodies by their name with its acronym, in the reader's language and literally, and by other names."""
    name = func.jsonb_each_text(PublicBody.names).table_valued("key", "value", name="name")
    indexed = "words_in_languages(body.name || ' ' || coalesce(body.code, '') || ' ' || body.names::text)"
    written = PublicBody.name + func.coalesce(literal(" (") + PublicBody.code + literal(")"), literal(""))
    others = _near(_BODY, PublicBody.id, name.c.value, _rules("name.key"), indexed)
    return (
        _near(_BODY, PublicBody.id, written, _rules(f"'{current_language()}'"), indexed),
        _near(_BODY, PublicBody.id, written, _rules("''"), indexed),
        others.join_from(PublicBody, name, literal(True)),
    )


def _select_laws() -> Sequence[Select[Any]]:
    """Select current laws, judgments and reservations of countries by their words."""
    text = CountryFact.title + literal(" ") + CountryFact.words
    indexed = "words_in_languages((country_fact.title || ' '::text) || country_fact.words)"
    near = _near(_LAW, CountryFact.id, text, _rules("country_fact.language"), indexed)
    return (near.where(CountryFact.replaced_by.is_(None)),)


def _select_recommendations() -> Sequence[Select[Any]]:
    """Select recommendations to countries by their words."""
    number, words = CountryRecommendation.id, CountryRecommendation.words
    rules, indexed = _rules("recommendation_set.language"), "words_in_languages(recommendation.words)"
    near = _near(_RECOMMENDATION, number, words, rules, indexed)
    return (near.join_from(CountryRecommendation, RecommendationSet),)


def _rules(language: str) -> ColumnElement[Any]:
    return cast(literal_column(CONFIGURATION_SQL.format(language=language)), REGCONFIG)


def _near(kind: int, number: Any, name: Any, rules: Any, indexed: str) -> Select[Any]:
    """Select names that may match according to the index."""
    columns = (literal(kind).label("kind"), number.label("id"), name.label("said"), rules.label("rules"))
    return select(*columns).where(literal_column(indexed).op("@@")(ANY_LANGUAGE)).limit(MANY)


def _match(groups: Sequence[NameGroup], most: Sequence[int]) -> Select[Any]:
    """Select each match of each group by the rules of its language once, with the words around it.

    `part` is the position of the group and `n` the number of matches in it.
    """
    near = [
        name.add_columns(literal(part).label("part")) for part, group in enumerate(groups) for name in group.select()
    ]
    known = union_all(*near).cte("near").prefix_with("MATERIALIZED")
    asked = func.websearch_to_tsquery(known.c.rules, WORDS)
    once = (
        select(known)
        .ext(distinct_on(known.c.kind, known.c.id))
        .where(func.to_tsvector(known.c.rules, known.c.said).op("@@")(asked))
        .order_by(known.c.kind, known.c.id)
        .cte("once")
    )
    order = once.c.kind, once.c.id.desc()
    rank = func.row_number().over(partition_by=once.c.part, order_by=order).label("rank")
    count = func.count().over(partition_by=once.c.part).label("n")
    ranked = select(once, rank, count).subquery("ranked")
    shown = func.ts_headline(
        ranked.c.rules, ranked.c.said, func.websearch_to_tsquery(ranked.c.rules, WORDS), literal(WHOLE_OPTIONS)
    )
    few = [(ranked.c.part == part) & (ranked.c.rank <= limit) for part, limit in enumerate(most)]
    columns = ranked.c.part, ranked.c.kind, ranked.c.id, shown.label("shown"), ranked.c.n
    return select(*columns).where(or_(*few)).order_by(ranked.c.part, ranked.c.rank)


def _gather(session: Session, load: Loader, rows: Sequence[Any]) -> TextResults:
    """Return the matches of one group with what they are names of."""
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


@dataclass(frozen=True)
class NameGroup:
    """Names that are one group of results: how they are selected, and how what they name is loaded."""

    select: Callable[[], Sequence[Select[Any]]]
    load: Loader


NAME_GROUPS: Mapping[str, NameGroup] = {
    "plan": NameGroup(_select_plans, _load_of_plans),
    "body": NameGroup(_select_bodies, _load_bodies),
    "law": NameGroup(_select_laws, _load_laws),
    "recommendation": NameGroup(_select_recommendations, _load_recommendations),
}
