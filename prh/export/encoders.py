"""What a methods paragraph says of the encoders that a run used: as they were, substitutes called so."""

from __future__ import annotations

import re

from prh.export.citations import cite, of_encoder
from prh.export.recorded import ROLES, Recorded
from prh.export.scores import layer_scores
from prh.export.wording import POOLS, TOKENS, code, listed

CALLED = {
    "model": "The model under study was",
    "reference": "The reference was",
    "text": "The text encoder was",
}
MOST_LAYERS = 12
"""So many layers are named one by one."""


def said(run: Recorded) -> list[str]:
    """Returns a sentence on each encoder."""
    return [_of(run, role) for role in run.roles if run.kind(run.of(role)) != "Wordless"]


def name_of(run: Recorded, role: str) -> str:
    """Returns what figures and tables call an encoder."""
    table = layer_scores(run)
    if table is not None:
        for pair, a, b in table[["pair", "a", "b"]].drop_duplicates().itertuples(index=False):
            if role in (pair.split("_vs_")):
                return str(a if pair.startswith(f"{role}_vs_") else b)
    short = (run.value(run.of(role, "name")) or run.kind(run.of(role))).rpartition("/")[2]
    untrained = run.tags.get(f"weights.{role}", "").startswith("random:")
    instead = run.tags.get(f"substitute.{role}")
    return short + (" (random)" if untrained else "") + (f" ({instead})" if instead else "")


def layers(run: Recorded) -> list[str]:
    """Returns which layers were compared, and how their outputs became one vector for each stimulus."""
    sentences = []
    for role in [role for role in ROLES if role in run.roles]:
        if not (names := _layers_of(run, role)):
            continue
        last = names[-1]
        if len(names) == 1:
            sentences.append(f"Of {code(name_of(run, role))} the layer {code(last)} was read.")
        elif len(names) <= MOST_LAYERS:
            sentences.append(
                f"Of {code(name_of(run, role))} the layers {listed(list(map(code, names)))} were read."
            )
        else:
            between = f"from {code(names[0])} to {code(last)}"
            sentences.append(f"Of {code(name_of(run, role))} {len(names)} layers were read, {between}.")
    pool, tokens = run.value("layers.pool"), run.value("layers.text_pool")
    how = [f"outputs were {POOLS[pool]}"] if pool in POOLS else []
    # A model of sentences has a layer that is one vector for a whole sentence.
    if tokens in TOKENS and _layers_of(run, "text") not in ([], ["embedding"]):
        how.append(f"those of the text encoder {TOKENS[tokens]}")
    if how:
        text = "; ".join(how)
        sentences.append(f"{text[0].upper()}{text[1:]}.")
    if "precision" in run.tags and "device" in run.tags:
        sentences.append(f"Features were computed in {run.tags['precision']} on {code(run.tags['device'])}.")
    return sentences


def shown(run: Recorded) -> list[str]:
    """Returns what was done to images before networks saw them, once for those that saw the same."""
    saw: dict[str, list[str]] = {}
    for role in run.roles:
        given = {
            key: value
            for key in ("resize", "crop", "interpolation", "mean", "std")
            if (value := run.params.get(run.of(role, f"preprocess.{key}"), "None")) != "None"
        }
        if not {"mean", "std"} <= given.keys():
            continue
        told = []
        if "resize" in given:
            how = given.get("interpolation", "bilinear")
            told.append(f"resized to {given['resize']} pixels on the shorter side ({how})")
        told += [f"cropped to the central {given['crop']}"] if "crop" in given else []
        told.append(f"normalised by means {given['mean']} and deviations {given['std']}")
        saw.setdefault(listed(told), []).append(code(name_of(run, role)))
    return [f"For {listed(list(dict.fromkeys(who)))} images were {how}." for how, who in saw.items()]


def _of(run: Recorded, role: str) -> str:
    name, source = name_of(run, role), run.tag(f"weights.{role}") or ""
    instead = run.tags.get(f"substitute.{role}", "")
    known = cite(of_encoder(run, role))
    start = f"{CALLED.get(role, 'Also compared was')} {code(name)}"
    asked = code((run.value(run.of(role, "name")) or role).rpartition("/")[2])
    if instead.endswith("instead"):
        text = (
            f"{start}, **a substitute**{known}: the weights of {asked} could not be had, and another model "
            "read in their place"
        )
    elif instead:
        text = (
            f"{start}, **a substitute** for published weights that could not be had: "
            f"the architecture of {asked}{known}, {_fitted(run, role)}"
        )
    elif source.startswith("fit:"):
        text = f"{start}{known}, {_fitted(run, role)}"
    elif source.startswith("random:"):
        text = f"{start}{known}, untrained ({code(source)})"
    elif source == "none":
        text = f"{start}{known}, which computes without trained parameters"
    else:
        text = f"{start}{known}"
    return f"{text}{_weights(run, role, source)}."


def _weights(run: Recorded, role: str, source: str) -> str:
    if not source or source == "none" or source.startswith(("random:", "fit:")):
        return ""
    digest = run.tags.get(f"weights.{role}.sha256", "")
    top = run.metrics.get(f"{role}.imagenet_top1")
    accuracy = "" if top is None else f"; published ImageNet top-1 accuracy {top:.1f}%"
    return f" (weights {code(source)}" + (f", SHA-256 {code(digest[:12])}" if digest else "") + f"{accuracy})"


def _fitted(run: Recorded, role: str) -> str:
    """Returns how a network was trained here, of which whatever is not recorded is left out."""
    data = run.tags.get(f"weights.{role}", "").removeprefix("fit:")
    words = {
        "n_train": "{} images",
        "epochs": "{} epochs",
        "lr": "learning rate {}",
        "batch_size": "batches of {}",
    }
    told = [
        text.format(value).removesuffix("s" if value == "1" else "")
        for key, text in words.items()
        if (value := run.value(run.of(role, f"fit.{key}"))) is not None
    ]
    told += filter(None, [run.seed(run.of(role, "fit.seed"))])
    text = f"trained here on {code(data)} ({', '.join(told)})" if told else f"trained here on {code(data)}"
    key = re.sub(r"[^\w -]", "", name_of(run, role))
    if (accuracy := run.metrics.get(f"{key}.test_accuracy")) is not None:
        text += f" to a test accuracy of {accuracy:.1%}"
    return text


def _layers_of(run: Recorded, role: str) -> list[str]:
    if (table := layer_scores(run)) is None:
        run.lacking.add("tables/scores.csv")
        return []
    for pair in dict.fromkeys(table["pair"]):
        sides = pair.split("_vs_")
        if role in sides:
            column = "layer_a" if sides[0] == role else "layer_b"
            return list(dict.fromkeys(table.loc[table["pair"] == pair, column]))
    return []
