# mypy: disable-error-code="no-any-return"
"""Groups of contributors in words: what they are called, and who is missing, each with the list behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel import Locale

from consult.core.i18n import N_, _, language, ngettext
from consult.core.templates import number
from consult.digests.list_names import DIMENSIONS, REST
from consult.digests.phrases import Line, isolated

Body = Mapping[str, Any]
KINDS = {
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
    return str(KINDS.get(kind, kind))


def group_name(dimension: str, key: str, label: str = "") -> str:
    """What a group is called: a kind of contributor, a language, a country, or as the owner named it."""
    if label:
        return isolated(label)
    if dimension == "language":
        return _("people writing in %(language)s", language=Locale(language()).languages.get(key, key))
    return Locale(language()).territories.get(key, key) if dimension == "country" else kind_name(key)


def heard_less(body: Body) -> list[Line]:
    """Who is missing, in sentences: first those whom the owner set out to hear.

    Each has the list behind it; what is said of nobody, or of too few, has none but the table of all groups.
    """
    found = body.get("heard_less")
    if not found:
        return []
    lines = [Line(_begun(_target(row, found["k"])), _target_list(n, row, body))
             for n, row in enumerate(found["targets"])]  # fmt: skip
    if found["absent"]:
        lines.append(Line(_("Not heard yet: %(names)s.", names=_listed(found["absent"]))))
    if found.get("few"):
        said = _("Fewer than %(k)s each: %(names)s.", k=number(found["k"]), names=_listed(found["few"]))
        lines.append(Line(said))
    if found["unquoted"]:
        said = _("Heard, but not quoted here: %(names)s.", names=_listed(found["unquoted"]))
        lines.append(Line(said, _shown_list(body, "kind", found["unquoted"])))
    return lines


def _target_list(at: int, row: Mapping[str, Any], body: Body) -> str:
    if not row["n"]:
        return ""
    return f"all-met:{at}" if row["dimension"] == "group" else _shown_list(body, row["dimension"], [row["key"]])


def _shown_list(body: Body, dimension: str, keys: Sequence[str]) -> str:
    """The list of those groups, where the number of each is shown."""
    found = body.get("who", body).get(DIMENSIONS[dimension], {}).get("shown", ())
    return group_list(dimension, ",".join(keys)) if {key for key, _n in found} >= set(keys) else ""


def _begun(sentence: str) -> str:
    """With a capital where its script has them, also under the mark that keeps words in their own direction."""
    at = 1 if sentence[:1] == isolated("")[0] else 0
    return sentence[:at] + sentence[at : at + 1].upper() + sentence[at + 1 :]


def _target(row: Mapping[str, Any], k: int) -> str:
    name = group_name(row["dimension"], row["key"], row["label"])
    if row["dimension"] == "group":
        return _met(row, k, name)
    known = number(row["n"]) if row["n"] else _("nobody")
    n = _("fewer than %(k)s", k=number(k)) if row["few"] else known
    return _("%(name)s: %(n)s of the %(wanted)s hoped for.", name=name, n=n, wanted=number(row["wanted"]))


def _met(row: Mapping[str, Any], k: int, name: str) -> str:
    """A group as its owner named it, which is heard where somebody sits down with it."""
    if row["few"] or not row["n"]:
        said = _("fewer than %(k)s people", k=number(k)) if row["few"] else _("nobody")
        return _("%(name)s: %(n)s at meetings, of the %(wanted)s hoped for.", name=name, n=said,
                 wanted=number(row["wanted"]))  # fmt: skip
    return ngettext("%(name)s: %(n)s person at meetings, of the %(wanted)s hoped for.",
                    "%(name)s: %(n)s people at meetings, of the %(wanted)s hoped for.", row["n"], name=name,
                    n=number(row["n"]), wanted=number(row["wanted"]))  # fmt: skip


def _listed(kinds: list[str]) -> str:
    return _(", ").join(kind_name(kind) for kind in kinds)


def group_title(dimension: str, key: str) -> str:
    """What a group is called in a table, with a capital where its script has them."""
    locale = Locale(language())
    named = {"language": locale.languages, "country": locale.territories}
    name = named[dimension].get(key) if dimension in named else None
    return _begun(name or kind_name(key))


def too_small(groups: int) -> str:
    """How many groups stand in one line because each is too small to be shown by itself."""
    return ngettext("%(num)s group too small to show", "%(num)s groups too small to show", groups)


def group_list(dimension: str, key: str = REST) -> str:
    """The name of the list behind the number of a group, or of those too small to be shown."""
    return f"all-of:{dimension}:{key}"


def group_rows(found: Mapping[str, Any], dimension: str) -> list[tuple[str, int, str]]:
    """A breakdown: of each group what it is called, how many they are, and the list of them."""
    rows = [(group_title(dimension, key), n, group_list(dimension, key)) for key, n in found["shown"]]
    if found["rest"]:
        rows.append((too_small(found["groups"]), found["rest"], group_list(dimension)))
    return rows


def side_list(place: str, kind: str) -> str:
    """The name of the list of a kind's submissions that support a place or raise concerns."""
    return f"all-side:{place}:{kind}"


def breakdowns(found: Mapping[str, Any]) -> list[tuple[str, str, list[tuple[str, int, str]]]]:
    """Who was heard, by kind, language and country: what each table is called, its name, and its rows."""
    titles = {"kind": _("Kinds of contributors"), "language": _("Languages"), "country": _("Countries")}
    return [(titles[one], name, group_rows(found[name], one)) for one, name in DIMENSIONS.items()]
