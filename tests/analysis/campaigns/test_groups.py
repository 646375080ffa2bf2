from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.analysis.campaigns.classification import ClassifiedComment, classify_comments, stable_names
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import group_texts
from consult.analysis.kinds import TextKind
from tests.analysis.writing import BODIES, LETTERS, OWN, comments

FARM, CLINIC, *_ = LETTERS
SILENT = (
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e", "\u200b", "\u200c", "\u200d",
    "\u200e", "\u200f", "\u202a",
    "\u2060", "\u2061", "\u2066", "\u206f", "\u3164", "\ufe0f", "\ufeff", "\uffa0", "\ufff0",
    "\U0001bca0", "\U0001d173", "\U000e0001", "\U000e0041", "\U000e0100",
)  # fmt: skip
"""One at least of every kind of character that is not seen."""
CHERRIES = OWN[0]


def placed(texts: list[str], batch: int = 7) -> list[ClassifiedComment]:
    with Corpus() as corpus:
        numbers = [number for at in range(0, len(texts), batch) for number in corpus.add(texts[at : at + batch])]
        grouping = group_texts(corpus)
        return classify_comments(grouping, stable_names(corpus, grouping), numbers, texts)


@settings(deadline=None)
@given(BODIES, st.randoms(use_true_random=False), st.integers(1, 9))
def test_the_order_and_the_batches_of_arrival_change_nothing(
    texts: list[str], chance: random.Random, batch: int
) -> None:
    order = list(range(len(texts)))
    chance.shuffle(order)
    before, after = placed(texts), placed([texts[number] for number in order], batch)
    assert [before[number] for number in order] == after


@settings(deadline=None)
@given(BODIES)
def test_every_comment_has_one_class_and_a_campaign_only_as_a_member(texts: list[str]) -> None:
    found = placed(texts)
    assert len(found) == len(texts)
    sizes = Counter(one.campaign for one in found if one.campaign)
    for one in found:
        assert (one.kind in (TextKind.EXACT, TextKind.LETTER)) == bool(one.campaign)
        assert 0 <= one.share <= 1
        assert one.kind is not TextKind.EXACT or not (one.adds or one.contrary)
    assert all(size >= 5 for size in sizes.values())


@settings(deadline=None)
@given(st.lists(st.tuples(comments(), st.sampled_from([1, 1, 2, 3, 4, 5])), min_size=1, max_size=30))
def test_a_copy_of_the_text_that_stands_for_a_letter_is_word_for_word(bodies: list[tuple[str, int]]) -> None:
    texts = [words for words, copies in bodies for _copy in range(copies)]
    with Corpus() as corpus:
        numbers = corpus.add(texts)
        grouping = group_texts(corpus)
        found = classify_comments(grouping, stable_names(corpus, grouping), numbers, texts)
        letters = {
            number
            for campaign, letter in zip(grouping.campaigns, grouping.letters, strict=True)
            if not campaign.template
            for number in (campaign.letter, *campaign.versions)
        }
    kinds = {one.kind for number, one in zip(numbers, found, strict=True) if number in letters}
    assert kinds <= {TextKind.EXACT}


def test_a_letter_that_few_sent_unchanged_is_word_for_word_in_any_order() -> None:
    clinic = ["nurse", "doctor", "dentist"]
    texts = [CLINIC.replace("doctor", who) for who in clinic] + [CLINIC.replace("doctor", "midwife")] * 3
    for at in range(len(texts)):
        turned = texts[at:] + texts[:at]
        found = dict(zip(turned, placed(turned), strict=True))
        assert {one.campaign for one in found.values()} != {""}
        assert found[texts[-1]].kind is TextKind.EXACT


def test_a_letter_with_personal_words_is_told_from_the_letter_and_from_a_voice_of_its_own() -> None:
    texts = [FARM] * 5 + [f"{CHERRIES} {FARM}", CHERRIES, "See attached file(s)"]
    kinds = [one.kind for one in placed(texts)]
    assert kinds == [TextKind.EXACT] * 5 + [TextKind.LETTER, TextKind.INDIVIDUAL, TextKind.ATTACHMENT]


def test_four_copies_are_no_campaign() -> None:
    assert {one.campaign for one in placed([FARM] * 4)} == {""}


def test_capitals_and_spacing_make_no_other_text() -> None:
    assert {one.kind for one in placed([FARM, FARM.upper(), FARM.lower(), FARM.replace(" ", "  "), FARM])} == {
        TextKind.EXACT
    }


@pytest.mark.parametrize("silent", SILENT)
def test_what_is_not_seen_hides_no_copy(silent: str) -> None:
    chance = random.Random(silent)
    planted = [
        "".join(letter + silent if letter.isalpha() and chance.random() < 0.2 else letter for letter in FARM)
        for _copy in range(60)
    ]
    found = placed([FARM] * 5 + planted)
    assert {(one.kind, one.campaign) for one in found} == {(TextKind.EXACT, found[0].campaign)}
    personal = f"{CHERRIES[:9]}{silent}{CHERRIES[9:]} {planted[0]}"
    last = placed([FARM] * 5 + [personal])[-1]
    assert (last.kind, [personal[one.start : one.end] for one in last.statements]) == (
        TextKind.LETTER, [personal[: len(CHERRIES) + 1]],
    )  # fmt: skip


def test_two_letters_stay_two() -> None:
    found = placed([FARM] * 6 + [CLINIC] * 5 + [f"{CLINIC} {CHERRIES}"])
    assert len({one.campaign for one in found}) == 2
    assert found[-1].campaign == found[6].campaign != found[0].campaign


