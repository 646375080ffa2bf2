"""Appeals: who may make one, who may answer it, and what everybody sees of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.web.access import Role
from consult.decisions import policy
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import AppealOutcome, Reason
from consult.decisions.process import InvolvedInDecision, NothingToAppeal
from consult.decisions.service import UNDO_DELAY
from consult.ledger.service import number_entries
from consult.moderation import decision_log, service
from consult.moderation import held_answers as recourse_answers
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Decision, DecisionOutcome
from consult.moderation.queue.undoable import list_undoable
from consult.moderation.recourse import appeals
from consult.moderation.recourse.model import Appeal
from consult.moderation.redaction import Redaction
from consult.moderation.service import ModerationVerdict, SubmissionChanged, UnderAppeal
from consult.submissions import queries, return_codes
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.values import NewComment, Submitter
from tests import factories
from tests.accounts.letters import letters
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def amina(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def tomas(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Tomás R.")


def decided(
    session: Session,
    moderator: Account,
    outcome: DecisionOutcome = DecisionOutcome.WITHHOLD,
    *,
    covers: Any = (),
    **by: Any,
) -> Submission:
    row = filed(session, body="The number 60 is too low. My cousin Pedro knows.", **by)
    if covers:
        comment = comments_queries.list_comments(session, row.id)[0]
        covers = [Redaction(comment.id, *span, Reason.THIRD_PERSON) for span in covers]
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=outcome,
        reason=None if covers else Reason.THIRD_PERSON, covers=covers,
    )  # fmt: skip
    return row


def answer(session: Session, moderator: Account, appeal: Appeal, outcome: AppealOutcome, **more: Any) -> Appeal:
    return appeals.answer(
        session, moderator=moderator, appeal_id=appeal.id, outcome=outcome,
        **{"reasons": "The rule does not say so.", **more},
    )  # fmt: skip


def read(session: Session, row: Submission) -> str:
    return comments_queries.list_comments(session, row.id)[0].public_body


def test_an_accepted_appeal_publishes_what_was_filed_and_tells_its_author(
    session: Session, amina: Account, tomas: Account
) -> None:
    row = decided(session, amina, email="rosa@example.org")
    appeal = appeals.file(session, row, words="I name nobody.")
    answer(session, tomas, appeal, AppealOutcome.ACCEPTED)
    assert row.state is State.PUBLISHED
    assert read(session, row).endswith("My cousin Pedro knows.")
    told = letters(session)
    assert [letter.to for letter in told] == ["rosa@example.org"] * 4  # receipt, decision, appeal received, answered
    assert "The rule does not say so." in told[-1].text
    assert "accepted your appeal" in told[-1].text
    assert f"/r/{row.reference}/" in told[1].text
    assert "/appeal" in told[1].text
    queries.audit(session, row.consultation_id)


def test_a_rejected_appeal_leaves_the_decision_and_its_author_is_told_why(
    session: Session, amina: Account, tomas: Account
) -> None:
    row = decided(session, amina, email="rosa@example.org")
    answer(session, tomas, appeals.file(session, row, words="I name nobody."), AppealOutcome.REJECTED)
    assert row.state is State.WITHHELD
    assert "Your appeal is rejected" in letters(session)[-1].text
    assert appeals.file(session, row, words="Again.").outcome is AppealOutcome.REJECTED  # once for each decision


def test_words_hidden_can_be_shown_again_or_others_hidden(session: Session, amina: Account, tomas: Account) -> None:
    row = decided(session, amina, DecisionOutcome.PUBLISH, covers=[(0, 3), (36, 41)])
    assert read(session, row) == "█████ number 60 is too low. My cousin █████ knows."
    comment = comments_queries.list_comments(session, row.id)[0]
    appeal = appeals.file(session, row, words="Why the article?")
    answer(session, tomas, appeal, AppealOutcome.ACCEPTED, covers=[Redaction(comment.id, 36, 41, Reason.THIRD_PERSON)])
    assert read(session, row) == "The number 60 is too low. My cousin █████ knows."
    assert row.state is State.PUBLISHED
    again = appeals.file(session, row, words="Pedro agrees.")  # the new decision hides words too
    with pytest.raises(InvolvedInDecision):
        answer(session, tomas, again, AppealOutcome.ACCEPTED)
    answer(session, amina, again, AppealOutcome.ACCEPTED)
    assert read(session, row).endswith("My cousin Pedro knows.")
    queries.audit(session, row.consultation_id)


def test_nobody_who_had_a_part_in_the_decision_answers_the_appeal(
    session: Session, amina: Account, tomas: Account
) -> None:
    row = filed(session, name_rule=NameRule.ORGANISATION, organisation_name="Harbour", person_name=None)
    bulk.propose(
        session,
        moderator=amina,
        items=[(row.id, row.revision)],
        verdict=ModerationVerdict(DecisionOutcome.WITHHOLD, Reason.HATE),
    )
    batch = session.query(bulk.Batch).one()
    bulk.confirm(session, second=tomas, batch_id=batch.id)
    half_a_minute_later(session)
    appeal = appeals.file(session, row, words="It is a quotation.")
    for person in (amina, tomas):
        with pytest.raises(InvolvedInDecision):
            answer(session, person, appeal, AppealOutcome.REJECTED)
    others = [factories.account(session, Role.ADMIN) for _n in range(2)]
    answer(session, others[0], appeal, AppealOutcome.ACCEPTED, second=others[1])
    assert row.state is State.PUBLISHED


def test_nobody_answers_the_appeal_of_their_own_organisation(session: Session, amina: Account, tomas: Account) -> None:
    theirs = organisations.create_organisation(
        session, founder=tomas, name="Harbour", kind=OrganisationKind.NGO, country="PE", website=""
    )
    author = factories.account(session)
    row = decided(session, amina, DecisionOutcome.RETURN, account_id=author.id)
    row.organisation_id = theirs.id
    session.flush()
    appeal = appeals.file(session, row, words="We have changed nothing because nothing is wrong.")
    with pytest.raises(InterestedDecider):
        answer(session, tomas, appeal, AppealOutcome.ACCEPTED)
    with pytest.raises(Forbidden):
        answer(session, author, appeal, AppealOutcome.ACCEPTED)


def test_while_an_appeal_waits_nobody_else_decides(session: Session, amina: Account, tomas: Account) -> None:
    row = decided(session, amina)
    appeals.file(session, row, words="Look again.")
    for moderator in (amina, tomas):
        with pytest.raises(UnderAppeal):
            service.decide(
                session,
                moderator=moderator,
                submission_id=row.id,
                revision=row.revision,
                outcome=DecisionOutcome.PUBLISH,
            )
    with pytest.raises(SubmissionChanged):
        bulk.propose(
            session,
            moderator=tomas,
            items=[(row.id, row.revision)],
            verdict=ModerationVerdict(DecisionOutcome.PUBLISH),
        )


def test_an_appeal_is_made_in_the_time_that_the_policy_of_the_decision_gives(session: Session, amina: Account) -> None:
    row, other = decided(session, amina), decided(session, amina)
    admin = factories.account(session, Role.ADMIN)
    policy.publish(
        session, by=admin, texts={}, appeal_days=90, promise_days=3, change="More time.", after=1
    )  # does not reach back
    later = decided(session, amina)
    days = {after: now() + timedelta(days=after) for after in (29, 31, 89, 91)}
    assert appeals.file(session, row, words="In time.", at=days[29])
    with pytest.raises(NothingToAppeal):
        appeals.file(session, other, words="Late.", at=days[31])
    assert (
        session.get_one(Decision, appeals.file(session, later, words="In time.", at=days[89]).decision_id).policy == 2
    )


def test_the_time_for_an_appeal_ends_at_the_very_second(session: Session, amina: Account) -> None:
    row = decided(session, amina)
    ground = appeals.get_ground(session, row)
    assert ground is not None
    assert ground.until == ground.decision.at + timedelta(days=30)
    with pytest.raises(NothingToAppeal):
        appeals.file(session, row, words="Late.", at=ground.until)
    assert appeals.file(session, row, words="In time.", at=ground.until - timedelta(microseconds=1))


def test_there_is_nothing_to_appeal_where_nothing_is_held_back(session: Session, amina: Account) -> None:
    published, waiting = decided(session, amina, DecisionOutcome.PUBLISH), filed(session)
    for row in (published, waiting):
        with pytest.raises(NothingToAppeal):
            appeals.file(session, row, words="Why?")
    row = decided(session, amina)
    with pytest.raises(Refusal, match="Explain why"):
        appeals.file(session, row, words="  ")


def test_an_appeal_sent_twice_or_answered_twice_is_one(session: Session, amina: Account, tomas: Account) -> None:
    row = decided(session, amina, email="rosa@example.org")
    first = appeals.file(session, row, words="One.")
    assert appeals.file(session, row, words="Two.").id == first.id
    assert appeals.unseal_words(first, row) == "One."
    answer(session, tomas, first, AppealOutcome.REJECTED)
    with pytest.raises(Conflict):
        answer(session, tomas, first, AppealOutcome.ACCEPTED)
    assert len(letters(session)) == 4


def test_an_author_who_changes_or_erases_it_ends_the_appeal(session: Session, amina: Account, tomas: Account) -> None:
    changed, erased = decided(session, amina, DecisionOutcome.RETURN), decided(session, amina)
    made = [appeals.file(session, row, words="Look again.") for row in (changed, erased)]
    place = comments_queries.list_comments(session, changed.id)[0].provision_id
    submissions.amend(
        session, changed, comments=[NewComment(place, None, "Other words.")], by=Submitter(name_rule=NameRule.NONE)
    )
    submissions.erase(session, erased)
    for appeal in made:
        with pytest.raises(SubmissionChanged):
            answer(session, tomas, appeal, AppealOutcome.ACCEPTED)
        session.refresh(appeal)
    assert appeals.unseal_words(made[1], erased) == ""
    assert appeals.lapse(session) == 2
    assert appeals.lapse(session) == 0
    assert [appeal.outcome for appeal in made] == [AppealOutcome.LAPSED] * 2
    service.decide(  # what was sent in again is decided on as anything
        session, moderator=amina, submission_id=changed.id, revision=changed.revision, outcome=DecisionOutcome.PUBLISH
    )
    queries.audit(session, changed.consultation_id)


def test_the_log_and_the_page_of_the_submission_show_the_appeal(
    client: FlaskClient, session: Session, amina: Account, tomas: Account
) -> None:
    row = decided(session, amina)
    answer(session, tomas, appeals.file(session, row, words="A secret of mine."), AppealOutcome.ACCEPTED)
    number_entries(session)
    page = client.get("/log").text
    assert all(
        said in page for said in ("Appeal received", "Appeal accepted: decision reversed", "Not published", "Published")
    )
    table = client.get("/log.csv").text
    assert "appeal.accepted,third_person" in table
    assert "appeal.overturned" not in table
    for name in ("accepted", "overturned"):  # addresses with the older name still work
        only = client.get(f"/log?kind=appeal.{name}").text
        assert 'value="appeal.accepted" selected' in only
        assert row.reference in only
        assert "Not published</" not in only.partition("<table")[2]
    assert ",withheld,third_person," in table
    story = client.get(f"/r/{row.reference}").text
    assert "Appeal by the author" in story
    assert "policy 1" in story
    for shown in (page, table, story):
        assert "secret of mine" not in shown
        assert "Tomás" not in shown
        assert "The rule does not say so" not in shown
    assert [line.decision for line in decision_log.list_public_entries(session, kind="appeal.filed").items] == [
        "appeal.filed"
    ]


def test_an_author_appeals_by_their_private_link_and_reads_the_answer(
    client: FlaskClient, session: Session, sign_in: SignIn, amina: Account, tomas: Account
) -> None:
    row = decided(session, amina)
    address = f"/r/{row.reference}/{submissions.author_secret(row)}"
    assert f'href="{address}/appeal"' in client.get(address).text
    form = client.get(f"{address}/appeal").text
    assert client.post(f"{address}/appeal", data=pressed(form, having="words", words="")).status_code == 422
    sent = client.post(f"{address}/appeal", data=pressed(form, having="words", words="I name nobody."))
    assert sent.status_code == 303
    waiting = client.get(address).text
    assert "Your appeal is waiting for an answer" in waiting
    assert "You can appeal until" not in waiting
    own = client.get(f"{address}/appeal").text
    assert "A moderator who was not involved will review your appeal." in own
    assert "I name nobody." in own
    assert "moderation policy 1" in own
    assert "You took part in this decision" in sign_in(amina).get(_only(sign_in(amina))).text
    browser = sign_in(tomas)
    path = _only(browser)
    page = browser.get(path).text
    assert "I name nobody." in page
    assert "Rosa Quispe" not in page
    assert browser.post(path, data=pressed(page, ("do", "accept"), reasons="")).status_code == 422
    done = browser.post(path, data=pressed(page, ("do", "accept"), reasons="It names nobody."))
    assert done.status_code == 303
    half_a_minute_later(session)
    told = client.get(address).text
    assert "Appeal accepted: decision reversed" in told
    assert "It names nobody." in told
    assert "Nothing waiting" in browser.get("/review?queue=appeals").text


def test_an_appeal_page_hides_other_words(
    client: FlaskClient, session: Session, sign_in: SignIn, amina: Account, tomas: Account
) -> None:
    row = decided(session, amina)
    appeals.file(session, row, words="Hide the name then.")
    browser = sign_in(tomas)
    path = _only(browser)
    page = browser.get(path).text
    assert re.search(r">Words to hide</label>", page), "the button beside it is about nothing else: not optional"
    assert re.search(
        r"<option[^>]*selected[^>]*>Identifies another person", page
    )  # the reason of the decision appealed
    missing = browser.post(path, data=pressed(page, ("do", "hide"), reasons="Only the name.", hide="Paolo"))
    assert missing.status_code == 422
    assert "not in the submission: “Paolo”" in missing.text
    browser.post(path, data=pressed(page, ("do", "hide"), reasons="Only the name.", hide="Pedro"))
    half_a_minute_later(session)
    assert read(session, row).endswith("My cousin █████ knows.")


def test_seven_words_are_enough_to_appeal(client: FlaskClient, session: Session, amina: Account) -> None:
    consultation = factories.consultation(session, no_identity=True)
    code = return_codes.new_code()
    row = submissions.file(
        session, consultation=consultation, by=Submitter(name_rule=NameRule.NONE), key="by code", code=code,
        comments=[NewComment(None, None, "Words without a name.")],
    )  # fmt: skip
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.OFF_TOPIC,
    )  # fmt: skip
    page = client.post("/return", data=pressed(client.get("/return").text, having="words", words=code)).text
    form = client.post("/return/do", data=pressed(page, ("do", "appeal"))).text
    done = client.post("/return/do", data=pressed(form, ("do", "appeal-now"), words="It is about the draft.")).text
    assert "Your appeal is waiting for an answer" in done
    assert "It is about the draft." in done
    assert session.query(Appeal).one().submission_id == row.id
    wrong = pressed(form, ("do", "appeal-now"), words="Again.")
    wrong["code"] = "x"
    assert client.post("/return/do", data=wrong).status_code == 422


def test_offensive_words_are_not_in_the_list_and_are_shown_to_whoever_answers_the_appeal(
    session: Session, sign_in: SignIn, amina: Account, tomas: Account
) -> None:
    """Nobody publishes what they have not been shown; who had a part in the decision only looks."""
    row = filed(session, body="We will kill you.")
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.HATE,
    )  # fmt: skip
    appeal = appeals.file(session, row, words="I was angry: hide the last word.")
    case = f"/review/appeals/{appeal.id}"
    listed = sign_in(tomas).get("/review?queue=appeals").text
    assert "Contains offensive language. Open it to read." in listed
    assert "kill you" not in listed
    folded = sign_in(amina).get(case).text.split("<summary>Show offensive language")[1].split("</details>")[0]
    assert "We will" in folded
    assert "kill you" in folded
    page = sign_in(tomas).get(case).text
    assert "Show offensive language" not in page
    assert 'We will <mark class="found">kill you</mark>.' in page
    assert re.search(r"<details[^>]* open>.*>\s*We will kill you\.</textarea>", page, re.DOTALL), "offered to be hidden"
    asked = page.split("The author’s request</h3>")[1].split("<form")[0].split("</form>")[0]
    assert "hide the last word" in asked
    buttons = re.findall(r'<button class="([^"]*)" name="do" value="(\w+)"', page)
    assert [value for _look, value in buttons] == ["reject", "hide", "accept"], "publishing is not at hand"
    assert buttons[0][0] == "button second"


def test_the_list_of_appeals_costs_the_same_however_many_wait(
    session: Session, sign_in: SignIn, amina: Account, tomas: Account
) -> None:
    browser, counts = sign_in(tomas), []
    for _n in range(2):
        for _m in range(3):
            appeals.file(session, decided(session, amina), words="Look again.")
        session.commit()
        with statements() as seen:
            page = browser.get("/review?queue=appeals").text
        counts.append(len(seen))
    assert page.count("/review/appeals/") == 6
    assert page.count("The number 60 is too low.") == 6  # how each begins, so that one knows which it is
    assert re.search(r'queue=appeals"[^>]*>.*?<span data-count>6', page, re.DOTALL)
    assert counts[0] == counts[1] <= 12
    address = _only(browser)
    with statements() as seen:
        browser.get(address)
    assert len(seen) <= 14, seen


def _only(browser: FlaskClient) -> str:
    found = re.search(r'href="(/review/appeals/\d+)"', browser.get("/review?queue=appeals").text)
    assert found
    return found[1]


HARSH = "Shame on you. Fund it."


def withheld_by_two(session: Session, amina: Account, tomas: Account) -> tuple[Submission, Appeal]:
    """An organisation's submission, withheld by two people, with an appeal against that."""
    row = filed(session, name_rule=NameRule.ORGANISATION, organisation_name="Harbour Net", body=HARSH)
    batch = bulk.propose(
        session,
        moderator=amina,
        items=[(row.id, row.revision)],
        verdict=ModerationVerdict(DecisionOutcome.WITHHOLD, reason=Reason.HATE),
    )
    bulk.confirm(session, second=tomas, batch_id=batch.id)
    half_a_minute_later(session)
    return row, appeals.file(session, row, words="I take back “shame on you”.")


