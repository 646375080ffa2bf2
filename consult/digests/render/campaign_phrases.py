"""Phrases for campaigns, calls, cited case studies, and the reviewed plan."""

from __future__ import annotations

from consult.case_studies.labels import DIRECTIONS, certainty_words
from consult.case_studies.model import Direction
from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import CampaignRow, CaseStudyRow, ReviewedPlanRow
from consult.digests.render.phrases import LinkedSentence, bidi_isolate, quoted


def copies(copied: CampaignRow) -> str:
    """Return the number of copies of a letter, or of identical texts for a body of version 1."""
    if copied.turned is not None:
        return _letter(copied)
    return ngettext(
        "%(n)s submission has the same words, %(new)s of them new",
        "%(n)s submissions have the same words, %(new)s of them new",
        copied.total,
        n=format_number(copied.total),
        new=format_number(copied.new),
    )


def _letter(copied: CampaignRow) -> str:
    total = submissions(copied)
    new = [_("%(n)s new", n=format_number(copied.new))] if copied.new else []
    parts = [*new, *(part.text for part in senders(copied))]
    return f"{total}: {_(', ').join(parts)}" if parts else total


def senders(copied: CampaignRow) -> list[LinkedSentence]:
    """Return the members of a campaign by how they changed the letter, each with its list.

    Together they are all members. In older bodies, members with added words may also contradict the letter, and the
    rest is not shown.
    """
    n = copied.adding if copied.own is None else copied.own
    senders = {
        "exact": _("%(n)s identical to one of its versions", n=format_number(copied.exact)) if copied.exact else "",
        "own": ngettext("%(n)s with added words", "%(n)s with added words", n, n=format_number(n)) if n else "",
        "turned": contradicting(copied.turned, copied.confirmed) if copied.turned else "",
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
    """Return the introduction to the demands of a letter, or to its opening if there are none.

    Only demands checked by a person are stated as fact.
    """
    n = len(copied.demands)
    if n and copied.checked == n:
        return ngettext("The campaign letter asks:", "The campaign letter asks, in %(num)s sentences:", n)
    if n:
        return ngettext(
            "Software chose this sentence of the campaign letter as a request:",
            "Software chose these %(num)s sentences of the campaign letter as requests:",
            n,
        )
    return _("The campaign letter begins:") if copied.opening else ""


def contradicting(turned: int, confirmed: int | None) -> str:
    """Return the number of members who contradict the letter, and how many of them a person has confirmed.

    Older bodies (None) count only members who reverse a sentence of the letter.
    """
    if confirmed is None:
        return ngettext(
            "%(n)s seems to reverse one of its sentences",
            "%(n)s seem to reverse one of its sentences",
            turned,
            n=format_number(turned),
        )
    open_ = turned - confirmed
    parts = []
    if confirmed:
        parts.append(
            ngettext(
                "%(n)s says the opposite (confirmed)",
                "%(n)s say the opposite (confirmed)",
                confirmed,
                n=format_number(confirmed),
            )
        )
    if open_ > 0:
        parts.append(
            ngettext(
                "%(n)s seems to say the opposite (found by software, not checked)",
                "%(n)s seem to say the opposite (found by software, not checked)",
                open_,
                n=format_number(open_),
            )
        )
    return _(", ").join(parts)


def against(copied: CampaignRow) -> str:
    """Return the heading above words that contradict a letter. In older bodies some are only suggestions."""
    if copied.confirmed is None:
        return _("Some copies seem to reverse one of its sentences")
    if copied.confirmed == copied.turned:
        return _("Some copies say the opposite (confirmed by a moderator)")
    if copied.confirmed:
        return _("Some copies seem to say the opposite")
    return _("Some copies seem to say the opposite (found by software, not checked)")


def short_answers(body: Body) -> list[LinkedSentence]:
    """Return the short responses, with the number of submissions of each."""
    return [
        # NOTE: %(words)s is a short answer in quotation marks, such as “No.”
        LinkedSentence(
            ngettext(
                "%(n)s submission only says %(words)s",
                "%(n)s submissions only say %(words)s",
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


def alike(body: Body) -> list[LinkedSentence]:
    """Return the texts similar in meaning to a letter, with the number expected by chance. Empty if there are none."""
    return [
        LinkedSentence(
            ngettext(
                "%(n)s of %(compared)s published texts outside campaigns is unusually close in meaning to the "
                "campaign letter with %(total)s copies (expected by chance: about %(expected)s)",
                "%(n)s of %(compared)s published texts outside campaigns are unusually close in meaning to the "
                "campaign letter with %(total)s copies (expected by chance: about %(expected)s)",
                one.alike.n,
                n=format_number(one.alike.n),
                compared=format_number(one.alike.compared),
                total=format_number(one.total),
                expected=format_number(one.alike.expected),
            )
        )
        for one in body.copied
        if one.alike and one.alike.n
    ]


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
    """Return the name and organiser of a campaign, or an empty string if it is not declared."""
    if not copied.declared:
        return ""
    return _(
        "%(name)s, organised by %(organiser)s",
        name=bidi_isolate(copied.name or ""),
        organiser=bidi_isolate(copied.organiser or ""),
    )


def copies_list(copied: CampaignRow) -> str:
    """Return the name of the list behind that number."""
    return f"{'copies' if copied.turned is None else 'letter'}:{copied.key}"


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
