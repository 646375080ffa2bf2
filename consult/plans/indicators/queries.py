"""Queries on indicators: a page with plot and table, a file with its metadata, and the preview of a reading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import cast, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _, pgettext
from consult.plans.indicators import service
from consult.plans.indicators.headlines import find_whole, name_headline, to_key
from consult.plans.indicators.model import IndicatorImport, Observation, PlanIndicator
from consult.plans.indicators.plot import MAX_LINES, PlotPicture, draw_plot
from consult.plans.indicators.series import GroupSeries, build_series, name_groups, sort_periods, to_plot
from consult.plans.indicators.tables import TableReading
from consult.plans.model import ActionPlan, PlanAction

MAX_CHOICES = 500
MAX_COLUMNS = 24
"""Maximum number of series in the table of a page. The file has all of them."""


@dataclass(frozen=True)
class ShownSeries:
    """Series as shown on a page: a plot, and a table with a row for each period and a column for each series."""

    picture: PlotPicture | None
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Decimal | None]]]
    lines: int  # total number of series
    flags: Mapping[str, str]  # of the first series, by period

    @property
    def drawn(self) -> Sequence[str]:
        return self.names[:MAX_LINES]


@dataclass(frozen=True)
class IndicatorPage:
    """An indicator with the shown file and all accepted files."""

    plan: ActionPlan
    row: PlanIndicator
    shown: ShownSeries | None
    made: IndicatorImport | None
    imports: Sequence[IndicatorImport]
    columns: Sequence[str]  # columns by which it can be broken down
    by: str
    whole: str
    measured: Sequence[PlanAction]
    lacks_headline: bool = False  # True if no series is the total and none was chosen


def get_page(session: Session, plan: ActionPlan, row: PlanIndicator, *, by: str, file: int | None) -> IndicatorPage:
    """Return the page of an indicator, in four statements. Raises NotFound for an unknown file or column."""
    imports = service.list_imports(session, row.id)
    measured = service.list_measured(session, row.id)
    made = next((stored for stored in imports if (stored.id == file if file else stored.replaced_by_id is None)), None)
    if made is None:
        if file:
            raise NotFound(_("We cannot find this file."))
        return IndicatorPage(plan, row, None, None, imports, (), "", "", measured)
    columns, whole = made.choices.get("columns", []), made.choices.get("whole", {})
    if by and by not in columns:
        raise NotFound(_("We cannot find this breakdown of the indicator."))
    kept = _list_part(session, made.id, whole, by)
    lines = build_series(kept)
    name = name_groups(whole.values())
    lacks = not made.choices.get("has_headline", True)
    return IndicatorPage(plan, row, _show(row, lines, kept, name), made, imports, columns, by, name, measured, lacks)


def _list_part(session: Session, file: int, whole: Mapping[str, str], by: str) -> Sequence[Observation]:
    """Return the values of the headline, or with `by` those of each group of this column."""
    rest = Observation.breakdown.op("-")(by) if by else Observation.breakdown
    others = {name: value for name, value in whole.items() if name != by}
    wanted = select(Observation).where(Observation.import_id == file, rest == cast(others, JSONB))
    return session.scalars(wanted.order_by(Observation.line, Observation.column)).all()


def map_headlines_before(
    session: Session, indicator_ids: Collection[int], moment: datetime
) -> dict[int, Sequence[tuple[str, Decimal | None]]]:
    """Return the headline of each indicator just before a time. Indicators without a file then are left out."""
    kept = IndicatorImport.indicator_id.in_(list(indicator_ids)), IndicatorImport.kept_at < moment
    files = session.execute(
        select(IndicatorImport.indicator_id, IndicatorImport.id, IndicatorImport.choices)
        .ext(distinct_on(IndicatorImport.indicator_id))
        .where(*kept)
        .order_by(IndicatorImport.indicator_id, IndicatorImport.kept_at.desc(), IndicatorImport.id.desc())
    ).all()
    parts = {
        number: _list_part(session, file, choices.get("whole", {}), "") if choices.get("has_headline", True) else ()
        for number, file, choices in files
    }
    return {number: build_series(part)[0].points if part else [] for number, part in parts.items()}


def _show(row: PlanIndicator, lines: Sequence[GroupSeries], values: Iterable[Any], whole: str) -> ShownSeries:
    named = to_plot(lines, whole or pgettext("line of a chart", "All"))
    picture = draw_plot(named, target=row.target, baseline=row.baseline)
    periods, shown = sort_periods(lines), named[:MAX_COLUMNS]
    points = [dict(plotted.points) for plotted in shown]
    first = lines[0].groups if lines else ()
    flags = {value.period: value.flag for value in values if value.flag and tuple(value.breakdown.items()) == first}
    table = [(period, [line.get(period) for line in points]) for period in periods]
    return ShownSeries(picture, [plotted.name for plotted in shown], table, len(lines), flags)


def show_reading(row: PlanIndicator, read: TableReading) -> ShownSeries:
    """Return the headline and first groups of a reading that is not stored yet, as on the page."""
    return _show(row, build_series(read.values)[:MAX_LINES], read.values, "")


def list_headline_choices(read: TableReading) -> Sequence[tuple[str, str]]:
    """Return the series that can be chosen as headline, with names. Empty if one of them is the total."""
    lines = build_series(read.values)
    if find_whole(lines) is not None:
        return []
    return [(to_key(line), name_headline(line)) for line in lines[:MAX_CHOICES]]


def list_rows(session: Session, row: PlanIndicator) -> list[Sequence[Any]]:
    """Return the current values as rows, with a column for each group. The header is first."""
    made = service.find_current(session, row.id)
    columns = made.choices.get("columns", []) if made else []
    rows: list[Sequence[Any]] = [["period", *columns, "value", "flag"]]
    for observation in service.list_observations(session, made) if made else ():
        rows.append(
            [
                observation.period,
                *(observation.breakdown.get(name, "") for name in columns),
                observation.value,
                observation.flag,
            ]
        )
    return rows


def _in_languages(words: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Return texts by language in CSV on the Web form. Source: Metadata Vocabulary for Tabular Data, section 5.8."""
    return [{"@value": wording, "@language": code} for code, wording in words.items()]


def build_metadata(session: Session, row: PlanIndicator, url: str) -> Mapping[str, Any]:
    """Return the metadata of the exported CSV file at `url`.

    Source: W3C, Metadata Vocabulary for Tabular Data; properties of RDF Data Cube.
    """
    made = service.find_current(session, row.id)
    columns = made.choices.get("columns", []) if made else []
    sdmx = "http://purl.org/linked-data/sdmx/2009"
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:title": _in_languages(row.titles),
        "dc:source": row.source,
        "dc:license": row.licence,
        "tableSchema": {
            "columns": [
                {"name": "period", "titles": "period", "propertyUrl": f"{sdmx}/dimension#refPeriod"},
                *({"name": f"group{n}", "titles": name} for n, name in enumerate(columns)),
                {
                    "name": "value",
                    "titles": "value",
                    "datatype": "decimal",
                    "propertyUrl": f"{sdmx}/measure#obsValue",
                    "sdmx-attribute:unitMeasure": _in_languages(row.units),
                },
                {"name": "flag", "titles": "flag", "propertyUrl": f"{sdmx}/attribute#obsStatus"},
            ]
        },
    }
