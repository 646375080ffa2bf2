"""Numbers the ledger again and again, as the clock does, until it is killed."""

from __future__ import annotations

from consult import create_app
from consult.core.db import transaction
from consult.ledger import service

if __name__ == "__main__":
    with create_app().app_context():
        while True:
            with transaction() as session:
                service.number_entries(session, most=7)
