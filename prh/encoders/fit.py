"""Training a classifier once: the checkpoint is cached under everything that determines it."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from filelock import FileLock
from pydantic import Field
from pydantic.dataclasses import dataclass

from prh.config import SETTINGS
from prh.encoders.preprocess import Preprocess
from prh.encoders.resources import Resources
from prh.errors import ConfigError
from prh.files import identity, writable_folder, written_whole
from prh.values import BatchSize, Count, Seed

if TYPE_CHECKING:
    from prh.encoders.vision import VisionModel


@dataclass(frozen=True, config=SETTINGS)
class Fit:
    """How a classifier is trained: AdamW, constant rate, the first ``n_train`` of a seeded permutation."""

    n_train: Count
    epochs: Annotated[int, Field(ge=1, le=100_000)]
    lr: Annotated[float, Field(ge=1e-8, le=10)]
    batch_size: BatchSize
    seed: Seed
    preprocess: Preprocess


@plain_dataclass(frozen=True)
class Checkpoint:
    """Trained parameters on disk.

    Attributes:
        path: A safetensors file.
        dataset: What it was trained on.
        num_classes: Outputs of the classifier.
        test_accuracy: Share of the held-out data classified rightly.
    """

    path: Path
    dataset: str
    num_classes: int
    test_accuracy: float


def fitted_checkpoint(model: VisionModel, key: str, fit: Fit, resources: Resources) -> Checkpoint:
    """Returns the checkpoint of ``model`` trained as ``fit`` says, training it if that has not been done.

    Raises:
        ConfigError: There are fewer training stimuli than ``n_train``, or ``cache_dir`` cannot be written to.
    """
    training = resources.dataset.training_data(resources.data_dir, resources.report)
    if fit.n_train > len(training):
        raise ConfigError(
            f"{key}.fit.n_train", f"{fit.n_train} is more than the {len(training)} stimuli of {training.name}"
        )
    num_classes = len(training.class_names)
    structure = repr(model.outline(key, num_classes))
    determined_by = identity(
        model.architecture, model.arguments, structure, asdict(fit), training.fingerprint
    )
    folder = resources.cache_dir / "checkpoints"
    path = folder / f"{model.name}-{determined_by}.safetensors"
    if not path.exists():
        writable_folder(folder, "cache_dir")
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                _train_and_save(model, fit, resources, path)
    return Checkpoint(path, training.name.split("/")[0], num_classes, _test_accuracy(path))


def _train_and_save(model: VisionModel, fit: Fit, resources: Resources, path: Path) -> None:
    from safetensors.torch import save_file

    from prh.encoders.training import accuracy, train

    training = resources.dataset.training_data(resources.data_dir, resources.report)
    held_out = resources.dataset.held_out_data(resources.data_dir, resources.report)
    sample = training.sample(fit.n_train, fit.seed)
    module = train(model, fit, sample, resources)
    score = accuracy(module, fit, held_out, resources, model.name)
    state = {name: tensor.cpu().contiguous() for name, tensor in module.state_dict().items()}
    with written_whole(path) as part:
        save_file(state, part, metadata={"test_accuracy": str(score)})


def _test_accuracy(path: Path) -> float:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as checkpoint:
        return float(checkpoint.metadata()["test_accuracy"])
