"""Executors that run parts of an analysis: this process, other processes, or a Dask cluster. The results are the same.

Example::

    with ProcessPool(4) as executor:
        task = executor.start(function, argument)
        task.result()
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, Generic, Protocol, Self, TypeVar

CHUNK = 1_500
"""The number of texts in a task for another process: about 0.3 s of CPU, so sending them costs little beside it."""
_REBUILDS = 3
R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")


class WorkersLost(Exception):
    """The processes that compute ended, and could not be replaced. The message is one sentence for an operator."""


class StartedCall(Protocol[R_co]):
    """A call that was started."""

    def result(self) -> R_co:
        """Wait for the call and return its result. An exception of the call is raised here."""
        ...


class Executor(Protocol):
    """The interface for starting calls. `chunk` is the number of texts for one call, or None for all in one."""

    chunk: int | None

    def start(self, function: Callable[..., R], *arguments: object) -> StartedCall[R]:
        """Start a call. Unless `chunk` is None, it gets copies of the arguments, which must be picklable."""
        ...


class Inline:
    """An executor that runs each call immediately in this process."""

    chunk: int | None = None

    def start(self, function: Callable[..., R], *arguments: object) -> StartedCall[R]:
        """Run the call and return its result as a task."""
        return _FinishedCall(function(*arguments))


class _FinishedCall(Generic[R]):
    def __init__(self, result: R) -> None:
        self._result = result

    def result(self) -> R:
        return self._result


class ProcessPool:
    """An executor on `processes` other processes of this machine.

    If one of them dies, the pool is built again, three times at most, and the calls without a result run again.
    """

    chunk: int | None = CHUNK

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._built = 0
        self._pool = self._build()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def start(self, function: Callable[..., R], *arguments: object) -> StartedCall[R]:
        """Start the call in the next free process."""
        return _PoolCall(self, function, arguments)

    def submit(self, function: Callable[..., R], arguments: tuple[object, ...]) -> tuple[int, Future[R]]:
        """Submit a call. Return the number of the pool that has it, from 1, and its future."""
        try:
            return self._built, self._pool.submit(function, *arguments)
        except BrokenProcessPool:
            self.rebuild(self._built)
            return self._built, self._pool.submit(function, *arguments)

    def rebuild(self, broken: int) -> None:
        """Replace the pool with this number unless that has happened. Raises WorkersLost after three times."""
        if broken < self._built:
            return
        if self._built > _REBUILDS:
            raise WorkersLost("Processes of the analysis ended several times, perhaps for lack of memory.")
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._build()

    def _build(self) -> ProcessPoolExecutor:
        self._built += 1
        context = get_context("spawn")  # a fork would inherit the threads of numpy
        return ProcessPoolExecutor(self._processes, mp_context=context, initializer=_prepare_process)


class _PoolCall(Generic[R]):
    def __init__(self, pool: ProcessPool, function: Callable[..., R], arguments: tuple[object, ...]) -> None:
        self._pool = pool
        self._call: Callable[[], tuple[int, Future[R]]] = lambda: pool.submit(function, arguments)
        self._number, self._future = self._call()

    def result(self) -> R:
        while True:
            try:
                return self._future.result()
            except BrokenProcessPool:
                self._pool.rebuild(self._number)
                self._number, self._future = self._call()


def _prepare_process() -> None:
    """Prepare a process of the pool: ignore Ctrl-C, end with the parent, and turn off garbage collection of cycles."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    parent: Any = parent_process()
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
