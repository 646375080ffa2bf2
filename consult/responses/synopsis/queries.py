"""Queries for the summary report, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from consult.arguments import pages as arguments
from consult.arguments import queries as arguments_queries
from consult.arguments.model import Argument
from consult.arguments.pages import ArgumentPlace
from consult.arguments.queries import StatementQuote
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.core.web.requests import settings
from consult.digests.figures.summary import Summary
from consult.digests.model import Digest
from consult.digests.results import cache as results_cache
from consult.documents import queries as documents_queries
from consult.documents.model import Provision, Version
from consult.responses import answer_queries
from consult.responses.answer_queries import AnswerCounts, LinkedChange
from consult.responses.evaluation import queries as evaluation_queries
from consult.responses.evaluation.queries import EvaluationResult
from consult.responses.model import Response
from consult.responses.synopsis import cells
from consult.responses.synopsis.cells import ArgumentCells

SHOWN = 60
"""Maximum number of arguments in the report's table. The file has all of them."""
_KIND = """CASE WHEN g.campaign_number IS NOT NULL THEN 'letter'
        WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation') ELSE s.submitter_kind END"""
_OF = """LEFT JOIN readable_text_group g ON g.consultation_id = s.consultation_id AND g.text_hash = s.text_hash
    LEFT JOIN readable_organisation o ON o.id = s.organisation_id"""
_BY_ARGUMENT = text(
    f"""
    SELECT argument, kind, count(*) AS n FROM (
        SELECT DISTINCT coalesce(a.merged_into_id, a.id) AS argument, s.id, {_KIND} AS kind
        FROM readable_claim k JOIN readable_argument a ON a.id = k.argument_id
        JOIN readable_submission s ON s.consultation_id = k.consultation_id AND s.text_hash = k.text_hash
            AND s.state = 'published'
        {_OF}
        WHERE k.consultation_id = :consultation
    ) AS made GROUP BY 1, 2
    """  # noqa: S608 - a statement put together from constants
)
"""Counts the published submissions with each argument by contributor kind. A text sent by several counts for each."""
_MADE = text(
    """
    SELECT DISTINCT coalesce(a.merged_into_id, a.id) AS argument, s.reference
    FROM readable_claim k JOIN readable_argument a ON a.id = k.argument_id
    JOIN readable_submission s ON s.consultation_id = k.consultation_id AND s.text_hash = k.text_hash
        AND s.state = 'published'
    WHERE k.consultation_id = :consultation ORDER BY 1, 2
    """
)
"""Selects the public pairs of argument and submission."""
_BY_KIND = text(
    f"""
    SELECT {_KIND} AS kind, count(*) AS n FROM readable_submission s {_OF}
    WHERE s.consultation_id = :consultation AND s.state = 'published' GROUP BY 1
    """  # noqa: S608 - a statement put together from constants
)
_MEETINGS = text(
    """
    SELECT count(*) AS meetings, coalesce(sum(f.present), 0) AS people
    FROM readable_facilitation f JOIN readable_submission s ON s.id = f.submission_id
    WHERE f.consultation_id = :consultation AND s.state = 'published'
    """
)


@dataclass(frozen=True)
class SynopsisArgument:
    """An argument of the report, with its answer and the resulting change, if any."""

    argument: Argument
    spot: ArgumentPlace
    counts: Mapping[str, int]  # submissions by kind
    quote: StatementQuote | None
    response: Response | None
    change: LinkedChange | None


@dataclass(frozen=True)
class Synopsis:
    """All data of the report."""

    consultation: Consultation
    data: Summary
    kinds: Mapping[str, int]  # published submissions by kind
    arguments: Sequence[SynopsisArgument]
    answers: AnswerCounts
    versions: Sequence[Version]
    meetings: tuple[int, int]  # how many, and how many people were there
    digests: int
    evaluation: EvaluationResult
    k: int
    at: datetime

    @property
    def table(self) -> list[ArgumentCells]:
        """Return the table of arguments by category, those of most submissions first."""
        return [
            cells.hide_small(argument.argument.id, cells.merge_kinds(argument.counts), cells.CATEGORIES, self.k)
            for argument in self.arguments
        ]

    @property
    def checked(self) -> int:
        """Return the number of arguments named by a person."""
        return sum(argument.argument.checked for argument in self.arguments)


