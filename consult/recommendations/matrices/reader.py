"""Reader of recommendations as OHCHR, the Universal Human Rights Index and UPR Info publish them. Pure, but for files.

Thematic lists of the Universal Periodic Review have the number, the words, the recommending States and the document of
the State's position in one cell: “140.7 Ratify … (Maldives) (Portugal); Source of Position: A/HRC/59/15/Add.1”. Exports
have a column for each. Every line with words is kept.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consult.accounts.countries import parse_countries
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import CsvWriter
from consult.files.table_rows import load_text, read_rows
from consult.recommendations.model import StatePosition

MAX_LINES = 2_000
_COLUMNS = {
    "words": "recommendation and recommending state|recommendation|recommendations|text|full text"
    "|text of recommendation"
    "|observation|recommandation|recommandations|recomendación|recomendaciones|texte|texto|التوصية|التوصيات",
    "number": "number|no|nr|id|para|paragraph|recommendation number|paragraph number|numéro|número|الرقم|annotation id",
    "states": "recommending state|recommending states|recommending state entity|upr recommending state"
    "|upr recommending states|upr reccomending states"
    "|upr recommending state entity|state recommending|état auteur|estado recomendante|الدولة الموصية",
    "position": "position of the state under review|position|response|upr position|state position|position of state"
    "|réponse|position de l état|respuesta|posición|posición del estado|الموقف",
    "themes": "human rights themes and groups of persons|theme|themes|issue|issues|human rights themes|thèmes|temas"
    "|topic|المواضيع",
    "people": "affected persons|groups of persons|concerned person group|personnes concernées|personas afectadas",
    "country": "state under review|country|countries|state|sur|pays|país|البلد",
}
_NAMES = {name: role for role, names in _COLUMNS.items() for name in names.split("|")}
_NUMBER = re.compile(r"((?:[A-Z]{1,2}[ .-]?)?\d{1,4}(?:\.\d{1,4}){0,4}[a-z]?)[.)]?\s+(?=\S)")
_POSITION_SOURCE = re.compile(
    r"(?:^|(?<=\s))(?:source of position|fuente de la posición|source de la position)\b[^\n]{0,300}", re.IGNORECASE
)
_THEME = re.compile(r"^(?:theme|thème|tema)\s?:\s?(.+)", re.IGNORECASE)
_GROUPS = re.compile(r"^(?:groups of persons|affected persons)\s?:?\s?(.*)", re.IGNORECASE)
_POSITIONS: Sequence[tuple[StatePosition, str]] = (
    (StatePosition.IN_PART, r"partial|in part|part(?:ly|ially)|supported ?/ ?noted|en partie|parcial"),
    (
        StatePosition.NOTED,
        r"not(?:ed| support| accept)|reject|does not enjoy|refus|rechaz|pris note|toma nota|tomó nota",
    ),
    (StatePosition.PENDING, r"pending|consider|examin|general response|no clear|en attente|pendiente|no response"),
    (StatePosition.SUPPORTED, r"support|accept|enjoy|appuy|acept|apoya|implemented"),
)
_WORDS_OF_NAMES = re.compile(r"^(?:the |la |le |el |les |los )", re.IGNORECASE)


@dataclass(frozen=True)
class RecommendationRow:
    """A recommendation in a file. `states` are country codes."""

    line: int
    number: str
    words: str
    states: tuple[str, ...] = ()
    position: StatePosition = StatePosition.NONE
    themes: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnreadCell:
    """A cell that was not understood. Its line is kept. `what` is `number`, `position` or `state`."""

    line: int
    what: str
    text: str


@dataclass(frozen=True)
class RecommendationTable:
    """The recommendations of a file, cells that were not understood, and the number of lines with words."""

    rows: Sequence[RecommendationRow]
    unread: Sequence[UnreadCell]
    lines: int
    countries: Sequence[str] = ()  # countries under review that the file names


def load_recommendations(data: bytes) -> tuple[str, RecommendationTable]:
    """Return the table of a file as CSV, and its recommendations. Raises a Refusal.

    The file is an export in JSON, or a table in CSV, Excel, Word, HTML or Markdown.
    """
    text = _read_json(data) or load_text(data, name_column, "words")
    table = read_table(text)
    if not table.rows:
        raise Refusal(
            _("We found no table with a column for the recommendation. Check the column names."), field="file"
        )
    if table.lines > MAX_LINES:
        raise Refusal(_("This file has more than %(most)s recommendations. Split it.", most=MAX_LINES), field="file")
    return text, table


def name_column(header: str) -> str:
    """Return the role of a column, or "".

    >>> name_column("Recommendation and recommending State"), name_column("UPR Position"), name_column("Relevant SDGs")
    ('words', 'position', '')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)  # exports in JSON say AffectedPersons
    return _NAMES.get(" ".join(re.findall(r"[^\W_]+", apart.casefold())), "")


def _read_json(data: bytes) -> str:
    """Return an export in JSON as CSV, or "" if the file is none. Values of a list are separated by lines."""
    if data.lstrip()[:1] not in (b"[", b"{"):
        return ""
    try:
        given: Any = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    if isinstance(given, dict):
        given = next((value for value in given.values() if isinstance(value, list)), [])
    objects = [each for each in given if isinstance(each, dict)][: MAX_LINES + 1]
    headers = list(dict.fromkeys(str(key) for each in objects for key in each))[:100]
    out = io.StringIO()
    CsvWriter(out, line_end="\n").writerows(
        [headers, *([_flatten(each.get(key)) for key in headers] for each in objects)]
    )
    return out.getvalue()


