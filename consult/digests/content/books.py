"""The submission count in a digest and on results pages. Pure functions."""

from __future__ import annotations

from consult.analysis.queries import AnalysisTotals
from consult.digests.content.body import BooksSection


def build_books(totals: AnalysisTotals) -> BooksSection:
    """Return the terms of the submission count, and published submissions by class."""
    terms = {name: n for name, n in vars(totals).items() if name not in ("upto", "classes")}
    classes = {str(kind): one.published for kind, one in totals.classes.items()}
    return BooksSection(**terms, published=totals.published, classes=classes)
