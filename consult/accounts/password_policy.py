"""Rejection of weak passwords: common ones and those built from the account's own words.

`zxcvbn` (MIT) knows common passwords, names, dates, keyboard rows and repetitions, and needs no network. It is loaded
with the first new password. Sources: NIST SP 800-63B, section 3.1.1.2 (a blocklist, and a length of 15 where the
password is the only factor); zxcvbn: Wheeler 2016, USENIX Security.
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
"""The minimum strength as log10 of guesses: 10,000 years at a hundred guesses an hour."""
_READ = 64
"""The number of characters checked. Longer input takes too long to estimate."""
_SHORTEST_WORD = 3


class WeakPassword(Refusal):
    """The password is easy to guess."""


def require_strong(password: str, *, words: Iterable[str]) -> None:
    """Raise WeakPassword for a weak password. `words` are the account's own: address, names and the site's name."""
    if not is_strong(password, words=words):
        raise WeakPassword(
            _(
                "This password is easy to guess. It is common, repeats itself, or contains your name or e-mail "
                "address. Use four or more words that have nothing to do with each other or with you."
            ),
            field="password",
        )


def is_strong(password: str, *, words: Iterable[str] = ()) -> bool:
    """Return True if the password is hard to guess for an attacker who knows these words.

    >>> is_strong("paper lantern river coat"), is_strong("password12password12"), is_strong("tomas.2026.tomas")
    (True, False, True)
    >>> is_strong("tomas.2026.tomas", words=["Tomás R.", "tomas@example.org"])
    False
    """
    own = split_words(words)
    shown = _fold(password)[:_READ]
    guesses = _estimate(shown, own)
    rest = shown
    for word in sorted(own, key=len, reverse=True):  # the rest without the account's own words must be strong too
        rest = rest.replace(word, "")
    if len(rest) < len(shown):
        guesses = min(guesses, _estimate(rest, own))
    return guesses >= LEAST_GUESSES


def _estimate(shown: str, own: list[str]) -> float:
    """Return log10 of the guesses needed, or 0 for an empty string, which folding can leave of accents alone."""
    return float(_zxcvbn.zxcvbn(shown, user_inputs=own)["guesses_log10"]) if shown else 0.0


def split_words(texts: Iterable[str]) -> list[str]:
    """Return the texts and their parts, folded for comparison.

    >>> split_words(["tomas@example.org", "Tomás R."])
    ['example', 'org', 'tomas', 'tomas r.', 'tomas@example.org']
    """
    folded = [_fold(text) for text in texts]
    parts = [part for text in folded for part in re.split(r"[\W_]+", text)]
    return sorted({word for word in (*folded, *parts) if len(word) >= _SHORTEST_WORD})


def _fold(text: str) -> str:
    """Return the text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
