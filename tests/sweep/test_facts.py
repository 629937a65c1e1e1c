"""What a sweep's page says it is of."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from prh.sweep.answer import answer
from prh.sweep.facts import compared, in_one_line, made
from prh.sweep.gathered import GatheredStudy

TABLE = pd.DataFrame(
    {
        "dataset": ["openmoji"] * 3,
        "n": [1000, 100, 100],
        "model": ["a", "b (fitted)", "a"],
        "text": ["", "", ""],
        "metric": ["cosine", "mutual_knn", "cosine"],
        "metric._target_": ["prh.similarity.RSA", "prh.similarity.MutualKNN", "prh.similarity.RSA"],
        "seed": [0, 0, 0],
        "also.px": ["pixels"] * 3,
        "also.px.architecture": ["x"] * 3,
    }
)


def test_all_is_said_swept_or_not_and_substitutes_are_called_so():
    facts = compared(TABLE)
    assert facts == {
        "dataset": "openmoji",
        "n": "100, 1000",
        "model": "a, b (fitted)",
        "metric": "cosine (RSA), mutual_knn",
        "seed": "0",
        "also.px": "pixels",
    }
    assert in_one_line(facts) == (
        "openmoji, n = 100, 1000; model a, b (fitted); metric cosine (RSA), mutual_knn; seed 0; "
        "also.px pixels"
    )
    many = compared(pd.concat([TABLE.assign(seed=seed) for seed in range(40)]))
    assert many["seed"] == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … 39 (40 in all)"


def test_code_with_changes_is_not_taken_for_its_commit():
    tags = {"version.prh": "0.1.0", "mlflow.source.git.commit": "a" * 40, "command": "python -m prh.run"}
    run = SimpleNamespace(info=SimpleNamespace(start_time=0, run_id="r"), data=SimpleNamespace(tags=tags))
    assert made(run) == {
        "date": "1970-01-01 00:00 UTC",
        "command": "python -m prh.run",
        "code": "prh 0.1.0, aaaaaaaaaa",
        "run": "r",
    }
    tags["git.dirty"] = "true"
    assert made(run)["code"] == "prh 0.1.0, aaaaaaaaaa with changes"


def test_what_leaves_a_score_as_it_is_is_not_named_beside_it():
    pairs = {"model_vs_text": (0.1, 0.2, 0.3, 0.4), "reference_vs_text": (0.1, 0.1, 0.2, 0.2)}
    rows = [
        {"pair": pair, "model": "ab"[at % 2], "n": (100, 300)[at // 2], "score": score, "run_id": str(at)}
        for pair, scores in pairs.items()
        for at, score in enumerate(scores)
    ]
    scores = pd.DataFrame(rows).assign(q=0.01, ci_low=float("nan"), ci_high=float("nan"))
    _, model, reference = answer(scores, ["model", "n"], GatheredStudy(Path(), []))
    assert "from 0.10 (model a, n 100) to 0.40 (model b, n 300);" in model
    assert "from 0.10 (n 100) to 0.20 (n 300);" in reference
