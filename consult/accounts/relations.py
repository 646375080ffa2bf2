"""Columns of accounts and organisations that upper packages may read."""

from __future__ import annotations

from sqlalchemy import select

from consult.accounts.model import Account, Organisation
from consult.core.database.relations import Relation


class ReadableAccount(Relation):
    """An account as a correspondent. `email_index` shows whether two addresses are equal, not the addresses."""

    selected = select(Account.id, Account.email_index)


class ReadableOrganisation(Relation):
    """An organisation as shown on its page."""

    selected = select(Organisation.id, Organisation.name, Organisation.kind, Organisation.country)
