"""What two representations share beyond what explains both: pixels, classes, an untrained network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.compare import compare_scores
from prh.similarity.arrays import Array, as_matrix
from prh.similarity.distances import as_square
from prh.similarity.kernels.cka import CKA
from prh.similarity.metric import Metric
from prh.similarity.rdms.rsa import RSA
from prh.similarity.rdms.state import RDMState
from prh.similarity.states import check_paired

MOST_STIMULI = 2000
"""From so many stimuli the standard error is taken at most; that of more follows from their number."""


@dataclass(frozen=True)
class Beyond:
    """A score from which controls are taken out.

    Attributes:
        value: The partial score in [−1, 1], or the difference to the control's score; NaN where the
            controls leave nothing of one side.
        ci_low: Lower end of its interval over stimuli.
        ci_high: Upper end.
    """

    value: float
    ci_low: float
    ci_high: float


def has_partial(metric: Metric) -> bool:
    """Returns whether the metric correlates over pairs of stimuli, so that controls can be regressed out."""
    return isinstance(metric, CKA) or (
        isinstance(metric, RSA) and metric.compare_by in ("spearman", "pearson")
    )


def beyond(
    metric: Metric,
    x: Any,
    y: Any,
    controls: Sequence[Any],
    level: float = 0.95,
    seed: int = 0,
    metric_y: Metric | None = None,
    groups: NDArray[np.int64] | None = None,
) -> Beyond:
    """Returns how alike two representations are beyond what controls explain.

    RSA and CKA are correlations over pairs of stimuli, of distances, their ranks or centred kernels. There
    the same of the controls is regressed out of both sides and the rest correlated (Cui et al. 2022;
    unbiased, the partial distance correlation of Székely & Rizzo 2014). The interval is normal around the
    score, its error from the influence of each stimulus.

    For other metrics it is score(x, y) − score(control, y) with its paired interval, for one control.

    Args:
        metric: How representations are compared.
        x: N×D features.
        y: N×D' features, rows paired with ``x``.
        controls: N×D'' features each, at least one; for classes see :func:`class_features`.
        level: Coverage of the interval.
        seed: Of the stimuli of which the error is taken, where they are many, and of the paired interval.
        metric_y: Prepares ``y`` where its metric is another, e.g. ``metric.for_text()``.
        groups: N; stimuli of one number are not independent.

    Raises:
        ValueError: No controls, or several where the metric has differences alone; rows are not paired; as
            the metric's ``prepare``.
    """
    from scipy.special import ndtri

    if not controls or (len(controls) > 1 and not has_partial(metric)):
        raise ValueError(f"{metric.name} is compared with one control at a time, not {len(controls)}")
    matrices = [metric.matrix(x, "x"), (metric_y or metric).matrix(y, "y")]
    matrices += [as_matrix(z, f"control {index + 1}") for index, z in enumerate(controls)]
    plain, plain_y = (replace(each, outliers=None) for each in (metric, metric_y or metric))
    if not has_partial(metric):
        found = compare_scores(plain, matrices[0], matrices[2], matrices[1], level, groups, seed)
        return Beyond(found.value, found.ci_low, found.ci_high)
    states = _states(plain, plain_y, matrices)
    value, n = partial_score(plain, states), states[0].n
    labels = np.arange(n) if groups is None else groups
    if n > MOST_STIMULI:
        some = np.random.default_rng(seed).choice(n, MOST_STIMULI, replace=False)
        states, labels = _states(plain, plain_y, [matrix[some] for matrix in matrices]), labels[some]
    error = partial_error(plain, states, labels) * (states[0].n / n) ** 0.5
    spread = float(ndtri((1 + level) / 2)) * error
    return Beyond(value, value - spread, value + spread)


def _states(metric: Metric, metric_y: Metric, matrices: Sequence[Array]) -> list[Any]:
    x, y, *controls = matrices
    states = [metric.prepare(x, "x"), metric_y.prepare(y, "y")]
    states += [metric.prepare(z, f"control {index + 1}") for index, z in enumerate(controls)]
    for state in states:
        check_paired(states[0], state)
    return states


def class_features(metric: Metric, labels: Any, seed: int = 0) -> Array:
    """Returns features that know the class of a stimulus and nothing else, N×C.

    All stimuli of a class are one point. Metrics that look for neighbours would take equally near ones in
    the order of the rows; for them a little noise puts each class in random order.

    Args:
        metric: What the features are for.
        labels: The class of each stimulus, N integers.
        seed: Of the noise.
    """
    _, classes = np.unique(np.asarray(labels), return_inverse=True)
    features: Array = np.eye(int(classes.max()) + 1)[classes]
    if not has_partial(metric):
        features += 1e-3 * np.random.default_rng(seed).normal(size=features.shape)
    return features


def partial_score(metric: Metric, states: Sequence[Any]) -> float:
    """Returns the partial correlation of two representations' distances or kernels; see :func:`beyond`.

    It follows from the scores of all pairs of representations, so that any number of stimuli will do.

    Args:
        metric: The RSA or CKA that prepared the states.
        states: Of the two representations, then of the controls.
    """
    return partial_correlation(np.array([[metric.compare(a, b) for b in states] for a in states]))


def partial_correlation(correlations: Array) -> float:
    """Returns the correlation of the first two variables given all others.

    Args:
        correlations: V×V between all variables.

    Returns:
        In [−1, 1]; NaN where the others leave nothing of the first or the second.
    """
    others = np.linalg.pinv(correlations[2:, 2:], hermitian=True)
    rest = correlations[:2, :2] - correlations[:2, 2:] @ others @ correlations[2:, :2]
    if min(rest[0, 0], rest[1, 1]) <= 1e-9:
        return float("nan")
    return float(np.clip(rest[0, 1] / np.sqrt(rest[0, 0] * rest[1, 1]), -1.0, 1.0))


def partial_error(metric: Metric, states: Sequence[Any], groups: NDArray[np.int64] | None = None) -> float:
    """Returns the standard error over stimuli of :func:`partial_score`, from each stimulus' influence.

    A pair of stimuli moves the score by its product of residuals, and where distances are ranked by the
    ranks of all larger distances. The sum over a stimulus' pairs is its influence (the jackknife to first
    order); the variance of single pairs, which these sums count twice, is taken off once.

    Args:
        metric: The RSA (Spearman or Pearson) or CKA that prepared the states.
        states: Of the two representations, then of the controls; their pairs of stimuli fit the memory.
        groups: N; what stimuli of one number contribute is summed before it is squared.

    Returns:
        In units of the score; NaN where the controls leave nothing of one side.
    """
    vectors = [_over_pairs(state) for state in states]
    targets, controls = np.stack(vectors[:2]), np.stack(vectors[2:])
    weights = targets @ controls.T @ np.linalg.pinv(controls @ controls.T, hermitian=True)
    rest = targets - weights @ controls
    lengths = np.linalg.norm(rest, axis=1, keepdims=True)
    if lengths.min() <= 1e-4 * np.linalg.norm(targets, axis=1).min():
        return float("nan")
    u, v = rest / lengths
    r = float(u @ v)
    influence = u * v - r / 2 * (u**2 + v**2)
    if isinstance(metric, RSA) and metric.compare_by == "spearman":
        slopes = np.stack([v - r * u, u - r * v]) / lengths
        slopes = np.concatenate([slopes, -weights.T @ slopes])
        for vector, slope in zip(vectors, slopes, strict=True):
            influence += _of_ranks(vector, slope)
    by_stimulus = as_square(influence).sum(axis=1)
    if groups is not None:
        by_stimulus = np.bincount(np.unique(groups, return_inverse=True)[1], weights=by_stimulus)
    twice, once = float(by_stimulus @ by_stimulus), float(influence @ influence)
    return float(np.sqrt(max(twice - once, twice / 2)))


def _over_pairs(state: Any) -> Array:
    """Returns a state's centred distances, ranks or kernel over all pairs of stimuli."""
    if isinstance(state, RDMState):
        return state.vector.astype(float)
    square = state.square()
    pairs: Array = square[np.triu_indices(len(square), k=1)].astype(float)
    return pairs


def _of_ranks(ranks: Array, slope: Array) -> Array:
    """Returns how each distance moves the score through the ranks of those that it does not exceed.

    Args:
        ranks: Centred and scaled ranks of M distances.
        slope: How much the score changes with each of them, M.
    """
    order = np.argsort(ranks)
    from_here = np.append(np.cumsum(slope[order][::-1])[::-1], 0.0)
    ends = np.append(np.flatnonzero(np.diff(ranks[order])) + 1, len(ranks))
    starts = np.append(0, ends[:-1])
    shares = (starts + ends) / (2 * len(ranks))
    scale = np.sqrt((ends - starts) @ (shares - 0.5) ** 2) * len(ranks)
    moved = np.empty(len(ranks))
    moved[order] = np.repeat((from_here[starts] + from_here[ends]) / (2 * scale), ends - starts)
    result: Array = moved - moved.mean()
    return result
