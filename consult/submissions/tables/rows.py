"""Rows of tables as the fields of a comment to import."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from consult.submissions.tables.platforms import STANCES, TableMapping

_BREAK = re.compile(r"<(?:br ?/?|/p|/div|/li|/h[1-6])>", re.I)
_TAG = re.compile(r"</?[a-z][^<>]{0,2000}>", re.I)
_GAPS = re.compile(r"\n{3,}")


def to_fields(mapping: TableMapping, cells: Sequence[str]) -> dict[str, str]:
    """Return the cells of a row, in the order of `mapping.columns`, as fields of `imports.check_record`."""
    values = dict(zip(mapping.columns, cells, strict=True))
    parts = [values[column].strip() for column in mapping.bodies]
    stance = values.get(mapping.stance, "").strip()
    fields = {
        "source_id": values[mapping.source_id],
        "body": "\n\n".join(filter(None, map(to_text, parts) if mapping.platform else parts)),
        "stance": STANCES.get(stance, stance),
        "provision": values.get(mapping.provision, ""),
        "language": values.get(mapping.language, ""),
        **{name: values[column].strip() for name, column in mapping.fields},
    }
    return {name: value for name, value in fields.items() if value or name in ("source_id", "body")}


def to_text(marked: str) -> str:
    """Return HTML as text, which several platforms export.

    >>> to_text("<p>Do not <b>close</b> it.</p><p>R&amp;D helps.</p>")
    'Do not close it.\\nR&D helps.'
    """
    if "<" not in marked and "&" not in marked:
        return marked
    return _GAPS.sub("\n\n", html.unescape(_TAG.sub("", _BREAK.sub("\n", marked)))).strip()
