"""All pairs at once are what each pair is alone."""

import numpy as np
import pytest

from prh.inference import Design, NoInference, Permutation, all_pairs, benjamini_hochberg
from prh.similarity import CKA, RSA, SVCCA, CycleKNN, MutualKNN

JUDGE = Permutation(n_permutations=60, seed=3)
KEPT = ("p", "p_se", "null_mean", "null_sd", "calibrated", "critical", "se", "ci_low", "ci_high")
METRICS = [RSA("cosine"), CKA(unbiased=True), MutualKNN(5), CycleKNN(5), SVCCA(3)]


def prepared(metric, m=5, n=60):
    generator = np.random.default_rng(0)
    world = generator.normal(size=(n, 6))
    seen = [
        world @ generator.normal(size=(6, 7 + i)) + i * generator.normal(size=(n, 7 + i)) for i in range(m)
    ]
    return {f"net{i}": metric.prepare(x) for i, x in enumerate(seen)}


def alone(metric, states, i, j, judge=JUDGE, design=None):
    a, b = ({name: states[name]} for name in (f"net{i}", f"net{j}"))
    return judge.judge(metric, a, b, design=design or Design()).last


def assert_same(cell, score):
    assert cell.value == score.value
    assert cell.p == score.p
    assert cell.exact == score.exact
    for name in KEPT:
        assert getattr(cell, name) == pytest.approx(getattr(score, name), abs=1e-12), name


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_pair_is_what_it_is_alone(metric):
    states = prepared(metric)
    table = all_pairs(metric, states, JUDGE)
    symmetric = not isinstance(metric, CycleKNN)
    assert table.symmetric == symmetric
    for i, j in np.argwhere(~np.eye(5, dtype=bool)):
        if i < j or not symmetric:
            assert_same(table.cell(i, j), alone(metric, states, i, j))
        if symmetric:
            assert_same(table.cell(j, i), table.cell(i, j))
    assert (np.diag(table.scores) == 1).all()
    assert (np.diag(table.calibrated) == 1).all()
    assert np.isnan(np.diag(table.p)).all()


@pytest.mark.parametrize(
    "design",
    [Design(classes=np.arange(60) % 3, groups=np.arange(60) // 2), Design(copies=np.arange(60) // 2)],
    ids=["within classes", "copies"],
)
def test_the_design_is_that_of_the_pair_alone(design):
    metric, within = RSA("cosine"), "classes" if design.classes is not None else None
    states, judge = prepared(metric, m=3), Permutation(n_permutations=60, within=within)
    table = all_pairs(metric, states, judge, design=design)
    assert_same(table.cell(0, 2), alone(metric, states, 0, 2, judge, design))


def test_many_stimuli_are_judged_along_shifts_as_a_pair_alone():
    metric, judge = MutualKNN(5), Permutation(n_permutations=5)
    states = prepared(metric, m=3, n=2001)
    table = all_pairs(metric, states, judge)
    assert_same(table.cell(1, 2), alone(metric, states, 1, 2, judge))


def test_class_centroids_are_permuted_in_all_ways():
    metric = RSA("cosine")
    states = prepared(metric, m=3, n=6)
    table = all_pairs(metric, states, JUDGE)
    assert table.exact
    assert_same(table.cell(0, 1), alone(metric, states, 0, 1))


@pytest.mark.parametrize("metric", [MutualKNN(5), CycleKNN(5)], ids=["symmetric", "not"])
def test_only_pairs_that_are_asked_for_are_judged(metric):
    states = prepared(metric)
    whole, some = all_pairs(metric, states, JUDGE), all_pairs(metric, states, JUDGE, [(3, 0), (1, 2)])
    asked = np.zeros((5, 5), dtype=bool)
    asked[[0, 3, 1, 2], [3, 0, 2, 1]] = True
    np.testing.assert_array_equal(some.judged, asked)
    np.testing.assert_array_equal(some.p[asked], whole.p[asked])
    np.testing.assert_array_equal(np.isfinite(some.scores), asked | np.eye(5, dtype=bool))
    np.testing.assert_array_equal(np.isfinite(some.influence.values[0]), asked[np.triu_indices(5, 1)])


def test_a_degenerate_encoder_is_nan_and_leaves_the_others():
    metric = RSA("cosine")
    states = prepared(metric, m=3)
    table = all_pairs(metric, {"dead": None, **states}, JUDGE)
    assert np.isnan(table.scores[0]).all()
    assert_same(table.cell(2, 3), alone(metric, states, 1, 2))


def test_q_counts_every_pair_once():
    states = prepared(MutualKNN(5))
    table = all_pairs(MutualKNN(5), states, JUDGE)
    at = np.triu_indices(5, k=1)
    np.testing.assert_allclose(table.q[at], benjamini_hochberg(table.p[at]))
    np.testing.assert_array_equal(table.q, table.q.T)
    both = all_pairs(CycleKNN(5), states, JUDGE)
    off = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(both.q[off], benjamini_hochberg(both.p[off]))


@pytest.mark.parametrize("metric", [RSA("cosine"), CycleKNN(5)], ids=["symmetric", "not"])
def test_influence_is_that_on_the_mean_of_both_directions(metric):
    table = all_pairs(metric, prepared(metric), JUDGE)
    mean = (table.scores + table.scores.T) / 2
    np.testing.assert_allclose(table.condensed, mean[np.triu_indices(5, 1)])
    assert table.influence.values.shape == (60, 10)
    if table.symmetric:
        np.testing.assert_allclose(table.influence.se, table.se[np.triu_indices(5, 1)])


def test_without_inference_there_are_scores_alone_and_rows_say_so():
    states = prepared(CycleKNN(5), m=3)
    table = all_pairs(CycleKNN(5), states, NoInference())
    assert np.isnan(table.p).all()
    assert table.influence is None
    rows = table.rows()
    assert {(row["a"], row["b"]) for row in rows} == {
        (f"net{i}", f"net{j}") for i in range(3) for j in range(3) if i != j
    }
    assert rows[0]["score"] == table.scores[0, 1]
    assert len(all_pairs(MutualKNN(5), states, NoInference()).rows()) == 3


def test_progress_counts_every_pair():
    seen = []
    all_pairs(MutualKNN(5), prepared(MutualKNN(5)), JUDGE, advance=seen.append)
    assert sum(seen) == 10


@pytest.mark.parametrize("pairs", [[(0, 5)], [(-1, 0)], [(1, 1)]])
def test_a_pair_that_is_none_is_refused(pairs):
    with pytest.raises(ValueError, match="two different places from 0 to 4"):
        all_pairs(MutualKNN(5), prepared(MutualKNN(5)), JUDGE, pairs)


def test_one_encoder_has_no_pairs_and_rows_must_be_paired():
    metric = MutualKNN(5)
    with pytest.raises(ValueError, match="two encoders or more"):
        all_pairs(metric, prepared(metric, m=1), JUDGE)
    with pytest.raises(ValueError, match="paired"):
        all_pairs(metric, {**prepared(metric, m=1), "short": prepared(metric, 1, 50)["net0"]}, JUDGE)
