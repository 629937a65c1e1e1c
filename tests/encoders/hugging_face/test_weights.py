"""Where weights of models of transformers come from, and what is refused before any work."""

import json
import shutil
from dataclasses import replace
from fnmatch import fnmatch
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file

from prh.encoders.network.fit import Fit
from prh.encoders.network.preprocess import Preprocess
from prh.encoders.weights import Random, Transformers
from prh.errors import ConfigError, Unavailable
from prh.features import Stages
from tests.conftest import Listening
from tests.encoders.hugging_face.test_towers import TOWER, features, model_of, pictures, resources
from tests.encoders.hugging_face.tiny import saved


@pytest.fixture
def vit(tmp_path):
    """The folder of a tiny ViT."""
    saved("vit", tmp_path / "vit")
    return tmp_path / "vit"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def hub(vit, tmp_path, monkeypatch):
    """A hub that has a tiny ViT, and its client's folder, which is returned."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    here = tmp_path / "client" / "snapshot"

    def snapshot_download(name, *, allow_patterns, local_files_only=False, etag_timeout=0):
        if local_files_only and not here.is_dir():
            raise LocalEntryNotFoundError("nothing")
        here.mkdir(parents=True, exist_ok=True)
        for file in vit.iterdir():
            if not local_files_only and any(fnmatch(file.name, pattern) for pattern in allow_patterns):
                shutil.copy(file, here)
        return str(here)

    def repo_info(*given, **options):
        siblings = [SimpleNamespace(rfilename=file.name, size=2_400_000) for file in vit.iterdir()]
        return SimpleNamespace(siblings=siblings)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", repo_info)
    monkeypatch.setattr("huggingface_hub.HfApi.repo_info", repo_info)
    return here


def test_a_model_of_the_hub_is_looked_at_before_its_weights_are_fetched(hub, tmp_path):
    model, listening = model_of("some/vit"), Listening()
    assert len(Stages().of(model.sketch("model"))) == 5
    assert sorted(file.name for file in hub.iterdir()) == ["config.json", "preprocessor_config.json"]
    encoder = model.resolve("model", replace(resources(tmp_path), report=listening))
    assert (encoder.source, encoder.label) == ("hub:some/vit", "vit")
    (said,) = listening.notes
    assert said.startswith("Downloading some/vit: 2 MB into ")
    assert said.endswith("; model=efficientnet_lite0 needs no download")
    again = model.resolve("model", replace(resources(tmp_path), report=listening))
    assert (again.sha256, len(listening.notes)) == (encoder.sha256, 1)


def test_pickled_weights_are_fetched_where_there_are_no_others(hub, vit, tmp_path):
    torch.save(load_file(vit / "model.safetensors"), vit / "pytorch_model.bin")
    (vit / "model.safetensors").unlink()
    model_of("some/vit").resolve("model", resources(tmp_path))
    assert (hub / "pytorch_model.bin").is_file()


def refusal(model, folder):
    """Returns what is said of a model before any of its weights are read."""
    with pytest.raises(ConfigError) as caught:
        Stages().of(model.sketch("model"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def changed(folder, file="config.json", **values):
    path = folder / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_folder_without_a_configuration(tmp_path):
    said = refusal(model_of(tmp_path), tmp_path)
    assert said.startswith(f"model.name: {tmp_path} has no config.json. Give the folder of a vision model")


def test_a_folder_that_is_not_there(tmp_path):
    said = refusal(model_of(tmp_path / "no" / "such"), tmp_path)
    assert said.startswith(f"model.name: there is no folder {tmp_path}/no/such. Give the folder")


def test_a_name_the_hub_cannot_be_asked_for(tmp_path, offline):
    said = refusal(model_of("some/model"), tmp_path)
    assert said.startswith(
        "model.name: some/model is no folder here, and cannot be had from the Hugging Face"
    )
    assert said.endswith("model=efficientnet_lite0.")


def test_a_name_the_hub_does_not_have(tmp_path, monkeypatch):
    from huggingface_hub.errors import RepositoryNotFoundError

    def unknown(*given, **options):
        raise RepositoryNotFoundError("404", response=SimpleNamespace(headers={}, request=None))

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unknown)
    assert "on the hub there is none, or not for everyone" in refusal(model_of("some/model"), tmp_path)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"model_type": "bert", "architectures": ["BertModel"]}, "of the kind bert, which takes no pictures"),
        ({"model_type": "wav2vec2"}, "of the kind wav2vec2, which takes no pictures"),
        ({"model_type": "my_own"}, "does not know the kind of model"),
        ({"model_type": "my_own", "auto_map": {"AutoConfig": "mine.Config"}}, "code of its own"),
    ],
)
def test_a_model_that_is_none_for_pictures(vit, values, why):
    changed(vit, **values)
    said = refusal(model_of(vit), vit)
    assert said.startswith("model.name: ")
    assert why in said


def test_a_model_without_a_processor_that_can_be_followed(vit):
    changed(vit, "preprocessor_config.json", resample=1)
    said = refusal(model_of(vit), vit)
    assert said.startswith(f"model.preprocess: of {vit}, its image processor resizes in a way of its own")
    (vit / "preprocessor_config.json").unlink()
    said = refusal(model_of(vit), vit)
    assert said.startswith(f"model.preprocess: {vit} has no preprocessor_config.json")
    own = Preprocess([0.5] * 3, [0.5] * 3, resize=32, crop=32)
    assert model_of(vit, preprocess=own).sketch("model").weights.preprocess == own


def test_a_folder_without_weights_or_with_others(vit, tmp_path):
    model, state = model_of(vit), load_file(vit / "model.safetensors")
    some = {name: value for name, value in state.items() if "layernorm" not in name}
    save_file(some, vit / "model.safetensors", {"format": "pt"})
    with pytest.raises(ConfigError, match=r"model\.name: the weights in .* lack 14 of its parameters, e\.g"):
        model.resolve("model", resources(tmp_path))
    (vit / "model.safetensors").write_text("rubbish")
    with pytest.raises(ConfigError, match=r"model\.name: .* holds no weights of this network"):
        model.resolve("model", resources(tmp_path))
    (vit / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match=r"model\.name: .* has no model\.safetensors or pytorch_model\.bin"):
        model.resolve("model", resources(tmp_path))
    (vit / "pytorch_model.bin").write_bytes(b"")
    torch.save(state, vit / "pytorch_model.bin")
    assert model.resolve("model", resources(tmp_path)).source == "file:vit"


def test_weights_of_ones_own_for_the_same_network(vit, tmp_path):
    before = model_of(vit).resolve("model", resources(tmp_path))
    state = load_file(vit / "model.safetensors")
    save_file({name: value + 1 for name, value in state.items()}, tmp_path / "own.safetensors")
    own = model_of(vit, Transformers(str(tmp_path / "own.safetensors"))).resolve("model", resources(tmp_path))
    assert own.source == "file:own.safetensors"
    for name, value in before.load("cpu").state_dict().items():
        torch.testing.assert_close(own.load("cpu").state_dict()[name], value + 1)
    with pytest.raises(ConfigError, match=r"model\.weights\.path: there is no file .*nope"):
        model_of(vit, Transformers(str(tmp_path / "nope"))).resolve("model", resources(tmp_path))


def test_features_are_computed_anew_when_the_configuration_changes(vit, tmp_path):
    before = model_of(vit).resolve("model", resources(tmp_path))
    assert model_of(vit).resolve("model", resources(tmp_path)).fingerprint == before.fingerprint
    changed(vit, layer_norm_eps=0.5)
    assert model_of(vit).resolve("model", resources(tmp_path)).fingerprint != before.fingerprint


def test_weights_in_half_precision_are_read_in_single(vit, tmp_path):
    from transformers import ViTModel

    ViTModel.from_pretrained(vit, dtype=torch.float16).save_pretrained(vit)
    network = model_of(vit).resolve("model", resources(tmp_path)).load("cpu")
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_an_untrained_twin_sees_what_the_trained_network_sees(vit, tmp_path):
    trained = model_of(vit).resolve("model", resources(tmp_path))
    twin = model_of(vit, Random()).resolve("model", resources(tmp_path))
    assert (twin.label, twin.weights.preprocess) == ("vit (random)", trained.weights.preprocess)
    assert list(features(twin, tmp_path)) == Stages().of(trained)


def test_a_model_that_is_described_but_not_downloaded_has_a_substitute(vit, tmp_path, monkeypatch):
    def unavailable(name, key, modality, report):
        raise Unavailable(f"{key}.name", "no network", "Try again")

    monkeypatch.setattr("prh.encoders.hugging_face.folder.with_weights", unavailable)
    fit = Fit(n_train=20, epochs=1, lr=1e-3, batch_size=10, seed=0, preprocess=Preprocess([0.5], [0.5]))
    model = model_of(vit, Transformers(if_unavailable="fit"), fit=fit)
    listening = Listening()
    data = SimpleNamespace(training_data=lambda *a: pictures(40), held_out_data=lambda *a: pictures(20))
    encoder = model.resolve("model", replace(resources(tmp_path), dataset=data, report=listening))
    assert encoder.label == "vit (fitted)"
    assert "called vit (fitted) throughout" in listening.warnings[0]
    assert encoder.weights.preprocess.resize == 32
    assert list(features(encoder, tmp_path)) == Stages().of(encoder)
    with pytest.raises(ConfigError, match=r"model\.name: no network\. Try again, or let prh train"):
        model_of(vit, Transformers(), fit=fit).resolve("model", resources(tmp_path))


def test_a_run_is_refused_in_one_line(vit, prh):
    changed(vit, model_type="bert", architectures=["BertModel"])
    outcome = prh("model=transformers", f"model.name={vit}")
    assert outcome.code == 2
    (line,) = outcome.err.strip().splitlines()
    assert line.startswith(f"error model.name: {vit} is a model of the kind bert, which takes no pictures")


@pytest.mark.slow
def test_a_run_with_a_folder(vit, prh, runs):
    few = ["inference.n_permutations=49", "inference.n_bootstrap=20", "figures.umap_layers=1"]
    look = ["text=none", "model@reference=pixels", "dataset=openmoji", "dataset.n=40", "figures.dpi=60"]
    outcome = prh("model=transformers", f"model.name={vit}", *look, *few)
    assert outcome.code == 0, outcome.err
    assert "vit × pixels, 40 stimuli" in outcome.out
    _, (run,) = runs()
    assert run.data.tags["weights.model"] == "file:vit"
    assert run.data.tags["model_vs_reference.last.layers"] == "vision.layernorm × pixels"


def test_the_architecture_is_named_as_configs_name_it():
    from prh.run import CONF

    assert f"architecture: {TOWER}\n" in (CONF / "model" / "transformers.yaml").read_text()
