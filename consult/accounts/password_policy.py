"""Which new passwords are refused: those that attackers try first, and the account's own words.

`zxcvbn` (MIT) knows common passwords, names, dates, keyboard rows and repetitions, and needs no network. It is loaded
with the first new password. Sources: NIST SP 800-63B, section 3.1.1.2 (a list of what is refused, a length of 15 where
the password is the only factor); zxcvbn: Wheeler 2016, USENIX Security.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.lazy import LazyModule

_zxcvbn: Any = LazyModule("zxcvbn")
LEAST_GUESSES = 10
"""As a power of ten: what a hundred guesses an hour take ten thousand years for."""
_READ = 64
"""The first characters decide; to look at many more takes long."""
_SHORTEST_WORD = 3


class WeakPassword(Refusal):
    """A password that attackers try early."""


def require_strong(password: str, *, words: Iterable[str]) -> None:
    """Raises WeakPassword. `words` are the account's own: its address, its names, the site's name."""
    if not is_strong(password, words=words):
        raise WeakPassword(
            _(
                "This password is easy to guess: it is common, a repetition, or made of your own name or address. "
                "Use four or more words that have nothing to do with each other or with you."
            ),
            field="password",
        )


def is_strong(password: str, *, words: Iterable[str] = ()) -> bool:
    """Whether guessing it takes long for an attacker who knows these words.

    >>> is_strong("paper lantern river coat"), is_strong("password12password12"), is_strong("tomas.2026.tomas")
    (True, False, True)
    >>> is_strong("tomas.2026.tomas", words=["Tomás R.", "tomas@example.org"])
    False
    """
    own = split_words(words)
    shown = _fold(password)[:_READ]
    found = _estimate(shown, own)
    rest = shown
    for word in sorted(own, key=len, reverse=True):  # what is left without one's own words must do
        rest = rest.replace(word, "")
    if len(rest) < len(shown):
        found = min(found, _estimate(rest, own))
    return found >= LEAST_GUESSES


def _estimate(shown: str, own: list[str]) -> float:
    """How many guesses, as a power of ten. Of nothing, as of twenty accents without a letter, none."""
    return float(_zxcvbn.zxcvbn(shown, user_inputs=own)["guesses_log10"]) if shown else 0.0


def split_words(texts: Iterable[str]) -> list[str]:
    """The texts and their parts, as they are compared.

    >>> split_words(["tomas@example.org", "Tomás R."])
    ['example', 'org', 'tomas', 'tomas r.', 'tomas@example.org']
    """
    folded = [_fold(text) for text in texts]
    parts = [part for text in folded for part in re.split(r"[\W_]+", text)]
    return sorted({word for word in (*folded, *parts) if len(word) >= _SHORTEST_WORD})


def _fold(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
