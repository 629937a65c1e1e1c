"""What a run would compute, and what of it is in the store already; trains and downloads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any, cast

import numpy as np

from prh.commands.catalogue import state_of
from prh.commands.part import Before, Part
from prh.commands.state import Folders, State
from prh.config import Settings
from prh.encoders import Resources, TextEncoder, VisionEncoder, Wordless
from prh.encoders.resources import choose_device
from prh.encoders.vision import VisionModel
from prh.encoders.weights.fitted import fit_work
from prh.errors import Unavailable
from prh.experiment import judging, sentences_about
from prh.features import FeatureStore
from prh.features.extract import reading, row_of, seeing, shelf_of, text_shelf
from prh.features.layers import traced
from prh.features.pooling import Pool, pooled
from prh.findings.casting import layers_of
from prh.ground.files import identity
from prh.ground.kept import NotKept, looking_only
from prh.ground.progress import Silent
from prh.ground.rates import Measured, rate_of
from prh.stimuli import StimulusSet

Nodes = Mapping[str, Any]
"""A run's config as plain values."""


@dataclass(frozen=True)
class Plan:
    """A run that is only planned.

    Attributes:
        settings: Of the run.
        data: Where the dataset is, or comes from.
        stimuli: What it is called.
        n: How many stimuli there are; None for all of a dataset that is not here to be counted.
        parts: Its encoders.
        rest: How long the last run with this metric took once it had its features.
    """

    settings: Settings
    data: State
    stimuli: str
    n: int | None
    parts: list[Part]
    rest: Measured | None


@dataclass(frozen=True)
class _Run:
    """What all parts of one plan are found out with."""

    settings: Settings
    nodes: Nodes
    data: State
    stimuli: StimulusSet | None
    resources: Resources
    store: FeatureStore
    before: Before

    @property
    def n(self) -> int | None:
        """How many stimuli there are, as far as that can be told."""
        return getattr(self.settings.dataset, "n", None) if self.stimuli is None else len(self.stimuli)


def plan_of(settings: Settings, nodes: Nodes, before: Before) -> Plan:
    """Returns what a run would compute.

    Args:
        settings: Of the run.
        nodes: What they were built from.
        before: What earlier jobs of a sweep leave behind; this one adds what it would.

    Raises:
        PrhError: What a run would refuse, too.
    """
    folders = Folders(settings.data_dir, settings.cache_dir)
    data = state_of(nodes["dataset"], "dataset", folders)
    device, silent = choose_device(settings.device), Silent()
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, silent)
    store = FeatureStore(settings.cache_dir / "features", silent)
    with nothing_fetched():
        run = _Run(settings, nodes, data, _drawn(settings, nodes, data, before), resources, store, before)
        options = {"model": settings.model, "reference": settings.reference, "text": settings.text}
        options |= {f"also.{role}": option for role, option in settings.also.items()}
        parts = [_part(role, option, run) for role, option in options.items()]
    name = run.stimuli.name if run.stimuli else nodes["dataset"]["_target_"].rpartition(".")[2]
    rest = rate_of(store.root, judging(settings))
    return Plan(settings, data, name, run.n, [part for part in parts if part], rest)


