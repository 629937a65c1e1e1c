"""A mixed model over pairs that share models: the slope, its error, and what is too little to fit."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import t

from prh.inference import mixed_trend


def world(m, seed=0, effect=0.5, noise=0.5):
    generator = np.random.default_rng(seed)
    trait = generator.normal(size=m)
    capability = effect * trait + np.sqrt(1 - effect**2) * generator.normal(size=m)
    error = np.triu(generator.normal(size=(m, m)), 1)
    scores = trait[:, None] + trait + noise * (error + error.T)
    np.fill_diagonal(scores, np.nan)
    return scores, capability


def by_hand(scores, capability):
    """Generalised least squares at the ratio of variances with the largest restricted likelihood."""
    i, j = np.triu_indices(len(capability), 1)
    y, x = scores[i, j], (capability[i] + capability[j]) / 2
    design = np.column_stack([np.ones(len(x)), x])
    member = np.eye(len(capability))[i] + np.eye(len(capability))[j]

    def parts(ratio):
        inverse = np.linalg.inv(np.eye(len(y)) + ratio * member @ member.T)
        information = design.T @ inverse @ design
        beta = np.linalg.solve(information, design.T @ inverse @ y)
        rest = y - design @ beta
        scale = rest @ inverse @ rest / (len(y) - 2)
        return inverse, information, beta, scale

    def minus_likelihood(log_ratio):
        inverse, information, _, scale = parts(np.exp(log_ratio))
        logs = [np.linalg.slogdet(matrix)[1] for matrix in (inverse, information)]
        return ((len(y) - 2) * np.log(scale) - logs[0] + logs[1]) / 2

    ratio = np.exp(minimize_scalar(minus_likelihood, bounds=(-6, 6), method="bounded").x)
    _, information, beta, scale = parts(ratio)
    return beta[1], np.sqrt(scale * np.linalg.inv(information)[1, 1])


@pytest.mark.parametrize("seed", range(4))
def test_it_is_restricted_maximum_likelihood(seed):
    pytest.importorskip("statsmodels")
    scores, capability = world(10, seed)
    found = mixed_trend(scores, capability)
    slope, error = by_hand(scores, capability)
    assert found.slope == pytest.approx(slope, rel=1e-3)
    assert found.se == pytest.approx(error, rel=1e-2)
    assert (found.df, found.n_models, found.n_scores, found.n_families) == (8, 10, 45, 10)
    assert found.p == pytest.approx(t.sf(found.slope / found.se, 8))
    assert found.ci_high - found.slope == pytest.approx(t.ppf(0.975, 8) * found.se)
    assert 0 < found.shared < 1


def test_units_are_those_of_scores_and_capability():
    pytest.importorskip("statsmodels")
    scores, capability = world(9)
    one, other = mixed_trend(scores, capability), mixed_trend(3 + 10 * scores, 7 + 100 * capability)
    assert other.slope == pytest.approx(one.slope / 10, rel=1e-3)
    assert other.p == pytest.approx(one.p, rel=1e-2)


def test_pairs_are_not_taken_as_independent():
    pytest.importorskip("statsmodels")
    scores, capability = world(12, effect=0.0, noise=0.1)
    i, j = np.triu_indices(12, 1)
    x = (capability[i] + capability[j]) / 2
    rest = scores[i, j] - np.polyval(np.polyfit(x, scores[i, j], 1), x)
    alone = np.sqrt(rest @ rest / (len(x) - 2) / ((x - x.mean()) ** 2).sum())
    assert mixed_trend(scores, capability).se > 1.5 * alone


def test_relatives_leave_fewer_degrees_of_freedom():
    pytest.importorskip("statsmodels")
    scores, capability = world(12)
    found = mixed_trend(scores, capability, [k // 3 for k in range(12)])
    assert (found.df, found.n_families) == (2, 4)
    assert mixed_trend(scores, capability, list(range(12))).df == 10


def test_what_tells_too_little_has_no_model():
    scores, capability = world(12)
    assert mixed_trend(scores[:7, :7], capability[:7]) is None
    assert mixed_trend(scores, capability, [k // 4 for k in range(12)]) is None
    assert mixed_trend(scores, np.ones(12)) is None
    unknown = np.where(np.arange(12) < 5, np.nan, capability)
    assert mixed_trend(scores, unknown) is None
