"""The best pair of layers is chosen on other stimuli than it is scored on."""

import numpy as np
import pytest

from prh.inference.crossfit import crossfit, crossfit_classes
from prh.similarity import CKA, RSA, MutualKNN, Procrustes

METRICS = [RSA("cosine"), RSA("euclidean", "pearson"), CKA(unbiased=True), MutualKNN(6), Procrustes()]


def unrelated(seed, n=60, layers=(4, 3)):
    generator = np.random.default_rng(seed)
    return ({i: generator.normal(size=(n, 6)) for i in range(count)} for count in layers)


def grid_of(metric, a, b):
    return np.array([[metric(x, y) for y in b.values()] for x in a.values()])


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_is_the_held_out_score_of_the_best_pair_moved_to_all_stimuli(metric):
    a, b = unrelated(0, n=40)
    found = crossfit(metric, a, b, scores := grid_of(metric, a, b), splits=4, seed=3)
    smaller = MutualKNN(3) if isinstance(metric, MutualKNN) else metric
    generator, halves = np.random.default_rng(3), []
    for _ in range(4):
        order = generator.permutation(40)
        halves += [np.sort(order[:20]), np.sort(order[20:])]
    grids = [grid_of(smaller, *({i: z[h] for i, z in side.items()} for side in (a, b))) for h in halves]
    level, held_out = np.mean(grids, axis=0), []
    for which, chosen_on in enumerate(grids):
        best = np.unravel_index(np.argmax(np.round(chosen_on + scores - level, 9)), scores.shape)
        held_out.append(grids[which ^ 1][best] + scores[best] - level[best])
    assert found.value == pytest.approx(np.mean(held_out), abs=2e-3)
    assert found.sd == pytest.approx(np.std(np.reshape(held_out, (4, 2)).mean(axis=1), ddof=1), abs=2e-3)


@pytest.mark.parametrize(("metric", "chance"), [(CKA(unbiased=True), 0.0), (MutualKNN(6), 6 / 59)])
def test_the_best_of_unrelated_layers_scores_what_chance_does(metric, chance):
    best, crossed = [], []
    for seed in range(25):
        a, b = unrelated(seed)
        scores = grid_of(metric, a, b)
        best.append(scores.max())
        crossed.append(crossfit(metric, a, b, scores, seed=seed).value)
    error = np.std(crossed) / 5
    assert np.mean(crossed) == pytest.approx(chance, abs=3 * error)
    assert np.mean(best) > chance + 5 * error


def test_where_one_pair_is_by_far_the_best_nothing_is_lost():
    a, b = unrelated(1)
    b[1] = a[2] + 0.1 * b[1]
    scores = grid_of(METRICS[0], a, b)
    assert crossfit(METRICS[0], a, b, scores).value == pytest.approx(scores.max(), abs=0.01)


def test_many_stimuli_are_split_as_a_subset(monkeypatch):
    monkeypatch.setattr("prh.inference.crossfit.MOST_STIMULI", 40)
    a, b = unrelated(2, n=400)
    b[0] = a[0] + 0.5 * b[0]
    for metric in (METRICS[0], METRICS[3]):
        scores = grid_of(metric, a, b)
        assert crossfit(metric, a, b, scores).value == pytest.approx(scores.max(), abs=0.02)


def test_degenerate_layers_are_left_out():
    a, b = unrelated(3)
    scores = grid_of(METRICS[0], a, b)
    expected = crossfit(METRICS[0], a, b, scores)
    broken = np.vstack([np.full((1, 3), np.nan), scores])
    found = crossfit(METRICS[0], {"dead": np.zeros((60, 4)), **a}, b, broken)
    assert found.value == pytest.approx(expected.value)
    nothing = crossfit(METRICS[0], {"dead": np.zeros((60, 4))}, b, np.full((1, 3), np.nan))
    assert np.isnan(nothing.value)


def images(seed, noise):
    generator = np.random.default_rng(seed)
    labels = np.arange(200) % 10
    truth = generator.normal(size=(10, 6))
    layers = {
        i: truth[labels] + generator.normal(size=(10, 6))[labels] + noise * generator.normal(size=(200, 6))
        for i in range(5)
    }
    return layers, {"text": truth}, labels


def test_classes_stay_and_their_images_are_split():
    metric, gaps = RSA("euclidean"), []
    for seed in range(30):
        layers, text, labels = images(seed, noise=6.0)
        centroids = {i: np.stack([x[labels == c].mean(axis=0) for c in range(10)]) for i, x in layers.items()}
        scores = grid_of(metric, centroids, text)
        found = crossfit_classes(metric, layers, text, labels, scores, seed=seed)
        gaps.append(scores.max() - found.value)
    assert np.mean(gaps) > 3 * np.std(gaps) / np.sqrt(30)
    exact, text, labels = images(0, noise=0.0)
    centroids = {i: np.stack([x[labels == c].mean(axis=0) for c in range(10)]) for i, x in exact.items()}
    scores = grid_of(metric, centroids, text)
    assert crossfit_classes(metric, exact, text, labels, scores).value == pytest.approx(scores.max())


def test_a_class_of_one_image_cannot_be_split():
    layers, text, labels = images(0, 1.0)
    labels[0] = 10
    with pytest.raises(ValueError, match="a class has one row alone"):
        crossfit_classes(METRICS[0], layers, text, labels, np.zeros((5, 1)))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_too_few_stimuli_to_split_have_no_score(metric):
    a, b = unrelated(5, n=7)
    assert np.isnan(crossfit(metric, a, b, grid_of(metric, a, b)).value)
    a, b = unrelated(5, n=9)
    assert np.isfinite(crossfit(metric, a, b, grid_of(metric, a, b)).value)
