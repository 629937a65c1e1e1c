"""Which of two vision models is nearer to the text model, layer by layer, and whether it matters.

The two are ``model`` and ``model@reference``; or, with ``--against``, the run as it is and as it would be
with other keys: another text model, prompt or language, over the same stimuli.

    python scripts/differences.py dataset=openmoji
    python scripts/differences.py dataset=openmoji model@reference=efficientnet_lite2 --bound 0.02
    python scripts/differences.py dataset=reaction_diffusion model@reference=efficientnet_lite0_random
    python scripts/differences.py dataset=openmoji layers=last --against prompt=photo

Takes the groups and keys of prh.run, and a dataset with captions. Layers are paired by their order, and the
text model's last is what they are compared with. Besides the difference of each pair of layers, with p
corrected for their number and the p of its being smaller than a bound, it says how the differences on the way
differ from the last one: the interaction of model and depth. Records nothing.
"""

import argparse
import sys

import numpy as np

from prh.config import resolve
from prh.console.refusals import one_line
from prh.console.results import Results
from prh.console.terminal import Terminal
from prh.encoders import Resources
from prh.encoders.resources import choose_device
from prh.errors import ConfigError
from prh.experiment import drawn, sentences_about
from prh.features import Features, FeatureStore, text_features, vision_features
from prh.ground.numbers import interval, number
from prh.inference import Difference, compare_pairs, stimuli_needed
from prh.inference.score import p_text
from prh.run import USER_ERRORS, composed
from prh.similarity import Metric
from prh.stimuli import StimulusSet

COLUMNS = ["layers", "difference", "95% interval", "p", "p, corrected", "p, smaller than bound", "n needed"]


def read(
    overrides: list[str], terminal: Terminal
) -> tuple[Features, Features, Features, Metric, StimulusSet]:
    """Returns the features of model, reference and text, the metric and the stimuli."""
    settings = resolve(composed(overrides))
    device = choose_device(settings.device)
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, terminal)
    store, how = FeatureStore(settings.cache_dir / "features", terminal), settings.extraction(device)
    stimuli = drawn(settings, store, terminal)
    text = settings.text.resolve(resources)
    if stimuli.captions is None or text is None:
        raise ConfigError(
            "dataset", f"{stimuli.name} is not read stimulus by stimulus", "Use one with captions"
        )
    vision = []
    for key in ("model", "reference"):
        encoder = getattr(settings, key).resolve(key, resources)
        vision.append(vision_features(encoder, stimuli, settings.layers.of(encoder), how, store, terminal))
    sentences = sentences_about(stimuli, settings.prompt, settings.captions)
    pool = settings.layers.text_pool
    words = text_features(text, sentences, text.layers[-1:], pool, "stimuli", store, terminal)
    return vision[0], vision[1], words, settings.metric, stimuli


def against(overrides: list[str], stimuli: StimulusSet, terminal: Terminal) -> tuple[Features, Features]:
    """Returns the features of another run's model and text, over the same stimuli.

    Raises:
        ConfigError: Its stimuli are others.
    """
    model, _, text, _, others = read(overrides, terminal)
    if not np.array_equal(others.ids, stimuli.ids):
        raise ConfigError("--against", "the two runs are of different stimuli", "Leave dataset.n and seed")
    return model, text


def row(name: str, found: Difference, bound: float) -> list[str]:
    between = interval(found.ci_low, found.ci_high, sign="+")
    p = [p_text(value) for value in (found.p, found.p_corrected, found.equivalent(bound))]
    needed = f"{stimuli_needed(bound, found.se, found.df):,}" if found.se > 0 else "—"
    return [name, number(found.value, sign="+"), between, *p, needed]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="differences.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bound", type=float, default=0.01, help="smallest difference that matters (0.01)")
    parser.add_argument("--against", action="append", metavar="KEY=VALUE", help="another run to compare with")
    parser.add_argument("overrides", nargs="*", help="groups and keys of prh.run")
    asked = parser.parse_args()
    terminal, given = Terminal(), ["output_dir=unused", *asked.overrides]
    try:
        model, reference, text, metric, stimuli = read(given, terminal)
        other_text = text
        if asked.against:
            reference, other_text = against([*given, *asked.against], stimuli, terminal)
    except USER_ERRORS as error:
        terminal.error(one_line(error))
        sys.exit(2)
    target, other_target = (metric.for_text().prepare(words[words.last]) for words in (text, other_text))
    others = list(reference)
    depth = np.linspace(0, len(others) - 1, len(model)).round().astype(int)
    pairs = [
        (
            (metric, metric.prepare(model[layer]), target),
            (metric, metric.prepare(reference[others[place]]), other_target),
        )
        for layer, place in zip(model, depth, strict=True)
    ]
    found, on_the_way = compare_pairs(pairs, groups=stimuli.groups), []
    if len(pairs) > 1:
        on_the_way = compare_pairs(pairs, groups=stimuli.groups, against_last=True)
    names = [f"{layer} − {others[place]}" for layer, place in zip(model, depth, strict=True)]
    compared = f"{model.encoder} − {reference.encoder}, each × {text.encoder}"
    if asked.against:
        compared = f"{model.encoder} × {text.encoder}, less the same with {' '.join(asked.against)}"
    tables = {
        f"{compared}, {len(stimuli)} stimuli": [
            row(name, difference, asked.bound) for name, difference in zip(names, found, strict=True)
        ]
    }
    if on_the_way:
        tables["the same, less the difference at the last layers"] = [
            row(name, difference, asked.bound)
            for name, difference in zip(names[:-1], on_the_way, strict=True)
        ]
    caption = (
        "p: two-sided; corrected: for the number of layers; smaller than bound: that the difference is "
        f"{asked.bound:g} or more, by two one-sided tests; n needed: independent stimuli with "
        "which a difference of that size is found four times in five"
    )
    terminal.show(Results(metric.name, COLUMNS, tables, caption))


if __name__ == "__main__":
    main()
