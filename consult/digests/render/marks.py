"""Quotation marks, and direction isolates around words."""

from __future__ import annotations

from consult.core.i18n import _, current_language
from consult.core.languages import find_language
from consult.digests.content.rows import ChangedWords

_ISOLATE, _END = "\u2068", "\u2069"
"""Isolates around a name with another direction than the sentence. Source: Unicode Annex 9, section 2.4."""


def bidi_isolate(words: str) -> str:
    """Return words isolated, so that they keep their own direction within a sentence."""
    return f"{_ISOLATE}{words}{_END}"


def in_quotation_marks(words: str) -> str:
    """Return words in the quotation marks of the current language, which may differ from that of the words."""
    first, last = find_language(current_language()).quotation_marks
    return f"{first}{bidi_isolate(words)}{last}"


def in_brackets(run: ChangedWords) -> str:
    """Return words of a suggested wording as plain text, with deletions and insertions marked in brackets."""
    if run.mark == "same" or not run.text.strip():
        return run.text
    return f"[{_('Deleted:') if run.mark == 'gone' else _('New:')} {run.text}]"
