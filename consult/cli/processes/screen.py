"""Terminal output of `consult up`: progress during the start, then a summary of what runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

_HEALTHY = "ok"


class StartProgress:
    """Progress lines with the seconds since the start.

    There is no spinner, because it needs a thread and this process will be forked.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        seconds = f"{time.monotonic() - self._began:6.1f} s  "
        self.console.print(Text(seconds, style="dim"), Text(text), sep="")

    def show(self, page: RenderableType) -> None:
        self.console.print(page)


@dataclass(frozen=True)
class StartFacts:
    """The data of the summary. `parts` are (name, location), `logins` (role, address), `checks` the health by name."""

    address: str
    folder: Path
    mail: str
    parts: Sequence[tuple[str, str]]
    checks: Mapping[str, str]
    logins: Sequence[tuple[str, str]] = ()
    password: str = ""


def render_summary(facts: StartFacts) -> RenderableType:
    """Return the summary shown when everything runs."""
    pieces: list[RenderableType] = ["", Text.assemble("Consult is running at ", (facts.address, "bold underline"))]
    pieces.append(_table("Running", "Where", [*facts.parts, ("Mail", facts.mail)]))
    if facts.logins:
        pieces.append(_table("Role", "E-mail address", facts.logins))
        pieces += [f"Sign in at {facts.address}/sign-in. Every account has the password {facts.password}", ""]
    pieces += [f"All data and logs are in {facts.folder}.", "Ctrl-C stops Consult and keeps them."]
    poor = [name for name, state in facts.checks.items() if state != _HEALTHY]
    if poor:
        pieces.append(Text(f"Not ready yet: {', '.join(poor)}. See {facts.address}/health.", style="yellow"))
    return Group(*pieces, "")


def _table(first: str, second: str, rows: Sequence[tuple[str, str]]) -> Table:
    table = Table(first, second, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    return table
