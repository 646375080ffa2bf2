"""Moderation of case studies: publication, returns, withdrawals and appeals."""
