"""Which of two is nearer to a third."""

import numpy as np
import pytest

from prh.inference import compare_scores
from prh.inference.bootstrap import bootstrap_counts
from prh.similarity import RSA, MutualKNN

METRIC = RSA("euclidean", "pearson")


def three(seed, near=0.5, far=2.0, n=40):
    generator = np.random.default_rng(seed)
    y = generator.normal(size=(n, 4))
    return (y + near * generator.normal(size=y.shape), y + far * generator.normal(size=y.shape), y)


def test_it_is_the_difference_with_the_quantiles_of_paired_samples():
    near, far, y = three(0)
    result = compare_scores(METRIC, near, far, y, n=100, seed=3, level=0.9)
    states = [METRIC.prepare(x) for x in (near, far, y)]
    samples = [[s.resample(count) for s in states] for count in bootstrap_counts(40, 100, 3)]
    differences = np.array([METRIC.compare(a, t) - METRIC.compare(b, t) for a, b, t in samples])
    assert result.value == pytest.approx(METRIC(near, y) - METRIC(far, y))
    assert (result.ci_low, result.ci_high) == pytest.approx(tuple(np.quantile(differences, [0.05, 0.95])))
    assert result.p == pytest.approx(min(1, 2 * (1 + (differences <= 0).sum()) / 101))


@pytest.mark.parametrize("metric", [METRIC, MutualKNN(5)], ids=lambda metric: metric.name)
def test_the_nearer_is_found_and_the_order_only_turns_the_sign(metric):
    near, far, y = three(0)
    result, turned = compare_scores(metric, near, far, y, 200), compare_scores(metric, far, near, y, 200)
    assert result.value > 0
    assert result.p < 0.05 < compare_scores(metric, near, near, y, 200).p
    assert (turned.value, turned.ci_low, turned.p) == pytest.approx(
        (-result.value, -result.ci_high, result.p)
    )


def test_equally_near_ones_are_rarely_told_apart():
    p = [compare_scores(METRIC, *three(seed, 1.0, 1.0), n=200, seed=seed).p for seed in range(100)]
    assert np.mean(np.array(p) <= 0.05) <= 0.1


def test_unpaired_rows_are_refused():
    near, far, y = three(0)
    with pytest.raises(ValueError, match="paired"):
        compare_scores(METRIC, near, far[:30], y)
