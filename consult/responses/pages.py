"""Data of the answer pages, each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.campaigns import public_queries
from consult.analysis.campaigns.public_queries import PublicStatement
from consult.analysis.campaigns.queries import CampaignOverview
from consult.arguments import pages as arguments
from consult.arguments import queries as arguments_queries
from consult.arguments.model import Argument
from consult.arguments.pages import ArgumentPlace
from consult.arguments.queries import StatementQuote
from consult.bodies.model import PublicBody
from consult.consultations.joint import service as joint
from consult.consultations.model import Consultation, Phase
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.core.web.addresses import public_url
from consult.plans.standings import ActionStatus
from consult.responses import answer_queries, beside, draft_changes, drafts, queries, service
from consult.responses.actions import service as actions
from consult.responses.actions.service import LEADS_SOMEWHERE
from consult.responses.answer_queries import AnswerCounts, PublishedAnswer
from consult.responses.beside import AnswerBeside
from consult.responses.draft_changes import ChangeOption
from consult.responses.drafts import AnswerDraft
from consult.responses.labels import argument_label, place_label
from consult.responses.model import Response
from consult.responses.queries import AnswerFilter, AnswerListItem
from consult.submissions.comments import queries as comments_queries

_QUOTED, _ADDED = 5, 3


@dataclass(frozen=True)
class AnswerListPage:
    """A list of a consultation's arguments by answer, with all counts."""

    consultation: Consultation
    answer_counts: AnswerCounts
    show: str
    items: Page[AnswerListItem]
    samples: Mapping[int, Sequence[StatementQuote]]
    spots: Mapping[str, ArgumentPlace]
    first_page: bool
    leads: Mapping[int, ActionStatus]  # by answer id


@dataclass(frozen=True)
class FurtherArgument:
    """An argument that may get the same answer. `value` is its id with the token of its current answer."""

    value: str
    name: str
    place: str


@dataclass(frozen=True)
class AskingLetter:
    """A campaign letter that makes the argument, and its first added words. `more` says that there are others."""

    letter: CampaignOverview
    added: Sequence[PublicStatement]
    more: bool


@dataclass(frozen=True)
class AnswerPage:
    """An argument with the data for answering it."""

    consultation: Consultation
    argument: Argument
    spot: ArgumentPlace
    quotes: Sequence[StatementQuote]
    answers: Sequence[PublishedAnswer]
    options: Sequence[ChangeOption]
    people: Sequence[Account]  # people it can be assigned to
    asked: Account | None  # the person it is assigned to
    may: bool
    owns: bool
    others: Sequence[PublicBody]  # bodies it can be assigned to
    holder: PublicBody | None  # the body it is assigned to
    speaking: Sequence[PublicBody]  # bodies for which the reader may add a view
    beside: Sequence[AnswerBeside]
    draft: AnswerDraft | None  # the reader's unpublished draft
    further: Sequence[FurtherArgument] = ()
    letters: Sequence[AskingLetter] = ()

    @property
    def answer(self) -> PublishedAnswer | None:
        """Return the answer that the form changes, or None."""
        return self.answers[0] if self.answers else None

    @property
    def stands(self) -> str:
        """Return the token of the answer that the form changes, or ""."""
        return self.answer.response.token if self.answer else ""


def get_public_page(session: Session, slug: str, *, show: str | None, after: str | None) -> AnswerListPage:
    """Return the public list of a consultation's answers. Raises NotFound."""
    if show in (AnswerFilter.MINE, AnswerFilter.BEGUN):
        raise NotFound(_("We cannot find this list."))
    return _answers(session, comments_queries.get_consultation(session, slug), show, after, None)


_COLUMNS = (
    "argument",
    "name",
    "submitters",
    "answer",
    "answered_on",
    "changed_on",
    "promised_by",
    "deferred_until",
    "put_off_before",
    "days_late",
    "address",
    "checked",
    "leads_to",
    "action",
    "action_by",
    "action_due",
    "action_state",
)


def get_answers_table(session: Session, slug: str) -> tuple[Consultation, Sequence[Sequence[Any]]]:
    """Return the answers of a published consultation as rows. Dates are in UTC. Raises NotFound.

    `checked`: whether a person has named the argument. `leads_to`: `action`, `text` or `not said`. `put_off_before`:
    each earlier deferral as `2026-11-15 until 2026-11-25`, the last first.
    """
    row = comments_queries.get_consultation(session, slug)
    found: list[Sequence[Any]] = [_COLUMNS]
    listed = answer_queries.list_by_consultation(session, row.id)
    leads = actions.load_by_answer(session, [told.response.id for _argument, told in listed])
    for argument, told in listed:
        said, lead = told.response, leads.get(told.response.id)
        earlier = "; ".join(f"{deferral.since.date()} until {deferral.until}" for deferral in told.deferrals)
        found.append(
            (
                argument.id,
                argument.name,
                argument.voices,
                said.outcome,
                said.answered_at.date(),
                said.said_at.date() if said.said_at != said.answered_at else "",
                row.answer_by or "",
                said.due_on or "",
                earlier,
                told.days_late(row.answer_by),
                public_url("arguments.one", slug=row.slug, number=argument.merged_into_id or argument.id),
                "yes" if argument.checked else "no",
                *_lead_cells(said, lead),
            )
        )
    return row, found


