"""`consult digest`: make a digest now, or show one."""

from __future__ import annotations

import json
from datetime import datetime

import click
from sqlalchemy.orm import Session

from consult.cli.processes.numbers import WholeNumber
from consult.cli.schema_check import application
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.errors import NotFound
from consult.core.i18n import LANGUAGES, force_locale
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.addresses import public_url
from consult.digests import letters as delivery_letters
from consult.digests import queries, service
from consult.digests.content.body import Body
from consult.digests.content.body_json import to_json
from consult.digests.model import Cadence, Digest
from consult.digests.render import current_quotes
from consult.digests.render.task_phrases import letter_fields
from consult.mail.message import inline_css
from consult.mail.render import render_letter


@click.group("digest")
def digest() -> None:
    """Make digests and show them."""


@digest.command("compile")
@click.option("--consultation", "slug", required=True, help="The consultation, as in its web address.")
@click.option("--cadence", type=click.Choice([str(one) for one in Cadence]), default="weekly", show_default=True)
def compile_command(slug: str, cadence: Cadence) -> None:
    """Make a digest of what is new now and queue its e-mails. The next digest continues from here."""
    with application(seals=True).app_context(), transaction() as session:
        made = _compile(session, slug, Cadence(cadence), now())
        letters_written = queries.count_letters(session, made.id)
        said = f"Digest {made.id}: {made.cadence} {made.edition or '(nothing new, no e-mail)'}"
        click.echo(f"{said}, entries {made.since} to {made.until - 1}, {letters_written} e-mails.")


def _compile(session: Session, slug: str, cadence: Cadence, at: datetime) -> Digest:
    try:
        consultation = queries.get_published_consultation(session, slug)
    except NotFound as error:
        raise click.ClickException(f"No published consultation has the name {slug}.") from error
    made = service.compile_digest(session, consultation_id=consultation.id, cadence=cadence, slot_at=at)
    if made is None:
        raise click.ClickException("A later digest of this cadence already exists.")
    return made


@digest.command("show")
@click.argument("number", type=WholeNumber(1))
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]), default="text", show_default=True)
@click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language of the text or HTML.",
)
def show(number: int, form: str, language: str) -> None:
    """Show the e-mail of digest NUMBER, or its body as JSON."""
    with application().app_context(), transaction() as session:
        try:
            found = queries.get_digest(session, number)
        except NotFound as error:
            raise click.ClickException(f"Digest {number} does not exist.") from error
        body = current_quotes.fill_quotes(session, found.body) if found.body else None
        if form == "json":
            click.echo(json.dumps(to_json(body) if body else {}, ensure_ascii=False, indent=2, sort_keys=True))
        elif body is None:
            click.echo("Nothing was new, so this digest has no e-mail.")
        else:
            click.echo(_render_letter(found, body, form, language))


def _render_letter(found: Digest, body: Body, form: str, language: str) -> str:
    """Return the e-mail as sent to a reader without due answers. Its footer links to the subscription page."""
    with force_locale(language):
        fields = letter_fields(body, None)
    fields["unsubscribe"] = public_url("digests.subscription", slug=body.consultation.slug)
    context = {**delivery_letters.build_context(found, body), "place": fields.__getitem__}
    words = render_letter(delivery_letters.TEMPLATE, language, context)
    if form == "text":
        return f"Subject: {words.subject}\n\n{words.text}"
    return inline_css(words.html)
