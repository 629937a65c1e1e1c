"""Every option of every group composes and builds; bad values are refused by their key."""

import pytest

from prh.config import Trainer, resolve
from prh.errors import ConfigError
from prh.ground.build import build, flatten
from prh.ground.conf import CONF
from prh.run import composed, run_name

OWN_GROUPS = sorted(folder.name for folder in CONF.iterdir() if folder.is_dir() and folder.name != "hydra")
PREFIX = {"experiment": "+experiment=", "limitation": "+experiment=limitations limitation="}
"""How an option of a group that stands in no defaults list is chosen."""
OPTIONS = [
    f"{PREFIX.get(group, f'{group}=')}{path.stem}"
    for group in OWN_GROUPS
    for path in sorted((CONF / group).glob("*.yaml"))
]
OPTIONS += [f"model@reference={path.stem}" for path in sorted((CONF / "model").glob("*.yaml"))]
NEEDS = {
    "dataset=image_folder": "dataset.path=x",
    "dataset=captioned_folder": "dataset.path=x",
    "model=custom": "model.architecture=x.Net model.weights.path=x",
    "model@reference=custom": "reference.architecture=x.Net reference.weights.path=x",
    "dataset=hf": "dataset.name=x",
    "dataset=torchvision": "dataset.name=x",
    "dataset=audio_folder": "dataset.path=x",
    "text=transformers": "text.name=x",
    "model=speech_transformers": "model.name=x",
    "model@reference=speech_transformers": "reference.name=x",
}
"""What an option asks of the user."""
OPTIONS = [f"{option} {NEEDS[option]}" if option in NEEDS else option for option in OPTIONS]
PAIRS = [
    ("metric=euclidean", "inference=none"),
    ("model=torchvision", "layers=last"),
    ("model=fashion_cnn", "model@reference=resnet18"),
    ("layers=all", "layers.pool=max"),
]


def settings(*overrides):
    return resolve(composed([*overrides, "output_dir=out"]))


@pytest.mark.parametrize("overrides", [tuple(option.split()) for option in OPTIONS] + PAIRS, ids=" ".join)
def test_every_option_composes_and_builds(overrides):
    built = settings(*overrides)
    assert built.model.name
    assert built.reference.name
    assert built.sampling.duplicates == "group"


@pytest.mark.parametrize(
    ("limitation", "n", "reference", "prompt"),
    [
        ("none", 1000, "fashion_cnn", "{}"),
        ("images_10000", 10000, "fashion_cnn", "{}"),
        ("images_60000", 60000, "fashion_cnn", "{}"),
        ("batch_norm", 1000, "fashion_cnn_bn", "{}"),
        ("sentences", 1000, "fashion_cnn", "A photo of a {}, a piece of clothing."),
    ],
)
def test_a_limitation_changes_the_article_in_one_thing(limitation, n, reference, prompt):
    built = settings("+experiment=limitations", f"limitation={limitation}")
    assert (built.dataset.n, built.reference.name, built.prompt.templates[0]) == (n, reference, prompt)
    assert built.model.name == "resnet18"


@pytest.mark.parametrize(
    ("overrides", "metric"),
    [
        (("dataset=fashion_mnist",), "RSA (cosine, spearman)"),
        (("dataset=openmoji",), "mutual 10-NN"),
        (("dataset=openmoji", "metric=cosine"), "RSA (cosine, spearman)"),
        (("+experiment=scale", "metric=cka"), "CKA (linear, unbiased)"),
    ],
)
def test_captions_are_compared_by_neighbours_unless_asked_otherwise(overrides, metric):
    assert settings(*overrides).metric.name == metric


