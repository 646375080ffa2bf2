"""Independent second labels of statements, and the published agreement between the two people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries, service
from consult.arguments.coding.service import list_values
from consult.arguments.model import ArgumentLabel, Claim, SecondLabel
from consult.arguments.queries import StatementQuote
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind

ENOUGH = 30
"""The number of statements with two labels from which agreement is reported."""
_SHOWN = 10


@dataclass(frozen=True)
class CodeAgreement:
    """The number of statements labelled twice for a code, and Cohen's kappa (None if undefined)."""

    code: str
    n: int
    kappa: float | None


def cohen_kappa(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """Return the agreement of two people beyond chance (Cohen's kappa, at most 1) from counts of label pairs.

    None if chance alone would make them always agree: nothing was labelled, or both gave one and the same label.
    Source: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960.

    >>> cohen_kappa({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
    0.4
    >>> cohen_kappa({("yes", "yes"): 9}), cohen_kappa({("yes", "no"): 3, ("no", "yes"): 3})
    (None, -1.0)
    """
    total = sum(pairs.values())
    labels = {label for pair in pairs for label in pair}
    first = {label: sum(n for (one, _two), n in pairs.items() if one == label) for label in labels}
    second = {label: sum(n for (_one, two), n in pairs.items() if two == label) for label in labels}
    chance = sum(first[label] * second[label] for label in labels)  # scaled by the squared total, to stay in integers
    if chance == total * total:
        return None
    agreed = sum(pairs.get((label, label), 0) for label in labels)
    return round((agreed * total - chance) / (total * total - chance), 4)


def list_agreements(session: Session, consultation_id: int) -> Sequence[CodeAgreement]:
    """Return the agreement for each code with second labels, with one query.

    Only statements whose two labels are from different people count.
    """
    first, second = ArgumentLabel, SecondLabel
    rows = session.execute(
        select(second.code, first.value, second.value, func.count())
        .join(first, (first.claim_id == second.claim_id) & (first.code == second.code))
        .where(second.consultation_id == consultation_id, first.account_id != second.account_id)
        .group_by(second.code, first.value, second.value)
        .order_by(second.code)
    )
    pairs: dict[str, dict[tuple[str, str], int]] = {}
    for code, one, two, n in rows:
        pairs.setdefault(code, {})[one, two] = n
    return [_agreement(code, of) for code, of in pairs.items()]


def _agreement(code: str, pairs: Mapping[tuple[str, str], int]) -> CodeAgreement:
    n = sum(pairs.values())
    return CodeAgreement(code, n, cohen_kappa(pairs) if n >= ENOUGH else None)


def list_apart(session: Session, consultation_id: int, code: str, by: Account) -> list[StatementQuote]:
    """Return statements that another person labelled for a code and that have no second label, in shuffled order."""
    labelled_again = (
        select(SecondLabel.claim_id)
        .where(SecondLabel.claim_id == ArgumentLabel.claim_id, SecondLabel.code == code)
        .exists()
    )
    rows = session.scalars(
        select(Claim.id)
        .join(ArgumentLabel, ArgumentLabel.claim_id == Claim.id)
        .where(
            ArgumentLabel.consultation_id == consultation_id,
            ArgumentLabel.code == code,
            ArgumentLabel.account_id != by.id,
            ~labelled_again,
        )
        .order_by(Claim.key, Claim.id)
        .limit(_SHOWN)
    ).all()
    quotes = queries.get_quotes(session, rows)
    return [quotes[number] for number in rows if number in quotes]


def label_apart(
    session: Session, *, consultation: Consultation, code: str, values: Mapping[int, str], by: Account
) -> int:
    """Store second labels of statements that another person labelled; return their number.

    They change neither the first label nor the counts, and are final. Raises Forbidden, NotFound and Refusal.
    """
    service.check_may_edit(session, consultation, by)
    allowed = list_values(session, consultation.id, code)
    first = select(ArgumentLabel.claim_id).where(
        ArgumentLabel.consultation_id == consultation.id,
        ArgumentLabel.code == code,
        ArgumentLabel.claim_id.in_(values),
        ArgumentLabel.account_id != by.id,
    )
    rows = [
        {
            "claim_id": number,
            "code": code,
            "consultation_id": consultation.id,
            "value": values[number],
            "account_id": by.id,
            "at": now(),
        }
        for number in session.scalars(first.order_by(ArgumentLabel.claim_id))
        if values[number] in allowed
    ]
    if not rows:
        raise Refusal(_("Label at least one excerpt."))
    session.execute(insert(SecondLabel).on_conflict_do_nothing(), rows)
    ledger.record(  # renders the page with the agreement again
        session, Kind.ARGUMENTS_CHANGED, subject_id=consultation.id, consultation_id=consultation.id
    )
    return len(rows)