def _lead_cells(said: Response, lead: ActionStatus | None) -> Sequence[Any]:
    """Return the consequence of an answer, `text`, `action`, `not said` or "", and the columns of its action."""
    if lead is not None:
        return "action", lead.action.title, lead.action.owner_name, lead.action.due_on, str(lead.state)
    where = "text" if said.text_suffices else "not said" if said.outcome in LEADS_SOMEWHERE else ""
    return where, "", "", "", ""


def get_desk_page(session: Session, number: int, *, show: str | None, after: str | None, by: Account) -> AnswerListPage:
    """Return the list for policymakers, with waiting arguments first. Raises NotFound."""
    row = session.scalar(select(Consultation).where(Consultation.id == number, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the number."))
    return _answers(session, row, show, after, by)


def _answers(
    session: Session, row: Consultation, show: str | None, after: str | None, by: Account | None
) -> AnswerListPage:
    counts = answer_queries.count_answers(session, {row.id: row.answer_by})[row.id]
    wanted = show or (AnswerFilter.ANSWERED if counts.answered and by is None else AnswerFilter.WAITING)
    found = queries.list_arguments(session, row, wanted, after=after, by=by)
    rows = [item.argument for item in found.items]
    samples = arguments_queries.list_samples(session, [one.id for one in rows])
    spots = arguments.load_places(session, row, {one.place for one in rows})
    leads = actions.load_by_answer(session, [item.response.id for item in found.items if item.response])
    return AnswerListPage(row, counts, wanted, found, samples, spots, not after, leads)


def get_answer_page(session: Session, number: int, *, by: Account) -> AnswerPage:
    """Return the page for answering an argument. Raises NotFound."""
    argument = arguments_queries.get_argument(session, number)
    row = session.get_one(Consultation, argument.consultation_id)
    if row.phase is Phase.DRAFT:
        raise NotFound(_("We cannot find an argument with this number."))
    people = queries.list_policymakers(session, argument.id)
    asked = next((account for account, its in people if its), None)
    owns = service.is_owner(session, row, by)
    may = service.may_answer(session, row, argument, by)
    others = queries.list_further(session, row, argument, by, all_of_them=owns) if may else []
    spots = arguments.load_places(session, row, {argument.place, *(one.place for one, _response in others)})
    asking = joint.list_asking(session, row) if row.body_id else ()
    holder = service.find_body(session, row, argument) if len(asking) > 1 else row.body_id
    return AnswerPage(
        row,
        argument,
        spots[argument.place],
        arguments_queries.list_quotes(session, argument.id, most=_QUOTED).items,
        answer_queries.list_answers(session, argument.id),
        draft_changes.list_options(session, row),
        [account for account, _its in people],
        asked,
        may,
        owns,
        [body for body in asking if body.id != row.body_id] if owns else (),
        next((body for body in asking if body.id == holder and holder != row.body_id), None),
        beside.list_speaking(session, row, argument, by) if len(asking) > 1 else (),
        beside.list_beside(session, argument.id) if len(asking) > 1 else (),
        drafts.find_draft(session, argument.id, by.id),
        _name_further(session, others, spots),
        _list_letters(session, argument) if argument.senders else (),
    )


def _list_letters(session: Session, argument: Argument) -> list[AskingLetter]:
    """Return the campaign letters that make an argument, largest first."""
    ids = arguments_queries.list_letters(session, argument.id)
    letters = []
    for letter in (public_queries.get_campaign(session, argument.consultation_id, number) for number in ids):
        added = public_queries.get_statement_page(session, letter.id, after=None).items
        letters.append(AskingLetter(letter, added[:_ADDED], len(added) > _ADDED))
    return sorted(letters, key=lambda one: (-one.letter.published, one.letter.id))


def _name_further(
    session: Session, others: Sequence[tuple[Argument, Response | None]], spots: Mapping[str, ArgumentPlace]
) -> list[FurtherArgument]:
    unnamed = [one.id for one, _response in others if not one.name]
    samples = arguments_queries.list_samples(session, unnamed) if unnamed else {}
    return [
        FurtherArgument(
            f"{one.id}:{response.token if response else ''}",
            argument_label(one, next(iter(samples.get(one.id, [])), None)),
            place_label(spots[one.place], one),
        )
        for one, response in others
    ]
