"""Names of contributor groups and of missing groups, each with its list."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import DIMENSIONS, Body, ContributorSection, GroupBreakdown, MissedTarget
from consult.digests.figures.summary import Summary
from consult.digests.lists.names import REST
from consult.digests.lists.numbers import find_breakdown
from consult.digests.render import claims
from consult.digests.render.phrases import LinkedSentence, bidi_isolate
from consult.digests.sides.section import SideGroup
from consult.submissions.fields import COUNTED, name_value

KIND_NAMES = {
    "ngo": N_("non-governmental organisations"),
    "community": N_("community groups"),
    "network": N_("networks"),
    "academic": N_("universities and research bodies"),
    "health_service": N_("health services"),
    "growers": N_("growers’ associations"),
    "faith": N_("faith groups"),
    "professional": N_("professional bodies"),
    "law_enforcement": N_("police and justice bodies"),
    "youth": N_("youth groups"),
    "organisation": N_("other organisations"),
    "person": N_("individuals"),
    "unnamed": N_("people who gave no name"),
}


def kind_name(kind: str) -> str:
    """Return the name of a kind of contributor."""
    return str(KIND_NAMES.get(kind, kind))


def side_group_name(group: SideGroup) -> str:
    """Return the name of a kind of contributor, or of the small kinds that are added together."""
    return kind_name(group.kind) if group.kind else _("the remaining types of participant")


def _value_name(dimension: str, key: str) -> str:
    """Return the name of a group alone: a kind of contributor, or a value of a field."""
    locale = Locale(current_language())
    named = {"language": locale.languages, "country": locale.territories}
    if dimension in named:
        return str(named[dimension].get(key, key))
    return name_value(dimension, key) if dimension in COUNTED else kind_name(key)


def group_name(dimension: str, key: str, label: str = "") -> str:
    """Return the name of a group for a sentence: the owner's label, a kind of contributor, or a value of a field."""
    if label:
        return bidi_isolate(label)
    name = _value_name(dimension, key)
    return _("people writing in %(language)s", language=name) if dimension == "language" else name


def heard_less(body: Body | Summary) -> list[LinkedSentence]:
    """Return sentences on missing groups, starting with the owner's targets.

    Each has its list. Sentences on absent or too small groups only have the table of all groups.
    """
    found = body.heard_less
    if not found:
        return []
    lines = [
        LinkedSentence(_capitalised(_target(row, found.k)), _target_list(n, row, body.who))
        for n, row in enumerate(found.targets)
    ]
    lines += [
        LinkedSentence(said)
        for said in (
            claims.not_heard([kind_name(kind) for kind in found.absent]),
            claims.hardly_heard([kind_name(kind) for kind in found.few], found.k),
        )
        if said
    ]
    if found.unquoted:
        said = _("Also took part, not quoted here: %(names)s.", names=_join_kinds(found.unquoted))
        lines.append(LinkedSentence(said, _shown_list(body.who, "kind", found.unquoted)))
    return lines


def _target_list(at: int, row: MissedTarget, who: ContributorSection | None) -> str:
    if not row.n:
        return ""
    return f"all-met:{at}" if row.dimension == "group" else _shown_list(who, row.dimension, [row.key])


def _shown_list(who: ContributorSection | None, dimension: str, keys: Sequence[str]) -> str:
    """Return the list of these groups if the number of each is shown, else an empty string."""
    breakdown = find_breakdown(who, dimension)
    shown = {key for key, _n in breakdown.shown} if breakdown else set()
    return group_list_name(dimension, ",".join(keys)) if shown >= set(keys) else ""


def _capitalised(sentence: str) -> str:
    """Return the sentence with a capital letter, also behind a direction mark."""
    at = 1 if sentence[:1] == bidi_isolate("")[0] else 0
    return sentence[:at] + sentence[at : at + 1].upper() + sentence[at + 1 :]


def _target(row: MissedTarget, k: int) -> str:
    name = group_name(row.dimension, row.key, row.label)
    if row.dimension == "group":
        return _meeting_target(row, k, name)
    known = format_number(row.n) if row.n else _("nobody")
    n = _("fewer than %(k)s", k=format_number(k)) if row.few else known
    return _("%(name)s: %(n)s (target %(wanted)s).", name=name, n=n, wanted=format_number(row.wanted))


def _meeting_target(row: MissedTarget, k: int, name: str) -> str:
    """Return the sentence on a target group of the owner, which is counted by people at meetings."""
    if row.few or not row.n:
        said = _("fewer than %(k)s people", k=format_number(k)) if row.few else _("nobody")
        return _(
            "%(name)s: %(n)s at meetings (target %(wanted)s).",
            name=name,
            n=said,
            wanted=format_number(row.wanted),
        )
    return ngettext(
        "%(name)s: %(n)s person at meetings (target %(wanted)s).",
        "%(name)s: %(n)s people at meetings (target %(wanted)s).",
        row.n,
        name=name,
        n=format_number(row.n),
        wanted=format_number(row.wanted),
    )


def _join_kinds(kinds: Sequence[str]) -> str:
    return _(", ").join(kind_name(kind) for kind in kinds)


def group_title(dimension: str, key: str) -> str:
    """Return the name of a group for a table, with a capital letter."""
    return _capitalised(_value_name(dimension, key))


def small_groups_label(groups: int) -> str:
    """Return the label of the row that combines groups too small to show."""
    return ngettext("%(num)s group too small to show", "%(num)s groups too small to show", groups)


def group_list_name(dimension: str, key: str = REST) -> str:
    """Return the name of the list of a group, or of the groups too small to show."""
    return f"all-of:{dimension}:{key}"


def group_rows(found: GroupBreakdown, dimension: str) -> list[tuple[str, int, str]]:
    """Return the rows of a breakdown: label, number and list of each group."""
    rows = [(group_title(dimension, key), n, group_list_name(dimension, key)) for key, n in found.shown]
    if found.rest:
        rows.append((small_groups_label(found.groups), found.rest, group_list_name(dimension)))
    return rows


def side_list(place: str, kind: str) -> str:
    """Return the name of a list: submissions of a kind that ask to keep a part, delete it or raise concerns."""
    return f"all-side:{place}:{kind}"


def breakdowns(found: ContributorSection) -> list[tuple[str, str, list[tuple[str, int, str]]]]:
    """Return the title, name and rows of each breakdown of contributors."""
    return [
        (
            str(COUNTED[one].title) if one in COUNTED else _("Types of participant"),
            name,
            group_rows(found.breakdowns[one], one),
        )
        for one, name in DIMENSIONS.items()
        if one in found.breakdowns
    ]
