"""The sample makes sense by itself: every name in it leads somewhere, and it shows what the pages are for."""

from __future__ import annotations

import re
from collections import Counter

from consult.cli.sample.files import Sample, read_sample

SAMPLE: Sample = read_sample()
MAIN = SAMPLE.consultations[0]


def test_every_comment_is_on_a_paragraph_of_its_draft_and_every_answer_on_a_question() -> None:
    for consultation in SAMPLE.consultations:
        written = r"^Art\. \d+$" if consultation.treaty else r"^(\d+\.\d+) "
        source = "\n".join(consultation.titles) if consultation.treaty else consultation.source
        numbers = {"", *re.findall(written, source, re.MULTILINE)}
        questions = {question.key for question in consultation.questions}
        for filed in SAMPLE.submissions:
            if filed.consultation == consultation.slug:
                assert {remark.on for remark in filed.comments} <= numbers
                assert set(filed.answers) <= questions


def test_every_submission_was_received_while_its_consultation_was_open() -> None:
    by_slug = {consultation.slug: consultation for consultation in SAMPLE.consultations}
    for filed in SAMPLE.submissions:
        consultation = by_slug[filed.consultation]
        assert -consultation.opens_days > filed.days > max(0, -consultation.closes_days)


def test_every_submission_says_who_files_and_why_it_was_not_published() -> None:
    organisations = {organisation.key: organisation for organisation in SAMPLE.organisations}
    for filed in SAMPLE.submissions:
        if filed.organisation:
            assert organisations[filed.organisation].country == filed.country
        assert (filed.name_rule == "organisation") == bool(filed.organisation)
        assert filed.person or filed.name_rule != "own"
        assert bool(filed.reason) == (filed.state in {"returned", "withheld"}) == bool(filed.note)


def test_the_form_letter_came_nine_times_word_for_word_and_three_times_with_words_added() -> None:
    texts = Counter(remark.body for filed in SAMPLE.submissions for remark in filed.comments)
    letter, copies = texts.most_common(1)[0]

    assert copies == 9
    assert sum(text.startswith(letter) and text != letter for text in texts) == 3


def test_the_sample_shows_every_state_four_languages_and_every_kind_of_organisation() -> None:
    main = [filed for filed in SAMPLE.submissions if filed.consultation == MAIN.slug]
    languages = Counter(filed.language for filed in main)
    states = Counter(filed.state for filed in main)

    assert len(main) >= 80
    assert set(languages) == {"en", "es", "fr", "ar"}
    assert min(languages.values()) >= 10
    assert set(states) == {"pending", "returned", "published", "withheld", "withdrawn", "erased"}
    assert len({organisation.kind for organisation in SAMPLE.organisations}) == 10
    assert len(re.findall(r"^\d+\.\d+ ", MAIN.source, re.MULTILINE)) >= 45


def test_nobody_in_the_sample_is_real() -> None:
    names = [organisation.name for organisation in SAMPLE.organisations]
    bodies = [consultation.body for consultation in SAMPLE.consultations]

    assert all(name.endswith("(sample)") for name in names + bodies)
    assert all(organisation.website.endswith(".example") for organisation in SAMPLE.organisations)
    assert all(login.email.endswith("@example.org") for login in SAMPLE.logins)
