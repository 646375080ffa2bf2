"""Detection of contradicted letters, compared with simple peers: `python -m benchmarks.contradiction [FILE]`.

FILE is the real campaign of `tests/analysis/text/contradiction/README.md`, with columns id and text; without it only the
sentences of that folder are tried. "Rules" are the lists of words alone, "rules, meaning" as where the package with the
encoder is installed (`benchmarks.rejections` made its weights). Peers get the same personal words: "negation" suggests whoever uses a negator,
"nearest, turned" whoever is negated where the letter's sentence with the nearest TF-IDF is not, or turns it by an
opposite word. Unclear members are left out, and the limit of the meaning was set on half of the members: the other half has
a column. The last table is the cost of the residual with and without the search.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import print_table
from benchmarks.rejections import is_unseen
from consult import ROOT
from consult.analysis.campaigns.rejections import load_judge
from consult.analysis.kinds import StatementKind
from consult.analysis.text import residual
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.contradiction import find_contradiction, get_position
from consult.analysis.text.normalise import split_words
from consult.analysis.text.polarity import is_contrary, is_negated
from consult.analysis.text.rejection_signs import Judge
from consult.analysis.text.sentences import split_sentences
from consult.cli.tables import read_rows

SETS = ROOT / "tests" / "analysis" / "text" / "contradiction"
_REAL = ROOT.parent / "shared" / "data" / "farmworker_h2a_2019.csv.gz"
STREET = (
    "We ask the council to close Market Street to cars, to build the tram and to keep the bus lane. "
    "Please adopt the transport plan."
)
FOR = "We ask you to fund clinics and to stop punishing people. Please adopt the strategy."
Method = Callable[[str, Sequence[str]], list[bool]]


def rules(letter: str, said: Sequence[str], judge: Judge | None = None) -> list[bool]:
    position = get_position(letter)
    return [find_contradiction(position, words, [(0, len(words))], judge) is not None for words in said]


def rules_and_meaning(letter: str, said: Sequence[str]) -> list[bool]:
    return rules(letter, said, load_judge())


def negation(_letter: str, said: Sequence[str]) -> list[bool]:
    return [is_negated(split_words(words)) for words in said]


def nearest_turned(letter: str, said: Sequence[str]) -> list[bool]:
    """Return for each sentence whether the letter's nearest sentence by TF-IDF is turned."""
    sentences = [split_words(letter[one.start : one.end]) for one in split_sentences(letter)]
    own = [split_words(words) for words in said]
    holders = Counter(word for words in (*sentences, *own) for word in set(words))
    weights = {word: math.log((1 + len(sentences) + len(own)) / (1 + n)) for word, n in holders.items()}
    found = []
    for words in own:
        scores = [_cosine(words, sentence, weights) for sentence in sentences]
        best = max(range(len(sentences)), key=scores.__getitem__)
        found.append(scores[best] > 0 and is_contrary(sentences[best], words))
    return found


def _cosine(one: Sequence[str], other: Sequence[str], weights: Mapping[str, float]) -> float:
    both = set(one) & set(other)
    lengths = [math.sqrt(sum(weights[word] ** 2 for word in set(words))) for words in (one, other)]
    return sum(weights[word] ** 2 for word in both) / max(1e-9, lengths[0] * lengths[1])


METHODS: dict[str, Method] = {
    "rules": rules,
    "rules, meaning": rules_and_meaning,
    "negation": negation,
    "nearest, turned": nearest_turned,
}
if load_judge() is None:
    del METHODS["rules, meaning"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=_REAL)
    arguments = parser.parse_args()
    _framing()
    _unseen()
    _opposing()
    if arguments.file.is_file():
        _real(arguments.file)


