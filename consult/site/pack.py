"""The facilitation pack of a consultation as a PDF: agenda, three paragraphs, cards, consent, tally and link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import _, current_language, language_direction
from consult.core.text import excerpt
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_moment, format_number
from consult.digests import letters as delivery_letters
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
    """Return the pack in the current language, at most six sheets. Raises NotFound and CannotPrint."""
    row = comments_queries.get_consultation(session, slug)
    chosen = choose_paragraphs(session, row)
    made = delivery_letters.print_pdf(
        {
            "title": _("Meeting pack"),
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
    """Return the three paragraphs with most comments, in the order of the draft. Defaults to the first three."""
    tree = comments_queries.get_provision_tree(session, row.version_id or 0)
    counts = submissions.get_counts(session, row.id)
    walk = [node for node in tree.in_order if not node.is_heading and node.text]
    order = {node.id: n for n, node in enumerate(walk)}
    busiest = sorted(walk, key=lambda node: (-counts.on(node.id), order[node.id]))[:PARAGRAPHS]
    return sorted(busiest, key=lambda node: order[node.id])


def _opening(row: Consultation) -> Iterator[Block]:
    yield {"is": "over", "text": _("Meeting pack")}
    yield {"is": "title", "text": row.title}
    yield {"is": "about", "text": row.summary, "by": row.body, "lang": row.language}
    yield {
        "is": "text",
        "text": _("The consultation closes on %(when)s.", when=format_moment(row.closes_at, row.timezone)),
    }
    yield {"is": "text", "text": public_url("site.consultation", slug=row.slug)}
    yield {"is": "heading", "text": _("90-minute plan")}
    steps = (
        (0, _("Welcome. Explain the draft, who decides, and what can still change.")),
        (10, _("Read the consent text aloud. People who do not agree can listen or leave.")),
        (15, _("Read the first paragraph aloud, then the cards. Write down what people say, in their words.")),
        (35, _("Second paragraph.")),
        (55, _("Third paragraph.")),
        (75, _("Read your notes aloud. Correct mistakes and cross out what should not be sent.")),
        (85, _("Note how everyone agreed and how many people were there. Say how you will bring back the answers.")),
    )
    rows = [[BlockItem(text=say, url=""), BlockItem(text=format_number(minute), url="")] for minute, say in steps]
    yield {"is": "table", "head": [_("Content"), _("Minute")], "rows": rows}


def _paragraphs(row: Consultation, chosen: Sequence[ProvisionNode], plain: Mapping[str, str]) -> Iterator[Block]:
    """Yield the paragraphs, with the owner's plain-language text first, if any."""
    yield {"is": "heading", "text": _("Three paragraphs to read aloud")}
    for node in chosen:
        words = " ".join(part for part in (node.heading, excerpt(" ".join(node.text.split()), _LONGEST)) if part)
        said = plain.get(node.wid, "")
        yield {"is": "place", "text": node.name, "words": said or words, "lang": row.language}
        if said:
            yield {"is": "quiet", "text": _("In the draft: %(words)s", words=words)}


def _cards() -> Iterator[Block]:
    yield {"is": "break", "text": ""}
    yield {"is": "heading", "text": _("Cards to cut out")}
    asked = (
        _("What would change for you?"),
        _("Who would be left out?"),
        _("What should the paragraph say?"),
        _("How do you know?"),
    )
    for one in asked:
        yield {"is": "card", "text": one}


def _consent(row: Consultation) -> Iterator[Block]:
    yield {"is": "break", "text": ""}
    yield {"is": "heading", "text": _("Consent text to read aloud")}
    said = (
        _("We write down what you say, without names, and send it to %(body)s.", body=row.body),
        _("If a moderator publishes your words, everyone can read them on the internet."),
        _("The body may answer in public."),
        _("Nobody has to speak. You can leave, and we cross out your words if you ask."),
        _("Do not name other people or say anything that identifies them."),
        _("We say how many of us were here. We do not say who."),
    )
    yield {"is": "list", "items": [{"text": one, "url": ""} for one in said]}
    yield {
        "is": "text",
        "text": _("Everyone agreed aloud [  ] or in writing [  ]. People present: ______ Date: ________"),
    }


def _tally(chosen: Sequence[ProvisionNode]) -> Iterator[Block]:
    yield {"is": "heading", "text": _("Tally sheet")}
    head = [_("Comments"), *(node.name for node in chosen)]
    line = [BlockItem(text="_" * 32, url=""), *(BlockItem(text="____", url="") for _node in chosen)]
    yield {"is": "table", "head": head, "rows": [line] * _TALLY}
