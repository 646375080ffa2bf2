"""Tables of results: one row for each sample, or one for each finding of a numbered sample. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from consult.core.tables.delimited import TableRefused, decode, find_delimiter, split_rows
from consult.core.text import normalise
from consult.signals.places import regions

MAX_FINDINGS, MAX_NAME = 40, 200


class SampleColumn(StrEnum):
    """The role of a column."""

    NUMBER = "number"
    DAY = "day"
    COUNTRY = "country"
    REGION = "region"
    TOWN = "town"
    SITE = "site"
    SOLD_AS = "sold_as"
    FOUND = "found"
    METHOD = "method"
    STRIP = "strip"
    FORM = "form"


_HEADINGS = {
    SampleColumn.STRIP: r"\bstrips?\b|bandelette|\btira",
    SampleColumn.NUMBER: r"\b(?:sample )?(?:id|number|no|code)\b|num[eé]ro",
    SampleColumn.DAY: r"\bdate\b|\bday\b|\bfecha\b|\bjour\b|تاريخ",
    SampleColumn.SOLD_AS: r"sold as|expected|alleged|bought as|vendu|vendid|se vend",
    SampleColumn.TOWN: r"\bcity\b|\btown\b|\bville\b|\bciudad\b|\blocation\b",
    SampleColumn.REGION: r"\bregion\b|\bprovince\b|\bstate\b|r[eé]gion|provincia",
    SampleColumn.COUNTRY: r"\bcountry\b|\bpays\b|\bpa[ií]s\b",
    SampleColumn.SITE: r"\bsite\b|\bservice\b|\bsitio\b",
    SampleColumn.METHOD: r"\bmethod\b|\btechnique\b|m[eé]thode|m[eé]todo",
    SampleColumn.FOUND: r"found|detected|ftir|spectrom|result|substances?\b|trouv|encontrad|d[eé]tect",
    SampleColumn.FORM: r"\bform\b|\bforme\b|\bforma\b|texture",
}
"""Patterns of headings, tried in this order."""
_METHODS = {
    "ftir": r"ftir|infrared|infrarouge|infrarroj",
    "mass_spectrometry": r"mass|gc.?ms|lc.?ms|ps.?ms|spectrom[eé]trie de masse|espectrometr[ií]a de masas",
    "strip_test": r"strip",
}
_EMPTY = frozenset({"", "n a", "na", "none", "nan", "null"})
_NO_NAME = frozenset({"uncertain match", "no library match"})
"""Entries of an instrument that name no substance."""
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%d %b %Y")


class SampleProblem(StrEnum):
    """The reason why a row is left out."""

    DAY = "day"
    PLACE = "place"
    CELLS = "cells"


@dataclass(frozen=True)
class NewSample:
    """A sample as read: cleaned words, with ISO 3166 codes. Without a finding it is a negative."""

    day: date
    country: str
    region: str
    sold_as: str
    found: tuple[str, ...] = ()
    number: str = ""
    town: str = ""
    site: str = ""
    form: str = ""
    method: str = "ftir"
    strips: str = ""


@dataclass(frozen=True)
class SampleTable:
    """The samples of a file, the column of each heading, and the lines left out with the reason."""

    samples: Sequence[NewSample]
    columns: Mapping[str, SampleColumn]
    left_out: Sequence[tuple[int, SampleProblem]] = field(default_factory=tuple)


def read_table(data: bytes, region: str) -> SampleTable:
    """Return the samples of a file of delimited text.

    `region` is the ISO 3166-2 code of rows without a region. Rows with one number are one sample with several findings.
    Raises TableRefused with a reason code: `empty` or `columns` (no day or no findings).
    """
    text, _encoding = decode(data)
    rows = list(split_rows(text, find_delimiter(text), 0))
    if not rows:
        raise TableRefused("empty")
    headings = rows[0][1]
    columns = find_columns(headings)
    if not {SampleColumn.DAY, SampleColumn.FOUND} <= set(columns.values()):
        raise TableRefused("columns")
    method = _find_method(" ".join(head for head in headings if columns.get(head) is SampleColumn.FOUND)) or "ftir"
    samples: dict[str, NewSample] = {}
    left_out = []
    for line, row in rows[1:]:
        sample = _read_row(headings, columns, row, region, method)
        if isinstance(sample, SampleProblem):
            left_out.append((line, sample))
            continue
        key = sample.number or f"line {line}"
        if key in samples:
            sample = replace(samples[key], found=tuple(dict.fromkeys((*samples[key].found, *sample.found))))
        samples[key] = sample
    return SampleTable(list(samples.values()), columns, left_out)


def find_columns(headings: Sequence[str]) -> dict[str, SampleColumn]:
    """Return the role of each heading that has one.

    >>> find_columns(["Date", "City/Town", "Expected Substance", "FTIR Spectrometer"])["City/Town"].value
    'town'
    """
    roles: dict[str, SampleColumn] = {}
    for head in headings:
        role = next((role for role, words in _HEADINGS.items() if re.search(words, head, re.IGNORECASE)), None)
        if role is not None:
            roles[head] = role
    return roles


def _read_row(
    headings: Sequence[str], columns: Mapping[str, SampleColumn], row: Sequence[str], region: str, method: str
) -> NewSample | SampleProblem:
    if len(row) != len(headings):
        return SampleProblem.CELLS
    cells: dict[SampleColumn, list[str]] = {role: [] for role in SampleColumn}
    for head, cell in zip(headings, row, strict=True):
        if head in columns:
            words = cell if columns[head] is not SampleColumn.STRIP else _name_strip(head, cell)
            cells[columns[head]].append(words.strip())
    first = {role: next((cell for cell in values if cell), "")[:MAX_NAME] for role, values in cells.items()}
    day = _read_day(first[SampleColumn.DAY])
    if day is None:
        return SampleProblem.DAY
    country = first[SampleColumn.COUNTRY].upper() or region[:2]
    typed = first[SampleColumn.REGION]
    code = regions.find_region(country, typed) if typed else region
    if code not in dict(regions.list_regions(country)) and code != country:
        return SampleProblem.PLACE
    names = [name for cell in cells[SampleColumn.FOUND] for name in list_names(cell)]
    return NewSample(
        day=day,
        country=country,
        region=code,
        sold_as=first[SampleColumn.SOLD_AS],
        found=tuple(dict.fromkeys(names))[:MAX_FINDINGS],
        number=first[SampleColumn.NUMBER],
        town=first[SampleColumn.TOWN],
        site=first[SampleColumn.SITE],
        form=first[SampleColumn.FORM],
        method=_find_method(first[SampleColumn.METHOD]) or method,
        strips="; ".join(filter(None, cells[SampleColumn.STRIP])),
    )


def _name_strip(head: str, cell: str) -> str:
    return f"{head}: {cell}" if normalise(cell) not in _EMPTY else ""


def _find_method(words: str) -> str:
    return next((name for name, pattern in _METHODS.items() if re.search(pattern, words, re.IGNORECASE)), "")


def _read_day(words: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(words[:10] if form == "%Y-%m-%d" else words, form).date()  # noqa: DTZ007 - a day
        except ValueError:
            continue
    return None


def list_names(cell: str) -> list[str]:
    """Return the names in a cell that is a list, or is separated by semicolons or commas.

    >>> list_names("['MDMA', 'Caffeine']"), list_names("MDMA; caffeine"), list_names("2,5-DMA, MDA"), list_names("N/A")
    (['MDMA', 'Caffeine'], ['MDMA', 'caffeine'], ['2,5-DMA', 'MDA'], [])
    """
    names: list[str] = []
    if cell.startswith("["):
        try:
            parsed = ast.literal_eval(cell)
            names = [str(name) for name in parsed] if isinstance(parsed, list) else []
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            names = re.findall(r"'([^']+)'", cell)
    else:
        names = re.split(r"\s*;\s*" if ";" in cell else r",\s+", cell)
    kept = (" ".join(name.split())[:MAX_NAME] for name in names)
    return [name for name in kept if normalise(name) not in _EMPTY | _NO_NAME]
