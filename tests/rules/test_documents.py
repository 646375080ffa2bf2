"""The documents name things that exist, and describe every setting."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from consult.core.settings import Settings
from consult.files.kinds import MAX_BYTES
from tests import nginx

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_setting_is_in_the_documents() -> None:
    said = (ROOT / "docs" / "settings.md").read_text()
    read = {f"CONSULT_{one.name.upper()}" for one in fields(Settings)}
    for path in (ROOT / "consult").rglob("*.py"):
        read |= set(re.findall(r"CONSULT_[A-Z_]*[A-Z]", path.read_text()))
    assert {name for name in read if f"`{name}`" not in said} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_that_a_document_names_is_there(path: Path) -> None:
    named = re.findall(r"(?<![/\w])(?:consult|tests|docs|benchmarks|templates|deploy)/[\w./-]*\w", path.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_benchmark_is_in_the_documents() -> None:
    said = (ROOT / "docs" / "benchmarks.md").read_text()
    commands = [path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text()]
    assert commands
    assert [name for name in commands if f"benchmarks.{name}" not in said] == []


@pytest.mark.skipif(not nginx.NGINX, reason=nginx.NONE)
def test_the_block_for_nginx_is_one_that_nginx_takes(tmp_path: Path) -> None:
    certificate = nginx.self_signed(tmp_path)
    ports = {name: nginx.free_port() for name in ("tls", "plain", "upstream")}
    assert nginx.checked(nginx.configured(tmp_path, certificate, **ports)) == ""


def test_the_block_for_nginx_lets_a_file_through_and_writes_down_nobody() -> None:
    block = nginx.documented_block()
    (most,) = re.findall(r"client_max_body_size (\d+)m;", block)
    assert int(most) * 2**20 > MAX_BYTES + 2**16
    assert block.count("access_log off;") == block.count("error_log /dev/null crit;") == block.count("server {")
