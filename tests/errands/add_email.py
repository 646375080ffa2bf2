"""Add an e-mail: a welcome to everybody who gets an account."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import service
from consult.core.crypto import unseal
from consult.mail.model import LetterContent
from tests.errands.errand import Errand

_FUNCTION = '''

def send_welcome(session: Session, account: Account) -> None:
    """Welcome the owner of a new account."""
    mail.post(
        session,
        key=f"account:welcome:{account.id}",
        to=unseal_address(account.email_sealed),
        template="accounts/mail/welcome",
        language=account.language,
    )
'''
_IMPORT = "from consult.accounts import hooks, links,"
_NOBODY = 'NOBODY = "nobody@account.invalid"\n'
_MADE = "    return session.scalars(select(Account).where(Account.email_index == index)).one()\n"
_CALL = """\
    account = session.scalars(select(Account).where(Account.email_index == index)).one()
    letters.send_welcome(session, account)
    return account
"""
_END = '        .on_conflict_do_nothing(index_elements=["email_index"])\n    )\n'
_HTML = """\
{% extends "mail/layout.html" %}
{% block title %}{{ _("Welcome") }}{% endblock %}
{% block main %}<h1>{{ _("Welcome") }}</h1>{% endblock %}
{% block why %}<p>{{ _("You have a new account.") }}</p>{% endblock %}
"""
_TEXT = """\
Subject: {{ _("Welcome") }}

{% extends "mail/layout.txt" %}
{% block main %}
{{ _("Welcome") }}
{% endblock %}
{% block why %}
{{ _("You have a new account.") }}
{% endblock %}
"""
ERRAND = Errand(
    {
        "consult/accounts/letters.py": [(_NOBODY, _NOBODY + _FUNCTION)],
        "consult/accounts/service.py": [
            (_IMPORT, _IMPORT.replace("links", "letters, links")),
            (_END + _MADE, _END + _CALL),
        ],
    },
    {"templates/accounts/mail/welcome.html": _HTML, "templates/accounts/mail/welcome.txt": _TEXT},
)


def confirm_a_new_account_gets_it_once(session: Session) -> None:
    for _ in range(2):
        service.create(session, email="ana@example.org", name="Ana")
    session.commit()
    texts = [json.loads(unseal(sealed)) for sealed in session.scalars(select(LetterContent.sealed))]
    assert [text["subject"] for text in texts] == ["Welcome"]
