"""Alerts that samples propose. They enter the queue as reports of the organisation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.i18n import _, ngettext
from consult.signals.likeness.substances import SubstanceIndex
from consult.signals.model import Basis, ReportChannel, SourceKind
from consult.signals.reports import service as reports
from consult.signals.reports.values import NewReport
from consult.signals.rule.proposal import SAMPLE_BEFORE, SAMPLE_DAYS, propose
from consult.signals.sample_model import DrugSample, SampleFinding
from consult.signals.samples.table import NewSample
from consult.signals.substances.concerns import list_concerns
from consult.signals.substances.matches import list_terms, load_index
from consult.signals.substances.series import SeenSample, count_tested, list_things, observe

MAX_PROPOSALS = 20
_LOOKED_BACK = timedelta(days=SAMPLE_BEFORE + SAMPLE_DAYS)


@dataclass(frozen=True)
class ProposedAlert:
    """An alert that samples propose: a thing in a region, as found and sold, with the last day and the findings."""

    name: str
    country: str
    region: str
    day: date
    sold_as: str
    method: str
    findings: int


def find_proposals(
    session: Session, organisation_id: int, samples: Sequence[NewSample], *, at: datetime
) -> list[ProposedAlert]:
    """Return the alerts that new samples of the last 28 days propose, and earlier samples alone do not."""
    recent = at.date() - timedelta(days=SAMPLE_DAYS)
    terms = list_terms(session)
    index, concerns = load_index(session, terms), list_concerns(terms)
    by_region: dict[str, list[NewSample]] = defaultdict(list)
    for sample in samples:
        by_region[sample.region].append(sample)
    proposals = []
    for region, rows in sorted(by_region.items()):
        fresh = [row for row in rows if row.day > recent]
        if not fresh:
            continue
        stored = _list_stored(session, region, min(row.day for row in fresh) - _LOOKED_BACK, index)
        added = [_to_seen(row, str(organisation_id), index) for row in rows]
        days = sorted(sample.day for sample in (*stored, *added))
        for thing in sorted({thing for sample in added if sample.day > recent for thing in sample.things}):
            last = next(
                row
                for row in sorted(fresh, key=lambda row: row.day, reverse=True)
                if thing in _to_seen(row, "", index).things
            )
            tested = count_tested(days, last.day)
            before = propose(observe(stored, thing, concerns), last.day, tested)
            observations = observe([*stored, *added], thing, concerns)
            proposal = propose(observations, last.day, tested)
            if proposal and proposal.level != "watch" and (before is None or before.level == "watch"):
                name = next(name for name in last.found if thing in list_things(name, index))
                month = sum(last.day - timedelta(days=SAMPLE_DAYS) < row.day <= last.day for row in observations)
                proposals.append(ProposedAlert(name, last.country, region, last.day, last.sold_as, last.method, month))
    return proposals[:MAX_PROPOSALS]


def _to_seen(row: NewSample, source: str, index: SubstanceIndex) -> SeenSample:
    things = frozenset[str]().union(*(list_things(name, index) for name in row.found))
    return SeenSample(row.day, source, row.site, row.town, row.method, list_things(row.sold_as, index), things)


def _list_stored(session: Session, region: str, since: date, index: SubstanceIndex) -> list[SeenSample]:
    """Return the kept samples of a region since a day. Two statements."""
    rows = session.scalars(select(DrugSample).where(DrugSample.region == region, DrugSample.day >= since)).all()
    names: dict[int, list[str]] = defaultdict(list)
    findings = select(SampleFinding.sample_id, SampleFinding.words).join(
        DrugSample, DrugSample.id == SampleFinding.sample_id
    )
    for number, words in session.execute(findings.where(DrugSample.region == region, DrugSample.day >= since)):
        names[number].append(words)
    things: dict[str, frozenset[str]] = {}
    for words in {*(row.sold_as for row in rows), *(name for each in names.values() for name in each)}:
        things[words] = list_things(words, index)
    return [
        SeenSample(
            row.day,
            str(row.organisation_id),
            row.site,
            row.town,
            row.method,
            things[row.sold_as],
            frozenset[str]().union(*(things[name] for name in names[row.id])),
        )
        for row in rows
    ]


def file_proposal(session: Session, organisation_id: int, proposal: ProposedAlert, *, key: str, at: datetime) -> None:
    """File a report of the organisation about a proposal. The same key files it once."""
    body = ngettext(
        "%(name)s was found in %(num)s sample in 28 days.",
        "%(name)s was found in %(num)s samples in 28 days.",
        proposal.findings,
        name=proposal.name,
    )
    report = NewReport(
        country=proposal.country,
        region=proposal.region,
        happened_on=proposal.day,
        product=proposal.sold_as or _("Not stated"),
        body=body,
        basis=Basis(proposal.method),
        source_kind=SourceKind.DRUG_CHECKING,
        substance_said=proposal.name,
    )
    reports.file(session, report, key=key, channel=ReportChannel.ORGANISATION, organisation_id=organisation_id, at=at)
