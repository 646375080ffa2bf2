"""Section on the participants' feedback: totals of five questions."""

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
                "We ask participants five questions when all arguments are answered, the due date has passed, "
                "or the owner says the outcome is known. We have not asked them yet."
            )
        )
        return
    if not result.shown:
        least = format_number(LEAST)
        yield line(_("Too few responses. We show results when %(n)s participants have responded.", n=least))
        return
    yield line(
        ngettext(
            "%(n)s participant has answered our five questions since %(day)s.",
            "%(n)s participants have answered our five questions since %(day)s.",
            result.n,
            n=format_number(result.n),
            day=format_day(result.since, made.consultation.timezone),
        )
    )
    head = [_("Question"), *map(str, ANSWER_LABELS.values()), _("Choices on the scale")]
    shares = [question.agreeing / question.n if question.shown else 0.0 for question in result.questions]
    yield table(head, [_row(question) for question in result.questions], shares)
    yield note(_("The bar shows the share of “Fully” and “Mostly” among all choices on the scale."))
    yield note(
        _(
            "We store this feedback separately from submissions. Participants chose to give it, so it does not "
            "represent all of them."
        )
    )
    yield note(_("These numbers as CSV"), public_url("evaluation.sums_csv", slug=made.consultation.slug))


def _row(one: EvaluationSums) -> list[BlockItem]:
    question = str(QUESTION_LABELS[one.name])
    if not one.shown:
        few = _("Too few responses")
        return [cell(f"{question} · {few}"), *(cell("–") for _value in ANSWER_LABELS), cell("–")]
    share = format_percent(one.agreeing, one.n)
    numbers = [number(one.counts.get(value, 0)) for value in ANSWER_LABELS]
    return [cell(f"{question} · {share}"), *numbers, number(one.n)]
