"""What a model of transformers expects to be given, as the file beside its parameters says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from prh.encoders.hugging_face.configuration import configuration, silence
from prh.encoders.hugging_face.folder import described
from prh.encoders.hugging_face.modality import Modality
from prh.errors import ConfigError
from prh.ground.values import shortened

T = TypeVar("T")


def preparation(
    name: str, key: str, modality: Modality, library: Any, followed: Callable[[Any], T], remedy: str
) -> T:
    """Returns what a model's processor does, as a preprocessing of ours.

    Args:
        name: A folder, or a name on the Hugging Face hub.
        key: The config node of the model.
        modality: What the model takes.
        library: The class of transformers that reads processors of its kind.
        followed: Makes a preprocessing of a processor; raises anything where it cannot.
        remedy: What else can be given.

    Raises:
        ConfigError: There is no such model, it takes something else, or its processor cannot be followed.
    """
    configuration(name, key, modality)
    folder = described(name, key, modality)
    if not any((folder / f"{file}_config.json").is_file() for file in ("preprocessor", "processor")):
        problem = f"{name} has no preprocessor_config.json to say what it expects to {modality.verb}"
        raise ConfigError(f"{key}.preprocess", problem, remedy)
    try:
        with silence():
            return followed(library.from_pretrained(folder, trust_remote_code=False))
    except Exception as error:  # of the file, of the library, or of what the processor does
        reason = shortened(" ".join(str(error).split()), 200)
        raise ConfigError(f"{key}.preprocess", f"of {name}, {reason}", remedy) from error
