"""Plain text whose headings are recognised by their words, with Markdown marks added."""

from __future__ import annotations

import re

from consult.documents.outline import headings

_MARKED = re.compile(
    r"[ \t]{0,3}(?:#{1,6}[ \t]|\{(?:part|chapter|section|paragraph|point) \d)|[ \t]*(?:={3,}|-{3,})[ \t]*$"
)
_RANKS = (
    re.compile(r"(?:part|partie|parte|title|titre|título|titulo|الجزء|الباب)\s", re.IGNORECASE),
    re.compile(r"(?:chapter|chapitre|capítulo|capitulo|الفصل)\s", re.IGNORECASE),
    re.compile(r"(?:section|sección|seccion|seção|القسم)\s", re.IGNORECASE),
    re.compile(r"(?:article|artículo|articulo|artigo|المادة)\s", re.IGNORECASE),
)
_WHOLE = re.compile(r"\d{1,2}\.?[ \t]+\S")
_INNER = re.compile(r"^[ \t]*\d{1,2}\.\d", re.MULTILINE)
_LONGEST = 120


def mark_headings(text: str) -> str:
    """The text with `#` before its headings: lines that stand alone and begin with a word such as Chapter and a number,
    are all in capitals, or are short and numbered over paragraphs numbered below them. Marked text stays as it is.

    >>> text = "Draft plan\\n\\nCHAPTER I\\n\\nGeneral aims\\n\\nArticle 1. Purpose\\n\\n1. States shall test."
    >>> print(mark_headings(text))
    # Draft plan
    <BLANKLINE>
    ## CHAPTER I. General aims
    <BLANKLINE>
    ### Article 1. Purpose
    <BLANKLINE>
    1. States shall test.
    """
    if any(_MARKED.match(line) for line in text.splitlines()):
        return text
    groups = [group for group in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.strip("\n")) if group.strip()]
    dotted = bool(_INNER.search(text))
    found = [_rank(group, dotted) for group in groups]
    if found and _is_short(groups[0]) and not headings.parse_heading(groups[0].strip())[1]:
        found[0] = None  # the title, also where it is in capitals
    levels = {rank: place for place, rank in enumerate(sorted({rank for rank in found if rank is not None}), 2)}
    if not levels:
        return text
    made: list[str] = []
    named = False  # whether the heading before has only its number, so that the next line may be its words
    for place, (group, rank) in enumerate(zip(groups, found, strict=True)):
        if rank is not None:
            made.append(f"{'#' * levels[rank]} {' '.join(group.split())}")
            named = bool(headings.parse_heading(group.strip())[0]) and not headings.parse_heading(group.strip())[2]
            continue
        if named and _is_short(group) and not headings.parse_heading(group.strip())[1]:
            made[-1] += f". {' '.join(group.split())}"
        elif place == 0 and _is_short(group):
            made.append(f"# {' '.join(group.split())}")
        else:
            made.append(group)
        named = False
    return "\n\n".join(made)


def _rank(group: str, dotted: bool) -> int | None:
    """How far out a heading stands, from 0; None for what is none."""
    line = group.strip()
    if len(line) > _LONGEST or line.endswith((";", ",", ":")) or "\n" in line:
        return None
    word, number, rest = headings.parse_heading(line)
    if word and number:
        if rest.endswith(".") and len(rest) > 60:
            return None
        return next(rank for rank, words in enumerate(_RANKS) if words.match(line))
    if dotted and _WHOLE.match(line) and not line.endswith("."):
        return 1
    letters = [character for character in line if character.isalpha()]
    capital = len(letters) > 3 and all(letter.isupper() for letter in letters)
    return 1 if capital and not line.endswith(".") else None


def _is_short(group: str) -> bool:
    line = group.strip()
    return "\n" not in line and len(line) <= _LONGEST and not line.endswith((".", ";", ":", ","))
