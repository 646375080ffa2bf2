"""Phrases for changes since the last edition."""

from __future__ import annotations

from consult.core.i18n import _
from consult.core.web.template_filters import format_number, format_percent
from consult.digests.content.body import Body, StanceShift
from consult.digests.content.rows import PlaceReference
from consult.digests.render import claims
from consult.digests.render.phrases import STANCE_NAMES, LinkedSentence, place_name


def since(body: Body) -> list[LinkedSentence]:
    """Return the changes since the last edition as sentences, each with its list."""
    found = body.since
    if not found:
        return []
    lines = []
    if top := found.top:
        before = place_name(PlaceReference(key="", kind="provision", number=top.was))
        said = claims.another_place_leads(place_name(top), before, top.number, top.was)
        lines.append(LinkedSentence(said, f"all-at:{top.key}"))
    lines += [_shifted(shift) for shift in found.shifts]
    if found.first_spoken:
        named = _(", ").join(place_name(row) for row in found.first_spoken)
        more = found.first_spoken_in_all - len(found.first_spoken)
        if more > 0:
            named = _("%(names)s and %(n)s more", names=named, n=format_number(more))
        only = found.first_spoken[0].key if found.first_spoken_in_all == 1 else None
        said = _("First comments on: %(places)s.", places=named)
        lines.append(LinkedSentence(said, f"all-at:{only}" if only else ""))
    return lines


def _shifted(shift: StanceShift) -> LinkedSentence:
    """Return the sentence on a changed share. Bodies up to version 3 have shares, later ones the numbers."""
    place, stance = place_name(shift), str(STANCE_NAMES[shift.stance])
    if shift.was_of and shift.now_of:
        said = claims.stance_moved(shift.was_of, shift.now_of, place, stance)
    else:
        said = _(
            "Share of “%(stance)s” on %(place)s: %(was)s before, %(now)s now.",
            place=place,
            stance=stance,
            was=format_percent(shift.was or 0, 100),
            now=format_percent(shift.now or 0, 100),
        )
    there = shift.now_of[0] if shift.now_of else shift.now
    return LinkedSentence(said, f"all-at:{shift.key}:{shift.stance}" if there else "")
