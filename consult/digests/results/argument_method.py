"""What "What we heard" says of the work on arguments: objections of authors, and agreement of those who label."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.arguments.coding import agreement
from consult.arguments.coding import service as coding
from consult.arguments.objections import queries as objections
from consult.core.web.template_filters import in_hundredths
from consult.digests.results.summary import ArgumentMethod, CodingAgreement


def get_method(session: Session, consultation_id: int) -> ArgumentMethod:
    """What authors objected to, and how well people who label statements agree. Three statements at most."""
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
