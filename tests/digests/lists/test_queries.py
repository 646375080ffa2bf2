from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.web.access import Role
from consult.digests.content.body_json import to_json
from consult.digests.lists import queries as lists_queries
from consult.digests.model import Digest
from consult.digests.render import phrases, template_helpers
from consult.digests.results import cache as results_cache
from consult.submissions import imports
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from consult.submissions.private import service as private
from tests import factories
from tests.filing import comment, decide, file

Compile = Callable[..., Digest]


def every_list(digest: Digest) -> list[str]:
    """The names of all the lists that the digest's numbers open."""
    body = to_json(digest.body)
    names = [f"{side}{name}" for name in body["numbers"] for side in ("", "all-")]
    names += [name for name, n in body["news"].items() if isinstance(n, int) and name not in ("individual_texts",)]
    names += [f"all-{name}" for name in ("published", "pending", "withheld", "withdrawn", "erased")]
    names += ["all-individually", "all-in-campaigns", "all-placed", "all-unplaced", "all-spoken", "all-by-letter"]
    names += [f"letter:{row['key']}" for row in body["copied"]]
    for row in body["places"]:
        names += [f"at:{row['key']}", f"all-at:{row['key']}"]
        names += [f"all-at:{row['key']}:{stance or 'unsaid'}" for stance in row["stances"]]
        names += [f"at:{row['key']}:{stance or 'unsaid'}" for stance in row["stances_new"]]
    return names


def whole(session: Session, digest: Digest, name: str) -> tuple[int, list[str]]:
    """The number, and all references of the list behind it."""
    listing = lists_queries.get_list(session, digest, name)
    found = [line.reference for line in listing.page.items]
    while listing.page.next_cursor:
        listing = lists_queries.get_list(session, digest, name, after=listing.page.next_cursor)
        found += [line.reference for line in listing.page.items]
    return listing.count, found


def everything(session: Session, row: Consultation) -> list[Submission]:
    """A submission in every state, of every kind."""
    rows = [file(session, row, "We all ask for eighty per cent.", published=n > 0) for n in range(6)]
    rows += [file(session, row, f"Own words {n}.", organisation=f"O{n % 2}", published=True) for n in range(3)]
    rows += [file(session, row, comment(session, row, f"Mine {n}.", "2.1", None), published=True) for n in range(2)]
    rows.append(
        file(session, row, comment(session, row, "On all of it.", "", "support"), answers={0: "Yes."}, published=True)
    )
    rows.append(file(session, row, f"Answered {len(rows)}."))
    decide(session, rows[-1], State.RETURNED)
    private.send_reply(session, rows[-1], words="As I said.")
    for state in (State.WITHHELD, State.RETURNED, State.WITHDRAWN, State.ERASED, State.RETURNED):
        rows.append(file(session, row, f"Then {state} {len(rows)}."))
        decide(session, rows[-1], state, "off_topic" if state is State.WITHHELD else None)
    submissions.amend(session, rows[-1], comments=[comment(session, row, "Changed.")])
    return rows


def test_every_number_opens_the_list_behind_it(session: Session, compile: Compile) -> None:
    row = factories.consultation(session, questions=1)
    everything(session, row)
    first = compile(row)
    everything(session, row)
    second = compile(row)
    for digest in (first, second):
        wrong = {}
        for name in every_list(digest):
            count, found = whole(session, digest, name)
            if len(set(found)) != count or len(found) != count:
                wrong[name] = (count, found)
        assert wrong == {}


