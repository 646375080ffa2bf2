"""What a text is, and what kind of statement its words make: the names that tables, files and pages share."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a comment is, as against all others of its consultation: each is exactly one."""

    EXACT = "exact"
    LETTER = "letter"
    SHARED = "shared"
    INDIVIDUAL = "individual"
    ATTACHMENT = "attachment"


class Change(StrEnum):
    """What kind of statement it is, as against the letter."""

    ADDED = "added"
    REMOVED = "removed"
    CONTRARY = "contrary"


COPIES = 5
"""A text sent this often is a letter, and a campaign is published from this many members."""
