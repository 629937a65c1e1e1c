"""The PRH paper's number judged on a stand-in: a dataset in its layout, small networks, no hub."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from prh.inference.score import Score
from prh.similarity import MutualKNN
from prh.study import Alignment
from prh.study.gallery import falls, outlasts
from tests.encoders.text.tiny import make


@pytest.fixture(scope="module")
def pairs(tmp_path_factory, data_dir):
    """A folder in the layout of the paper's dataset: images, and a list of captions for each."""
    datasets = pytest.importorskip("datasets")
    from PIL import Image

    from prh.ground.progress import Silent
    from prh.stimuli import OpenMoji

    shown = OpenMoji(n=48, size=64).draw(0, data_dir, Silent())
    images = [Image.fromarray(np.asarray(image).transpose(1, 2, 0)) for image in np.asarray(shown.images)]
    captions = [[caption, f"a picture of {caption}"] for caption in shown.captions]
    kinds = {"image": datasets.Image(), "text": datasets.Sequence(datasets.Value("string"))}
    table = {"image": images, "text": captions}
    folder = tmp_path_factory.mktemp("wit")
    (folder / "data").mkdir()
    rows = datasets.Dataset.from_dict(table, features=datasets.Features(kinds))
    rows.to_parquet(folder / "data" / "train-00000-of-00001.parquet")
    return folder


def test_the_papers_protocol_runs_on_a_stand_in(prh, pairs, tmp_path, workplace):
    pytest.importorskip("timm")
    reader = make("gpt2", tmp_path)
    code, _, err = prh(
        *("+experiment=prh_2024", f"dataset.name={pairs}", "model.name=test_vit.r160_in1k"),
        *("model.weights=random", f"text.name={reader}", "inference.n_permutations=50", "figures.dpi=40"),
    )
    assert code == 0, err
    (claims,) = (workplace / "outputs").rglob("summary/study/claims.csv")
    table = pd.read_csv(claims)
    assert list(table["claim"]) == [
        "the model and the text model are aligned beyond chance",
        "no two are aligned by more than about 0.16",
        "the same layers are less alike the more stimuli there are (Koepke et al. 2026)",
        "some likeness is left once chance is taken off (Gröger et al. 2026)",
    ]
    assert table["measured"][:2].str.contains("chosen on other stimuli").all()
    assert table["verdict"][2] == "not applicable"  # 48 stimuli
    (grid,) = (workplace / "outputs").rglob("matrices/model_vs_text.csv")
    scores = pd.read_csv(grid, index_col=0)
    assert list(scores) == ["tokens", "block1", "block2", "block3"]
    assert list(scores.index) == ["patch_embed", "blocks", "norm"]


class Grid:
    """Scores of two pairs of layers."""

    a, b, best_at = ("x1", "x2"), ("y",), (1, 0)

    def __init__(self, low, high):
        self.scores = np.array([[0.05], [(low + high) / 2]])
        self.ci_low, self.ci_high = np.array([[0.0], [low]]), np.array([[0.1], [high]])
        self.p_corrected = np.array([[0.5], [0.2]])


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.1, 0.17, "holds"), (0.1, 0.2, "undecided"), (0.19, 0.3, "does not hold")],
)
def test_a_number_is_judged_by_its_interval(low, high, verdict):
    from prh.findings.comparison import Comparison

    pair = Comparison("model_vs_text", "net", "reader", "48 stimuli", Grid(low, high))
    outcome = Alignment(0.16, 0.02).no_higher(pair)
    assert outcome.verdict == verdict
    assert f"[{low:.3f}, {high:.3f}] (x2 × y)" in outcome.measured


def test_a_fixed_number_of_neighbours_is_a_finer_question_of_more_stimuli():
    generator = np.random.default_rng(0)
    shared = generator.normal(size=(640, 8))
    sides = [shared + generator.normal(size=(640, 8)) for _ in range(2)]
    found = falls(MutualKNN(10), *sides)
    assert found.verdict == "holds"
    assert [part.what for part in found.parts] == [f"{n} stimuli" for n in (80, 160, 320, 640)]
    first, whole = found.parts[0], found.parts[-1]
    states = [MutualKNN(10).prepare(side[:80]) for side in sides]
    assert first.value == MutualKNN(10).compare(*states)
    assert whole.value < first.value
    assert falls(MutualKNN(0.05), *sides).verdict == "undecided"
    with pytest.raises(ValueError, match="too few"):
        falls(MutualKNN(10), *(side[:60] for side in sides))


@pytest.mark.parametrize(("score", "low", "verdict"), [(0.3, 0.2, "holds"), (0.12, 0.08, "undecided")])
def test_what_is_left_of_a_score_is_above_its_null(score, low, verdict):
    grid = SimpleNamespace(last=Score(score, null_mean=0.1, ci_low=low, ci_high=0.4))
    found = outlasts(SimpleNamespace(grid=grid))
    assert found.verdict == verdict
    assert found.parts[0].value == pytest.approx((score - 0.1) / 0.9)
