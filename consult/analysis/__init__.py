"""Analysis of a consultation's submissions: identical texts, campaigns, quotes."""

from consult.analysis.check_page_hint import init_app

__all__ = ["init_app"]
