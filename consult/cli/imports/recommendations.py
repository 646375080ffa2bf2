"""`consult recommendations`: keep recommendations to a country."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import click

from consult.accounts import service as accounts
from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.languages import DEFAULT_LANGUAGE
from consult.countries import service as countries
from consult.recommendations import service
from consult.recommendations.matrices import relevance
from consult.recommendations.matrices.reader import RecommendationTable, load_recommendations
from consult.recommendations.model import RecommendationSource
from consult.recommendations.service import SetTerms


@click.group("recommendations")
def recommendations() -> None:
    """Keep recommendations to countries."""


@recommendations.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--country", "code", required=True, metavar="CODE", help="ISO 3166-1 alpha-2, such as CR.")
@click.option("--symbol", required=True, help="Symbol of the document, such as A/HRC/59/15.")
@click.option("--day", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Date of the document.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of the account that keeps them.")
@click.option("--source", type=click.Choice(list(map(str, RecommendationSource))), default="upr", show_default=True)
@click.option(
    "--language", default=DEFAULT_LANGUAGE, show_default=True, metavar="CODE", help="Language of the document."
)
@click.option("--all", "every", is_flag=True, help="Keep also those that are not about drugs, health or detention.")
@click.option("--look", is_flag=True, help="Show how the file is read. Keep nothing.")
def import_recommendations(
    file: Path, code: str, symbol: str, day: datetime, email: str, source: str, language: str, every: bool, look: bool
) -> None:
    """Keep the recommendations of FILE: a thematic list (Word), an export (Excel, CSV, JSON) or a saved page.

    The same file again keeps nothing. Cells that are not understood are listed, and their lines are kept.
    """
    with application().app_context():
        try:
            with transaction() as session:
                by = accounts.find_by_email(session, email)
                if by is None:
                    raise click.ClickException("No account has the address given with --by.")
                country, data = countries.get_country(code), file.read_bytes()
                _text, table = load_recommendations(data)
                service.check_country(table.countries, country)
                _show(table)
                rows, kept = relevance.choose(table.rows, every=every), 0
                if not look:
                    terms = SetTerms(RecommendationSource(source), symbol, day.date(), language)
                    _set, kept = service.keep(session, country, rows, by=by, terms=terms, data=data)
        except (Refusal, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{len(table.rows)} of {table.lines} read, {len(rows)} chosen. Kept: {kept}.")


def _show(table: RecommendationTable) -> None:
    counts = Counter(map(relevance.judge, table.rows))
    click.echo(", ".join(f"{kind}: {counts[kind]}" for kind in relevance.Relevance))
    for cell in table.unread:
        click.echo(f"Line {cell.line}, {cell.what}: “{cell.text}”.", err=True)
