"""A judged grid agrees with tests of its cells, and pays for having looked at all of them."""

from itertools import permutations

import numpy as np
import pytest

from prh.inference import (
    Design,
    Exchange,
    NoInference,
    NotExchangeable,
    Permutation,
    permutation_orders,
    permutation_test,
    score_interval,
)
from prh.inference.explained import explained
from prh.similarity import RSA, Metric

METRIC = RSA("cosine")
JUDGE = Permutation(n_permutations=120, n_bootstrap=60, seed=5)


@pytest.fixture(scope="module")
def layers():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(44, 6))
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
            for field in ("value", "p", "p_se", "null_mean", "null_sd", "calibrated", "critical", "excess"):
                assert getattr(cell, field) == pytest.approx(getattr(alone, field), abs=1e-6)


def test_every_interval_is_that_of_its_layers(grid, layers):
    a, b = layers
    expected = score_interval(METRIC, a["deep"], b["far"], seed=5)
    assert (grid.ci_low[1, 1], grid.ci_high[1, 1]) == pytest.approx(expected)


def test_the_best_cell_is_judged_against_the_best_of_every_permuted_grid(grid, layers):
    a, b = layers
    best = [
        max(METRIC(x, y[order]) for x in a.values() for y in b.values())
        for order in permutation_orders(44, 120, 5)
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
        sides = [{i: METRIC.prepare(generator.normal(size=(41, 5))) for i in range(4)} for _ in range(2)]
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


def test_class_centroids_are_permuted_in_all_ways_and_progress_still_adds_up():
    generator = np.random.default_rng(0)
    a, b = ({i: METRIC.prepare(generator.normal(size=(6, 5))) for i in range(n)} for n in (3, 2))
    seen = []
    grid = JUDGE.judge(METRIC, a, b, seen.append)
    null = np.array(
        [
            [[METRIC.compare(x, y.permute(np.array(order))) for y in b.values()] for x in a.values()]
            for order in permutations(range(6))
        ]
    )
    assert grid.exact
    assert sum(seen) == JUDGE.steps
    np.testing.assert_allclose(grid.p, (null >= grid.scores - 1e-6).mean(axis=0))
    best = null.max(axis=(1, 2))
    for at in np.ndindex(3, 2):
        assert grid.p_corrected[at] == np.mean(best >= grid.scores[at] - 1e-6)
    assert (grid.p_se == 0).all()
    assert (grid.p_corrected_se == 0).all()
    assert grid.last.exact


def test_the_best_cell_has_the_p_that_is_corrected(grid):
    best = grid.corrected(*grid.best_at)
    assert best.p == grid.p_corrected[grid.best_at] >= grid.cell(*grid.best_at).p
    assert best.p_se == pytest.approx(np.sqrt(best.p * (1 - best.p) / 121))


class Gappy(RSA):
    """RSA that has no score where stimulus 0 takes its own place, for the first layer alone."""

    def permuted(self, a, b, orders):
        scores = Metric.permuted(self, a, b, orders)
        scores[orders[:, 0] == 0, 0] = np.nan
        return scores

    def terms(self, state):
        return None


def test_a_cell_without_a_score_under_a_permutation_leaves_the_best_of_the_others():
    generator, metric = np.random.default_rng(0), Gappy("cosine")
    a, b = ({i: metric.prepare(generator.normal(size=(6, 4))) for i in range(n)} for n in (3, 2))
    grid = JUDGE.judge(metric, a, b)
    best, first = [], []
    for order in map(np.array, permutations(range(6))):
        scores = np.array([[metric.compare(x, y.permute(order)) for y in b.values()] for x in a.values()])
        if order[0] == 0 and (order != range(6)).any():
            scores[0] = np.nan
        best.append(np.nanmax(scores))
        first.append(scores[0, 0])
    for at in np.ndindex(3, 2):
        assert grid.p_corrected[at] == pytest.approx(np.mean(best >= grid.scores[at] - 1e-6))
    assert grid.p[0, 0] == pytest.approx(np.mean(first >= grid.scores[0, 0] - 1e-6))
    assert grid.null_mean[0, 0] == pytest.approx(np.nanmean(first[1:]))


def test_within_permutes_within_what_the_design_says(layers):
    a, b = prepared(layers)
    design = Design(classes=np.arange(44) % 4)
    judge = Permutation(n_permutations=99, n_bootstrap=10, within="classes")
    grid = judge.judge(METRIC, a, b, design=design)
    alone = permutation_test(METRIC, a["deep"], b["far"], n=99, exchange=Exchange(design.classes))
    assert grid.p[1, 1] == alone.p
    with pytest.raises(NotExchangeable, match="no groups"):
        Permutation(within="groups").judge(METRIC, a, b, design=design)
    assert judge.for_classes() == Permutation(n_permutations=99, n_bootstrap=10)


def test_what_classes_explain_is_said_of_the_last_layers(layers):
    a, b = prepared(layers)
    labels = np.arange(44) % 4
    expected = explained(METRIC, a["deep"], b["next"], labels, 120, 5)
    assert JUDGE.explained(METRIC, a, b, Design(classes=labels)) == {"explained_by_classes": expected}
    assert JUDGE.explained(METRIC, a, {"gone": None}, Design(classes=labels)) == {}
    assert JUDGE.explained(METRIC, a, b, Design()) == {}
    assert NoInference().explained(METRIC, a, b, Design(classes=labels)) == {}
