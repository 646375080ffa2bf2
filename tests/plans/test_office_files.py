"""Files as a statistical office writes them, by a writer that knows nothing of the reader: none needs help."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from itertools import product

import pytest

from consult.plans.indicators.tables import read_table

PERIODS = {
    "years": ["2014", "2015", "2016"],
    "years with a point": ["2014.0", "2015.0", "2016.0"],
    "financial years": ["2014/15", "2015/16", "2016/17"],
    "full financial years": ["2014/2015", "2015/2016", "2016/2017"],
    "spans": ["2012-2014", "2013-2015", "2014-2016"],
    "spans in words": ["2012 to 2014", "2013 to 2015", "2014 to 2016"],
    "spans of financial years": ["2012/13-2014/15", "2013/14-2015/16", "2014/15-2016/17"],
    "quarters": ["2014 Q4", "2015 Q1", "2015 Q2"],
    "quarters in words": ["Oct-Dec 2014", "Jan-Mar 2015", "Apr-Jun 2015"],
    "quarters after the year": ["2014 Oct to Dec", "2015 Jan to Mar", "2015 Apr to Jun"],
    "months": ["Nov 2014", "Dec 2014", "Jan 2015"],
    "months with two digits": ["Nov-14", "Dec-14", "Jan-15"],
    "years that end in March": ["Year ending March 2014", "Year ending March 2015", "Year ending March 2016"],
}
MARKERS = ["", "..", "<5", "[x]", ":", "-", "[c]", "*", "[low]", "n/a"]
VALUES = ["12.5", "1,234", "0.000012", "-3.25", "1e-05", "100", "7"]
HEADERS = [("Year", "Value"), ("year ", "value"), ("Time period", "Obs value"), ("YEAR", "VALUE")]
FORMS = [("utf-8", "\n", ","), ("utf-8-sig", "\r\n", ","), ("cp1252", "\r\n", ","), ("utf-16", "\n", "\t")]
Row = tuple[str, str, Decimal | None]


def write(
    periods: list[str], marker: str, header: tuple[str, str], form: tuple[str, str, str]
) -> tuple[bytes, list[Row]]:
    """A file, and what it says: the period, the group, the value."""
    encoding, end, delimiter = form
    out, said = io.StringIO(newline=""), list[Row]()
    table = csv.writer(out, delimiter=delimiter, lineterminator=end)
    table.writerow([header[0], "Sex", "GeoCode", "Observation status", "Unit multiplier", "Units", header[1]])
    for n, (period, sex) in enumerate(product(periods, ["", "Femmes âgées", "Men"])):
        missing = n % 4 == 2
        text = marker if missing else VALUES[n % len(VALUES)]
        table.writerow([period, sex, "", "Normal value", "Units", "Rate (£)", text])
        said.append((period, sex, None if missing else Decimal(text.replace(",", ""))))
    return out.getvalue().encode(encoding), said


@pytest.mark.parametrize("periods", PERIODS)
def test_every_value_of_an_office_file_is_read_without_help(periods: str) -> None:
    for n, marker in enumerate(MARKERS):
        data, said = write(PERIODS[periods], marker, HEADERS[n % len(HEADERS)], FORMS[n % len(FORMS)])
        read = read_table(data)
        found = [(one.period, one.breakdown.get("Sex", ""), one.value) for one in read.values]
        assert (found, read.problems, read.doubtful_mark) == (said, [], False), marker
        days = [one.starts_on for one in read.values]
        assert None not in days
        assert days == sorted(day for day in days if day), "in order of time"
        assert read.unit == "Rate (£)"
