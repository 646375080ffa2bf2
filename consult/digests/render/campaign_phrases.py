"""Phrases for campaigns."""

from __future__ import annotations

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import CampaignRow
from consult.digests.render.phrases import LinkedSentence, quoted


def copies(copied: CampaignRow) -> str:
    """How many sent the same letter; for a body of version 1, the same words."""
    if copied.turned is not None:
        return _letter(copied)
    said = ngettext("%(n)s submission has", "%(n)s submissions have", copied.total, n=format_number(copied.total))
    return _("%(said)s the same words, %(new)s of them new", said=said, new=format_number(copied.new))


def _letter(copied: CampaignRow) -> str:
    said = submissions(copied)
    exact, adding, turned = copied.exact or 0, copied.adding or 0, copied.turned or 0
    parts = [
        _("%(n)s new", n=format_number(copied.new)) if copied.new else "",
        _("%(n)s word for word", n=format_number(exact)) if exact else "",
        ngettext("%(n)s adds their own words", "%(n)s add their own words", adding, n=format_number(adding))
        if adding
        else "",
        contradicting(turned, copied.confirmed) if turned else "",
    ]
    return f"{said}: {_(', ').join(filter(None, parts))}" if any(parts) else said


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
    """How many are of one letter, or of one template."""
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
    return _("%(name)s, organised by %(organiser)s", name=copied.name, organiser=copied.organiser)


def copies_list(copied: CampaignRow) -> str:
    """The name of the list behind that number."""
    return f"{'copies' if copied.turned is None else 'letter'}:{copied.key}"
