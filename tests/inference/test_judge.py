"""A judged grid agrees with tests of its cells, and pays for having looked at all of them."""

import numpy as np
import pytest

from prh.inference import NoInference, Permutation, permutation_orders, permutation_test, score_interval
from prh.similarity import RSA

METRIC = RSA("cosine")
JUDGE = Permutation(n_permutations=120, n_bootstrap=60, seed=5)


@pytest.fixture(scope="module")
def layers():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(30, 6))
    a = {"shallow": x, "deep": x + 0.5 * generator.normal(size=x.shape)}
    b = {"near": x + generator.normal(size=x.shape), "far": generator.normal(size=x.shape), "next": x[:, :3]}
    return a, b


def prepared(layers):
    return tuple({name: METRIC.prepare(x) for name, x in side.items()} for side in layers)


@pytest.fixture(scope="module")
def grid(layers):
    return JUDGE.judge(METRIC, *prepared(layers))


def test_every_cell_is_the_permutation_test_of_its_layers(grid, layers):
    a, b = prepared(layers)
    for i, left in enumerate(a.values()):
        for j, right in enumerate(b.values()):
            alone, cell = permutation_test(METRIC, left, right, n=120, seed=5), grid.cell(i, j)
            for field in ("value", "p", "null_mean", "null_sd", "calibrated", "critical", "excess"):
                assert getattr(cell, field) == pytest.approx(getattr(alone, field), abs=1e-6)


def test_every_interval_is_that_of_its_layers(grid, layers):
    a, b = layers
    expected = score_interval(METRIC, a["deep"], b["far"], seed=5)
    assert (grid.ci_low[1, 1], grid.ci_high[1, 1]) == pytest.approx(expected)


def test_the_best_cell_is_judged_against_the_best_of_every_permuted_grid(grid, layers):
    a, b = layers
    best = [
        max(METRIC(x, y[order]) for x in a.values() for y in b.values())
        for order in permutation_orders(30, 120, 5)
    ]
    row, column = grid.best_at
    assert grid.scores[row, column] == grid.scores.max()
    for at in ((row, column), (0, 1)):
        assert grid.p_corrected[at] == pytest.approx((1 + np.sum(best >= grid.scores[at])) / 121)
    assert (grid.p_corrected >= grid.p - 1e-12).all()


def test_choosing_the_best_layer_of_noise_is_no_finding():
    judge, p = Permutation(n_permutations=99, n_bootstrap=10), []
    for seed in range(150):
        generator = np.random.default_rng(seed)
        sides = [{i: METRIC.prepare(generator.normal(size=(10, 5))) for i in range(4)} for _ in range(2)]
        grid = judge.judge(METRIC, *sides)
        p.append((grid.p_corrected[grid.best_at], grid.p.min()))
    corrected, uncorrected = (np.mean(np.array(p) <= 0.05, axis=0)).tolist()
    assert corrected <= 0.1
    assert uncorrected >= 0.3


def test_a_degenerate_layer_leaves_the_others_as_they_are(grid, layers):
    a, b = prepared(layers)
    broken = JUDGE.judge(METRIC, {"dead": None, **a}, {**b, "gone": None})
    assert np.isnan(broken.scores[0]).all()
    assert np.isnan(broken.p[:, 3]).all()
    np.testing.assert_array_equal(broken.scores[1:, :3], grid.scores)
    np.testing.assert_array_equal(broken.p_corrected[1:, :3], grid.p_corrected)


def test_where_all_is_degenerate_there_is_no_best():
    grid = JUDGE.judge(METRIC, {"dead": None}, {"gone": None})
    assert grid.best_at is None
    assert np.isnan(grid.last.value)


def test_progress_counts_every_draw(layers):
    seen = []
    JUDGE.judge(METRIC, *prepared(layers), seen.append)
    assert sum(seen) == JUDGE.steps == 120


def test_without_inference_there_are_scores_alone(layers, grid):
    plain = NoInference().judge(METRIC, *prepared(layers))
    np.testing.assert_array_equal(plain.scores, grid.scores)
    assert np.isnan(plain.p).all()


def test_rows_are_one_record_per_cell(grid):
    rows = grid.rows()
    assert len(rows) == 6
    assert rows[4] | {"layer_a": "deep", "layer_b": "far"} == rows[4]
    assert rows[4]["score"] == grid.scores[1, 1]
