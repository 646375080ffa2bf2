"""Language detection next to plain py3langid.

    python -m benchmarks.language FILE [--text-column text] [--label language]

FILE has texts, and in the label column the language code of each. The texts are one body, as in a consultation, and
both methods choose among the same languages. The second table has short texts in other languages (`minority_texts.txt`)
among 5,000 English comments. These are those of FILE with `--minorities`, which then needs no labels, else synthetic
ones. Without FILE it is the only table.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from benchmarks.comments import sentence
from benchmarks.measure import print_table
from consult.analysis.text.language import DETECTABLE_LANGUAGES, UNKNOWN, identify_languages
from consult.cli.tables import read_rows

_BODY = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label", default="language")
    parser.add_argument("--minorities", action="store_true", help="FILE is English comments without labels")
    arguments = parser.parse_args()
    if arguments.file and not arguments.minorities:
        _compare_labelled(arguments)
    file = arguments.file if arguments.minorities else None
    source = (text for (text,) in read_rows(file, [arguments.text_column])) if file else _make_up()
    _compare_minorities(list(islice(source, _BODY)))


def _make_up() -> Iterator[str]:
    chance = random.Random(1)
    while True:
        yield " ".join(sentence(chance) for _ in range(chance.randint(1, 4)))


def _compare_minorities(body: Sequence[str]) -> None:
    lines = (Path(__file__).parent / "minority_texts.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    table = []
    for name, method in METHODS.items():
        told = method([*body, *(text for _label, text in pairs)])
        found = [(label, one) for (label, _text), one in zip(pairs, told[len(body) :], strict=True)]
        right = sum(label == one for label, one in found)
        unsure = sum(one == UNKNOWN for _label, one in found)
        english = sum(one == "en" for one in told[: len(body)])
        cells = [right / len(found), unsure / len(found), 1 - (right + unsure) / len(found), english / len(body)]
        table.append([name, *(f"{cell:.3f}" for cell in cells)])
    heads = ["method", "right", "unsure", "wrong", "English told as English"]
    print_table(f"{len(pairs)} short texts in other languages among {len(body):,} English comments", heads, table)


def _compare_labelled(arguments: argparse.Namespace) -> None:
    pairs = list(read_rows(arguments.file, [arguments.label, arguments.text_column]))
    labels, texts = [label for label, _ in pairs], [text for _, text in pairs]
    names = sorted(set(labels))
    table = [_measured(name, method, labels, texts, names) for name, method in METHODS.items()]
    print_table(f"Languages of {len(texts):,} texts", ["method", "right", "texts/s", *names], table)


def _measured(
    name: str,
    method: Callable[[Sequence[str]], list[str]],
    labels: Sequence[str],
    texts: Sequence[str],
    names: Sequence[str],
) -> list[str]:
    method(texts[:1])
    before = time.process_time()
    found = method(texts)
    cost = time.process_time() - before
    right: dict[str, list[bool]] = defaultdict(list)
    for label, told in zip(labels, found, strict=True):
        right[label].append(label == told)
    share = sum(label == told for label, told in zip(labels, found, strict=True)) / len(labels)
    each = [f"{sum(right[label]) / len(right[label]):.4f}" for label in names]
    return [name, f"{share:.4f}", f"{len(texts) / cost:,.0f}", *each]


def _as_it_comes(texts: Sequence[str]) -> list[str]:
    return [_IDENTIFIER.classify(text)[0] for text in texts]


_IDENTIFIER = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
_IDENTIFIER.set_languages(DETECTABLE_LANGUAGES)
METHODS: dict[str, Callable[[Sequence[str]], list[str]]] = {"consult": identify_languages, "py3langid": _as_it_comes}


if __name__ == "__main__":
    main()
