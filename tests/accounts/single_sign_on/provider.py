"""A small provider of OpenID Connect on loopback, which can also be made to lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from consult.core.clock import now

KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"})
CLIENT, SECRET = "consult", "a secret & more"
Claims = dict[str, Any]


@dataclass
class Provider:
    """A sign-in provider: its answers, which a test may change, and the requests it got."""

    issuer: str
    metadata: Claims = field(default_factory=dict)
    keys: list[Claims] = field(default_factory=lambda: [KEY.as_dict(private=False)])
    sign: Callable[[Claims], str] = lambda claims: sign(claims)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)  # code → what was asked for
    claims: Claims = field(default_factory=dict)  # of the next ID token
    userinfo: Claims = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)  # paths that it answers with a redirect

    def authorise(self, address: str, **claims: Any) -> dict[str, str]:
        """Somebody signs in at the provider; gives what the browser comes back with."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        moment = int(now().timestamp())
        self.claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "person-1", "iat": moment, "exp": moment + 300,
            "nonce": asked["nonce"], **claims,
        }  # fmt: skip
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def describe(self) -> Claims:
        names = {name: f"{self.issuer}/{name}" for name in ("token_endpoint", "jwks_uri", "userinfo_endpoint")}
        address = {"authorization_endpoint": f"{self.issuer}/authorize"}
        extra = {"authorization_response_iss_parameter_supported": True}
        return {"issuer": self.issuer, **names, **address, **extra, **self.metadata}

    def exchange(self, form: dict[str, str], authorization: str) -> Claims | None:
        """An ID token for a code with the right verifier and secret."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        expected = base64.b64encode(b"consult:a+secret+%26+more").decode()
        if asked is None or challenge != asked["code_challenge"] or authorization != f"Basic {expected}":
            return None
        return {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(self.claims)}


def sign(claims: Claims, key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, key)


def sign_with_nothing(claims: Claims) -> str:
    """alg none."""
    return f"{_encode({'alg': 'none'}, claims)}."


def sign_with_the_public_key(claims: Claims) -> str:
    """Key confusion: HMAC with the provider's public key as the secret."""
    signed = _encode({"alg": "HS256", "kid": "one"}, claims)
    mark = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def _encode(*parts: Claims) -> str:
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)


@contextmanager
def serve() -> Iterator[Provider]:
    """A provider on a free port of loopback."""
    made: list[Provider] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            made[0].asked.append(path)
            answers = {
                "/.well-known/openid-configuration": made[0].describe(),
                "/jwks_uri": {"keys": made[0].keys},
                "/userinfo_endpoint": {"sub": made[0].claims.get("sub"), **made[0].userinfo},
            }
            self._answer(answers.get(path))

        def do_POST(self) -> None:
            made[0].asked.append(urlsplit(self.path).path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(made[0].exchange(form, self.headers.get("Authorization", "")))

        def _answer(self, said: Claims | None) -> None:
            if urlsplit(self.path).path in made[0].moved:
                self.send_response(307)
                self.send_header("Location", f"{made[0].issuer}/moved-here")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = json.dumps(said if said is not None else {"error": "invalid_request"}).encode()
            self.send_response(200 if said is not None else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.append(Provider(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
