"""Addresses that a provider may name: in production public ones only, and the one that was checked is connected to."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.single_sign_on import discovery, fetch
from consult.accounts.single_sign_on.fetch import AddressNotPublic, ProviderFailed
from consult.accounts.single_sign_on.model import SignOnProvider
from consult.core.settings import Settings
from consult.core.web import remote_hosts
from tests.accounts.single_sign_on.provider import Provider
from tests.accounts.single_sign_on.test_sign_on import back, begin

PUBLIC = "9.9.9.9"
NAMED = {
    "authorization_endpoint": "https://id.example.org/authorize",
    "token_endpoint": "https://id.example.org/token",
    "jwks_uri": "https://id.example.org/keys",
    "userinfo_endpoint": "https://id.example.org/me",
    "end_session_endpoint": "https://id.example.org/out",
}
INSIDE = ["127.0.0.1", "10.0.0.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[::1]", "[fd00::1]", "localhost"]


@pytest.fixture
def production(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same site without the demo switch."""
    strict = object.__new__(Settings)
    vars(strict).update({one.name: getattr(settings, one.name) for one in dataclasses.fields(settings)}, demo=False)
    monkeypatch.setitem(app.config, "SETTINGS", strict)
    discovery.forget()
    yield
    discovery.forget()


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The name is looked up as these addresses, each time as the next; gives what was connected to."""
    coming, connected = iter(answers), []

    def look_up(_host: str, port: int, *_more: Any, **_named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(coming)]

    def connect(address: tuple[str, int], **_named: Any) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(remote_hosts.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(remote_hosts.socket, "create_connection", connect)
    return connected


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
@pytest.mark.usefixtures("production")
def test_a_name_that_leads_inside_is_not_connected_to(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for answers in ([inside], [PUBLIC, inside]):
        connected = resolve(monkeypatch, answers)
        with pytest.raises(AddressNotPublic):
            fetch.fetch_json("https://id.example.org/token", form={"code": "secret"})
        assert connected == []


@pytest.mark.usefixtures("production")
def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = resolve(monkeypatch, [PUBLIC], ["127.0.0.1"])
    with pytest.raises(ProviderFailed):
        fetch.fetch_json("https://id.example.org/token")
    assert connected == [PUBLIC]


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("name", NAMED)
@pytest.mark.usefixtures("production")
def test_no_address_that_a_provider_names_may_be_inside(
    name: str, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = "https://id.example.org"
    told = {"issuer": issuer, **NAMED, name: f"https://{inside}:8080/"}
    monkeypatch.setattr(discovery, "fetch_json", lambda _address: told)
    with pytest.raises(AddressNotPublic):
        discovery.discover(issuer)


@pytest.mark.usefixtures("production")
def test_a_provider_on_this_machine_is_for_a_demo_only(provider: Provider) -> None:
    with pytest.raises(AddressNotPublic):
        discovery.discover(provider.issuer)


def test_a_redirect_is_not_followed(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = begin(client)
    provider.moved.add("/token_endpoint")
    assert back(client, provider.authorise(address)).status_code == 502
    assert "/moved-here" not in provider.asked
