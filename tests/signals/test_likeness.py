"""Proposals of reports that may be about the same event."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consult.signals.likeness.pairs import ComparedReport, LikenessReason, are_independent, propose_likely

DAY = date(2026, 11, 20)
TEXT = "Blue tablets with an M on one side; three people slept for hours and could not be woken easily."
ONE = ComparedReport(1, "EC-E", DAY, town="Atacames", substances=frozenset({7}), product="Oxycodone tablets", text=TEXT)
OTHER = ComparedReport(2, "EC-E", DAY, town="Atacames", product="white powder", text="Somebody sold it at the door.")


def reasons(one: ComparedReport, other: ComparedReport) -> tuple[LikenessReason, ...]:
    found = propose_likely(one, [one, other])
    return found[0].reasons if found else ()


def test_reports_that_share_nothing_but_place_and_week_are_not_proposed() -> None:
    assert reasons(ONE, OTHER) == ()


def test_the_same_substance_in_one_place_within_seven_days_is_proposed() -> None:
    for days, found in ((7, (LikenessReason.SUBSTANCE,)), (8, ())):
        assert reasons(ONE, replace(OTHER, substances=frozenset({7}), on=DAY - timedelta(days=days))) == found


@pytest.mark.parametrize("product", ["oxycodone tablet", "tablets, sold as OXYCODONE", "Oxycodon tablets"])
def test_alike_names_of_products_are_proposed(product: str) -> None:
    assert reasons(ONE, replace(OTHER, product=product)) == (LikenessReason.PRODUCT,)


def test_alike_names_of_two_known_substances_are_not() -> None:
    known = (
        replace(ONE, product="2C-B", substances=frozenset({1})),
        replace(OTHER, product="2C-B", substances=frozenset({2})),
    )
    assert reasons(*known) == ()


def test_what_was_found_in_one_and_what_the_other_is_only_sold_as_are_no_two_findings() -> None:
    named = replace(ONE, substances=frozenset({7}), sold_as=frozenset({7}), product="Oxycodone M-30", text="")
    tested = replace(named, id=2, substances=frozenset({9}), tested=True, product="Oxycodone M30")
    assert reasons(named, tested) == (LikenessReason.PRODUCT,)
    assert reasons(tested, named) == (LikenessReason.PRODUCT,)
    assert reasons(replace(named, tested=True), tested) == ()
    assert reasons(replace(named, sold_as=frozenset()), tested) == ()


def test_another_town_is_another_place_and_no_town_is_any() -> None:
    assert reasons(ONE, replace(OTHER, substances=frozenset({7}), town="Quinindé")) == ()
    assert reasons(ONE, replace(OTHER, substances=frozenset({7}), town="")) == (LikenessReason.SUBSTANCE,)
    assert reasons(ONE, replace(OTHER, substances=frozenset({7}), region="EC-G")) == ()


def test_a_copy_is_proposed_wherever_it_was_filed_and_is_never_independent() -> None:
    copy = replace(OTHER, region="CO-ANT", on=DAY - timedelta(days=90), text=TEXT.upper(), speaker=5)
    assert reasons(ONE, copy) == (LikenessReason.COPY,)
    assert not are_independent(ONE, copy)
    assert are_independent(ONE, replace(copy, text="Another text, of somebody who was told of it by others."))


def test_a_text_told_in_nearly_the_same_words_is_proposed() -> None:
    other = replace(OTHER, text="Blue tablets with an M on one side, three people slept for hours, could not be woken.")
    assert reasons(ONE, other) == (LikenessReason.TEXT,)


def test_two_findings_in_the_words_of_one_service_are_two_but_a_substance_and_its_family_may_be_one() -> None:
    other = replace(OTHER, text=TEXT.replace("Blue", "White").replace("three", "two"), substances=frozenset({8}))
    assert reasons(ONE, other) == ()
    assert reasons(ONE, replace(other, families=frozenset({7}))) == (LikenessReason.TEXT,)


def test_the_likeliest_comes_first() -> None:
    near = replace(OTHER, id=3, substances=frozenset({7}), product="Oxycodone tablets")
    found = propose_likely(
        ONE, [replace(near, id=4, on=DAY - timedelta(days=6)), near, replace(OTHER, substances=frozenset({7}))]
    )
    assert [one.id for one in found] == [3, 4, 2]
