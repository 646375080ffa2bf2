"""Reads what a synopsis is made of, in a fixed number of statements."""

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
from consult.digests.model import Digest
from consult.digests.results import cache as results_cache
from consult.digests.results.summary import Summary
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
"""Arguments in the table of the report; the file has all."""
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
"""In how many published submissions an argument is made, by who sent them: a text that several sent counts for each."""
_MADE = text(
    """
    SELECT DISTINCT coalesce(a.merged_into_id, a.id) AS argument, s.reference
    FROM readable_claim k JOIN readable_argument a ON a.id = k.argument_id
    JOIN readable_submission s ON s.consultation_id = k.consultation_id AND s.text_hash = k.text_hash
        AND s.state = 'published'
    WHERE k.consultation_id = :consultation ORDER BY 1, 2
    """
)
"""The same one by one: all of it is public."""
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
    """An argument of the report, with its answer and what it changed where it has one."""

    argument: Argument
    spot: ArgumentPlace
    counts: Mapping[str, int]  # submissions by kind
    quote: StatementQuote | None
    response: Response | None
    change: LinkedChange | None


@dataclass(frozen=True)
class Synopsis:
    """Everything that the report is made of."""

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
        """The arguments by category, those of most submissions first."""
        return [
            cells.hide_small(one.argument.id, cells.merge_kinds(one.counts), cells.CATEGORIES, self.k)
            for one in self.arguments
        ]

    @property
    def checked(self) -> int:
        """Arguments that a person has named, or that are what a letter asks."""
        return sum(one.argument.checked for one in self.arguments)


def is_due(row: Consultation, at: datetime) -> bool:
    """Whether there can be a synopsis: it has closed, and nothing is taken any more."""
    return row.phase is not Phase.DRAFT and row.taken_until <= at


def get_synopsis(session: Session, slug: str) -> Synopsis:
    """The material of a closed consultation's report. Raises NotFound."""
    page, moment = results_cache.get_page(session, slug), now()
    row = page.consultation
    if not is_due(row, moment):
        raise NotFound(_("The synopsis report is made once the consultation has closed."))
    if page.data is None:
        raise NotFound(_("Nothing has been heard yet"))
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
    """All arguments that stand or are answered, with their answers: those of most submissions first."""
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
    """The arguments by kind of contributor as rows of a file; a number that is not shown is empty. Raises NotFound."""
    made = get_synopsis(session, slug)
    yield ("argument", "name", "checked_by_a_person", "answer", *cells.KINDS, "submissions", "address")
    for one in made.arguments:
        told = cells.hide_small(one.argument.id, one.counts, cells.KINDS, made.k)
        yield (
            one.argument.id,
            one.argument.name,
            "yes" if one.argument.checked else "no",
            one.response.outcome if one.response else "",
            *("" if told.cells[kind] is None else told.cells[kind] for kind in cells.KINDS),
            told.total,
            public_url("arguments.one", slug=slug, number=one.argument.id),
        )


def build_submission_rows(session: Session, slug: str) -> Iterator[Sequence[object]]:
    """Which published submissions make which argument, as rows of a file. Raises NotFound."""
    row = results_cache.get_page(session, slug).consultation
    if not is_due(row, now()):
        raise NotFound(_("The synopsis report is made once the consultation has closed."))
    yield ("argument", "submission")
    yield from session.execute(_MADE, {"consultation": row.id})
