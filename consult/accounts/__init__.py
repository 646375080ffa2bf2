"""People who sign in, the organisations they speak for, and how they prove it."""

from consult.accounts.gate import init_app

__all__ = ["init_app"]
