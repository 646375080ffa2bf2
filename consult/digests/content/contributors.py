"""Names of contributor groups and of missing groups, each with its list."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import DIMENSIONS, Body, ContributorSection, GroupBreakdown, MissedTarget
from consult.digests.lists.names import REST
from consult.digests.lists.numbers import find_breakdown
from consult.digests.render import claims
from consult.digests.render.phrases import LinkedSentence, bidi_isolate
from consult.digests.results.summary import Summary
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
    "person": N_("people in their own name"),
    "unnamed": N_("people who gave no name"),
}


def kind_name(kind: str) -> str:
    """What a kind of contributor is called."""
    return str(KIND_NAMES.get(kind, kind))


def _value_name(dimension: str, key: str) -> str:
    """What a group is called, as a word: a kind of contributor, or a value of a field."""
    locale = Locale(current_language())
    named = {"language": locale.languages, "country": locale.territories}
    if dimension in named:
        return str(named[dimension].get(key, key))
    return name_value(dimension, key) if dimension in COUNTED else kind_name(key)


def group_name(dimension: str, key: str, label: str = "") -> str:
    """What a group is called in a sentence: as the owner named it, a kind of contributor, or a value of a field."""
    if label:
        return bidi_isolate(label)
    name = _value_name(dimension, key)
    return _("people writing in %(language)s", language=name) if dimension == "language" else name


def heard_less(body: Body | Summary) -> list[LinkedSentence]:
    """Who is missing, in sentences: first those whom the owner set out to hear.

    Each has the list behind it; what is said of nobody, or of too few, has none but the table of all groups.
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
        said = _("Heard, but not quoted here: %(names)s.", names=_join_kinds(found.unquoted))
        lines.append(LinkedSentence(said, _shown_list(body.who, "kind", found.unquoted)))
    return lines


def _target_list(at: int, row: MissedTarget, who: ContributorSection | None) -> str:
    if not row.n:
        return ""
    return f"all-met:{at}" if row.dimension == "group" else _shown_list(who, row.dimension, [row.key])


def _shown_list(who: ContributorSection | None, dimension: str, keys: Sequence[str]) -> str:
    """The list of those groups, where the number of each is shown."""
    found = find_breakdown(who, dimension)
    shown = {key for key, _n in found.shown} if found else set()
    return group_list_name(dimension, ",".join(keys)) if shown >= set(keys) else ""


def _capitalised(sentence: str) -> str:
    """With a capital where its script has them, also under the mark that keeps words in their own direction."""
    at = 1 if sentence[:1] == bidi_isolate("")[0] else 0
    return sentence[:at] + sentence[at : at + 1].upper() + sentence[at + 1 :]


def _target(row: MissedTarget, k: int) -> str:
    name = group_name(row.dimension, row.key, row.label)
    if row.dimension == "group":
        return _meeting_target(row, k, name)
    known = format_number(row.n) if row.n else _("nobody")
    n = _("fewer than %(k)s", k=format_number(k)) if row.few else known
    return _("%(name)s: %(n)s of the %(wanted)s hoped for.", name=name, n=n, wanted=format_number(row.wanted))


def _meeting_target(row: MissedTarget, k: int, name: str) -> str:
    """A group as its owner named it, which is heard where somebody sits down with it."""
    if row.few or not row.n:
        said = _("fewer than %(k)s people", k=format_number(k)) if row.few else _("nobody")
        return _(
            "%(name)s: %(n)s at meetings, of the %(wanted)s hoped for.",
            name=name,
            n=said,
            wanted=format_number(row.wanted),
        )
    return ngettext(
        "%(name)s: %(n)s person at meetings, of the %(wanted)s hoped for.",
        "%(name)s: %(n)s people at meetings, of the %(wanted)s hoped for.",
        row.n,
        name=name,
        n=format_number(row.n),
        wanted=format_number(row.wanted),
    )


def _join_kinds(kinds: Sequence[str]) -> str:
    return _(", ").join(kind_name(kind) for kind in kinds)


def group_title(dimension: str, key: str) -> str:
    """What a group is called in a table, with a capital where its script has them."""
    return _capitalised(_value_name(dimension, key))


def small_groups_label(groups: int) -> str:
    """How many groups stand in one line because each is too small to be shown by itself."""
    return ngettext("%(num)s group too small to show", "%(num)s groups too small to show", groups)


def group_list_name(dimension: str, key: str = REST) -> str:
    """The name of the list behind the number of a group, or of those too small to be shown."""
    return f"all-of:{dimension}:{key}"


def group_rows(found: GroupBreakdown, dimension: str) -> list[tuple[str, int, str]]:
    """A breakdown: of each group what it is called, how many they are, and the list of them."""
    rows = [(group_title(dimension, key), n, group_list_name(dimension, key)) for key, n in found.shown]
    if found.rest:
        rows.append((small_groups_label(found.groups), found.rest, group_list_name(dimension)))
    return rows


def side_list(place: str, kind: str) -> str:
    """The name of the list of a kind's submissions that support a place or raise concerns."""
    return f"all-side:{place}:{kind}"


def breakdowns(found: ContributorSection) -> list[tuple[str, str, list[tuple[str, int, str]]]]:
    """Who was heard, by each dimension that was counted: what each table is called, its name, and its rows."""
    return [
        (
            str(COUNTED[one].title) if one in COUNTED else _("Kinds of contributors"),
            name,
            group_rows(found.breakdowns[one], one),
        )
        for one, name in DIMENSIONS.items()
        if one in found.breakdowns
    ]
