"""Add a page, `/thanks`, for everybody, with a link in the bar."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.errands.errand import Errand

_BAR = '    (N_("Search"), "search.everywhere", ("search.everywhere", "search.inside")),\n'
_HOME = '@blueprint.route("/", allow=Allow.ANYONE)\n'
_ROUTE = '''\
@blueprint.route("/thanks", allow=Allow.ANYONE)
def thanks() -> str:
    """The people who helped."""
    return render_template("site/thanks.html")


'''
_PAGE = """\
{% extends "layout.html" %}
{% from "kit/page.html" import banner %}
{% block title %}{{ _("Thanks") }}{% endblock %}
{% block banner %}{{ banner(_("Thanks")) }}{% endblock %}
"""
ERRAND = Errand(
    {
        "consult/site/views.py": [(_HOME, _ROUTE + _HOME)],
        "consult/site/menus/navigation.py": [(_BAR, _BAR + '    (N_("Thanks"), "site.thanks", ("site.thanks",)),\n')],
        "tests/rules/routes.csv": [("/kit,GET,anyone\n", "/kit,GET,anyone\n/thanks,GET,anyone\n")],
    },
    {"templates/site/thanks.html": _PAGE},
)


def confirm_anybody_may_open_it_and_the_bar_leads_to_it(client: FlaskClient) -> None:
    page = client.get("/thanks")
    assert page.status_code == 200
    assert "<h1><bdi>Thanks" in page.text
    assert 'href="/thanks"' in client.get("/search").text