def _flatten(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "label", "title", "text") if key in value), "")
    if isinstance(value, list):
        return "\n".join(filter(None, map(_flatten, value[:100])))
    return "" if value is None else str(value)[:6_000]


def read_table(text: str) -> RecommendationTable:
    """Read the recommendations of a table in CSV.

    >>> table = "Recommendation and recommending State,Position\\n140.5 Open clinics (Peru) (Chad);,Supported\\n"
    >>> [(row.number, row.words, row.states, row.position.value) for row in read_table(table).rows]
    [('140.5', 'Open clinics', ('PE', 'TD'), 'supported')]
    """
    rows = read_rows(text)
    start = next((n for n, (_line, row) in enumerate(rows[:40]) if "words" in map(name_column, row)), None)
    if start is None:
        return RecommendationTable([], [], 0)
    at = {role: n for n, header in reversed(list(enumerate(rows[start][1]))) if (role := name_column(header))}
    kept: list[RecommendationRow] = []
    unread: list[UnreadCell] = []
    countries: dict[str, None] = {}
    theme = ""
    for line, row in rows[start + 1 :]:
        cells = {role: row[n] if n < len(row) else "" for role, n in at.items()}
        heading = _THEME.match(next(filter(None, row), ""))
        if heading is not None:
            theme = heading[1].strip()
        elif cells["words"] and name_column(cells["words"]) != "words":
            read, bad = _read_line(line, cells, theme)
            kept.append(read)
            unread += bad
            countries |= dict.fromkeys(parse_countries(cells.get("country", "").replace("\n", ";"))[0])
    return RecommendationTable(_number_apart(kept), unread, len(kept), list(countries))


def _number_apart(rows: Sequence[RecommendationRow]) -> list[RecommendationRow]:
    """Return the rows with a number each: “140.7 (2)” for a second one, the place in the file for none."""
    seen: dict[str, int] = {}
    apart = []
    for place, row in enumerate(rows, start=1):
        number = row.number or str(place)
        seen[number] = seen.get(number, 0) + 1
        apart.append(replace(row, number=number if seen[number] == 1 else f"{number} ({seen[number]})"))
    return apart


def _read_line(line: int, cells: Mapping[str, str], theme: str) -> tuple[RecommendationRow, list[UnreadCell]]:
    number, words = cells.get("number", "").strip(), _POSITION_SOURCE.sub("", cells["words"]).strip()
    if not number and (match := _NUMBER.match(words)) is not None:
        number, words = match[1], words[match.end() :]
    words, states, strangers = _cut_states(words)
    unread = [UnreadCell(line, "state", name) for name in strangers]
    if cells.get("states"):
        states, unknown = parse_countries(cells["states"].replace("\n", ";"))
        unread += [UnreadCell(line, "state", name) for name in unknown]
    position = _read_position(cells.get("position", ""))
    if position is None:
        unread.append(UnreadCell(line, "position", cells["position"]))
    if not number:
        unread.append(UnreadCell(line, "number", words[:80]))
    themes, people = _split_themes(cells.get("themes", ""), cells.get("people", ""), theme)
    given = RecommendationRow(line, number[:40], words, tuple(states), position or StatePosition.NONE, themes, people)
    return given, unread


def _cut_states(words: str) -> tuple[str, list[str], list[str]]:
    """Return words without the States in brackets at their end, the codes of the States, and unknown names.

    >>> _cut_states("Ratify (OP-CAT) now (Bolivia (Plurinational State of)) (Peru, Chad);")
    ('Ratify (OP-CAT) now', ['BO', 'PE', 'TD'], [])
    """
    rest = words.rstrip(" ;.\n")
    codes: list[str] = []
    strangers: list[str] = []
    while rest.endswith(")"):
        start = _find_opening(rest)
        names = rest[start + 1 : -1].strip()
        known, unknown = _read_names(names)
        if not known:
            break
        codes = [*known, *(code for code in codes if code not in known)]
        strangers += unknown
        rest = rest[:start].rstrip(" ;.\n")
    return (rest if codes else words.strip()), codes, strangers


def _read_names(names: str) -> tuple[list[str], list[str]]:
    codes, unknown = parse_countries(names)
    if codes and not unknown:
        return codes, []
    plain = [_WORDS_OF_NAMES.sub("", name) for name in re.split(r"[,;\n]| and | et | y ", names) if name.strip()]
    better, still = parse_countries(";".join(plain))
    return (better, still) if len(better) > len(codes) else (codes, unknown)


def _find_opening(text: str) -> int:
    """Return the place of the bracket that the last one of a text closes."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return 0


def _read_position(cell: str) -> StatePosition | None:
    """Return the position that a cell words, NONE for an empty one, None for an unknown one."""
    words = " ".join(cell.casefold().split())
    if words in ("", "-", "–", "n/a"):
        return StatePosition.NONE
    return next((position for position, pattern in _POSITIONS if re.search(pattern, words)), None)


def _split_themes(cell: str, people: str, theme: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return themes and groups of persons: the first in a list come before “Groups of persons:”."""
    themes: list[str] = [theme] if theme else []
    groups = list(_list_items(people))
    lists = themes
    for item in _list_items(cell):
        if (match := _GROUPS.match(item)) is not None:
            lists, item = groups, match[1]
        if item:
            lists.append(item)
    return tuple(dict.fromkeys(themes)), tuple(dict.fromkeys(groups))


def _list_items(cell: str) -> Iterator[str]:
    apart = re.sub(r"(groups of persons:|affected persons:)", r"\n\1\n", cell, flags=re.IGNORECASE)
    for line in re.split(r"\n|;|(?:^| )[-•] ", apart):
        if item := line.strip().removeprefix("-").removeprefix("•").strip():
            yield item