def test_every_config_says_in_its_first_line_what_it_is_and_how_to_select_it():
    for path in CONF.rglob("*.yaml"):
        first = path.read_text().removeprefix("# @package _global_\n").splitlines()[0]
        assert first.startswith("# "), path
        if path.parent.name in OWN_GROUPS:
            assert f"{path.parent.name}={path.stem}" in first, path


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("dataset.n=0", "dataset.n"),
        ("dataset.n=many", "dataset.n"),
        ("dataset.split=validation", "dataset.split"),
        ("dataset.duplicates=some", "dataset.duplicates"),
        ("+dataset.size=3", "dataset.size"),
        ("seed=-1", "seed"),
        ("precision=fp8", "precision"),
        ("batch_size=0", "batch_size"),
        ("layers.pool=mean", "layers.pool"),
        ("metric.distance=manhattan", "metric.distance"),
        ("metric.compare_by=kendal", "metric.compare_by"),
        ("inference.n_permutations=0", "inference.n_permutations"),
        ("inference.level=1", "inference.level"),
        ("inference.within=recordings", "inference.within"),
        ("inference.beyond=[pixels,size]", "inference.beyond.1"),
        ("inference.beyond=pixels", "inference.beyond"),
        ("prompt.templates=[hello]", "prompt.templates"),
        ("reference.fit.lr=fast", "reference.fit.lr"),
        ("model.preprocess.interpolation=cubic", "model.preprocess.interpolation"),
        ("model.weights=trained", "model.weights"),
        ("dataset=reaction_diffusion dataset.feed=[0.05,0.01]", "dataset.feed"),
        ("dataset=openmoji dataset.language=xx", "dataset.language"),
        ("dataset=tuxpaint dataset.language=xx", "dataset.language"),
        ("dataset=tuxpaint dataset.language=de", "dataset.speech"),
        ("dataset=tuxpaint dataset.speech=en", "dataset.speech"),
        ("dataset=tuxpaint dataset.folders=0", "dataset.folders"),
        ("metric=cka metric.kernel=cubic", "metric.kernel"),
        ("metric=svcca metric.dim=0", "metric.dim"),
        ("metric=mutual_knn metric.k=0", "metric.k"),
        ("metric=cknna metric.k=1.5", "metric.k"),
        ("similarity.memory_gb=0", "similarity.memory_gb"),
        ("similarity.outliers=95", "similarity.outliers"),
        ("+similarity.gpu=1", "similarity.gpu"),
        ("figures.dpi=-3", "figures.dpi"),
        ("figures.style=neon", "figures.style"),
        ("figures.umap_points=3", "figures.umap_points"),
        ("inference.n_bootstrap=1", "inference.n_bootstrap"),
        ("metric._target_=prh.similarity.Nope", "metric._target_"),
        ("metric._target_=null", "metric._target_"),
        ("metric._target_=5", "metric._target_"),
        ("metric._target_=os.system", "metric._target_"),
        ("metric._target_=subprocess.Popen", "metric._target_"),
        ("text._target_=prh.similarity.RSA", "text._target_"),
        ("model.weights._target_=os.system", "model.weights._target_"),
        ("+model.arguments.x._target_=subprocess.Popen", "model.arguments.x._target_"),
        ("seed=4294967296", "seed"),
        ("seed=true", "seed"),
        ("trainer.devices=true", "trainer.devices"),
        ("inference.seed=18446744073709551616", "inference.seed"),
        ("figures.umap_seed=4294967296", "figures.umap_seed"),
        ("device=meta", "device"),
        ("metric.device=gpu", "metric.device"),
        ("model.stages=[]", "model.stages"),
        ("model.preprocess.mean=[0.5,0.5]", "model.preprocess.mean"),
        ("model.preprocess.std=[0.2]", "model.preprocess.std"),
        ("model.preprocess.std=[0.2,0,0.2]", "model.preprocess.std.1"),
        ("model.preprocess.resize=1", "model.preprocess.resize"),
        ("model=pixels model.preprocess.crop=64", "model.preprocess.crop"),
        ("reference.fit.lr=inf", "reference.fit.lr"),
        ("reference.fit.lr=1e308", "reference.fit.lr"),
        ("text.name=", "text.name"),
        ("similarity.memory_gb=inf", "similarity.memory_gb"),
        ("inference.n_permutations=1e12", "inference.n_permutations"),
        ("figures.dpi=100000", "figures.dpi"),
        ("figures.umap_min_dist=5", "figures.umap_min_dist"),
        ("tracking.experiment=a/b", "tracking.experiment"),
        ("tracking.experiment=..", "tracking.experiment"),
        ("tracking.experiment=", "tracking.experiment"),
        ("study=5", "study"),
        ("cache_dir=null", "cache_dir"),
        ("cache_dir=", "cache_dir"),
        ("data_dir=5", "data_dir"),
        ("similarity=null", "similarity"),
        ("model@reference=null", "reference"),
        ("study=words", "study"),
        ("dataset=openmoji dataset.size=100000000", "dataset.size"),
        ("dataset=reaction_diffusion dataset.grid=500 dataset.size=1024", "dataset.size"),
        ("+experiment=article study.figures.cosine.fig1_stimuli=x", "study.figures.cosine.fig1_stimuli"),
    ],
)
def test_a_bad_value_is_refused_by_its_key(override, key):
    with pytest.raises(ConfigError) as caught:
        settings(*override.split())
    assert str(caught.value).startswith(f"{key}: ")
    assert "\n" not in str(caught.value)


def test_build_recurses_into_lists_and_leaves_scalars():
    node = {"a": [{"_target_": "prh.config.Trainer", "devices": 1, "num_nodes": 2}, 1], "b": None}
    assert build(node) == {"a": [Trainer(1, 2), 1], "b": None}


def test_flatten_gives_dotted_keys_and_keeps_lists_whole():
    assert flatten({"a": {"b": 1, "c": [1, 2]}, "d": None}) == {"a.b": 1, "a.c": [1, 2], "d": None}


@pytest.mark.parametrize(
    ("asked", "begins", "holds"),
    [
        ([], "efficientnet_lite0 · fashion_cnn · RSA (cosine, spearman) · n=1000 · seed=0", ""),
        (["seed=2", "dataset.n=64", "tracking.experiment=x"], "seed=2 · n=64 · efficientnet_lite0 · ", ""),
        (["model@reference=pixels", "layers.pool=max"], "pixels · pool=max · efficientnet_lite0", "n=1000"),
        ([f"+model@also.a{i}=pixels" for i in range(9)], "a0=pixels · a1=pixels", "seed=0"),
    ],
)
def test_a_run_is_called_what_was_asked_for(asked, begins, holds):
    name = run_name(resolve(composed(["output_dir=out", *asked])), asked)
    assert name.startswith(begins)
    assert holds in name
    assert "tracking" not in name
    assert len(name) <= 200
