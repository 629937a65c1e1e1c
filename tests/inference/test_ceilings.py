"""Scores as shares of ceilings: held to plain arithmetic, and intervals to how often they hold the truth."""

import numpy as np
import pytest

from prh.inference.ceilings import of_ceiling
from prh.similarity import RSA, MutualKNN


def views(n, generator, width=12):
    """Two versions of one side, and another side, all of the same things."""
    things = generator.normal(size=(n, 6))
    mixes = [generator.normal(size=(6, width)) for _ in range(2)]
    x, again = (things @ mixes[0] + 2.0 * generator.normal(size=(n, width)) for _ in range(2))
    return x, again, things @ mixes[1] + 3.0 * generator.normal(size=(n, width))


@pytest.mark.parametrize("metric", [MutualKNN(10), RSA("cosine")], ids=["knn", "rsa"])
def test_it_is_the_share_of_what_is_above_chance(metric):
    x, again, y = (metric.prepare(z) for z in views(300, np.random.default_rng(0)))
    found = of_ceiling(((metric, x), (metric, y)), (again, None))
    chance = 10 / 299 if isinstance(metric, MutualKNN) else 0
    expected = (metric.compare(x, y) - chance) / (metric.compare(x, again) - chance)
    assert found.value == pytest.approx(expected, abs=0.01)
    assert found.ceilings[0].value == metric.compare(x, again)
    assert found.ceilings[1] is None
    assert found.ci_low < found.value < found.ci_high


def test_the_smaller_ceiling_counts():
    metric, generator = MutualKNN(10), np.random.default_rng(1)
    x, again, y = views(300, generator)
    closer = metric.prepare(y + 0.1 * generator.normal(size=y.shape))
    x, again, y = (metric.prepare(z) for z in (x, again, y))
    both = of_ceiling(((metric, x), (metric, y)), (again, closer))
    assert both.ceilings[1].value > both.ceilings[0].value
    assert both.value == of_ceiling(((metric, x), (metric, y)), (again, None)).value


def test_a_pair_that_is_one_encoder_reaches_its_ceiling():
    metric = MutualKNN(10)
    x, again, _ = (metric.prepare(z) for z in views(300, np.random.default_rng(2)))
    found = of_ceiling(((metric, x), (metric, again)), (again, None))
    assert found.value == 1
    assert found.ci_high - found.ci_low < 1e-9


def test_a_ceiling_at_chance_gives_no_share():
    metric, generator = MutualKNN(10), np.random.default_rng(3)
    x, _, y = (metric.prepare(z) for z in views(100, generator))
    order = np.arange(100)[::-1]
    elsewhere = metric.prepare(generator.normal(size=(100, 12))[order])
    shares = [of_ceiling(((metric, x), (metric, y)), (elsewhere, None), seed=s).value for s in range(3)]
    ceiling, chance = metric.compare(x, elsewhere), 10 / 99
    assert all(np.isnan(shares)) == (ceiling <= chance)
    with pytest.raises(ValueError, match="second version"):
        of_ceiling(((metric, x), (metric, y)), (None, None))


@pytest.mark.parametrize("metric", [MutualKNN(10), RSA("cosine")], ids=["knn", "rsa"])
def test_intervals_hold_the_mean_share(metric):
    generator, found = np.random.default_rng(4), []
    mixes = generator.normal(size=(2, 6, 12))
    for _ in range(200):
        things = generator.normal(size=(200, 6))
        x, again = (
            metric.prepare(things @ mixes[0] + 2 * generator.normal(size=(200, 12))) for _ in range(2)
        )
        y = metric.prepare(things @ mixes[1] + 3 * generator.normal(size=(200, 12)))
        found.append(of_ceiling(((metric, x), (metric, y)), (again, None)))
    truth = np.mean([one.value for one in found])
    held = np.mean([one.ci_low <= truth <= one.ci_high for one in found])
    assert 0.91 <= held <= 0.99, held