def is_due(row: Consultation, at: datetime) -> bool:
    """Return whether the report is available: the consultation is closed and accepts nothing more."""
    return row.phase is not Phase.DRAFT and row.taken_until <= at


def get_synopsis(session: Session, slug: str) -> Synopsis:
    """Return the data of a closed consultation's report. Raises NotFound."""
    page, moment = results_cache.get_page(session, slug), now()
    row = page.consultation
    if not is_due(row, moment):
        raise NotFound(_("The summary report is available after the consultation has closed."))
    if page.data is None:
        raise NotFound(_("No comments published yet"))
    here = {"consultation": row.id}
    meetings = session.execute(_MEETINGS, here).one()
    return Synopsis(
        row,
        page.data,
        {kind: int(n) for kind, n in session.execute(_BY_KIND, here)},
        list_arguments(session, row),
        answer_queries.count_answers(session, {row.id: row.answer_by})[row.id],
        documents_queries.list_published_versions(session, row.document_id),
        (int(meetings.meetings), int(meetings.people)),
        _count_digests(session, row.id),
        evaluation_queries.get_result(session, row.id),
        settings().smallest_group,
        page.at or moment,
    )


def _count_digests(session: Session, consultation_id: int) -> int:
    here = Digest.consultation_id == consultation_id, ~Digest.empty
    return session.scalar(select(func.count()).select_from(Digest).where(*here)) or 0


def list_arguments(session: Session, row: Consultation) -> Sequence[SynopsisArgument]:
    """Return all current or answered arguments with their answers, those of most submissions first."""
    counts: dict[int, dict[str, int]] = {}
    for number, kind, n in session.execute(_BY_ARGUMENT, {"consultation": row.id}):
        counts.setdefault(number, {})[kind] = int(n)
    answered = answer_queries.select_answered(row.id)
    rows: Sequence[Any] = session.execute(
        select(Argument, Response, Version.number, Provision.version_id)
        .outerjoin(answered, answered.c.argument_id == Argument.id)
        .outerjoin(Response, Response.id == answered.c.response_id)
        .outerjoin(Version, Version.id == Response.version_id)
        .outerjoin(Provision, Provision.id == Response.provision_id)
        .where(
            Argument.consultation_id == row.id,
            Argument.merged_into_id.is_(None),
            or_(Argument.statements > 0, Response.id.is_not(None)),
        )
    ).all()
    ranked = sorted(rows, key=lambda one: (-sum(counts.get(one[0].id, {}).values()), one[0].id))
    shown = [argument.id for argument, response, *_change in ranked[:SHOWN] if not argument.name]
    shown += [argument.id for argument, response, *_change in ranked[SHOWN:] if response and not argument.name]
    samples = arguments_queries.list_samples(session, shown)
    spots = arguments.load_places(session, row, {argument.place for argument, *_rest in ranked})
    return [
        SynopsisArgument(
            argument,
            spots[argument.place],
            counts.get(argument.id, {}),
            next(iter(samples.get(argument.id, ())), None),
            response,
            answer_queries.get_linked_change(session, version, of, response.provision_id) if response else None,
        )
        for argument, response, version, of in ranked
    ]


def build_argument_rows(session: Session, slug: str) -> Iterator[Sequence[object]]:
    """Yield arguments by contributor kind as rows. Hidden numbers are empty. Raises NotFound."""
    made = get_synopsis(session, slug)
    yield ("argument", "name", "checked_by_a_person", "answer", *cells.KINDS, "submissions", "address")
    for argument in made.arguments:
        told = cells.hide_small(argument.argument.id, argument.counts, cells.KINDS, made.k)
        yield (
            argument.argument.id,
            argument.argument.name,
            "yes" if argument.argument.checked else "no",
            argument.response.outcome if argument.response else "",
            *("" if told.cells[kind] is None else told.cells[kind] for kind in cells.KINDS),
            told.total,
            public_url("arguments.one", slug=slug, number=argument.argument.id),
        )


def build_submission_rows(session: Session, slug: str) -> Iterator[Sequence[object]]:
    """Yield pairs of argument and published submission as rows. Raises NotFound."""
    row = results_cache.get_page(session, slug).consultation
    if not is_due(row, now()):
        raise NotFound(_("The summary report is available after the consultation has closed."))
    yield ("argument", "submission")
    yield from session.execute(_MADE, {"consultation": row.id})
