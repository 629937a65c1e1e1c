"""Claims about class centroids and class names: intervals over the images that the centroids are means of."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from prh.ground.numbers import interval, number
from prh.inference.centroids import over_images
from prh.inference.means import t_intervals
from prh.inference.score import p_text
from prh.similarity.arrays import Array
from prh.similarity.distances import rdm
from prh.similarity.metric import Metric
from prh.study.claim import FAILS, HOLDS, LEVEL, OPEN, Outcome, Sentence
from prh.study.evidence import Evidence
from prh.study.family import Family, above
from prh.study.said import Said

SAMPLES = 500
ALPHA = 0.05


def sentences(study: Said, e: Evidence) -> list[Sentence]:
    """Returns claim 14's three parts, which a run by cosine distance judges."""
    where = f"{e.names['reference']} × {e.names.get('text', 'no text model')}, class centroids"
    return [
        Sentence(
            "14a",
            f"RSA with the text model is about {study.rsa}",
            where,
            f"holds if the {LEVEL:.0%} interval over images within the classes contains it, does not hold "
            f"if it lies more than {study.tolerance} away; training is not varied",
            lambda: is_about(study, e),
            ("reference", "text"),
        ),
        Sentence(
            "14b",
            "the trend rises",
            where,
            f"one-sided permutation p of the score below {ALPHA}; does not hold above {1 - ALPHA}",
            lambda: rises(e),
            ("reference", "text"),
        ),
        Sentence(
            "14c",
            f"{study.outlier} explains what does not fit",
            where,
            f"leaving it out raises the score, and more than leaving out any other class, simultaneous "
            f"{LEVEL:.0%} intervals over images within the classes",
            lambda: explains(study, e),
            ("reference", "text"),
        ),
    ]


def is_about(study: Said, e: Evidence) -> Outcome:
    """Claim 14a."""
    metric, vision, labels, text = _words(e)
    score = metric.compare(metric.prepare(_centroids(vision, labels)), text)
    words = e.found.read["text"][e.found.read["text"].last]
    spread = over_images(
        metric, vision, words, labels, seed=e.found.asked.seed, level=LEVEL, metric_y=metric.for_text()
    )
    low, high = spread.ci_low, spread.ci_high
    away = max(low - study.rsa, study.rsa - high)
    verdict = HOLDS if away <= 0 else FAILS if away > study.tolerance else OPEN
    return Outcome(verdict, f"{number(score)}, over images within the classes {interval(low, high)}")


def rises(e: Evidence) -> Outcome:
    """Claim 14b."""
    _words(e)
    score = e.found.comparisons[2].grid.last
    if not np.isfinite(score.p):
        return Outcome(OPEN, f"{number(score.value)}, not tested: inference=none")
    verdict = HOLDS if score.p < ALPHA else FAILS if score.p > 1 - ALPHA else OPEN
    return Outcome(verdict, f"{number(score.value)}, p = {p_text(score.p, score.p_se, score.exact)}")


def explains(study: Said, e: Evidence) -> Outcome:
    """Claim 14c."""
    metric, vision, labels, _ = _words(e)
    names = e.found.stimuli.class_names
    if study.outlier not in names:
        raise LookupError(f"this run has no {study.outlier!r}")
    words = e.found.read["text"][e.found.read["text"].last].astype(np.float64)
    gains = _gains(metric, _centroids(vision, labels), words)
    samples = np.array(
        [_gains(metric, c, words) for c in resampled(vision, labels, SAMPLES, e.found.asked.seed)]
    )
    said = names.index(study.outlier)
    contrast = -np.eye(len(names))
    contrast[:, said] += 1
    contrast[said] = np.eye(len(names))[said]
    found = t_intervals(
        contrast @ gains, np.cov(samples @ contrast.T, rowvar=False), len(labels), LEVEL, e.found.asked.seed
    )
    family = Family.of(
        [f"gain of {study.outlier}" + ("" if n == study.outlier else f" less that of {n}") for n in names],
        found,
    )
    most = int(np.argmax(gains))
    return Outcome(
        above(family.least()),
        f"without it {gains[said]:+.3f}, the most without {names[most]}, {gains[most]:+.3f}; "
        f"least {family.least()}; the pair farthest from the trend is {_farthest(e)}",
        family.parts,
    )


def resampled(x: Array, labels: NDArray[np.int64], n: int, seed: int) -> list[Array]:
    """Returns class centroids of bootstrap samples of the images within each class, C×D each."""
    generator = np.random.default_rng(seed)
    rows = [np.flatnonzero(labels == name) for name in np.unique(labels)]
    return [
        np.stack([x[generator.choice(members, len(members))].mean(axis=0) for members in rows])
        for _ in range(n)
    ]


def _gains(metric: Metric, vision: Array, words: Array) -> Array:
    """Returns by how much the score rises when one class is left out, for every class."""
    text = metric.for_text()

    def score(kept: slice | NDArray[np.int64]) -> float:
        return metric.compare(metric.prepare(vision[kept]), text.prepare(words[kept]))

    whole = score(slice(None))
    everyone = np.arange(len(vision))
    return np.array([score(np.delete(everyone, left_out)) - whole for left_out in everyone])


def _farthest(e: Evidence) -> str:
    """Returns the pair of classes that lies farthest from the line of least squares, as figures draw it."""
    vision, text = e.found.read["reference"], e.found.read["text"]
    x, y = rdm(vision[vision.last], e.found.asked.metric.geometry), rdm(text[text.last], "cosine")
    at = int(np.argmax(np.abs(y - np.polyval(np.polyfit(x, y, 1), x))))
    return " – ".join(list(combinations(e.found.stimuli.class_names, 2))[at])


def _centroids(x: Array, labels: NDArray[np.int64]) -> Array:
    return np.stack([x[labels == name].mean(axis=0) for name in np.unique(labels)])


def _words(e: Evidence) -> tuple[Metric, Array, NDArray[np.int64], object]:
    """Returns the metric of centroids, the reference's last layer, all labels, and the class names' state.

    Raises:
        LookupError: The run has read no class names.
    """
    read = e.found.read
    if not read or read["text"].rows != "classes":
        raise LookupError("this run has no names of classes that a text model has read")
    metric: Metric = e.found.asked.metric.for_classes()
    features = e.found.features["reference"]
    text = metric.for_text().prepare(read["text"][read["text"].last])
    return metric, features[features.last].astype(np.float64), e.found.stimuli.labels, text
