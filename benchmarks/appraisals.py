"""Agreement of two reviews of twenty items: shares on the same and the next step, and weighted kappa.

    python -m benchmarks.appraisals [FILE]

Both judgements of the included items were written by one author, only to try the command. Use a file of the same shape
with the judgements of two reviewers.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from consult.case_studies.appraisal.agreement import compare
from consult.case_studies.appraisal.certainty import Certainty, Concern, GradeDomain, grade
from consult.case_studies.model import SourceDesign


def read_step(item: Mapping[str, Any], serious: Sequence[str]) -> Certainty:
    """Return the certainty of an item with serious concerns in these domains."""
    concerns = {GradeDomain(name): Concern.SERIOUS for name in serious}
    return grade([SourceDesign(design) for design in item["designs"]], concerns).certainty


def main(path: Path) -> None:
    items = tomllib.loads(path.read_text(encoding="utf-8"))["item"]
    pairs = [(read_step(item, item["first"]), read_step(item, item["second"])) for item in items]
    for item, (first, second) in zip(items, pairs, strict=True):
        print(f"{item['name'][:60]:60}  {first.name:9} {second.name:9}{'' if first == second else '  *'}")
    found = compare([(int(first), int(second)) for first, second in pairs])
    print(f"\n{found.pairs} items: {found.same} on the same step, {found.within_one} within one, kappa {found.kappa}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".toml"))
