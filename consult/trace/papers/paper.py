"""Export of a submission as a Word file in one of these forms: its text by part of the draft.

It is the author's own document and does not carry the site's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _, force_locale, language_direction
from consult.core.text import separate_changes
from consult.digests import jobs
from consult.digests.render import layout
from consult.digests.render.blocks import Block
from consult.documents.versions.diff import diff_words
from consult.mail.render import letter_language
from consult.submissions.coalitions import service as coalitions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Submission
from consult.trace.export import LocationNames
from consult.trace.papers.rules import PaperRule, load_rules


def get_rule(key: str) -> PaperRule:
    """Return the form with this key. Raises NotFound."""
    if key not in load_rules():
        raise NotFound(_("We cannot find this type of document."))
    return load_rules()[key]


def list_texts(session: Session, submission: Submission) -> list[str]:
    """Return the texts of a submission, in order."""
    return [comment.body for comment in comments_queries.list_comments(session, submission.id) if comment.body]


def list_signatories(session: Session, submission: Submission) -> list[str]:
    """Return the author's published name and the organisations that co-signed."""
    names = [submission.public_name] if submission.public_name else []
    return names + [row.name for row in coalitions.list_cosigners(session, submission.id, confirmed=True)]


def make_docx(session: Session, submission: Submission, rule: PaperRule) -> bytes:
    """Return the document in the language of the submission."""
    consultation = session.get_one(Consultation, submission.consultation_id)
    names = list_signatories(session, submission)
    with force_locale(letter_language(submission.language)):
        said = list(_list_words(session, submission, numbered=rule.numbered))
    title = rule.heading % {"names": ", ".join(names) or "…"} if rule.heading else consultation.title
    return jobs.make_docx(
        {
            "title": title,
            "lang": submission.language,
            "dir": language_direction(submission.language),
            "one_page": False,
            "author": ", ".join(names),
            "page": "",
            "lacking": layout.missing_characters_note(),
            "blocks": list(_blocks(consultation, rule, title, names, said)),
            "letterhead": False,
        }
    )


def _blocks(
    consultation: Consultation, rule: PaperRule, title: str, names: Sequence[str], said: Sequence[Block]
) -> Iterator[Block]:
    """Yield the blocks of the document. Some forms require the signatories first."""
    yield {"is": "title", "text": title}
    if rule.signatories_first and names:
        yield {"is": "list", "items": [{"text": name, "url": ""} for name in names]}
    if not rule.signatories_first:
        yield {"is": "text", "text": consultation.body}
    if title != consultation.title:
        yield {"is": "quiet", "text": consultation.title}
    yield from said
    if not rule.signatories_first:
        for name in names:
            yield {"is": "text", "text": name}


def _list_words(session: Session, submission: Submission, *, numbered: bool) -> Iterator[Block]:
    """Yield the comments with the names of their parts of the draft, in numbered paragraphs if required.

    A suggested wording is shown as changes to the current paragraph.
    """
    comments = [one for one in comments_queries.list_comments(session, submission.id) if one.body]
    on = [one.provision_id for one in comments if one.provision_id]
    locations, number = LocationNames(session, submission.consultation_id, on), 0
    version = session.get_one(Consultation, submission.consultation_id).version_id or 0
    provisions = comments_queries.get_provisions(session, version, on) if on else {}
    for comment in comments:
        place = locations.of(comment.provision_id, comment.question_id)
        yield {"is": "quiet", "text": ". ".join(filter(None, (place["place"], place["question"])))}
        length = comment.amendment or 0
        now = provisions.get(comment.provision_id or 0)
        if comment.amendment is not None and (now or length):
            changes = separate_changes(diff_words(now.text, comment.body[:length])) if now else []
            source = _("Suggested wording, with deletions struck out and additions underlined")
            yield {"is": "quote", "text": comment.body[:length], "changes": changes, "source": source, "url": ""}
        for words in filter(None, map(str.strip, comment.body[length:].split("\n\n"))):
            number += 1
            yield {"is": "text", "text": f"{number}. {words}" if numbered else words}
