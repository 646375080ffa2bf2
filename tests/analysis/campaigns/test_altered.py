"""Copies that share hardly five words in a row: with words put between, or spun from a template. And short answers."""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path

import pytest

from consult.analysis.campaigns.templates import find_templates
from consult.analysis.jobs.template_pictures import draw_template
from consult.analysis.kinds import TextKind
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.fingerprints import hash_words
from tests.analysis.campaigns.test_groups import placed
from tests.analysis.templates import FIRST, PASSAGES, STOCKS, spin
from tests.analysis.writing import LETTERS, OWN

GENUINE = [
    f"{OWN[one % len(OWN)]} {OWN[(one * 3 + 1) % len(OWN)]} I live at number {one} and walk." for one in range(200)
]
FILLERS = ("really", "indeed", "well", "surely", "actually", "perhaps", "honestly", "you know")


def dilute(letter: str, every: int, chance: random.Random) -> str:
    words = letter.split()
    return " ".join(
        f"{word} {chance.choice(FILLERS)}" if at % every == every - 1 else word for at, word in enumerate(words)
    )


@pytest.mark.parametrize("every", [3, 4])
@pytest.mark.parametrize("letter", LETTERS[:3])
def test_filler_words_hide_no_copy_and_join_nobody_else(letter: str, every: int) -> None:
    chance = random.Random(every)
    texts = [letter] * 5 + [dilute(letter, every, chance) for _ in range(30)] + GENUINE
    found = placed(texts)
    assert {one.campaign for one in found[:35]} == {found[0].campaign} != {""}
    assert {one.campaign for one in found[35:]} == {""}


def test_who_quotes_a_letter_with_words_between_has_not_signed_it() -> None:
    diluted = dilute(LETTERS[1], 3, random.Random(2))
    reply = f"They send us “{diluted}” and I do not believe a word of what is written in there."
    assert placed([LETTERS[1]] * 5 + [reply])[-1].campaign == ""


@pytest.mark.parametrize("with_letter", [False, True])
def test_texts_spun_from_one_template_are_one_campaign_and_nobody_else_is_of_it(with_letter: bool) -> None:
    spun = spin(60)
    letter = [spun[0]] * 6 if with_letter else []
    found = placed([*letter, *spun, *GENUINE])
    of_spun = found[len(letter) : len(letter) + 60]
    assert sum(bool(one.campaign) for one in of_spun) >= 57
    templates = {one.campaign for one in of_spun if one.campaign.startswith("t-")}
    assert len({one.campaign for one in of_spun}) == 1
    assert len(templates) == (0 if with_letter else 1)  # so much like the letter that they are copies of it
    assert {one.campaign for one in found[len(letter) + 60 :]} == {""}
    assert {one.kind for one in of_spun} == {TextKind.LETTER} | ({TextKind.EXACT} if with_letter else set())


def test_what_a_sender_adds_before_or_after_a_template_is_their_own() -> None:
    own = "I have picked cherries here for forty years and my back is gone."
    spun = spin(40)
    found = placed([*spun, f"{own} {spun[1]} {own}"])
    assert [said.text for said in found[-1].statements][1:] == [own]
    assert found[-1].statements[0].text.startswith(own)
    assert not any(one.statements for one in found[:40])


def test_a_few_texts_that_share_passages_are_no_template() -> None:
    assert not any(one.campaign.startswith("t-") for one in placed([*spin(5), *GENUINE]))


def test_a_template_is_drawn_with_its_passages_and_what_fills_the_slots() -> None:
    spun = spin(60)
    rows = hash_words(spun)
    [template] = find_templates(rows)
    picture = draw_template(CampaignLetter.of(spun[template.leader], template.fixed), spun)
    assert picture.texts == 60
    assert picture.slots == len(STOCKS)
    assert [part.passage for part in picture.parts][1:-1] == [passage.strip(" .") for passage in PASSAGES[1:-1]]
    for part, stock in zip(picture.parts, STOCKS, strict=False):
        assert part.slot is not None
        assert {words for words, _n in part.slot.fillings} == set(stock)
        assert sum(n for _words, n in part.slot.fillings) + part.slot.others + part.slot.empty == 60
    assert not any(first in part.passage for part in picture.parts for first in FIRST)


def test_short_answers_are_no_campaign_however_many_give_them() -> None:
    found = placed(["Nothing."] * 60 + ["No"] * 30 + ["I support this"] * 9 + [LETTERS[0]] * 5)
    assert {one.campaign for one in found[:99]} == {""}
    assert {one.kind for one in found[:99]} == {TextKind.INDIVIDUAL}
    assert found[-1].kind is TextKind.EXACT


@pytest.mark.parametrize("name", ["glyphosate_epa_2019", "farmworker_h2a_2019", "campaign_dev20k"])
def test_real_texts_join_no_template_that_is_planted_among_them(data: Path, name: str) -> None:
    with gzip.open(data / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        real = [row["text"] for _number, row in zip(range(2_000), csv.DictReader(stream), strict=False)]
    spun = spin(60)
    found = placed([*real, *spun], batch=500)
    assert not any(one.campaign.startswith("t-") for one in found[: len(real)])
    assert sum(one.campaign.startswith("t-") for one in found[len(real) :]) >= 54


@pytest.mark.parametrize("slots", [16, 20])
def test_a_template_of_35_words_is_found_with_more_slots_than_words_that_stay(slots: int) -> None:
    words = " ".join(LETTERS[1].split()[:35]).split()
    stock = ("plain", "frank", "rural", "decent", "lasting")
    for seed in range(3):
        chance = random.Random(seed)
        at_slots = set(chance.sample(range(1, 34), slots))
        spun = [
            " ".join(
                chance.choice((word, *stock[at % 3 : at % 3 + 3])) if at in at_slots else word
                for at, word in enumerate(words)
            )
            for _ in range(30)
        ]
        found = find_templates(hash_words([*spun, *GENUINE]))
        members = [row for one in found for row in one.members.tolist()]
        assert sum(row < 30 for row in members) >= 27
        assert all(row < 30 for row in members)


def test_slots_that_lie_side_by_side_are_told_from_words_of_ones_own() -> None:
    words = " ".join(LETTERS[1].split()[:35]).split()
    stays = {0, 1, 8, 9, 10, 16, 17, 18, 25, 26, 27, 33, 34}
    chance = random.Random(2)
    stock = {at: (word, f"{word}n", f"{word}r", f"{word}s") for at, word in enumerate(words) if at not in stays}
    spun = [" ".join(chance.choice(stock.get(at, (word,))) for at, word in enumerate(words)) for _ in range(30)]
    assert [len(one.members) for one in find_templates(hash_words([*spun, *GENUINE]))] == [30]
    own = [
        " ".join(word if at in stays else f"own{sender}x{at}" for at, word in enumerate(words)) for sender in range(30)
    ]
    assert find_templates(hash_words([*own, *GENUINE])) == []
