"""CKA against the dense formulas, and its bootstrap against loops over stimuli."""

from importlib import import_module
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform

from prh.inference import bootstrap, permutation_test
from prh.similarity import CKA, DegenerateFeatures, Metric, cka
from tests.similarity.conftest import KINDS, pair

METRICS = [CKA(kernel, unbiased) for kernel in ("linear", "rbf") for unbiased in (False, True)]
by_name = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)


def kernel_of(x, kind):
    if kind == "linear":
        return x @ x.T
    distances = pdist(x)
    return np.exp(-(squareform(distances) ** 2) / (2 * np.median(distances) ** 2))


def biased_hsic(k, m):
    n = len(k)
    h = np.eye(n) - 1 / n
    return np.trace(k @ h @ m @ h)


def unbiased_hsic(k, m):
    k, m, n = k - np.diag(np.diag(k)), m - np.diag(np.diag(m)), len(k)
    inner = np.trace(k @ m) + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * (k @ m).sum() / (n - 2)
    return inner / (n * (n - 3))


def dense(x, y, kind, unbiased):
    hsic = unbiased_hsic if unbiased else biased_hsic
    k, m = (kernel_of(z - z.mean(axis=0), kind) for z in (x, y))
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


@pytest.mark.parametrize("n", [7, 24, 200])
@pytest.mark.parametrize("kind", KINDS)
@by_name
def test_it_is_the_dense_formula(metric, kind, n):
    x, y = pair(kind, n=n)
    expected = dense(x, y, metric.kernel, metric.unbiased)
    assert cka(x, y, metric.kernel, metric.unbiased) == pytest.approx(expected, abs=1e-6)
    assert metric(torch.tensor(x), y) == pytest.approx(expected, abs=1e-5)


@by_name
def test_large_features_in_float32_and_blocks_give_the_same(metric, monkeypatch):
    x, y = pair("far from the origin", n=300)
    expected = dense(x, y, metric.kernel, metric.unbiased)
    monkeypatch.setattr(import_module("prh.similarity.cka"), "FLOAT64_VALUES", 0)
    few = CKA(metric.kernel, metric.unbiased, memory_gb=8 * 8 * 300 * 31 / 2**30)
    assert few.block_rows(300) == 31
    assert few.prepare(x).x.dtype == np.float32
    assert few(x, y) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("device", ["cpu", "auto"])
@by_name
def test_a_wide_layer_in_float32_meets_a_narrow_one_in_float64(metric, device, monkeypatch):
    x, y = pair("correlated", n=100)
    monkeypatch.setattr(import_module("prh.similarity.cka"), "FLOAT64_VALUES", 700)
    metric = CKA(metric.kernel, metric.unbiased, device=device)
    a, b = metric.prepare(x), metric.prepare(y)
    assert (a.x.dtype, b.x.dtype) == (np.float32, np.float64)
    expected = dense(x, y, metric.kernel, metric.unbiased)
    assert metric.compare(a, b) == pytest.approx(expected, abs=1e-5)
    ones, order = np.ones((1, 100), dtype=np.int64), np.arange(100)[None]
    assert metric.resampled([a], [b], ones)[0, 0, 0] == pytest.approx(expected, abs=1e-5)
    assert metric.permuted([a], [b], order)[0, 0, 0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("memory_gb", [1.0, 4 * 24 * 24 * 5 / 2**30, 1e-9])
@by_name
def test_permutations_equal_prepared_ones(metric, memory_gb):
    metric = CKA(metric.kernel, metric.unbiased, memory_gb=memory_gb)
    x, y = pair("correlated")
    orders = np.array([np.random.default_rng(seed).permutation(24) for seed in range(5)])
    a = [metric.prepare(z) for z in (x, x[:, :2], x**2, -x[:, 4:6])]
    b = [metric.prepare(z) for z in (y, y[:, :3])]
    expected = np.array(
        [[[metric(z, v[o]) for v in (y, y[:, :3])] for z in (x, x[:, :2], x**2, x[:, 4:6])] for o in orders]
    )
    np.testing.assert_allclose(metric.permuted(a, b, orders), expected, atol=1e-6)
    np.testing.assert_allclose(Metric.permuted(metric, a, b, orders), expected, atol=1e-6)


def spelled_out_unbiased(k, m, w):
    """Σ over ordered quadruples of different stimuli, each as often as the product of their counts."""
    different = list(permutations(range(len(w)), 4))
    weights = np.array([np.prod(w[list(q)]) for q in different])
    terms = [k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q]) for i, j, q, r in different]
    # A pair or a triple is counted by its own weight, not by that of the quadruples it is in.
    pairs = list(permutations(range(len(w)), 2))
    triples = list(permutations(range(len(w)), 3))
    one = np.average([k[p] * m[p] for p in pairs], weights=[w[i] * w[j] for i, j in pairs])
    two = np.average([k[i, j] * m[q, r] for i, j, q, r in different], weights=weights)
    three = np.average(
        [k[i, j] * m[i, q] for i, j, q in triples], weights=[w[i] * w[j] * w[q] for i, j, q in triples]
    )
    assert len(terms) == len(different)
    return one + two - 2 * three


def spelled_out_biased(k, m, w):
    copies = np.repeat(np.arange(len(w)), w)
    h = np.eye(len(copies)) - 1 / len(copies)
    k, m = (h @ z[np.ix_(copies, copies)] @ h for z in (k, m))
    return sum(
        k[p, q] * m[p, q]
        for p in range(len(copies))
        for q in range(len(copies))
        if p == q or copies[p] != copies[q]
    )


@by_name
def test_resampling_is_the_spelled_out_sample(metric):
    x, y = pair("correlated", n=8)
    counts = np.array([np.ones(8), [2, 0, 1, 3, 0, 1, 1, 0], [1, 1, 2, 0, 0, 2, 1, 1]], dtype=np.int64)
    k, m = (kernel_of(z - z.mean(axis=0), metric.kernel) for z in (x, y))
    hsic = spelled_out_unbiased if metric.unbiased else spelled_out_biased
    found = metric.resampled([metric.prepare(x)], [metric.prepare(y)], counts)[:, 0, 0]
    for value, w in zip(found, counts, strict=True):
        square = hsic(k, k, w) * hsic(m, m, w)
        if square > 0 and hsic(k, k, w) > 0:
            assert value == pytest.approx(hsic(k, m, w) / np.sqrt(square), abs=1e-6)
        else:
            assert np.isnan(value)
    assert found[0] == pytest.approx(metric(x, y), abs=1e-6)


@by_name
def test_the_interval_surrounds_the_score(metric):
    x, y = pair("correlated", n=80)
    low, high = bootstrap(metric, x, y, n=200)
    assert low < metric(x, y) < high


def test_independent_features_score_d_over_n_unless_unbiased():
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(64, 64)), generator.normal(size=(64, 64))
    assert cka(x, y) > 0.4
    assert abs(cka(x, y, unbiased=True)) < 0.05
    result = permutation_test(CKA(), *(CKA().prepare(z) for z in (x, y)), n=200)
    assert abs(result.calibrated) < 0.05


@by_name
def test_bad_input_is_refused(metric):
    x, y = pair("independent")
    with pytest.raises(DegenerateFeatures, match="layer7"):
        metric.prepare(np.full((7, 3), 1e9 / 3), "layer7")
    with pytest.raises(ValueError, match="paired"):
        metric(x, y[:20])
    with pytest.raises(DegenerateFeatures, match="row 2"):
        metric.prepare(np.where(np.arange(24)[:, None] == 2, np.nan, x))
