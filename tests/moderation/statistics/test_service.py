"""Statistics: what they count, that a second look counts nothing twice, and what the public is not told."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions.model import AppealOutcome, Reason, ReportKind, ReportOutcome
from consult.ledger.service import number_entries
from consult.moderation import service
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome
from consult.moderation.recourse import appeals, reports
from consult.moderation.redaction import Redaction
from consult.moderation.service import ModerationVerdict
from consult.moderation.statistics import service as statistics
from consult.moderation.statistics.service import ModerationStatistics, StatisticsRow
from consult.submissions import imports
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Stance, Submission
from tests import factories
from tests.counting import statements
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def amina(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


@pytest.fixture
def consultation(session: Session) -> Consultation:
    return factories.consultation(session)


def decide(session: Session, moderator: Account, row: Submission, outcome: str = "publish", **more: object) -> None:
    given = {"reason": Reason.HATE if outcome != "publish" else None, **more}
    service.decide(
        session,
        moderator=moderator,
        submission_id=row.id,
        revision=row.revision,
        outcome=DecisionOutcome(outcome),
        **given,
    )  # type: ignore[arg-type]


def count(session: Session) -> None:
    number_entries(session)
    while statistics.FOLLOWER.follow_site(session, most=3):
        pass


def test_decisions_are_counted_by_queue_reason_language_and_stance_and_once(
    session: Session, amina: Account, consultation: Consultation
) -> None:
    plain = filed(session, consultation=consultation, language="es", stance=Stance.SUPPORT)
    held = filed(session, consultation=consultation, body="Write to ana@example.org", stance=Stance.CONCERN)
    hidden = filed(session, consultation=consultation, stance=None)
    decide(session, amina, plain)
    decide(session, amina, held, "withhold")
    comment = comments_queries.list_comments(session, hidden.id)[0]
    decide(session, amina, hidden, covers=[Redaction(comment.id, 0, 5, Reason.THIRD_PERSON)])
    for _again in range(2):
        count(session)
    made = statistics.get_statistics(session, consultation_id=consultation.id)
    assert made.whole.counts == {"published": 1, "withheld": 1, "hidden": 1}
    assert (made.imported, made.together) == (0, 0)
    by = {name: {row.name: dict(row.counts) for row in rows} for name, rows in made.by.items()}
    assert by["queue"] == {"new": {"published": 1, "hidden": 1}, "held": {"withheld": 1}}
    assert by["language"]["es"] == {"published": 1}
    assert by["stance"] == {"support": {"published": 1}, "concern": {"withheld": 1}, "": {"hidden": 1}}
    assert by["reason"]["hate"] == {"withheld": 1}
    assert statistics.get_statistics(session, consultation_id=consultation.id + 1).whole.decided == 0


def test_many_decided_at_once_are_counted_each_with_its_queue(
    session: Session, amina: Account, consultation: Consultation
) -> None:
    rows = [filed(session, consultation=consultation) for _n in range(4)]
    bulk.propose(
        session, moderator=amina, items=[(row.id, row.revision) for row in rows],
        verdict=ModerationVerdict(DecisionOutcome.RETURN, Reason.UNCLEAR),
    )  # fmt: skip
    half_a_minute_later(session)
    count(session)
    made = statistics.get_statistics(session)
    assert [(row.name, dict(row.counts)) for row in made.by["queue"]] == [("new", {"returned": 4})]
    assert (made.whole.decided, made.together) == (4, 4)


def imported(session: Session, consultation: Consultation, many: int) -> None:
    """Comments that were moderated elsewhere."""
    into = imports.get_target(session, slug=consultation.slug, source="Elsewhere", published=True)
    rows = [imports.check_record(into, source_id=str(n), body=f"Words {n}.") for n in range(many)]
    imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())


def test_what_came_moderated_elsewhere_is_no_decision_of_this_house(
    session: Session, amina: Account, consultation: Consultation, client: FlaskClient
) -> None:
    imported(session, consultation, 35)
    for _n in range(10):
        decide(session, amina, filed(session, consultation=consultation))
    count(session)
    made = statistics.get_statistics(session)
    assert (made.whole.decided, made.imported) == (10, 35)
    assert [row.name for row in made.by["queue"]] == ["new"], "imports came from no queue and are in no row"
    page = client.get("/moderation/statistics").text
    assert "35 submissions were moderated elsewhere and imported. They are not counted here." in page
    assert "outside the queues" not in page


def test_a_column_of_which_the_public_is_told_nothing_is_named_in_a_sentence(
    session: Session, amina: Account, consultation: Consultation, client: FlaskClient, sign_in: SignIn
) -> None:
    for n in range(12):
        decide(session, amina, filed(session, consultation=consultation), "withhold" if n < 2 else "publish")
    count(session)
    page = client.get("/moderation/statistics").text
    table = page.split(">By language</h2>")[1].split("</table>")[0]
    assert "Not published" not in table
    assert "under 10" not in table
    left = (
        "We do not show these groups, because all their counts are under 10: "
        "With words hidden, Returned, Not published."
    )
    assert left in page.split(">By language</h2>")[1].split("<h2>")[0]
    assert "We do not show these counts, which are each under 10: appeals, content reports." in page
    assert "Not shown, because" not in sign_in(amina).get("/review/statistics").text


def test_appeals_and_reports_are_counted_with_how_they_ended(
    session: Session, amina: Account, consultation: Consultation, sign_in: SignIn
) -> None:
    other = factories.account(session, Role.MODERATOR)
    for outcome in (AppealOutcome.REJECTED, AppealOutcome.ACCEPTED, AppealOutcome.ACCEPTED):
        row = filed(session, consultation=consultation)
        decide(session, amina, row, "withhold")
        appeal = appeals.file(session, row, words="Look again.")
        appeals.answer(session, moderator=other, appeal_id=appeal.id, outcome=outcome, reasons="Read again.")
    reports.file(session, reference=row.reference, kind=ReportKind.HATE, key="k")
    third = factories.account(session, Role.MODERATOR)
    reports.answer(session, moderator=third, submission_id=row.id, outcome=ReportOutcome.KEPT, words="")
    count(session)
    made = statistics.get_statistics(session)
    assert made.answered == 3
    assert re.search(
        r"<b>2 of 3</b>\s*<span>answered appeals that were accepted", sign_in(amina).get("/review/statistics").text
    )
    assert replace(made, public=True, whole=StatisticsRow("", {"appeal.rejected": 15})).answered is None, (
        "a part is not told"
    )
    assert made.reports == 1
    assert made.whole.counts["report.kept"] == 1
    assert made.whole.decided == 5  # three withheld, two of them published after an appeal


def test_the_median_time_is_told_to_a_quarter(session: Session, amina: Account, consultation: Consultation) -> None:
    moment = now()
    for hours in (1, 20, 24, 30, 100):
        row = filed(session, consultation=consultation, at=moment - timedelta(hours=hours))
        decide(session, amina, row, at=moment)
    count(session)
    minutes = statistics.get_statistics(session).minutes
    assert minutes is not None
    assert 24 * 60 <= minutes <= 24 * 60 * statistics.TIME_SCALE + 1


def test_a_difference_is_marked_only_beyond_chance() -> None:
    whole = StatisticsRow("", {"published": 180, "withheld": 20})
    assert not StatisticsRow("es", {"published": 45, "withheld": 5}).unlike(whole, "withheld")
    assert StatisticsRow("ar", {"published": 15, "withheld": 15}).unlike(whole, "withheld")
    assert not StatisticsRow("fr", {"published": 0, "withheld": 3}).unlike(whole, "withheld")  # too few to say anything


def test_the_public_is_told_no_small_count_and_only_rounded_ones(
    client: FlaskClient, session: Session, amina: Account, consultation: Consultation
) -> None:
    for n in range(23):
        decide(session, amina, filed(session, consultation=consultation, language="en" if n < 20 else "ar"))
    decide(session, amina, filed(session, consultation=consultation, language="en"), "withhold")
    count(session)
    page = client.get("/moderation/statistics").text
    assert "under 10" in page
    assert re.findall(r'<th scope="row">(.*?)</th>', page)[:1] == ["English"]
    names = re.findall(r'<th scope="row">(.*?)</th>', page)  # in the table of counts, and in that of shares
    assert names == ["English"] * 2 + ["Raises a concern"] * 2 + ["New"] * 2, "Arabic and the one reason are left out"
    assert "All counts here are under 10." in page.split(">By reason</h2>")[1], "why there is no table"
    assert "All counts here" not in page.split(">By language</h2>")[1].split("<h2>")[0]
    table = list(csv.reader(io.StringIO(client.get("/moderation/statistics.csv").text)))
    assert ["language", "en", "published", "20", "1.000"] in table
    assert not [line for line in table if "ar" in line or "withheld" in line]
    assert all(int(line[3]) % statistics.ROUNDING_STEP == 0 for line in table[1:])


def test_owners_and_moderators_read_exact_counts_of_their_own(
    session: Session, amina: Account, consultation: Consultation, sign_in: SignIn
) -> None:
    decide(session, amina, filed(session, consultation=consultation), "withhold")
    count(session)
    owner = session.get_one(Account, consultation.owner_id)
    for browser, path in (
        (sign_in(owner), f"/desk/consultations/{consultation.id}/moderation"),
        (sign_in(amina), f"/review/statistics?consultation={consultation.slug}"),
        (sign_in(amina), "/review/statistics"),
    ):
        page = browser.get(path).text
        assert "100%" in page
        assert "does not prove bias" in page
    assert ",withheld,1,1.000" in sign_in(owner).get(f"/desk/consultations/{consultation.id}/moderation.csv").text
    assert ",withheld,1,1.000" in sign_in(amina).get("/review/statistics.csv").text
    stranger = sign_in(factories.account(session, Role.POLICYMAKER))
    assert stranger.get(f"/desk/consultations/{consultation.id}/moderation").status_code in (403, 404)
    assert sign_in(amina).get("/review/statistics?consultation=none").status_code == 404


def test_the_parts_add_up_though_some_came_from_no_queue(
    session: Session, amina: Account, consultation: Consultation, sign_in: SignIn
) -> None:
    row = filed(session, consultation=consultation)
    decide(session, amina, row, "withhold")
    appeal = appeals.file(session, row, words="Look again.")
    appeals.answer(
        session, moderator=factories.account(session, Role.MODERATOR), appeal_id=appeal.id,
        outcome=AppealOutcome.ACCEPTED, reasons="Read again.",
    )  # fmt: skip
    count(session)
    page = sign_in(amina).get("/review/statistics").text
    for title in ("language", "type of comment", "queue"):
        table = page.split(f">By {title}</h2>")[1].split("</table>")[0]
        assert sum(map(int, re.findall(r'data-label="Decisions">(\d+)', table))) == 2, title
    assert "Later decisions outside the queues" in page


def test_the_table_of_reasons_holds_what_was_held_back_alone(
    session: Session, amina: Account, consultation: Consultation, sign_in: SignIn
) -> None:
    for outcome in ("publish", "withhold"):
        decide(session, amina, filed(session, consultation=consultation), outcome)
    count(session)
    page = sign_in(amina).get("/review/statistics").text
    reasons = page.split(">By reason</h2>")[1].split("</table>")[0]
    assert reasons.count("<tr>") == 2  # the head, and one reason
    assert "not stated" not in reasons
    assert "Published" not in reasons
    assert "Share not published" not in reasons


def test_the_page_costs_the_same_however_much_was_decided(
    client: FlaskClient, session: Session, amina: Account, consultation: Consultation
) -> None:
    counts = []
    for _n in range(2):
        for _m in range(5):
            decide(session, amina, filed(session, consultation=consultation))
        count(session)
        session.commit()
        with statements() as seen:
            client.get("/moderation/statistics")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 4


def test_rounding_leaves_nothing_small() -> None:
    exact = ModerationStatistics(
        StatisticsRow("", {"published": 99, "withheld": 9}), {"language": [StatisticsRow("ar", {"withheld": 9})]}, 5.0
    )
    assert statistics.round_for_public(exact).by == {"language": []}


def test_the_public_is_told_a_count_of_ten_and_none_of_nine() -> None:
    exact = ModerationStatistics(StatisticsRow("", {"published": 10, "withheld": 9}), {}, None)
    assert statistics.round_for_public(exact).whole.counts == {"published": 10}


def test_a_row_of_ten_decisions_is_compared_and_one_of_nine_is_not() -> None:
    for n, told in ((9, False), (10, True)):
        few, many = StatisticsRow("ar", {"withheld": n}), StatisticsRow("en", {"published": 200})
        whole = StatisticsRow("", {"withheld": n, "published": 200})
        assert [row.unlike(whole, "withheld") for row in (few, many)] == [told, told]
