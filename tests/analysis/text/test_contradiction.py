"""Detection of added words that contradict a campaign letter, and of those that only repeat it loudly."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from consult.analysis.kinds import StatementKind
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.contradiction import LetterPosition, find_contradiction
from consult.analysis.text.demands import find_demands
from consult.analysis.text.residual import compute_residuals

SETS = Path(__file__).with_name("contradiction")
FOR = LetterPosition.of("We ask you to fund clinics and to stop punishing people. Please adopt the strategy.")
AGAINST = LetterPosition.of("Please stop the harmful changes in this rule today.")
LANGUAGES = ("ar", "de", "en", "es", "fr", "pt")


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


def is_found(letter: LetterPosition, words: str) -> bool:
    return find_contradiction(letter, words, [(0, len(words))]) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_rejects_the_letter_is_found_in_six_languages(language: str) -> None:
    said = [text for code, text in rows("rejecting.tsv") if code == language]
    missed = [text for text in said if not (is_found(FOR, text) and is_found(AGAINST, text))]
    assert len(said) >= 50
    assert len(missed) <= 0.05 * len(said), missed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("looked_at", "least"), [("first", 0.95), ("second", 0.3)])
def test_sentences_written_apart_from_the_rules_are_found_as_often_as_before(
    language: str, looked_at: str, least: float
) -> None:
    said = [text for code, order, text in rows("framing.tsv") if (code, order) == (language, looked_at)]
    missed = [text for text in said if not (is_found(FOR, text) and is_found(AGAINST, text))]
    assert len(said) >= 30
    assert len(missed) <= (1 - least) * len(said), missed


def test_who_agrees_with_a_letter_in_the_words_of_those_who_do_not_is_not_suggested() -> None:
    assert [text for _code, text in rows("agreeing.tsv") if is_found(AGAINST, text)] == []


def test_a_call_for_the_opposite_is_found_and_agreement_is_not() -> None:
    letters = {key: LetterPosition.of(text) for key, text in rows("letters.tsv")}
    said = rows("beside.tsv")
    opposed = [(key, text) for key, kind, text in said if kind == "opposes"]
    agreed = [(key, text) for key, kind, text in said if kind == "agrees"]
    assert sum(is_found(letters[key], text) for key, text in opposed) >= 0.9 * len(opposed)
    assert [text for key, text in agreed if is_found(letters[key], text)] == []


@pytest.mark.parametrize(
    "words",
    [
        "No no no!", "These changes must NOT be implemented.", "Stop this NOW.", "Shame on you!", "I agree with you.",
        "I support this petition.", "Please do not ignore this letter.", "I could not agree more.",
        "Why not ignore this letter?", "Nothing short of a disgrace.",
        "I do not approve of this bill.", "No changes to the rule!", "I cannot believe I have to sign a petition.",
    ],
)  # fmt: skip
def test_who_shouts_or_agrees_does_not_contradict(words: str) -> None:
    assert not is_found(AGAINST, words)


def test_the_words_that_tell_it_are_kept_with_how_sure_it_is() -> None:
    words = "I grow apples. Please ignore the letter below! Thank you."
    found = find_contradiction(AGAINST, words, [(0, len(words))])
    assert found is not None
    assert words[found.start : found.end] == "Please ignore the letter below!"
    assert 0.5 <= found.confidence < 1


LETTER = (
    "We write for the people who pick our food and for their families at home. "
    "The new rule would cut their pay and the number of inspections. "
    "Please stop the harmful changes in this rule today."
)


LAST = "Please stop the harmful changes in this rule today"
NOT_CUT = "The new rule would not cut their pay and the number of inspections."


@pytest.mark.parametrize(
    ("comment", "contrary"),
    [
        (f"I do not agree with the following. {LETTER}", ["I do not agree with the following."]),
        (f"{LETTER} NOT!", ["NOT!"]),
        (LETTER.replace("Please stop", "Please adopt the rule! Please stop"), ["Please adopt the rule!"]),
        (f"No no no {LETTER}", []),
        (LETTER.replace(LAST, "These changes must NOT be implemented"), []),
        (LETTER.replace("would cut", "would not cut"), [NOT_CUT]),
        (f"My father picked fruit. {LETTER}", []),
    ],
)  # fmt: skip
def test_words_before_after_and_between_are_held_against_the_letter(comment: str, contrary: list[str]) -> None:
    (found,) = compute_residuals(CampaignLetter.of(LETTER), [comment])
    against = [said for said in found.statements if said.kind is StatementKind.CONTRARY]
    assert [said.text for said in against] == contrary
    assert all(comment[said.start : said.end] == said.text and said.confidence > 0 for said in against)


def test_demands_are_the_sentences_that_ask() -> None:
    text = "I grow apples. Nous demandons de financer les cliniques. Would they close? Bitte stoppen Sie das Gesetz."
    assert [text[start:end] for start, end in find_demands(text)] == [
        "Nous demandons de financer les cliniques.",
        "Bitte stoppen Sie das Gesetz.",
    ]


def test_a_real_campaign_is_told_apart_as_a_person_labelled_it(data: Path) -> None:
    with (SETS / "farmworker_labels.csv").open(encoding="utf-8") as stream:
        labels = {row["id"]: row["label"] for row in csv.DictReader(stream)}
    with gzip.open(data / "farmworker_h2a_2019.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        texts = Counter(row["text"] for row in csv.DictReader(stream))
        letter = CampaignLetter.of(texts.most_common(1)[0][0])
        stream.seek(0)
        said = {row["id"]: row["text"] for row in csv.DictReader(stream) if row["id"] in labels}
    found = dict(zip(said, compute_residuals(letter, list(said.values())), strict=True))
    flagged = Counter(
        labels[key] for key, one in found.items() if any(each.kind is StatementKind.CONTRARY for each in one.statements)
    )
    known = Counter(labels[key] for key in said)
    assert known["contradicts"] >= 40
    assert flagged["contradicts"] >= 0.78 * known["contradicts"]
    assert flagged["agrees"] <= 0.01 * known["agrees"]
    assert flagged["contradicts"] >= 0.6 * (flagged["contradicts"] + flagged["agrees"])
