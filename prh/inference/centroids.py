"""Intervals for scores of class centroids: over their images, over classes, over both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from prh.inference.bootstrap import bootstrap_counts
from prh.inference.null import CHUNK
from prh.similarity.arrays import Array, DegenerateFeatures, as_matrix
from prh.similarity.metric import Metric
from prh.similarity.rdm_state import RDMState

FEWEST_IMAGES = 2
"""The spread of one image around its own mean is nothing."""


@dataclass(frozen=True)
class Spread:
    """The uncertainty of one score.

    Attributes:
        se: Standard error, in units of the score; NaN where a class has one image alone.
        ci_low: Lower end of the interval.
        ci_high: Upper end.
    """

    se: float
    ci_low: float
    ci_high: float


UNKNOWN = Spread(float("nan"), float("nan"), float("nan"))


def over_images(
    metric: Metric,
    x: Any,
    y: Any,
    labels: Any,
    n: int = 500,
    seed: int = 0,
    level: float = 0.95,
    metric_y: Metric | None = None,
) -> Spread:
    """Returns where the score of these classes might have been with other images of them.

    Images are drawn with replacement within each class, and centroids computed, prepared and compared
    anew. Centroids of drawn images are noisier than the centroids they are drawn around, so samples lie
    below the score; their standard deviation is right, and the interval is Student's around the score, its
    degrees of freedom those of the smallest class.

    Args:
        metric: How centroids are compared; for few classes ``metric.for_classes()``.
        x: N×D features, one row per image.
        y: C×D' features, one row per class in the order of the sorted labels, which stay as they are; or
            N×D' features of the same images, drawn alike.
        labels: The class of each image, N integers.
        n: Number of samples.
        seed: Of the samples.
        level: Coverage, in (0, 1).
        metric_y: Prepares ``y`` where its metric is another, e.g. ``metric.for_text()``.

    Raises:
        ValueError: As the metric's ``prepare``; rows are not paired; ``level`` outside (0, 1).
    """
    pair = _Centroids.of(metric, x, y, labels, metric_y)
    _check(level)
    if min(map(len, pair.members)) < FEWEST_IMAGES:
        return UNKNOWN
    value, se = pair.score(), float(np.nanstd(pair.image_samples(n, seed), ddof=1))
    freedom = min(map(len, pair.members)) - 1
    return _student(value, se, freedom, level, metric.maximum)


def over_both(
    metric: Metric,
    x: Any,
    y: Any,
    labels: Any,
    n: int = 500,
    seed: int = 0,
    level: float = 0.95,
    metric_y: Metric | None = None,
) -> Spread:
    """Returns where the score might have been with other classes and other images of them.

    A bootstrap that draws classes and images at once counts the noise of the images three times: as part
    of the centroids, as drawn images, and as drawn images in drawn classes. Schütt et al. (2023) combine
    it with the bootstraps of each alone, σ² = 2(σ²_images + σ²_classes) − σ²_both, not less than the
    larger of the two nor more than σ²_both. The interval is Student's, with C − 1 degrees of freedom.

    Arguments and errors as :func:`over_images`.
    """
    pair = _Centroids.of(metric, x, y, labels, metric_y)
    _check(level)
    if min(map(len, pair.members)) < FEWEST_IMAGES:
        return UNKNOWN
    images, classes, both = (
        float(np.nanvar(samples, ddof=1))
        for samples in (pair.image_samples(n, seed), pair.class_samples(n, seed), pair.both_samples(n, seed))
    )
    variance = two_factor_variance(images, classes, both)
    return _student(pair.score(), variance**0.5, len(pair.members) - 1, level, metric.maximum)


def two_factor_variance(first: float, second: float, both: float) -> float:
    """Returns the variance over two factors from bootstraps of each and of both (Schütt et al. 2023)."""
    return float(min(max(2 * (first + second) - both, first, second), max(both, first, second)))


def _student(value: float, se: float, freedom: int, level: float, maximum: float) -> Spread:
    half = float(t.ppf((1 + level) / 2, freedom)) * se
    return Spread(se, value - half, min(value + half, maximum))


def _check(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")


@dataclass(frozen=True)
class _Centroids:
    """Two representations of the same classes, at least one of them by the mean of its images."""

    metric: Metric
    metric_y: Metric
    x: Array
    y: Array
    members: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, metric: Metric, x: Any, y: Any, labels: Any, metric_y: Metric | None) -> _Centroids:
        left, right, classes = as_matrix(x, "x"), as_matrix(y, "y"), np.asarray(labels)
        if classes.shape != (len(left),):
            raise ValueError(f"labels must be one for each of the {len(left)} rows of x")
        members = tuple(np.flatnonzero(classes == name) for name in np.unique(classes))
        if len(right) not in (len(left), len(members)):
            raise ValueError(
                f"y must have one row for each of the {len(left)} images or {len(members)} classes, "
                f"not {len(right)}"
            )
        return cls(metric, metric_y or metric, left, right, members)

    def score(self) -> float:
        """Returns the observed score."""
        return self.metric.compare(*self.states())

    def states(self) -> tuple[Any, Any]:
        """Returns the states of both sides' centroids."""
        x, y = (
            z if len(z) == len(self.members) else np.stack([z[rows].mean(axis=0) for rows in self.members])
            for z in (self.x, self.y)
        )
        return self.metric.prepare(x, "x"), self.metric_y.prepare(y, "y")

    def drawn(self, n: int, seed: int) -> Iterator[tuple[Any, Any]]:
        """Yields n times the states of the centroids of drawn images."""
        generator = np.random.default_rng(seed)
        for start in range(0, n, CHUNK):
            size = min(CHUNK, n - start)
            weights = [_weights(len(rows), size, generator) for rows in self.members]
            left, right = (
                [z] * size
                if len(z) == len(self.members)
                else np.stack([w @ z[rows] for w, rows in zip(weights, self.members, strict=True)], axis=1)
                for z in (self.x, self.y)
            )
            for x, y in zip(left, right, strict=True):
                yield self.metric.prepare(x, "x"), self.metric_y.prepare(y, "y")

    def image_samples(self, n: int, seed: int) -> Array:
        """Returns n scores with images drawn anew."""
        return np.array([self.metric.compare(a, b) for a, b in self.drawn(n, seed)])

    def class_samples(self, n: int, seed: int) -> Array:
        """Returns n scores with classes drawn anew, their centroids as they are."""
        a, b = self.states()
        scores: Array = self.metric.resampled([a], [b], bootstrap_counts(len(self.members), n, seed))[:, 0, 0]
        return scores

    def both_samples(self, n: int, seed: int) -> Array:
        """Returns n scores with classes and images drawn anew; copies of a class share its images."""
        counts = bootstrap_counts(len(self.members), n, seed)
        return np.array(
            [
                _of_sample(self.metric, a, b, count)
                for (a, b), count in zip(self.drawn(n, seed), counts, strict=True)
            ]
        )


def _of_sample(metric: Metric, a: Any, b: Any, counts: NDArray[np.int64]) -> float:
    """Returns the score of one bootstrap sample; for so few rows of an RDM, threads are not worth waking."""
    if not isinstance(a, RDMState):
        return float(metric.resampled([a], [b], counts[None])[0, 0, 0])
    try:
        return metric.compare(a.resample(counts), b.resample(counts))
    except DegenerateFeatures:
        return float("nan")


def _weights(images: int, n: int, generator: np.random.Generator) -> Array:
    """Returns what images weigh in n centroids of drawn ones, n×images; these spread as new images would."""
    drawn = generator.multinomial(images, np.full(images, 1 / images), size=n) / images
    weights: Array = 1 / images + (drawn - 1 / images) * np.sqrt(images / (images - 1))
    return weights
