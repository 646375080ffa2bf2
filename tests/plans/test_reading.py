"""Files of series: read without help, and equal to what an independent reader finds."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from consult.plans.indicators.cells import DecimalMark, read_number
from consult.plans.indicators.columns import ColumnRole
from consult.plans.indicators.headlines import find_whole
from consult.plans.indicators.metadata import BadMetadata, read_metadata
from consult.plans.indicators.model import ImportKind
from consult.plans.indicators.plot import PlotSeries, draw_plot
from consult.plans.indicators.series import build_series, is_total
from consult.plans.indicators.tables import (
    CellDoubt,
    CellProblem,
    ReadingChoices,
    TableReading,
    TableRefused,
    read_table,
)

SERIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "sdg_uk"


def values(read: TableReading) -> list[tuple[str, str, str | None]]:
    return [
        (one.period, ", ".join(one.breakdown.values()), None if one.value is None else f"{one.value:f}")
        for one in read.values
    ]


@pytest.mark.skipif(not SERIES.is_dir(), reason="the real series are not on this machine")
def test_real_series_are_read_without_help_and_equal_to_an_independent_reader() -> None:
    files = sorted(SERIES.glob("*.csv"))
    assert len(files) >= 9
    for path in files:
        read = read_table(path.read_bytes())
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert (len(read.values), read.problems, read.doubtful_mark) == (len(rows), [], False), path.name
        known = [(row["Year"], float(row["Value"]) if row["Value"] else None) for row in rows]
        found = [(one.period, None if one.value is None else float(one.value)) for one in read.values]
        assert found == known, path.name
        assert not any(header == "Value" or header == "Year" for one in read.values for header in one.breakdown)
        lines = build_series(read.values)
        whole = find_whole(lines)
        assert whole is None or all(is_total(value) for value in dict(whole.groups).values()), path.name


def test_the_headline_is_the_row_with_empty_groups() -> None:
    read = read_table(b"Year,Sex,Value\n2020,Women,1\n2020,,3\n2020,Men,2\n2021,,4\n")
    whole = build_series(read.values)[0]
    assert (whole.groups, [(period, str(value)) for period, value in whole.points]) == (
        (),
        [("2020", "3"), ("2021", "4")],
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jahr;Land;Wert\n2020;Bayern;1.234,5\n2021;Bayern;0,5\n", [("2020", "", "1234.5"), ("2021", "", "0.5")]),
        ("Time period\tAt\tObs value\n2015/16\tA\t1,234.5\n2015/16\tB\t-3\n",
         [("2015/16", "A", "1234.5"), ("2015/16", "B", "-3")]),
        ("Statistics of deaths\n\nYear,Deaths\n2019,\"12 345\"\n2020,:\n", [("2019", "", "12345"), ("2020", "", None)]),
        ("Country,2019,2020\nPE,1.5,..\nBO,2,3e-05\n",
         [("2019", "PE", "1.5"), ("2020", "PE", None), ("2019", "BO", "2"), ("2020", "BO", "0.00003")]),
        ("Year,Men,Women\n2019,1.5,2\n2020,3,4\n",
         [("2019", "Men", "1.5"), ("2019", "Women", "2"), ("2020", "Men", "3"), ("2020", "Women", "4")]),
        ("السنة,القيمة\n٢٠٢٠,١٢٫٥\n", [("٢٠٢٠", "", "12.5")]),
        ("Year,Rate,Lower CI,Upper CI\n2020,1.5,1.1,1.9\n2021,1.7,1.2,2.0\n",
         [("2020", "", "1.5"), ("2021", "", "1.7")]),
        ("Year,Value\n2020,12%\n2021,15.5%\n", [("2020", "", "12"), ("2021", "", "15.5")]),
        ("Quarter,Value\nQ1 2020,1\n2020 Q2,2\n", [("Q1 2020", "", "1"), ("2020 Q2", "", "2")]),
        ('"LOCATION","TIME","Time","Value","Flag Codes","Flags"\n"ESP","2018","2018",12.5,,\n'
         '"ESP","2019","2019",13.1,"E","Estimated value"\n', [("2018", "", "12.5"), ("2019", "", "13.1")]),
        ("\ufeffGoal,GeoAreaName,TimePeriod,Value,Time_Detail,UpperBound,LowerBound,Nature,Units\n"
         "3,Mexico,2018,23.4,2018,30,20,E,PERCENT\n3,Mexico,2019,24,2019,31,20,C,PERCENT\n",
         [("2018", "", "23.4"), ("2019", "", "24")]),
        ('"Country or Area","Year","Value","Value Footnotes"\n"Bolivia","2019","28900","1"\n'
         '"Bolivia","2018","23100",""\n',
         [("2019", "", "28900"), ("2018", "", "23100")]),
        ("\ufeffSexo;Periodo;Total\nAmbos sexos;2020;1.234,5\nMujeres;2020;..\n",
         [("2020", "Ambos sexos", "1234.5"), ("2020", "Mujeres", None)]),
        ("Année;Décès;Statut\n2019;1 234,5;définitif\n2020;1 301,25;provisoire\n",
         [("2019", "", "1234.5"), ("2020", "", "1301.25")]),
        ("geo\\TIME_PERIOD\t2018 \t2019 \t2020 \nDE\t2100 \t2210 p\t: \n",
         [("2018", "DE", "2100"), ("2019", "DE", "2210"), ("2020", "DE", None)]),
    ],
)  # fmt: skip
def test_files_of_other_kinds_are_read_too(text: str, found: list[tuple[str, str, str | None]]) -> None:
    read = read_table(text.encode())
    assert (values(read), read.problems) == (found, [])


def test_how_sure_a_value_is_is_said_once_and_what_is_normal_is_not_said() -> None:
    text = (
        "REF_AREA,Reference area,TIME_PERIOD,Time period,OBS_VALUE,OBS_STATUS,Observation status\n"
        "FRA,France,2018,,411,A: Normal value,Normal value\nFRA,France,2019,,412.3,P,Provisional value\n"
        "FRA,France,2020,,,M,Missing\n"
    )
    assert [one.flag for one in read_table(text.encode()).values] == ["", "provisional", "missing"]


def test_a_second_column_of_periods_is_no_group_where_one_of_them_is_bad_too() -> None:
    read = read_table(
        b"TIME_PERIOD;Periodo;Sexo;OBS_VALUE\n2019;2019;Total;1,5\n2019;2019;Mujeres;1\n20222;20222;Total;3\n"
    )
    assert values(read) == [("2019", "Total", "1.5"), ("2019", "Mujeres", "1")]
    assert [one.line for one in read.problems] == [4]


def test_a_column_that_follows_the_period_is_kept_where_it_names_a_group() -> None:
    read = read_table(b"Year,Sex,Value\n2019,Women,3\n2020,Men,4\n")
    assert values(read) == [("2019", "Women", "3"), ("2020", "Men", "4")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found(encoding: str) -> None:
    read = read_table("Année,Région,Valeur\n2020,Île,1.5\n2021,Où,2\n".encode(encoding))
    assert values(read) == [("2020", "Île", "1.5"), ("2021", "Où", "2")]


def test_a_number_that_can_be_read_in_two_ways_is_asked_and_not_guessed() -> None:
    text = b"Year;Value\n2020;1,234\n2021;5,678\n"
    read = read_table(text)
    assert read.doubtful_mark
    assert read.example == ("1,234", "1234", "1.234")
    chosen = read_table(text, choices=ReadingChoices(mark=DecimalMark.POINT))
    assert (values(chosen)[0][2], chosen.doubtful_mark) == ("1234", False)


def test_bad_cells_are_named_by_their_line_and_nothing_else_is_lost() -> None:
    read = read_table(b"Year,Value\n2020,1\n20222,2\n2021,many\n2022,4,5\n2023,6\n")
    assert [(one.line, one.text, one.kind) for one in read.problems] == [
        (3, "20222", CellProblem.PERIOD), (4, "many", CellProblem.VALUE), (5, "2022,4,5", CellProblem.CELLS),
    ]  # fmt: skip
    assert [period for period, _groups, _value in values(read)] == ["2020", "2023"]


def test_doubtful_values_are_kept_and_asked_about() -> None:
    read = read_table(b"Year,Unit,Value\n2020,per cent,10\n2021,per cent,101\n2021,per cent,12\n")
    assert [(one.line, one.kind) for one in read.doubts] == [
        (3, CellDoubt.SHARE), (3, CellDoubt.JUMP), (4, CellDoubt.REPEATED),
    ]  # fmt: skip
    assert (len(read.values), read.unit) == (3, "per cent")


def test_sdmx_csv_is_known_by_its_columns() -> None:
    read = read_table(
        b"DATAFLOW,REF_AREA,SEX: Sex,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,UNIT_MULT\n"
        b"A:B(1.0),PE,F,2020,1.5,E,PERSONS,3\nA:B(1.0),PE,M,2020,,M,PERSONS,3\n"
    )
    assert (read.kind, read.unit) == (ImportKind.SDMX, "PERSONS, 10^3")
    assert [(one.flag, one.value) for one in read.values] == [("estimated", Decimal("1.5")), ("missing", None)]
    assert read.roles[1] is ColumnRole.ASIDE, "the same in each row"


def test_metadata_of_csv_on_the_web_say_what_columns_are() -> None:
    told = {
        "@context": "http://www.w3.org/ns/csvw",
        "dialect": {"delimiter": "|", "skipRows": 1},
        "tableSchema": {
            "columns": [
                {"titles": "t", "propertyUrl": "http://purl.org/linked-data/sdmx/2009/dimension#refPeriod"},
                {"titles": "who"},
                {"titles": "v", "propertyUrl": "http://purl.org/linked-data/sdmx/2009/measure#obsValue",
                 "datatype": {"base": "decimal", "format": {"decimalChar": ","}}, "null": "k"},
            ]
        },
    }  # fmt: skip
    hints = read_metadata(json.dumps(told).encode())
    read = read_table(b"a title\na|b|c\n2020|x|1,500\n2020|y|k\n", hints)
    assert (read.kind, values(read)) == (ImportKind.CSVW, [("2020", "x", "1.500"), ("2020", "y", None)])
    with pytest.raises(BadMetadata):
        read_metadata(b"[]")


@pytest.mark.parametrize("text", [b"", b"words only", b"a,b\nc,d\n", b"Year,Name\n2020,x\n", b"\xff\xfe\x00"])
def test_what_is_no_series_is_refused(text: bytes) -> None:
    with pytest.raises(TableRefused):
        read_table(text)


def test_a_long_cell_of_letters_costs_no_time() -> None:
    assert not read_number("1" + "a" * 60 + "!").readable
    assert not read_number("a" * 100_000).readable


def test_a_year_that_is_missing_is_seen_as_a_gap_on_the_axis() -> None:
    known = [("2021", Decimal(1)), ("2022", Decimal(2)), ("2025", Decimal(3))]
    drawn = draw_plot([PlotSeries("all", known)])
    assert drawn is not None
    first, second, last = (x for x, _y in drawn.lines[0].dots)
    assert (last - second) / (second - first) == pytest.approx(3, abs=0.01)
    assert [period for _x, period in drawn.periods] == ["2021", "2022", "2025"]
    crowded = draw_plot([PlotSeries("all", [("1990", Decimal(1)), *((str(n), Decimal(n)) for n in range(2020, 2027))])])
    assert crowded is not None
    spots = [x for x, _period in crowded.periods]
    assert all(after - before > 40 for before, after in pairwise(spots)), "no name of a period stands on another"


@pytest.mark.parametrize(
    ("periods", "days"),
    [
        (["2001 - 03", "2002 - 04"], ["2001-01-01", "2002-01-01"]),
        (["2001-03", "2002-04", "2003-05"], ["2001-01-01", "2002-01-01", "2003-01-01"]),
        (["2001-11", "2001-12", "2002-01"], ["2001-11-01", "2001-12-01", "2002-01-01"]),
        (["1996 02", "1996 11"], ["1996-02-01", "1996-11-01"]),
        (["1994-12 Nov-Jan", "1995-01 Dec-Feb", "1995-08-08 Jul-Sep"], ["1994-11-01", "1994-12-01", "1995-07-01"]),
        (["2018/19", "Academic year 2019/20", "2020/21p"], ["2018-01-01", "2019-01-01", "2020-01-01"]),
        (["2018-19 Q1", "2018-19 Q3"], ["2018-01-01", "2018-07-01"]),
        (["2001-2004 (base)", "2005-2008", "2009-2012 [note 2]"], ["2001-01-01", "2005-01-01", "2009-01-01"]),
    ],
)
def test_periods_of_offices_are_read_as_their_column_writes_them(periods: list[str], days: list[str]) -> None:
    read = read_table(("Year,Value\n" + "".join(f"{period},1\n" for period in periods)).encode())
    assert [(one.period, str(one.starts_on)) for one in read.values] == list(zip(periods, days, strict=True))
    assert not read.problems


def test_a_unit_that_some_rows_leave_out_is_the_unit_of_all() -> None:
    head = b"Year,Who,Unit measure,Unit multiplier,Value\n"
    read = read_table(head + b"2019,a,Boats,Thousands,1\n2019,,Boats,Thousands,3\n2020,,,,4\n")
    assert (read.unit, values(read)) == (
        "Boats, Thousands",
        [("2019", "a", "1"), ("2019", "", "3"), ("2020", "", "4")],
    )
    assert read_table(b"Year,Units,Unit measure,Value\n2019,Boats,Boats,1\n2020,Boats,Boats,2\n").unit == "Boats"
    full = read_table(b"Year,Unit multiplier,Value\n2019,1000000,1.5\n2020,1000000,2.5\n")
    assert full.unit == "1000000", "no power of ten"


def test_a_place_keeps_its_series_when_its_code_changes() -> None:
    read = read_table(b"Year,Place,GeoCode,Value\n2019,Upton,E1,1\n2020,Upton,E9,2\n2019,Downton,,3\n2020,,K1,4\n")
    assert [dict(one.breakdown) for one in read.values] == [
        {"Place": "Upton"}, {"Place": "Upton"}, {"Place": "Downton"}, {},
    ]  # fmt: skip
    bare = read_table(b"Year,GeoCode,Value\n2019,E1,1\n2020,E2,2\n")
    assert [dict(one.breakdown) for one in bare.values] == [{"GeoCode": "E1"}, {"GeoCode": "E2"}]


def test_a_file_whose_whole_lines_are_quoted_is_read() -> None:
    read = read_table(b'"Year,Who,Value"\r\n"2019,""Boats, small"",1.5"\r\n"2020,""Boats, small"",2"\r\n"2020,,3"\r\n')
    assert values(read) == [("2019", "Boats, small", "1.5"), ("2020", "Boats, small", "2"), ("2020", "", "3")]
    titled = read_table(b'"Boats, by year"\n"Year","Who","Value"\n"2019","a, b",1\n"2020","c",2\n')
    assert values(titled) == [("2019", "a, b", "1"), ("2020", "c", "2")]


@pytest.mark.parametrize("rows", ["", "To come,\n", "To come\n", "0,0\n"])
def test_a_place_for_a_series_that_has_not_come_is_no_series(rows: str) -> None:
    with pytest.raises(TableRefused, match="empty"):
        read_table(f"Year, Value\n{rows}".encode())
