"""What two representations share beyond controls, against regressions written out."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata

from prh.inference import compare_scores
from prh.inference.beyond import Beyond, beyond, class_features, has_partial, partial_correlation
from prh.similarity import CKA, RSA, MutualKNN, Procrustes

LABELS = np.arange(40) % 4


def three(n=40, seed=0):
    """Two representations that share a third, and something of their own beside it."""
    generator = np.random.default_rng(seed)
    shared, control = generator.normal(size=(n, 2)), generator.normal(size=(n, 3))

    def side():
        return np.hstack([control, shared]) + 0.5 * generator.normal(size=(n, 5))

    return side(), side(), control + 0.3 * generator.normal(size=(n, 3))


def correlation_of_residuals(x, y, nuisances):
    design = np.column_stack([np.ones(len(x)), *nuisances])
    u, v = (z - design @ np.linalg.lstsq(design, z, rcond=None)[0] for z in (x, y))
    return np.corrcoef(u, v)[0, 1]


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("compare", ["spearman", "pearson"])
@pytest.mark.parametrize("with_classes", [False, True])
def test_partial_rsa_is_the_correlation_of_what_regressions_leave(distance, compare, with_classes):
    x, y, control = three()
    metric = RSA(distance, compare)
    of = rankdata if compare == "spearman" else np.asarray
    first, second, nuisance = (of(pdist(z, distance)) for z in (x, y, control))
    nuisances, controls = [nuisance], [control]
    if with_classes:
        nuisances.append(of(pdist(LABELS[:, None], "hamming")))
        controls.append(class_features(metric, LABELS))
    found = beyond(metric, x, y, controls)
    assert found.value == pytest.approx(correlation_of_residuals(first, second, nuisances), abs=1e-9)
    assert found.ci_low < found.value < found.ci_high


def centred_twice(kernel):
    centring = np.eye(len(kernel)) - 1 / len(kernel)
    return centring @ kernel @ centring


def u_centred(kernel):
    n = len(kernel)
    kernel = kernel - np.diag(np.diag(kernel))
    sums = kernel.sum(axis=1)
    centred = kernel - (sums[:, None] + sums) / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    return centred - np.diag(np.diag(centred))


@pytest.mark.parametrize(("unbiased", "centre"), [(True, u_centred), (False, centred_twice)])
def test_partial_cka_regresses_kernels_on_kernels(unbiased, centre):
    x, y, control = three()
    one_hot = np.eye(4)[LABELS]
    k, m, p, c = (centre(z @ z.T).ravel() for z in (x, y, control, one_hot))
    design = np.column_stack([p, c])
    u, v = (z - design @ np.linalg.lstsq(design, z, rcond=None)[0] for z in (k, m))
    expected = u @ v / np.sqrt((u @ u) * (v @ v))
    metric = CKA(unbiased=unbiased)
    found = beyond(metric, x, y, [control, class_features(metric, LABELS)])
    assert found.value == pytest.approx(expected, abs=1e-6)


def test_partial_correlation_of_three_is_the_textbook_formula():
    r = np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]])
    expected = (0.6 - 0.5 * 0.4) / np.sqrt((1 - 0.25) * (1 - 0.16))
    assert partial_correlation(r) == pytest.approx(expected)
    assert np.isnan(partial_correlation(np.array([[1, 0.6, 1], [0.6, 1, 0.6], [1, 0.6, 1]])))


@pytest.mark.parametrize("metric", [RSA("cosine"), CKA(unbiased=True)], ids=["rsa", "cka"])
def test_a_representation_has_nothing_beyond_itself(metric):
    x, y, _ = three()
    found = beyond(metric, x, y, [x])
    assert np.isnan([found.value, found.ci_low, found.ci_high]).all()


@pytest.mark.parametrize("metric", [RSA("cosine"), RSA("euclidean", "pearson"), CKA(unbiased=True)])
def test_the_interval_covers_the_mean_score(metric):
    scores, widths, inside = [], [], []
    for seed in range(60):
        found = beyond(metric, *(parts := three(100, seed))[:2], parts[2:])
        scores.append(found.value)
        widths.append((found.ci_high - found.ci_low) / (2 * 1.96))
        inside.append((found.ci_low, found.ci_high))
    low, high = np.transpose(inside)
    # 60 samples know a standard deviation to 9 %, and coverage to 3 %.
    assert np.sqrt(np.mean(np.square(widths))) == pytest.approx(np.std(scores, ddof=1), rel=0.3)
    assert np.mean((low <= np.mean(scores)) & (np.mean(scores) <= high)) >= 0.85


def test_the_error_is_the_jackknifes():
    metric, (x, y, control) = RSA("cosine"), three(80, 3)
    found = beyond(metric, x, y, [control])
    others = [np.arange(80) != i for i in range(80)]
    left_out = np.array([beyond(metric, x[o], y[o], [control[o]]).value for o in others])
    jackknife = np.sqrt(79 / 80 * np.sum((left_out - left_out.mean()) ** 2))
    error = (found.ci_high - found.ci_low) / (2 * 1.959964)
    # The jackknife counts the variance of single pairs twice, so it lies above, the more the fewer stimuli.
    assert 0.8 * jackknife < error < 1.02 * jackknife


def test_many_stimuli_have_their_error_from_some(monkeypatch):
    x, y, control = three(400)
    whole = beyond(RSA("cosine"), x, y, [control])
    monkeypatch.setattr("prh.inference.beyond.MOST_STIMULI", 200)
    part = beyond(RSA("cosine"), x, y, [control])
    assert part.value == whole.value
    assert part.ci_high - part.ci_low == pytest.approx(whole.ci_high - whole.ci_low, rel=0.2)


@pytest.mark.parametrize("metric", [MutualKNN(5), Procrustes()], ids=["knn", "procrustes"])
def test_other_metrics_take_the_difference_to_the_control(metric):
    x, y, control = three()
    assert not has_partial(metric)
    expected = compare_scores(metric, x, control, y)
    assert beyond(metric, x, y, [control]) == Beyond(expected.value, expected.ci_low, expected.ci_high)
    with pytest.raises(ValueError, match="one control at a time, not 2"):
        beyond(metric, x, y, [control, control])


def test_outliers_are_clamped_in_representations_and_left_in_controls():
    x, y, control = three()
    metric, plain = RSA("cosine", outliers=0.9), RSA("cosine")
    expected = beyond(plain, metric.matrix(x, "x"), metric.matrix(y, "y"), [control]).value
    assert beyond(metric, x, y, [control]).value == pytest.approx(expected)


def test_class_features_know_the_class_alone():
    exact = squareform(pdist(class_features(RSA("cosine"), LABELS)))
    np.testing.assert_allclose(exact, np.sqrt(2) * (LABELS[:, None] != LABELS), atol=1e-12)
    neighbours = MutualKNN(5).prepare(class_features(MutualKNN(5), LABELS)).indices
    assert (LABELS[neighbours] == LABELS[:, None]).all()
    assert np.mean(neighbours < np.arange(40)[:, None]) == pytest.approx(0.5, abs=0.1)
