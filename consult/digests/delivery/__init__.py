"""Subscribers of digests and the e-mails to them."""
