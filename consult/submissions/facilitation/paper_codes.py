"""Codes of the paper form, such as `DP27/1/4.2`: consultation, version of the draft, provision.

Forms may return weeks after printing, when the draft has a new version, so the code includes the version. Forms of
earlier releases have codes without it, such as `DP27/4.2`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents import queries as documents
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries

_SIGNS = str.maketrans({"\\": "/", "⁄": "/", "٫": ".", "–": "-", "‑": "-"})


@dataclass(frozen=True)
class PaperCode:
    """A parsed code. `consultation` is empty and `version` None if they were not typed."""

    place: str
    consultation: str = ""
    version: int | None = None


def format_code(consultation: str, version: int, place: str) -> str:
    """Return the code printed next to the lines.

    >>> format_code("DP27", 1, "4.2")
    'DP27/1/4.2'
    """
    return f"{consultation}/{version}/{place}"


def parse_code(typed: str, *, own: str) -> PaperCode:
    """Parse a typed code, in digits of any script. `own` is the code of the consultation.

    >>> parse_code(" dp27 / 1 / 4.2", own="DP27")
    PaperCode(place='4.2', consultation='DP27', version=1)
    >>> parse_code("١/٤٫٢", own="DP27")
    PaperCode(place='4.2', consultation='', version=1)
    >>> parse_code("DP27/4.2", own="DP27")
    PaperCode(place='4.2', consultation='DP27', version=None)
    """
    text = "".join("".join(map(_plain, typed.translate(_SIGNS))).split())
    *before, place = text.split("/")
    version = None
    if before and before[-1].isascii() and before[-1].isdigit() and before[-1] != own:
        version = int(before.pop()[:9])
    return PaperCode(place, "/".join(before).upper(), version)


def _plain(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def resolve_code(session: Session, row: Consultation, code: PaperCode) -> Mapping[int, ProvisionNode | None]:
    """Return the provisions of a code by version: the named one, or each published one.

    Empty for a version that was never published.
    """
    found: dict[int, ProvisionNode | None] = {}
    for version in documents.list_published_versions(session, row.document_id):
        if code.version not in (None, version.number):
            continue
        places = comments_queries.get_provision_tree(session, version.id)
        place = places.find(code.place) or places.find(code.place.lower())
        found[version.number] = places.former(place.id) if place and version.id != row.version_id else place
    return found


def have_same_words(found: Mapping[int, ProvisionNode | None]) -> bool:
    """Return whether all versions have the same text there, so the version does not matter.

    >>> have_same_words({1: None})
    True
    """
    return len({place and (place.wid, *place.words) for place in found.values()}) <= 1
