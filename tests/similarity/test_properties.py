"""What every metric promises, on whatever features hypothesis comes up with."""

import pkgutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from prh.similarity import (
    CKA,
    CKNNA,
    LCSKNN,
    PWCCA,
    RSA,
    SVCCA,
    CycleKNN,
    DegenerateFeatures,
    EditKNN,
    JaccardKNN,
    MutualKNN,
    Procrustes,
    grid,
)
from tests.similarity.test_influence import EVERY

METRICS = [
    *(RSA(distance, "spearman") for distance in ("cosine", "euclidean", "sqeuclidean")),
    *(RSA("cosine", compare) for compare in ("pearson", "kendall", "cosine")),
    *(kind(3) for kind in (MutualKNN, JaccardKNN, CycleKNN, LCSKNN, EditKNN, CKNNA)),
    *(CKA(kernel, unbiased) for kernel in ("linear", "rbf") for unbiased in (False, True)),
    *(SVCCA(3), PWCCA(3), Procrustes()),
]
every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
ROOT = Path(__file__).parents[2]
CUDA = False
with suppress(ModuleNotFoundError):
    import torch

    CUDA = torch.cuda.is_available()


@pytest.mark.parametrize("option", sorted(path.stem for path in (ROOT / "conf" / "metric").glob("*.yaml")))
def test_every_option_is_tried_here_and_told_of_in_the_docs(option):
    hydra = pytest.importorskip("hydra")
    with hydra.initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        values = hydra.compose("config", [f"metric={option}", "output_dir=out"]).metric
    kind = pkgutil.resolve_name(values["_target_"])
    assert any(type(metric) is kind for metric in METRICS)
    assert any(type(metric) is kind for metric in EVERY)
    assert f"`{option}`" in (ROOT / "docs" / "metrics.md").read_text()


@st.composite
def pairs(draw):
    """Paired features, independent or related, of full or of low rank, narrow or wide, near or far."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(8, 40))
    widths = [draw(st.integers(2, 60)) for _ in range(2)]
    rank = draw(st.integers(2, 12))
    shared = generator.normal(size=(n, rank))
    relation = draw(st.floats(0, 1))
    x, y = (
        relation * shared @ generator.normal(size=(rank, width)) + generator.normal(size=(n, width))
        for width in widths
    )
    if draw(st.booleans()):
        x = shared @ generator.normal(size=(rank, widths[0]))
    return x + draw(st.sampled_from([0, 10])), y


@every_metric
@settings(max_examples=25, deadline=None)
@given(xy=pairs(), seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3))
def test_rotation_scale_and_order_change_nothing(metric, xy, seed, scale):
    x, y = xy
    score = metric(x, y)
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(x))
    rotation = ortho_group.rvs(y.shape[1], random_state=generator)
    if isinstance(metric, SVCCA | PWCCA):
        # They look at single columns: one scales them, the other sums over them.
        rotation = np.eye(y.shape[1])[generator.permutation(y.shape[1])]
    # Ties that rounding breaks may turn single neighbours and ranks.
    assert metric(scale * x, y @ rotation) == pytest.approx(score, abs=1e-5, nan_ok=True)
    assert metric(x[order], y[order]) == pytest.approx(score, abs=1e-6, nan_ok=True)


@every_metric
@settings(max_examples=25, deadline=None)
@given(xy=pairs())
def test_scores_lie_in_their_range_and_are_greatest_for_oneself(metric, xy):
    x, y = xy
    score, own = metric(x, y), metric(x, x)
    assert np.isnan(score) or -metric.maximum - 1e-9 <= score
    if not isinstance(metric, CKNNA):
        assert score <= metric.maximum + 1e-9
    # A stimulus need not be among the neighbours of its own neighbours.
    assert own == pytest.approx(metric.maximum, abs=1e-6, nan_ok=True) or isinstance(metric, CycleKNN)


@every_metric
def test_a_grid_prepares_each_layer_once(metric, monkeypatch):
    generator = np.random.default_rng(0)
    layers = {f"layer{i}": generator.normal(size=(20, 6)) for i in range(5)}
    prepared = []
    prepare = type(metric).prepare

    def counted(self, x, name="x"):
        prepared.append(name)
        return prepare(self, x, name)

    monkeypatch.setattr(type(metric), "prepare", counted)
    scores = grid(metric, layers, dict(list(layers.items())[:3]))
    assert prepared == [*layers, *list(layers)[:3]]
    assert scores[1, 2] == pytest.approx(metric(layers["layer1"], layers["layer2"]))


BAD = {
    "fewer than four rows": (np.eye(3), "x has 3 rows"),
    "not two-dimensional": (np.zeros((8, 2, 2)), r"x must be stimuli × features, but has shape \(8, 2, 2\)"),
    "not numbers": ([["a", "b"]] * 8, "x must hold numbers"),
    "NaN": (np.where(np.arange(8)[:, None] == 5, np.nan, np.eye(8)), "x has NaN or infinite values in row 5"),
    "infinite": (np.where(np.arange(8)[:, None] < 2, np.inf, np.eye(8)), "in rows 0, 1"),
    "constant": (np.full((8, 4), 0.0), "x "),
    "unpaired": (np.random.default_rng(0).normal(size=(9, 4)), "x has 9 rows and y has 8"),
}


@every_metric
@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_refused_with_its_name(metric, kind):
    bad, message = BAD[kind]
    with pytest.raises(ValueError, match=message) as caught:
        metric(bad, np.random.default_rng(1).normal(size=(8, 4)))
    assert isinstance(caught.value, DegenerateFeatures) == (kind in ("NaN", "infinite", "constant"))


@every_metric
def test_outliers_are_clamped_and_rows_scaled_as_in_the_prh_paper(metric):
    generator = np.random.default_rng(0)
    x, y = generator.standard_t(2, size=(30, 8)), generator.normal(size=(30, 5))
    clamped = []
    for z in (x, y):
        bound = np.mean([np.quantile(np.abs(row), 0.95) for row in z])
        z = np.clip(z, -bound, bound)
        clamped.append(z / np.linalg.norm(z, axis=1, keepdims=True))

    assert replace(metric, outliers=0.95)(x, y) == pytest.approx(metric(*clamped), abs=1e-9)


DEVICES = ["auto", pytest.param("cuda", marks=pytest.mark.skipif(not CUDA, reason="no GPU"))]


@every_metric
@pytest.mark.parametrize("memory_gb", [1.0, 1e-5])
@pytest.mark.parametrize("device", DEVICES)
def test_the_device_makes_no_difference(metric, device, memory_gb):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(200, 30))
    y = x[:, :20] + generator.normal(size=(200, 20))
    if getattr(metric, "compare_by", "") == "kendall":
        memory_gb = 1.0
    metric = replace(metric, memory_gb=memory_gb)
    assert replace(metric, device=device)(x, y) == pytest.approx(metric(x, y), abs=1e-4)
