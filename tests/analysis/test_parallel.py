"""Analysis in parts: the same results in one process, in several, and on a Dask cluster."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from click.testing import CliRunner

from consult import ROOT
from consult.analysis import cluster
from consult.analysis.campaigns.classification import ClassifiedComment, stable_names, start_classification
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import group_texts
from consult.analysis.cluster import ClusterRefused, DaskCluster, require_private
from consult.analysis.parallel import Executor, Inline, ProcessPool, StartedCall, WorkersLost
from consult.cli.analyse import analyse
from tests.analysis.ending import end_always, end_once
from tests.analysis.test_command import written
from tests.analysis.writing import LETTERS, OWN

R = TypeVar("R")
NAMES = ("Jane Roe", "Ali Hassan", "María Pérez", "John Smith", "Chen Wei", "Anna Berg", "Omar Diaz")


def comments(count: int = 240) -> list[str]:
    """Letters with names before them, own words, changed words, and texts of nobody else."""
    random = Random(37)
    texts = []
    for number in range(count):
        letter = random.choice(LETTERS[:3])
        words = letter.split(" ")
        at = random.randrange(len(words))
        name = f"{random.choice(NAMES)}\n{number} Main Street, Reno, NV"
        texts.append(
            random.choice(
                (
                    letter,
                    f"{name}\n\n{letter}",
                    f"{random.choice(OWN)} {letter}",
                    f"{letter}\n\n{name}",
                    " ".join([*words[:at], "not", *words[at:]]),
                    f"{random.choice(OWN)} {number} of {count}.",
                )
            )
        )
    return texts


class SmallParts:
    """An executor whose calls get copies of their arguments, three texts at a time."""

    chunk: int | None = 3

    def start(self, function: Callable[..., R], *arguments: object) -> StartedCall[R]:
        name, values = pickle.loads(pickle.dumps((function, arguments)))
        return Inline().start(name, *values)


def classified(texts: list[str], executor: Executor) -> list[ClassifiedComment]:
    with Corpus() as corpus:
        numbers = corpus.add(texts)
        grouping = group_texts(corpus)
        names = stable_names(corpus, grouping)
        halves = [
            start_classification(grouping, names, numbers[first:until], texts[first:until], executor=executor)
            for first, until in ((0, 120), (120, len(texts)))
        ]
        return [comment for finish in halves for comment in finish()]


def test_small_parts_classify_as_one_part_does_also_where_senders_put_names() -> None:
    texts = comments()
    whole = classified(texts, Inline())
    assert classified(texts, SmallParts()) == whole
    assert {str(comment.kind) for comment in whole} >= {"exact", "letter", "individual"}
    assert any(line.role == "identifying" for comment in whole for line in comment.lines)


def run(file: Path, out: Path, *options: str) -> tuple[bytes, bytes]:
    statements = out.with_suffix(".statements")
    result = CliRunner().invoke(
        analyse, ["campaigns", str(file), "--out", str(out), "--statements", str(statements), *options]
    )
    assert result.exit_code == 0, result.output
    return out.read_bytes(), statements.read_bytes()


@pytest.mark.process
def test_the_command_writes_the_same_bytes_with_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProcessPool, "chunk", 10)
    file = written(tmp_path / "c.csv", [(f"x{number}", text) for number, text in enumerate(comments())])
    assert run(file, tmp_path / "one.csv") == run(file, tmp_path / "two.csv", "--processes", "2")


@pytest.mark.process
def test_calls_of_a_process_that_was_killed_run_again(tmp_path: Path) -> None:
    with ProcessPool(2) as pool:
        tasks = [pool.start(end_once, str(tmp_path), number) for number in range(6)]
        assert [task.result() for task in tasks] == [0, 1, 4, 9, 16, 25]
    assert (tmp_path / "killed").exists()


@pytest.mark.process
def test_a_pool_whose_processes_always_end_is_given_up() -> None:
    with ProcessPool(1) as pool, pytest.raises(WorkersLost):
        pool.start(end_always).result()


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "tcp://8.8.8.8:8786", "http://127.0.0.1", "tcp://"])
def test_an_address_without_encryption_must_be_private(address: str) -> None:
    with pytest.raises(ClusterRefused):
        require_private(address)


@pytest.mark.parametrize("address", ["tls://8.8.8.8:8786", "tcp://127.0.0.1:8786", "tcp://10.1.2.3:8786"])
def test_an_address_that_is_private_or_encrypted_is_accepted(address: str) -> None:
    require_private(address)


@pytest.mark.process  # the thread of the client that found nobody stays
def test_a_scheduler_that_does_not_answer_ends_the_command_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr(cluster, "_CONNECT", 0.2)
    file = written(tmp_path / "c.csv")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    result = CliRunner().invoke(
        analyse, ["campaigns", str(file), "--out", str(tmp_path / "o.csv"), "--scheduler", address]
    )
    assert (result.exit_code, (tmp_path / "o.csv").exists()) == (1, False)
    assert f"No Dask scheduler answers at {address}." in result.stderr


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[str]:
    """The address of a Dask scheduler with two workers, each a process."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = ["worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(tmp_path)]
    with ExitStack() as stack:
        for command in (scheduler, worker, worker):
            started = stack.enter_context(
                subprocess.Popen([sys.executable, "-m", f"distributed.cli.dask_{command[0]}", *command[1:]], **quiet)  # type: ignore[call-overload]
            )
            stack.callback(started.kill)
        with DaskCluster(address) as connected:
            connected._client.wait_for_workers(2, timeout=60)
        yield address


@pytest.mark.process
def test_a_cluster_writes_the_same_bytes_also_after_a_worker_was_killed(
    dask: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DaskCluster, "chunk", 10)
    file = written(tmp_path / "c.csv", [(f"x{number}", text) for number, text in enumerate(comments())])
    assert run(file, tmp_path / "one.csv") == run(file, tmp_path / "two.csv", "--scheduler", dask)
    with DaskCluster(dask) as connected:
        tasks = [connected.start(end_once, str(tmp_path), number) for number in range(6)]
        assert [task.result() for task in tasks] == [0, 1, 4, 9, 16, 25]
    assert run(file, tmp_path / "one.csv") == run(file, tmp_path / "two.csv", "--scheduler", dask)


@pytest.mark.process
def test_workers_of_another_version_are_refused_and_lost_workers_end_the_run(
    dask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DaskCluster(dask) as connected:
        task = connected.start(end_always)
        monkeypatch.setattr(cluster, "_ABSENT", 0.1)
        with pytest.raises(WorkersLost):
            task.result()
    monkeypatch.setattr(cluster, "_PACKAGES", ())
    with pytest.raises(ClusterRefused):
        DaskCluster(dask)
