"""Names of terms are found in a text whatever their case, number and accents; the longest wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.taxonomy import service, skos
from consult.taxonomy.term_matches import TermFinder, build_term_finder

PACK = [concept for one in skos.read_pack(service.PACKS / "drug-policy.ttl") for concept in one.concepts]
TERMS = [(number, concept.labels, concept.others) for number, concept in enumerate(PACK)]


def found(text: str, code: str) -> list[tuple[str, str]]:
    return [
        (PACK[match.term_id].notation, text[match.start : match.end])
        for match in build_term_finder(TERMS, code).find(text)
    ]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "Expand naloxone and NEEDLE EXCHANGE in prisons.", ["naloxone", "NEEDLE EXCHANGE", "prisons"]),
        ("en", "Everyone has the right to health.", ["right to health"]),
        ("fr", "Le droit à la santé des personnes détenues", ["droit à la santé", "personnes détenues"]),
        ("es", "La reducción de daños y las jeringas", ["reducción de daños", "jeringas"]),
        ("ar", "ينبغي توفير النالوكسون في السجون", ["النالوكسون", "السجون"]),
        ("en", "Those who asked WHO and the INCB.", ["WHO", "INCB"]),
        ("en", "Nothing of that kind.", []),
    ],
)
def test_terms_are_found_by_their_names_in_each_language(code: str, text: str, expected: list[str]) -> None:
    assert [words for _notation, words in found(text, code)] == expected


def test_the_longest_name_at_a_place_is_taken() -> None:
    both = TermFinder("en", [(1, "harm"), (2, "harm reduction")])
    assert [match.term_id for match in both.find("harm reduction, and harm")] == [2, 1]


NAMES = sorted({concept.labels["en"] for concept in PACK if "en" in concept.labels})


@given(st.sampled_from(NAMES), st.lists(st.one_of(st.text(max_size=20), st.sampled_from(NAMES)), max_size=15))
def test_any_text_gives_spans_inside_it_in_order_without_overlap(first: str, others: list[str]) -> None:
    text, ends = " ".join([first, *others]), 0
    for match in build_term_finder(TERMS, "en").find(text):
        assert ends <= match.start < match.end <= len(text)
        ends = match.end
    assert ends > 0