def test_what_two_people_withheld_is_published_by_two_and_after_the_time_to_take_it_back(
    session: Session, sign_in: SignIn, amina: Account, tomas: Account
) -> None:
    row, appeal = withheld_by_two(session, amina, tomas)
    ines, jo = (factories.account(session, Role.MODERATOR, display_name=name) for name in ("Ines", "Jo P."))
    with pytest.raises(service.SecondReaderNeeded):
        answer(session, ines, appeal, AppealOutcome.ACCEPTED)
    first, second, path = sign_in(ines), sign_in(jo), f"/review/appeals/{appeal.id}"
    page = first.get(path).text
    assert re.search(r">\s*Shame on you</textarea>", page)  # the author's wish is offered
    hides = {"reasons": "Its demand is fair.", "cover_reason": "hate"}
    assert first.post(path, data=pressed(page, ("do", "hide"), **hides)).status_code == 303
    half_a_minute_later(session)
    assert row.state is State.WITHHELD
    assert "Waiting for a second moderator" in first.get("/review?queue=appeals").text
    assert "Approve and publish" not in first.get(path).text
    with pytest.raises(InvolvedInDecision):
        appeals.agree(session, second=ines, appeal_id=appeal.id, delay=UNDO_DELAY)
    with pytest.raises(InvolvedInDecision):
        appeals.agree(session, second=amina, appeal_id=appeal.id, delay=UNDO_DELAY)
    theirs = second.get(path).text
    assert "</del>. Fund it." in theirs  # what they agree to
    assert second.post(f"{path}/second", data=pressed(theirs, ("do", "agree"))).status_code == 303
    assert row.state is State.WITHHELD
    half_a_minute_later(session)
    assert (row.state, read(session, row)) == (State.PUBLISHED, "█████. Fund it.")
    made = session.get_one(Decision, appeal.result_id)
    assert (made.moderator_id, made.second_id) == (ines.id, jo.id)


