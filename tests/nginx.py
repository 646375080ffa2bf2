"""nginx with deploy/nginx.conf in front of an application, and a certificate made for it."""

from __future__ import annotations

import base64
import hashlib
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from consult import ROOT
from consult.core.clock import now
from tests.drills.conftest import until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
NAME = "consult.localhost"
NONE = "no nginx here: install it to have the pages tried over TLS, as in production"
_WHOLE = """daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;
events {{}}
http {{
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
# Werkzeug's server leaves a file open where its line is cut, as a browser that goes on to the next page does.
proxy_ignore_client_abort on;
{block}
}}
"""


@dataclass(frozen=True)
class Certificate:
    """A self-signed one in files, and the hash of its key by which a browser can be told to take it."""

    chain: Path
    key: Path
    pin: str


def documented_block() -> str:
    """What operators are given."""
    return (ROOT / "deploy" / "nginx.conf").read_text()


def self_signed(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = (
        builder.not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Certificate(chain, private, base64.b64encode(hashlib.sha256(public).digest()).decode())


def free_port() -> int:
    """One below those that the system gives to connections: none takes it before nginx does."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def configured(folder: Path, certificate: Certificate, *, tls: int, plain: int, upstream: int) -> Path:
    """A whole configuration: the documented block, with these ports, on this machine only."""
    block = documented_block()
    for said, here in {
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;", "listen [::]:443 ssl;": "",
        "listen 80;": f"listen 127.0.0.1:{plain};", "listen [::]:80;": "",
        "/etc/ssl/site/fullchain.pem": str(certificate.chain),
        "/etc/ssl/site/privkey.pem": str(certificate.key), "http://127.0.0.1:8000": f"http://127.0.0.1:{upstream}",
    }.items():  # fmt: skip
        assert block.count(said) == 1, said
        block = block.replace(said, here)
    path = folder / "nginx.conf"
    path.write_text(_WHOLE.format(folder=folder, block=block.replace("consult.example.org", NAME)))
    return path


def checked(path: Path) -> str:
    """Return the errors that nginx reports for a configuration; empty if there are none."""
    assert NGINX
    said = subprocess.run([NGINX, "-t", "-q", "-c", path], capture_output=True, text=True)
    return said.stderr + ("" if said.returncode == 0 else f"exit {said.returncode}")


@contextmanager
def serving(folder: Path, certificate: Certificate, *, tls: int, upstream: int) -> Iterator[None]:
    """nginx on the port `tls` while the block lasts."""
    assert NGINX
    path = configured(folder, certificate, tls=tls, plain=free_port(), upstream=upstream)
    with subprocess.Popen([NGINX, "-c", path], stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: _listens(tls) or process.poll() is not None)
            assert process.poll() is None, (folder / "error").read_text()
            yield
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
