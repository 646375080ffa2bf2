"""Headlines on the most frequent type of comment on a part of the draft: one whole sentence for each type.

Each sentence is complete, so that a translation can order its words freely. The plural follows the number `n`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consult.core.i18n import ngettext

Sentence = Callable[..., str]
"""Called with `num` and the values n, of and place, which are formatted already."""

OF_ALL: Mapping[str, Sentence] = {
    "support": lambda num, **values: ngettext(
        "%(n)s of %(of)s submissions on %(place)s asks to keep it",
        "%(n)s of %(of)s submissions on %(place)s ask to keep it",
        num,
        **values,
    ),
    "wording": lambda num, **values: ngettext(
        "%(n)s of %(of)s submissions on %(place)s asks to change it",
        "%(n)s of %(of)s submissions on %(place)s ask to change it",
        num,
        **values,
    ),
    "drop": lambda num, **values: ngettext(
        "%(n)s of %(of)s submissions on %(place)s asks to delete it",
        "%(n)s of %(of)s submissions on %(place)s ask to delete it",
        num,
        **values,
    ),
    "evidence": lambda num, **values: ngettext(
        "%(n)s of %(of)s submissions on %(place)s brings information",
        "%(n)s of %(of)s submissions on %(place)s bring information",
        num,
        **values,
    ),
    "concern": lambda num, **values: ngettext(
        "%(n)s of %(of)s submissions on %(place)s raises concerns",
        "%(n)s of %(of)s submissions on %(place)s raise concerns",
        num,
        **values,
    ),
}
"""By type of comment, of all submissions on that part."""
OF_NEW: Mapping[str, Sentence] = {
    "support": lambda num, **values: ngettext(
        "%(n)s of %(of)s new submissions on %(place)s asks to keep it",
        "%(n)s of %(of)s new submissions on %(place)s ask to keep it",
        num,
        **values,
    ),
    "wording": lambda num, **values: ngettext(
        "%(n)s of %(of)s new submissions on %(place)s asks to change it",
        "%(n)s of %(of)s new submissions on %(place)s ask to change it",
        num,
        **values,
    ),
    "drop": lambda num, **values: ngettext(
        "%(n)s of %(of)s new submissions on %(place)s asks to delete it",
        "%(n)s of %(of)s new submissions on %(place)s ask to delete it",
        num,
        **values,
    ),
    "evidence": lambda num, **values: ngettext(
        "%(n)s of %(of)s new submissions on %(place)s brings information",
        "%(n)s of %(of)s new submissions on %(place)s bring information",
        num,
        **values,
    ),
    "concern": lambda num, **values: ngettext(
        "%(n)s of %(of)s new submissions on %(place)s raises concerns",
        "%(n)s of %(of)s new submissions on %(place)s raise concerns",
        num,
        **values,
    ),
}
"""By type of comment, of the submissions that are new in a digest."""
COUNTS: Mapping[str, Sentence] = {
    "support": lambda num, **values: ngettext("%(n)s asks to keep it", "%(n)s ask to keep it", num, **values),
    "wording": lambda num, **values: ngettext("%(n)s asks to change it", "%(n)s ask to change it", num, **values),
    "drop": lambda num, **values: ngettext("%(n)s asks to delete it", "%(n)s ask to delete it", num, **values),
    "evidence": lambda num, **values: ngettext("%(n)s brings information", "%(n)s bring information", num, **values),
    "concern": lambda num, **values: ngettext("%(n)s raises concerns", "%(n)s raise concerns", num, **values),
}
"""By type of comment: a clause with its number of submissions, for a list after a colon. Uses n only."""
