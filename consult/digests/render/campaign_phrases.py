"""Phrases for campaigns, calls, case studies that are cited, and the plan that is reviewed."""

from __future__ import annotations

from consult.case_studies.labels import DIRECTIONS, certainty_words
from consult.case_studies.model import Direction
from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import CampaignRow, CaseStudyRow, ReviewedPlanRow
from consult.digests.render.phrases import LinkedSentence, bidi_isolate, quoted


def copies(copied: CampaignRow) -> str:
    """How many sent the same letter; for a body of version 1, the same words."""
    if copied.turned is not None:
        return _letter(copied)
    said = ngettext("%(n)s submission has", "%(n)s submissions have", copied.total, n=format_number(copied.total))
    return _("%(said)s the same words, %(new)s of them new", said=said, new=format_number(copied.new))


def _letter(copied: CampaignRow) -> str:
    said = submissions(copied)
    new = [_("%(n)s new", n=format_number(copied.new))] if copied.new else []
    parts = [*new, *(part.text for part in senders(copied))]
    return f"{said}: {_(', ').join(parts)}" if parts else said


def senders(copied: CampaignRow) -> list[LinkedSentence]:
    """The senders of a letter by what they did with it, each with its list; together they are all of them.

    Of a body from before that was told, those who add words may contradict it too, and what is left is not said.
    """
    n = copied.adding if copied.own is None else copied.own
    found = {
        "exact": _("%(n)s word for word in one of its versions", n=format_number(copied.exact)) if copied.exact else "",
        "own": ngettext("%(n)s adds their own words", "%(n)s add their own words", n, n=format_number(n)) if n else "",
        "turned": contradicting(copied.turned, copied.confirmed) if copied.turned else "",
        "changed": changing(copied, copied.changed) if copied.changed else "",
    }
    lists = "" if copied.own is None else f"letter:{copied.key}:"
    return [LinkedSentence(text, lists and f"{lists}{part}") for part, text in found.items() if text]


def new_and_all(copied: CampaignRow) -> str:
    """How many are of a letter, and how many of them are new."""
    said = submissions(copied)
    return _("%(said)s, %(new)s new", said=said, new=format_number(copied.new)) if copied.new else said


def changing(copied: CampaignRow, n: int) -> str:
    """How many senders of a letter changed or left out words, and did no more; or sent another variant."""
    shown = format_number(n)
    if copied.variants is not None:
        return ngettext("%(n)s in another variant", "%(n)s in other variants", n, n=shown)
    return ngettext("%(n)s changes or leaves out words", "%(n)s change or leave out words", n, n=shown)


def asks(copied: CampaignRow) -> str:
    """What stands before the demands of a letter; or before how it begins, where none was found."""
    if copied.demands:
        return ngettext("It asks:", "It asks, in %(num)s sentences:", len(copied.demands))
    if copied.opening:
        return _("No sentence of this letter asks for something by our lists; it begins:")
    return ""


def contradicting(turned: int, confirmed: int | None) -> str:
    """How many senders of a letter contradict it, and how many of these a person has confirmed.

    Bodies from before that was asked (None) count only those who turn a sentence of the letter round.
    """
    if confirmed is None:
        return ngettext(
            "%(n)s seems to turn a sentence of it round",
            "%(n)s seem to turn a sentence of it round",
            turned,
            n=format_number(turned),
        )
    open_ = turned - confirmed
    parts = []
    if confirmed:
        parts.append(
            ngettext(
                "%(n)s asks for the opposite (confirmed)",
                "%(n)s ask for the opposite (confirmed)",
                confirmed,
                n=format_number(confirmed),
            )
        )
    if open_ > 0:
        parts.append(
            ngettext(
                "%(n)s seems to ask for the opposite (suggested, not checked)",
                "%(n)s seem to ask for the opposite (suggested, not checked)",
                open_,
                n=format_number(open_),
            )
        )
    return _(", ").join(parts)


def short_answers(body: Body) -> list[LinkedSentence]:
    """Who wrote the same few words, which are no letter."""
    return [
        # NOTE: %(words)s is a short answer in quotation marks, such as “No.”
        LinkedSentence(
            ngettext(
                "%(n)s submission says no more than %(words)s",
                "%(n)s submissions say no more than %(words)s",
                one.n,
                n=format_number(one.n),
                words=quoted(one.quote),
            )
        )
        for one in body.short_answers
        if one.quote.words
    ]


