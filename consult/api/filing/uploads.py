"""Files by program: uploaded once, then named in the evidence of a submission."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.tokens.model import AccessToken
from consult.api.filing.records import EvidenceInput, UploadReceipt
from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import CONTENT_LANGUAGES, _
from consult.core.text import clean_text, one_line
from consult.core.web.tokens import seal_field, unseal_field
from consult.files import service as files
from consult.files.model import StoredFile
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence.references import recognise_reference
from consult.submissions.model import Evidence, EvidenceKind


def receive(session: Session, token: AccessToken, *, data: bytes, name: str) -> UploadReceipt:
    """Store a file and queue its checks. Raises FileRefused."""
    row = files.receive(session, data=data, name=name)
    return UploadReceipt(seal_upload(token, row.id), row.name, row.kind, row.size)


def seal_upload(token: AccessToken, file_id: int) -> str:
    """Return the text that names a stored file in the evidence of a submission filed with this token."""
    return seal_field(str(file_id), purpose=_purpose(token))


def _purpose(token: AccessToken) -> str:
    return f"api-upload:{token.id}"


def read_evidence(session: Session, given: Iterable[EvidenceInput], token: AccessToken | None) -> list[EvidenceItem]:
    """Return the evidence of a submission. Raises a Refusal for an item that the form would refuse."""
    return [_read_item(session, each, token) for each in given]


def _read_item(session: Session, given: EvidenceInput, token: AccessToken | None) -> EvidenceItem:
    if bool(given.upload) == bool(given.reference):
        raise Refusal(_("Each item of evidence needs a file or a reference, not both."), field="evidence")
    if given.language not in ("", "und", *CONTENT_LANGUAGES):
        raise Refusal(_("Choose one of the options"), field="evidence")
    if given.year is not None and given.year > now().year + 1:
        raise Refusal(_("Enter a year, such as 2026"), field="evidence")
    file = _find_upload(session, given, token) if given.upload else None
    scheme, reference = ("", "") if file is not None else recognise_reference(given.reference)
    description = clean_text(given.description)
    if not description:
        raise Refusal(_("Say what the evidence shows"), field="evidence")
    return EvidenceItem(
        file_id=file.id if file is not None else None,
        name=file.name if file is not None else "",
        scheme=scheme,
        reference=reference,
        kind=EvidenceKind(given.kind),
        description=description,
        language=given.language,
        year=given.year,
        place=one_line(given.place),
        method=clean_text(given.method),
        consent=given.consent,
    )


def _find_upload(session: Session, given: EvidenceInput, token: AccessToken | None) -> StoredFile:
    """Return a file that this token uploaded and no submission has. The file is locked until the transaction ends."""
    if not given.consent:
        message = _("Tick the box to confirm that we may publish the file. The file itself is saved")
        raise Refusal(message, field="evidence")
    message = _("Your token has not uploaded this file.")
    if token is None:
        raise Refusal(message, field="evidence")
    try:
        number = unseal_field(given.upload, purpose=_purpose(token))
    except Refusal as error:
        raise Refusal(message, field="evidence") from error
    file = session.get(StoredFile, int(number), with_for_update=True)
    if file is None or file.salt is None:
        raise NotFound(_("We deleted this file because no submission used it within a day. Upload the file again."))
    if session.scalar(select(Evidence.id).where(Evidence.file_id == file.id).limit(1)) is not None:
        raise Conflict(_("Another submission has this file already. Upload it again."))
    return file
