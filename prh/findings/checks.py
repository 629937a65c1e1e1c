"""What of metric and inference does not suit a sample, found before anything is computed of it."""

from __future__ import annotations

from prh.errors import ConfigError
from prh.findings.comparing import design_of
from prh.findings.question import Question
from prh.inference import Exchange, NotExchangeable
from prh.similarity import Metric
from prh.similarity.arrays import MIN_STIMULI
from prh.stimuli import StimulusSet


def check_sample(asked: Question, stimuli: StimulusSet, words: bool) -> None:
    """Refuses what does not suit the sample, before anything is computed of it.

    Args:
        asked: Metric and inference.
        stimuli: The sample.
        words: Whether there is a text encoder, which reads the names of classes where there are no captions.

    Raises:
        ConfigError: Names the key.
    """
    n, classes = len(stimuli), len(stimuli.class_names)
    if n < MIN_STIMULI:
        problem = f"{n} stimuli are too few to compare anything with"
        raise ConfigError("dataset.n", problem, f"Use dataset.n={MIN_STIMULI} or more")
    _check_metric(asked.metric, n, "")
    if words and stimuli.captions is None and classes >= MIN_STIMULI:
        _check_metric(asked.metric.for_classes(), classes, "_classes")
    within = getattr(asked.inference, "within", None)
    try:
        Exchange.of(design_of(stimuli), within)
    except NotExchangeable as error:
        raise ConfigError("inference.within", str(error), "Use inference.within=null") from error


def _check_metric(metric: Metric, n: int, ending: str) -> None:
    found = metric.unfit(n)
    if found is not None:
        key, of = f"metric.{found.field}{ending}", "class centroids" if ending else "stimuli"
        remedy = f"Use {key}={found.most} or less" if found.most else f"Use {key}=1 or more, or more {of}"
        also = ", or text=none" if ending else ""
        raise ConfigError(key, f"of {n} {of}, {found.problem}", remedy + also)
