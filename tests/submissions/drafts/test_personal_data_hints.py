"""Hints of personal data that the author should read again before sending."""

from __future__ import annotations

import pytest

from consult.submissions.drafts.personal_data_hints import find_hints


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Call me: 0664 1234567.", "0664 1234567"),
        ("Call 0171/1234567 at night", "0171/1234567"),
        ("Appelez le 01 45 67 89 10 demain", "01 45 67 89 10"),
        ("Appelez le 01.45.67.89.10, demain", "01.45.67.89.10"),
        ("(020) 7946 0018 is ours", "020) 7946 0018"),
        ("00 43 664 1234567", "00 43 664 1234567"),
        ("0123456789", "0123456789"),
    ],
)
@pytest.mark.parametrize("country", ["", "PE"])
def test_a_number_as_it_is_dialled_at_home_is_found_whatever_the_country(text: str, number: str, country: str) -> None:
    assert [found.words for found in find_hints(text, country) if found.kind == "phone"] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "Paragraphs 1.4, 2.1 and 07.03 to 07.09.",
        "In 1961, 1971, 1988 and from 2027 to 2030.",
        "From 01.02.2027-03.04.2027 and on 01/02/2027 or 01-02-2027.",
        "600 000 000 euros, 1,194,758 people, 0.123456789 of them, or 0,123456789.",
        "ISBN 0-306-40615-2, E/CN.7/2019/1, SDG 03 04 05.",
        "At 09:30 10 people, 05.5 % and 0 2 4 6 8 1 3 5 7 9.",
        "10.1016/0376871600123",
    ],
)
def test_paragraphs_years_days_and_amounts_are_no_telephone_numbers(text: str) -> None:
    assert [found for found in find_hints(text) if found.kind == "phone"] == []


def test_a_number_is_told_once() -> None:
    assert len(find_hints("0664 1234567", "AT")) == 1


@pytest.mark.parametrize(
    "words",
    [
        "My brother Carlos Andrade", "My nephew Carlos Andrade", "my grandmother Rosa", "mi sobrina Ana",
        "mon neveu Paul", "minha irmã Júlia", "أخي حيدر",
    ],
)  # fmt: skip
def test_relatives_with_a_name_are_found(words: str) -> None:
    assert [found.words for found in find_hints(f"{words} 17")] == [words]
    assert find_hints("My nephew took one in the park.") == []
