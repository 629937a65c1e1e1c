"""Weights of models of the library transformers, from the Hugging Face hub or a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic.dataclasses import dataclass

from prh.encoders.network.input_size import suiting
from prh.encoders.network.network import Network
from prh.encoders.resources import Resources
from prh.encoders.weights.files import FoundWeights, checkpoints, name_of, read_state
from prh.encoders.weights.sources import IfUnavailable, fitted_instead
from prh.errors import ConfigError, Unavailable
from prh.ground.files import expanded, sha256_of
from prh.ground.parts import network_maker
from prh.ground.values import SETTINGS, PathText, shortened

if TYPE_CHECKING:
    import torch

    from prh.encoders.hugging_face.modality import Modality


@dataclass(frozen=True, config=SETTINGS)
class Transformers:
    """The weights that lie beside a model's configuration, in a folder or on the hub.

    They are kept as one file of the tower alone, in float32, named as the installed transformers does.

    Attributes:
        path: A state dict of one's own in their place.
        if_unavailable: What is done if the hub has them, and they can't be had.
    """

    path: PathText | None = None
    if_unavailable: IfUnavailable = "error"

    def find(self, network: Network, key: str, resources: Resources) -> FoundWeights:
        """Finds or downloads the weights.

        Raises:
            ConfigError: There is no such model, it does not take what the network is for, or its weights
                cannot be had.
        """
        from prh.encoders.hugging_face.folder import with_weights

        name, modality = network.arguments["name"], _modality(network, key)
        preprocess = suiting(network, key, network.expects(key), train=False)
        if self.path is not None:
            file = expanded(self.path).absolute()
            if not file.is_file():
                raise ConfigError(f"{key}.weights.path", f"there is no file {file}", "Give a state dict")
            return _kept(network, key, None, [file], f"file:{file.name}", resources, preprocess)
        try:
            folder, files = with_weights(name, key, modality, resources.report)
        except Unavailable as missing:
            if network.fit is None or modality.classifier is None:
                raise
            fit = replace(network.fit, preprocess=preprocess)
            fitted = replace(network, architecture=modality.classifier, fit=fit)
            return fitted_instead(self.if_unavailable, missing, fitted, key, resources)
        source = f"file:{folder.name}" if expanded(name).is_dir() else f"hub:{name}"
        found = _kept(network, key, folder, files, source, resources, preprocess)
        return replace(found, imagenet_top1=network.imagenet_top1)


def _modality(network: Network, key: str) -> Modality:
    """Returns what a tower takes; pictures, where a network of one's own does not say."""
    from prh.encoders.hugging_face.modality import PICTURES

    maker = network_maker(network.architecture, f"{key}.architecture")
    modality: Modality = getattr(maker, "modality", PICTURES)
    return modality


def _kept(
    network: Network,
    key: str,
    folder: Path | None,
    files: list[Path],
    source: str,
    resources: Resources,
    preprocess: Any,
) -> FoundWeights:
    """Returns the tower's parameters as one file of the cache, whose hash the configuration is part of."""
    import transformers
    from safetensors.torch import save

    from prh.encoders.hugging_face.configuration import configuration

    modality = _modality(network, key)
    config = configuration(network.arguments["name"], key, modality)
    described = config.to_json_string()

    def content() -> bytes:
        state = _state(config, modality, key, folder, files)
        named = {f"{modality.part}.{name}": value for name, value in state.items()}
        return save(named, metadata={"config": described})

    made_of = [sha256_of(file) for file in files], described, transformers.__version__
    file = checkpoints(resources).read_or_make(name_of(network.name, "transformers", *made_of), content)
    return FoundWeights(file.path, file.sha256, source, preprocess, 0)


def _state(
    config: Any, modality: Modality, key: str, folder: Path | None, files: list[Path]
) -> dict[str, torch.Tensor]:
    """Reads a tower's parameters, whatever they are called in their files.

    Raises:
        ConfigError: They are no weights, or not of this network.
    """
    import torch

    from prh.encoders.hugging_face.configuration import model_class, silence

    node = f"{key}.name" if folder else f"{key}.weights.path"
    place = folder or files[0]
    kind, options = model_class(config, modality)
    given = {} if folder else {"state_dict": read_state(files[0], node)}
    how = {"config": config, "dtype": torch.float32, "output_loading_info": True, **given, **options}
    try:
        with silence():
            network, read = kind.from_pretrained(folder, **how)
    except Exception as error:  # bytes of any kind make readers fail in any way there is
        reason = shortened(" ".join(str(error).split()), 200) or type(error).__name__
        raise ConfigError(node, f"{place} holds no weights of this network ({reason})") from error
    if lacking := sorted(read["missing_keys"]):
        problem = f"the weights in {place} lack {len(lacking)} of its parameters, e.g. {lacking[0]}"
        raise ConfigError(node, problem, "Give weights of this network")
    return {name: value.contiguous() for name, value in network.state_dict().items()}