@contextmanager
def nothing_fetched() -> Iterator[None]:
    """Has what is not here raise in the block: models of the hub Unavailable, files to be made NotKept."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        with looking_only():
            yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _drawn(settings: Settings, nodes: Nodes, data: State, before: Before) -> StimulusSet | None:
    """Returns the sample where it takes no download, training or drawing to have it.

    Raises:
        ConfigError: What the dataset refuses, such as a folder that there is not.
    """
    pictures = nodes["dataset"]["_target_"].endswith("OpenMoji") and data.place != "drawn before"
    if data.kind == "download" or pictures:
        return None
    place = identity("stimuli", nodes["dataset"], settings.seed)
    with suppress(NotKept):
        drawn = before.once(place, lambda: settings.dataset.draw(settings.seed, settings.data_dir, Silent()))
        return cast(StimulusSet, drawn)
    return None


def _part(role: str, option: Any, run: _Run) -> Part | None:
    node = reduce(lambda inner, step: inner[step], role.split("."), run.nodes)
    words = not isinstance(option, VisionModel)
    folders = Folders(run.settings.data_dir, run.settings.cache_dir)
    state = state_of(node, "text" if words else "model", folders)
    if isinstance(option, Wordless):
        return None
    if words:
        return _read(role, option, state, run)
    return _seen(role, option, node, state, run)


def _seen(role: str, option: VisionModel, node: Nodes, state: State, run: _Run) -> Part:
    """Returns the part of a vision model."""
    settings, how = run.settings, run.settings.extraction(run.resources.device)
    this = identity(role, node, run.nodes["layers"])
    encoder: VisionEncoder | None = None
    # Weights that are nowhere are looked for as well, to be refused as in a run.
    fitted = state.kind == "made"
    if state.kind != "download" and (not fitted or run.data.kind == "here"):
        with suppress(NotKept, Unavailable):
            encoder = run.before.once(this, lambda: option.resolve(role, run.resources))
    layers: list[str] | None = None
    numbers: int | None = None
    with suppress(Unavailable):
        sketch = encoder or option.sketch(role)
        layers = run.before.once(f"layers {this}", lambda: layers_of(settings.layers, sketch))
        numbers = run.before.once(f"width {this}", lambda: _width(sketch, layers or [], how.pool))
    label = encoder.name if encoder else option.label
    asked = lacking = run.n
    if run.stimuli is not None:
        ids = run.stimuli.ids
        place = f"{this} {run.stimuli.fingerprint} {how.precision}"
        if encoder is not None and layers is not None:
            shelf = shelf_of(encoder, run.stimuli, how)
            place, ids = f"{shelf} {layers}", run.store.missing(shelf, layers, ids)
        lacking = run.before.new(place, ids)
    part = Part(role, label, state, None if layers is None else len(layers), asked, lacking, numbers)
    return _timed(part, option, encoder, this, run)


def _timed(part: Part, option: VisionModel, encoder: VisionEncoder | None, this: str, run: _Run) -> Part:
    """Returns a part with how long such work took here before, and with its training, if there is any."""
    device, fit = run.resources.device, option.fit
    rate = rate_of(run.store.root, seeing(part.label, run.settings.extraction(device)))
    trains = part.state.kind == "made" and encoder is None and fit is not None and run.before.trains(this)
    images = fit.n_train * fit.epochs if trains and fit else 0
    fit_rate = rate_of(run.settings.cache_dir / "checkpoints", fit_work(option.short_name, device))
    counted = part.role, part.label, part.state, part.layers, part.asked, part.lacking, part.numbers
    return Part(*counted, rate, images, fit_rate)


def _width(encoder: VisionEncoder, layers: Sequence[str], pool: Pool) -> int | None:
    """Returns how many numbers all layers put out of one stimulus; None where that cannot be followed."""
    import torch

    ran, total = traced(encoder), 0
    for layer in layers:
        if (axes := ran[layer].axes) is None:
            return None
        shape = [prod(extent for _, extent in axis) for axis in axes]
        outline = torch.empty(shape, device="meta")
        total += pooled(outline, pool, axes, ran[layer].placeless).shape[1]
    return total


def _read(role: str, option: Any, state: State, run: _Run) -> Part:
    """Returns the part of a text encoder."""
    settings, encoder = run.settings, None
    if state.kind != "download":
        with suppress(NotKept, Unavailable):
            encoder = cast(TextEncoder, option.resolve(run.resources))
    if encoder is None:
        label = str(getattr(option, "name", getattr(option, "architecture", role))).rpartition("/")[2]
        return Part(role, label, state, None, run.n, run.n)
    layers = settings.layers.of_text(encoder) if role == "text" else layers_of(settings.layers, encoder)
    size = getattr(encoder, "config", {}).get("hidden_size")
    numbers = len(layers) * size if size else None
    rate = rate_of(run.store.root, reading(encoder))
    if run.stimuli is None:
        return Part(role, encoder.label, state, len(layers), run.n, run.n, numbers, rate)
    about = sentences_about(run.stimuli, settings.prompt, settings.captions)
    rows = np.array(sorted({row_of(s) for sentences in about for s in sentences if s}), dtype=np.int64)
    shelf = text_shelf(encoder, settings.layers.text_pool)
    lacking = run.before.new(f"{shelf} {layers}", run.store.missing(shelf, layers, rows))
    return Part(role, encoder.label, state, len(layers), len(rows), lacking, numbers, rate)
