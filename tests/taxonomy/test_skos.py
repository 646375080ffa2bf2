"""Packs go in and out as SKOS, in any of its forms, and say where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from consult.core.errors import Refusal
from consult.taxonomy import service, skos

PACK = service.PACKS / "drug-policy.ttl"
SMALL = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:x:s> a skos:ConceptScheme ; skos:notation "s" ; skos:prefLabel "Small"@en .
<urn:x:s:a> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "A"@en ; skos:broader <urn:x:s:b> .
<urn:x:s:b> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "B"@en .
"""


def test_the_pack_for_drug_policy_has_every_scheme_in_four_languages_with_sources() -> None:
    found = skos.read(PACK)
    schemes = {one.notation for one in found}
    assert schemes == {"treaties", "bodies", "rights", "pillars", "sectors", "groups", "substances", "regions"}
    concepts = [concept for one in found for concept in one.concepts]
    assert len(concepts) > 150
    assert [c.uri for c in concepts if set(c.labels) != {"en", "fr", "es", "ar"} or not c.source] == []


@pytest.mark.parametrize("written", sorted(skos.FORMATS))
def test_what_goes_out_comes_in_again_the_same(tmp_path: Path, written: str) -> None:
    first = skos.read(PACK)
    file = tmp_path / f"pack.{written}"
    file.write_text(skos.write(first, written))
    again = {one.notation: one for one in skos.read(file)}
    for one in first:
        assert sorted(again[one.notation].concepts, key=lambda c: c.uri) == sorted(one.concepts, key=lambda c: c.uri)
        assert again[one.notation].labels == one.labels


def test_a_term_comes_after_the_one_above_it_wherever_the_file_has_it(tmp_path: Path) -> None:
    (tmp_path / "small.ttl").write_text(SMALL)
    [found] = skos.read(tmp_path / "small.ttl")
    assert [concept.notation for concept in found.concepts] == ["b", "a"]


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("broken.ttl", "<urn:x> a ", "at line 1"),
        ("empty.ttl", "", "no skos:ConceptScheme"),
        ("pack.docx", "", ".ttl"),
        ("nameless.ttl", SMALL.replace('; skos:prefLabel "B"@en', ""), "urn:x:s:b has no"),
        ("circle.ttl", SMALL + "<urn:x:s:b> skos:broader <urn:x:s:a> .", "circle"),
    ],
)
def test_a_file_that_is_no_pack_is_refused_with_the_reason(tmp_path: Path, name: str, words: str, said: str) -> None:
    (tmp_path / name).write_text(words)
    with pytest.raises(Refusal, match=said):
        skos.read(tmp_path / name)
