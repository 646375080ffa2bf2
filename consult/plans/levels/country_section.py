"""Plans of a country's bodies on the page of the country."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.core.i18n import N_, current_language, ngettext
from consult.countries import sections
from consult.countries.sections import CountrySection
from consult.plans.model import ActionPlan
from consult.plans.queries import load_balances
from consult.taxonomy.lenses import LensItem


def register() -> None:
    """Register the section. Safe to repeat."""
    sections.register(CountrySection("plans", N_("Plans"), _find, order=30))


def _find(session: Session, country: str, most: int) -> list[LensItem]:
    """Return the published plans of the bodies of a country, newest first, with the number of actions done."""
    query = select(ActionPlan, PublicBody).join(PublicBody, PublicBody.id == ActionPlan.body_id)
    query = query.where(PublicBody.country == country, ActionPlan.published_at.is_not(None))
    rows = session.execute(query.order_by(ActionPlan.period_from.desc(), ActionPlan.id.desc()).limit(most)).all()
    balances = load_balances(session, [plan.id for plan, _body in rows]) if rows else {}
    return [
        LensItem(
            plan.id,
            plan.title,
            "plans.plan",
            {"slug": plan.slug},
            language=plan.language,
            by=body.name_in(current_language()),
            notes=[
                f"{plan.period_from}–{plan.period_to}",
                ngettext(
                    "%(done)s of %(num)s action done",
                    "%(done)s of %(num)s actions done",
                    balances[plan.id].actions,
                    done=balances[plan.id].done,
                ),
            ],
        )
        for plan, body in rows
    ]
