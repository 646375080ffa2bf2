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
"""Maximum number of arguments in the report, each with a quote. The file has all of them."""
_KIND = """CASE WHEN g.campaign_number IS NOT NULL THEN 'letter'
        WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation') ELSE s.submitter_kind END"""
_OF = """LEFT JOIN readable_text_group g ON g.consultation_id = s.consultation_id AND g.text_hash = s.text_hash
    LEFT JOIN readable_organisation o ON o.id = s.organisation_id"""
_MADE = """WITH made AS (
        SELECT a.id AS argument, a.place, k.text_hash FROM readable_argument a
        JOIN readable_claim k ON k.argument_id = a.id AND k.campaign_id IS NULL
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.checked
        UNION SELECT a.id, a.place, g.text_hash FROM readable_argument a
        JOIN readable_claim k ON k.argument_id = a.id
        JOIN readable_text_group g ON g.consultation_id = a.consultation_id AND g.campaign_id = k.campaign_id
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.checked
    ), sent AS (
        SELECT made.argument, c.submission_id FROM made JOIN readable_analysis_counted c
            ON c.consultation_id = :consultation AND c.text_hash = made.text_hash AND c.state = 'published'
            AND made.place || ' any' = ANY(c.places)
    )"""
"""Selects the published submissions that make each checked argument, as `argument.submissions` counts them."""
_BY_ARGUMENT = text(
    f"""{_MADE}
    SELECT sent.argument, {_KIND} AS kind, count(*) AS n FROM sent
    JOIN readable_submission s ON s.id = sent.submission_id {_OF} GROUP BY 1, 2
    """  # noqa: S608 - a statement put together from constants
)
_PAIRS = text(
    f"""{_MADE}
    SELECT sent.argument, s.reference FROM sent JOIN readable_submission s ON s.id = sent.submission_id ORDER BY 1, 2
    """  # noqa: S608 - a statement put together from constants
)
"""Selects the public pairs of checked argument and submission."""
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
    def checked(self) -> Sequence[SynopsisArgument]:
        """Return the arguments that a person checked."""
        return [argument for argument in self.arguments if argument.argument.checked]

    @property
    def table(self) -> list[ArgumentCells]:
        """Return the table of checked arguments by category, those of most submissions first."""
        return [
            cells.hide_small(argument.argument.id, cells.merge_kinds(argument.counts), cells.CATEGORIES, self.k)
            for argument in self.checked
        ]


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
    """Return the checked and the answered arguments with their answers, those of most submissions first."""
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
            or_(Argument.checked & (Argument.statements > 0), Response.id.is_not(None)),
        )
    ).all()
    ranked = sorted(rows, key=lambda one: (-sum(counts.get(one[0].id, {}).values()), one[0].id))
    shown = [argument.id for argument, *_rest in ranked[:SHOWN]]
    shown += [argument.id for argument, response, *_change in ranked[SHOWN:] if response and not argument.name]
    samples = arguments_queries.list_samples(session, shown, each=2)
    spots = arguments.load_places(session, row, {argument.place for argument, *_rest in ranked})
    return [
        SynopsisArgument(
            argument,
            spots[argument.place],
            counts.get(argument.id, {}),
            _choose_quote(samples.get(argument.id, ()), argument.name),
            response,
            answer_queries.get_linked_change(session, version, of, response.provision_id) if response else None,
        )
        for argument, response, version, of in ranked
    ]


def _choose_quote(quotes: Sequence[StatementQuote], name: str | None) -> StatementQuote | None:
    """Return the first quote, or one that is not the name, if there is one."""
    return next((quote for quote in quotes if quote.text != name), next(iter(quotes), None))


def build_argument_rows(session: Session, slug: str) -> Iterator[Sequence[object]]:
    """Yield checked arguments by contributor kind as rows. Hidden numbers are empty. Raises NotFound."""
    made = get_synopsis(session, slug)
    yield ("argument", "name", "answer", *cells.KINDS, "submissions", "address")
    for argument in made.checked:
        told = cells.hide_small(argument.argument.id, argument.counts, cells.KINDS, made.k)
        yield (
            argument.argument.id,
            argument.argument.name,
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
    yield from session.execute(_PAIRS, {"consultation": row.id})
