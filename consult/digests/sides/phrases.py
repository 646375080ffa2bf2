"""Sentences about the positions of submissions on the draft as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.sides.section import EstimateRow, SidesSection
from consult.digests.sides.section import is_finding as is_finding
from consult.submissions.model import Side
from consult.submissions.stances import STANCE_OF_SIDE

TITLE = N_("Positions on the draft")
SIDE_NAMES: Mapping[str, Any] = {
    "drop": N_("Drop the draft"),
    "change": N_("Change the draft"),
    "keep": N_("Keep the draft"),
    "neither": N_("No position"),
    "unread": N_("Not known"),
    "elsewhere": N_("Only on single paragraphs"),
}
_INKS = {str(side): str(stance) for side, stance in STANCE_OF_SIDE.items() if side is not Side.NEITHER}
_SHORT: Mapping[str, Any] = {
    "drop": N_("%(n)s drop"),
    "change": N_("%(n)s change"),
    "keep": N_("%(n)s keep"),
    "neither": N_("%(n)s no position"),
    "unread": N_("%(n)s not known"),
}


@dataclass(frozen=True)
class SideRow:
    """A row of the figure: `share` is the percentage of all published submissions."""

    side: str
    label: str
    n: int
    share: int
    what: str

    @property
    def ink(self) -> str:
        """Return the colour of the bar: that of the matching type of comment."""
        return _INKS.get(self.side, "unsaid")


def list_rows(section: SidesSection) -> list[SideRow]:
    """Return the rows: each position that occurs, then unknown positions, then comments on paragraphs only."""
    rows = [*section.rows, ("elsewhere", section.elsewhere)] if section.elsewhere else section.rows
    total = sum(n for _side, n in rows)
    return [
        SideRow(side, str(SIDE_NAMES[side]), n, max(1, round(100 * n / total)), f"all-wants:{side}") for side, n in rows
    ]


def say_finding(section: SidesSection) -> str:
    """Return the counts in one sentence, such as `829 ask to drop the draft, 168 to keep it, 3 take no position`."""
    return _(", ").join(_say_side(side, n) for side, n in section.rows if side != "unread")


def say_finding_briefly(section: SidesSection) -> str:
    """Return the counts in short for an e-mail subject, such as `829 drop, 168 keep`."""
    return say_briefly({side: n for side, n in section.rows if side in ("drop", "change", "keep")})


def say_briefly(sides: Mapping[str, int]) -> str:
    """Return `202 drop, 161 keep`, the largest first, of sides that occur."""
    ranked = sorted(((side, n) for side, n in sides.items() if n), key=lambda row: (-row[1], row[0]))
    return _(", ").join(str(_SHORT[side]) % {"n": format_number(n)} for side, n in ranked)


def _say_side(side: str, n: int) -> str:
    shown = format_number(n)
    if side == "drop":
        return ngettext("%(n)s asks to drop the draft", "%(n)s ask to drop the draft", n, n=shown)
    if side == "change":
        return ngettext("%(n)s asks to change the draft", "%(n)s ask to change the draft", n, n=shown)
    if side == "keep":
        return ngettext("%(n)s asks to keep the draft", "%(n)s ask to keep the draft", n, n=shown)
    return ngettext("%(n)s takes no position", "%(n)s take no position", n, n=shown)


def _say_letters(section: SidesSection) -> str:
    """Return how many of these submissions are copies of letters, or an empty string."""
    if not section.copies or not section.letters_all:
        return ""
    return ngettext(
        "%(copies)s of these submissions are copies of %(num)s campaign letter.",
        "%(copies)s of these submissions are copies of %(num)s campaign letters.",
        section.letters_all,
        copies=format_number(section.copies),
    )


def list_method(section: SidesSection) -> list[str]:
    """Return how the sides are known, what was read, and the estimate."""
    return [
        line
        for line in (
            _say_letters(section),
            _say_sources(section),
            _say_added(section),
            *_say_estimates(section),
            _say_agreement(section),
        )
        if line
    ]


def _say_sources(section: SidesSection) -> str:
    filed = ngettext(
        "%(n)s author stated a position.",
        "%(n)s authors stated a position.",
        section.filed,
        n=format_number(section.filed),
    )
    decided = ngettext(
        "People decided the position of %(n)s submission.",
        "People decided the position of %(n)s submissions.",
        section.decided,
        n=format_number(section.decided),
    )
    read = _(
        "For these positions, people read campaign letters (%(letters)s) and other texts (%(texts)s).",
        letters=format_number(section.letters),
        texts=format_number(section.added_read + section.texts_read),
    )
    return " ".join([filed] * bool(section.filed) + [decided, read] * bool(section.decided))


def _say_added(section: SidesSection) -> str:
    """Return how many copies with added words were read."""
    if not section.added_all:
        return ""
    if not section.added_read:
        return ngettext(
            "%(num)s text with added words counts with its campaign letter. Nobody has read it yet.",
            "%(num)s texts with added words count with their campaign letters. Nobody has read them yet.",
            section.added_all,
        )
    return _(
        "Texts with added words count with their campaign letter until a person reads them. People have read "
        "%(read)s of %(all)s so far. Number with a different position from the campaign letter: %(n)s.",
        all=format_number(section.added_all),
        read=format_number(section.added_read),
        n=format_number(section.against_letter),
    )


def _say_agreement(section: SidesSection) -> str:
    """Return how often a second reader decided alike, or an empty string."""
    if not section.read_twice:
        return ""
    read = ngettext(
        "A second person read %(num)s text and made the same decision on %(alike)s.",
        "A second person read %(num)s texts and made the same decision on %(alike)s.",
        section.read_twice,
        alike=format_number(section.alike),
    )
    if section.kappa is None:
        return read
    return f"{read} {_('Agreement (kappa): %(kappa)s', kappa=format_number(section.kappa / 100))}"


def _say_estimates(section: SidesSection) -> list[str]:
    if not section.estimates:
        return []
    intro = _(
        "Estimate for texts not read yet (%(left)s), based on %(sample)s read in random order. The ranges are "
        "95%% confidence intervals, not included in the counts:",
        left=format_number(section.left),
        sample=format_number(section.sample),
    )
    return [f"{intro} {_('; ').join(map(_say_estimate, section.estimates))}"]


def _say_estimate(row: EstimateRow) -> str:
    return _(
        "%(side)s: %(low)s to %(high)s",
        side=str(SIDE_NAMES[row.side]),
        low=format_number(row.low),
        high=format_number(row.high),
    )
