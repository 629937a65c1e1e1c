"""How many stimuli a difference needs."""

import numpy as np
import pytest

from prh.inference import compare_scores, power, stimuli_needed
from prh.similarity import RSA

METRIC = RSA("euclidean", "pearson")


@pytest.mark.parametrize(("effect", "planned"), [(0.1, 20), (0.1, 100), (0.3, 50), (0.0, 30)])
def test_a_mean_is_found_as_often_as_is_said(effect, planned):
    from scipy.stats import ttest_1samp

    samples = np.random.default_rng(0).normal(effect, 0.5, (4000, planned))
    found = np.mean(ttest_1samp(samples, 0, axis=1).pvalue <= 0.05)
    said = power(effect, 0.5 / np.sqrt(200), 199, planned)
    assert said == pytest.approx(found, abs=0.025)


def test_a_difference_of_scores_is_found_as_often_as_a_first_sample_says():
    generator = np.random.default_rng(3)

    def sample(n):
        y = generator.normal(size=(n, 4))
        return y + 0.9 * generator.normal(size=y.shape), y + 1.2 * generator.normal(size=y.shape), y

    first = compare_scores(METRIC, *sample(1500))
    said = power(first.value, first.se, first.df, 100)
    found = np.mean([compare_scores(METRIC, *sample(100)).p <= 0.05 for _ in range(200)])
    assert 0.3 < said < 0.95
    assert said == pytest.approx(found, abs=0.12)


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95])
def test_as_many_as_needed_are_enough_and_one_fewer_is_not(wanted):
    n = stimuli_needed(0.02, 0.015, 299, wanted)
    assert power(0.02, 0.015, 299, n) >= wanted > power(0.02, 0.015, 299, n - 1)


@pytest.mark.parametrize(
    "wrong", [(0, 0.1, 9, 0.8), (0.1, 0, 9, 0.8), (0.1, 0.1, 9, 1.0), (0.1, 0.1, 9, 0.8, 1)]
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        stimuli_needed(*wrong)