def calls(body: Body) -> list[LinkedSentence]:
    """Who asked people to comment, how many did, and in whose words."""
    return [
        LinkedSentence(
            ngettext(
                "%(n)s published submission came by the call of %(organisation)s, %(own)s of these in own words",
                "%(n)s published submissions came by the call of %(organisation)s, %(own)s of these in own words",
                one.published,
                n=format_number(one.published),
                organisation=bidi_isolate(one.organisation),
                own=format_number(one.own),
            )
        )
        for one in body.calls
    ]


def studies(body: Body) -> list[LinkedSentence]:
    """Each case study with how it went, how sure that is, and how many comments cite it; it leads to its card."""
    return [LinkedSentence(_say_study(one), study=one.slug) for one in body.studies]


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
        outcome=str(DIRECTIONS[Direction(one.outcome)]).lower() if one.outcome else _("how it went is not said"),
        certainty=certainty_words(one.certainty, one.appraised),
        cited=cited,
    )


def alike(body: Body) -> list[LinkedSentence]:
    """How many texts are alike in meaning to a letter, beside what chance gives; nothing where none is."""
    return [
        LinkedSentence(
            ngettext(
                "%(n)s of %(compared)s published texts outside campaigns is unusually alike in meaning to the letter "
                "of %(total)s submissions; by chance it would be about %(expected)s",
                "%(n)s of %(compared)s published texts outside campaigns are unusually alike in meaning to the letter "
                "of %(total)s submissions; by chance it would be about %(expected)s",
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
    """How many are of one letter, or of one template; and how many of these are published, where others wait."""
    said = _submissions(copied)
    if copied.published is None or copied.published == copied.total:
        return said
    # NOTE: %(said)s is such as “13 submissions of one letter”
    return _("%(said)s (%(n)s of them published)", said=said, n=format_number(copied.published))


def _submissions(copied: CampaignRow) -> str:
    n = format_number(copied.total)
    if copied.variants is None:
        return ngettext("%(n)s submission of one letter", "%(n)s submissions of one letter", copied.total, n=n)
    # NOTE: texts put together from a template: the same passages, and words between them that change
    return ngettext(
        "%(n)s submission made from one template, in %(variants)s variants",
        "%(n)s submissions made from one template, in %(variants)s variants",
        copied.total,
        n=n,
        variants=format_number(copied.variants),
    )


def letter_name(copied: CampaignRow) -> str:
    """The name and organiser of a campaign; empty if nobody declared it."""
    if not copied.declared:
        return ""
    return _(
        "%(name)s, organised by %(organiser)s",
        name=bidi_isolate(copied.name or ""),
        organiser=bidi_isolate(copied.organiser or ""),
    )


def copies_list(copied: CampaignRow) -> str:
    """The name of the list behind that number."""
    return f"{'copies' if copied.turned is None else 'letter'}:{copied.key}"


_STATES = {
    "under_way": N_("under way"),
    "not_started": N_("not started"),
    "late": N_("late"),
    "dropped": N_("dropped"),
    "no_report": N_("without a current report"),
}


def reviewed(body: Body) -> list[LinkedSentence]:
    """The balance of the plan in at most three lines, each leading to it; nothing where none is reviewed."""
    row = body.reviewed
    if row is None:
        return []
    said = [
        ngettext(
            "“%(title)s” had %(n)s action on %(day)s; the government called %(done)s of these done",
            "“%(title)s” had %(n)s actions on %(day)s; the government called %(done)s of these done",
            row.actions,
            title=row.title,
            n=format_number(row.actions),
            day=format_day(row.day),
            done=format_number(row.done),
        ),
        # NOTE: the other actions of the plan; %(states)s is such as “9 under way, 4 late”
        _("The others: %(states)s", states=_list_states(row)) if row.actions > row.done else "",
        ngettext(
            "On %(n)s action at least one organisation saw it otherwise than the government",
            "On %(n)s actions at least one organisation saw it otherwise than the government",
            row.differ,
            n=format_number(row.differ),
        ),
    ]
    return [LinkedSentence(words, plan=row.slug) for words in said if words]


def _list_states(row: ReviewedPlanRow) -> str:
    counts = [(getattr(row, name), str(label)) for name, label in _STATES.items()]
    return _(", ").join(f"{format_number(n)} {label}" for n, label in counts if n)
