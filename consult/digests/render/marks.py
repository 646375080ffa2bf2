"""Quotation marks, and marks round words that may run in the other direction than their sentence."""

from __future__ import annotations

from consult.core.i18n import _, current_language
from consult.core.languages import find_language
from consult.digests.content.rows import ChangedWords

_ISOLATE, _END = "\u2068", "\u2069"
"""Round a name that may run in the other direction than the sentence. Source: Unicode Annex 9, section 2.4."""


def bidi_isolate(words: str) -> str:
    """Words that keep their own direction within a sentence."""
    return f"{_ISOLATE}{words}{_END}"


def in_quotation_marks(words: str) -> str:
    """Words between the marks of the language that quotes, which need not be that of the words."""
    first, last = find_language(current_language()).quotation_marks
    return f"{first}{bidi_isolate(words)}{last}"


def in_brackets(run: ChangedWords) -> str:
    """Words of an amendment in plain text: what goes and what comes says so, in brackets."""
    if run.mark == "same" or not run.text.strip():
        return run.text
    return f"[{_('Gone:') if run.mark == 'gone' else _('New:')} {run.text}]"
