"""A receipt to keep or to show: what was received, when, and the fingerprint. It opens nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import _, direction, language, ngettext
from consult.core.templates import day, moment
from consult.digests import letters
from consult.submissions import coalition, exhibits, own
from consult.submissions.exhibits import Exhibit
from consult.submissions.model import Submission
from consult.submissions.names import language_name
from consult.submissions.own import Receipt


def answer(session: Session, submission: Submission) -> Response:
    """The receipt as a PDF in the language of the page, for whoever has shown to be the author."""
    consultation = session.get_one(Consultation, submission.consultation_id)
    receipt = own.receipt(session, consultation.slug, reference=submission.reference)
    pieces = exhibits.of_submission(session, submission.id)
    joined = [row.name for row in coalition.of(session, submission.id, confirmed=True)]
    title = _("Received: %(reference)s", reference=submission.reference)
    made = letters.printer().pdf({
        "title": title, "lang": language(), "dir": direction(), "one_page": True, "author": consultation.body,
        "page": _("Page"), "blocks": list(_blocks(receipt, title, pieces, joined)),
    })  # fmt: skip
    sent = Response(made, mimetype="application/pdf")
    sent.headers["Content-Disposition"] = f'attachment; filename="{submission.reference}.pdf"'
    sent.headers["Cache-Control"] = "no-store"
    return sent


def _blocks(
    receipt: Receipt, title: str, pieces: Sequence[Exhibit], joined: Sequence[str]
) -> Iterator[dict[str, Any]]:  # fmt: skip
    it, row, evidence = receipt.consultation, receipt.submission, len(pieces)
    said = [ngettext("%(num)s comment", "%(num)s comments", receipt.comments)]
    said += [ngettext("%(num)s answer", "%(num)s answers", receipt.answers)] if receipt.answers else []
    said += [ngettext("%(num)s piece of evidence", "%(num)s pieces of evidence", evidence)] if evidence else []
    yield {"is": "over", "text": _("Receipt")}
    yield {"is": "title", "text": title}
    yield {"is": "about", "text": it.title, "by": it.body, "lang": it.language}
    late = " · " + _("after the closing time") if row.late else ""
    rows = [
        (_("Sent"), moment(row.received_at) + late),
        *([(_("Changed"), moment(receipt.recorded_at))] if receipt.recorded_at > row.received_at else []),
        (_("Contains"), _(", ").join(said)),
        (_("Published as"), row.public_name or _("No name is published")),
        (_("Language of your comments"), language_name(row.language)),
    ]
    if row.present:
        there = ngettext("%(num)s person was there", "%(num)s people were there", row.present)
        rows.append((_("Filed for a group"), there))
    rows += [(_("Signed together with"), _(", ").join(joined))] if joined else []
    rows += [(_("Mandate file"), _mandate(piece)) for piece in exhibits.mandates(pieces)]
    cells = [[{"text": str(cell), "url": ""} for cell in cells] for cells in rows]
    yield {"is": "table", "head": [_("Reference"), row.reference], "rows": cells}
    yield {"is": "heading", "text": _("Fingerprint")}
    yield {"is": "text", "text": f"sha256 {receipt.fingerprint}"}
    yield {"is": "quiet", "text": _(
        "It is in the record since %(when)s. Your download holds your words and the salt from which anybody can make "
        "the same fingerprint; nothing can be changed without its changing.",
        when=moment(receipt.recorded_at))}  # fmt: skip
    yield {"is": "text", "text": _("%(body)s has promised an answer by %(day)s.", body=it.body, day=day(it.answer_by))
           if it.answer_by else _("%(body)s has not promised an answer by a certain day.", body=it.body)}  # fmt: skip
    yield {"is": "quiet", "text": _("This sheet opens nothing: you can show it to anybody. Keep your private link or "
                                    "your seven words apart from it.")}  # fmt: skip


def _mandate(piece: Exhibit) -> str:
    """What it is called by its author, and the fingerprint of the file as it was sent."""
    digest = piece.file.sha256.hex() if piece.file and piece.file.sha256 else ""
    return f"{piece.row.description} (sha256 {digest})"
