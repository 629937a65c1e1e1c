"""Class centroids."""

import numpy as np
import pytest

from prh.features import Features


def test_centroids_are_the_means_of_their_classes():
    generator = np.random.default_rng(0)
    labels = np.array([0, 2, 1, 0, 2, 2, 1])
    matrices = {"a": generator.normal(size=(7, 4)).astype(np.float32), "b": np.ones((7, 2), np.float32)}
    centroids = Features("net", matrices).by_class(labels, 3)
    for label in range(3):
        expected = matrices["a"][labels == label].mean(axis=0)
        np.testing.assert_allclose(centroids["a"][label], expected, rtol=1e-6)
    assert (list(centroids), centroids.rows, centroids.last) == (["a", "b"], "classes", "b")


def test_a_class_without_stimuli_has_no_centroid():
    features = Features("net", {"a": np.ones((3, 2), np.float32)})
    with pytest.raises(ValueError, match=r"class \[1, 3\]"):
        features.by_class(np.array([0, 2, 2]), 4)
    with pytest.raises(ValueError, match="one row per class already"):
        features.by_class(np.array([0, 1, 1]), 2).by_class(np.array([0, 1]), 2)