def test_a_second_person_who_does_not_agree_leaves_the_appeal_to_be_answered(
    session: Session, sign_in: SignIn, amina: Account, tomas: Account
) -> None:
    row, appeal = withheld_by_two(session, amina, tomas)
    ines, jo = (factories.account(session, Role.MODERATOR, display_name=name) for name in ("Ines", "Jo P."))
    answer(session, ines, appeal, AppealOutcome.ACCEPTED, delay=UNDO_DELAY)
    with pytest.raises(service.AlreadyAnswered):
        answer(session, jo, appeal, AppealOutcome.REJECTED, delay=UNDO_DELAY)
    browser, path = sign_in(jo), f"/review/appeals/{appeal.id}"
    browser.post(f"{path}/second", data=pressed(browser.get(path).text, ("do", "refuse")))
    half_a_minute_later(session)
    assert (row.state, appeal.outcome) == (State.WITHHELD, None)
    answer(session, jo, appeal, AppealOutcome.REJECTED)
    assert appeal.outcome is AppealOutcome.REJECTED


def test_an_answer_that_two_give_is_taken_back_by_either_until_it_takes_effect(
    session: Session, amina: Account, tomas: Account
) -> None:
    row, appeal = withheld_by_two(session, amina, tomas)
    ines, jo = (factories.account(session, Role.MODERATOR) for _n in range(2))
    for who in (ines, jo):
        answer(session, ines, appeal, AppealOutcome.ACCEPTED, delay=UNDO_DELAY)
        held = appeals.agree(session, second=jo, appeal_id=appeal.id, delay=UNDO_DELAY)
        assert [one.id for one in list_undoable(session, who)] == [held.id]
        recourse_answers.undo_answer(session, moderator=who, answer_id=held.id)
    half_a_minute_later(session)
    assert row.state is State.WITHHELD


