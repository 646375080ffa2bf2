"""Slugs: addresses made of names."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
LONGEST = 60


def make_slug(title: str) -> str:
    """The title in small ASCII letters, cut at a word; empty where no letter of it has an ASCII form.

    >>> make_slug("Plan de Acción sobre Drogas 2027–2030"), make_slug("خطة")
    ('plan-de-accion-sobre-drogas-2027-2030', '')
    """
    decomposed = unicodedata.normalize("NFKD", title.casefold().translate(_SPECIAL))
    words = re.findall("[a-z0-9]+", "".join(c for c in decomposed if not unicodedata.combining(c)))
    made = ""
    for word in words:
        if len(made) + len(word) >= LONGEST:
            break
        made = f"{made}-{word}" if made else word
    return made or "".join(words)[:LONGEST]
