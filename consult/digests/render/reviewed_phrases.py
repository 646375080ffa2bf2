"""Phrases for the plan that a consultation reviews."""

from __future__ import annotations

from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import ReviewedPlanRow
from consult.digests.render.phrases import LinkedSentence

_STATES = {
    "under_way": N_("under way"),
    "not_started": N_("not started"),
    "late": N_("late"),
    "dropped": N_("dropped"),
    "no_report": N_("without a current report"),
}


def reviewed(body: Body) -> list[LinkedSentence]:
    """The balance of the plan in at most three lines, each leading to it; nothing where none is reviewed."""
    row = body.reviewed
    if row is None:
        return []
    said = [
        ngettext(
            "“%(title)s” had %(n)s action on %(day)s; the government called %(done)s of these done",
            "“%(title)s” had %(n)s actions on %(day)s; the government called %(done)s of these done",
            row.actions,
            title=row.title,
            n=format_number(row.actions),
            day=format_day(row.day),
            done=format_number(row.done),
        ),
        _("The others: %(states)s", states=_list_states(row)) if row.actions > row.done else "",
        ngettext(
            "On %(n)s action at least one organisation saw it otherwise than the government",
            "On %(n)s actions at least one organisation saw it otherwise than the government",
            row.differ,
            n=format_number(row.differ),
        ),
    ]
    return [LinkedSentence(words, plan=row.slug) for words in said if words]


def _list_states(row: ReviewedPlanRow) -> str:
    counts = [(getattr(row, name), str(label)) for name, label in _STATES.items()]
    return _(", ").join(f"{format_number(n)} {label}" for n, label in counts if n)
