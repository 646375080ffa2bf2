"""The receipt as a PDF: what was received, when, and the fingerprint. It gives no access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Response
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import _, current_language, language_direction, ngettext
from consult.core.web.template_filters import format_day, format_moment, language_name
from consult.digests.delivery import letters as delivery_letters
from consult.digests.render import layout
from consult.digests.render.blocks import Block, BlockItem
from consult.submissions.coalitions import service as coalitions
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.model import Submission
from consult.submissions.pages import author
from consult.submissions.pages.author import Receipt


def pdf_response(session: Session, submission: Submission) -> Response:
    """The receipt as a PDF in the language of the page, for the proven author."""
    consultation = session.get_one(Consultation, submission.consultation_id)
    receipt = author.get_receipt(session, consultation.slug, reference=submission.reference)
    pieces = evidence_queries.list_by_submission(session, submission.id)
    joined = [row.name for row in coalitions.list_cosigners(session, submission.id, confirmed=True)]
    title = _("Received: %(reference)s", reference=submission.reference)
    made = delivery_letters.print_pdf(
        {
            "title": title,
            "lang": current_language(),
            "dir": language_direction(),
            "one_page": True,
            "author": consultation.body,
            "page": _("Page"),
            "lacking": layout.missing_characters_note(),
            "blocks": list(_blocks(receipt, title, pieces, joined)),
        },
        "receipt",
    )
    sent = Response(made, mimetype="application/pdf")
    sent.headers["Content-Disposition"] = f'attachment; filename="{submission.reference}.pdf"'
    sent.headers["Cache-Control"] = "no-store"
    return sent


def _blocks(receipt: Receipt, title: str, pieces: Sequence[EvidencePiece], joined: Sequence[str]) -> Iterator[Block]:
    it, row = receipt.consultation, receipt.submission
    yield {"is": "over", "text": _("Receipt")}
    yield {"is": "title", "text": title}
    yield {"is": "about", "text": it.title, "by": it.body, "lang": it.language}
    cells = [[BlockItem(text=str(cell), url="") for cell in cells] for cells in _facts(receipt, pieces, joined)]
    yield {"is": "table", "head": [_("Reference"), row.reference], "rows": cells}
    yield {"is": "heading", "text": _("Fingerprint")}
    yield {"is": "text", "text": f"sha256 {receipt.fingerprint}"}
    yield {
        "is": "quiet",
        "text": _(
            "It is in the record since %(when)s. It is made of your words, their places, the published name, your "
            "evidence and a salt. Your download holds all of these and says how, so that anybody you give it to can "
            "make the same fingerprint; nobody can make it from other words.",
            when=format_moment(receipt.recorded_at),
        ),
    }
    yield {
        "is": "quiet",
        "text": _(
            "Keep this sheet. Whoever runs this site could write its record anew, and the fingerprint in it; this "
            "sheet would not fit any more. The fingerprint alone does not prove that they have not.",
        ),
    }
    yield {
        "is": "text",
        "text": _("%(body)s has promised an answer by %(day)s.", body=it.body, day=format_day(it.answer_by))
        if it.answer_by
        else _("%(body)s has not promised an answer by a certain day.", body=it.body),
    }
    yield {
        "is": "quiet",
        "text": _(
            "This sheet opens nothing: you can show it to anybody. Keep your private link or "
            "your seven words apart from it."
        ),
    }


def _mandate(piece: EvidencePiece) -> str:
    """What it is called by its author, and the fingerprint of the file as it was sent."""
    digest = piece.file.sha256.hex() if piece.file and piece.file.sha256 else ""
    return f"{piece.row.description} (sha256 {digest})"


def _facts(receipt: Receipt, pieces: Sequence[EvidencePiece], joined: Sequence[str]) -> list[tuple[str, str]]:
    """What the receipt says of the submission, each with its heading."""
    row, evidence = receipt.submission, len(pieces)
    said = [ngettext("%(num)s comment", "%(num)s comments", receipt.comments)]
    said += [ngettext("%(num)s answer", "%(num)s answers", receipt.answers)] if receipt.answers else []
    said += [ngettext("%(num)s piece of evidence", "%(num)s pieces of evidence", evidence)] if evidence else []
    late = " · " + _("after the closing time") if row.late else ""
    rows = [
        (_("Sent"), format_moment(row.received_at) + late),
        *([(_("Changed"), format_moment(receipt.recorded_at))] if receipt.recorded_at > row.received_at else []),
        (_("Contains"), _(", ").join(said)),
        (_("Published as"), row.public_name or _("No name is published")),
        (_("Language of your comments"), language_name(row.language)),
    ]
    if row.present:
        there = ngettext("%(num)s person was there", "%(num)s people were there", row.present)
        rows.append((_("Filed for a group"), there))
    rows += [(_("Signed together with"), _(", ").join(joined))] if joined else []
    rows += [(_("Mandate file"), _mandate(piece)) for piece in evidence_queries.filter_mandates(pieces)]
    return rows
