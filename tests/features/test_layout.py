"""UMAP is repeatable, aligned from layer to layer, and copes with odd layers."""

from dataclasses import replace

import numpy as np
import pytest

from prh.features import Features, FeatureStore
from prh.features.layout import Umap, evenly_spaced, umap_layouts
from prh.ground.progress import Silent

HOW = Umap(layers=24, points=60, neighbors=10, min_dist=0.1, seed=0)


@pytest.fixture(scope="module")
def features():
    generator = np.random.default_rng(0)
    x = (generator.normal(size=(80, 5)) + 6 * np.eye(5)[np.arange(80) % 3]).astype(np.float32)
    deeper = (x @ np.linalg.qr(generator.normal(size=(5, 5)))[0]).astype(np.float32)
    return Features("net", {"first": x, "dead": np.full((80, 2), np.nan, np.float32), "second": deeper})


def layouts(features, folder, how=HOW):
    return umap_layouts(features, how, FeatureStore(folder, Silent()), Silent())


def test_two_computations_give_the_same_layout_and_a_third_none(features, tmp_path, monkeypatch):
    first, again = layouts(features, tmp_path / "a"), layouts(features, tmp_path / "b")
    for layer in ("first", "second"):
        np.testing.assert_array_equal(first[layer], again[layer])
    from prh.features import layout

    monkeypatch.setattr(layout, "_umap", None)
    third = layouts(features, tmp_path / "a")
    assert list(third) == ["first", "dead", "second"]
    assert third["dead"] is None


def test_what_is_compiled_of_umap_is_kept_for_other_processes(features, tmp_path):
    layouts(features, tmp_path)
    from umap import umap_

    assert umap_.smooth_knn_dist.stats.cache_path


def test_a_layout_shows_the_first_points_and_another_seed_differs(features, tmp_path):
    one = layouts(features, tmp_path)
    assert one["first"].shape == (60, 2)
    other = layouts(features, tmp_path, replace(HOW, seed=1))
    assert (one["first"] != other["first"]).any()


def test_a_layer_is_laid_out_near_where_its_predecessor_was(features, tmp_path):
    placed = layouts(features, tmp_path)
    shuffled = np.random.default_rng(0).permutation(60)
    near = np.linalg.norm(placed["first"] - placed["second"], axis=1).mean()
    far = np.linalg.norm(placed["first"] - placed["second"][shuffled], axis=1).mean()
    assert near < far / 2


@pytest.mark.parametrize(
    ("n", "most", "expected"),
    [(3, 24, [0, 1, 2]), (24, 24, list(range(24))), (9, 3, [0, 4, 8]), (10, 4, [0, 3, 6, 9]), (7, 1, [6])],
)
def test_of_many_layers_some_are_shown_evenly_spaced(n, most, expected):
    assert evenly_spaced([str(i) for i in range(n)], most) == [str(i) for i in expected]


def test_fewer_points_than_neighbours_are_laid_out(features, tmp_path):
    few = Features("net", {"first": features["first"][:6]})
    assert layouts(few, tmp_path)["first"].shape == (6, 2)
