"""Filing: what people say of a draft, on which words, under which name, and how it is counted."""

from consult.submissions.names import init_app

__all__ = ["init_app"]
