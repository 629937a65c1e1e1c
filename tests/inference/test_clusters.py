"""Pseudo-values of cluster scores: their mean is the score, their spread its standard error."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from prh.inference.clusters import cluster_values
from prh.inference.means import mean_intervals
from prh.similarity import cluster_scores

CENTRES = np.random.default_rng(99).normal(size=(4, 8))


def draw(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, n)
    return CENTRES[labels] + 0.9 * rng.normal(size=(n, 8)), labels


def weighted_silhouette(distances, labels, weights, among):
    """Mean silhouette of stimuli that count ``weights`` times, by double loops."""
    total, values = 0.0, 0.0
    for i in np.flatnonzero(among):
        means = {}
        for label in set(labels):
            members = [j for j in range(len(labels)) if labels[j] == label and j != i]
            means[label] = np.average(distances[i, members], weights=weights[members])
        own = means.pop(labels[i])
        other = min(means.values())
        values += weights[i] * (other - own) / max(own, other)
        total += weights[i]
    return values / total


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_means_are_the_scores(distance):
    silhouette_score = pytest.importorskip("sklearn.metrics").silhouette_score
    x, labels = draw(80, 0)
    found, expected = cluster_values(x, labels, distance), cluster_scores(x, labels, distance)
    assert found.silhouette.mean() == pytest.approx(silhouette_score(x, labels, metric=distance))
    assert found.purity.mean() == pytest.approx(expected.purity)


@pytest.mark.parametrize("part", [False, True])
def test_influence_is_the_derivative_by_a_stimulus_weight(part):
    x, labels = draw(30, 1)
    among = np.isin(labels, [0, 2]) if part else np.ones(30, bool)
    distances = squareform(pdist(x))
    values = cluster_values(x, labels, "euclidean", among=among).silhouette
    score = weighted_silhouette(distances, labels, np.ones(30), among)
    assert values.mean() == pytest.approx(score)
    for j in (0, 7, 20):
        heavier, lighter = np.ones(30), np.ones(30)
        heavier[j] += 1e-4
        lighter[j] -= 1e-4
        up, down = (weighted_silhouette(distances, labels, w, among) for w in (heavier, lighter))
        assert values[j] - score == pytest.approx(30 * (up - down) / 2e-4, rel=1e-3, abs=1e-5)


def test_intervals_cover_where_those_of_single_stimuli_do_not():
    drawn = []
    for seed in range(150):
        x, labels = draw(150, seed)
        blurred = x + 0.6 * np.random.default_rng(1000 + seed).normal(size=x.shape)
        a, b = cluster_values(x, labels), cluster_values(blurred, labels)
        drawn.append(
            mean_intervals(
                np.column_stack([a.silhouette, a.purity, a.silhouette - b.silhouette, a.purity - b.purity])
            )
        )
    target = np.mean([found.value for found in drawn], axis=0)
    covered = np.mean([(f.ci_low <= target) & (target <= f.ci_high) for f in drawn], axis=0)
    ratio = np.mean([f.se for f in drawn], axis=0) / np.std([f.value for f in drawn], axis=0)
    assert (covered >= 0.91).all(), covered
    assert ((ratio > 0.88) & (ratio < 1.45)).all(), ratio


@pytest.mark.parametrize(
    ("labels", "among", "words"),
    [
        (np.zeros(10, int), None, "at least two classes"),
        (np.array([0] * 9 + [1]), None, "at least two stimuli each"),
        (np.arange(10) % 2, np.zeros(10, bool), "no stimulus"),
    ],
)
def test_what_does_not_cluster_is_refused(labels, among, words):
    with pytest.raises(ValueError, match=words):
        cluster_values(draw(10, 0)[0], labels, among=among)
