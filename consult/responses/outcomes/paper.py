"""The results of an organisation as a table and as a printed report, for boards and donors."""

from __future__ import annotations

from collections.abc import Iterator

from consult.accounts.model import Organisation
from consult.core.i18n import _, current_language, language_direction, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests import letters as delivery_letters
from consult.digests.render import layout
from consult.digests.render.blocks import Block, BlockItem
from consult.responses.outcomes.forms import STATE_LABELS
from consult.responses.outcomes.queries import Ask, OutcomePage, OutcomeSums

COLUMNS = (
    "consultation", "body", "submission", "place", "argument", "state", "due_on", "answered_on", "changed_in_version",
    "reasons", "checked",
)  # fmt: skip


def list_cells(page: OutcomePage) -> Iterator[list[object]]:
    """Yield the header and a row for each request. States are their code names."""
    yield list(COLUMNS)
    for consultation in page.consultations:
        it = consultation.consultation
        for ask in consultation.asks:
            days = [day.isoformat() if day else None for day in (ask.due_on, ask.answered_on)]
            yield [it.title, it.body, ask.reference, ask.place, ask.argument.label, str(ask.state), *days, ask.version,
                   ask.reasons, "yes" if ask.argument.checked else "no"]  # fmt: skip


def say_sums(sums: OutcomeSums) -> str:
    """Return the totals in one line.

    >>> say_sums(OutcomeSums(3, 1, {"accepted": 2, "late": 1}))
    '3 requests: 2 accepted, 1 overdue, 1 changed the text'
    """
    states = [
        f"{format_number(sums.states[state])} {label}" for state, label in STATE_LABELS.items() if state in sums.states
    ]
    total = ngettext("%(num)s request", "%(num)s requests", sums.asks)
    if states:
        total = _("%(asks)s: %(states)s", asks=total, states=_(", ").join(states))
    if not sums.changed:
        return total
    return _(", ").join([total, ngettext("%(num)s changed the text", "%(num)s changed the text", sums.changed)])


def say_state(ask: Ask) -> str:
    """Return the state of a request with its date and the version that it changed."""
    state = str(STATE_LABELS[ask.state])
    if ask.due_on is not None:
        state = _("%(state)s: %(day)s", state=state, day=format_day(ask.due_on))
    if ask.version is None:
        return state
    return _("%(state)s · text changed in version %(version)s", state=state, version=format_number(ask.version))


def print_report(organisation: Organisation, page: OutcomePage) -> bytes:
    """Return the report as PDF in the current language. Raises CannotPrint."""
    return delivery_letters.print_pdf(
        {
            "title": _("Results of our comments"),
            "lang": current_language(),
            "dir": language_direction(),
            "one_page": False,
            "author": organisation.name,
            "page": _("Page"),
            "lacking": layout.missing_characters_note(),
            "blocks": list(_blocks(organisation, page)),
        },
        "outcomes",
    )


def _name(ask: Ask) -> str:
    words = ask.argument.label
    return words if ask.argument.checked else _("%(words)s (suggested, not checked)", words=words)


def _blocks(organisation: Organisation, page: OutcomePage) -> Iterator[Block]:
    yield {"is": "over", "text": organisation.name}
    yield {"is": "title", "text": _("Results of our comments")}
    yield {"is": "text", "text": say_sums(page.sums)}
    head = [_("Part of the draft"), _("Our request, in one line"), _("The answer")]
    for consultation in page.consultations:
        it = consultation.consultation
        yield {"is": "heading", "text": it.title}
        yield {"is": "quiet", "text": it.body}
        rows = [
            [BlockItem(text=cell, url="") for cell in (ask.place or _("Draft policy"), _name(ask), say_state(ask))]
            for ask in consultation.asks
        ]
        yield {"is": "table", "head": head, "rows": rows, "wide": 1}
    yield {
        "is": "quiet",
        "text": _("Based only on public data: published comments, answers and versions of the drafts."),
    }
