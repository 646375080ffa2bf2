"""Reads of indicators: a page with plot and table, a file, its metadata, and a reading as it will be shown."""

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
from consult.core.i18n import _
from consult.plans.indicators import service
from consult.plans.indicators.model import IndicatorImport, Observation, PlanIndicator
from consult.plans.indicators.plot import MAX_LINES, PlotPicture, draw_plot
from consult.plans.indicators.series import GroupSeries, build_series, is_total, name_groups, sort_periods, to_plot
from consult.plans.indicators.tables import TableReading
from consult.plans.model import ActionPlan, PlanAction

MAX_COLUMNS = 24
"""Lines that stand in the table of a page; the file has all of them."""


@dataclass(frozen=True)
class ShownSeries:
    """Lines as a page shows them: a picture, and a table with a row for each period and a column for each line."""

    picture: PlotPicture | None
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Decimal | None]]]
    lines: int  # in all
    flags: Mapping[str, str]  # of the first line, by period

    @property
    def drawn(self) -> Sequence[str]:
        return self.names[:MAX_LINES]


@dataclass(frozen=True)
class IndicatorPage:
    """An indicator with the file that is shown, and all files that were kept."""

    plan: ActionPlan
    row: PlanIndicator
    shown: ShownSeries | None
    made: IndicatorImport | None
    imports: Sequence[IndicatorImport]
    columns: Sequence[str]  # by which it can be broken down
    by: str
    whole: str
    measured: Sequence[PlanAction]
    lacks_whole: bool = False  # whether no line of the file stands for everybody


def get_page(session: Session, plan: ActionPlan, row: PlanIndicator, *, by: str, file: int | None) -> IndicatorPage:
    """The page of an indicator, in four statements. Raises NotFound for a file or a column that there is not."""
    imports = service.list_imports(session, row.id)
    measured = service.list_measured(session, row.id)
    made = next((one for one in imports if (one.id == file if file else one.replaced_by_id is None)), None)
    if made is None:
        if file:
            raise NotFound(_("There is no such file."))
        return IndicatorPage(plan, row, None, None, imports, (), "", "", measured)
    columns, whole = made.choices.get("columns", []), made.choices.get("whole", {})
    if by and by not in columns:
        raise NotFound(_("This indicator is not broken down by that."))
    kept = _list_part(session, made.id, whole, by)
    lines = build_series(kept)
    name = name_groups(whole.values())
    lacks = not all(is_total(value) for value in whole.values())
    return IndicatorPage(plan, row, _show(row, lines, kept, name), made, imports, columns, by, name, measured, lacks)


def _list_part(session: Session, file: int, whole: Mapping[str, str], by: str) -> Sequence[Observation]:
    """The values of the headline, and with `by` those of each group of this column."""
    rest = Observation.breakdown.op("-")(by) if by else Observation.breakdown
    others = {name: value for name, value in whole.items() if name != by}
    wanted = select(Observation).where(Observation.import_id == file, rest == cast(others, JSONB))
    return session.scalars(wanted.order_by(Observation.line, Observation.column)).all()


def map_headlines_before(
    session: Session, indicator_ids: Collection[int], moment: datetime
) -> dict[int, Sequence[tuple[str, Decimal | None]]]:
    """The headline that each indicator had just before a moment; nothing of those that had no file yet."""
    kept = IndicatorImport.indicator_id.in_(list(indicator_ids)), IndicatorImport.kept_at < moment
    files = session.execute(
        select(IndicatorImport.indicator_id, IndicatorImport.id, IndicatorImport.choices)
        .ext(distinct_on(IndicatorImport.indicator_id))
        .where(*kept)
        .order_by(IndicatorImport.indicator_id, IndicatorImport.kept_at.desc(), IndicatorImport.id.desc())
    ).all()
    parts = {number: _list_part(session, file, choices.get("whole", {}), "") for number, file, choices in files}
    return {number: build_series(part)[0].points for number, part in parts.items() if part}


def _show(row: PlanIndicator, lines: Sequence[GroupSeries], values: Iterable[Any], whole: str) -> ShownSeries:
    named = to_plot(lines, whole or _("All"))
    picture = draw_plot(named, target=row.target, baseline=row.baseline)
    periods, shown = sort_periods(lines), named[:MAX_COLUMNS]
    points = [dict(one.points) for one in shown]
    first = lines[0].groups if lines else ()
    flags = {one.period: one.flag for one in values if one.flag and tuple(one.breakdown.items()) == first}
    table = [(period, [line.get(period) for line in points]) for period in periods]
    return ShownSeries(picture, [one.name for one in shown], table, len(lines), flags)


def show_reading(row: PlanIndicator, read: TableReading) -> ShownSeries:
    """The headline of a reading that is not kept, as its page will show it, and the first groups."""
    return _show(row, build_series(read.values)[:MAX_LINES], read.values, "")


def list_rows(session: Session, row: PlanIndicator) -> list[Sequence[Any]]:
    """The values that count as rows of a file; a column for each group. The header is first."""
    made = service.find_current(session, row.id)
    columns = made.choices.get("columns", []) if made else []
    found: list[Sequence[Any]] = [["period", *columns, "value", "flag"]]
    for one in service.list_observations(session, made) if made else ():
        value = "" if one.value is None else f"{one.value:f}"
        found.append([one.period, *(one.breakdown.get(name, "") for name in columns), value, one.flag])
    return found


def _in_languages(words: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Words by language as CSV on the Web writes them. Source: Metadata Vocabulary for Tabular Data, section 5.8."""
    return [{"@value": said, "@language": code} for code, said in words.items()]


def build_metadata(session: Session, row: PlanIndicator, url: str) -> Mapping[str, Any]:
    """Metadata of that file. Source: W3C, Metadata Vocabulary for Tabular Data; properties of RDF Data Cube."""
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
