"""Kinds of entries as statement parameters.

SQL takes kinds as parameters, so that renaming one changes only the enum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import TextClause, text

from consult.ledger.model import Kind


def list_family(family: str) -> Sequence[Kind]:
    """Return the kinds whose names share this first part.

    >>> print(*list_family("response"))
    response.given response.amended
    """
    return tuple(kind for kind in Kind if kind.partition(".")[0] == family)


SUBMISSION_KINDS = list_family("submission")
MOVING_KINDS = tuple(kind for kind in SUBMISSION_KINDS if kind is not Kind.COVERED)
"""Kinds that move a submission between the terms of the submission count."""
WORDING_KINDS = (Kind.RECEIVED, Kind.AMENDED)
"""Kinds that add text."""
RESPONSE_KINDS = list_family("response")
_SETS: Mapping[str, Sequence[Kind]] = {
    "MOVING_KINDS": MOVING_KINDS,
    "RESPONSE_KINDS": RESPONSE_KINDS,
    "SUBMISSION_KINDS": SUBMISSION_KINDS,
    "WORDING_KINDS": WORDING_KINDS,
}
_PUBLIC_NAMES: Mapping[str, str] = {
    Kind.APPEAL_REJECTED: "appeal.rejected",
    Kind.APPEAL_ACCEPTED: "appeal.accepted",
}
_NAMED = re.compile(r"(?<![:\w]):([A-Z_]+)\b")


def get_public_name(kind: str) -> str:
    """Return the name of a kind on pages, in exports and in addresses: the stored one, unless it would mislead.

    >>> print(get_public_name(Kind.APPEAL_REJECTED), get_public_name(Kind.APPEAL_FILED))
    appeal.rejected appeal.filed
    """
    return _PUBLIC_NAMES.get(kind, kind)


def bind_kinds(statement: str) -> TextClause:
    """Return a statement with its kinds bound by name: `kind = :RECEIVED`, `kind = ANY(:SUBMISSION_KINDS)`.

    Raises KeyError for a name that is neither a kind nor a set of kinds.

    >>> print(*bind_kinds("SELECT number FROM ledger WHERE kind = :RECEIVED").compile().params.values())
    submission.received
    """
    names = set(_NAMED.findall(statement))
    return text(statement).bindparams(
        **{name: [kind.value for kind in _SETS[name]] if name in _SETS else Kind[name].value for name in sorted(names)}
    )
