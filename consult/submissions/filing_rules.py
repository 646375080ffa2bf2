"""Rules for filing a submission: times, authors and content. Checked before any write."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Membership, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation, ParticipationRule, Phase, Question
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions.answers import GivenAnswer
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.documents.model import Provision, Version
from consult.mail import service as mail
from consult.submissions import fields
from consult.submissions import values as submissions_values
from consult.submissions.anchors import selectors
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import NAMED_RULES, Comment, NameRule
from consult.submissions.values import NewAnswer, NewComment, Submitter


class NotYetOpen(Conflict):
    """The consultation is not open yet."""


class ConsultationClosed(Conflict):
    """The consultation does not accept submissions any more."""


class NothingToFile(Refusal):
    """The submission has no text."""


def check_open(consultation: Consultation, at: datetime) -> None:
    """Raise NotFound, NotYetOpen or ConsultationClosed unless submissions are accepted at that time."""
    if consultation.phase_at(at) is Phase.DRAFT:
        raise NotFound(_("We cannot find this consultation."))
    if at < consultation.opens_at:
        raise NotYetOpen(
            _("This consultation is not open yet. We have saved your text. Send it once the consultation has opened.")
        )
    if not consultation.takes(at):
        raise ConsultationClosed(_("This consultation has closed. It no longer accepts submissions."))


def check_admitted(consultation: Consultation, who: Submitter) -> Submitter:
    """Return the author if the consultation admits them. Raises Forbidden, or a refusal of the name.

    Only its owner can send to a practice copy, and e-mails about it go to that account.
    """
    if consultation.is_practice:
        if who.account_id != consultation.owner_id:
            raise Forbidden(_("Only the person who created this practice consultation can send something here."))
        return replace(who, email="")
    if consultation.takes_part is ParticipationRule.ACCOUNT and who.account_id is None:
        raise Forbidden(_("You need an account to take part here. Sign in. We have saved your text."))
    if who.name_rule not in consultation.name_rules:
        raise Refusal(_("This consultation does not allow this name option. Choose another."), field="speaks")
    return who


def clean_submitter(session: Session, by: Submitter) -> Submitter:
    """Return the author with cleaned names, without unused ones, and with the organisation verified or only claimed.

    Raises a Refusal.
    """
    said = fields.clean_asked(by)
    if said.email:
        mail.check_address(said.email)
    who = replace(by, **vars(said))
    if by.name_rule in NAMED_RULES:
        name = one_line(by.person_name)[:200]
        if not name:
            raise Refusal(_("Enter the name to publish, or choose another name option."), field="person_name")
        _check_free(session, name, "person_name")
        return replace(who, person_name=name)
    if by.name_rule is NameRule.NONE:
        return who
    if by.organisation_id is not None:
        return replace(who, organisation_id=by.organisation_id, organisation_name=_own_organisation(session, by))
    name = one_line(by.organisation_name)[:200]
    if not name:
        raise Refusal(_("Enter the name of the organisation."), field="organisation_name")
    _check_free(session, name, "organisation_name")
    return replace(who, organisation_name=name)


def _own_organisation(session: Session, by: Submitter) -> str:
    row = session.execute(
        select(Organisation.name, Membership.signatory)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Organisation.id == by.organisation_id, Membership.account_id == by.account_id)
    ).first()
    if row is None:
        raise Forbidden(_("You are not a member of this organisation."))
    if not row.signatory:
        raise Forbidden(
            _(
                "You can write for this organisation, but not send. Hand over your text to a member with "
                "permission to submit."
            )
        )
    return str(row.name)


def check_organisation_name(session: Session, organisation_id: int, name: str) -> None:
    """Raise Conflict if the organisation's name has changed since it was shown."""
    present = session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))
    if present is not None and name not in ("", present):
        raise Conflict(
            _(
                "The organisation is now called “%(name)s”. Choose again how your name is shown, then send.",
                name=present,
            ),
            field="about",
        )


def _check_free(session: Session, name: str, field: str) -> None:
    """Refuse a typed name that belongs to a verified organisation."""
    theirs = select(Organisation.id).where(organisations.has_same_name(name), Organisation.proven_at.is_not(None))
    if session.scalar(theirs.limit(1)) is not None:
        raise Refusal(
            _(
                "This organisation is registered here, so only its members can submit for it. Sign in, or ask the "
                "organisation to add you."
            ),
            field=field,
        )


