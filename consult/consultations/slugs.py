"""The slug and the reference code of a consultation, made from its title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, product
from string import ascii_uppercase

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import MAX_SLUG
from consult.core.text import make_slug as make_slug

CODE_PATTERN = re.compile("[A-Z0-9]{4}")
SLUG_PATTERN = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")


def read_slug(typed: str | None) -> str | None:
    """Return a typed slug, or None for an empty value. Raises a Refusal for an invalid one."""
    slug = (typed or "").strip().casefold()
    if slug and (not SLUG_PATTERN.fullmatch(slug) or len(slug) > MAX_SLUG):
        raise Refusal(_("The web address can contain a–z, digits and single hyphens between them."), field="address")
    return slug or None


def candidate_codes(title: str, year: int) -> Iterator[str]:
    """Yield codes of two letters and a two-digit year: from the title first, then alternatives.

    >>> next(candidate_codes("Draft Action Plan on Drugs", 2027)), next(candidate_codes("خطة", 2027))
    ('DA27', 'CN27')
    >>> [made for made, _next in zip(candidate_codes("Draft Plan on Drugs", 2027), range(3))]
    ['DP27', 'DA27', 'DB27']
    """
    words = [word for word in make_slug(title).split("-") if len(word) > 3 and word[0].isalpha()]
    letters = words[0][0] + words[1][0] if len(words) > 1 else (words[0][:2] if words else "cn")
    first = letters[0].upper()
    every = ("".join(two) for two in product(ascii_uppercase, repeat=2))
    made = dict.fromkeys(chain([letters.upper()], (first + other for other in ascii_uppercase), every))
    yield from (f"{two}{year % 100:02}" for two in made)