def test_a_digest_counts_answers_to_moderators_apart_from_changes(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    for n, words in enumerate(("As it was.", "Changed."), 1):
        made = file(session, row, f"Words {n}.")
        decide(session, made, State.RETURNED)
        if n == 1:
            private.send_reply(session, made, words=words)
        else:
            submissions.amend(session, made, comments=[comment(session, row, words)])
    digest = compile(row)
    assert (digest.body.news.replied, digest.body.news.amended, digest.body.books.pending) == (1, 1, 2)
    told = [line.text for line in phrases.news(digest.body) if "sent again" in line.text]
    assert told == [
        "1 was changed by its author and sent again.",
        "1 was sent again unchanged, with a message to the moderator.",
    ]
    assert lists_queries.get_list(session, digest, "replied").count == 1
    silent = replace(digest.body, news=replace(digest.body.news, replied=0))
    assert "replied" not in to_json(silent)["news"], "what was compiled before has the same bytes"


def test_the_list_of_an_old_digest_stays_what_was_counted(session: Session, compile: Compile) -> None:
    row = factories.consultation(session, questions=1)
    rows = everything(session, row)
    digest = compile(row)
    before = {name: whole(session, digest, name)[1] for name in every_list(digest)}
    for number, chosen in enumerate(rows):
        if chosen.state is State.PUBLISHED:
            decide(session, chosen, [State.WITHDRAWN, State.WITHHELD, State.ERASED][number % 3], None)
    compile(row)
    after = {name: whole(session, digest, name)[1] for name in every_list(digest)}
    lost = {name for name in before if before[name] != after[name]}
    assert {name.split(":")[0] for name in lost} <= {
        "organisations",
        "all-organisations",
        "texts",
        "all-texts",
        "individual",
        "all-individual",
        "at",
        "all-at",
    }  # an erased name is gone, and where it spoke; a text shows by another


def test_what_is_not_published_now_is_shown_without_words_or_name(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    waiting = file(session, row, "Secret words.", person="Ada")
    shown = file(session, row, "Open words.", person="Grace", published=True)
    digest = compile(row)
    lines = {line.reference: line for line in lists_queries.get_list(session, digest, "received").page.items}
    assert (lines[waiting.reference].words, lines[waiting.reference].name) == (None, None)
    assert (lines[shown.reference].words, lines[shown.reference].name) == ("Open words.", "Grace")
    decide(session, shown, State.WITHDRAWN)
    session.commit()
    (line,) = lists_queries.get_list(session, digest, "published").page.items
    assert (line.words, line.name, line.state) == (None, None, State.WITHDRAWN)


@pytest.mark.parametrize(
    "name", ["", "everything", "all-", "letter:xyz", "all-copies:" + "0" * 32, "copies:" + "0" * 32, "at:nowhere",
             "at:chp_1__para_1:joy", "pending", "received:1", "'; drop table letter; --"],
)  # fmt: skip
def test_a_list_that_the_digest_does_not_have_is_not_found(session: Session, compile: Compile, name: str) -> None:
    row = factories.consultation(session)
    file(session, row, "One.", published=True)
    digest = compile(row)
    with pytest.raises(NotFound):
        lists_queries.get_list(session, digest, name)


@pytest.mark.parametrize("after", ["x", "WyJhIl0", "WzEuNV0", "WzEsMl0", "Wy0xXQ"])
def test_a_cursor_of_another_list_is_not_found(session: Session, compile: Compile, after: str) -> None:
    row = factories.consultation(session)
    file(session, row, "One.", published=True)
    digest = compile(row)
    with pytest.raises(NotFound):
        lists_queries.get_list(session, digest, "received", after=after)


def test_the_file_of_a_list_has_all_its_rows_and_is_sent_while_they_are_read(
    session: Session, compile: Compile, sign_in: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_queries, "AT_ONCE", 100)
    row = factories.consultation(session, slug="plan")
    into = imports.get_target(session, slug="plan", source="docket", published=True)
    rows = [imports.check_record(into, source_id=f"{n}", body="Stop.") for n in range(1_003)]
    imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())
    digest = compile(row)
    results_cache.refresh(session, consultation_id=row.id)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    for address in (f"/desk/digests/{digest.id}/list", f"/c/{row.slug}/heard/list"):
        answer = desk.get(f"{address}/all-received.csv", buffered=False)
        assert answer.is_streamed
        assert len({line.split(",")[0] for line in answer.text.splitlines()[1:]}) == 1_003
        assert desk.get(f"{address}/all-nothing.csv").status_code == 404


def test_a_letter_on_the_whole_draft_speaks_to_no_paragraph(session: Session, compile: Compile) -> None:
    """A campaign was told as if 99% of it spoke to a paragraph: who sends only the letter is a number of its own."""
    row = factories.consultation(session)
    letter = (
        "Please keep the target of sixty per cent in this plan. Our members in every province have waited for a plan "
        "that names a number and a year, and we will hold the ministry to both of them."
    )
    copies = [file(session, row, comment(session, row, letter, ""), published=True) for _n in range(7)]
    placed = file(session, row, letter, published=True)
    alone = file(session, row, comment(session, row, "On all of it.", ""), published=True)
    digest = compile(row)
    found = digest.body.coverage
    assert [getattr(found, name) for name in ("published", "spoken", "letter", "unplaced", "placed")] == [9, 1, 7, 1, 8]
    assert whole(session, digest, "all-spoken") == (1, [placed.reference])
    assert whole(session, digest, "all-unplaced") == (1, [alone.reference])
    n, listed = whole(session, digest, "all-by-letter")
    assert (n, sorted(listed)) == (7, sorted(one.reference for one in copies))
    told = [line.text for line in template_helpers.coverage(digest.body)]
    assert told[0] == "1 of 9 published submissions (11%) are about a paragraph or a question."
    assert "7 are not about a paragraph or question and are copies of a campaign letter." in told
