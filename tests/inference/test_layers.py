"""The best of many layers against the best of as many by chance."""

import numpy as np
import pytest

from prh.inference import max_over_layers_test, permutation_orders
from prh.similarity import CKA, RSA, MutualKNN

METRICS = [RSA("cosine"), MutualKNN(5), CKA()]


def sides(seed, noise=None, n=24):
    generator = np.random.default_rng(seed)
    a = [generator.normal(size=(n, 5)) for _ in range(3)]
    b = [
        generator.normal(size=(n, 4))
        if noise is None
        else a[i][:, :4] + noise * generator.normal(size=(n, 4))
        for i in range(2)
    ]
    return a, b


def prepared(metric, layers):
    return [metric.prepare(x) for x in layers]


@pytest.mark.parametrize("aggregate", ["max", "mean"])
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_equals_an_explicit_loop(metric, aggregate):
    a, b = sides(0, noise=1.0)
    result = max_over_layers_test(
        metric, prepared(metric, a), prepared(metric, b), 60, seed=2, aggregate=aggregate
    )
    over = {"max": np.max, "mean": np.mean}[aggregate]
    scores = np.array([[metric(x, y) for y in b] for x in a])
    null = np.array(
        [over([metric(x, y[order]) for x in a for y in b]) for order in permutation_orders(24, 60, 2)]
    )
    assert result.value == pytest.approx(over(scores))
    assert scores[result.at] == scores.max()
    assert result.p == pytest.approx((1 + (null >= over(scores) - 1e-6).sum()) / 61)
    assert result.null_mean == pytest.approx(null.mean(), abs=1e-6)
    tau = np.sort([*null, over(scores)])[58 - 1]
    assert result.critical == pytest.approx(tau, abs=1e-6)
    assert result.excess == pytest.approx(max(0, (over(scores) - tau) / (metric.maximum - tau)), abs=1e-6)


@pytest.mark.parametrize("aggregate", ["max", "mean"])
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_equals_the_authors_package_fed_the_same_permutations(metric, aggregate):
    calibrate_layers = pytest.importorskip("calibrated_similarity").calibrate_layers
    torch = pytest.importorskip("torch")
    a, b = sides(1, noise=2.0)
    orders = iter(torch.from_numpy(permutation_orders(24, 99, 4)))
    score, p, tau = calibrate_layers(
        [torch.from_numpy(x) for x in a],
        [torch.from_numpy(y) for y in b],
        metric,
        agg=aggregate,
        K=99,
        perm_fn=lambda n, device: next(orders),
    )
    ours = max_over_layers_test(
        metric, prepared(metric, a), prepared(metric, b), 99, seed=4, aggregate=aggregate
    )
    assert ours.p == pytest.approx(float(p))
    assert ours.critical == pytest.approx(float(tau), abs=1e-6)
    assert ours.excess == pytest.approx(float(score), abs=1e-5)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_p_is_uniform_under_the_null(metric):
    p = []
    for seed in range(500):
        a, b = sides(seed)
        p.append(max_over_layers_test(metric, prepared(metric, a), prepared(metric, b), 99, seed).p)
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07


def test_bad_arguments_are_refused():
    metric = RSA()
    a, b = (prepared(metric, side) for side in sides(0))
    with pytest.raises(ValueError, match="aggregate"):
        max_over_layers_test(metric, a, b, aggregate="median")
    with pytest.raises(ValueError, match="at least one layer"):
        max_over_layers_test(metric, a, [])
    with pytest.raises(ValueError, match="paired"):
        max_over_layers_test(metric, a, [metric.prepare(np.random.default_rng(0).normal(size=(8, 3)))])
    with pytest.raises(ValueError, match="alpha"):
        max_over_layers_test(metric, a, b, alpha=5)
