"""Types of comment: their names, their order, and those that the form offers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from consult.core.i18n import N_


class Stance(StrEnum):
    """The type of a comment as stated by its author. Null if an import does not state it."""

    SUPPORT = "support"
    CONCERN = "concern"
    WORDING = "wording"
    DROP = "drop"
    EVIDENCE = "evidence"
    AMENDMENT = "amendment"  # only counted, see COUNTED_AS. It is never stored


class Side(StrEnum):
    """The author's position on the draft as a whole."""

    DROP = "drop"
    CHANGE = "change"
    KEEP = "keep"
    NEITHER = "neither"


FILED = (Stance.SUPPORT, Stance.WORDING, Stance.DROP, Stance.EVIDENCE, Stance.CONCERN)
"""Types that a comment can be stored with, in the order of bars, lists and columns. AMENDMENT is only counted."""
NAMES: Mapping[str, Any] = {
    Stance.SUPPORT: N_("Keep"),
    Stance.WORDING: N_("Change"),
    Stance.DROP: N_("Delete"),
    Stance.EVIDENCE: N_("Information"),
    Stance.CONCERN: N_("Raises a concern"),
    Stance.AMENDMENT: N_("Suggested wording"),
    "": N_("Not stated"),
}
OFFERED: Mapping[Stance, Any] = {
    Stance.SUPPORT: N_("Keep it"),
    Stance.WORDING: N_("Change it"),
    Stance.DROP: N_("Delete it"),
    Stance.EVIDENCE: N_("I have information to add"),
}
"""Answers of the form to what should happen to a paragraph. CONCERN still comes with imports and by e-mail."""
SIDE_OF_STANCE = {
    Stance.DROP: Side.DROP,
    Stance.AMENDMENT: Side.CHANGE,
    Stance.WORDING: Side.CHANGE,
    Stance.SUPPORT: Side.KEEP,
    Stance.EVIDENCE: Side.NEITHER,
}
"""The side of a type of comment. CONCERN is on none: it does not say what should happen. Of several, the first."""
SIDES = {SIDE_OF_STANCE[stance]: name for stance, name in OFFERED.items()}
"""Answers of the form to what should happen to the draft as a whole."""
STANCE_OF_SIDE = {SIDE_OF_STANCE[stance]: stance for stance in OFFERED}
SIDE_NAMES = {side: NAMES[stance] for side, stance in STANCE_OF_SIDE.items()}
AGAINST = (Stance.DROP, Stance.CONCERN)
"""Types that object to a paragraph, where its supporters are compared with its opponents."""
