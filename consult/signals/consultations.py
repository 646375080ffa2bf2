"""Consultations on the response to a signal, in the name of a body, with the early-warning option on."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.consultations import service as consultations
from consult.consultations.model import Consultation
from consult.consultations.service import ConsultationTerms
from consult.core.clock import now
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.digests.delivery import service as delivery
from consult.signals import service, warnings
from consult.signals.model import Signal
from consult.signals.places.regions import name_place

DAYS = 14
"""Default duration in days, short because an early warning cannot wait for months."""
MOST_DAYS = 60
"""Maximum duration in days."""


def open_consultation(
    session: Session, signal: Signal, *, by: Account, body: str, days: int = DAYS, at: datetime | None = None
) -> Consultation:
    """Create an unpublished consultation with title, draft, country and the early-warning option.

    Its owner completes the setup. Raises a Refusal, and Conflict if the signal has one already.
    """
    if bodies.find_by_name(session, body, by) is None:
        raise Forbidden(_("Only members of this body can open a consultation in its name."))
    moment, language = at or now(), by.language
    place = name_place(signal.country, signal.region, language)
    title = _("Response to: %(finding)s", finding=signal.title)
    opens = moment + timedelta(hours=1)
    row = consultations.create(
        session,
        owner=by,
        at=moment,
        terms=ConsultationTerms(
            title=title[:200],
            body=body,
            summary=_(
                "Early warning in %(place)s. Tell us what helps, what is missing and what must not be done.",
                place=place,
            ),
            purpose=_(
                "This consultation follows an early warning: %(url)s", url=public_url("signals.one", slug=signal.slug)
            ),
            language=language,
            opens_at=opens,
            closes_at=opens + timedelta(days=min(max(days, 1), MOST_DAYS)),
            timezone="UTC",
            countries=[signal.country],
        ),
    )
    consultations.write_draft(session, number=row.id, by=by, text=_write_draft(session, signal, title, place, language))
    delivery.set_early_warning(session, consultation=row, by=by, wished=True)
    service.note_consultation(session, signal, row.id, by=by, at=moment)
    return row


def _write_draft(session: Session, signal: Signal, title: str, place: str, language: str) -> str:
    """Return a first draft with the known facts and measures to discuss."""
    out = warnings.list_editions(session, signal.id)
    words = out[0].texts.get(language) or out[0].texts[out[0].language] if out else {}
    known = [_("%(finding)s. Location: %(place)s.", finding=signal.title, place=place)]
    known += [" ".join(part.split()) for part in words.values() if part]
    measures = [
        _("Services near the people concerned get what the warning asks for within seven days."),
        _("Laboratory results are published within a day of being available."),
        _("Nobody is prosecuted for what they say when they report or call for help."),
    ]
    chapters = [(_("What we know"), known), (_("Proposals"), measures)]
    lines = [f"# {title}"]
    for chapter, (heading, paragraphs) in enumerate(chapters, 1):
        lines.append(f"## {chapter} {heading}")
        lines += [f"{chapter}.{number} {paragraph}" for number, paragraph in enumerate(paragraphs, 1)]
    return "\n\n".join(lines)
