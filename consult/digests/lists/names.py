"""Names, in URLs, of the lists behind the numbers of a digest and of “What we heard”."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.digests.content.body import DIMENSIONS
from consult.ledger.model import Kind
from consult.positions.model import Side

LEDGER_KINDS_BY_LIST: dict[str, tuple[Kind, ...]] = {
    "pending": (Kind.RECEIVED, Kind.AMENDED, Kind.REPLIED, Kind.RETURNED),
    "published": (Kind.PUBLISHED,),
    "returned": (Kind.RETURNED,),
    "amended": (Kind.AMENDED,),
    "replied": (Kind.REPLIED,),
    "withheld": (Kind.WITHHELD,),
    "withdrawn": (Kind.WITHDRAWN,),
    "erased": (Kind.ERASED,),
    "received": (Kind.RECEIVED,),
    **dict.fromkeys(
        (
            "individually", "in-campaigns", "organisations", "unplaced", "placed", "spoken", "by-letter", "told",
            "own", "shared", "attachment",
        ),
        (Kind.PUBLISHED,),
    ),
}  # fmt: skip
"""Ledger entries that put a submission on a list. For other lists it is the publication."""
CLASS_BY_LIST = {"own": "individual", "shared": "shared", "attachment": "attachment"}
"""Lists of published submissions outside campaigns, by class."""
TEXT_LISTS = ("texts", "individual")
LETTER_PARTS = ("exact", "own", "changed")
"""Members of a campaign by how they changed the letter. Each is in one part."""
WANTED = (*Side, "unread", "elsewhere")
"""Lists of what is published by its side on the draft as a whole; with the last two they complete it."""
REST = "rest"
"""All groups that are too small to be shown, together."""
_ALL_ONLY = {
    "pending",
    "individually",
    "in-campaigns",
    "unplaced",
    "placed",
    "spoken",
    "by-letter",
    "told",
    *CLASS_BY_LIST,
}


@dataclass(frozen=True)
class ListSelector:
    """A list: its `name` in URLs, its kind, whether of the window or in all, and its part of the draft and type of
    comment.

    `key` is the ID of a campaign, argument or missed target, the name of a topic, or a day. `keys` are groups of
    `dimension`; `part` is a part of a campaign.
    """

    name: str
    kind: str
    all: bool
    place: str = ""
    stance: str = "any"
    key: str = ""
    dimension: str = ""
    keys: tuple[str, ...] = ()
    part: str = ""


def parse_list_name(name: str) -> ListSelector:
    """Parse the name of a list from a URL. Raises NotFound.

    >>> what = parse_list_name("all-at:chp_2__para_1:concern")
    >>> (what.kind, what.all, what.place, what.stance)
    ('at', True, 'chp_2__para_1', 'concern')
    >>> parse_list_name("all-of:kind:ngo,network").keys
    ('ngo', 'network')
    """
    whole, bare = name.startswith("all-"), name.removeprefix("all-")
    kind, _colon, rest = bare.partition(":")
    first, _colon, second = rest.partition(":")
    numbered = rest.isascii() and rest.isdigit() and len(rest) < 19
    if kind == "at":
        return ListSelector(name, kind, whole, first, {"": "any", "unsaid": ""}.get(second, second))
    if kind == "letter" and second in LETTER_PARTS and first.isascii() and first.isdigit() and len(first) < 19:
        return ListSelector(name, kind, True, key=first, part=second)
    if (kind in ("letter", "argued") and numbered and not whole) or (kind == "met" and numbered and whole):
        return ListSelector(name, kind, kind != "argued", key=rest)
    if kind == "about" and first and second:
        return ListSelector(name, kind, whole, key=rest)
    if kind == "copies" and len(rest) == 32 and not whole and all(c in "0123456789abcdef" for c in rest):
        return ListSelector(name, kind, True, key=rest)
    if kind == "day" and whole and len(rest) == 10:
        return ListSelector(name, kind, True, key=rest)
    if kind == "of" and whole and first in DIMENSIONS and second:
        return ListSelector(name, kind, True, dimension=first, keys=tuple(second.split(",")))
    if kind == "wants" and whole and rest in WANTED:
        return ListSelector(name, kind, True, key=rest)
    if kind == "side" and whole and first and second:
        return ListSelector(name, kind, True, first, dimension="kind", keys=(second,))
    if not rest and (kind in LEDGER_KINDS_BY_LIST or kind in TEXT_LISTS) and (whole or kind not in _ALL_ONLY):
        return ListSelector(name, kind, whole)
    raise list_not_found()


def list_not_found() -> NotFound:
    return NotFound(_("We cannot find this list in the digest."))
