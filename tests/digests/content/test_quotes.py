from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from consult.analysis.text.kept_words import keep_words
from consult.core.text import clean_text, drop_silent
from consult.digests.content.quotes import (
    LONGEST,
    QuotableComment,
    build_quote,
    choose_quotes,
    mark_sentence,
    quote_span,
)
from consult.submissions.anchors.selectors import Anchor

BODIES = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n. ?\xad\u0640\u200b"), min_size=1, max_size=900
)


def words(number: int, body: str, *, stance: str = "concern", submission: int = 0, copies: int = 1) -> QuotableComment:
    return QuotableComment(number, submission or number, f"R-{number}", "1", stance, body, "en", None, False, copies)


@given(body=BODIES.map(clean_text))
def test_a_quote_is_a_piece_of_the_comment_word_for_word(body: str) -> None:
    chosen = choose_quotes([words(1, body)], ["1"])
    assert bool(chosen) == bool(drop_silent(keep_words(body)).strip())
    for made in chosen.get("1", []):
        said = body[made.start : made.end]
        assert said.strip() == said
        assert 0 < len(drop_silent(said)) <= LONGEST
        assert made.sha256 == sha256(body.encode()).hexdigest()


def test_of_a_comment_in_which_no_word_is_seen_no_quote_is_made() -> None:
    line = clean_text("\u0640\u0640\xad \u0640")
    assert line
    assert choose_quotes([words(1, line), words(2, "\xad"), words(3, "I waited.")], ["1"])["1"] == [
        build_quote(words(3, "I waited."))
    ]
    assert choose_quotes([words(1, line)], ["1"]) == {}


def test_a_quote_is_whole_sentences_of_about_two_lines() -> None:
    body = (
        "First of all, thank you. When our opening hours moved to evenings, returned syringes rose from 38 to 71 per "
        "cent of those given. The budget stayed the same.\n\nPeople who work cannot come at ten in the morning."
    )
    start, end = quote_span(body)
    assert body[start:end].startswith("When our opening hours")
    assert body[start:end].endswith(("given.", "same."))


def test_a_comment_without_a_short_sentence_is_cut_at_a_word_and_says_so() -> None:
    body = "word " * 200
    made = build_quote(words(1, body))
    assert made.cut
    assert body[made.start : made.end].endswith("word")


def test_individual_words_are_quoted_before_copies_however_many_there_are() -> None:
    copies = [
        words(n, "We the undersigned ask for eighty per cent by the end of the decade.", copies=900) for n in (1, 2)
    ]
    own = words(3, "I waited.")
    chosen = choose_quotes([*copies, own], ["1"])
    assert [found.comment for found in chosen["1"]] == [3]


def test_each_stance_has_its_quote_and_nobody_is_quoted_everywhere() -> None:
    long = "Sixty per cent is below the level at which transmission falls in every city we know. Set eighty."
    same = [words(1, long, submission=7), words(2, long + " Now.", stance="support", submission=7)]
    other = words(3, long + " Please.", stance="support", submission=8)
    chosen = choose_quotes([*same, other], ["1"])
    assert [(found.stance, found.submission) for found in chosen["1"]] == [("concern", 7), ("support", 8)]


def test_the_order_of_arrival_does_not_matter() -> None:
    found = [words(n, f"Sentence number {n} says something of a good length about paragraph one.") for n in range(1, 9)]
    assert choose_quotes(found, ["1"]) == choose_quotes(found[::-1], ["1"])


PARAGRAPH = "States act. At least 60 per cent have access by 2029. Then they report."


def at(words: str) -> Anchor:
    start = PARAGRAPH.index(words)
    return Anchor(start, start + len(words), words)


def test_the_sentence_with_most_comments_is_chosen_and_rare_ones_are_not_marked() -> None:
    found = mark_sentence("p", PARAGRAPH, [at("60 per cent")] * 6 + [at("by 2029")] + [at("Then they report.")])
    assert found is not None
    assert found.parts == [("At least ", False), ("60 per cent", True), (" have access by 2029.", False)]


def test_words_that_are_not_there_any_more_mark_nothing() -> None:
    assert mark_sentence("p", PARAGRAPH, [Anchor(0, 5, "Other")]) is None
    assert mark_sentence("p", PARAGRAPH, []) is None
