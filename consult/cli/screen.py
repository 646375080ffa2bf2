"""What `consult up` shows: progress while it starts, then one page of what runs where."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

_HEALTHY = "ok"


class Progress:
    """Lines with the seconds since the start. No spinner: it would be a thread, and this process is to be copied."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        seconds = f"{time.monotonic() - self._began:6.1f} s  "
        self.console.print(Text(seconds, style="dim"), Text(text), sep="")

    def show(self, page: RenderableType) -> None:
        self.console.print(page)


@dataclass(frozen=True)
class Facts:
    """What the page says. `parts` are (what, where, log), `logins` (role, address), `checks` the health by name."""

    address: str
    folder: Path
    mail: str
    parts: Sequence[tuple[str, str, str]]
    checks: dict[str, str]
    logins: Sequence[tuple[str, str]] = field(default_factory=list)
    password: str = ""


def summary(facts: Facts) -> RenderableType:
    """The page shown when everything runs."""
    pieces: list[RenderableType] = ["", Text.assemble("Consult is at ", (facts.address, "bold underline")), ""]
    pieces += [_parts(facts), ""]
    if facts.logins:
        pieces += [_logins(facts), ""]
    pieces += [f"Mail goes to {facts.mail}.", f"All data are in {facts.folder}. Ctrl-C ends Consult and keeps them."]
    poor = [name for name, state in facts.checks.items() if state != _HEALTHY]
    if poor:
        pieces.append(Text(f"Not well yet: {', '.join(poor)}. See {facts.address}/health.", style="yellow"))
    return Group(*pieces, "")


def _parts(facts: Facts) -> Table:
    table = Table("What runs", "Where", "Its log", title="What runs where", title_justify="left")
    for row in facts.parts:
        table.add_row(*row)
    return table


def _logins(facts: Facts) -> Table:
    title = f"Sign in at {facts.address}/sign-in with the password {facts.password}"
    table = Table("As", "With the address", title=title, title_justify="left")
    for role, address in facts.logins:
        table.add_row(role, address)
    return table
