"""All layers of a cast with each other: where they stand in the table, and the best of each pair."""

import numpy as np
import pytest

from prh.features import Features
from prh.findings import paths
from prh.findings.cast import Cast, Member
from prh.findings.paths import all_layers
from prh.findings.question import Question
from prh.ground.progress import Silent
from prh.inference import Permutation, all_pairs
from prh.inference.crossfit import crossfit
from prh.similarity import CKA, RSA, MutualKNN, Procrustes

ROLES = {"model": 3, "reference": 2, "text": 1, "more": 4}
PAIRS = [(0, 1), (0, 2), (0, 3), (1, 3)]


def cast(n=40, degenerate=None):
    """Members, and their features: layers that see one world ever less well."""
    generator = np.random.default_rng(0)
    world = generator.normal(size=(n, 6))
    features, members = {}, []
    for role, depth in ROLES.items():
        layers = {f"l{k}": world + (0.3 + 0.4 * k) * generator.normal(size=(n, 6)) for k in range(depth)}
        layers = {name: x.astype(np.float32) for name, x in layers.items()}
        if degenerate in layers and depth > 1:
            layers[degenerate] = np.zeros((n, 6), np.float32)
        sense = "words" if role == "text" else "images"
        features[role] = Features(f"{role} net", layers)
        members.append(Member(role, f"{role} net", sense, role, False, 1e6, np.nan))
    return members, features


def asked(metric):
    return Question(metric, Permutation(), seed=3)


@pytest.mark.parametrize("metric", [RSA("cosine"), RSA("euclidean"), MutualKNN(4)], ids=lambda m: m.name)
def test_layers_stand_where_paths_say_and_the_best_are_those_of_each_pair_alone(metric):
    members, features = cast()
    layers, best = all_layers(asked(metric), members, features, PAIRS, Silent())
    assert layers.n == 40
    assert layers.paths == {
        "model net": (0, 1, 2),
        "reference net": (3, 4),
        "text net": (5,),
        "more net": (6, 7, 8, 9),
    }
    assert layers.table.names[4] == "reference net l1"
    of = {"text": metric.for_text()}

    def score(a, k, b, m):
        left = of.get(a, metric).prepare(features[a][f"l{k}"])
        return metric.compare(left, of.get(b, metric).prepare(features[b][f"l{m}"]))

    assert layers.table.scores[1, 9] == pytest.approx(score("model", 1, "more", 3))
    assert layers.table.scores[4, 5] == pytest.approx(score("reference", 1, "text", 0))
    assert set(best) == set(PAIRS)
    for i, j in PAIRS:
        a, b = members[i].role, members[j].role
        grid = [[score(a, k, b, m) for m in range(ROLES[b])] for k in range(ROLES[a])]
        both = of.get(a, metric), of.get(b, metric)
        alone = crossfit(both[0], features[a], features[b], np.array(grid), paths.SPLITS, 3, both[1])
        assert best[i, j].value == pytest.approx(alone.value, abs=1e-12)


def test_a_degenerate_layer_has_no_place():
    members, features = cast(degenerate="l1")
    layers, best = all_layers(asked(RSA("cosine")), members, features, PAIRS, Silent())
    assert layers.paths["model net"] == (0, 1)
    assert layers.table.names[1] == "model net l2"
    assert np.isfinite(best[0, 3].value)


def test_encoders_with_one_layer_each_have_no_paths():
    members, features = cast()
    last = {role: Features(x.encoder, {x.last: x[x.last]}) for role, x in features.items()}
    assert all_layers(asked(RSA("cosine")), members, last, PAIRS, Silent()) == (None, {})


def test_of_many_layers_and_stimuli_there_are_some(monkeypatch):
    monkeypatch.setattr(RSA, "LAYERS_AT_ONCE", 8)
    monkeypatch.setattr(paths, "MOST_STIMULI", 30)
    members, features = cast()
    layers, best = all_layers(asked(RSA("cosine")), members, features, PAIRS, Silent())
    assert [len(places) for places in layers.paths.values()] == [2, 2, 1, 2]
    assert layers.table.names[6] == "more net l3"
    assert layers.n == 30
    assert best == {}
    monkeypatch.setattr(CKA, "LAYERS_AT_ONCE", 4)
    wide, _ = all_layers(asked(CKA()), members, features, PAIRS, Silent())
    assert wide is None


def test_metrics_that_take_minutes_have_no_paths():
    members, features = cast()
    assert all_layers(asked(Procrustes()), members, features, PAIRS, Silent()) == (None, {})


def test_tables_have_the_best_layers_beside_the_last():
    members, features = cast()
    metric = RSA("cosine")
    states = {one.name: metric.prepare(features[one.role][features[one.role].last]) for one in members}
    table = all_pairs(metric, states, Permutation(n_permutations=99), PAIRS)
    layers, best = all_layers(asked(metric), members, features, PAIRS, Silent())
    found = Cast(tuple(members), table, {}, layers=layers, best=best)
    rows = {(row["a"], row["b"]): row for row in found.rows()}
    assert rows["model net", "more net"]["best_crossfit"] == best[0, 3].value
    matrix = found.best_table.scores
    assert matrix[3, 0] == matrix[0, 3] == best[0, 3].value
    assert np.isnan(matrix[1, 2])
    assert not found.best_table.judged.any()
    metrics = {name: value for name, value, _ in found.metrics(["model_vs_reference"])}
    assert metrics["model_vs_more.best.crossfit"] == best[0, 3].value
    assert "model_vs_reference.best.crossfit" not in metrics
    assert "best_crossfit" not in Cast(tuple(members), table, {}).rows()[0]
