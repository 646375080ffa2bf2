"""Accounts, organisations, sign-in and proof of address."""

from __future__ import annotations

from flask import Flask

from consult.accounts import labels, login
from consult.accounts.second_factor import gate


def init_app(app: Flask) -> None:
    login.init_app(app)
    labels.init_app(app)
    gate.init_app(app)
