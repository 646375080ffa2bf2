"""Themes and stances by a codebook: a person labels a few statements, the rest is suggested, and a person decides.

What is suggested changes nothing by itself. A stance that a person has decided is where the statement is counted from
then on; what its submitter chose is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import following, queries, service
from consult.arguments.model import Act, Claim, Code, Deed, Label, Learning, Suggestion
from consult.arguments.queries import Quote
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.queue import named, nudge
from consult.submissions import lists
from consult.submissions.model import Stance
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Term

STANCE = "stance"
YES, NO = "yes", "no"
_SHOWN = 10
_SUGGESTED = 6
_RELIABLE, _FAIR = 0.8, 0.5
"""F1 from which suggestions are called so."""
"""How many of those shown have a suggestion: the others teach what it is not sure of."""


@dataclass(frozen=True)
class Read:
    """A statement to be labelled, and what is suggested of it."""

    quote: Quote
    value: str | None
    sure: float


@dataclass(frozen=True)
class Known:
    """What is known of a code: how many labels, how many of them for it, how many suggestions, how good they are."""

    code: str
    term: Term | None
    labels: int
    yes: int
    suggested: int
    score: float | None

    @property
    def quality(self) -> str:
        """In a word how well its suggestions did on labels they had not seen; empty where there are too few labels."""
        if self.score is None:
            return ""
        return "reliable" if self.score >= _RELIABLE else "fair" if self.score >= _FAIR else "poor"

    @property
    def offered(self) -> int:
        """How many suggestions are shown: none of those that are no better than poor."""
        return self.suggested if self.quality in ("reliable", "fair") else 0


@dataclass(frozen=True)
class Coding:
    consultation: Consultation
    codes: Sequence[Known]
    terms: Sequence[Term]  # that could be added
    code: Known | None
    read: Sequence[Read]
    may: bool
    unsaid: int  # statements whose stance was not said


def page(session: Session, slug: str, *, code: str | None, by: Account) -> Coding:
    """The codebook of a consultation and statements to label for one code. Raises NotFound."""
    row = lists.consultation(session, slug)
    terms = {term.id: term for term in taxonomy.terms(session)}
    codes = _known(session, row.id, terms)
    here = next((one for one in codes if one.code == code), None)
    if code and here is None:
        raise NotFound(_("The codebook has no such term."))
    free = [term for number, term in terms.items() if str(number) not in {one.code for one in codes}]
    unsaid = session.scalar(_unsaid(row.id)) or 0
    read = _to_read(session, row.id, here.code) if here else []
    return Coding(row, codes, free, here, read, service.may(row, by), unsaid)


def add(session: Session, *, consultation: Consultation, term_id: int, by: Account) -> Code:
    """Puts a term into the codebook. May be repeated. Raises Forbidden, NotFound."""
    service.check_may(consultation, by)
    if session.get(Term, term_id) is None:
        raise NotFound(_("There is no such term."))
    row = session.get(Code, (consultation.id, term_id))
    if row is None:
        row = Code(consultation_id=consultation.id, term_id=term_id, added_by=by.id, added_at=now())
        session.add(row)
        session.flush()
    return row


def label(
    session: Session, *, consultation: Consultation, code: str, values: Mapping[int, str], by: Account
) -> int:  # fmt: skip
    """Says of statements what they are; gives of how many. Raises Forbidden, NotFound, Refusal."""
    service.check_may(consultation, by)
    service.lock_arguments(session, consultation.id)
    allowed = {*Stance, NO} if code == STANCE else {YES, NO}
    if code != STANCE and (not code.isdigit() or session.get(Code, (consultation.id, int(code))) is None):
        raise NotFound(_("The codebook has no such term."))
    rows = session.scalars(
        select(Claim).where(Claim.id.in_(values), Claim.consultation_id == consultation.id).order_by(Claim.id)
    ).all()
    chosen = {row.id: values[row.id] for row in rows if values[row.id] in allowed}
    if not chosen:
        raise Refusal(_("Say of at least one statement what it is."))
    for number, value in chosen.items():
        session.merge(Label(claim_id=number, code=code, consultation_id=consultation.id, value=value,
                            account_id=by.id, at=now()))  # fmt: skip
    session.execute(delete(Suggestion).where(Suggestion.claim_id.in_(chosen), Suggestion.code == code))
    if code == STANCE:
        _decide(session, {row: chosen[row.id] for row in rows if chosen.get(row.id, NO) != NO}, by)
    nudge(session, named("analysis.learn_labels"), consultation.id)
    return len(chosen)


def _decide(session: Session, stances: Mapping[Claim, str], by: Account) -> None:
    """Statements whose submitter said no stance are from now on counted with the one a person says."""
    free = {row: value for row, value in stances.items() if not row.stance or row.coded}
    for row in free:
        if row.argument_id:
            session.add(Act(argument_id=row.argument_id, deed=Deed.CODED, account_id=by.id, at=now(), claims=[row.id],
                            before=None, after=None))  # fmt: skip
    following.place_claims(session, {row.id: None for row in free if row.stance != free[row]})
    for row, value in free.items():
        row.stance, row.coded = value, True
    session.flush()


def _known(session: Session, consultation_id: int, terms: Mapping[int, Term]) -> list[Known]:
    codes = session.scalars(
        select(Code.term_id).where(Code.consultation_id == consultation_id).order_by(Code.term_id)
    ).all()
    labels = _count(session, select(Label.code, func.count(), func.count().filter(Label.value != NO)).where(
        Label.consultation_id == consultation_id).group_by(Label.code))  # fmt: skip
    offered = _count(session, select(Suggestion.code, func.count(), func.count()).where(
        Suggestion.consultation_id == consultation_id).group_by(Suggestion.code))  # fmt: skip
    scores = {row.code: row.score for row in session.scalars(
        select(Learning).where(Learning.consultation_id == consultation_id))}  # fmt: skip
    return [
        Known(code, terms.get(int(code)) if code.isdigit() else None, *labels.get(code, (0, 0)),
              offered.get(code, (0, 0))[0], scores.get(code))
        for code in (*map(str, codes), STANCE)
    ]  # fmt: skip


def _count(session: Session, query: Select[str, int, int]) -> dict[str, tuple[int, int]]:
    return {code: (int(n), int(of)) for code, n, of in session.execute(query)}


def _unsaid(consultation_id: int) -> Select[int]:
    return (
        select(func.count()).select_from(Claim).where(Claim.consultation_id == consultation_id, Claim.stance == "")
    )  # fmt: skip


def _to_read(session: Session, consultation_id: int, code: str) -> list[Read]:
    """Those it is surest of, then others in an order that has nothing to do with when they came."""
    sure = session.execute(
        select(Suggestion.claim_id, Suggestion.value, Suggestion.sure)
        .where(Suggestion.consultation_id == consultation_id, Suggestion.code == code)
        .order_by(Suggestion.sure.desc(), Suggestion.claim_id)
        .limit(_SUGGESTED)
    ).all()
    labelled = select(Label.claim_id).where(Label.claim_id == Claim.id, Label.code == code).exists()
    offered = [row.claim_id for row in sure]
    where: list[ColumnElement[bool]] = [Claim.consultation_id == consultation_id, ~labelled, Claim.id.not_in(offered)]
    if code == STANCE:
        where.append(Claim.stance == "")
    others = session.scalars(
        select(Claim.id).where(*where).order_by(Claim.key, Claim.id).limit(_SHOWN - len(sure))
    ).all()
    known = {row.claim_id: (row.value, float(row.sure)) for row in sure}
    quotes = queries.quotes_of(session, [*offered, *others])
    return [Read(quotes[n], *known.get(n, (None, 0.0))) for n in (*offered, *others) if n in quotes]


def themes_of(session: Session, argument_id: int) -> Sequence[tuple[Term, int]]:
    """The terms that people found in the statements of an argument, and in how many."""
    rows = session.execute(
        select(Term, func.count())
        .join(Label, Label.code == cast(Term.id, Text))
        .join(Claim, Claim.id == Label.claim_id)
        .where(Claim.argument_id == argument_id, Label.value == YES)
        .group_by(Term.id)
        .order_by(func.count().desc(), Term.id)
    )
    return [(term, int(n)) for term, n in rows]


def store(session: Session, consultation_id: int, code: str, found: Sequence[tuple[int, str, float]], labels: int,
          score: float | None) -> None:  # fmt: skip
    """Puts suggestions in the place of those there were."""
    session.execute(delete(Suggestion).where(Suggestion.consultation_id == consultation_id, Suggestion.code == code))
    if found:
        session.execute(insert(Suggestion), [
            {"claim_id": number, "code": code, "consultation_id": consultation_id, "value": value, "sure": sure}
            for number, value, sure in found
        ])  # fmt: skip
    session.merge(Learning(consultation_id=consultation_id, code=code, labels=labels, score=score, at=now()))
    session.flush()
