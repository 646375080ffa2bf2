"""Public tables of this package: facts about countries, and memberships."""

from __future__ import annotations

from consult.countries.model import BodyMembership, CountryFact
from consult.ledger.statements import PublicTable

COUNTRY_FACT = PublicTable(
    CountryFact,
    public="id country kind term_id title words language day precision source looked_on kept_at replaced_by",
    people="kept_by",
)
BODY_MEMBERSHIP = PublicTable(BodyMembership, public="id body_id country member_id since until source looked_on")