def build_comment_rows(
    session: Session,
    consultation: Consultation,
    who: Submitter,
    comments: Sequence[NewComment],
    answers: Sequence[NewAnswer],
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Return the comment rows to insert, in order, and the permanent ids of their provisions.

    Raises NothingToFile and Refusal.
    """
    said = [(item, clean_text(item.body)) for item in comments]
    answered = counted_answers(_questions(session, consultation), answers)
    rows = [_comment_row(item, body, who.language) for item, body in said if body]
    rows += [_answer_row(item, who.language) for item in answered]
    if not rows:
        raise NothingToFile(_("You have nothing to send yet. Write a comment or answer a question first."))
    if len(rows) > submissions_values.MAX_COMMENTS:
        raise Refusal(_("Send at most %(most)s comments in one submission.", most=submissions_values.MAX_COMMENTS))
    if any(len(row["body"]) > submissions_values.MAX_COMMENT_LENGTH for row in rows):
        raise Refusal(
            _("Shorten each comment to %(most)s characters or fewer.", most=submissions_values.MAX_COMMENT_LENGTH)
        )
    on = [(row["provision_id"], row["was"] if row.get("chose") else None) for row in rows]
    wanted = {place for both in on for place in both if place}
    places = _permanent_ids(session, consultation, wanted)
    _resolve_anchors(session, rows)
    _check_amendments(session, consultation, rows)
    return rows, places


def _comment_row(item: NewComment, body: str, language: str) -> dict[str, Any]:
    return {
        "provision_id": item.provision_id,
        "question_id": None,
        "stance": item.stance,
        "body": body,
        "language": item.language or language,
        "anchor": item.anchor,
        "answer": None,
        "was": item.was,
        "chose": item.chose,
        "paper": item.paper,
        "amendment": item.amendment if item.amendment is not None and item.amendment <= len(body) else None,
        "agrees_with": item.agrees_with,
        "paper_place": item.paper_place.record if item.paper_place else None,
    }


def _answer_row(item: NewAnswer, language: str) -> dict[str, Any]:
    return {
        "provision_id": None,
        "question_id": item.question_id,
        "stance": None,
        "body": item.body,
        "anchor": None,
        "language": language,
        "answer": {"chosen": list(item.chosen)} if item.chosen else None,
    }


def _check_amendments(session: Session, consultation: Consultation, rows: Sequence[dict[str, Any]]) -> None:
    """Check that supported amendments are published in this consultation."""
    wanted = {row["agrees_with"] for row in rows if row.get("agrees_with")}
    if not wanted:
        return
    these = (Comment.consultation_id == consultation.id, Comment.shown, Comment.amendment.is_not(None))
    known = set(session.scalars(select(Comment.id).where(Comment.id.in_(wanted), *these)))
    for row in rows:
        if row.get("agrees_with") in known:
            row["stance"] = None
        elif row.get("agrees_with"):
            if row["stance"] is None:
                raise Refusal(
                    _("The suggested wording you support is no longer published. Write your comment again."),
                    field="comments",
                )
            row["agrees_with"] = None


def _resolve_anchors(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Find the words of each anchor in the text, and store its final form in the row."""
    pointing = [(row, "provision_id", "anchor") for row in rows if row["anchor"] is not None]
    pointing += [(row, "was", "chose") for row in rows if row.get("chose") is not None]
    if not pointing:
        return
    wanted = {row[place] for row, place, _anchor in pointing}
    found = session.execute(select(Provision.id, Provision.text).where(Provision.id.in_(wanted)))
    texts = {row.id: row.text for row in found}
    for row, place, anchor in pointing:
        said = row[anchor]
        selected = selectors.Selection(said.exact, said.prefix, said.suffix, said.start)
        row[anchor] = selectors.find(texts.get(row[place], ""), selected).record


def _permanent_ids(session: Session, consultation: Consultation, wanted: Set[int]) -> dict[int, str]:
    """Return permanent ids. Comments on earlier published versions are accepted and moved later."""
    here = comments_queries.get_provision_tree(session, consultation.version_id or 0).by_id
    places = {number: here[number].wid for number in wanted if number in here}
    if earlier := wanted - places.keys():
        rows = session.execute(
            select(Provision.id, Provision.wid)
            .join(Version, Version.id == Provision.version_id)
            .where(
                Provision.id.in_(earlier),
                Version.document_id == consultation.document_id,
                Version.published_at.is_not(None),
            )
        )
        places |= {row.id: row.wid for row in rows}
    if len(places) < len(wanted):
        raise NotFound(_("One comment is on a paragraph that is not in this draft."))
    return places


def _questions(session: Session, consultation: Consultation) -> Sequence[Question]:
    wanted = select(Question).where(Question.consultation_id == consultation.id).order_by(Question.position)
    return session.scalars(wanted).all()


def counted_answers(questions: Sequence[Question], answers: Sequence[NewAnswer]) -> list[NewAnswer]:
    """Return the valid answers to questions that apply, given the other answers.

    Raises a refusal for an unknown question, an invalid answer, or a missing required one. Questions that do not apply
    are not required, and their answers are dropped.
    """
    known = {question.id: question for question in questions}
    if not {item.question_id for item in answers} <= known.keys():
        raise NotFound(_("One response is to a question that is not in this consultation."))
    given = {
        item.question_id: questions_answers.parse_answer(known[item.question_id], item.body, item.chosen)
        for item in answers
    }
    asked = questions_answers.asked_questions(questions, {question: it.chosen for question, it in given.items()})
    kept = []
    for question in asked:
        it = questions_answers.check_answer(question, given.get(question.id, GivenAnswer()))
        if it:
            kept.append(NewAnswer(question.id, questions_answers.answer_words(question, it), it.chosen))
        elif question.required:
            raise Refusal(_("Answer question %(number)s.", number=question.position + 1), field="questions")
    return kept
