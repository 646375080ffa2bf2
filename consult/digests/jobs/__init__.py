"""Jobs that print digests and receipts. Their libraries are loaded at first use."""

from __future__ import annotations

from consult.core.jobs import Job
from consult.digests.render.blocks import PaperDocument


@Job
def make_pdf(document: PaperDocument) -> bytes:
    """Return a document as a PDF/UA-1 file. A sheet is fitted on one page."""
    raise NotImplementedError


@Job
def make_docx(document: PaperDocument) -> bytes:
    """Return a document as a DOCX file."""
    raise NotImplementedError
