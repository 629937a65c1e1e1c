"""All pairs of networks at their best layers are what each pair alone is."""

import numpy as np
import pytest

from prh.inference import likenesses
from prh.inference.crossfit import crossfit
from prh.inference.crossfit_pairs import Network, crossfit_pairs
from prh.similarity import CKA, RSA, CycleKNN, MutualKNN, Procrustes

METRICS = [RSA("cosine"), RSA("euclidean", "pearson"), CKA(unbiased=True), MutualKNN(6), Procrustes()]


def networks(n, depths=(3, 1, 2), seed=0):
    """Layers that see more or less of one world."""
    generator = np.random.default_rng(seed)
    world = generator.normal(size=(n, 5))
    return [
        {f"{k}": world + (0.4 + k) * generator.normal(size=(n, 5)) for k in range(depth)} for depth in depths
    ]


@pytest.mark.parametrize("metric", [*METRICS, CycleKNN(6)], ids=lambda metric: metric.name)
def test_each_pair_has_what_it_has_alone(metric):
    every = networks(40)
    prepared = [Network(metric, x, [metric.prepare(layer) for layer in x.values()]) for x in every]
    states = [state for network in prepared for state in network.states]
    scores = np.array([[metric.compare(a, b) for b in states] for a in states])
    found = crossfit_pairs(metric, prepared, scores, [(0, 1), (2, 0)], splits=3, seed=5)
    first, second = scores[:3, 3:4], scores[4:, :3]
    for pair, grid in (((0, 1), first), ((2, 0), second)):
        alone = crossfit(metric, every[pair[0]], every[pair[1]], grid, splits=3, seed=5)
        assert found[pair].value == pytest.approx(alone.value, abs=1e-12)
        assert found[pair].sd == pytest.approx(alone.sd, abs=1e-12)


def test_too_few_stimuli_have_no_best():
    metric = RSA("euclidean")
    few = [Network(metric, x, [metric.prepare(layer) for layer in x.values()]) for x in networks(6)]
    (found,) = crossfit_pairs(metric, few, np.zeros((6, 6)), [(0, 2)], 3).values()
    assert np.isnan([found.value, found.sd]).all()


@pytest.mark.parametrize(
    ("metric", "chance"), [(RSA("cosine"), 0.0), (MutualKNN(5), 5 / 79), (CycleKNN(5), None)]
)
def test_likeness_is_calibrated_by_where_chance_lies(metric, chance):
    (layers,) = networks(80, (4,), seed=1)
    states = {name: metric.prepare(x) for name, x in layers.items()}
    table = likenesses(metric, states)
    generator, orders = np.random.default_rng(0), 300
    for i, j in ((0, 1), (2, 3)):
        a, b = states[f"{i}"], states[f"{j}"]
        null = [metric.compare(a, b.permute(generator.permutation(80))) for _ in range(orders)]
        # Ten draws are to a third of the null's deviation.
        assert table.null_mean[i, j] == pytest.approx(np.mean(null), abs=1.5 * np.std(null))
        assert chance is None or np.mean(null) == pytest.approx(chance, abs=0.02)
        expected = (metric.compare(a, b) - table.null_mean[i, j]) / (1 - table.null_mean[i, j])
        assert table.calibrated[i, j] == pytest.approx(expected)
    assert not table.judged.any()
    if table.symmetric:
        np.testing.assert_array_equal(table.null_mean, table.null_mean.T)
