"""Jobs that print digests and receipts. Their libraries are loaded at first use."""

from __future__ import annotations

from consult.core.jobs import Job
from consult.digests.render.blocks import PaperDocument


@Job
def make_pdf(document: PaperDocument) -> bytes:
    """The blocks of `layout.py` as a PDF/UA-1 file; a sheet on one page."""
    raise NotImplementedError


@Job
def make_docx(document: PaperDocument) -> bytes:
    """The blocks of `layout.py` as a file for a word processor."""
    raise NotImplementedError