def test_who_quotes_a_letter_to_refute_it_has_not_signed_it() -> None:
    refuted = f"I read this everywhere: “{FARM}” I cannot agree. The rule protects nobody and costs my farm too much."
    assert placed([FARM] * 6 + [refuted])[-1].campaign == ""


def test_who_quotes_one_sentence_shares_a_passage() -> None:
    sentence = "Every season thousands of families depend on it for clean water and fair pay."
    own = "I have farmed for thirty years in the hills and never saw the inspectors. " * 2
    assert placed([FARM] * 6 + [f"{own}{sentence} {own}"])[-1].kind is TextKind.SHARED


def test_a_stock_sentence_makes_no_campaign_of_those_who_share_it() -> None:
    stock = (
        "As a citizen and a taxpayer I urge the commission in the strongest terms to think again about this proposal."
    )
    openings = [f"My name is {name} and I live by the river." for name in ("Ana", "Ben", "Cem", "Dee", "Eva", "Fay")]
    assert {one.campaign for one in placed([f"{opening} {stock}" for opening in openings])} == {""}


def test_a_letter_with_a_name_in_every_copy_is_found_though_no_text_comes_twice() -> None:
    towns = ("Aix", "Brest", "Caen", "Dole", "Evry", "Foix", "Gap")
    texts = [CLINIC.replace("our valley", f"the town of {town}") + f"\n\nSincerely, {town} resident" for town in towns]
    found = placed(texts)
    assert len({one.campaign for one in found}) == 1
    kinds = Counter(one.kind for one in found)
    assert kinds == {TextKind.LETTER: 6, TextKind.EXACT: 1}  # one of them stands for the letter


def test_a_letter_that_turns_another_round_is_not_its_official_version() -> None:
    turned = FARM.replace("not to repeal", "to repeal")
    found = placed([FARM] * 10 + [turned] * 6)
    assert len({one.campaign for one in found}) == 1
    assert {one.kind for one in found[10:]} == {TextKind.LETTER}
    assert [said.kind for said in found[-1].statements] == ["contrary"]


def test_a_version_many_send_is_the_letter_too() -> None:
    version = FARM.replace("Please keep it.", "Please keep it, and see that it is enforced.")
    assert {one.kind for one in placed([FARM] * 10 + [version] * 8)} == {TextKind.EXACT}


def test_no_comments_make_no_groups() -> None:
    assert placed([]) == []


@pytest.mark.parametrize(
    "frame",
    [
        'They sent me this: "{}" It is wrong and I will not sign.',
        "Man schickte mir: „{}“ Das ist falsch, und ich unterschreibe es nicht.",
        "On me demande de signer : « {} » Je ne suis pas d'accord.",
        "Me piden firmar esto: «{}» No estoy de acuerdo con nada.",
        "> {}\n\nI disagree with every line of this.",
    ],
)
def test_those_who_quote_a_whole_letter_neither_join_it_nor_become_one(frame: str) -> None:
    quoting = [f"{frame.format(LETTERS[0].replace(chr(10) * 2, ' '))} {own}" for own in OWN]
    found = placed([LETTERS[0]] * 8 + quoting)
    assert {one.campaign for one in found[8:]} == {""}
    assert {one.kind for one in found[:8]} == {TextKind.EXACT}


def test_two_letters_put_together_are_neither_the_one_nor_the_other() -> None:
    found = placed([FARM] * 6 + [CLINIC] * 6 + [f"{FARM}\n\n{CLINIC}"])
    assert len({one.campaign for one in found[:12]}) == 2
    assert found[12].campaign == ""


@pytest.mark.parametrize("letter", [*LETTERS, *(" ".join(LETTERS[0].split()[at:]) for at in range(1, 7))])
def test_an_answer_that_many_send_draws_nobody_who_only_puts_words_round_the_letter(letter: str) -> None:
    answer = f"I was asked to sign this one and will not sign it: «{letter}» I say no."
    around = [f"{own} {letter} {own}" for own in OWN]
    found = placed([letter] * 9 + [answer] * 7 + around)
    assert {one.campaign for one in found[:9]} == {one.campaign for one in found[16:]} != {""}
    assert found[9].campaign not in ("", found[0].campaign)


def test_a_letter_with_another_word_here_and_there_is_still_the_letter() -> None:
    changed = CLINIC
    for word, other in (
        ("clinic in", "surgery in"), ("open", "available"), ("nearest", "closest"), ("is two", "is some"),
        ("closed", "shut"), ("accept", "believe"), ("saved", "gained"), ("ten", "many"),
    ):  # fmt: skip
        changed = changed.replace(word, other, 1)
    assert placed([CLINIC] * 8 + [FARM] * 6 + [changed])[-1].campaign == placed([CLINIC] * 8)[0].campaign


def test_who_shares_the_one_sentence_that_some_sent_alone_has_not_sent_the_letter() -> None:
    sentence = "Without it the nearest doctor is two hours away, and in winter the road is closed for weeks."
    own = "Our harbour needs dredging and nobody from the ministry has come to see it. " * 3
    found = placed([CLINIC] * 8 + [sentence] * 5 + [f"{own}{sentence} {own}"])
    assert {one.campaign for one in found[:13]} == {found[0].campaign}
    assert found[13].kind is TextKind.SHARED


def test_a_quotation_within_the_letter_does_not_hide_that_the_letter_is_quoted() -> None:
    said = "no child shall work for a wage before the age of twelve, and no mother within a month of giving birth"
    letter = f'We ask you to keep the rule. It says: "{said}." Every season thousands of families depend on it.'
    answer = f'{CHERRIES} They say: "{letter}" I do not agree with a word of this and never did.'
    assert placed([letter] * 6 + [answer])[-1].campaign == ""
