"""The files of deploy/ are valid, and name commands, settings and measurements that exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from consult import ROOT
from consult.cli import main
from consult.core.secret_files import FILE_SETTINGS, file_variable
from consult.core.settings import variable_names

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("consult-*.service"))
COMMON = DEPLOY / "systemd" / "consult-.service.d" / "common.conf"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "localhost/consult"}
MOST_EXPOSURE = 2.0
"""What `systemd-analyze security` may say of a unit, from 0 (protected) to 10."""


def read_unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text())
    return parser


def list_commands() -> Iterator[tuple[str, list[str]]]:
    """Yield where a command is named, and its arguments."""
    for path in UNITS:
        program, *arguments = shlex.split(read_unit(path)["Service"]["ExecStart"])
        assert program == "/opt/consult/bin/consult"
        yield path.name, arguments
    for name, service in OURS.items():
        yield f"compose {name}", service["command"]
    (arguments,) = re.findall(r"(?m)^CMD (\[.*\])$", (DEPLOY / "Containerfile").read_text())
    yield "Containerfile", json.loads(arguments)


@pytest.mark.parametrize(("place", "arguments"), list(list_commands()))
def test_a_command_of_the_kit_exists_with_its_options(place: str, arguments: list[str]) -> None:
    name, *rest = arguments
    command = main.get_command(click.Context(main), name)
    assert command is not None, place
    command.make_context(name, rest)  # parses the options


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert main.get_command(click.Context(main), "wbe") is None
    clock = main.get_command(click.Context(main), "clock")
    assert clock
    with pytest.raises(click.UsageError):
        clock.make_context("clock", ["--bind", "x"])


def test_every_setting_of_the_kit_exists() -> None:
    known = {*variable_names(), *map(file_variable, FILE_SETTINGS)}
    texts = [path.read_text() for path in DEPLOY.rglob("*") if path.is_file()]
    named = {name for text in texts for name in re.findall(r"CONSULT_[A-Z_]*[A-Z]", text)}
    assert named
    assert named <= known


def test_no_file_of_the_kit_contains_a_secret() -> None:
    for service in OURS.values():
        assert all(name.endswith("_FILE") or "REDIS" in name for name in service["environment"])
    assert not set(re.findall(r"(?m)^(CONSULT_[A-Z_]+)=", (DEPLOY / "consult.env").read_text())) & {
        f"CONSULT_{name.upper()}" for name in FILE_SETTINGS
    }


def test_containers_of_consult_run_with_a_read_only_root_and_without_rights() -> None:
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert "USER 10001:10001" in (DEPLOY / "Containerfile").read_text()


def test_units_and_containers_take_every_queue() -> None:
    taken = [
        set(arguments[arguments.index("--queues") + 1].split(","))
        for _place, arguments in list_commands()
        if arguments[0] == "worker"
    ]
    units, containers = taken[:2], taken[2:]
    assert sorted(units, key=sorted) == sorted(containers, key=sorted)
    assert set.union(*units) == {"default", "mail", "files", "digests", "analysis"}


def test_a_secret_of_compose_is_given_to_the_containers_that_read_it() -> None:
    for service in OURS.values():
        files = {Path(path).name for name, path in service["environment"].items() if name.endswith("_FILE")}
        assert files == set(service["secrets"]) <= set(COMPOSE["secrets"])


def install(root: Path) -> None:
    """Lay the units out under a root folder, as docs/install.md does."""
    shutil.copytree(DEPLOY / "systemd", root / "etc" / "systemd" / "system")
    program = root / "opt" / "consult" / "bin" / "consult"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (root / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\nconsult:x:990:990::/:/bin/false\n")
    (root / "etc" / "group").write_text("root:x:0:\nconsult:x:990:\n")
    shutil.copytree("/usr/lib/systemd/system", root / "usr" / "lib" / "systemd" / "system", symlinks=True)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units_and_finds_them_protected(tmp_path: Path) -> None:
    install(tmp_path)
    names = [path.name for path in UNITS]
    arguments = ["systemd-analyze", "--recursive-errors=no", f"--root={tmp_path}"]
    verified = subprocess.run(
        [*arguments, "verify", "consult.target", "consult-backup.timer", *names], capture_output=True, text=True
    )
    assert (verified.returncode, verified.stderr.strip()) == (0, "")
    for name in names:
        judged = subprocess.run(
            [*arguments, "security", "--offline=yes", f"--threshold={MOST_EXPOSURE * 10:.0f}", name],
            capture_output=True,
            text=True,
        )
        assert judged.returncode == 0, judged.stdout[-300:]


@pytest.mark.skipif(not shutil.which("yamllint"), reason="yamllint is not installed")
def test_yamllint_has_no_remarks() -> None:
    rules = "{extends: default, rules: {line-length: {max: 120}}}"
    checked = subprocess.run(["yamllint", "--strict", "-d", rules, DEPLOY], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not installed")
def test_hadolint_has_no_remarks() -> None:
    checked = subprocess.run(["hadolint", DEPLOY / "Containerfile"], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_container_file_copies_what_the_build_needs() -> None:
    copied = re.findall(r"(?m)^COPY ([^-].*) \S+$", (DEPLOY / "Containerfile").read_text())
    names = {name.rstrip("/") for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    beside = re.findall(r'"(\w+)"', re.findall(r"(?m)^BESIDE = (.*)$", (ROOT / "setup.py").read_text())[0])
    assert {*beside, "consult", "setup.py", "pyproject.toml", "uv.lock"} <= names


def test_the_wrapper_of_the_command_uses_what_the_units_use() -> None:
    common, wrapper = COMMON.read_text(), (DEPLOY / "systemd" / "consult").read_text()
    for name in ("User", "Group", "EnvironmentFile", "LoadCredential", "WorkingDirectory", "UMask"):
        (value,) = re.findall(rf"(?m)^{name}=(.*)$", common)
        assert f"--property={name}={value}" in wrapper
    assert os.access(DEPLOY / "systemd" / "consult", os.X_OK)


def test_the_help_names_the_commands_of_operators() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    assert all(name in text for name in ("doctor", "backup", "restore", "metrics"))