def _read(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


def _framing() -> None:
    known = _read("rejecting.tsv")
    written = _read("framing.tsv")
    known += [[language, words] for language, order, words in written if order == "first"]
    _count_found("sentences that reject a letter, which the lists were widened for", known)
    later = [[language, words] for language, order, words in written if order == "second"]
    _count_found("that were written after that, held out", later)


def _count_found(title: str, rows: Sequence[Sequence[str]]) -> None:
    languages = sorted({language for language, _ in rows})
    table = []
    for name, method in METHODS.items():
        before = time.process_time()
        found = method(FOR, [words for _, words in rows])
        cost = time.process_time() - before
        each = Counter(language for (language, _), hit in zip(rows, found, strict=True) if hit)
        all_ = Counter(language for language, _ in rows)
        table.append([name, *(f"{each[one] / all_[one]:.3f}" for one in languages), f"{len(rows) / cost:,.0f}"])
    print_table(f"{len(rows)} {title}: found", ["method", *languages, "sentences/s"], table)


def _unseen() -> None:
    rows = _read("unseen.tsv")
    table = []
    for name, method in METHODS.items():
        found = Counter(
            kind for (_, kind, _), hit in zip(rows, method(STREET, [row[2] for row in rows]), strict=True) if hit
        )
        all_ = Counter(kind for _, kind, _ in rows)
        table.append([name, *(f"{found[kind] / all_[kind]:.3f}" for kind in "10")])
    title = f"{len(rows)} sentences beside a letter on a street, nothing learnt or set by them: suggested"
    print_table(title, ["method", "of those that reject", "of hard ones that agree"], table)


def _opposing() -> None:
    letters = dict(_read("letters.tsv"))
    rows = _read("beside.tsv")
    table = []
    for name, method in METHODS.items():
        kinds: Counter[str] = Counter()
        for key, letter in letters.items():
            mine = [(kind, words) for of, kind, words in rows if of == key]
            found = method(letter, [words for _, words in mine])
            kinds.update(kind for (kind, _), hit in zip(mine, found, strict=True) if hit)
        all_ = Counter(kind for _, kind, _ in rows)
        table.append([name, *(f"{kinds[kind] / all_[kind]:.3f}" for kind in ("opposes", "agrees"))])
    print_table("Letters on drug policy: suggested", ["method", "of those opposed", "of those who agree"], table)


def _real(file: Path) -> None:
    with (SETS / "farmworker_labels.csv").open(encoding="utf-8") as stream:
        labels = {row["id"]: row["label"] for row in csv.DictReader(stream) if row["label"] != "unclear"}
    rows = list(read_rows(file, ["id", "text"]))
    letter = CampaignLetter.of(Counter(text for _, text in rows).most_common(1)[0][0])
    texts = {key: text for key, text in rows if key in labels}
    own = {
        key: "\n".join(said.text for said in found.statements if said.kind is StatementKind.ADDED)
        for key, found in zip(texts, residual.compute_residuals(letter, list(texts.values())), strict=True)
    }
    table = []
    for name, method in METHODS.items():
        before = time.process_time()
        found = dict(zip(own, method(letter.text, list(own.values())), strict=True))
        cost = time.process_time() - before
        hits = Counter(labels[key] for key, hit in found.items() if hit)
        all_ = Counter(labels[key] for key in own)
        unseen = [key for key in own if labels[key] == "agrees" and is_unseen(key)]
        right = hits["contradicts"]
        table.append(
            [
                name,
                f"{right / all_['contradicts']:.3f}",
                f"{right / max(1, sum(hits.values())):.3f}",
                f"{hits['agrees'] / all_['agrees']:.4f}",
                f"{sum(found[key] for key in unseen) / len(unseen):.4f}",
                f"{len(own) / cost:,.0f}",
            ]
        )
    titles = ["method", "recall", "precision", "agreeing suggested", "of the unseen half", "comments/s"]
    print_table(f"The real campaign: {len(own):,} labelled members with words of their own", titles, table)
    _cost(letter, [text for _, text in rows][:20_000])


def _cost(letter: CampaignLetter, texts: Sequence[str]) -> None:
    """CPU of the residuals of distinct members, with the search for contradiction and without."""
    distinct = list(dict.fromkeys(texts))
    table = []
    for name, search, judge in (
        ("without", False, None),
        ("with the search by rules", True, None),
        ("by meaning too", True, load_judge()),
    ):
        residual.compute_residuals(letter, distinct[:50], contradictions=search, judge=judge)
        before = time.process_time()
        residual.compute_residuals(letter, distinct, contradictions=search, judge=judge)
        table.append([name, f"{time.process_time() - before:.2f}"])
    print_table(f"Residuals of {len(distinct):,} distinct members in {len(texts):,}", ["", "CPU s"], table)


if __name__ == "__main__":
    main()
