"""Changes of a draft that an answer can link to: provisions whose text differs in a published version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents.model import Provision, ProvisionChange, ProvisionLink, Version
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries

_WORDED = (
    ProvisionChange.EDITED,
    ProvisionChange.SPLIT,
    ProvisionChange.MERGED,
    ProvisionChange.NEW,
    ProvisionChange.REMOVED,
)


@dataclass(frozen=True)
class ChangeOption:
    """A changed provision: its part of the draft in the version, or in the version before if it was removed."""

    version_id: int
    version: int
    change: ProvisionChange
    place: ProvisionNode

    @property
    def value(self) -> str:
        return f"{self.version_id}-{self.place.id}"


def list_change_ids(session: Session, row: Consultation) -> set[tuple[int, int]]:
    """Return the possible targets of a link, as pairs of version id and provision id."""
    return {(option.version_id, option.place.id) for option in list_options(session, row)}


def list_options(session: Session, row: Consultation) -> Sequence[ChangeOption]:
    """Return the changes of the draft, newest version first, each provision once, in the order of the draft."""
    at = ProvisionLink.after_id, ProvisionLink.before_id
    rows = session.execute(
        select(Version.id, Version.number, ProvisionLink.change, *at, Provision.version_id)
        .join(Version, Version.id == ProvisionLink.version_id)
        .join(Provision, Provision.id == ProvisionLink.before_id, isouter=True)
        .where(
            Version.document_id == row.document_id,
            Version.published_at.is_not(None),
            Version.number > 1,
            or_(ProvisionLink.change.in_(_WORDED), ProvisionLink.edited),
        )
        .order_by(Version.number.desc(), ProvisionLink.line, ProvisionLink.id)
    ).all()
    options: dict[tuple[int, int], ChangeOption] = {}
    for version_id, number, change, after, before, former in rows:
        places = comments_queries.get_provision_tree(session, version_id if after else former)
        place = places.by_id.get(after or before or 0)
        if place is not None:
            options.setdefault((version_id, place.id), ChangeOption(version_id, number, change, place))
    return list(options.values())
