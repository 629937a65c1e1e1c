"""Training a classifier once: the checkpoint is cached under everything that determines it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path

from prh.encoders.network.fit import Fit
from prh.encoders.network.network import Network
from prh.encoders.resources import Resources
from prh.encoders.weights.files import checkpoints, name_of
from prh.errors import ConfigError
from prh.ground.rates import note_rate
from prh.stimuli.stimulus_set import StimulusSet


@dataclass(frozen=True)
class Checkpoint:
    """Trained parameters on disk.

    Attributes:
        path: A safetensors file.
        sha256: Of its content.
        dataset: What it was trained on.
        num_classes: Outputs of the classifier.
        test_accuracy: Share of the held-out data classified rightly.
    """

    path: Path
    sha256: str
    dataset: str
    num_classes: int
    test_accuracy: float


def fitted_checkpoint(network: Network, key: str, fit: Fit, resources: Resources) -> Checkpoint:
    """Returns the checkpoint of ``network`` trained as ``fit`` says, training it if that has not been done.

    Raises:
        ConfigError: There are fewer training stimuli than ``n_train``, or ``cache_dir`` cannot be written to.
    """
    training = resources.dataset.training_data(resources.data_dir, resources.report)
    if fit.n_train > len(training):
        raise ConfigError(
            f"{key}.fit.n_train", f"{fit.n_train} is more than the {len(training)} stimuli of {training.name}"
        )
    name = checkpoint_name(network, key, fit, training)
    file = checkpoints(resources).read_or_make(name, lambda: _trained(network, fit, resources))
    dataset, classes = training.name.split("/")[0], len(training.class_names)
    return Checkpoint(file.path, file.sha256, dataset, classes, _test_accuracy(file.path))


def checkpoint_name(network: Network, key: str, fit: Fit, training: StimulusSet) -> str:
    """Returns what the cache calls a trained network: whatever determines its parameters.

    Raises:
        ConfigError: The network cannot be built.
    """
    structure = repr(network.outline(key, len(training.class_names)))
    return name_of(
        network.name, network.architecture, network.arguments, structure, asdict(fit), training.fingerprint
    )


def fit_work(name: str, device: str) -> str:
    """Returns what the speed is kept by at which a network is trained, in images."""
    return f"training {name} on {device}"


def _trained(network: Network, fit: Fit, resources: Resources) -> bytes:
    """Returns a safetensors file of the trained parameters and the test accuracy."""
    from safetensors.torch import save

    from prh.encoders.weights.training import accuracy, train

    training = resources.dataset.training_data(resources.data_dir, resources.report)
    held_out = resources.dataset.held_out_data(resources.data_dir, resources.report)
    sample = training.sample(fit.n_train, fit.seed)
    start = time.perf_counter()
    module = train(network, fit, sample, resources)
    folder, work = checkpoints(resources).folder, fit_work(network.name, resources.device)
    note_rate(folder, work, fit.n_train * fit.epochs, time.perf_counter() - start)
    score = accuracy(module, fit, held_out, resources, network.name)
    state = {name: tensor.cpu().contiguous() for name, tensor in module.state_dict().items()}
    return save(state, metadata={"test_accuracy": str(score)})


def _test_accuracy(path: Path) -> float:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as checkpoint:
        return float(checkpoint.metadata()["test_accuracy"])
