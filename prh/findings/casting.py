"""Who takes part: encoders beside model, reference and text, found, shown the stimuli, compared in pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, cast

import numpy as np

from prh.encoders import Encoder, Resources, TextEncoder, VisionEncoder, sense_of
from prh.encoders.vision import VisionModel
from prh.encoders.weights import Nothing, Random
from prh.errors import ConfigError
from prh.features import Features, Layers
from prh.findings.cast import Cast, Member
from prh.findings.comparing import prepared
from prh.findings.paths import all_layers
from prh.findings.question import Question
from prh.findings.trends import mixed, trends
from prh.ground.progress import Reporter
from prh.inference import Design, all_pairs
from prh.stimuli import StimulusSet

ANCHOR = "model"
"""Whom ``pairs=anchor`` compares all others with."""


def others(also: Mapping[str, Any], resources: Resources, report: Reporter) -> dict[str, Encoder]:
    """Finds the weights of the encoders that ``also`` names, by role.

    Raises:
        ConfigError: One cannot be had.
    """
    found: dict[str, Encoder] = {}
    for role, option in also.items():
        key = f"also.{role}"
        seen = isinstance(option, VisionModel)
        encoder = option.resolve(key, resources) if seen else option.resolve(resources)
        if encoder is None:
            raise ConfigError(key, "reads no words", f"Leave it out, or use text@{key}=OPTION")
        report.note(f"{encoder.label} (weights: {encoder.source})")
        found[role] = encoder
    return found


def check_cast(also: Mapping[str, Any], pairs: Any, words: bool, stimuli: StimulusSet) -> None:
    """Refuses, before weights are looked for, words where stimuli have none, and pairs that there are not.

    Args:
        also: The encoders that join, by role.
        pairs: Which pairs are asked for.
        words: Whether there is a text encoder.
        stimuli: What all are shown.

    Raises:
        ConfigError: Names the key.
    """
    for role, option in also.items():
        if not isinstance(option, VisionModel) and stimuli.captions is None:
            raise ConfigError(
                f"also.{role}",
                f"{stimuli.name} has no captions, so that words are compared by class names alone",
                "Use a dataset with captions, e.g. dataset=openmoji, or text=OPTION",
            )
    if also:
        text = ["text"] if words and stimuli.captions is not None else []
        places(pairs, ["model", "reference", *text, *also])


def layers_of(layers: Layers, encoder: Encoder) -> list[str]:
    """Returns the layers of one more encoder that are compared.

    Layers of text by name are those of the text encoder beside model and reference; of others it is the last.
    """
    if sense_of(encoder) != "words":
        return layers.of(cast(VisionEncoder, encoder))
    reads = cast(TextEncoder, encoder)
    asked = layers if isinstance(layers.text, str) else replace(layers, text="last")
    return asked.of_text(reads)


def judged_cast(
    asked: Question,
    encoders: Mapping[str, Encoder],
    features: Mapping[str, Features],
    design: Design,
    report: Reporter,
) -> Cast:
    """Returns :func:`cast_of` encoders by their roles; those whose rows are not stimuli take no part."""
    taking_part = {role: encoder for role, encoder in encoders.items() if features[role].rows == "stimuli"}
    members = _named([member(role, encoder) for role, encoder in taking_part.items()])
    return cast_of(asked, members, features, design, report)


def cast_of(
    asked: Question,
    members: Sequence[Member],
    features: Mapping[str, Features],
    design: Design,
    report: Reporter,
) -> Cast:
    """Judges all pairs of encoders at their last layers, and compares all of their layers.

    Args:
        asked: Metric, inference and which pairs.
        members: The encoders, each with a name of its own.
        features: Of all of them, by role, over the same stimuli.
        design: How the stimuli hang together.
        report: Told of progress.

    Raises:
        ConfigError: ``pairs`` names none of the roles.
    """
    states: dict[str, Any] = {}
    for one in members:
        metric = asked.metric.for_text() if one.sense == "words" else asked.metric
        found = features[one.role]
        last = Features(found.encoder, {found.last: found[found.last]}, found.rows)
        (states[one.name],) = prepared(metric, last, report).values()
    pairs = places(asked.pairs, [one.role for one in members])
    with report.progress("Comparing all pairs", len(pairs), "pairs") as advance:
        table = all_pairs(asked.metric, states, asked.inference, pairs, design, advance)
    layers, best = all_layers(asked, members, features, pairs, report)
    risen = trends(members, table, asked.seed)
    return Cast(tuple(members), table, risen, *mixed(members, table), layers, best)


def member(role: str, encoder: Encoder) -> Member:
    """Returns what is known of an encoder."""
    if not isinstance(encoder, VisionEncoder):
        return Member(role, encoder.label, "words", encoder.label, False, np.nan, np.nan)
    control = isinstance(encoder.model.weights, Random | Nothing)
    accuracy = None if control else encoder.weights.imagenet_top1
    return Member(
        role,
        encoder.name,
        encoder.model.senses,
        encoder.model.family or encoder.name,
        control,
        float(encoder.parameters) or np.nan,
        np.nan if accuracy is None else float(accuracy),
    )


def _named(members: list[Member]) -> tuple[Member, ...]:
    """Returns the members with names that differ: one that occurs twice has its role beside it."""
    names = [one.name for one in members]
    return tuple(
        replace(one, name=f"{one.name} ({one.role})") if names.count(one.name) > 1 else one for one in members
    )


def places(pairs: Any, roles: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the places, among ``roles``, of the pairs that a config asks for.

    Raises:
        ConfigError: ``pairs`` names what is none.
    """
    every = {f"{roles[i]}_vs_{roles[j]}": (i, j) for i, j in combinations(range(len(roles)), 2)}
    if pairs == "all":
        return list(every.values())
    if pairs == "anchor":
        return [at for pair, at in every.items() if ANCHOR in pair.split("_vs_")]
    either_way = every | {f"{roles[j]}_vs_{roles[i]}": (i, j) for i, j in every.values()}
    if unknown := [pair for pair in pairs if pair not in either_way]:
        raise ConfigError(
            "pairs", f"there is no pair {unknown[0]}", f"Pairs here: all, anchor, or of {', '.join(every)}"
        )
    return [either_way[pair] for pair in pairs]
