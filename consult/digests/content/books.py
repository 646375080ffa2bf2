"""The books of a digest and of what was heard. Pure."""

from __future__ import annotations

from consult.analysis.queries import AnalysisTotals
from consult.digests.content.body import BooksSection


def build_books(totals: AnalysisTotals) -> BooksSection:
    """The terms of the books, and what is published by its class."""
    terms = {name: n for name, n in vars(totals).items() if name not in ("upto", "classes")}
    classes = {str(kind): one.published for kind, one in totals.classes.items()}
    return BooksSection(**terms, published=totals.published, classes=classes)
