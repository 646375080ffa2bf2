"""`consult taxonomy`: import and export vocabularies of topics."""

from __future__ import annotations

from pathlib import Path

import click

from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.taxonomy import service, skos


@click.group("taxonomy")
def taxonomy() -> None:
    """Import and export vocabularies of topics."""


@taxonomy.command("import")
@click.argument("source")
def import_pack(source: str) -> None:
    """Import SOURCE: a pack that comes with Consult (drug-policy), or a SKOS file (.ttl, .rdf, .jsonld).

    Topics keep the order of the file. You can import the same file again; nothing changes. A newer edition updates
    topics. Topics that it no longer has are retired, not deleted.
    """
    path = service.find_pack(source) or Path(source)
    if not path.is_file():
        raise click.ClickException(f"No pack or file is named {source}.")
    with application().app_context():
        try:
            with transaction() as session:
                done = service.load_pack(session, skos.read_pack(path))
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    nothing = " Nothing to change." if done == service.PackChanges() else ""
    click.echo(f"{done.added} topics added, {done.changed} changed, {done.retired} retired.{nothing}")


@taxonomy.command("export")
@click.argument("scheme", required=False)
@click.option("--format", "written", type=click.Choice(sorted(skos.FORMATS)), default="ttl", show_default=True)
def export(scheme: str | None, written: str) -> None:
    """Write one SCHEME, or all of them, as SKOS to standard output."""
    with application().app_context(), transaction() as session:
        try:
            click.echo(skos.write_pack(service.export_vocabularies(session, scheme), written), nl=False)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
