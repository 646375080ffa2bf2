"""The sitemap: addresses of public pages in lists of at most 10,000. Source: sitemaps.org, version 0.9."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.case_studies.model import CaseStudy, StudyState
from consult.consultations.model import Consultation, Phase
from consult.core.web.addresses import public_url
from consult.core.web.systems import is_on
from consult.plans.model import ActionPlan
from consult.signals.model import PUBLIC_STATES, Signal

MOST = 10_000
_ALONE = (
    "site.home",
    "site.consultations",
    "site.lately",
    "site.how",
    "site.privacy",
    "site.accessibility",
    "bodies_site.listed",
    "signals.overview",
    "plans.listed",
    "developers.developers",
)
_LISTS: dict[str, tuple[Select[Any], str]] = {
    "consultations": (
        select(Consultation.slug).where(Consultation.phase != Phase.DRAFT).order_by(Consultation.id),
        "site.consultation",
    ),
    "signals": (select(Signal.slug).where(Signal.state.in_(PUBLIC_STATES)).order_by(Signal.id), "signals.one"),
    "plans": (
        select(ActionPlan.slug).where(ActionPlan.published_at.is_not(None)).order_by(ActionPlan.id),
        "plans.plan",
    ),
    "case-studies": (
        select(CaseStudy.slug)
        .where(CaseStudy.state == StudyState.PUBLISHED, CaseStudy.slug.is_not(None))
        .order_by(CaseStudy.id),
        "case_studies.one",
    ),
    "bodies": (select(PublicBody.slug).order_by(PublicBody.id), "bodies_site.one"),
}


def count_pages(session: Session) -> dict[str, int]:
    """Return the number of lists by topic."""
    counts = {"pages": 1}
    for topic, (rows, _endpoint) in _LISTS.items():
        if not is_on(topic.replace("-", "_")):
            continue
        rows_count = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
        counts[topic] = -(-rows_count // MOST)
    return counts


def list_pages(session: Session, topic: str, part: int) -> Iterator[str]:
    """Yield the addresses of a list."""
    if topic == "pages":
        yield from (public_url(each) for each in _ALONE if is_on(each.partition(".")[0]))
        return
    rows, endpoint = _LISTS[topic]
    for slug in session.scalars(rows.limit(MOST).offset((part - 1) * MOST)):
        yield public_url(endpoint, slug=slug)


def write_xml(root: str, element: str, addresses: Iterator[str]) -> str:
    """Return a sitemap document of these addresses."""
    rows = "\n".join(f"<{element}><loc>{escape(address)}</loc></{element}>" for address in addresses)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}\n</{root}>\n'
