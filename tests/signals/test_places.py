"""Places: countries, regions and towns, and never anything more exact."""

from __future__ import annotations

import pytest
from flask import Flask

from consult.signals.places.regions import FILE, PlaceRefused, check_place, find_region, list_regions
from consult.signals.places.towns import TownRefused, clean_town, list_towns


def test_a_region_of_another_country_is_refused_with_the_regions_that_there_are(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(PlaceRefused) as refused:
        check_place("EC", "CO-ANT")
    assert refused.value.field == "region"
    assert "Esmeraldas (EC-E)" in refused.value.message
    assert "Antioquia" not in refused.value.message


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("BE", "Bruxelles", "BE-BRU"), ("FR", "ile de france", "FR-IDF"), ("MX", "Ciudad de Mexico", "MX-CMX"),
        ("MX", "Mexico", "MX-MEX"), ("US", "Washington", "US-WA"), ("US", "Carolina", "Carolina"), ("FR", "La", "La"),
        ("EC", "", ""), ("EC", "Antioquia", "Antioquia"), ("EC", "provincia de Manabi", "EC-M"),
        ("EC", "محافظة إسميرالداس", "EC-E"), ("EG", "قاهره", "EG-C"), ("MA", "الدار البيضاء", "MA-06"),
        ("CA", "Columbia Britanica", "CA-BC"), ("FR", "région", "région"),
    ],
)  # fmt: skip
def test_a_region_is_found_by_words_of_its_name_where_they_are_of_no_other(country: str, typed: str, code: str) -> None:
    assert find_region(country, typed) == code


def test_a_refusal_names_at_most_forty_regions_and_counts_the_rest(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(PlaceRefused) as refused:
        check_place("RU", "")
    assert refused.value.message.count("(RU-") == 40
    assert "43 more" in refused.value.message


def test_a_country_without_regions_is_its_own_region(app: Flask) -> None:
    with app.test_request_context():
        assert check_place(" aw ", None) == ("AW", "AW")
        with pytest.raises(PlaceRefused):
            check_place("ZZ", "")


def test_regions_have_the_names_of_the_language_where_there_are_some() -> None:
    assert dict(list_regions("DE", "fr"))["DE-BY"] == "Bavière"
    assert dict(list_regions("DE", "ar"))["DE-BY"] == "بافاريا"
    assert dict(list_regions("FR", "ar"))["FR-BL"] == "Saint-Barthélemy"


def test_no_two_regions_of_a_country_have_one_arabic_name_and_codes_given_anew_have_the_new() -> None:
    """CLDR still has Morocco's regions of before 2015 and Iran's codes of before 2020."""
    rows = [line.split("\t") for line in FILE.read_text("utf-8").splitlines()]
    named = [(code[:2], arabic) for code, *_others, arabic in rows if arabic]
    assert len(named) == len(set(named)) > 0.9 * len(rows)
    assert dict(list_regions("MA", "ar"))["MA-02"] == "الشرق"
    assert dict(list_regions("IR", "ar"))["IR-23"] == "طهران"


def test_every_suggested_town_is_of_a_region_that_exists() -> None:
    regions = {line.split("\t")[0] for line in FILE.read_text("utf-8").splitlines()}
    lines = FILE.with_name("towns.tsv").read_text("utf-8").splitlines()
    assert {line.split("\t")[0] for line in lines} <= regions
    assert "Esmeraldas" in list_towns("EC-E")


@pytest.mark.parametrize(
    "typed",
    ["-0.1807, -78.4678", "0°10'S 78°28'W", "67G4RFRQ+Q9", "12 High Street, Leeds LS1 400", "High Street 12", "x" * 61],
)
def test_what_is_more_exact_than_a_town_is_refused(app: Flask, typed: str) -> None:
    with app.test_request_context(), pytest.raises(TownRefused):
        clean_town(typed)


@pytest.mark.parametrize("typed", ["9 de Julio", "São Paulo", "القاهرة", "'s-Hertogenbosch"])
def test_the_name_of_a_town_is_kept(app: Flask, typed: str) -> None:
    with app.test_request_context():
        assert clean_town(typed) == typed
