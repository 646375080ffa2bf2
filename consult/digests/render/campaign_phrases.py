"""Phrases for campaigns, calls, cited case studies, and the reviewed plan."""

from __future__ import annotations

from consult.case_studies.labels import DIRECTIONS, certainty_words
from consult.case_studies.model import Direction
from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import CampaignRow, CaseStudyRow, Quote, ReviewedPlanRow
from consult.digests.figures.summary import Summary
from consult.digests.render.phrases import LinkedSentence, bidi_isolate, quoted
from consult.digests.sides import phrases as side_phrases


def copies(copied: CampaignRow) -> str:
    """Return the number of copies of a letter, and how its senders changed it."""
    total = submissions(copied)
    new = [_("%(n)s new", n=format_number(copied.new))] if copied.new else []
    parts = [*new, *(part.text for part in senders(copied))]
    return f"{total}: {_(', ').join(parts)}" if parts else total


def senders(copied: CampaignRow) -> list[LinkedSentence]:
    """Return a sentence for each way in which members of a campaign changed the letter, with a link to these members.

    Together they count all members. In older digests, those with added words may also contradict the letter, those who
    only changed words are not listed, and there are no links.
    """
    n = copied.adding if copied.own is None else copied.own
    senders = {
        "exact": _("%(n)s identical to one version of the text", n=format_number(copied.exact)) if copied.exact else "",
        "own": ngettext("%(n)s with added words", "%(n)s with added words", n, n=format_number(n)) if n else "",
        "changed": changing(copied, copied.changed) if copied.changed else "",
    }
    lists = "" if copied.own is None else f"letter:{copied.key}:"
    return [LinkedSentence(text, lists and f"{lists}{part}") for part, text in senders.items() if text]


def new_and_all(copied: CampaignRow) -> str:
    """Return the number of a campaign's submissions, and of new ones."""
    total = submissions(copied)
    return _("%(submissions)s, %(new)s new", submissions=total, new=format_number(copied.new)) if copied.new else total


def changing(copied: CampaignRow, n: int) -> str:
    """Return the number of members who only changed or left out words, or sent another variant."""
    shown = format_number(n)
    if copied.variants is not None:
        return ngettext("%(n)s in another variant", "%(n)s in other variants", n, n=shown)
    return ngettext("%(n)s with words changed or left out", "%(n)s with words changed or left out", n, n=shown)


def asks(copied: CampaignRow) -> str:
    """Return the introduction to the checked requests of a letter, or to its opening if there are none."""
    if copied.checked:
        return ngettext("The campaign letter asks:", "The campaign letter asks, in %(num)s sentences:", copied.checked)
    return _("No request in this campaign letter is checked yet. It begins:") if copied.opening else ""


def asked(copied: CampaignRow) -> list[Quote]:
    """Return the checked requests of a letter that can be quoted, or else its opening (in older bodies: the sample)."""
    beginning = copied.sample if copied.own is None else copied.opening
    return [
        quote for quote in copied.demands[: copied.checked or 0] or ([beginning] if beginning else []) if quote.words
    ]


def main_letter(data: Summary) -> CampaignRow | None:
    """Return the campaign of more than half of the published submissions, or None."""
    largest = max(data.copied, key=lambda copied: copied.total, default=None)
    return largest if largest and 2 * largest.total > data.numbers.published else None


def short_answers(body: Body) -> list[LinkedSentence]:
    """Return the short responses, with the number of submissions of each."""
    return [
        # NOTE: %(words)s is a short answer in quotation marks, such as “No.”
        LinkedSentence(
            ngettext(
                "%(n)s submission says only %(words)s",
                "%(n)s submissions say only %(words)s",
                answer.n,
                n=format_number(answer.n),
                words=quoted(answer.quote),
            )
        )
        for answer in body.short_answers
        if answer.quote.words
    ]


def calls(body: Body) -> list[LinkedSentence]:
    """Return the calls by organisation, with submissions and those written individually."""
    return [
        LinkedSentence(
            ngettext(
                "%(n)s published submission came through the call by %(organisation)s (%(own)s written individually)",
                "%(n)s published submissions came through the call by %(organisation)s (%(own)s written individually)",
                call.published,
                n=format_number(call.published),
                organisation=bidi_isolate(call.organisation),
                own=format_number(call.own),
            )
        )
        for call in body.calls
    ]


