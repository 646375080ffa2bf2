"""Requests of campaign letters: found in the letter, with numbers that add up, in the subject and first screen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from consult.analysis.campaigns.demands import list_demands
from consult.core.i18n import force_locale
from consult.digests import letters as delivery_letters
from consult.digests.content.body import Body, CountHeadline
from consult.digests.content.body_json import from_json, to_json
from consult.digests.content.campaigns import CampaignStatement, DigestCampaign, build_campaign, find_beginning
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import CampaignRow
from consult.digests.content.slots import ReaderTask
from consult.digests.model import Digest
from consult.digests.render import (
    brief,
    campaign_phrases,
    first_screen,
    layout,
    phrases,
    task_phrases,
)
from consult.mail.render import render_letter
from tests.digests.content.test_body_json import EDITIONS

LETTER = "I am writing this comment for farm workers. They feed us. Please stop the harmful changes in this rule today."


def copy(body: str) -> QuotableComment:
    return QuotableComment(1, 1, "NS27-AAAA-BB", "", "", body, "en", None, False, 4996)


def letter(body: str = LETTER, **numbers: int) -> CampaignRow:
    asks = [CampaignStatement(copy(body), *at) for at in list_demands(body)]  # as a person checked them
    opening = None if asks else find_beginning(copy(body))
    told = {"total": 4996, "exact": 4552, "adding": 360, **numbers}
    row = build_campaign(
        DigestCampaign(key="3", new=0, sample=copy(body), demands=asks, checked=len(asks), opening=opening, **told)  # type: ignore[arg-type]
    )
    fill = [replace(one, words=body[one.start : one.end]) for one in row.demands]
    begins = row.opening and replace(row.opening, words=body[row.opening.start : row.opening.end])
    return replace(row, demands=tuple(fill), opening=begins)


def edition(row: CampaignRow, others: int = 4) -> Body:
    body = from_json(json.loads((EDITIONS / "edition_0.json").read_text()))
    found = CountHeadline(kind="letter", n=row.total, letter=row.key, others=others)
    facts = replace(body.consultation, code="NS27")
    return replace(body, copied=(row,), headline=found, consultation=facts)


def test_the_demand_of_a_letter_is_its_sentence_that_asks_and_not_its_salutation() -> None:
    assert [quote.words for quote in letter().demands] == ["Please stop the harmful changes in this rule today."]


def test_a_letter_without_a_demand_says_so_and_how_it_begins(app: Flask) -> None:
    row = letter("The rule is long. It has many pages.")
    with app.test_request_context(), force_locale("en"):
        said, quotes = campaign_phrases.asks(row), campaign_phrases.asked(row)
        subject = phrases.subject(edition(row))
    assert said == "No request in this campaign letter is checked yet. It begins:"
    assert [quote.words for quote in quotes] == ["The rule is long."]
    assert subject == "NS27: 4,996 copies of one campaign letter (4 other texts)"


def test_that_a_letter_asks_is_said_only_of_what_a_person_has_checked(app: Flask) -> None:
    row = letter()
    with app.test_request_context(), force_locale("en"):
        said = [campaign_phrases.asks(replace(row, checked=n)) for n in (None, 0, len(row.demands))]
        shown = [[one.words for one in campaign_phrases.asked(replace(row, checked=n))] for n in (0, 1)]
    assert said == ["", "", "The campaign letter asks:"]
    assert shown == [[], ["Please stop the harmful changes in this rule today."]]


def test_senders_by_what_they_did_are_all_senders_each_with_its_list(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        parts = campaign_phrases.senders(letter())
    assert [(part.text, part.what) for part in parts] == [
        ("4,552 identical to one version of the text", "letter:3:exact"),
        ("360 with added words", "letter:3:own"),
        ("84 with words changed or left out", "letter:3:changed"),
    ]


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_the_parts_of_a_letter_add_up(exact: int, own: int, changed: int) -> None:
    row = letter(total=exact + own + changed, exact=exact, adding=own)
    assert (row.exact, row.own, row.changed) == (exact, own, changed)


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("n", [5, 4996, 1_234_567])
def test_the_finding_in_a_subject_has_seventy_characters_at_most(app: Flask, language: str, n: int) -> None:
    with app.test_request_context(), force_locale(language):
        subject = phrases.subject(edition(letter(total=n), others=12))
    assert len(subject.replace("\u2068", "").replace("\u2069", "")) <= 70


def test_a_subject_does_not_quote_a_letter(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        subjects = {phrases.subject(edition(replace(letter(), checked=n))) for n in (0, 1)}
    assert subjects == {"NS27: 4,996 copies of one campaign letter (4 other texts)"}


def test_texts_of_a_template_are_not_called_one_letter(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        subject = phrases.subject(edition(replace(letter(), variants=80), others=0))
    assert "submissions use one template" in subject


def test_the_sheet_names_the_letter_its_demand_and_its_senders(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        blocks = layout.one_page(edition(letter()), 7)["blocks"]
    told = json.dumps(blocks, ensure_ascii=False)
    assert "4,996 copies of a campaign letter" in told
    assert "Please stop the harmful changes in this rule today." in told
    assert "84 with words changed or left out" in told


def test_a_body_with_demands_reads_as_it_was_written() -> None:
    body = edition(letter())
    assert from_json(json.loads(json.dumps(to_json(body)))) == body


def test_who_owes_answers_reads_how_many_and_by_when_others_read_the_draft(app: Flask) -> None:
    body = replace(edition(letter()), to_at=datetime(2027, 3, 1, 9, tzinfo=UTC))
    task = ReaderTask(waiting=20, late=0, due=date(2027, 3, 14), url="/desk/arguments/1/answer")
    with app.test_request_context(), force_locale("en"):
        mine, other = task_phrases.letter_fields(body, task), task_phrases.letter_fields(body, None)
    assert mine["asked_title"] == "20 arguments wait for your answer"
    assert mine["asked_text"] == "The first is due on 14 March 2027, in 13 days. No answer is overdue."
    assert mine["asked_subject"] == "; 20 arguments wait for your answer, the first on 14 March"
    assert other["asked_title"] == "Next steps"
    assert set(mine) == set(other)


def test_an_overdue_answer_is_not_called_due(app: Flask) -> None:
    body = replace(edition(letter()), to_at=datetime(2027, 3, 20, 9, tzinfo=UTC))
    task = ReaderTask(waiting=2, late=1, due=date(2027, 3, 14), url="/x")
    with app.test_request_context(), force_locale("en"):
        said = task_phrases.letter_fields(body, task)["asked_text"]
    assert said == "The first was due on 14 March 2027. 1 answer is overdue."


def test_an_edition_read_later_counts_the_days_from_the_day_it_is_read(app: Flask) -> None:
    body = replace(edition(letter()), to_at=datetime(2027, 3, 1, 9, tzinfo=UTC))
    task = ReaderTask(waiting=2, late=0, due=date(2027, 3, 14), url="/x")
    with app.test_request_context(), force_locale("en"):
        said = task_phrases.letter_fields(body, task, date(2027, 3, 10))["asked_text"]
    assert said == "The first is due on 14 March 2027, in 4 days. No answer is overdue."


def test_bars_of_letters_and_places_are_drawn_to_one_scale(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        figure = first_screen.figure(brief.build(edition(letter()), brief.LETTER))
    assert figure is not None
    assert figure.letter_bar(figure.letters[0]).parts == [("letter", 100)]
    assert all(sum(n for _name, n in figure.place_bar(place).parts) <= 10 for place in figure.places)


def test_a_letter_of_which_some_copies_wait_says_how_many_are_published(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        said = [campaign_phrases.submissions(letter(published=n)) for n in (4996, 4901)]
        older = campaign_phrases.submissions(replace(letter(), published=None))
    assert said == ["4,996 copies of a campaign letter", "4,996 copies of a campaign letter (4,901 of them published)"]
    assert older == said[0]


def test_a_letter_that_asks_nothing_by_our_lists_leaves_no_empty_line_in_plain_text(app: Flask) -> None:
    row = replace(letter("The rule is long. It has many pages."), opening=None)
    words = {}
    for name, one in (("nothing", row), ("demand", letter())):
        with app.test_request_context(), force_locale("en"):
            text = render_letter(
                delivery_letters.TEMPLATE,
                "en",
                {**delivery_letters.build_context(Digest(id=7), edition(one)), "place": lambda name: f"({name})"},
            ).text
        words[name] = text[text.index("copies of a campaign letter") :].split("* 4,552")[0].splitlines()
    assert "The campaign letter asks:" in words["demand"][1]
    assert words["nothing"][1:] == [], "the senders follow at once"


def test_hollow_squares_are_explained_only_where_there_are_some(app: Flask) -> None:
    body = edition(letter(total=9))
    place = replace(body.places[0], kind="provision", stances={"concern": 3}, copied={"concern": 1})
    with app.test_request_context(), force_locale("en"):
        for copied, hollow in (({"concern": 1}, True), ({}, False)):
            drawn = first_screen.figure(
                brief.build(replace(body, places=(replace(place, copied=copied),)), brief.LETTER)
            )
            assert drawn is not None
            assert (drawn.in_squares, drawn.has_copies) == (True, hollow)
            assert ("hollow" in drawn.key.lower()) is hollow


@pytest.mark.parametrize(("letters", "more"), [(3, 0), (7, 0), (9, 2)])
def test_the_letter_and_the_sheet_say_what_every_letter_asks_and_how_many_are_left_out(
    app: Flask, letters: int, more: int
) -> None:
    rows = [replace(letter(total=90 - at, exact=90 - at, adding=0), key=str(at)) for at in range(letters)]
    asks = [
        replace(row, demands=tuple(replace(one, words=f"Demand {row.key}.") for one in row.demands)) for row in rows
    ]
    body = replace(edition(asks[0]), copied=tuple(asks))
    with app.test_request_context(), force_locale("en"):
        context = {**delivery_letters.build_context(Digest(id=7), body), "place": lambda name: f"({name})"}
        made = render_letter(delivery_letters.TEMPLATE, "en", context)
        sheet = json.dumps(layout.one_page(body, 7)["blocks"], ensure_ascii=False)
    first = made.html[: made.html.index("All charts use one scale")]
    for words in (first, made.text):
        assert [at for at in range(letters) if f"Demand {at}." in words] == list(range(letters - more))
    assert (f"{more} more campaign letters" in first) is bool(more)
    assert [at for at in range(letters) if f"Demand {at}." in sheet] == list(
        range(min(letters, brief.SHEET.letters or 0))
    )
