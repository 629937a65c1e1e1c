"""CKA against the dense formulas, and its bootstrap against loops over stimuli."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from prh.inference import permutation_test
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
    assert metric(x, y) == pytest.approx(expected, abs=1e-5)


@by_name
def test_tensors_are_arrays_to_it(metric):
    torch = pytest.importorskip("torch")
    x, y = pair("correlated")
    assert metric(torch.tensor(x), y) == pytest.approx(metric(x, y), abs=1e-5)


@by_name
def test_large_features_in_float32_and_blocks_give_the_same(metric, monkeypatch):
    x, y = pair("far from the origin", n=300)
    expected = dense(x, y, metric.kernel, metric.unbiased)
    monkeypatch.setattr("prh.similarity.kernels.cka.FLOAT64_VALUES", 0)
    few = CKA(metric.kernel, metric.unbiased, memory_gb=8 * 8 * 300 * 31 / 2**30)
    assert few.block_rows(300) == 31
    assert few.prepare(x).x.dtype == np.float32
    assert few(x, y) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("device", ["cpu", "auto"])
@by_name
def test_a_wide_layer_in_float32_meets_a_narrow_one_in_float64(metric, device, monkeypatch):
    x, y = pair("correlated", n=100)
    monkeypatch.setattr("prh.similarity.kernels.cka.FLOAT64_VALUES", 700)
    metric = CKA(metric.kernel, metric.unbiased, device=device)
    a, b = metric.prepare(x), metric.prepare(y)
    assert (a.x.dtype, b.x.dtype) == (np.float32, np.float64)
    expected = dense(x, y, metric.kernel, metric.unbiased)
    assert metric.compare(a, b) == pytest.approx(expected, abs=1e-5)
    order = np.arange(100)[None]
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
