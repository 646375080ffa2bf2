"""How participants rate the consultation: sums of five questions."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_number, format_percent
from consult.digests.render.blocks import Block, BlockItem
from consult.responses.evaluation.forms import ANSWER_LABELS, QUESTION_LABELS
from consult.responses.evaluation.queries import LEAST, EvaluationSums
from consult.responses.synopsis.block_kinds import cell, line, note, number, table
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    result = made.evaluation
    if result.since is None:
        yield line(
            _(
                "Participants are asked five questions once every argument is answered, the day of the promise has "
                "passed, or the owner says that the outcome is known. They have not been asked yet."
            )
        )
        return
    if not result.shown:
        least = format_number(LEAST)
        yield line(_("Too few to say: what participants answered is shown once %(n)s have.", n=least))
        return
    yield line(
        ngettext(
            "%(n)s participant has answered the five questions that have been asked since %(day)s.",
            "%(n)s participants have answered the five questions that have been asked since %(day)s.",
            result.n,
            n=format_number(result.n),
            day=format_day(result.since, made.consultation.timezone),
        )
    )
    head = [_("Question"), *map(str, ANSWER_LABELS.values()), _("On the scale")]
    shares = [one.agreeing / one.n if one.shown else 0.0 for one in result.questions]
    yield table(head, [_row(one) for one in result.questions], shares)
    yield note(_("The bar is the share of those who chose “Fully” or “Mostly” among those who chose on the scale."))
    yield note(
        _(
            "Nobody is asked what they filed: answers are kept without it. Those who answer chose to, so they do not "
            "stand for all participants."
        )
    )
    yield note(_("These numbers as CSV"), public_url("evaluation.sums_csv", slug=made.consultation.slug))


def _row(one: EvaluationSums) -> list[BlockItem]:
    question = str(QUESTION_LABELS[one.name])
    if not one.shown:
        few = _("Too few to say")
        return [cell(f"{question} · {few}"), *(cell("–") for _value in ANSWER_LABELS), cell("–")]
    share = format_percent(one.agreeing, one.n)
    numbers = [number(one.counts.get(value, 0)) for value in ANSWER_LABELS]
    return [cell(f"{question} · {share}"), *numbers, number(one.n)]
