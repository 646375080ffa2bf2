"""The names of the lists behind the numbers of a digest and of what was heard, as they stand in addresses."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.errors import NotFound
from consult.core.i18n import _

STATES: dict[str, tuple[str, ...]] = {
    "pending": ("submission.received", "submission.amended", "submission.returned"),
    **{
        kind: (f"submission.{kind}",)
        for kind in ("published", "returned", "amended", "withheld", "withdrawn", "erased", "received")
    },
    **dict.fromkeys(
        (
            "individually", "in-campaigns", "organisations", "unplaced", "placed", "told", "own", "shared",
            "attachment",
        ),
        ("submission.published",),
    ),
}  # fmt: skip
"""The ledger's entries that put a submission on a list; on others it is put by its publication."""
CLASSES = {"own": "individual", "shared": "shared", "attachment": "attachment"}
"""Lists of what is published outside letters, by its class."""
TEXTS = ("texts", "individual")
DIMENSIONS = {"kind": "kinds", "language": "languages", "country": "countries"}
"""By what groups of contributors are told apart, and where a body keeps how many are of each."""
REST = "rest"
"""Groups that are too small to be shown, together."""
_ALL_ONLY = {"pending", "individually", "in-campaigns", "unplaced", "placed", "told", *CLASSES}


@dataclass(frozen=True)
class What:
    """Which list: its `name` in an address, its kind, of everything or of the window, where and of which stance.

    `key` is the number of a letter, of an argument or of a missed target, the name of a topic, or a day; `keys` are
    groups of `dimension`.
    """

    name: str
    kind: str
    all: bool
    place: str = ""
    stance: str = "any"
    key: str = ""
    dimension: str = ""
    keys: tuple[str, ...] = ()


def read(name: str) -> What:
    """The list that an address names. Raises NotFound.

    >>> what = read("all-at:chp_2__para_1:concern")
    >>> (what.kind, what.all, what.place, what.stance)
    ('at', True, 'chp_2__para_1', 'concern')
    >>> read("all-of:kind:ngo,network").keys
    ('ngo', 'network')
    """
    whole, bare = name.startswith("all-"), name.removeprefix("all-")
    kind, _colon, rest = bare.partition(":")
    first, _colon, second = rest.partition(":")
    numbered = rest.isascii() and rest.isdigit() and len(rest) < 19
    if kind == "at":
        return What(name, kind, whole, first, {"": "any", "unsaid": ""}.get(second, second))
    if (kind in ("letter", "argued") and numbered and not whole) or (kind == "met" and numbered and whole):
        return What(name, kind, kind != "argued", key=rest)
    if kind == "about" and first and second:
        return What(name, kind, whole, key=rest)
    if kind == "copies" and len(rest) == 32 and not whole and all(c in "0123456789abcdef" for c in rest):
        return What(name, kind, True, key=rest)
    if kind == "day" and whole and len(rest) == 10:
        return What(name, kind, True, key=rest)
    if kind == "of" and whole and first in DIMENSIONS and second:
        return What(name, kind, True, dimension=first, keys=tuple(second.split(",")))
    if kind == "side" and whole and first and second:
        return What(name, kind, True, first, dimension="kind", keys=(second,))
    if not rest and (kind in STATES or kind in TEXTS) and (whole or kind not in _ALL_ONLY):
        return What(name, kind, whole)
    raise nothing()


def nothing() -> NotFound:
    return NotFound(_("This digest has no such list."))
