"""What can be known to fail before any work is done: of the settings alone, and once the sample is known."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from prh.config import Settings
from prh.encoders.resources import choose_device
from prh.encoders.text import Wordless
from prh.encoders.vision import VisionEncoder, VisionModel
from prh.errors import ConfigError
from prh.features.layers import has_tokens, traced
from prh.inference import Exchange, NotExchangeable
from prh.inference.design import Design
from prh.parts import network_maker
from prh.progress import Reporter
from prh.similarity import Metric
from prh.similarity.arrays import MIN_STIMULI
from prh.stimuli import StimulusSet

ROLES = ("model", "reference")


def check_settings(settings: Settings, report: Reporter, nodes: int = 1) -> None:
    """Refuses what no data can make work: devices, networks and their layers. Computes nothing.

    Args:
        settings: Of the run.
        report: Warned of what is not as asked.
        nodes: Over how many machines the work may be spread.

    Raises:
        ConfigError: Names the key.
    """
    also = {f"also.{role}": option for role, option in settings.also.items()}
    for key, option in {**{key: getattr(settings, key) for key in ROLES}, **also}.items():
        # Without torch, where the path alone is bad.
        if isinstance(option, VisionModel):
            network_maker(option.architecture, f"{key}.architecture")
    _check_devices(settings, nodes)
    tokens = [_check_network(getattr(settings, key), key, settings) for key in ROLES]
    if settings.layers.pool == "cls":
        if not any(tokens):
            raise ConfigError(
                "layers.pool",
                f"neither {settings.model.label} nor {settings.reference.label} has tokens, and cls is one",
                "Use layers.pool=avg, max or flatten, or a transformer",
            )
        for key, has in zip(ROLES, tokens, strict=True):
            if not has:
                label = getattr(settings, key).label
                report.warn(f"{label} has no tokens: layers.pool=cls is the average over positions there")


def check_sample(settings: Settings, stimuli: StimulusSet, design: Design) -> None:
    """Refuses what does not suit the sample, before anything is computed of it.

    Raises:
        ConfigError: Names the key.
    """
    n, classes = len(stimuli), len(stimuli.class_names)
    if n < MIN_STIMULI:
        problem = f"{n} stimuli are too few to compare anything with"
        raise ConfigError("dataset.n", problem, f"Use dataset.n={MIN_STIMULI} or more")
    _check_metric(settings.metric, n, "")
    named = not isinstance(settings.text, Wordless) and stimuli.captions is None
    if named and classes >= MIN_STIMULI:
        _check_metric(settings.metric.for_classes(), classes, "_classes")
    within = getattr(settings.inference, "within", None)
    try:
        Exchange.of(design, within)
    except NotExchangeable as error:
        raise ConfigError("inference.within", str(error), "Use inference.within=null") from error
    for key in ROLES:
        if isinstance(model := getattr(settings, key), VisionModel) and model.senses == "images":
            _check_images(model.sketch(key), stimuli.images.shape[-2:])


def _check_metric(metric: Metric, n: int, ending: str) -> None:
    found = metric.unfit(n)
    if found is not None:
        key, of = f"metric.{found.field}{ending}", "class centroids" if ending else "stimuli"
        remedy = f"Use {key}={found.most} or less" if found.most else f"Use {key}=1 or more, or more {of}"
        also = ", or text=none" if ending else ""
        raise ConfigError(key, f"of {n} {of}, {found.problem}", remedy + also)


def _check_devices(settings: Settings, nodes: int) -> None:
    trainer, processors = settings.trainer, os.cpu_count() or 1
    if trainer.num_nodes > 1 and nodes == 1:
        raise ConfigError(
            "trainer.num_nodes",
            "a run works on one machine",
            "Fill the feature store on all of them first: srun ... python -m prh.extract, with the same keys",
        )
    device = choose_device(settings.device)
    if device.startswith("cuda"):
        import torch

        processors = torch.cuda.device_count()
    if trainer.devices > max(processors, 2 if device == "cpu" else 1):
        problem = f"{trainer.devices} are more than the {processors} of this machine"
        raise ConfigError("trainer.devices", problem, f"Use trainer.devices={processors} or less")


def _check_network(model: VisionModel | Any, key: str, settings: Settings) -> bool:
    """Returns whether a network has layers of tokens; asks it for its layers, on torch's meta device."""
    if not isinstance(model, VisionModel):
        return True
    encoder = model.sketch(key)
    asked = settings.layers.of(encoder)
    return settings.layers.pool != "cls" or has_tokens(encoder, asked)


def _check_images(encoder: VisionEncoder, sides: Sequence[int]) -> None:
    """Shows a network's outline images as the dataset has them, where it does not say what it expects."""
    preprocess, side = encoder.weights.preprocess, min(sides)
    if preprocess.resize is None and (preprocess.crop or 0) > side:
        problem = f"{preprocess.crop} is more than the {side} pixels of the images"
        raise ConfigError(f"{encoder.key}.preprocess.crop", problem, "Give resize too")
    if preprocess.input_size is None:
        traced(encoder, (len(preprocess.mean), sides[0], sides[1]))
