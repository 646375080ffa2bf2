"""Copies that share hardly five words in a row: with words put between, or spun from a template. And short answers."""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path

import pytest

from benchmarks.near_texts import HERE
from benchmarks.near_texts import spin as choose_phrases
from consult.analysis.campaigns.near_texts import find_near_groups
from consult.analysis.campaigns.slots import find_fixed_words
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
STOCK_FOLDER = HERE / "spun"
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


@pytest.mark.parametrize("name", ["needles", "salle", "cannabis_es"])
def test_texts_in_which_every_phrase_comes_from_a_stock_are_one_campaign(name: str) -> None:
    written = (STOCK_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    chance = random.Random(4)
    spun = [choose_phrases(written, chance) for _ in range(30)]
    found = placed([*spun, *GENUINE])
    assert len({one.campaign for one in found[:30]}) == 1
    assert found[0].campaign.startswith("t-")
    assert not any(one.campaign for one in found[30:])


def test_people_who_quote_one_page_are_no_campaign() -> None:
    chance = random.Random(5)
    quoted = [choose_phrases((STOCK_FOLDER / "vape.txt").read_text(encoding="utf-8"), chance) for _ in range(20)]
    found = placed([f"{GENUINE[at]} “{words}”" for at, words in enumerate(quoted)])
    assert not any(one.campaign for one in found)


def test_people_who_quote_one_source_have_sent_no_letter() -> None:
    source = LETTERS[1]
    posts = [f"{own} He wrote: “{source}” I cannot agree." for own in OWN[:9]]
    found = placed([*posts, *(f"{own} {source}" for own in OWN[9:12])])
    assert not any(one.campaign for one in found)
    assert {one.kind for one in found} == {TextKind.SHARED}


def test_a_letter_with_a_quotation_in_it_is_a_campaign() -> None:
    texts = [f"{own} {LETTERS[0]} The report says: “{OWN[0]} {OWN[1]}”" for own in OWN[2:11]]
    assert {one.campaign for one in placed(texts)} == {placed(texts)[0].campaign} != {""}


def test_a_few_texts_that_share_passages_are_no_template() -> None:
    assert not any(one.campaign.startswith("t-") for one in placed([*spin(5), *GENUINE]))


def test_a_template_is_drawn_with_its_passages_and_what_fills_the_slots() -> None:
    spun = spin(60)
    rows = hash_words(spun)
    [group] = find_near_groups(rows)
    fixed = find_fixed_words(rows[group.leader], [rows[row] for row in group.members.tolist()])
    picture = draw_template(CampaignLetter.of(spun[group.leader], fixed), spun)
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
        found = find_near_groups(hash_words([*spun, *GENUINE]))
        members = [row for one in found for row in one.members.tolist()]
        assert sum(row < 30 for row in members) >= 27
        assert all(row < 30 for row in members)


def test_slots_that_lie_side_by_side_are_told_from_words_of_ones_own() -> None:
    words = " ".join(LETTERS[1].split()[:35]).split()
    stays = {0, 1, 8, 9, 10, 16, 17, 18, 25, 26, 27, 33, 34}
    chance = random.Random(2)
    stock = {at: (word, f"{word}n", f"{word}r", f"{word}s") for at, word in enumerate(words) if at not in stays}
    spun = [" ".join(chance.choice(stock.get(at, (word,))) for at, word in enumerate(words)) for _ in range(30)]
    assert [len(one.members) for one in find_near_groups(hash_words([*spun, *GENUINE]))] == [30]
    own = [
        " ".join(word if at in stays else f"own{sender}x{at}" for at, word in enumerate(words)) for sender in range(30)
    ]
    assert find_near_groups(hash_words([*own, *GENUINE])) == []
