"""Public tables of the operator's settings."""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.operator.model import SiteLogo, SiteText

SITE_TEXT = PublicTable(SiteText, public="id key language text since", private="account_id")
SITE_LOGO = PublicTable(SiteLogo, public="id png sha256 since")
