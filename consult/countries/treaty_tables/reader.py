"""Reader of a table of participants in a treaty, as depositaries publish it. Pure, apart from the sandbox of files.

Source of the columns and letters: United Nations Treaty Collection, status of treaties. “a” is accession, “d”
succession, “A” acceptance, “AA” approval, “c” formal confirmation, “s” definitive signature. A date without a letter is
the first kind that the heading of its column names, in most tables ratification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from consult.accounts.countries import parse_countries
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.countries.model import FactKind, Precision
from consult.countries.treaty_tables.dates import find_dates, has_date
from consult.files.table_rows import load_text, read_rows

_PARTICIPANT = re.compile(
    r"(?:participants?|part(?:y|ies)|states?|countr(?:y|ies)|members?|pays|états?|participante?s?|país(?:es)?|estados?)"
    r"(?: (?:name|parties|party|nom))?"
)
_CODE = re.compile(r"(?:iso|iso ?[- _]?(?:2|alpha ?-?2)|country code|code)")
_KINDS: Mapping[FactKind, str] = {
    FactKind.WITHDRAWAL: r"denunciation|withdraw|dénonciation|denuncia|retiro",
    FactKind.SIGNATURE: r"^(?:date of |year of )?signa|^firma|^signed",
    FactKind.RATIFICATION: r"ratifi",
    FactKind.ACCESSION: r"accession|adhes|adhés|participation|consent",
    FactKind.ACCEPTANCE: r"accept|acept",
    FactKind.APPROVAL: r"approv|approb|aprob",
    FactKind.SUCCESSION: r"success|suces",
    FactKind.CONFIRMATION: r"confirm",
}
"""Words in the heading of a column, in the order in which they decide what a date without a letter is."""
_MARKS = {
    "a": FactKind.ACCESSION,
    "d": FactKind.SUCCESSION,
    "A": FactKind.ACCEPTANCE,
    "AA": FactKind.APPROVAL,
    "c": FactKind.CONFIRMATION,
    "s": FactKind.RATIFICATION,  # a definitive signature binds as a ratification does
}
_NOTES = "0123456789,[] \n\t"
"""Characters of the numbers of footnotes after the name of a participant."""


@dataclass(frozen=True)
class TreatyAction:
    """An action of a country on a treaty, in a table of its depositary."""

    country: str
    kind: FactKind
    day: date
    precision: Precision


@dataclass(frozen=True)
class SkippedLine:
    """A line that was not read, or a cell of it. `what` is `country`, `date` or `none`."""

    line: int
    what: str
    text: str


@dataclass(frozen=True)
class TreatyTable:
    """The actions of a table of participants, and the lines that were not understood."""

    actions: Sequence[TreatyAction]
    skipped: Sequence[SkippedLine]
    lines: int
    columns: Sequence[str]  # headings of the columns whose dates were read


def load_table(data: bytes) -> tuple[str, TreatyTable]:
    """Return the table of participants in a file as CSV, and its actions. Raises a Refusal.

    The file is CSV, Excel, Word, HTML or Markdown.
    """
    text = load_text(data, name_column, "participant")
    table = read_table(text)
    if not table.lines:
        error = _("We found no table with a column for the country and one for the dates. Check the column names.")
        raise Refusal(error, field="file")
    return text, table


def name_column(header: str) -> str:
    """Return the role of a column: `participant`, `code`, a kind of fact, or "".

    >>> name_column("Participant 1, 2"), name_column("Accession(a), Succession(d), Ratification")
    ('participant', 'ratification')
    >>> name_column("Signature, Succession to signature(d)"), name_column("Notes")
    ('signature', '')
    """
    words = " ".join(header.casefold().rstrip(_NOTES).replace("_", " ").split())
    if _PARTICIPANT.fullmatch(words):
        return "participant"
    if _CODE.fullmatch(words):
        return "code"
    return next((str(kind) for kind, pattern in _KINDS.items() if re.search(pattern, words)), "")


def read_table(text: str) -> TreatyTable:
    """Read the actions of a table of participants in CSV. Every line is either read or listed as skipped.

    >>> found = read_table("Participant,Signature,Accession(a)\\nPeru 3,20 Dec 1988,16 Jan 1992\\nAtlantis,,1990 a\\n")
    >>> [(one.country, one.kind.value, str(one.day)) for one in found.actions]
    [('PE', 'signature', '1988-12-20'), ('PE', 'accession', '1992-01-16')]
    >>> [(one.line, one.text) for one in found.skipped]
    [(3, 'Atlantis')]
    """
    rows = read_rows(text)
    start = next((n for n, (_line, row) in enumerate(rows[:40]) if "participant" in map(name_column, row)), None)
    if start is None:
        return TreatyTable([], [], 0, [])
    headers = rows[start][1]
    roles = [name_column(header) for header in headers]
    dated = {n: FactKind(role) for n, role in enumerate(roles) if role not in ("", "participant", "code")}
    if not dated:
        return TreatyTable([], [], 0, [])
    actions: dict[TreatyAction, None] = {}
    skipped: list[SkippedLine] = []
    body = [(line, row) for line, row in rows[start + 1 :] if len(row) > 1]
    for line, row in body:
        country = _find_country(row, roles)
        cells = list(_read_cells(row, dated, country or "??"))
        bad = [row[n] for n in dated if n < len(row) and has_date(row[n]) and not find_dates(row[n])]
        if country is None:
            skipped.append(SkippedLine(line, "country", row[roles.index("participant")]))
            continue
        skipped += [SkippedLine(line, "date", cell) for cell in bad]
        if not cells and not bad:
            skipped.append(SkippedLine(line, "none", row[roles.index("participant")]))
        actions |= dict.fromkeys(cells)
    return TreatyTable(list(actions), skipped, len(body), [headers[n] for n in dated])


def _find_country(row: Sequence[str], roles: Sequence[str]) -> str | None:
    """Return the code of the country of a row by its name, else by its code column."""
    cells = [
        row[n] for role in ("participant", "code") for n, each in enumerate(roles) if each == role and n < len(row)
    ]
    for cell in cells:
        name, _comma, first = cell.split("\n")[0].strip("*[] ").rstrip(_NOTES).partition(",")
        codes, unknown = parse_countries(" ".join(f"{first} {name}".split()))  # “Micronesia, Federated States of”
        if len(codes) == 1 and not unknown:
            return codes[0]
    return None


def _read_cells(row: Sequence[str], dated: Mapping[int, FactKind], country: str) -> Iterator[TreatyAction]:
    for n, kind in dated.items():
        for at in find_dates(row[n]) if n < len(row) else ():
            marked = kind if kind in (FactKind.SIGNATURE, FactKind.WITHDRAWAL) else _MARKS.get(at.mark, kind)
            yield TreatyAction(country, marked, at.day, at.precision)
