"""Published versions of a draft: comparison, printing and download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.consultations import queries as consultations
from consult.consultations.drafts import service as drafts
from consult.consultations.drafts.service import DraftComparison, ShownMapLine
from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.documents import queries as documents
from consult.documents.formats import export
from consult.documents.formats.akn_writer import DraftMetadata
from consult.documents.model import Document, Version
from consult.documents.outline.reader import Outline
from consult.submissions import queries as submissions


@dataclass(frozen=True)
class VersionComparison:
    """Two versions of a draft. `compared` is None if there is only one."""

    consultation: Consultation
    versions: Sequence[Version]
    compared: DraftComparison | None
    counts: Mapping[int, int]  # published comments by provision of the older version

    def after(self, shown: ShownMapLine) -> int:
        """Return the number of published comments on the older provisions of a line."""
        return sum(self.counts.get(row.id, 0) for row in shown.before)


def compare_versions(session: Session, slug: str, *, older: str, newer: str) -> VersionComparison:
    """Return two versions by number, by default the last two. Raises NotFound."""
    row = consultations.get_published(session, slug)
    versions = documents.list_published_versions(session, row.document_id)
    if len(versions) < 2:
        return VersionComparison(row, versions, None, {})
    by_number = {str(version.number): version for version in versions}
    new = by_number.get(newer or str(versions[-1].number))
    former = [version for version in versions if new is not None and version.number < new.number]
    old = by_number.get(older) if older else (former or versions)[-1 if former else 0]
    if new is None or old is None:
        raise NotFound(_("We cannot find this version of the draft."))
    if old.number > new.number:
        old, new = new, old
    if old is new:
        return VersionComparison(row, versions, None, {})
    said = submissions.count_comments_in_version(session, consultation_id=row.id, version_id=old.id)
    return VersionComparison(row, versions, drafts.compare_versions(session, old, new), said)


def get_current_draft(session: Session, slug: str) -> tuple[Consultation, Version, Outline]:
    """Return the version open for comments, complete."""
    row = consultations.get_published(session, slug)
    version = session.get_one(Version, row.version_id)
    return row, version, Outline(row.title, documents.to_pieces(documents.list_provisions(session, version.id)), [])


def export_draft(session: Session, slug: str, *, form: str) -> bytes:
    """Return that version as a file in one of `export.MEDIA_TYPES`."""
    row, version, outline = get_current_draft(session, slug)
    document = session.get_one(Document, version.document_id)
    on = (version.published_at or version.created_at).date()
    about = DraftMetadata(document.title, row.slug, row.body, document.language, version.number, on)
    return export.export_draft(form, about, outline.pieces)
