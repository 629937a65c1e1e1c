"""How transformers builds a network, by its configuration, without parameters of any training."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prh.encoders.hugging_face.folder import described
from prh.encoders.hugging_face.modality import Modality
from prh.errors import ConfigError

OF_TRAINING = {"mask_ratio": 0.0, "mask_time_prob": 0.0, "mask_feature_prob": 0.0, "add_adapter": False}
"""What hides parts of what is shown, and adapters to a task; checkpoints may lack parameters of theirs."""


def configuration(name: str, key: str, modality: Modality) -> Any:
    """Returns the configuration of a network, of a model with more towers that of the one for the modality.

    Raises:
        ConfigError: There is no such model, transformers does not know its kind, or it takes something else.
    """
    from transformers import AutoConfig

    folder = described(name, key, modality)
    try:
        with silence():
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # whatever is in the file, or code of the model's own, which is not run
        problem = f"transformers cannot build {name} without code of its own (trust_remote_code)"
        if "remote" not in str(error):
            problem = f"transformers does not know the kind of model that {name} is"
        raise ConfigError(f"{key}.name", problem, modality.remedy) from error
    config = getattr(config, f"{modality.part}_config", None) or config
    try:
        model_class(config, modality)
    except ValueError as error:
        raise ConfigError(f"{key}.name", f"{name} is {error}", modality.remedy) from error
    for setting, value in OF_TRAINING.items():
        if hasattr(config, setting):
            setattr(config, setting, value)
    return config


def model_class(config: Any, modality: Modality) -> tuple[Any, dict[str, Any]]:
    """Returns the class of a network, and what its constructor is told beside the configuration.

    Raises:
        ValueError: It takes something else.
    """
    from transformers import MODEL_MAPPING

    kind: Any = MODEL_MAPPING.get(type(config), None)
    kind = kind[0] if isinstance(kind, tuple) else kind
    if not modality.fits(kind, config):
        raise ValueError(f"a model of the kind {config.model_type}, which takes no {modality.takes}")
    # Poolers are trained for a task, and of models that were trained without one they are random.
    without = "add_pooling_layer" in inspect.signature(kind.__init__).parameters
    return kind, {"add_pooling_layer": False} if without else {}


def untrained(name: str, modality: Modality) -> Any:
    """Returns a network with random parameters, in float32.

    Raises:
        ValueError: There is no such model, or it takes something else.
    """
    import torch

    try:
        config = configuration(name, "model", modality)
    except ConfigError as error:  # whoever asks for the network knows the key
        raise ValueError(f"{error.problem}. {error.remedy}") from error
    kind, options = model_class(config, modality)
    return kind._from_config(config, dtype=torch.float32, **options)


@contextmanager
def silence() -> Iterator[None]:
    """Keeps from the terminal what the library says of configurations and of parameters that are left out."""
    from transformers.utils import logging

    tell: Any = logging
    before = tell.get_verbosity()
    tell.set_verbosity_error()
    tell.disable_progress_bar()
    try:
        yield
    finally:
        tell.set_verbosity(before)
