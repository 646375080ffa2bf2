"""Towns: a short list of suggestions, or a typed name without street, number or coordinates."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line

LONGEST = 60  # maximum number of characters
_COORDINATES = re.compile(
    r"-?\d{1,3}[.,]\d{2,}|\d\s*[°º˚]|[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}", re.I
)
"""Degrees with decimals or a degree sign, or an Open Location Code."""
_EXACT = re.compile(r"\d{3,}|\d+\s*[a-z]?$|://|\bwww\.|@", re.I)
"""A house number, postcode, or web or e-mail address."""


class TownRefused(Refusal):
    """The text is more precise than a town."""


@lru_cache(maxsize=1)
def _read_towns() -> dict[str, tuple[str, ...]]:
    lines = Path(__file__).with_name("towns.tsv").read_text(encoding="utf-8").splitlines()
    return {code: tuple(names) for code, *names in (line.split("\t") for line in lines)}


def list_towns(region: str) -> list[str]:
    """Return suggested towns: a few of the largest, and none for most regions.

    >>> list_towns("EC-P"), list_towns("EC-99")
    (['Quito'], [])
    """
    return list(_read_towns().get(region, ()))


def clean_town(typed: str) -> str | None:
    """Return the name of a town on one line, or None if empty. Raises TownRefused.

    >>> clean_town("  Ciudad   Juárez "), clean_town(" ")
    ('Ciudad Juárez', None)
    """
    town = one_line(typed)
    if _COORDINATES.search(town) or _EXACT.search(town) or len(town) > LONGEST:
        message = _(
            "Enter only the name of the town, in at most %(n)s characters. No street, number or coordinates.", n=LONGEST
        )
        raise TownRefused(message, field="place")
    return town or None
