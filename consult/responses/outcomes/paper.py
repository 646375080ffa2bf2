"""The outcomes of an organisation as a table of cells and as a printed report, for boards and donors."""

from __future__ import annotations

from collections.abc import Iterator

from consult.accounts.model import Organisation
from consult.core.i18n import _, current_language, language_direction, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.delivery import letters as delivery_letters
from consult.digests.render import layout
from consult.digests.render.blocks import Block, BlockItem
from consult.responses.outcomes.forms import STATE_LABELS
from consult.responses.outcomes.queries import Ask, OutcomePage, OutcomeSums

COLUMNS = (
    "consultation", "body", "submission", "place", "argument", "state", "due_on", "answered_on", "changed_in_version",
    "reasons", "checked",
)  # fmt: skip


def list_cells(page: OutcomePage) -> Iterator[list[object]]:
    """The head and a row for each ask, as a spreadsheet has them: states by their names in code."""
    yield list(COLUMNS)
    for one in page.consultations:
        it = one.consultation
        for ask in one.asks:
            days = [day.isoformat() if day else None for day in (ask.due_on, ask.answered_on)]
            yield [it.title, it.body, ask.reference, ask.place, ask.argument.label, str(ask.state), *days, ask.version,
                   ask.reasons, "yes" if ask.argument.checked else "no"]  # fmt: skip


def say_sums(sums: OutcomeSums) -> str:
    """The sums in one line.

    >>> say_sums(OutcomeSums(3, 1, {"accepted": 2, "late": 1}))
    '3 asks: 2 accepted, 1 late; 1 changed the words'
    """
    states = [
        f"{format_number(sums.states[state])} {label}" for state, label in STATE_LABELS.items() if state in sums.states
    ]
    said = ngettext("%(num)s ask", "%(num)s asks", sums.asks)
    if states:
        said = _("%(asks)s: %(states)s", asks=said, states=_(", ").join(states))
    if not sums.changed:
        return said
    changed = ngettext("%(num)s changed the words", "%(num)s changed the words", sums.changed)
    return _("%(said)s; %(changed)s", said=said, changed=changed)


def say_state(ask: Ask) -> str:
    """Where an ask stands, with its day and the version that it changed."""
    said = str(STATE_LABELS[ask.state])
    if ask.due_on is not None:
        said = _("%(state)s: %(day)s", state=said, day=format_day(ask.due_on))
    if ask.version is None:
        return said
    return _("%(said)s · words changed in version %(version)s", said=said, version=format_number(ask.version))


def print_report(organisation: Organisation, page: OutcomePage) -> bytes:
    """The report as a PDF in the language of the page. Raises CannotPrint."""
    return delivery_letters.print_pdf(
        {
            "title": _("What became of what we said"),
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
    yield {"is": "title", "text": _("What became of what we said")}
    yield {"is": "text", "text": say_sums(page.sums)}
    head = [_("Place"), _("What we said, in one line"), _("The answer")]
    for one in page.consultations:
        it = one.consultation
        yield {"is": "heading", "text": it.title}
        yield {"is": "quiet", "text": it.body}
        rows = [
            [BlockItem(text=cell, url="") for cell in (ask.place or _("The draft"), _name(ask), say_state(ask))]
            for ask in one.asks
        ]
        yield {"is": "table", "head": head, "rows": rows, "wide": 1}
    yield {"is": "quiet", "text": _("Made of public data only: published words, answers and versions of the drafts.")}
