# mypy: disable-error-code="no-any-return"
"""What a digest says of itself: who is missing, what changed since the last, what is placed, what was taken out.

Fixed templates filled with its numbers, as in `phrases.py`. Bodies of version 1 know none of it: then there is nothing
to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from consult.core.i18n import N_, _, ngettext
from consult.core.templates import number
from consult.digests.phrases import STANCES, Line, place_name

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
_GONE = {
    "withheld": N_("This quote was taken out: a moderator has withheld its comment since."),
    "withdrawn": N_("This quote was taken out: its author has withdrawn the comment since."),
    "erased": N_("This quote was taken out: its comment has been erased since."),
    "redacted": N_("This quote was taken out: words of its comment have been covered since."),
    "amended": N_("This quote was taken out: its author has changed the comment since."),
}
_ERRATA = {
    "withheld": N_("Edition %(edition)s quoted %(reference)s, which a moderator has withheld since."),
    "withdrawn": N_("Edition %(edition)s quoted %(reference)s, which its author has withdrawn since."),
    "erased": N_("Edition %(edition)s quoted %(reference)s, which has been erased since."),
    "redacted": N_("Edition %(edition)s quoted %(reference)s, of which words have been covered since."),
    "amended": N_("Edition %(edition)s quoted %(reference)s, which its author has changed since."),
}
_HOW = {
    "received": N_("each counted once, whatever became of it"),
    "texts": N_("the same words count once; capitals, spaces and punctuation do not matter"),
    "individual": N_("texts that fewer than five people sent"),
    "organisations": N_("each counted once, with something published"),
}


def kind_name(kind: str) -> str:
    """What a kind of contributor is called."""
    return str(KINDS.get(kind, kind))


def group_name(dimension: str, key: str, label: str = "") -> str:
    """What a group is called: a kind of contributor, a language, a country, or as the owner named it."""
    if label:
        return label
    if dimension == "language":
        return _("people writing in %(language)s", language=get_locale().languages.get(key, key))
    return get_locale().territories.get(key, key) if dimension == "country" else kind_name(key)


def coverage(body: Body) -> Line | None:
    """How much of what is published is placed, and the list of what is not."""
    found = body.get("coverage")
    if not found or not found["published"]:
        return None
    share = 100 * found["placed"] // found["published"]
    placed = _(
        "%(placed)s of %(published)s published submissions (%(share)s%%) speak to a paragraph or a question.",
        placed=number(found["placed"]), published=number(found["published"]), share=number(share),
    )  # fmt: skip
    if not found["unplaced"]:
        return Line(placed)
    rest = ngettext(
        "%(n)s speaks to the draft as a whole only.", "%(n)s speak to the draft as a whole only.", found["unplaced"],
        n=number(found["unplaced"]),
    )  # fmt: skip
    return Line(f"{placed} {rest}", "all-unplaced")


def heard_less(body: Body) -> list[str]:
    """Who is missing, in sentences: first those whom the owner set out to hear."""
    found = body.get("heard_less")
    if not found:
        return []
    lines = [_target(row, found["k"]) for row in found["targets"]]
    if found["absent"]:
        lines.append(_("Not heard yet: %(names)s.", names=_listed(found["absent"])))
    if found["unquoted"]:
        lines.append(_("Heard, but not quoted here: %(names)s.", names=_listed(found["unquoted"])))
    return lines


def _target(row: Mapping[str, Any], k: int) -> str:
    name = group_name(row["dimension"], row["key"], row["label"])
    known = number(row["n"]) if row["n"] else _("nobody")
    n = _("fewer than %(k)s", k=number(k)) if row["few"] else known
    return _("%(name)s: %(n)s of the %(wanted)s hoped for.", name=name, n=n, wanted=number(row["wanted"]))


def _listed(kinds: list[str]) -> str:
    return _(", ").join(kind_name(kind) for kind in kinds)


def since(body: Body) -> list[str]:
    """What changed since the last edition, in sentences."""
    found = body.get("since")
    if not found:
        return []
    lines = []
    if found["top"]:
        lines.append(_("Most submissions are now about %(place)s; before, about %(was)s.",
                       place=place_name(found["top"]),
                       was=place_name({"kind": "provision", "number": found["top"]["was"]})))  # fmt: skip
    lines += [
        _("On %(place)s, %(stance)s went from %(was)s%% to %(now)s%% of submissions.", place=place_name(shift),
          stance=str(STANCES[shift["stance"]]), was=number(shift["was"]), now=number(shift["now"]))
        for shift in found["shifts"]
    ]  # fmt: skip
    if found["first_spoken"]:
        named = _(", ").join(place_name(row) for row in found["first_spoken"])
        more = found["first_spoken_in_all"] - len(found["first_spoken"])
        if more > 0:
            named = _("%(names)s and %(n)s more", names=named, n=number(more))
        lines.append(_("Spoken of for the first time: %(places)s.", places=named))
    return lines


def errata(body: Body) -> list[tuple[str, int]]:
    """What earlier editions quoted and may not be quoted so any more, each with the number of that digest."""
    return [
        (str(_ERRATA[row["gone"]]) % {"edition": number(row["edition"]), "reference": row["reference"]}, row["digest"])
        for row in body.get("errata", ())
    ]


def gone(quote: Mapping[str, Any]) -> str:
    """Why a quote is not shown any more; empty where it is."""
    return str(_GONE[quote["gone"]]) if quote.get("gone") else ""


def how(name: str) -> str:
    """How one of the four numbers was counted."""
    return str(_HOW[name])
