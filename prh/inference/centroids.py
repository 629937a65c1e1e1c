"""Intervals for scores of class centroids: over their images, over classes, over both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prh.inference.uncertainty import ends, influences, student
from prh.similarity.arrays import Array, as_matrix
from prh.similarity.metric import Metric

FEWEST_IMAGES = 2
"""The spread of one image around its own mean is nothing."""
AT_ONCE = 50
"""Samples of images at a time. Which are drawn depends on it."""
CLASS_DRAWS = 40
"""Samples of images for which classes are left out in turn."""


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
    return _student(metric, value, se, freedom, level, len(pair.x))


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

    Resampling classes and images at once counts the noise of the images three times: as part of the
    centroids, as drawn images, and as drawn images in other classes. Schütt et al. (2023) combine it with
    what each alone gives, σ² = 2(σ²_images + σ²_classes) − σ²_both, not less than the larger of the two nor
    more than σ²_both. Images are drawn with replacement, classes left out
    (:func:`prh.inference.uncertainty.influences`). The interval is that of the metric, with C − 1 degrees
    of freedom.

    Arguments and errors as :func:`over_images`.
    """
    pair = _Centroids.of(metric, x, y, labels, metric_y)
    _check(level)
    if min(map(len, pair.members)) < FEWEST_IMAGES:
        return UNKNOWN
    images, classes = (
        float(np.nanvar(pair.image_samples(n, seed), ddof=1)),
        pair.class_variance(*pair.states()),
    )
    drawn = [pair.class_variance(a, b) for a, b in pair.drawn(min(n, CLASS_DRAWS), seed)]
    variance = two_factor_variance(images, classes, images + float(np.nanmean(drawn)))
    return _student(pair.metric, pair.score(), variance**0.5, len(pair.members) - 1, level, len(pair.members))


def two_factor_variance(first: float, second: float, both: float) -> float:
    """Returns the variance over two factors from bootstraps of each and of both (Schütt et al. 2023)."""
    return float(min(max(2 * (first + second) - both, first, second), max(both, first, second)))


def _student(metric: Metric, value: float, se: float, freedom: int, level: float, n: int) -> Spread:
    low, high = ends(metric, np.array(value), np.array(se), student(freedom, level), n)
    return Spread(se, float(low), float(high))


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
        for start in range(0, n, AT_ONCE):
            size = min(AT_ONCE, n - start)
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

    def class_variance(self, a: Any, b: Any) -> float:
        """Returns the variance of the score over classes, their centroids as they are."""
        return float(influences(self.metric, [a], [b]).se[0, 0]) ** 2


def _weights(images: int, n: int, generator: np.random.Generator) -> Array:
    """Returns what images weigh in n centroids of drawn ones, n×images; these spread as new images would."""
    drawn = generator.multinomial(images, np.full(images, 1 / images), size=n) / images
    weights: Array = 1 / images + (drawn - 1 / images) * np.sqrt(images / (images - 1))
    return weights
