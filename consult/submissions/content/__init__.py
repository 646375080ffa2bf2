"""Content of a submission: draft values, committed records and evidence items."""
