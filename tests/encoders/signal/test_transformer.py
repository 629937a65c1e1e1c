"""Networks that hear waveforms put out here what they put out in transformers, whatever the padding."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from prh.config import resolve
from prh.encoders import Resources, VisionModel
from prh.encoders.signal import AsHeard, SpeechTower
from prh.encoders.weights import Random, Transformers
from prh.errors import ConfigError
from prh.features import FeatureStore, Stages, vision_features
from prh.features.forward import Extraction
from prh.features.layers import All, traced
from prh.ground.progress import Silent
from prh.run import composed
from prh.stimuli import OpenMoji, StimulusSet

SMALL = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48}
CONVOLUTIONS = {"conv_dim": (16, 16, 16), "conv_kernel": (10, 3, 3), "conv_stride": (5, 4, 4)} | {
    **{"num_feat_extract_layers": 3, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
}
STABLE = {"feat_extract_norm": "layer", "do_stable_layer_norm": True}
KINDS = {
    "wav2vec2": ("Wav2Vec2Model", {}, {}),
    "wav2vec2_large": ("Wav2Vec2Model", STABLE, {"return_attention_mask": True}),
    "adapted": ("Wav2Vec2ForCTC", {"vocab_size": 9, "add_adapter": True}, {}),
    "hubert": ("HubertModel", {}, {}),
    "wavlm": ("WavLMModel", {}, {"do_normalize": False}),
    "wavlm_large": ("WavLMModel", STABLE, {"return_attention_mask": True}),
    "data2vec": ("Data2VecAudioModel", {}, {}),
    "conformer": ("Wav2Vec2ConformerModel", {}, {}),
    "sew": ("SEWModel", {"squeeze_factor": 2}, {}),
    "sew_d": ("SEWDModel", {"squeeze_factor": 2}, {}),
}
LENGTHS = (4000, 2345, 1200, 3999)
STATES = ["features", "block1", "block2", "block3"]


def saved(kind, folder):
    """Saves a model with random weights and its feature extractor; returns the model."""
    import transformers

    name, options, how = KINDS[kind]
    torch.manual_seed(0)
    maker = getattr(transformers, name)
    model = maker(maker.config_class(**SMALL, **CONVOLUTIONS, **options)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(**how).save_pretrained(folder)
    return model


def recordings(lengths=LENGTHS, padding=500):
    """Noise with a constant in it, as loud at its loudest as speech is, and its rows, padded with zeros."""
    random = np.random.default_rng(0)
    waves = [(0.3 + random.uniform(-0.7, 0.7, length)).astype(np.float32) for length in lengths]
    return waves, np.stack([np.pad(wave, (0, max(lengths) + padding - len(wave))) for wave in waves])


def heard(signals):
    n = len(signals)
    images = np.zeros((n, 1, 8, 8), np.uint8)
    return StimulusSet(
        "noise", images, np.arange(n) % 2, ("a", "b"), np.arange(n), "f", "here", signals=signals
    )


def resources(folder):
    return Resources(OpenMoji(n=8), folder / "data", folder / "cache", "cpu", Silent())


def model_of(folder, weights=None, **keys):
    tower, arguments = "prh.encoders.signal.SpeechTower", {"name": str(folder)}
    weights = weights or Transformers()
    return VisionModel(str(folder), tower, weights, senses="signals", arguments=arguments, **keys)


def features(encoder, signals, folder, batch_size=3, layers=None):
    how = Extraction("avg", "cpu", "fp32", batch_size)
    store = FeatureStore(folder / f"store-{batch_size}-{signals.shape}", Silent())
    layers = layers or Stages().of(encoder)
    return vision_features(encoder, heard(signals), layers, how, store, Silent())


def answers(network, folder, wave):
    """Returns what transformers says of one recording: each hidden state, averaged over time."""
    from transformers import AutoFeatureExtractor

    extractor = AutoFeatureExtractor.from_pretrained(folder)
    network.config.add_adapter = False
    network = getattr(network, "wav2vec2", network)
    network.adapter = None
    with torch.inference_mode():
        shown = extractor(wave, sampling_rate=16_000, return_tensors="pt")
        said = network(**shown, output_hidden_states=True)
    states = (*said.hidden_states[:-1], said.last_hidden_state)
    return [state[0].mean(0).numpy() for state in states]


@pytest.mark.parametrize("kind", KINDS)
def test_every_hidden_state_is_the_average_that_transformers_has(kind, tmp_path):
    network = saved(kind, tmp_path / kind)
    encoder = model_of(tmp_path / kind).resolve("model", resources(tmp_path))
    waves, signals = recordings()
    found = features(encoder, signals, tmp_path)
    assert list(found) == STATES
    assert (encoder.label, encoder.source) == (kind, f"file:{kind}")
    for row, wave in enumerate(waves):
        for rows, state in zip(found.values(), answers(network, tmp_path / kind, wave), strict=True):
            np.testing.assert_allclose(rows[row], state, atol=1e-5)


@pytest.mark.parametrize("kind", ["wav2vec2", "wavlm_large"])
def test_padding_changes_nothing(kind, tmp_path):
    saved(kind, tmp_path / kind)
    encoder = model_of(tmp_path / kind).resolve("model", resources(tmp_path))
    waves, signals = recordings()
    together = features(encoder, signals, tmp_path)
    for row, wave in enumerate(waves):
        alone = features(encoder, wave[None], tmp_path / str(row), batch_size=1)
        for stage, rows in together.items():
            np.testing.assert_allclose(rows[row], alone[stage][0], atol=1e-5)


@pytest.mark.parametrize("kind", ["hubert", "sew"])
def test_silence_and_a_click_are_heard_as_a_single_frame(kind, tmp_path):
    saved(kind, tmp_path / kind)
    encoder = model_of(tmp_path / kind).resolve("model", resources(tmp_path))
    signals = np.zeros((2, 3000), np.float32)
    signals[0, 0] = 1
    found = features(encoder, signals, tmp_path)
    assert all(np.isfinite(rows).all() for rows in found.values())


def test_layers_are_known_without_weights_and_are_hidden_states_alone(tmp_path):
    saved("wavlm", tmp_path / "wavlm")
    sketch = model_of(tmp_path / "wavlm").sketch("model")
    assert {parameter.device.type for parameter in sketch.outline().parameters()} == {"meta"}
    assert list(traced(sketch)) == Stages().of(sketch) == All().of(sketch) == STATES
    with pytest.raises(ConfigError, match=r"no layer speech\.encoder.*Its layers are features, block1"):
        Stages(names=["speech.encoder.layers.0"]).of(sketch)
    encoder = model_of(tmp_path / "wavlm").resolve("model", resources(tmp_path))
    assert list(features(encoder, recordings()[1], tmp_path, layers=["block1"])) == ["block1"]


def test_recordings_are_standardised_as_their_makers_do():
    from transformers import Wav2Vec2FeatureExtractor

    waves, signals = recordings()
    extractor = Wav2Vec2FeatureExtractor(return_attention_mask=True)
    theirs = extractor(waves, sampling_rate=16_000, padding=True, return_tensors="np")["input_values"]
    ours = AsHeard()(torch.tensor(signals)[:, None, None])[:, 0, 0, : max(LENGTHS)]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert AsHeard(standardised=False)(torch.tensor(signals)).equal(torch.tensor(signals))


def test_what_is_heard_is_part_of_what_features_are_kept_under(tmp_path):
    saved("hubert", tmp_path / "hubert")
    encoder = model_of(tmp_path / "hubert").sketch("model")
    changed(tmp_path / "hubert", "preprocessor_config.json", do_normalize=False)
    assert model_of(tmp_path / "hubert").sketch("model").fingerprint != encoder.fingerprint


def test_an_untrained_twin_hears_what_the_trained_network_hears(tmp_path):
    saved("hubert", tmp_path / "hubert")
    twin = model_of(tmp_path / "hubert", Random()).resolve("model", resources(tmp_path))
    assert (twin.label, twin.weights.preprocess) == ("hubert (random)", AsHeard())
    assert list(features(twin, recordings()[1], tmp_path)) == STATES


def test_parameters_of_training_alone_may_lack(tmp_path):
    saved("wav2vec2", tmp_path / "wav2vec2")
    state = load_file(tmp_path / "wav2vec2" / "model.safetensors")
    del state["masked_spec_embed"]
    save_file(state, tmp_path / "wav2vec2" / "model.safetensors", {"format": "pt"})
    encoder = model_of(tmp_path / "wav2vec2").resolve("model", resources(tmp_path))
    assert isinstance(encoder.load("cpu"), SpeechTower)


def changed(folder, file, **values):
    path = folder / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def refusal(model):
    with pytest.raises(ConfigError) as caught:
        Stages().of(model.sketch("model"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "kind", ["bert", "vit", "whisper", "audio-spectrogram-transformer", "speecht5", "encodec"]
)
def test_a_model_that_does_not_encode_waveforms(kind, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    said = refusal(model_of(tmp_path))
    assert said.startswith(
        f"model.name: {tmp_path} is a model of the kind {kind}, which takes no waveforms. Give the folder of "
        "a speech model"
    )


def test_a_folder_without_a_configuration(tmp_path):
    said = refusal(model_of(tmp_path))
    assert said.startswith(f"model.name: {tmp_path} has no config.json. Give the folder of a speech model")


def test_a_model_of_another_rate(tmp_path):
    saved("hubert", tmp_path / "hubert")
    changed(tmp_path / "hubert", "preprocessor_config.json", sampling_rate=8000)
    said = refusal(model_of(tmp_path / "hubert"))
    assert said == (
        f"model.name: {tmp_path}/hubert hears 8,000 samples per second, and speech has 16,000. Give a model "
        "that was trained at that rate."
    )


def test_a_model_without_a_feature_extractor_that_can_be_followed(tmp_path):
    saved("hubert", tmp_path / "hubert")
    described = tmp_path / "hubert" / "preprocessor_config.json"
    changed(tmp_path / "hubert", described.name, feature_extractor_type="WhisperFeatureExtractor")
    assert refusal(model_of(tmp_path / "hubert")).startswith(
        f"model.preprocess: of {tmp_path}/hubert, its WhisperFeatureExtractor makes something else of"
    )
    described.unlink()
    said = refusal(model_of(tmp_path / "hubert"))
    assert said.startswith(f"model.preprocess: {tmp_path}/hubert has no preprocessor_config.json")
    _, _, remedy = said.partition(" or ")
    override = remedy.rstrip(".").replace("'", "")
    asked = ["model=speech_transformers", f"model.name={tmp_path}/hubert", override, "output_dir=out"]
    model = resolve(composed(asked)).model
    assert model.sketch("model").weights.preprocess == AsHeard()
    assert Stages().of(model.sketch("model")) == STATES


def test_a_name_the_hub_cannot_be_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    said = refusal(model_of("some/model"))
    assert said.startswith(
        "model.name: some/model is no folder here, and cannot be had from the Hugging Face"
    )
    assert said.endswith("model=speech.")


@pytest.mark.parametrize("option", ["speech_transformers", "wav2vec2", "hubert", "wavlm"])
def test_options_read_a_folder(option, tmp_path):
    saved("wavlm", tmp_path / "wavlm")
    model = resolve(composed([f"model={option}", f"model.name={tmp_path}/wavlm", "output_dir=out"])).model
    encoder = model.resolve("model", resources(tmp_path))
    assert (encoder.sense, encoder.weights.preprocess) == ("signals", AsHeard(standardised=False))


def test_weights_that_are_not_there(tmp_path):
    saved("wavlm", tmp_path / "wavlm")
    (tmp_path / "wavlm" / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match=r"model\.name: .* has no model\.safetensors or pytorch_model\.bin"):
        model_of(tmp_path / "wavlm").resolve("model", resources(tmp_path))
