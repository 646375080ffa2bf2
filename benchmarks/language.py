"""Languages beside py3langid as it comes: `python -m benchmarks.language FILE [--text-column text] [--label language]`.

FILE has texts and, in the label column, the code of the language each is in. All texts are told as one body, as they
would be in a consultation; both methods choose among the same languages.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from benchmarks.measure import print_table
from consult.analysis.language import LANGUAGES, identify
from consult.cli.tables import rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label", default="language")
    arguments = parser.parse_args()
    pairs = list(rows(arguments.file, [arguments.label, arguments.text_column]))
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
_IDENTIFIER.set_languages(LANGUAGES)
METHODS: dict[str, Callable[[Sequence[str]], list[str]]] = {"consult": identify, "py3langid": _as_it_comes}


if __name__ == "__main__":
    main()
