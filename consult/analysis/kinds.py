"""Classes of texts and kinds of statements: the names shared by tables, files and pages."""

from __future__ import annotations

from enum import StrEnum


class TextKind(StrEnum):
    """What a comment is, as against all others of its consultation: each is exactly one."""

    EXACT = "exact"
    LETTER = "letter"
    SHARED = "shared"
    INDIVIDUAL = "individual"
    ATTACHMENT = "attachment"


class StatementKind(StrEnum):
    """What kind of statement it is, as against the letter."""

    ADDED = "added"
    REMOVED = "removed"
    CONTRARY = "contrary"


class ContradictionCheck(StrEnum):
    """What a person said of a member that seems to contradict its letter."""

    CONTRADICTS = "contradicts"
    AGREES = "agrees"


MIN_LETTER_WORDS = 10
"""A text of fewer words belongs to no campaign: 'I support this' is not organised by anyone."""
MIN_COPIES = 5
"""A text sent this often is a letter, and a campaign is published from this many members."""
