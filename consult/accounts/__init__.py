"""Accounts, organisations, sign-in and proof of an e-mail address."""

from __future__ import annotations

from flask import Flask

from consult.accounts import gate, labels, login


def init_app(app: Flask) -> None:
    login.init_app(app)
    labels.init_app(app)
    gate.init_app(app)
