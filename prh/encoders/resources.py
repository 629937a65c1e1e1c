"""What an encoder may draw on while it looks for its weights."""

from dataclasses import dataclass
from pathlib import Path

from prh.errors import ConfigError
from prh.ground.progress import Reporter
from prh.stimuli.stimulus_set import Dataset


@dataclass(frozen=True)
class Resources:
    """The dataset to train on if need be, folders, device, and whom to tell."""

    dataset: Dataset
    data_dir: Path
    cache_dir: Path
    device: str
    report: Reporter


def choose_device(device: str) -> str:
    """Returns the torch device that ``device`` names; ``auto`` is CUDA where there is one, else the CPU.

    Raises:
        ConfigError: torch does not know the device, or this machine lacks it.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=torch.device(device))
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ConfigError(
            "device", f"{device} cannot be used here", "Use device=auto, cpu or cuda"
        ) from error
    return device
