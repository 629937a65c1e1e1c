"""The story of one run: stimuli, encoders, features, similarity and inference, figures, tracking."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from prh.config import MODELS, Settings
from prh.console.log import LOG, logged
from prh.encoders import Captions, Encoder, Prompt, Resources, VisionEncoder, Wordless, sense_of
from prh.encoders.resources import choose_device
from prh.errors import ConfigError
from prh.features import Features, FeatureStore, Shown, features_of
from prh.features.checks import check_images
from prh.features.features import Rows
from prh.features.layout import umap_layouts
from prh.features.thumbnails import thumbnails_of
from prh.findings.again import seen_again
from prh.findings.casting import check_cast, judged_cast, layers_of, others
from prh.findings.checks import check_sample
from prh.findings.comparing import centroids, compare, design_of
from prh.findings.controls import controls
from prh.findings.findings import Findings, Used
from prh.findings.kept import FILE, kept
from prh.ground.progress import Reporter
from prh.ground.rates import note_rate
from prh.stimuli import StimulusSet
from prh.stimuli.dependence import treated
from prh.stimuli.duplicates import copies
from prh.tracking import Tracker

PAIRS_TABLE = '[{"path": "pairs.json", "type": "table"}]'
"""Tells the MLflow UI that this artifact can be shown as a table."""
Times = dict[str, float]
AFTER_FEATURES = "similarity", "layouts", "figures", "tracking"
"""The stages of a run whose time depends on the number of stimuli alone, and not on networks."""
FEWEST_CLASSES = 4
"""Three class centroids have three distances, and every metric asks for four rows."""


def run(settings: Settings, tracker: Tracker, report: Reporter) -> Findings:
    """Runs one experiment and records it.

    Raises:
        PrhError: Something that the user can put right.
    """
    times: Times = {}
    asked, words = settings.question(), not isinstance(settings.text, Wordless)
    store = FeatureStore(settings.cache_dir / "features", report)
    device = choose_device(settings.device)
    resources = Resources(settings.dataset, settings.data_dir, settings.cache_dir, device, report)

    with _stage("stimuli", times):
        stimuli = drawn(settings, store, report)
        check_sample(asked, stimuli, words)
        check_images({key: getattr(settings, key) for key in MODELS}, stimuli.images.shape[-2:])
        check_cast(settings.also, settings.pairs, words, stimuli)
        report.note(f"{len(stimuli)} stimuli of {stimuli.name} (from {stimuli.source})")

    with _stage("encoders", times):
        text, layers, prompts = settings.text.resolve(resources), {}, []
        if text is not None:
            # What is wrong with words is said before a network is trained.
            layers["text"] = settings.layers.of_text(text)
            prompts = sentences_about(stimuli, settings.prompt, settings.captions)
        model = settings.model.resolve("model", resources)
        layers["model"] = settings.layers.of(model)
        reference = settings.reference.resolve("reference", resources)
        layers["reference"] = settings.layers.of(reference)
        for encoder in (model, reference):
            report.note(f"{encoder.name} (weights: {encoder.weights.source}{_accuracy(encoder)})")
        if text is not None:
            report.note(f"{text.label} (weights: {text.source}; reads e.g. {prompts[0][0]!r})")
        more = others(settings.also, resources, report)
        layers |= {role: layers_of(settings.layers, encoder) for role, encoder in more.items()}
        if not prompts and any(sense_of(encoder) == "words" for encoder in more.values()):
            prompts = sentences_about(stimuli, settings.prompt, settings.captions)
        encoders = {"model": model, "reference": reference} | ({"text": text} if text else {}) | more
        tracker.tag({"device": device, "precision": settings.precision, **_sources(stimuli, encoders)})
        tracker.rename({encoder.model.label: encoder.name for encoder in (model, reference)})

    with _stage("features", times):
        rows: Rows = "stimuli" if stimuli.captions else "classes"
        pool, how = settings.layers.text_pool, settings.extraction(device)
        shown = Shown(stimuli, prompts, rows, pool, how, store, report)
        every = {role: features_of(encoder, layers[role], shown) for role, encoder in encoders.items()}
        features = {role: found for role, found in every.items() if role not in more}
        read: dict[str, Features] = {}
        if text is not None:
            read = features if rows == "stimuli" else centroids(features, stimuli)
        beyond = getattr(settings.inference, "beyond", ())
        seeing = {"model": model, "reference": reference}
        taken_out = controls(beyond, seeing, features, stimuli, how, store, resources)
        if stimuli.again is not None:
            named_again = sentences_about(stimuli.again, settings.prompt, settings.captions)
            taken_out = replace(taken_out, again=seen_again(encoders, every, shown, named_again))

    with _stage("similarity", times):
        comparisons = compare(asked, features, read, taken_out, stimuli, report)
        cast = judged_cast(asked, encoders, every, design_of(stimuli), report) if more else None
    left = kept(asked, encoders, every, shown)

    with _stage("layouts", times):
        layouts = {
            role: umap_layouts(matrices, settings.umap(), store, report)
            for role, matrices in features.items()
            if matrices.rows == "stimuli"
        }

    tracker.tag({"similarity.exact": str(settings.metric.exact(len(stimuli.ids)))})
    used = {role: Used.of(encoder) for role, encoder in encoders.items()}
    found = Findings(asked, stimuli, used, features, read, comparisons, layouts, cast)
    output, study = settings.output_dir, settings.study
    with _stage("figures", times):
        from prh.figures.plan import Style, draw
        from prh.findings.files import write
        from prh.report.ending import results_of
        from prh.report.run import markdown, write_report

        write(found, output)
        left.write(output / FILE)
        further = study.drawn(settings.metric.geometry).values() if study else ()
        drawn_as = settings.figures
        own = drawn_as.also
        style = Style(drawn_as.umap_points, drawn_as.dpi, further, own, drawn_as.style, drawn_as.formats)
        draw(found, style, output / "figures", report)
        claims = study.write(found, output) if study else []
        for _, line in results_of(settings.metric.name, comparisons).lines():
            LOG.info(line.lstrip("\n"))
        made = {"seed": str(settings.seed), **tracker.facts()}
        write_report(found, output, claims, own, made, thumbnails_of(stimuli, store, report))
        for sentence in cast.sentences() if cast else []:
            report.note(sentence)

    with _stage("tracking", times), report.progress("Recording in MLflow", 0, ""):
        record(found, (model, reference), output, tracker)
        tracker.describe(markdown(settings.metric.name, comparisons, claims, cast))
    tracker.metrics([(f"time.{stage}_s", seconds, 0) for stage, seconds in times.items()])
    after = sum(seconds for stage, seconds in times.items() if stage in AFTER_FEATURES)
    note_rate(store.root, judging(settings), len(stimuli.ids), after)
    return found


def judging(settings: Settings) -> str:
    """Returns what the time is kept by that a run takes once it has its features."""
    permutations = getattr(settings.inference, "n_permutations", 0)
    return f"{settings.metric.name} with {permutations} permutations, to the end"


def drawn(settings: Settings, store: FeatureStore, report: Reporter) -> StimulusSet:
    """Returns the sample, its near duplicates dealt with as ``dataset.duplicates`` says.

    Raises:
        ConfigError: What the dataset refuses, or a class has no stimulus but duplicates.
    """
    stimuli = settings.dataset.draw(settings.seed, settings.data_dir, report)
    small = thumbnails_of(stimuli, store, report)
    with report.progress("Looking for duplicates", len(stimuli), "images") as advance:
        same = copies(small, advance)
    return treated(stimuli, same, settings.sampling.duplicates, report)


def sentences_about(stimuli: StimulusSet, prompt: Prompt, captions: Captions) -> list[list[str | None]]:
    """Returns what the text encoder reads: captions, or else the names of classes, in each template.

    Raises:
        ConfigError: Of too few classes, or a name has no definition.
    """
    if stimuli.captions is None and len(stimuli.class_names) < FEWEST_CLASSES:
        raise ConfigError(
            "text",
            f"{stimuli.name} has no captions, and the names of {len(stimuli.class_names)} classes are too "
            f"few to compare anything with",
            f"Leave the text encoder out with text=none, or show {FEWEST_CLASSES} classes or more",
        )
    named = stimuli.captions or stimuli.class_names
    return prompt.about(stimuli.wordings or [(name,) for name in named], captions)


def record(
    found: Findings, models: tuple[VisionEncoder, VisionEncoder], output_dir: Path, tracker: Tracker
) -> None:
    """Sends scores, files, data and trained networks to MLflow."""
    for comparison in found.comparisons:
        tracker.metrics(comparison.metrics())
        tracker.tag(comparison.tags())
    if found.cast is not None:
        tracker.metrics(found.cast.metrics([comparison.pair for comparison in found.comparisons]))
        tracker.tag({"mlflow.loggedArtifacts": PAIRS_TABLE})
    shown = found.stimuli
    schema = {"image": list(shown.images.shape[1:]), "classes": list(shown.class_names)}
    tracker.dataset(shown.name, shown.fingerprint, shown.source, schema, len(shown))
    tracker.metrics([("model.parameters", models[0].parameters, 0)])
    for role, used in zip(MODELS, models, strict=True):
        if (accuracy := used.weights.imagenet_top1) is not None:
            tracker.metrics([(f"{role}.imagenet_top1", accuracy, 0)])
    fitted = {used.fingerprint: used for used in models if used.weights.test_accuracy is not None}
    for used in fitted.values():
        own = used.weights
        about = used.name, used.model.architecture
        tracker.model(*about, own.path, own.sha256, own.test_accuracy, used.key)
    tracker.artifacts(output_dir)


def _sources(stimuli: StimulusSet, encoders: Mapping[str, Encoder]) -> dict[str, str]:
    tags = {"data": stimuli.name, "data.source": stimuli.source, "data.n": str(len(stimuli))}
    for role, used in ((role, Used.of(encoder)) for role, encoder in encoders.items()):
        tags |= {f"weights.{role}": used.source, f"weights.{role}.sha256": used.sha256}
        tags[f"substitute.{role}"] = used.substitute
    return {key: value for key, value in tags.items() if value}


def _accuracy(encoder: VisionEncoder) -> str:
    accuracy = encoder.weights.test_accuracy
    return "" if accuracy is None else f"; test accuracy {accuracy:.3f}"


@contextmanager
def _stage(name: str, times: Times) -> Iterator[None]:
    start = time.perf_counter()
    with logged(f"stage {name}"):
        yield
    times[name] = time.perf_counter() - start
