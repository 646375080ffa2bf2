"""Kinds of entries as statement parameters: no SQL spells a kind, so renaming one changes the enum only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import TextClause, text

from consult.ledger.model import Kind


def list_family(family: str) -> Sequence[Kind]:
    """The kinds whose names begin alike.

    >>> print(*list_family("response"))
    response.given response.amended
    """
    return tuple(kind for kind in Kind if kind.partition(".")[0] == family)


SUBMISSION_KINDS = list_family("submission")
MOVING_KINDS = tuple(kind for kind in SUBMISSION_KINDS if kind is not Kind.COVERED)
"""What moves a submission between the terms of the books."""
WORDING_KINDS = (Kind.RECEIVED, Kind.AMENDED)
"""What brings words that were not there before."""
RESPONSE_KINDS = list_family("response")
_SETS: Mapping[str, Sequence[Kind]] = {
    "MOVING_KINDS": MOVING_KINDS,
    "RESPONSE_KINDS": RESPONSE_KINDS,
    "SUBMISSION_KINDS": SUBMISSION_KINDS,
    "WORDING_KINDS": WORDING_KINDS,
}
_NAMED = re.compile(r"(?<![:\w]):([A-Z_]+)\b")


def bind_kinds(statement: str) -> TextClause:
    """A statement with its kinds bound: `kind = :RECEIVED`, by its name in `Kind`; `kind = ANY(:SUBMISSION_KINDS)`.

    Raises KeyError for a name that is neither a kind nor a set of them.

    >>> print(*bind_kinds("SELECT number FROM ledger WHERE kind = :RECEIVED").compile().params.values())
    submission.received
    """
    names = set(_NAMED.findall(statement))
    return text(statement).bindparams(
        **{name: [kind.value for kind in _SETS[name]] if name in _SETS else Kind[name].value for name in sorted(names)}
    )
