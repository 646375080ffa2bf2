"""The next report of a country to those that recommend, and the shadow report, from the same rows.

Both hold each recommendation with its position, its actions and the reports of both sides. Only the order differs: the
government's report has its own account first, that of organisations theirs. Introductions are written in Word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from consult.core.i18n import _, current_language, language_direction
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day
from consult.digests import jobs
from consult.digests.render import layout
from consult.digests.render.blocks import Block, BlockItem
from consult.plans.labels import PROGRESS_LABELS, STATE_LABELS
from consult.plans.reports import queries as reports
from consult.plans.reports.queries import SaidReport
from consult.recommendations import queries
from consult.recommendations.labels import POSITION_LABELS, STATUS_LABELS
from consult.recommendations.queries import AnsweredRecommendation, LinkedAction


class ReportSides(StrEnum):
    GOVERNMENT = "government"
    SOCIETY = "society"


@dataclass(frozen=True)
class ReportedAction:
    """An action with the counted reports of both sides, in the order of the report."""

    linked: LinkedAction
    accounts: Sequence[SaidReport]


@dataclass(frozen=True)
class ReportedRecommendation:
    item: AnsweredRecommendation
    actions: Sequence[ReportedAction]


@dataclass(frozen=True)
class NationalReport:
    country: str
    by: ReportSides
    rows: Sequence[ReportedRecommendation]


def build(session: Session, country: str, by: ReportSides) -> NationalReport:
    """Return the report of one side. Both sides' reports have the same recommendations, actions and accounts."""
    rows = []
    for item in queries.list_for_country(session, country).items:
        actions = []
        for linked in item.actions:
            government, society, _waiting = reports.list_reports(session, linked.status.action)
            order = (government, society) if by is ReportSides.GOVERNMENT else (society, government)
            actions.append(ReportedAction(linked, [report for side in order for report in side if report.counts]))
        rows.append(ReportedRecommendation(item, actions))
    return NationalReport(country, by, rows)


def name_speaker(account: SaidReport) -> str:
    """Return the organisation that reports, or a word for the government."""
    return account.organisation.name if account.organisation else _("Government")


COLUMNS = (
    *("document", "number", "recommendation", "recommending_states", "position", "status", "bodies", "action", "state"),
    *("report_by", "reported_on", "progress", "words", "evidence"),
)


def list_rows(report: NationalReport) -> Iterator[Sequence[Any]]:
    """Yield the rows of a CSV file: the header, then one for each account of an action, or for each recommendation."""
    yield COLUMNS
    for each_row in report.rows:
        item = each_row.item
        bodies = "; ".join(body.name for given, body in item.given if given.declined_at is None)
        words = (item.set.symbol, item.row.number, item.row.words, " ".join(item.row.states))
        head = (*words, str(item.row.position), str(item.status), bodies)
        if not each_row.actions:
            yield (*head, *[""] * 7)
        for each in each_row.actions:
            action = each.linked.status.action
            about = (f"{action.number or ''} {action.title}".strip(), str(each.linked.status.state))
            if not each.accounts:
                yield (*head, *about, *[""] * 5)
            for account in each.accounts:
                row = account.report
                links = " ".join(map(str, row.links))
                yield (*head, *about, name_speaker(account), row.at.date(), str(row.progress), row.words, links)


def make_docx(report: NationalReport, name: str) -> bytes:
    """Return the report as a Word file, with a place for an introduction."""
    by = _("Report of the government") if report.by is ReportSides.GOVERNMENT else _("Report of organisations")
    title, code = f"{name}: {by}", current_language()
    return jobs.make_docx(
        {
            "title": title,
            "lang": code,
            "dir": language_direction(code),
            "one_page": False,
            "author": "",
            "page": public_url("recommendations.report", code=report.country, by=str(report.by)),
            "lacking": layout.missing_characters_note(),
            "blocks": [{"is": "title", "text": title}, *_write(report)],
            "letterhead": False,
        }
    )


def _write(report: NationalReport) -> Iterator[Block]:
    yield {"is": "quiet", "text": _("Write the introduction here.")}
    document = ""
    for row in report.rows:
        item = row.item
        if item.set.symbol != document:
            document = item.set.symbol
            yield {"is": "heading", "text": document}
        yield {"is": "text", "text": f"{item.row.number} {item.row.words}"}
        yield {"is": "quiet", "text": f"{POSITION_LABELS[item.row.position]} · {STATUS_LABELS[item.status]}"}
        for each in row.actions:
            yield from _write_action(each)


def _write_action(each: ReportedAction) -> Iterator[Block]:
    action, state = each.linked.status.action, each.linked.status.state
    lines: list[BlockItem] = [
        {"text": f"{action.number or ''} {action.title}: {STATE_LABELS[state]}".strip(), "url": ""}
    ]
    for account in each.accounts:
        row = account.report
        text = f"{name_speaker(account)}, {format_day(row.at)}: {PROGRESS_LABELS[row.progress]}. {row.words}"
        lines.append({"text": text, "url": str(row.links[0]) if row.links else ""})
    yield {"is": "list", "items": lines}
