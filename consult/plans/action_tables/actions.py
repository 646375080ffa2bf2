"""Parser for a table of actions: objective, action, timetable, responsible parties, indicators, data collection.

Source of the columns: EU Drugs Action Plan 2021-2025. Headers are matched by name in English, French, Spanish and
Arabic, in any order. A line with an unreadable timetable becomes an action without a due date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import excerpt
from consult.files.table_rows import load_text, read_rows
from consult.plans.indicators.periods import read_period
from consult.plans.model import MAX_ACTION_LENGTH, MAX_OWNER_LENGTH, MAX_TEXT_LENGTH, MAX_TITLE_LENGTH, TimetableKind
from consult.plans.service import MAX_ACTIONS, ActionTerms
from consult.plans.timetables.words import TimetableReading, read_timetable

ASKED = ("title", "due", "owner")
"""Columns for which a person is asked where no header names them."""
MAX_ASKED = 12
NOT_STATED = "–"
"""Printed for a responsible party that the table leaves empty."""
_HEADERS = 15
"""Number of first rows among which the header is looked for."""
_COLUMNS = {
    "number": "number|no|nr|id|code|ref|action number|action no|numéro|número|n|الرقم",
    "objective": "objective|objectives|priority|strategic priority|goal|outcome|priority area|pillar|objectif|objectifs"
    "|objetivo|objetivos|eje|prioridad|الهدف",
    "title": "action|actions|what|measure|measures|activity|activities|milestone|milestones|commitment|task|key action"
    "|key actions|action item|título|acción|acciones|actividad|actividades|medida|mesure|mesures|activité|activités"
    "|ação|ações|الإجراء|النشاط",
    "due": "timetable|due|due date|by|deadline|timeline|timeframe|time frame|timescale|timing|period|by when|when|date"
    "|target date|completion date|end date|calendrier|échéance|délai|plazo|plazos|calendario|fecha|cronograma|prazo"
    "|الجدول الزمني|الموعد",
    "begins": "begins|begin|start|start date|starts|from|début|inicio|fecha de inicio",
    "owner": "responsible party|responsible parties|responsible|responsible body|owner|who|lead|lead agency|lead body"
    "|agency|agencies|partners|lead and partners|implementing agency|responsibility|responsable|responsables|pilote"
    "|entidad responsable|institución responsable|responsáveis|الجهة المسؤولة",
    "measured_by": "indicator|indicators|indicator s|indicateur|indicateurs|indicador|indicadores"
    "|performance indicators|kpi|المؤشر|المؤشرات",
    "assessed_by": "data collection assessment mechanism|data collection assessment mechanisms|data collection"
    "|assessment mechanism|assessment|source of data|means of verification|medios de verificación"
    "|sources de vérification",
    "cost": "cost|budget|coût|costo|coste|presupuesto|الكلفة",
}
_NAMES = {name: role for role, names in _COLUMNS.items() for name in names.split("|")}
_NUMBERED = re.compile(r"((?:[A-Z]{1,3}[ .-]?)?\d{1,3}(?:\.\d{1,3})*\.?(?:\s?\([a-z]{1,3}\))?)[\s.):–-]+(?=\S)")
"""The number at the beginning of an action’s cell, such as “8. (a)”."""


@dataclass(frozen=True)
class TableChoices:
    """A person's answers about a table: columns by role (None if it has no such column), and timetables by wording."""

    columns: Mapping[str, str | None] = field(default_factory=dict)
    timetables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NotedCell:
    """A cell that was not understood: line in the file, column and text. Its line is kept."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class ActionTable:
    """The actions of a file and the cells that were not understood.

    `missing` lists columns that no header names. `asked` has the words of timetables that a person can explain, with
    the number of lines of each. `lines` is the number of rows below the header.
    """

    actions: Sequence[ActionTerms]
    problems: Sequence[NotedCell] = ()
    missing: Sequence[str] = ()
    unused: Sequence[str] = ()
    headers: Sequence[str] = ()
    asked: Sequence[tuple[str, int]] = ()
    lines: int = 0


def load_actions(data: bytes, years: tuple[int, int], choices: TableChoices | None = None) -> tuple[str, ActionTable]:
    """Return the table of a file as CSV, and its actions for a plan of these years. Raises a Refusal.

    If no column names the actions, the table has none and `missing` says so.
    """
    text = load_text(data, _name)
    if not text.strip():
        raise Refusal(_("We found no table with a column for the action. Check the column names."), field="file")
    table = read_actions(text, years, choices)
    if not table.lines:
        raise Refusal(_("We found no actions in this table."), field="file")
    if table.lines > MAX_ACTIONS:
        raise Refusal(_("A plan has at most %(most)s actions.", most=MAX_ACTIONS), field="file")
    return text, table


def read_actions(text: str, years: tuple[int, int], choices: TableChoices | None = None) -> ActionTable:
    """Read the actions of a table with a header. An empty objective repeats that of the row above.

    >>> table = "Objective,Action,Timetable,Responsible party\\nHealth,Pay,Ongoing,MoH; MoJ\\n"
    >>> found = read_actions(table, (2027, 2029))
    >>> [(one.title, one.owner_name, str(one.timetable)) for one in found.actions]
    [('Pay', 'MoH; MoJ', 'standing')]
    >>> read_actions("Action,Who\\nPay,MoH\\n", (2027, 2029)).missing
    ['due']
    """
    rows, chosen = read_rows(text), choices or TableChoices()
    if not rows:
        return ActionTable([], missing=list(ASKED))
    start = max(range(min(len(rows), _HEADERS)), key=lambda n: (len({*map(_name, rows[n][1])} - {""}), -n))
    headers = rows[start][1]
    at = _find_columns(headers, chosen)
    missing = [role for role in ASKED if role not in at and role not in chosen.columns]
    used = set(at.values())
    unused = [header for n, header in enumerate(headers) if header and n not in used]
    body = rows[start + 1 :]
    if "title" not in at:
        return ActionTable([], missing=missing, unused=unused, headers=headers, lines=len(body))
    lines = [(line, {role: row[n] if n < len(row) else "" for role, n in at.items()}) for line, row in body]
    return _read_lines(lines[:MAX_ACTIONS], years, chosen, ActionTable([], [], missing, unused, headers, (), len(body)))


def _find_columns(headers: Sequence[str], chosen: TableChoices) -> dict[str, int]:
    at = {role: n for n, header in reversed(list(enumerate(headers))) if (role := _name(header))}
    for role, header in chosen.columns.items():
        if header in headers:
            at[role] = headers.index(header)
    return at


def _name(header: str) -> str:
    """Return the role of a column, or ""."""
    name = " ".join(re.findall(r"[^\W_]+", header.casefold()))
    return _NAMES.get(name) or _NAMES.get(name.removesuffix("s"), "")


def _read_lines(
    lines: Sequence[tuple[int, dict[str, str]]], years: tuple[int, int], chosen: TableChoices, table: ActionTable
) -> ActionTable:
    """Return the table with the actions of these lines."""
    cuts_numbers = "number" not in lines[0][1] and _has_numbers([cells["title"] for _line, cells in lines])
    known = {words: read_timetable(chosen.timetables.get(words) or words) for words in _list_timetables(lines)}
    actions, problems, objective = [], [], ""
    for line, cells in lines:
        filled = [role for role, words in cells.items() if words]
        if filled in (["title"], ["objective"]) and len(cells) > 2:  # a heading between the lines
            objective = cells[filled[0]]
            if filled == ["objective"] or _is_heading(lines, cells):
                continue
        objective = cells.get("objective") or objective
        reading = known.get(cells.get("due", ""))
        if reading is None and cells.get("due"):
            problems.append(NotedCell(line, "due", cells["due"]))
        if not cells["title"]:
            problems.append(NotedCell(line, "title", ""))
        actions.append(_build(cells, objective, reading and reading.within(*years), cuts_numbers=cuts_numbers))
    unread = Counter(cell.text for cell in problems if cell.column == "due")
    asked = [(words, n) for words, n in unread.most_common(MAX_ASKED) if n > 1 or len(words) <= 20]
    return ActionTable(actions, problems, table.missing, table.unused, table.headers, asked, table.lines)


def _list_timetables(lines: Sequence[tuple[int, dict[str, str]]]) -> set[str]:
    return {cells["due"] for _line, cells in lines if cells.get("due")}


def _is_heading(lines: Sequence[tuple[int, dict[str, str]]], cells: dict[str, str]) -> bool:
    """Return whether a line with an action only is a heading: most other lines have more."""
    full = sum(1 for _line, other in lines if sum(1 for words in other.values() if words) > 1)
    return "objective" not in cells and full > len(lines) / 2


def _has_numbers(titles: Sequence[str]) -> bool:
    numbered = sum(1 for title in titles if _NUMBERED.match(title))
    return numbered > len(titles) / 2


def _build(
    cells: Mapping[str, str], objective: str, timetable: TimetableReading | None, *, cuts_numbers: bool
) -> ActionTerms:
    title, number = cells["title"], cells.get("number", "")
    if cuts_numbers and (match := _NUMBERED.match(title)) is not None:
        number, title = match[1].rstrip("."), title[match.end() :]
    title = title or max((words for role, words in cells.items() if role != "objective"), key=len, default="")
    reading = timetable or TimetableReading(TimetableKind.OPEN)
    begins = read_period(cells["begins"]) if cells.get("begins") else reading.begins_on
    last = reading.days[0] if reading.days else None
    return ActionTerms(
        title=excerpt(title or objective or NOT_STATED, MAX_ACTION_LENGTH),
        owner_name=excerpt("; ".join(cells.get("owner", "").split("\n")) or NOT_STATED, MAX_OWNER_LENGTH),
        due_on=last,
        begins_on=begins if begins and (last is None or begins <= last) else None,
        number=number.replace("/", "-")[:20],
        objective=excerpt(objective, MAX_TITLE_LENGTH),
        measured_by=excerpt(cells.get("measured_by", ""), MAX_TEXT_LENGTH),
        assessed_by=excerpt(cells.get("assessed_by", ""), MAX_TEXT_LENGTH),
        cost=excerpt(cells.get("cost", ""), MAX_TITLE_LENGTH),
        timetable=reading.kind,
        timetable_words=excerpt(cells.get("due", ""), MAX_TITLE_LENGTH),
        days=tuple(reading.days),
        every_months=reading.months,
        repeats_until=reading.until,
    )
