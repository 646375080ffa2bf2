"""Coding of statements by topic and type: a person labels some, software suggests the rest, a person decides.

A suggestion alone changes nothing. A type of comment assigned by a person counts from then on only if the author chose
none; the author's own choice is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import ledger_statements, queries, service
from consult.arguments.model import (
    ArgumentAct,
    ArgumentActKind,
    ArgumentCode,
    ArgumentLabel,
    Claim,
    LabelSuggestion,
    LearnedCode,
)
from consult.arguments.queries import StatementQuote
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.queue import find_task, nudge
from consult.core.text import read_number
from consult.submissions import stances
from consult.submissions.comments import queries as comments_queries
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Term

STANCE_CODE = "stance"
YES, NO = "yes", "no"
_SHOWN = 10
_SUGGESTED = 6
"""The number of statements shown with a suggestion. Labels of the others improve uncertain suggestions."""
_MOST_SURE = 0.99
_RELIABLE, _FAIR = 0.8, 0.5
"""The minimum F1 scores for suggestions described as reliable and as fair."""


@dataclass(frozen=True)
class LabelCandidate:
    """A statement to label, with a suggestion if there is one."""

    quote: StatementQuote
    value: str | None
    sure: float

    @property
    def told_sure(self) -> float:
        """Return the confidence shown, capped because it is learnt from a few labels."""
        return min(self.sure, _MOST_SURE)


@dataclass(frozen=True)
class CodeSummary:
    """A code with its counts of labels, positive labels and suggestions, and the quality of the suggestions."""

    code: str
    term: Term | None
    labels: int
    yes: int
    suggested: int
    score: float | None

    @property
    def quality(self) -> str:
        """Return the quality of suggestions on held-out labels as a word, or an empty string if there are too few."""
        if self.score is None:
            return ""
        return "reliable" if self.score >= _RELIABLE else "fair" if self.score >= _FAIR else "poor"

    @property
    def offered(self) -> int:
        """Return the number of suggestions shown: 0 if their quality is poor or unknown."""
        return self.suggested if self.quality in ("reliable", "fair") else 0


@dataclass(frozen=True)
class CodebookPage:
    consultation: Consultation
    codes: Sequence[CodeSummary]
    terms: Sequence[Term]  # topics that can be added
    code: CodeSummary | None
    read: Sequence[LabelCandidate]
    may: bool
    unsaid: int  # statements without a type


def get_codebook_page(session: Session, slug: str, *, code: str | None, by: Account) -> CodebookPage:
    """Return the codebook of a consultation, and statements to label for one code. Raises NotFound."""
    row = comments_queries.get_consultation(session, slug)
    terms = {term.id: term for term in taxonomy.list_terms(session)}
    codes = _list_codes(session, row.id, terms)
    here = next((one for one in codes if one.code == code), None)
    if code and here is None:
        raise NotFound(_("We cannot find this topic in the codebook."))
    free = [term for number, term in terms.items() if str(number) not in {one.code for one in codes}]
    unsaid = session.scalar(_select_without_stance(row.id)) or 0
    read = _list_candidates(session, row.id, here.code) if here else []
    return CodebookPage(row, codes, free, here, read, service.may_edit(session, row, by), unsaid)


def add_code(session: Session, *, consultation: Consultation, term_id: int, by: Account) -> ArgumentCode:
    """Add a topic to the codebook. Safe to repeat. Raises Forbidden and NotFound."""
    service.check_may_edit(session, consultation, by)
    if session.get(Term, term_id) is None:
        raise NotFound(_("We cannot find this topic."))
    row = session.get(ArgumentCode, (consultation.id, term_id))
    if row is None:
        row = ArgumentCode(consultation_id=consultation.id, term_id=term_id, added_by=by.id, added_at=now())
        session.add(row)
        session.flush()
    return row


def label_statements(
    session: Session, *, consultation: Consultation, code: str, values: Mapping[int, str], by: Account
) -> int:
    """Label statements and return their number. Raises Forbidden, NotFound and Refusal."""
    service.check_may_edit(session, consultation, by)
    service.lock_arguments(session, consultation.id)
    allowed = list_values(session, consultation.id, code)
    rows = session.scalars(
        select(Claim).where(Claim.id.in_(values), Claim.consultation_id == consultation.id).order_by(Claim.id)
    ).all()
    chosen = {row.id: values[row.id] for row in rows if values[row.id] in allowed}
    if not chosen:
        raise Refusal(_("Label at least one excerpt."))
    for number, value in chosen.items():
        session.merge(
            ArgumentLabel(
                claim_id=number, code=code, consultation_id=consultation.id, value=value, account_id=by.id, at=now()
            )
        )
    session.execute(delete(LabelSuggestion).where(LabelSuggestion.claim_id.in_(chosen), LabelSuggestion.code == code))
    if code == STANCE_CODE:
        _apply_stances(session, {row: chosen[row.id] for row in rows if chosen.get(row.id, NO) != NO}, by)
    nudge(session, find_task("analysis.learn_labels"), consultation.id)
    return len(chosen)


def list_values(session: Session, consultation_id: int, code: str) -> set[str]:
    """Return the allowed labels for a code of the codebook. Raises NotFound."""
    if code != STANCE_CODE and session.get(ArgumentCode, (consultation_id, read_number(code) or 0)) is None:
        raise NotFound(_("We cannot find this topic in the codebook."))
    return {*stances.FILED, NO} if code == STANCE_CODE else {YES, NO}


def _apply_stances(session: Session, stances: Mapping[Claim, str], by: Account) -> None:
    """Set the type of statements whose author chose none to the label that a person gave."""
    free = {row: value for row, value in stances.items() if not row.stance or row.coded}
    for row in free:
        if row.argument_id:
            session.add(
                ArgumentAct(
                    argument_id=row.argument_id,
                    deed=ArgumentActKind.CODED,
                    account_id=by.id,
                    at=now(),
                    claims=[row.id],
                    before=None,
                    after=None,
                )
            )
    ledger_statements.place_claims(session, {row.id: None for row in free if row.stance != free[row]})
    for row, value in free.items():
        row.stance, row.coded = value, True
    session.flush()


def _list_codes(session: Session, consultation_id: int, terms: Mapping[int, Term]) -> list[CodeSummary]:
    codes = session.scalars(
        select(ArgumentCode.term_id)
        .where(ArgumentCode.consultation_id == consultation_id)
        .order_by(ArgumentCode.term_id)
    ).all()
    labels = _count(
        session,
        select(ArgumentLabel.code, func.count(), func.count().filter(ArgumentLabel.value != NO))
        .where(ArgumentLabel.consultation_id == consultation_id)
        .group_by(ArgumentLabel.code),
    )
    offered = _count(
        session,
        select(LabelSuggestion.code, func.count(), func.count())
        .where(LabelSuggestion.consultation_id == consultation_id)
        .group_by(LabelSuggestion.code),
    )
    scores = {
        row.code: row.score
        for row in session.scalars(select(LearnedCode).where(LearnedCode.consultation_id == consultation_id))
    }
    return [
        CodeSummary(
            code,
            terms.get(int(code)) if code.isdigit() else None,
            *labels.get(code, (0, 0)),
            offered.get(code, (0, 0))[0],
            scores.get(code),
        )
        for code in (*map(str, codes), STANCE_CODE)
    ]


def _count(session: Session, query: Select[str, int, int]) -> dict[str, tuple[int, int]]:
    return {code: (int(n), int(of)) for code, n, of in session.execute(query)}


def _select_without_stance(consultation_id: int) -> Select[int]:
    return select(func.count()).select_from(Claim).where(Claim.consultation_id == consultation_id, Claim.stance == "")


def _list_candidates(session: Session, consultation_id: int, code: str) -> list[LabelCandidate]:
    """Return the statements with the most confident suggestions, then others in shuffled order."""
    sure = session.execute(
        select(LabelSuggestion.claim_id, LabelSuggestion.value, LabelSuggestion.sure)
        .where(LabelSuggestion.consultation_id == consultation_id, LabelSuggestion.code == code)
        .order_by(LabelSuggestion.sure.desc(), LabelSuggestion.claim_id)
        .limit(_SUGGESTED)
    ).all()
    labelled = (
        select(ArgumentLabel.claim_id).where(ArgumentLabel.claim_id == Claim.id, ArgumentLabel.code == code).exists()
    )
    offered = [row.claim_id for row in sure]
    where: list[ColumnElement[bool]] = [Claim.consultation_id == consultation_id, ~labelled, Claim.id.not_in(offered)]
    if code == STANCE_CODE:
        where.append(Claim.stance == "")
    others = session.scalars(
        select(Claim.id).where(*where).order_by(Claim.key, Claim.id).limit(_SHOWN - len(sure))
    ).all()
    known = {row.claim_id: (row.value, float(row.sure)) for row in sure}
    quotes = queries.get_quotes(session, [*offered, *others])
    return [LabelCandidate(quotes[n], *known.get(n, (None, 0.0))) for n in (*offered, *others) if n in quotes]


def list_labels(session: Session, codes: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """Return the names of topics by code and language, with at most one query. The stance code is left out."""
    numbers = [int(code) for code in codes if code.isdigit()]
    found = session.scalars(select(Term).where(Term.id.in_(numbers))) if numbers else ()
    return {str(term.id): dict(term.labels) for term in found}


def list_argument_themes(session: Session, argument_id: int) -> Sequence[tuple[Term, int]]:
    """Return the topics that people assigned to statements of an argument, with the number of statements."""
    rows = session.execute(
        select(Term, func.count())
        .join(ArgumentLabel, ArgumentLabel.code == cast(Term.id, Text))
        .join(Claim, Claim.id == ArgumentLabel.claim_id)
        .where(Claim.argument_id == argument_id, ArgumentLabel.value == YES)
        .group_by(Term.id)
        .order_by(func.count().desc(), Term.id)
    )
    return [(term, int(n)) for term, n in rows]


def store_suggestions(
    session: Session,
    consultation_id: int,
    code: str,
    found: Sequence[tuple[int, str, float]],
    labels: int,
    score: float | None,
) -> None:
    """Replace the suggestions for a code."""
    session.execute(
        delete(LabelSuggestion).where(LabelSuggestion.consultation_id == consultation_id, LabelSuggestion.code == code)
    )
    if found:
        session.execute(
            insert(LabelSuggestion),
            [
                {"claim_id": number, "code": code, "consultation_id": consultation_id, "value": value, "sure": sure}
                for number, value, sure in found
            ],
        )
    session.merge(LearnedCode(consultation_id=consultation_id, code=code, labels=labels, score=score, at=now()))
    session.flush()
