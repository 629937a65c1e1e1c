"""Layers against layers: each prepared once, and the grids of model, reference and text judged."""

from __future__ import annotations

from prh.errors import ConfigError
from prh.features import Features
from prh.findings.comparison import Comparison
from prh.findings.controls import Controls
from prh.findings.further import Judged, further
from prh.findings.question import Question
from prh.ground.progress import Reporter
from prh.inference import Design, NotExchangeable
from prh.inference.design import INDEPENDENT
from prh.similarity import DegenerateFeatures, Metric
from prh.stimuli import StimulusSet


def compare(
    asked: Question,
    features: dict[str, Features],
    read: dict[str, Features],
    taken_out: Controls,
    stimuli: StimulusSet,
    report: Reporter,
) -> list[Comparison]:
    """Judges the layer grids: model × reference, and each against text, on captions or classes."""
    metric = asked.metric
    seen = _rows(features["model"], metric, metric)
    of_stimuli, design = asked.inference, design_of(stimuli)
    plan = [("model_vs_reference", features["model"], features["reference"], metric, metric, seen)]
    if read:
        of_text = metric_of_text(metric, read)
        named = _rows(read["text"], of_text, metric)
        plan += [
            (f"{role}_vs_text", read[role], read["text"], of_text, of_text.for_text(), named)
            for role in ("model", "reference")
        ]
    comparisons = []
    steps = asked.inference.steps
    with report.progress("Comparing layers, null, intervals", len(plan) * steps, "draws") as advance:
        for pair, a, b, metric_a, metric_b, rows in plan:
            states_a, states_b = prepared(metric_a, a, report), prepared(metric_b, b, report)
            judge, known = of_stimuli, design
            if a.rows == "classes":
                judge, known = of_stimuli.for_classes(), INDEPENDENT
            try:
                grid = judge.judge(metric_a, states_a, states_b, advance, known)
            except NotExchangeable as error:
                raise ConfigError("inference.within", str(error), "Use inference.within=null") from error
            shares = judge.explained(metric_a, states_a, states_b, known)
            numbers = {f"last.{name}": share for name, share in shares.items()}
            images = features[pair.split("_vs_")[0]]
            judged = Judged(pair, grid, metric_a, metric_b, images, b, (states_a, states_b))
            numbers |= further(judged, asked.inference, taken_out, stimuli)
            own = {name: float(measure.of(judged)) for name, measure in asked.measures.items()}
            comparisons.append(Comparison(pair, a.encoder, b.encoder, rows, grid, numbers, own))
    return comparisons


def prepared(metric: Metric, features: Features, report: Reporter) -> dict[str, object | None]:
    """Prepares every layer once; a degenerate layer becomes None, and n/a in tables and figures."""
    states: dict[str, object | None] = {}
    for layer, matrix in features.items():
        try:
            state = metric.prepare(matrix, f"{features.encoder} {layer}")
            states[layer] = None if metric.spent(state) else state
            if states[layer] is None:
                report.warn(
                    f"{features.encoder} {layer} has as many dimensions as {len(matrix)} rows can have "
                    "and scores the maximum with anything: nothing is left to measure; its cells are n/a"
                )
        except DegenerateFeatures as error:
            report.warn(f"{error}; its cells are n/a")
            states[layer] = None
        except ValueError as error:
            raise ConfigError("metric", str(error)) from error
    return states


def design_of(stimuli: StimulusSet) -> Design:
    """Returns what is known of how the stimuli hang together."""
    return Design(stimuli.labels, stimuli.groups, stimuli.sequence, stimuli.copies)


def metric_of_text(metric: Metric, read: dict[str, Features]) -> Metric:
    """Returns the metric that compares vision with text: the run's own, or what suits class centroids."""
    return metric if read["text"].rows == "stimuli" else metric.for_classes()


def centroids(features: dict[str, Features], stimuli: StimulusSet) -> dict[str, Features]:
    """Returns the class centroids of what has a row per stimulus, and what has one per class as it is."""
    classes = len(stimuli.class_names)
    return {
        role: found if found.rows == "classes" else found.by_class(stimuli.labels, classes)
        for role, found in features.items()
    }


def _rows(features: Features, used: Metric, asked: Metric) -> str:
    """Says what is paired in a grid, and how it is compared if not as asked."""
    n = len(features[features.last])
    rows = f"{n} stimuli" if features.rows == "stimuli" else f"{n} class centroids"
    rows += "" if used.exact(n) else ", ranks to 1e-3"
    return rows if used.name == asked.name else f"{rows}, {used.name}"
