"""Tasks of one reader of a digest, with dates: give the answers that are due, or read."""

from __future__ import annotations

from datetime import date

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_day_of_year, format_number
from consult.digests.content.body import Body, ConsultationFacts
from consult.digests.content.slots import AnswersOwed, ReaderTask
from consult.digests.render import claims


def letter_fields(body: Body, task: ReaderTask | None, day: date | None = None) -> dict[str, str]:
    """Return the fields of a reader's e-mail: title, sentence, label and URL of the button, and words for the subject.

    Days are counted from `day`, by default the day of the edition.
    """
    if task is not None and task.waiting:
        return {
            "asked_title": _title(task),
            "asked_text": _deadline(task, day or body.to_day),
            "asked_label": _("Answer the first argument"),
            "asked_url": task.url,
            "asked_subject": _tail(_short(task)),
        }
    return {
        "asked_title": duty_title(body) if duty(body) else _("This consultation is closed"),
        "asked_text": duty(body) or _("No due date is set for answers."),
        "asked_label": _("Read the draft with its comments"),
        "asked_url": public_url("submissions.reading", slug=body.consultation.slug),
        "asked_subject": _tail(short_duty(body)),
    }


def owed_line(owed: AnswersOwed | None, day: date) -> str:
    """Return how many arguments wait for an answer, and when the first is due. Empty if there are none."""
    if owed is None or not owed.waiting:
        return ""
    said = ngettext(
        "As of %(day)s, %(n)s argument waits for an answer.",
        "As of %(day)s, %(n)s arguments wait for an answer.",
        owed.waiting,
        n=format_number(owed.waiting),
        day=format_day(day),
    )
    if owed.late:
        late = ngettext("%(n)s answer is overdue.", "%(n)s answers are overdue.", owed.late, n=format_number(owed.late))
        return f"{said} {late}"
    if owed.due:
        due = _("The first is due on %(day)s.", day=format_day(owed.due))
        return f"{said} {due}"
    return said


def _tail(asked: str) -> str:
    """Return the task as an addition to the subject."""
    return _("; %(asked)s", asked=asked) if asked else ""


def _title(task: ReaderTask) -> str:
    return ngettext(
        "%(n)s argument waits for your answer",
        "%(n)s arguments wait for your answer",
        task.waiting,
        n=format_number(task.waiting),
    )


def _deadline(task: ReaderTask, day: date) -> str:
    """Return when the first answer is due, relative to a day, and how many are overdue."""
    if task.due is None:
        return _("No due date is set for answers.")
    days = (task.due - day).days
    late = ngettext("%(n)s answer is overdue.", "%(n)s answers are overdue.", task.late, n=format_number(task.late))
    due = format_day(task.due)
    if days < 0:
        return _("The first was due on %(day)s. %(late)s", day=due, late=late)
    said = ngettext(
        "The first is due on %(day)s, in %(n)s day.",
        "The first is due on %(day)s, in %(n)s days.",
        days,
        day=due,
        n=format_number(days),
    )
    return f"{said} {claims.none_overdue(task.late) or late}"


def _short(task: ReaderTask) -> str:
    if task.due is None:
        return _title(task)
    return ngettext(
        "%(n)s argument waits for your answer, due on %(day)s",
        "%(n)s arguments wait for your answer, the first on %(day)s",
        task.waiting,
        n=format_number(task.waiting),
        day=format_day_of_year(task.due),
    )


def duty(body: Body) -> str:
    """Return the reader's task as a sentence, or an empty string."""
    asked, consultation = body.duty, body.consultation
    if asked.kind == "open":
        day = format_day(consultation.closes_at, consultation.timezone)
        text = _("The consultation is open until %(day)s.", day=day)
        return f"{text} {_promise(consultation)}".strip()
    if asked.kind == "answer":
        return _promise(consultation)
    if asked.kind == "overdue" and consultation.answer_by:
        days = asked.days or 0
        return ngettext(
            "The answer due on %(day)s is %(n)s day overdue.",
            "The answer due on %(day)s is %(n)s days overdue.",
            days,
            n=format_number(days),
            day=format_day(consultation.answer_by),
        )
    return ""


def duty_title(body: Body) -> str:
    """Return the heading above the task. It says “waiting” only for answers."""
    return _("Next steps") if body.duty.kind == "open" else _("Waiting for you")


def _promise(consultation: ConsultationFacts) -> str:
    if not consultation.answer_by:
        return ""
    return _("An answer is due by %(day)s.", day=format_day(consultation.answer_by))


def short_duty(body: Body) -> str:
    """Return the task in a few words for the subject."""
    asked = body.duty
    days = asked.days or 0
    if asked.kind == "open":
        return ngettext("closes in %(n)s day", "closes in %(n)s days", days, n=format_number(days)) if days < 15 else ""
    if asked.kind == "answer":
        return ngettext("answer due in %(n)s day", "answer due in %(n)s days", days, n=format_number(days))
    if asked.kind == "overdue":
        return ngettext("answer %(n)s day overdue", "answer %(n)s days overdue", days, n=format_number(days))
    return ""
