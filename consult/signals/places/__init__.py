"""Places of reports: country, region and optionally town."""
