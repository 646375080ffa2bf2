"""Names of substances as people write them."""

from __future__ import annotations

import pytest

from consult.signals.likeness.substances import SubstanceIndex, SubstanceName, list_names
from consult.taxonomy import service, skos

[_PACK] = [one for one in skos.read_pack(service.PACKS / "drug-policy.ttl") if one.notation == "substances"]
_ABOVE = {concept.uri: concept.broader for concept in _PACK.concepts}
_LABELS = [concept.labels["en"] for concept in _PACK.concepts]


def depth(uri: str | None) -> int:
    return 0 if uri is None else 1 + depth(_ABOVE[uri])


INDEX = SubstanceIndex.build(
    SubstanceName(n, list_names(concept.labels, concept.others), depth(concept.uri))
    for n, concept in enumerate(_PACK.concepts)
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("FENTANYL HCl", ["Fentanyl"]), ("fentanilo", ["Fentanyl"]), ("الفنتانيل", ["Fentanyl"]),
        ("Isotonitazène", ["Isotonitazene"]), ("oxy-codone tablets", ["Oxycodone"]), ("2 C B", ["2C-B"]),
        ("Heroin (trace)", ["Heroin"]), ("Xanax", ["Alprazolam"]), ("opioids", ["Opioids"]),
        ("Cocaine and Ketamine", ["Cocaine", "Ketamine"]), ("heroína + fentanilo", ["Heroin", "Fentanyl"]),
    ],
)  # fmt: skip
def test_a_name_in_any_language_with_or_without_its_salt_is_its_concept(typed: str, meant: list[str]) -> None:
    found = INDEX.match(typed)
    assert ([_LABELS[n] for n in found.certain], found.proposed) == (meant, ())


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("metanitazene", "Metonitazene"), ("methanphetamine", "Methamphetamine"), ("Herion", "Heroin"),
        ("kokain", "Cocaine"), ("fentanil citrate patches", "Fentanyl"), ("oxycodon M30 tablets", "Oxycodone"),
        ("كيتامين أبيض", "Ketamine"), ("amfetamin", "Amphetamine"),
    ],
)  # fmt: skip
def test_a_near_name_is_proposed_and_never_taken(typed: str, near: str) -> None:
    found = INDEX.match(typed)
    assert found.certain == ()
    assert _LABELS[found.proposed[0][0]] == near


def test_a_slip_in_one_of_two_names_and_an_amount_are_seen_through() -> None:
    """Certain matches stay certain; reports are also compared by likely ones."""
    both = INDEX.match("Fentanyl and Herion")
    assert ([_LABELS[n] for n in both.certain], [_LABELS[n] for n in both.likely]) == (
        ["Fentanyl"],
        ["Fentanyl", "Heroin"],
    )
    assert [_LABELS[n] for n in INDEX.match("Alprazolam 2 mg").certain] == ["Alprazolam"]
    assert [_LABELS[n] for n in INDEX.match("cocaine base").certain] == ["Crack cocaine"]


@pytest.mark.parametrize(
    "typed", ["Down (Unknown Opioid)", "Unknown", "2C-F", "3-MMD", "5-MeO-DXT", "MDEMA", "blue ones", "", "and"]
)
def test_what_is_no_name_stays_unknown(typed: str) -> None:
    assert INDEX.match(typed).certain == ()
    assert INDEX.match(typed).proposed == ()
