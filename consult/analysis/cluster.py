"""Executor that runs parts of an analysis on a Dask cluster. Needs the extra `cluster`; nothing else imports Dask."""

from __future__ import annotations

import pickle
import platform
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.metadata import version
from ipaddress import ip_address
from typing import Any, Generic, Self, TypeVar, cast
from urllib.parse import urlsplit

from consult.analysis.parallel import CHUNK, Executor, Inline, ProcessPool, StartedCall, WorkersLost

_CONNECT = 10.0
"""Seconds to wait for the scheduler, and for the first worker."""
_ABSENT = 60.0
"""Seconds without any worker after which a run ends."""
_LOOK = 2.0
_PACKAGES = ("consult", "numpy", "rapidfuzz", "distributed")
R = TypeVar("R")


class ClusterRefused(WorkersLost):
    """The cluster cannot be used. The message is one sentence for an operator."""


def open_executor(processes: int, scheduler: str | None) -> AbstractContextManager[Executor]:
    """Return a context manager whose value runs calls: a cluster, a pool of processes, or this process if one is
    enough."""
    if scheduler:
        return DaskCluster(scheduler)
    return ProcessPool(processes) if processes > 1 else nullcontext(Inline())


class DaskCluster:
    """An executor on the workers of a Dask scheduler.

    Calls of a worker that ends run again on the others. Raises ClusterRefused if the scheduler does not answer, has no
    workers, or one of them differs in a version that can change results.
    """

    chunk: int | None = CHUNK

    def __init__(self, address: str) -> None:
        require_private(address)
        try:
            distributed: Any = import_module("distributed")
        except ImportError as error:
            raise ClusterRefused("Dask is not installed. Run: pip install 'consult[cluster]'") from error
        self._timed_out, self._killed = distributed.TimeoutError, distributed.scheduler.KilledWorker
        try:
            self._client = distributed.Client(address, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterRefused(f"No Dask scheduler answers at {address}.") from error
        try:
            self._check_workers()
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def start(self, function: Callable[..., R], *arguments: object) -> StartedCall[R]:
        """Start the call on a worker."""
        # The arguments travel as bytes, because Dask reads meanings into lists and strings.
        future = self._client.submit(_run, pickle.dumps((function, arguments)), _list_versions(), pure=False)
        return _ClusterCall(self, future)

    def fetch(self, future: Any) -> tuple[bool, Any]:
        """Return (True, result) of a call, or (False, None) if it takes longer than two seconds.

        Raises WorkersLost if the call ends its workers.
        """
        try:
            return True, future.result(timeout=_LOOK)
        except self._timed_out:
            return False, None
        except self._killed as error:
            raise WorkersLost("Workers of the cluster ended several times, perhaps for lack of memory.") from error

    def has_workers(self) -> bool:
        """Return True if the scheduler has workers now."""
        return bool(self._client.scheduler_info(n_workers=-1)["workers"])

    def _check_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_CONNECT)
        except self._timed_out as error:
            raise ClusterRefused("The Dask scheduler has no workers.") from error
        try:
            by_worker = self._client.run(_list_versions)
        except ImportError as error:
            raise ClusterRefused("Consult is not installed on a worker of the Dask scheduler.") from error
        for worker, versions in sorted(by_worker.items()):
            _require_same(versions, f"The worker {worker}")


class _ClusterCall(Generic[R]):
    def __init__(self, cluster: DaskCluster, future: Any) -> None:
        self._cluster, self._future = cluster, future

    def result(self) -> R:
        present = time.monotonic()
        while True:
            done, result = self._cluster.fetch(self._future)
            if done:
                return cast(R, result)
            if self._cluster.has_workers():
                present = time.monotonic()
            elif time.monotonic() - present > _ABSENT:
                raise WorkersLost("All workers of the Dask scheduler ended.")


def require_private(address: str) -> None:
    """Raise ClusterRefused unless a scheduler's address encrypts (`tls:`) or is private, because comments go there."""
    parts = urlsplit(address)
    if parts.scheme == "tls":
        return
    if parts.scheme != "tcp" or not parts.hostname:
        raise ClusterRefused("A scheduler has an address such as tls://10.0.0.5:8786.")
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, None)}
    except OSError as error:
        raise ClusterRefused(f"The name {parts.hostname} has no address.") from error
    if not all(ip_address(each.partition("%")[0]).is_private for each in addresses):
        raise ClusterRefused(f"{parts.hostname} is not a private address. Use tls://, which encrypts comments.")


def _run(call: bytes, versions: dict[str, str]) -> object:
    """Run a call on a worker. Refuse if the worker, which may have come later, differs from the coordinator."""
    _require_same(versions, "A worker")
    function, arguments = pickle.loads(call)  # noqa: S301 - from the coordinator, which Dask trusts with code
    return function(*arguments)


def _list_versions() -> dict[str, str]:
    return {"Python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def _require_same(versions: dict[str, str], worker: str) -> None:
    for name, own in _list_versions().items():
        if versions[name] != own:
            raise ClusterRefused(f"{worker} differs in {name}: {versions[name]}, not {own}.")
