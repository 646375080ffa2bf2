"""Bodies, answers, campaigns, plans, signals and case studies as records, from what their pages read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from consult.analysis.campaigns import public_queries as campaigns
from consult.api.reading.records import AnswerRecord, CampaignRecord, PlanRecord, PublicBodyRecord
from consult.case_studies import exports as case_studies
from consult.case_studies import queries as case_study_queries
from consult.case_studies.queries import StudyFilter
from consult.core.web.addresses import public_url
from consult.core.web.systems import require_on
from consult.plans import export as plan_export
from consult.plans import queries as plans
from consult.plans.service import get_plan
from consult.responses import pages as responses
from consult.signals import queries as signals
from consult.signals.substances import matches
from consult.signals.substances import records as substances
from consult.signals.substances.model import SubstanceRecord
from consult.site.bodies import queries as bodies
from consult.submissions.comments.queries import get_consultation
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Term


def list_bodies(session: Session) -> list[PublicBodyRecord]:
    """Return all bodies with the record of their answers, by name."""
    return [
        PublicBodyRecord(
            slug=body.slug,
            name=body.name,
            code=body.code,
            kind=str(body.kind),
            country=body.country,
            answers_due=record.promised,
            on_time=record.kept if record.told else None,
            late=record.late if record.told else None,
            overdue=record.overdue if record.told else None,
            page=public_url("bodies_site.one", slug=body.slug),
        )
        for body, record in bodies.list_records(session)
    ]


def list_answers(session: Session, slug: str) -> list[AnswerRecord]:
    """Return the answers of a consultation."""
    _row, (names, *rows) = responses.get_answers_table(session, slug)
    return [_to_answer(dict(zip(names, cells, strict=True))) for cells in rows]


def _to_answer(cells: Mapping[str, Any]) -> AnswerRecord:
    return AnswerRecord(
        cells["argument"],
        cells["name"],
        cells["submitters"],
        str(cells["answer"]),
        str(cells["answered_on"]),
        str(cells["promised_by"]) or None,
        str(cells["deferred_until"]) or None,
        cells["days_late"],
        cells["leads_to"] or None,
        cells["address"],
    )


def list_campaigns(session: Session, slug: str) -> list[CampaignRecord]:
    """Return the largest campaigns of a consultation, by published copies."""
    row = get_consultation(session, slug)
    return [
        CampaignRecord(
            campaign.id,
            campaign.title,
            campaign.words if campaign.declared else None,
            campaign.declared,
            campaign.published,
            public_url("analysis.campaign", slug=slug, number=campaign.id),
        )
        for campaign in campaigns.list_campaigns(session, row.id)
    ]


def list_plans(session: Session) -> list[PlanRecord]:
    """Return published plans, newest first. Raises NotFound if plans are switched off."""
    require_on(plans.__name__)
    return [
        PlanRecord(
            item.plan.slug,
            item.plan.title,
            item.plan.language,
            item.body.name,
            item.plan.period_from,
            item.plan.period_to,
            public_url("plans.plan", slug=item.plan.slug),
        )
        for item in plans.list_plans(session, None)
    ]


def get_plan_record(session: Session, slug: str) -> dict[str, Any]:
    """Return a published plan with its actions and indicators. Raises NotFound."""
    require_on(plans.__name__)
    return dict(plan_export.build_plan(plans.get_plan_page(session, get_plan(session, slug))))


def list_signals(session: Session, country: str) -> list[dict[str, Any]]:
    """Return current signals, then ended ones. Raises NotFound if early warning is switched off."""
    require_on(signals.__name__)
    overview = signals.get_overview(session, country=country)
    return [_to_signal(signal) for signal in (*overview.current, *overview.ended)]


def get_signal(session: Session, slug: str) -> dict[str, Any]:
    """Return a signal with its newest warning. Raises NotFound."""
    require_on(signals.__name__)
    return _to_signal(signals.get_page(session, slug).signal)


def _to_signal(signal: signals.PublicSignal) -> dict[str, Any]:
    return dict(signals.to_json(signal, url=public_url("signals.one", slug=signal.row.slug)))


def list_substances(session: Session) -> list[dict[str, Any]]:
    """Return the substances and families of the vocabulary. Raises NotFound if early warning is switched off."""
    require_on(signals.__name__)
    rows, aliases = substances.map_records(session), substances.list_aliases(session)
    terms = matches.list_terms(session)
    return [_to_substance(term, rows.get(term.id), aliases.get(term.id, [])) for term in terms]


def get_substance(session: Session, notation: str) -> dict[str, Any]:
    """Return a substance. Raises NotFound."""
    require_on(signals.__name__)
    term = taxonomy.get_term(session, "substances", notation)
    aliases = substances.list_aliases(session, [term.id]).get(term.id, [])
    return _to_substance(term, substances.get_record(session, term.id), aliases)


def _to_substance(term: Term, row: SubstanceRecord | None, aliases: Sequence[str]) -> dict[str, Any]:
    return substances.to_json(term, row, aliases, url=public_url("substances.one", notation=term.notation))


def list_case_studies(session: Session) -> list[dict[str, Any]]:
    """Return public case studies, oldest first, withdrawn ones last."""
    require_on(case_studies.__name__)
    studies = case_study_queries.stream_studies(session, StudyFilter())
    return [case_studies.to_record(study, public_url("case_studies.one", slug=study.slug)) for study in studies]
