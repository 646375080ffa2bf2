"""Operations that read events, decisions, bodies, countries, answers, plans, warnings, substances and terms."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from consult.api.contract import operation, prepare
from consult.api.paging import ListPage, PageQuery
from consult.api.reading import changes, country_records, process_records, public_records, records
from consult.core.db import db
from consult.core.web.requests import Blueprint

blueprint = prepare(Blueprint("api_public", __name__))


class ChangeQuery(PageQuery, kw_only=True):
    after: Annotated[int, msgspec.Meta(ge=0, le=2**53, description="The number of the last event you have.")] = 0


class SignalQuery(msgspec.Struct, forbid_unknown_fields=True):
    country: Annotated[str, msgspec.Meta(max_length=2, description="ISO 3166-1 alpha-2.")] = ""


@operation(blueprint, "GET", "/changes", ListPage[records.ChangeRecord], parameters=ChangeQuery, stamped=True)
def list_changes(query: ChangeQuery) -> ListPage[records.ChangeRecord]:
    """List public events in the order of the public record."""
    return changes.list_changes(db.session(), query, query.after)


@operation(blueprint, "GET", "/bodies", list[records.PublicBodyRecord])
def list_bodies() -> list[records.PublicBodyRecord]:
    """List public bodies with the record of their answers."""
    return public_records.list_bodies(db.session())


@operation(blueprint, "GET", "/consultations/<slug>/answers", list[records.AnswerRecord])
def list_answers(slug: str) -> list[records.AnswerRecord]:
    """List the official answers to the arguments of a consultation."""
    return public_records.list_answers(db.session(), slug)


@operation(blueprint, "GET", "/consultations/<slug>/campaigns", list[records.CampaignRecord])
def list_campaigns(slug: str) -> list[records.CampaignRecord]:
    """List the largest campaigns of a consultation, by published copies."""
    return public_records.list_campaigns(db.session(), slug)


@operation(blueprint, "GET", "/countries/<code>/facts", list[records.CountryFactRecord])
def list_country_facts(code: str) -> list[records.CountryFactRecord]:
    """List the facts about a country, by date. Replaced ones name the fact that replaced them."""
    return country_records.list_facts(db.session(), code)


@operation(blueprint, "GET", "/countries/<code>/recommendations", list[records.RecommendationRecord], whole=True)
def list_recommendations(code: str) -> list[records.RecommendationRecord]:
    """List the recommendations to a country, newest document first."""
    return country_records.list_recommendations(db.session(), code)


@operation(blueprint, "GET", "/memberships", list[records.MembershipRecord])
def list_memberships() -> list[records.MembershipRecord]:
    """List the memberships of countries and bodies in regional bodies."""
    return country_records.list_memberships(db.session())


@operation(blueprint, "GET", "/plans", list[records.PlanRecord])
def list_plans() -> list[records.PlanRecord]:
    """List published action plans, newest first."""
    return public_records.list_plans(db.session())


@operation(blueprint, "GET", "/plans/<slug>", dict[str, Any])
def get_plan(slug: str) -> dict[str, Any]:
    """Get an action plan with its actions and indicators."""
    return public_records.get_plan_record(db.session(), slug)


@operation(blueprint, "GET", "/signals", list[dict[str, Any]], parameters=SignalQuery)
def list_signals(query: SignalQuery) -> list[dict[str, Any]]:
    """List drug warnings and other signals, current ones first."""
    return public_records.list_signals(db.session(), query.country)


@operation(blueprint, "GET", "/signals/<slug>", dict[str, Any])
def get_signal(slug: str) -> dict[str, Any]:
    """Get a signal with its newest warning."""
    return public_records.get_signal(db.session(), slug)


@operation(blueprint, "GET", "/substances", list[dict[str, Any]])
def list_substances() -> list[dict[str, Any]]:
    """List substances with identifiers, control and what test strips show."""
    return public_records.list_substances(db.session())


@operation(blueprint, "GET", "/substances/<notation>", dict[str, Any])
def get_substance(notation: str) -> dict[str, Any]:
    """Get a substance with identifiers, control and what test strips show."""
    return public_records.get_substance(db.session(), notation)


@operation(blueprint, "GET", "/case-studies", list[dict[str, Any]], whole=True)
def list_case_studies() -> list[dict[str, Any]]:
    """List public case studies, oldest first, withdrawn ones last."""
    return public_records.list_case_studies(db.session())


@operation(blueprint, "GET", "/consultations/<slug>/amendments", list[records.AmendmentRecord], stamped=True)
def list_amendments(slug: str) -> list[records.AmendmentRecord]:
    """List the suggested wordings of a consultation, in the order of the draft."""
    return process_records.list_amendments(db.session(), slug)


@operation(blueprint, "GET", "/decisions", ListPage[records.DecisionRecord], parameters=PageQuery, stamped=True)
def list_decisions(query: PageQuery) -> ListPage[records.DecisionRecord]:
    """List the entries of the public decision log, oldest first."""
    return process_records.list_decisions(db.session(), query)


@operation(blueprint, "GET", "/statistics", records.StatisticsRecord)
def get_statistics() -> records.StatisticsRecord:
    """Get the public statistics of moderation."""
    return process_records.get_statistics(db.session())


@operation(blueprint, "GET", "/taxonomies", list[records.TaxonomyRecord])
def list_taxonomies() -> list[records.TaxonomyRecord]:
    """List the vocabularies of topics, groups, substances and treaties."""
    return process_records.list_taxonomies(db.session())


@operation(blueprint, "GET", "/taxonomies/<name>", records.TaxonomyDetail)
def get_taxonomy(name: str) -> records.TaxonomyDetail:
    """Get a vocabulary with its terms."""
    return process_records.get_taxonomy(db.session(), name)
