"""Which of two vision models is nearer to the text model, layer by layer: a paired bootstrap over stimuli.

    python scripts/differences.py dataset=openmoji
    python scripts/differences.py dataset=openmoji model@reference=efficientnet_lite2
    python scripts/differences.py dataset=reaction_diffusion model@reference=efficientnet_lite0_random

Takes the groups and keys of prh.run, and a dataset with captions. Layers are paired by their order, and the
text model's last is what they are compared with. Records nothing.
"""

import sys

import numpy as np

from prh.config import resolve
from prh.encoders import Resources
from prh.encoders.resources import choose_device
from prh.errors import ConfigError
from prh.experiment import sentences_about
from prh.features import Features, FeatureStore, text_features, vision_features
from prh.features.extract import Extraction
from prh.inference import compare_scores
from prh.run import USER_ERRORS, composed, one_line
from prh.similarity import Metric
from prh.terminal import Terminal


def read(overrides: list[str], terminal: Terminal) -> tuple[Features, Features, Features, Metric]:
    """Returns the features of model, reference and text, and the metric."""
    settings = resolve(composed(overrides))
    device = choose_device(settings.device)
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, terminal)
    store, how = FeatureStore(settings.cache_dir / "features", terminal), Extraction.of(settings, device)
    stimuli = settings.dataset.draw(settings.seed, settings.data_dir, terminal)
    text = settings.text.resolve(resources)
    if stimuli.captions is None or text is None:
        raise ConfigError(
            "dataset", f"{stimuli.name} is not read stimulus by stimulus", "Use one with captions"
        )
    vision = []
    for key in ("model", "reference"):
        encoder = getattr(settings, key).resolve(key, resources)
        vision.append(vision_features(encoder, stimuli, settings.layers.of(encoder), how, store, terminal))
    sentences = sentences_about(stimuli, settings.prompt)
    pool = settings.layers.text_pool
    words = text_features(text, sentences, text.layers[-1:], pool, "stimuli", store, terminal)
    return vision[0], vision[1], words, settings.metric


def main() -> None:
    if {"-h", "--help"} & set(sys.argv[1:]):
        sys.exit(__doc__)
    terminal = Terminal()
    try:
        model, reference, text, metric = read(["output_dir=unused", *sys.argv[1:]], terminal)
    except USER_ERRORS as error:
        terminal.error(one_line(error))
        sys.exit(2)
    rows = []
    depth = np.linspace(0, len(reference) - 1, len(model)).round().astype(int)
    for layer, place in zip(model, depth, strict=True):
        other = list(reference)[place]
        found = compare_scores(metric, model[layer], reference[other], text[text.last])
        interval = f"[{found.ci_low:+.3f}, {found.ci_high:+.3f}]"
        rows.append([f"{layer} − {other}", f"{found.value:+.3f}", interval, f"{found.p:.3f}"])
    title = f"{model.encoder} − {reference.encoder}, each × {text.encoder}"
    terminal.table(metric.name, ["layers", "difference", "95% interval", "p"], {title: rows}, "p: two-sided")


if __name__ == "__main__":
    main()
