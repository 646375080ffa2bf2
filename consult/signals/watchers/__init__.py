"""Subscribers to warnings, and the e-mails to them."""
