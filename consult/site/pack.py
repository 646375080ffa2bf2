"""The facilitation pack of a consultation as one PDF: agenda, three paragraphs, cards, consent, tally, link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import _, current_language, language_direction
from consult.core.text import excerpt
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_moment, format_number
from consult.digests.delivery import letters as delivery_letters
from consult.digests.render import layout
from consult.digests.render.blocks import Block, BlockItem
from consult.documents import titles
from consult.submissions import queries as submissions
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries

PARAGRAPHS = 3
_LONGEST = 420
_TALLY = 8


def print_pack(session: Session, slug: str) -> tuple[Consultation, bytes]:
    """The pack in the language of the page, six sheets at most. Raises NotFound and CannotPrint."""
    row = comments_queries.get_consultation(session, slug)
    chosen = choose_paragraphs(session, row)
    made = delivery_letters.print_pdf(
        {
            "title": _("Pack for a meeting"),
            "lang": current_language(),
            "dir": language_direction(),
            "one_page": False,
            "author": row.body,
            "page": _("Page"),
            "lacking": layout.missing_characters_note(),
            "blocks": [
                *_opening(row),
                *_paragraphs(row, chosen, titles.list_plain(session, row.document_id)),
                *_cards(),
                *_consent(row),
                *_tally(chosen),
            ],
        },
        "pack",
    )
    return row, made


def choose_paragraphs(session: Session, row: Consultation) -> Sequence[ProvisionNode]:
    """The three paragraphs that most have commented on, in the order of the draft; else its first three."""
    tree = comments_queries.get_provision_tree(session, row.version_id or 0)
    counts = submissions.get_counts(session, row.id)
    walk = [node for node in tree.in_order if not node.is_heading and node.text]
    order = {node.id: n for n, node in enumerate(walk)}
    busiest = sorted(walk, key=lambda node: (-counts.on(node.id), order[node.id]))[:PARAGRAPHS]
    return sorted(busiest, key=lambda node: order[node.id])


def _opening(row: Consultation) -> Iterator[Block]:
    yield {"is": "over", "text": _("Pack for a meeting")}
    yield {"is": "title", "text": row.title}
    yield {"is": "about", "text": row.summary, "by": row.body, "lang": row.language}
    yield {"is": "text", "text": _("It closes on %(when)s.", when=format_moment(row.closes_at, row.timezone))}
    yield {"is": "text", "text": public_url("site.consultation", slug=row.slug)}
    yield {"is": "heading", "text": _("Ninety minutes")}
    steps = (
        (0, _("Welcome. What the draft is, who decides, and what can still change.")),
        (10, _("Read the consent text aloud. Whoever does not agree listens, or leaves.")),
        (15, _("First paragraph: read it aloud, then the card. Take down what is said, in those words.")),
        (35, _("Second paragraph.")),
        (55, _("Third paragraph.")),
        (75, _("Read back what you took down. Change what is wrong, cross out what should not be sent.")),
        (85, _("How everybody agreed, how many were there, and how you will come back with the answers.")),
    )
    rows = [[BlockItem(text=say, url=""), BlockItem(text=format_number(minute), url="")] for minute, say in steps]
    yield {"is": "table", "head": [_("What"), _("Minute")], "rows": rows}


def _paragraphs(row: Consultation, chosen: Sequence[ProvisionNode], plain: Mapping[str, str]) -> Iterator[Block]:
    """Each as it stands in the draft; where its owner has said it in plain words, these first."""
    yield {"is": "heading", "text": _("Three paragraphs, to read aloud")}
    for node in chosen:
        words = " ".join(part for part in (node.heading, excerpt(" ".join(node.text.split()), _LONGEST)) if part)
        said = plain.get(node.wid, "")
        yield {"is": "place", "text": node.name, "words": said or words, "lang": row.language}
        if said:
            yield {"is": "quiet", "text": _("In the draft: %(words)s", words=words)}


def _cards() -> Iterator[Block]:
    yield {"is": "break", "text": ""}
    yield {"is": "heading", "text": _("Cards: cut them out")}
    asked = (
        _("What would change for you?"),
        _("Who would be left out?"),
        _("What would have to be in it?"),
        _("How do you know?"),
    )
    for one in asked:
        yield {"is": "card", "text": one}


def _consent(row: Consultation) -> Iterator[Block]:
    yield {"is": "break", "text": ""}
    yield {"is": "heading", "text": _("To be read aloud: consent")}
    said = (
        _("What you say here is taken down without names and sent to %(body)s.", body=row.body),
        _("It is published on the internet, word for word, once a moderator has read it."),
        _("It may be answered in public."),
        _("Nobody has to say anything. You can leave, and what you said is crossed out if you ask."),
        _("Do not name other people, or tell what shows who they are."),
        _("We say how many of us were here. We do not say who."),
    )
    yield {"is": "list", "items": [{"text": one, "url": ""} for one in said]}
    yield {
        "is": "text",
        "text": _("Everybody agreed aloud [  ] or in writing [  ]. How many were here: ______ Day: ________"),
    }


def _tally(chosen: Sequence[ProvisionNode]) -> Iterator[Block]:
    yield {"is": "heading", "text": _("Tally sheet")}
    head = [_("What was said"), *(node.name for node in chosen)]
    line = [BlockItem(text="_" * 32, url=""), *(BlockItem(text="____", url="") for _node in chosen)]
    yield {"is": "table", "head": head, "rows": [line] * _TALLY}
