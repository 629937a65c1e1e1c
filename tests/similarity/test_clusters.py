"""Cluster scores against scikit-learn and a double loop."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from prh.similarity import cluster_scores


@pytest.mark.parametrize("distance", ["cosine", "euclidean", "cityblock"])
@pytest.mark.parametrize("k", [1, 5, 100])
def test_they_equal_their_definitions(distance, k):
    silhouette_score = pytest.importorskip("sklearn.metrics").silhouette_score
    generator = np.random.default_rng(0)
    labels = np.append(generator.integers(0, 3, 39), 7)
    x = generator.normal(size=(40, 6)) + labels[:, None]
    scores = cluster_scores(x, labels, distance, k)
    assert scores.silhouette == pytest.approx(silhouette_score(x, labels, metric=distance))
    distances = cdist(x, x, distance)
    same = []
    for i in range(40):
        others = sorted((j for j in range(40) if j != i), key=lambda j: distances[i, j])[:k]
        same.append(np.mean([labels[j] == labels[i] for j in others]))
    assert scores.purity == pytest.approx(np.mean(same))


def test_perfect_clusters_score_near_one():
    labels = np.repeat([0, 1, 2], 20)
    x = np.eye(3)[labels] + 1e-3 * np.random.default_rng(0).normal(size=(60, 3))
    scores = cluster_scores(x, labels)
    assert scores.silhouette > 0.99
    assert scores.purity == 1


@pytest.mark.parametrize("labels", [np.zeros(40), np.arange(40)], ids=["all the same", "each its own"])
def test_what_makes_no_classes_is_refused(labels):
    with pytest.raises(ValueError, match="at least two classes"):
        cluster_scores(np.random.default_rng(0).normal(size=(40, 6)), labels)
