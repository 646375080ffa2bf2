"""Tables of treaties in the layouts of depositaries: every line is read or listed."""

from __future__ import annotations

import io
import zipfile

import pytest

from consult.core.errors import Refusal
from consult.countries.model import FactKind, Precision
from consult.countries.treaty_tables.dates import find_dates
from consult.countries.treaty_tables.reader import load_table, read_table

PAGE = """<!DOCTYPE html><html><body><table><tr><td>Menu</td></tr></table>
<table id="ctl00_tblgrid"><tr><td>Participant</td><td>Signature</td>
<td>Accession(a), Succession(d), Ratification</td></tr>
<tr><td>Bolivia (Plurinational State of) <sup>1</sup></td><td>20 Dec 1988</td><td>20 Aug 1990</td></tr>
<tr><td>Estonia</td><td>&nbsp;</td><td>12 Jul 2000 a</td></tr>
<tr><td>European Union <sup>4</sup></td><td>8 Jun 1989</td><td>31 Dec 1990 c</td></tr>
<tr><td>St. Vincent and the Grenadines</td><td></td><td>17 May 1994 a</td></tr>
<tr><td>Slovenia <sup>2</sup></td><td></td><td>6 Jul 1992 d</td></tr></table></body></html>"""


def test_a_saved_page_is_read_with_the_letters_of_its_dates_and_without_footnotes() -> None:
    _text, table = load_table(PAGE.encode())
    assert [(one.country, one.kind.value, str(one.day)) for one in table.actions] == [
        ("BO", "signature", "1988-12-20"),
        ("BO", "ratification", "1990-08-20"),
        ("EE", "accession", "2000-07-12"),
        ("VC", "accession", "1994-05-17"),
        ("SI", "succession", "1992-07-06"),
    ]
    assert [(one.what, one.text) for one in table.skipped] == [("country", "European Union")]
    assert table.lines == 5


def test_a_table_of_years_keeps_only_the_year() -> None:
    table = read_table("iso2,member,year ratification or accession\nPE,Peru,1978\nXX,Côte d’Ivoire,1992\n")
    assert [(one.country, one.precision) for one in table.actions] == [("PE", Precision.YEAR), ("CI", Precision.YEAR)]


def test_a_withdrawal_has_its_own_column_and_repeated_dates_stay_in_order() -> None:
    table = read_table(
        "Participant;Ratification, Accession(a);Denunciation\n"
        "Bolivia (Plurinational State of);23 Sep 1976 a, 11 Jan 2013 a;29 Jun 2011\n"
    )
    assert [(one.kind, one.day.year) for one in table.actions] == [
        (FactKind.ACCESSION, 1976),
        (FactKind.ACCESSION, 2013),
        (FactKind.WITHDRAWAL, 2011),
    ]


def test_a_date_that_can_mean_two_days_is_listed_and_not_guessed() -> None:
    table = read_table("State,Signature,Ratification\nPeru,03/04/1990,30/11/1990\nChile,,\n")
    assert [str(one.day) for one in table.actions] == ["1990-11-30"]
    skipped = [(one.line, one.what, one.text) for one in table.skipped]
    assert skipped == [(2, "date", "03/04/1990"), (3, "none", "Chile")]


NO_DATES = ["31 Feb 1990", "14-Apr-89", "12 Foo 1990", "0000-00-00", "9999-01-01", "(see note 12)"]


@pytest.mark.parametrize("cell", NO_DATES)
def test_what_is_no_date_is_not_read(cell: str) -> None:
    assert find_dates(cell) == []


@pytest.mark.parametrize("data", [b"<html><table></table></html>", b"a,b\n1,2\n", b"<html", b"\x00\xff"])
def test_a_file_without_such_a_table_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        load_table(data)


def test_an_archive_that_is_no_document_is_refused() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(Refusal):
        load_table(held.getvalue())
