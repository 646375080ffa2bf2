"""Packs go in and out as SKOS, in any of its forms, and say where they are wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from consult.core.errors import Refusal
from consult.taxonomy import service, skos
from consult.taxonomy.pack import Concept, Vocabulary

PACK = service.PACKS / "drug-policy.ttl"
SMALL = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:x:s> a skos:ConceptScheme ; skos:notation "s" ; skos:prefLabel "Small"@en .
<urn:x:s:a> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "A"@en ; skos:broader <urn:x:s:b> .
<urn:x:s:b> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "B"@en .
"""


def test_the_pack_for_drug_policy_has_every_scheme_in_four_languages_with_sources() -> None:
    found = skos.read_pack(PACK)
    schemes = {one.notation for one in found}
    assert schemes == {"treaties", "bodies", "rights", "pillars", "sectors", "groups", "substances", "regions"}
    concepts = [concept for one in found for concept in one.concepts]
    assert len(concepts) > 150
    assert [c.uri for c in concepts if set(c.labels) != {"en", "fr", "es", "ar"} or not c.source] == []


@pytest.mark.parametrize("written", sorted(skos.FORMATS))
def test_what_goes_out_comes_in_again_the_same(tmp_path: Path, written: str) -> None:
    first = skos.read_pack(PACK)
    file = tmp_path / f"pack.{written}"
    file.write_text(skos.write_pack(first, written))
    assert skos.read_pack(file) == first
    assert skos.write_pack(skos.read_pack(file), written) == file.read_text()


@pytest.mark.parametrize("written", sorted(skos.FORMATS))
def test_terms_keep_the_order_of_the_file_in_every_process(tmp_path: Path, written: str) -> None:
    shuffled = list("qwertyuiopasdfghjklzxcvbnm")
    terms = [Concept(f"urn:x:{one}", one, {"en": one.upper()}) for one in shuffled]
    below = [Concept(f"urn:x:q:{one}", f"q{one}", {"en": one}, broader="urn:x:q") for one in "zxa"]
    pack = [
        Vocabulary("urn:x", "x", {"en": "X"}, [terms[0], *below, *terms[1:]]),
        Vocabulary("urn:a", "a", {"en": "A"}),
    ]
    file = tmp_path / f"pack.{written}"
    file.write_text(skos.write_pack(pack, written))
    assert skos.read_pack(file) == pack
    script = (
        "import sys, pathlib; from consult.taxonomy import skos; "
        "sys.stdout.write(skos.write_pack(skos.read_pack(pathlib.Path(sys.argv[1])), sys.argv[1].rpartition('.')[2]))"
    )
    for seed in ("1", "2", "3"):
        again = subprocess.run(
            [sys.executable, "-c", script, str(file)], env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        assert again.stdout == file.read_text()


def test_the_pack_that_comes_with_consult_keeps_the_order_in_which_it_is_written() -> None:
    described = re.findall(r"(?m)^<(\S+)> a skos:Concept ;", PACK.read_text(encoding="utf-8"))
    tops = [concept.uri for one in skos.read_pack(PACK) for concept in one.concepts if concept.broader is None]
    assert tops == [uri for uri in described if uri in set(tops)]
    assert len(tops) > 50


def test_a_term_comes_after_the_one_above_it_wherever_the_file_has_it(tmp_path: Path) -> None:
    (tmp_path / "small.ttl").write_text(SMALL)
    [found] = skos.read_pack(tmp_path / "small.ttl")
    assert [concept.notation for concept in found.concepts] == ["b", "a"]


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("broken.ttl", "<urn:x> a ", "at line 1"),
        ("empty.ttl", "", "no skos:ConceptScheme"),
        ("pack.docx", "", ".ttl"),
        ("nameless.ttl", SMALL.replace('; skos:prefLabel "B"@en', ""), "urn:x:s:b has no"),
        ("circle.ttl", SMALL + "<urn:x:s:b> skos:broader <urn:x:s:a> .", "break the loop"),
    ],
)
def test_a_file_that_is_no_pack_is_refused_with_the_reason(tmp_path: Path, name: str, words: str, said: str) -> None:
    (tmp_path / name).write_text(words)
    with pytest.raises(Refusal, match=said):
        skos.read_pack(tmp_path / name)
