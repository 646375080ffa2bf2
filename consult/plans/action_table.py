"""Parser for tables of actions, such as the columns of the EU Drugs Action Plan. Pure.

Source: EU Drugs Action Plan 2017–2020, OJ C 215, 5.7.2017: objective, action, timetable, responsible party, indicators,
data collection/assessment mechanism.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import read_csv_cell
from consult.plans.indicators import tables
from consult.plans.indicators.periods import read_end, read_period
from consult.plans.service import MAX_ACTIONS, ActionTerms

MAX_TABLE = 2**20
"""Maximum size of a file in bytes."""
_COLUMNS = {
    "number": {"number", "no", "nr", "id", "code", "action number", "numéro", "número"},
    "objective": {"objective", "objectives", "priority", "strategic priority", "goal", "objectif", "objetivo", "الهدف"},
    "title": {"action", "actions", "what", "measure", "activity", "título", "acción", "mesure", "الإجراء"},
    "due": {
        "timetable",
        "due",
        "by",
        "deadline",
        "timeline",
        "period",
        "by when",
        "date",
        "calendrier",
        "plazo",
        "calendario",
    },
    "begins": {"begins", "begin", "start", "starts", "from", "début", "inicio"},
    "owner": {
        "responsible party",
        "responsible parties",
        "responsible",
        "owner",
        "who",
        "lead",
        "responsable",
        "responsables",
    },
    "measured_by": {"indicator", "indicators", "indicator s", "indicateurs", "indicadores", "performance indicators"},
    "assessed_by": {
        "data collection assessment mechanism",
        "data collection assessment mechanisms",
        "data collection",
        "assessment mechanism",
        "assessment",
        "source of data",
    },
    "cost": {"cost", "budget", "coût", "costo", "coste"},
}


@dataclass(frozen=True)
class BadActionCell:
    """A cell that cannot be read: line in the file, column and text."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class ActionTable:
    """The actions of a file and the problems found. `missing` lists required columns that are absent.

    `lines` is the number of rows below the header.
    """

    actions: Sequence[ActionTerms]
    problems: Sequence[BadActionCell] = ()
    missing: Sequence[str] = ()
    unused: Sequence[str] = ()
    lines: int = 0


def load_actions(data: bytes) -> tuple[str, ActionTable]:
    """Return the text of a file and its actions. Raises a Refusal if it is not a table of actions or too large."""
    if len(data) > MAX_TABLE:
        raise Refusal(_("This file is too large. The limit is 1 MB."), field="file")
    text = tables.decode(data)[0]
    table = read_actions(text)
    if table.missing:
        names = {"title": _("the action"), "owner": _("the responsible party"), "due": _("the timetable")}
        said = _(", ").join(names[name] for name in table.missing)
        raise Refusal(_("We found no column for %(columns)s. Check the column names.", columns=said), field="file")
    if not table.lines:
        raise Refusal(_("We found no actions in this table."), field="file")
    if table.lines > MAX_ACTIONS:
        raise Refusal(_("A plan has at most %(most)s actions.", most=MAX_ACTIONS), field="file")
    return text, table


def read_actions(text: str) -> ActionTable:
    """Read the actions of a table with a header. An empty objective repeats that of the row above.

    >>> found = read_actions("Objective,Action,Timetable,Responsible party\\nHealth,Pay for needles,2027-2028,MoH\\n")
    >>> [(one.title, one.owner_name, str(one.due_on)) for one in found.actions]
    [('Pay for needles', 'MoH', '2028-12-31')]
    >>> read_actions("Action,Who\\nPay,MoH\\n").missing
    ['due']
    """
    delimiter = tables.find_delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [
            (rows.line_num, [read_csv_cell(cell).strip() for cell in row])
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        return ActionTable([], missing=["title", "owner", "due"])
    if not lines:
        return ActionTable([], missing=["title", "owner", "due"])
    at = {name: n for n, header in reversed(list(enumerate(lines[0][1]))) if (name := _name(header))}
    unused = [header for header in lines[0][1] if header and not _name(header)]
    missing = [name for name in ("title", "owner", "due") if name not in at]
    if missing:
        return ActionTable([], missing=missing, unused=unused)
    actions: list[ActionTerms] = []
    problems: list[BadActionCell] = []
    objective = ""
    for line, row in lines[1 : MAX_ACTIONS + 1]:  # load_actions refuses longer tables
        said = {name: row[n] if n < len(row) else "" for name, n in at.items()}
        objective = said.get("objective") or objective
        bad = _check(line, said)
        problems += bad
        if not bad:
            actions.append(_build(said, objective))
    return ActionTable(actions, problems, unused=unused, lines=len(lines) - 1)


def _name(header: str) -> str:
    said = " ".join(re.findall(r"[^\W_]+", header.casefold()))
    return next((name for name, names in _COLUMNS.items() if said in names), "")


def _check(line: int, said: dict[str, str]) -> list[BadActionCell]:
    bad = [BadActionCell(line, name, "") for name in ("title", "owner") if not said[name]]
    if read_end(said["due"]) is None:
        bad.append(BadActionCell(line, "due", said["due"]))
    if said.get("begins") and read_period(said["begins"]) is None:
        bad.append(BadActionCell(line, "begins", said["begins"]))
    return bad


def _build(said: dict[str, str], objective: str) -> ActionTerms:
    due = read_end(said["due"]) or date.max
    begins = read_period(said["begins"]) if said.get("begins") else _first_day(said["due"], due)
    return ActionTerms(
        title=said["title"],
        owner_name=said["owner"],
        due_on=due,
        begins_on=begins,
        number=said.get("number", ""),
        objective=objective,
        measured_by=said.get("measured_by", ""),
        assessed_by=said.get("assessed_by", ""),
        cost=said.get("cost", ""),
    )


def _first_day(timetable: str, due: date) -> date | None:
    """Return the first day of a timetable such as 2027–2029, or None if it covers one year only."""
    first = read_period(timetable)
    return first if first and first.year < due.year else None