def studies(body: Body) -> list[LinkedSentence]:
    """Return the cited case studies with outcome, certainty and number of citations, linked to their pages."""
    return [LinkedSentence(_say_study(study), study=study.slug) for study in body.studies]


def _say_study(one: CaseStudyRow) -> str:
    cited = ngettext("cited by %(n)s comment", "cited by %(n)s comments", one.comments, n=format_number(one.comments))
    if one.withdrawn:
        return _(
            "“%(title)s” (%(reference)s): withdrawn · %(cited)s",
            title=bidi_isolate(one.title),
            reference=one.reference,
            cited=cited,
        )
    return _(
        "“%(title)s” (%(reference)s): %(outcome)s · %(certainty)s · %(cited)s",
        title=bidi_isolate(one.title),
        reference=one.reference,
        outcome=str(DIRECTIONS[Direction(one.outcome)]).lower() if one.outcome else _("outcome not stated"),
        certainty=certainty_words(one.certainty, one.appraised),
        cited=cited,
    )


def submissions(copied: CampaignRow) -> str:
    """Return the number of a campaign's or template's submissions, and of published ones if others wait."""
    total = _submissions(copied)
    if copied.published is None or copied.published == copied.total:
        return total
    return _("%(submissions)s (%(n)s of them published)", submissions=total, n=format_number(copied.published))


def _submissions(copied: CampaignRow) -> str:
    n = format_number(copied.total)
    if copied.variants is None:
        return ngettext("%(n)s copy of a campaign letter", "%(n)s copies of a campaign letter", copied.total, n=n)
    # NOTE: texts put together from a template: the same passages, and words between them that change
    return ngettext(
        "%(n)s submission made from one template, in %(variants)s variants",
        "%(n)s submissions made from one template, in %(variants)s variants",
        copied.total,
        n=n,
        variants=format_number(copied.variants),
    )


def letter_name(copied: CampaignRow) -> str:
    """Return the name and organiser of a declared campaign, and the position of its letter if a person decided it."""
    parts = []
    if copied.declared:
        name, organiser = bidi_isolate(copied.name or ""), bidi_isolate(copied.organiser or "")
        parts.append(_("%(name)s, organised by %(organiser)s", name=name, organiser=organiser))
    if copied.side:
        # NOTE: %(side)s is such as “Drop the draft”
        parts.append(_("Position: %(side)s", side=str(side_phrases.SIDE_NAMES[copied.side])))
    return " · ".join(parts)


def copies_list(copied: CampaignRow) -> str:
    """Return the name of the list behind the number of copies."""
    return f"letter:{copied.key}"


_STATES = {
    "kept_up": N_("on track"),
    "under_way": N_("under way"),
    "not_started": N_("not started"),
    "late": N_("overdue"),
    "dropped": N_("dropped"),
    "no_report": N_("without a current report"),
    "no_due_date": N_("without a due date"),
}


def reviewed(body: Body) -> list[LinkedSentence]:
    """Return the state of the reviewed plan in at most three lines with links. Empty if none is reviewed."""
    row = body.reviewed
    if row is None:
        return []
    said = [
        ngettext(
            "“%(title)s” had %(n)s action on %(day)s. The government reported %(done)s as done.",
            "“%(title)s” had %(n)s actions on %(day)s. The government reported %(done)s as done.",
            row.actions,
            title=row.title,
            n=format_number(row.actions),
            day=format_day(row.day),
            done=format_number(row.done),
        ),
        # NOTE: the other actions of the plan; %(states)s is such as “9 under way, 4 late”
        _("Other actions: %(states)s", states=_list_states(row)) if row.actions > row.done else "",
        ngettext(
            "%(n)s action disputed by at least one organisation",
            "%(n)s actions disputed by at least one organisation",
            row.differ,
            n=format_number(row.differ),
        ),
    ]
    return [LinkedSentence(words, plan=row.slug) for words in said if words]


def _list_states(row: ReviewedPlanRow) -> str:
    counts = [(getattr(row, name), str(label)) for name, label in _STATES.items()]
    return _(", ").join(f"{format_number(n)} {label}" for n, label in counts if n)
