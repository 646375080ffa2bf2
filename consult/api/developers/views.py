"""The page for developers: /developers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import render_template
from flask.typing import ResponseReturnValue

from consult.api import limits
from consult.api.webhooks import events
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, settings

blueprint = Blueprint("developers", __name__)
_RECIPES = Path(__file__).with_name("recipes")


@blueprint.route("/developers", allow=Allow.ANYONE)
def developers() -> ResponseReturnValue:
    return render_template(
        "api/developers.html",
        reading=_read("read_comments.py"),
        sending=_read("send_submission.sh"),
        receiving=_read("receive_events.py"),
        events=[(_(events.TOPICS[topic]), kinds) for topic, kinds in events.list_kinds().items()],
        facade=f"{settings().base_url}/v4",
        reads=limits.READS.amount,
        more=limits.READS_WITH_TOKEN.amount,
        files=limits.FILES.amount,
    )


@cache
def _read(name: str) -> str:
    lines = (_RECIPES / name).read_text().splitlines()
    return "\n".join(line.partition("  # noqa")[0] for line in lines)