@pytest.mark.parametrize("outcome", [DecisionOutcome.WITHHOLD, DecisionOutcome.RETURN])
def test_what_two_people_decided_on_for_many_individuals_is_changed_by_two(
    session: Session, sign_in: SignIn, amina: Account, tomas: Account, outcome: DecisionOutcome
) -> None:
    rows = [filed(session, body=f"{HARSH} {n}") for n in range(2)]
    items = [(row.id, row.revision) for row in rows]
    verdict = ModerationVerdict(outcome, reason=Reason.HATE)
    batch = bulk.propose(session, moderator=amina, items=items, verdict=verdict, second_reader=True)
    bulk.confirm(session, second=tomas, batch_id=batch.id)
    half_a_minute_later(session)
    appeal = appeals.file(session, rows[0], words="Look again.")
    ines, jo = (factories.account(session, Role.MODERATOR) for _n in range(2))
    with pytest.raises(service.SecondReaderNeeded):
        answer(session, ines, appeal, AppealOutcome.ACCEPTED)
    answer(session, ines, appeal, AppealOutcome.ACCEPTED, delay=UNDO_DELAY)
    half_a_minute_later(session)
    assert rows[0].state is service.OUTCOME_STATES[outcome], "one person alone does not change it"
    assert (
        "Two people made this decision, so two must agree to reverse it."
        in sign_in(jo).get(f"/review/appeals/{appeal.id}").text
    )
    appeals.agree(session, second=jo, appeal_id=appeal.id, delay=UNDO_DELAY)
    half_a_minute_later(session)
    assert rows[0].state is State.PUBLISHED
    assert rows[1].state is service.OUTCOME_STATES[outcome]


def test_what_one_person_decided_on_for_many_is_changed_by_one(
    session: Session, amina: Account, tomas: Account
) -> None:
    rows = [filed(session, body=f"{HARSH} {n}") for n in range(2)]
    verdict = ModerationVerdict(DecisionOutcome.WITHHOLD, reason=Reason.HATE)
    bulk.propose(session, moderator=amina, items=[(row.id, row.revision) for row in rows], verdict=verdict)
    half_a_minute_later(session)
    appeal = appeals.file(session, rows[0], words="Look again.")
    answer(session, tomas, appeal, AppealOutcome.ACCEPTED)
    assert rows[0].state is State.PUBLISHED
