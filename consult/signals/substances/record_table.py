"""Tables of substance records in CSV. Each row has a name and facts; rows with the same name are one record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from consult.core.tables.delimited import TableRefused, decode, find_delimiter, split_rows
from consult.signals.likeness.substances import SubstanceIndex
from consult.signals.substances.values import SubstanceControl, SubstanceStrip, SubstanceValues, find_problems

COLUMNS = (
    *("name", "cas", "inchikey", "unii", "un", "incb", "eu", "other_names", "source"),
    *("law", "country", "schedule", "since", "law_source", "strip", "shows", "strip_source"),
)
_NAMES = re.compile(r"[;|]")


@dataclass
class RecordTable:
    """The records of a table by id of the substance, and the lines left out, each with its reason."""

    records: dict[int, SubstanceValues] = field(default_factory=dict)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def read_records(data: bytes, index: SubstanceIndex) -> RecordTable:
    """Read a table. A line with an unknown name, or a record with a wrong value, is left out. Raises TableRefused."""
    text, _encoding = decode(data)
    rows = list(split_rows(text, find_delimiter(text), 0))
    heading = [cell.strip().casefold().replace(" ", "_") for cell in rows[0][1]] if rows else []
    if "name" not in heading:
        raise TableRefused("columns" if rows else "empty")
    table = RecordTable()
    by_term: dict[int, list[tuple[int, Mapping[str, str]]]] = defaultdict(list)
    for line, cells in rows[1:]:
        fields = dict(zip(heading, cells, strict=False))
        certain = index.match(fields["name"]).certain
        if len(certain) == 1:
            by_term[certain[0]].append((line, fields))
        else:
            table.left_out.append((line, "name"))
    for term_id, lines in by_term.items():
        values = _join([fields for _line, fields in lines])
        if problems := find_problems(values):
            table.left_out += [(line, str(problems[0][1])) for line, _fields in lines]
        else:
            table.records[term_id] = values
    table.left_out.sort()
    return table


def _join(rows: Sequence[Mapping[str, str]]) -> SubstanceValues:
    """Return one record of rows: the first value of each identifier, and all names, controls and strips."""

    def first(column: str) -> str:
        return next((row[column] for row in rows if row.get(column)), "")

    return SubstanceValues(
        cas=first("cas"),
        inchikey=first("inchikey"),
        unii=first("unii"),
        un_code=first("un"),
        incb_code=first("incb"),
        eu_code=first("eu"),
        names=_unique(name.strip() for row in rows for name in _NAMES.split(row.get("other_names", ""))),
        controls=tuple(dict.fromkeys(_read_control(row) for row in rows if row.get("law"))),
        strips=tuple(
            dict.fromkeys(
                SubstanceStrip(row["strip"].casefold(), row.get("shows", "").casefold(), row.get("strip_source", ""))
                for row in rows
                if row.get("strip")
            )
        ),
        source=first("source"),
    )


def _read_control(row: Mapping[str, str]) -> SubstanceControl:
    return SubstanceControl(
        law=row["law"].casefold(),
        schedule=row.get("schedule", ""),
        since=row.get("since", ""),
        source=row.get("law_source", ""),
        country=row.get("country", "").upper(),
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))
