"""Models for pictures as transformers builds them, untrained."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from prh.encoders.hugging_face.folder import REMEDY, described
from prh.encoders.hugging_face.processor import of_processor
from prh.encoders.network.outputs import main_output
from prh.encoders.network.preprocess import Preprocess
from prh.errors import ConfigError
from prh.ground.values import shortened


class VisionTower(nn.Module):
    """A network that turns pictures into hidden states; of models that also read, what sees.

    Args:
        name: A folder that ``save_pretrained`` wrote, or a name on the Hugging Face hub.
        num_classes: Ignored; every network takes it.

    Raises:
        ValueError: There is no such model, or it takes no pictures.
    """

    def __init__(self, name: str, num_classes: int) -> None:
        super().__init__()
        try:
            config = configuration(name, "model")
        except ConfigError as error:  # whoever asks for the network knows the key
            raise ValueError(f"{error.problem}. {error.remedy}") from error
        kind, options = vision_model(config)
        self.vision: Any = kind._from_config(config, dtype=torch.float32, **options)
        masks = "noise" in inspect.signature(kind.forward).parameters
        patches = getattr(getattr(self.vision, "embeddings", None), "patch_embeddings", None)
        self.patches: int | None = getattr(patches, "num_patches", None) if masks else None

    def forward(self, pictures: Tensor) -> Tensor:
        """Maps N×C×H×W to the last hidden state, N×tokens×D or N×D×rows×columns."""
        whole = {} if self.patches is None else {"noise": self._order(pictures, self.patches)}
        return main_output(self.vision(pixel_values=pictures, **whole))

    def _order(self, pictures: Tensor, patches: int) -> Tensor:
        """Returns noise, N×patches, by which a masked autoencoder leaves patches in their order."""
        return torch.arange(float(patches), device=pictures.device).expand(len(pictures), -1)

    def hidden_states(self) -> list[str]:
        """Returns the modules that put out what transformers calls hidden states, and what follows them."""
        return list(_opened("vision", self.vision))

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Loads the tower's part of a classifier's parameters, too."""
        own = {name: value for name, value in state_dict.items() if name.startswith("vision.")}
        return super().load_state_dict(own, strict, assign)

    @staticmethod
    def expects(key: str, name: str) -> Preprocess:
        """Returns what a model's image processor makes of pictures.

        Args:
            key: The config node of the model.
            name: As the constructor takes it.

        Raises:
            ConfigError: There is no such model, it takes no pictures, or its processor cannot be followed.
        """
        from transformers import AutoImageProcessor

        configuration(name, key)
        folder = described(name, key)
        remedy = f"Say what it expects with {key}.preprocess, as conf/model/timm.yaml does"
        if not any((folder / f"{file}_config.json").is_file() for file in ("preprocessor", "processor")):
            problem = f"{name} has no preprocessor_config.json to say what it expects to see"
            raise ConfigError(f"{key}.preprocess", problem, remedy)
        try:
            with silence():
                processor: Any = AutoImageProcessor.from_pretrained(folder, trust_remote_code=False)  # type: ignore[no-untyped-call]
                return of_processor(processor)
        except Exception as error:  # of the file, of the library, or of what the processor does
            reason = shortened(" ".join(str(error).split()), 200)
            raise ConfigError(f"{key}.preprocess", f"of {name}, {reason}", remedy) from error


def _opened(name: str, module: nn.Module) -> Iterator[str]:
    """Yields the name of a module, or in place of one that holds a list of blocks of what it is made of."""
    listed = isinstance(module, nn.ModuleList)
    if not listed and not _holds_list(module):
        yield name
        return
    for child, inner in module.named_children():
        block = listed and not isinstance(inner, nn.ModuleList)
        yield from ([f"{name}.{child}"] if block else _opened(f"{name}.{child}", inner))


def _holds_list(module: nn.Module) -> bool:
    return any(isinstance(inner, nn.ModuleList) or _holds_list(inner) for inner in module.children())


class VisionClassifier(VisionTower):
    """A tower under a linear classifier, for want of its own weights."""

    def __init__(self, name: str, num_classes: int) -> None:
        super().__init__(name, num_classes)
        config = self.vision.config
        size = getattr(config, "hidden_size", None) or config.hidden_sizes[-1]
        self.head = nn.Linear(size, num_classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Maps N×C×H×W to N×classes."""
        states = super().forward(pictures)
        logits: Tensor = self.head(states.mean(1) if states.ndim == 3 else states.mean((2, 3)))
        return logits


def configuration(name: str, key: str) -> Any:
    """Returns the configuration of a network for pictures, of a model with more towers that of its own.

    Raises:
        ConfigError: There is no such model, transformers does not know its kind, or it takes no pictures.
    """
    from transformers import AutoConfig

    folder = described(name, key)
    try:
        with silence():
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # whatever is in the file, or code of the model's own, which is not run
        problem = f"transformers cannot build {name} without code of its own (trust_remote_code)"
        if "remote" not in str(error):
            problem = f"transformers does not know the kind of model that {name} is"
        raise ConfigError(f"{key}.name", problem, REMEDY) from error
    config = getattr(config, "vision_config", None) or config
    try:
        vision_model(config)
    except ValueError as error:
        raise ConfigError(f"{key}.name", f"{name} is {error}", REMEDY) from error
    if hasattr(config, "mask_ratio"):
        config.mask_ratio = 0.0
    return config


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


def vision_model(config: Any) -> tuple[Any, dict[str, Any]]:
    """Returns the class of a network, and what its constructor is told beside the configuration.

    Raises:
        ValueError: It takes no pictures.
    """
    from transformers import MODEL_MAPPING

    kind: Any = MODEL_MAPPING.get(type(config), None)
    kind = kind[0] if isinstance(kind, tuple) else kind
    if kind is None or kind.main_input_name != "pixel_values":
        raise ValueError(f"a model of the kind {config.model_type}, which takes no pictures")
    # Poolers are trained for a task, and of models that were trained without one they are random.
    without = "add_pooling_layer" in inspect.signature(kind.__init__).parameters
    return kind, {"add_pooling_layer": False} if without else {}
