"""Classes of texts and kinds of statements: the names shared by tables, files and pages."""

from __future__ import annotations

from enum import StrEnum


class TextKind(StrEnum):
    """The class of a comment compared with all others of its consultation. Each comment has exactly one."""

    EXACT = "exact"
    LETTER = "letter"
    SHARED = "shared"
    INDIVIDUAL = "individual"
    ATTACHMENT = "attachment"


class StatementKind(StrEnum):
    """The kind of a statement compared with the letter."""

    ADDED = "added"
    REMOVED = "removed"
    CONTRARY = "contrary"


class ContradictionCheck(StrEnum):
    """A person's decision on a member who seems to contradict the letter."""

    CONTRADICTS = "contradicts"
    AGREES = "agrees"


MIN_LETTER_WORDS = 10
"""The minimum length of a letter in words. Shorter texts such as “I support this” belong to no campaign."""
MIN_COPIES = 5
"""The number of copies that make a text a letter, and of members from which a campaign is public."""
