"""What is asked of one reader of a digest, and by when: of who owes answers to give them, of others to read."""

from __future__ import annotations

from datetime import date

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_day_of_year, format_number
from consult.digests.content.body import Body
from consult.digests.render import claims, phrases
from consult.digests.slots import AnswersOwed, ReaderTask


def letter_fields(body: Body, task: ReaderTask | None, day: date | None = None) -> dict[str, str]:
    """The fields of a reader's letter: title, sentence, label and address of the one button; and a few words for the
    subject. Days are counted from `day`, which is that of the edition where none is given."""
    if task is not None and task.waiting:
        return {
            "asked_title": _title(task),
            "asked_text": _deadline(task, day or body.to_day),
            "asked_label": _("Answer the first"),
            "asked_url": task.url,
            "asked_subject": _tail(_short(task)),
        }
    return {
        "asked_title": phrases.duty_title(body) if phrases.duty(body) else _("This consultation is closed"),
        "asked_text": phrases.duty(body) or _("No day is promised for answers."),
        "asked_label": _("Read the draft with its comments"),
        "asked_url": public_url("submissions.reading", slug=body.consultation.slug),
        "asked_subject": _tail(phrases.short_duty(body)),
    }


def owed_line(owed: AnswersOwed | None, day: date) -> str:
    """How many arguments wait for anybody's answer on a day, and when the first is due; empty where none does."""
    if owed is None or not owed.waiting:
        return ""
    said = ngettext(
        "On %(day)s %(n)s argument waits for an answer.",
        "On %(day)s %(n)s arguments wait for an answer.",
        owed.waiting,
        n=format_number(owed.waiting),
        day=format_day(day),
    )
    if owed.late:
        late = ngettext("%(n)s is overdue.", "%(n)s are overdue.", owed.late, n=format_number(owed.late))
        return f"{said} {late}"
    if owed.due:
        due = _("The first is due on %(day)s.", day=format_day(owed.due))
        return f"{said} {due}"
    return said


def _tail(asked: str) -> str:
    """What is asked, behind the finding of a subject."""
    return _("; %(asked)s", asked=asked) if asked else ""


def _title(task: ReaderTask) -> str:
    return ngettext(
        "%(n)s argument waits for your answer",
        "%(n)s arguments wait for your answer",
        task.waiting,
        n=format_number(task.waiting),
    )


def _deadline(task: ReaderTask, day: date) -> str:
    """When the first is due, seen from a day, and how many are overdue."""
    if task.due is None:
        return _("No day is promised for answers.")
    days = (task.due - day).days
    late = ngettext("%(n)s is overdue.", "%(n)s are overdue.", task.late, n=format_number(task.late))
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
