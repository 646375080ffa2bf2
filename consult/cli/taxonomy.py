"""`consult taxonomy`: import and export packs of terms."""

from __future__ import annotations

from pathlib import Path

import click

from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.taxonomy import service, skos


@click.group("taxonomy")
def taxonomy() -> None:
    """The vocabularies that provisions and evidence are tagged with."""


@taxonomy.command("import")
@click.argument("source")
def import_pack(source: str) -> None:
    """Take in SOURCE: the name of a pack that comes with Consult (drug-policy), or a SKOS file (.ttl, .rdf, .jsonld).

    Terms keep the order of the file. Running it again changes nothing, and with a newer edition what changed; terms
    that are gone are retired, not deleted.
    """
    path = service.find_pack(source) or Path(source)
    if not path.is_file():
        raise click.ClickException(f"There is no pack and no file named {source}.")
    with application().app_context():
        try:
            with transaction() as session:
                done = service.load_pack(session, skos.read_pack(path))
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    nothing = " Everything is here as in the file." if done == service.PackChanges() else ""
    click.echo(f"{done.added} terms added, {done.changed} changed, {done.retired} retired.{nothing}")


@taxonomy.command("export")
@click.argument("scheme", required=False)
@click.option("--format", "written", type=click.Choice(sorted(skos.FORMATS)), default="ttl", show_default=True)
def export(scheme: str | None, written: str) -> None:
    """Write one SCHEME, or all, as SKOS to standard output."""
    with application().app_context(), transaction() as session:
        try:
            click.echo(skos.write_pack(service.export_vocabularies(session, scheme), written), nl=False)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
