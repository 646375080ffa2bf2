"""Learning of topics and types from few labels, with calibrated confidence and a quality score.

Pure functions. Kernel logistic regression on the vectors of statements, all classes at once. Confidence and score are
calibrated on held-out statements in five folds, which are assigned by hash and so deterministic. Source: Platt,
Probabilistic outputs for support vector machines, 1999.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consult.arguments.jobs.vectors import Floats

RULE = 2
MIN_LABELS = 8
"""The minimum number of labels for suggestions. At least three must be positive and three negative."""
MAX_LABELS = 1_000
"""The maximum number of labels to learn from. The cost grows with their square."""
_SIDES = 3
_PARTS = 5
_FREEDOM = 30.0
_STEPS = 200
_LIKE = 0.25
"""The minimum similarity of the nearest labelled statement for full confidence."""
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class LearnedThemes:
    """The confidence of each class for each requested statement, and its F1 score on held-out labels."""

    sure: Floats  # statements × classes, calibrated
    scores: tuple[float | None, ...]  # F1; None if there are too few labels


def learn_from_labels(known: Floats, labels: Bools, asked: Floats, order: Sequence[bytes]) -> LearnedThemes:
    """Predict the classes of other statements from labels (statements × classes). `order` assigns the folds.

    >>> rows = np.eye(2, dtype=np.float32)[[0, 1] * 10]
    >>> found = learn_from_labels(rows, rows == 1, rows[:2], [bytes([n]) for n in range(20)])
    >>> [round(float(one), 1) for one in found.sure[:, 0]], found.scores
    ([0.9, 0.1], (1.0, 1.0))
    """
    kernel = known @ known.T
    ranked = sorted(range(len(order)), key=lambda number: order[number])
    part = np.empty(len(order), dtype=np.int64)
    part[ranked] = np.arange(len(order)) % _PARTS
    unseen = np.zeros(labels.shape)
    for number in range(_PARTS):
        rest = part != number
        unseen[~rest] = kernel[np.ix_(~rest, rest)] @ _fit(kernel[np.ix_(rest, rest)], labels[rest])
    scale = [_calibrate(unseen[:, column], labels[:, column]) for column in range(labels.shape[1])]
    alike = asked @ known.T
    raw = alike @ _fit(kernel, labels)
    sure = np.stack([_sigmoid(a * raw[:, n] + b) for n, (a, b) in enumerate(scale)], axis=1)
    share, trust = labels.mean(axis=0), np.clip(alike.max(axis=1, keepdims=True) / _LIKE, 0, 1)
    sure = share + (sure - share) * trust  # for statements unlike any labelled one, only the share is known
    scores = tuple(_score(_sigmoid(a * unseen[:, n] + b), labels[:, n]) for n, (a, b) in enumerate(scale))
    return LearnedThemes(sure.astype(np.float32), scores)


def has_enough_labels(labels: Sequence[bool]) -> bool:
    """Return True if there are enough labels to learn from."""
    return len(labels) >= MIN_LABELS and min(sum(labels), len(labels) - sum(labels)) >= _SIDES


def _fit(kernel: Floats, labels: Bools) -> NDArray[np.float64]:
    """Return the weights of the known statements, by accelerated gradient steps in function space."""
    size = max(1, len(kernel))
    truth = labels.astype(np.float64)
    share = np.clip(truth.mean(axis=0), 1 / size, 1 - 1 / size)
    weight = np.where(labels, 0.5 / share, 0.5 / (1 - share))
    loose = 1 / (_FREEDOM * size)
    pace = 1 / (loose + weight.max() / 4)
    found = ahead = np.zeros(labels.shape)
    for step in range(_STEPS):
        wrong = weight * (_sigmoid(kernel @ ahead) - truth) / size
        fresh = ahead - pace * (loose * ahead + wrong)
        ahead = fresh + step / (step + 3) * (fresh - found)
        found = fresh
    return found


def _calibrate(raw: NDArray[np.float64], labels: Bools) -> tuple[float, float]:
    """Return scale and offset that turn a raw value into a probability, by Newton's method on smoothed labels."""
    spread = float(raw.std()) or 1.0
    value = raw / spread
    yes, no = int(labels.sum()), int((~labels).sum())
    truth = np.where(labels, (yes + 1) / (yes + 2), 1 / (no + 2))
    design = np.stack([value, np.ones(len(value))], axis=1)
    found = np.array([1.0, np.log((yes + 1) / (no + 1))])
    for _step in range(30):
        guess = _sigmoid(design @ found)
        bend = (design * (guess * (1 - guess))[:, None]).T @ design + 1e-3 * np.eye(2)
        found = found - np.linalg.solve(bend, design.T @ (guess - truth) + 1e-3 * np.array([found[0], 0.0]))
    return max(0.0, float(found[0])) / spread, float(found[1])


def _score(sure: NDArray[np.float64], labels: Bools) -> float | None:
    """Return the F1 score at a confidence of 0.5, or None if there are too few labels."""
    if not has_enough_labels(labels.tolist()):
        return None
    said = sure >= 0.5
    both = int((said & labels).sum())
    return round(2 * both / max(1, int(said.sum()) + int(labels.sum())), 3)


def _sigmoid(value: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(value, -30, 30)))
    return found
