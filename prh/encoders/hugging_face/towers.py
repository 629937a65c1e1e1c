"""Models for pictures as transformers builds them, untrained."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from prh.encoders.hugging_face.configuration import untrained
from prh.encoders.hugging_face.modality import PICTURES
from prh.encoders.hugging_face.prepared import preparation
from prh.encoders.hugging_face.processor import of_processor
from prh.encoders.network.outputs import main_output
from prh.encoders.network.preprocess import Preprocess


class VisionTower(nn.Module):
    """A network that turns pictures into hidden states; of models that also read, what sees.

    Args:
        name: A folder that ``save_pretrained`` wrote, or a name on the Hugging Face hub.
        num_classes: Ignored; every network takes it.

    Raises:
        ValueError: There is no such model, or it takes no pictures.
    """

    modality = PICTURES

    def __init__(self, name: str, num_classes: int) -> None:
        super().__init__()
        self.vision: Any = untrained(name, PICTURES)
        masks = "noise" in inspect.signature(self.vision.forward).parameters
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

        remedy = f"Say what it expects with {key}.preprocess, as conf/model/timm.yaml does"
        return preparation(name, key, PICTURES, AutoImageProcessor, of_processor, remedy)


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
