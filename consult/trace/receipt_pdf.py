"""The receipt as a PDF: what was received, when, and the fingerprint. It gives no access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Response
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import _, current_language, language_direction, ngettext
from consult.core.web.template_filters import format_day, format_moment, language_name
from consult.digests import letters as delivery_letters
from consult.digests.render import layout
from consult.digests.render.blocks import Block, BlockItem
from consult.submissions import stances
from consult.submissions.coalitions import service as coalitions
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.model import Submission
from consult.submissions.pages import author
from consult.submissions.pages.author import Receipt


def pdf_response(session: Session, submission: Submission) -> Response:
    """Return the receipt as a PDF in the current language, for the proven author."""
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
            "In the public record since %(when)s. We compute the fingerprint from your text, the parts of the "
            "draft, the published name, your evidence and a random value (salt). Your download contains all of "
            "these and explains the steps. Anyone you give the download to can compute the same fingerprint. "
            "No other text gives this fingerprint.",
            when=format_moment(receipt.recorded_at),
        ),
    }
    yield {
        "is": "quiet",
        "text": _(
            "Keep this receipt. The people who run this site could rewrite the public record and the "
            "fingerprint in it. Your receipt would then no longer match. The fingerprint alone does not prove "
            "that nobody has done this.",
        ),
    }
    yield {
        "is": "text",
        "text": _("The answer from %(body)s is due by %(day)s.", body=it.body, day=format_day(it.answer_by))
        if it.answer_by
        else _("%(body)s has set no due date for its answers.", body=it.body),
    }
    yield {
        "is": "quiet",
        "text": _(
            "This receipt does not open your submission, so you can show it to anyone. Keep your private link "
            "or your seven recovery words separately."
        ),
    }


def _mandate(piece: EvidencePiece) -> str:
    """Return the author's description of a mandate file, with the fingerprint of the original."""
    digest = piece.file.sha256.hex() if piece.file and piece.file.sha256 else ""
    return f"{piece.row.description} (sha256 {digest})"


def _facts(receipt: Receipt, pieces: Sequence[EvidencePiece], joined: Sequence[str]) -> list[tuple[str, str]]:
    """Return the facts on the receipt with their labels."""
    row, evidence = receipt.submission, receipt.evidence
    said = [ngettext("%(num)s position paper", "%(num)s position papers", receipt.papers)] if receipt.papers else []
    if receipt.comments or not said:
        said += [ngettext("%(num)s comment", "%(num)s comments", receipt.comments)]
    said += [ngettext("%(num)s response", "%(num)s responses", receipt.answers)] if receipt.answers else []
    said += [ngettext("%(num)s item of evidence", "%(num)s items of evidence", evidence)] if evidence else []
    late = " · " + _("after the closing time") if row.late else ""
    rows = [
        (_("Sent"), format_moment(row.received_at) + late),
        *([(_("Changed"), format_moment(receipt.recorded_at))] if receipt.recorded_at > row.received_at else []),
        (_("Contains"), _(", ").join(said)),
        *([(_("The draft as a whole"), str(stances.SIDE_NAMES[row.side]))] if row.side else []),
        (_("Published as"), row.public_name or _("No name is published")),
        (_("Language of your comments"), language_name(row.language)),
    ]
    if row.present:
        there = ngettext("%(num)s person present", "%(num)s people present", row.present)
        rows.append((_("Submitted for a group"), there))
    rows += [(_("Co-signed with"), _(", ").join(joined))] if joined else []
    rows += [(_("Mandate file"), _mandate(piece)) for piece in evidence_queries.filter_mandates(pieces)]
    return rows
