"""Phrases for parts of the draft and topics: most frequent types, agreement and quotes."""

from __future__ import annotations

from consult.core.i18n import _, current_language, ngettext
from consult.core.web.template_filters import format_number, format_percent, format_share
from consult.digests.content.body import Body, PlaceHeadline
from consult.digests.content.rows import (
    CountedPlace,
    KindShare,
    PlaceAgreement,
    PlaceRow,
    Quote,
    StanceCounts,
    TopicRow,
)
from consult.digests.figures.summary import Summary
from consult.digests.render import claims
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, in_quotation_marks, place_headline
from consult.taxonomy.model import pick_translation


def most_frequent_stances(stances: StanceCounts) -> list[str]:
    """Return the most frequent type of comment, or several in a tie. Empty if no comment has a type.

    >>> [str(kind) for kind in most_frequent_stances({"support": 2, "concern": 2, "wording": 1, "": 9})]
    ['support', 'concern']
    """
    said = {stance: stances.get(stance, 0) for stance in STANCE_NAMES if stance}
    most = max(said.values())
    return [stance for stance, n in said.items() if n == most] if most else []


def most_frequent(place: CountedPlace | TopicRow) -> str:
    """Return the most frequent type, such as `Concern: 7 of 9 (78%)`, or a sentence on a tie.

    Comments without a type are mentioned if they are at least as many. Empty if no comment has a type.
    """
    if not (kinds := most_frequent_stances(place.stances)):
        return ""
    n, of = place.stances[kinds[0]], place.comments if isinstance(place, TopicRow) else place.submissions
    names = [str(STANCE_NAMES[kind]) for kind in kinds]
    others = max((m for kind, m in place.stances.items() if kind and kind != kinds[0]), default=0)
    said = claims.one_kind_leads(n, of, others, names[0]) or claims.no_kind_leads(n, of, names)
    return claims.kind_mostly_unsaid(place.stances.get("", 0), n, said) or said


def frequent_list(place: CountedPlace) -> str:
    """Return the name of the list behind it: of the type, or in a tie of all comments on the part of the draft."""
    kinds = most_frequent_stances(place.stances)
    return f"all-at:{place.key}:{kinds[0]}" if len(kinds) == 1 else f"all-at:{place.key}"


def side_share(row: KindShare) -> str:
    """Return how many of a kind's submissions support a part of the draft.

    Bodies up to version 3 only have the percentage.
    """
    if row.n is not None:
        return format_share(row.n, row.of)
    return _("%(share)s of %(n)s", share=format_percent(row.share, 100), n=format_number(row.of))


def evidence(body: Body, said: int, quotes: int) -> list[tuple[PlaceRow, Quote]]:
    """Return up to two quotes of evidence from practice that are not shown with the first `said` parts of the draft."""
    shown = {quote.comment for place in body.places[:said] for quote in place.quotes[:quotes]}
    found = [
        (place, quote)
        for place in body.places
        for quote in place.quotes
        if quote.stance == "evidence" and quote.comment not in shown and not quote.gone
    ]
    return found[:2]


def topic_name(topic: TopicRow) -> str:
    """Return the name of a topic in the current language."""
    return pick_translation(dict(topic.labels), current_language())


def topic_weight(topic: TopicRow) -> str:
    """Return the number of comments on a topic, and of its paragraphs."""
    where = ngettext("%(n)s paragraph", "%(n)s paragraphs", len(topic.keys), n=format_number(len(topic.keys)))
    return ngettext(
        "%(n)s comment on %(where)s",
        "%(n)s comments on %(where)s",
        topic.comments,
        n=format_number(topic.comments),
        where=where,
    )


def topics(body: Body, most: int) -> list[TopicRow]:
    """Return the topics with most new comments, among those assigned directly to a paragraph."""
    return [row for row in body.topics if row.direct][:most]


def agreed(one: PlaceAgreement) -> str:
    """Return how many submissions and how many kinds of contributors agree on a part of the draft."""
    said = claims.submissions_agree(one.n, one.of)
    kinds = claims.kinds_agree(one.kinds_with, one.kinds) or claims.no_kinds_agree(one.kinds_with, one.kinds)
    return _(", ").join(filter(None, [said, kinds]))


def finding(data: Summary) -> str:
    """Return the headline of the page: the largest agreement."""
    one = data.agreed[0]
    row = next(row for row in data.places if row.key == one.key)
    found = PlaceHeadline(
        kind="stance",
        place=one.key,
        number=row.number,
        of=one.of,
        published=0,
        new=False,
        n=one.n,
        stance=one.stance,
        texts=row.texts,
    )
    return f"{place_headline(found)}."


def translation(quote: Quote) -> str:
    """Return a person's translation of the quoted comment, marked as such, or an empty string."""
    made = (quote.translations or {}).get(current_language())
    if made is None or current_language() == quote.language:
        return ""
    words = in_quotation_marks(made.words)
    return _("Translation by %(name)s: %(words)s", name=bidi_isolate(made.credit), words=words)
