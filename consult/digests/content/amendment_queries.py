"""Queries for the suggested wordings of a consultation for a digest, with authors and number of supporters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.digests.content import campaign_queries
from consult.digests.content.quotes import LONGEST, QuotableComment, build_quote, quote_span
from consult.digests.content.rows import Quote, with_fields

MOST = 3
"""The number of suggested wordings shown per part of the draft. The counts include all."""
_AMENDMENTS = text(
    """
    SELECT found.*, s.id AS submission, s.reference, s.name_rule, s.public_name, 1 AS copies, '' AS kind,
        'amendment' AS stance
    FROM (
        SELECT a.id, a.submission_id, a.body, a.language, a.amendment AS length, p.wid AS place, (
            SELECT count(DISTINCT c.submission_id) FROM readable_comment c
            WHERE c.agrees_with = a.id AND c.shown AND c.submission_id <> a.submission_id
        ) AS supporters
        FROM readable_comment a JOIN readable_provision p ON p.id = a.provision_id
        WHERE a.consultation_id = :consultation AND a.amendment IS NOT NULL AND a.shown AND a.redacted_body IS NULL
    ) AS found JOIN readable_submission s ON s.id = found.submission_id
    ORDER BY found.place, found.supporters DESC, found.id
    """
)


@dataclass(frozen=True)
class DigestAmendment:
    """A published suggested wording: the first `length` characters of the comment.

    `supporters` other submissions support it.
    """

    said: QuotableComment
    length: int
    supporters: int

    @property
    def quote(self) -> Quote:
        """Return the text, with the reason if that is short."""
        why = quote_span(self.said.body[self.length :])[1]
        quote = build_quote(self.said, (0, self.length + (why if why <= LONGEST else 0)))
        return with_fields(quote, supporters=self.supporters)


def list_amendments(session: Session, consultation_id: int) -> list[DigestAmendment]:
    """Return the most supported wordings of each part of the draft, up to MOST, with one query."""
    rows = session.execute(_AMENDMENTS, {"consultation": consultation_id}).all()
    return [
        DigestAmendment(campaign_queries.to_quotable_comment(row), row.length, row.supporters)
        for _place, there in groupby(rows, key=lambda row: row.place)
        for row in list(there)[:MOST]
    ]
