"""Summary of the work on arguments for “What we heard”: objections of authors, and agreement on labels."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.arguments.coding import agreement
from consult.arguments.coding import service as coding
from consult.arguments.objections import queries as objections
from consult.core.web.template_filters import in_hundredths
from consult.digests.figures.summary import ArgumentMethod, CodingAgreement


def get_method(session: Session, consultation_id: int) -> ArgumentMethod:
    """Return objections of authors and the agreement on labels, with at most three queries."""
    said = objections.count_outcomes(session, consultation_id)
    agreed = agreement.list_agreements(session, consultation_id)
    labels = coding.list_labels(session, [one.code for one in agreed])
    return ArgumentMethod(
        objected=said.said,
        moved=said.moved,
        left=said.left,
        enough=agreement.ENOUGH,
        agreements=tuple(
            CodingAgreement(
                code=one.code,
                labels=labels.get(one.code, {}),
                n=one.n,
                kappa=None if one.kappa is None else in_hundredths(one.kappa),
            )
            for one in agreed
        ),
    )
