"""The methods paragraph, in Markdown with citations by key, from what a run recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from prh.export import encoders
from prh.export.citations import cite, of_dataset, of_metric, of_software
from prh.export.recorded import SWEPT, Recorded
from prh.export.scores import layer_scores, permutations, read_table
from prh.export.wording import CONTROLS, code, listed, of_classes, of_intervals
from prh.export.wording import of_metric as metric_said

if TYPE_CHECKING:
    import pandas as pd

PLAIN = "['{}']"
"""The template that is a name and nothing else, as it is recorded."""
AGAIN = {"also_drawn_by": "drawn by", "also_named_in": "named in"}
"""The keys of a second version of the stimuli."""
MANY = 2000
"""Beyond so many stimuli the null is made of shifts."""
VERSIONS = {
    "version.python": "Python",
    "version.torch": "PyTorch",
    "version.numpy": "NumPy",
    "version.scipy": "SciPy",
    "version.hydra-core": "Hydra",
    "version.mlflow": "MLflow",
}
Topic = Callable[[Recorded], list[str]]
"""Returns sentences."""


def methods(run: Recorded) -> str:
    """Returns the paragraph; of a sweep, what jobs have in common once, and what tells them apart by job."""
    if not run.jobs:
        return " ".join(sentence for topic in TOPICS for sentence in topic(run))
    axes = listed([f"{code(key)} ({', '.join(_given(run.jobs, key))})" for key in run.swept])
    start = f"{len(run.jobs)} runs varied {axes}." if run.swept else f"{len(run.jobs)} runs were made."
    said = [start, *(sentence for topic in TOPICS for sentence in _of_jobs(run, topic))]
    for job in run.jobs:
        run.lacking.update(job.lacking)
    return " ".join(said)


def _given(jobs: Sequence[Recorded], key: str) -> list[str]:
    """Returns what jobs were given for a swept key."""
    return list(dict.fromkeys(job.tags.get(f"{SWEPT}{key}", "") for job in jobs))


def _of_jobs(run: Recorded, topic: Topic) -> list[str]:
    """Returns each sentence once; one that not all jobs say names the values that those were given who do."""
    saying: dict[str, list[Recorded]] = {}
    places: dict[str, int] = {}
    for job in run.jobs:
        for place, sentence in enumerate(topic(job)):
            saying.setdefault(sentence, []).append(job)
            places.setdefault(sentence, place)
    return [
        sentence if len(saying[sentence]) == len(run.jobs) else f"{_where(run, saying[sentence])}{sentence}"
        for sentence in sorted(saying, key=lambda sentence: places[sentence])
    ]


def _where(run: Recorded, jobs: Sequence[Recorded]) -> str:
    given = {key: _given(jobs, key) for key in run.swept}
    own = [f"{key}={','.join(v)}" for key, v in given.items() if v != _given(run.jobs, key)]
    return f"Where {listed([code(value) for value in own])}: " if own else "In some: "


def made_with(run: Recorded) -> list[str]:
    """Returns what compared what, and in which versions."""
    release, commit = run.tag("version.prh"), run.tags.get("mlflow.source.git.commit")
    dirty = ", with changes that were not committed" if run.tags.get("git.dirty") == "true" else ""
    at = f" (commit {code(commit[:12])}{dirty})" if commit else ""
    known = [f"{name} {run.tags[tag]}" for tag, name in VERSIONS.items() if tag in run.tags]
    others = f" with {listed(known)}{cite(of_software(run))}" if known else ""
    return [
        "Representations were compared as for the Platonic Representation Hypothesis [@huh2024], by `prh` "
        f"{release or 'of unknown version'}{at}{others}."
    ]


def stimuli(run: Recorded) -> list[str]:
    """Returns what was shown, how many, where from, and how it was drawn."""
    data, n, source = run.tag("data"), run.tag("data.n"), run.tag("data.source")
    if data is None:
        return []
    everything = run.params.get("dataset.n") == "None"
    text = f"The stimuli were {'all ' if everything else ''}{n or 'an unknown number'} of {code(data)}"
    text += cite(of_dataset(run)) + (f" (from {code(source)})" if source else "")
    seed = run.seed("seed")
    sentences = [text + ("." if everything or not seed else f", drawn with {seed}.")]
    sentences += [
        f"They were also {how} {code(other)}, a second version to compare encoders with themselves."
        for key, how in AGAIN.items()
        if (other := run.params.get(f"dataset.{key}", "None")) != "None"
    ]
    listing = read_table(run, "tables/stimuli.csv")
    if listing is not None and "group" in listing and (groups := listing["group"].nunique()) < len(listing):
        sentences.append(
            f"Stimuli that hang together, such as near duplicates, formed {groups} groups, which stayed "
            "together under the null where it allows and counted as one in standard errors."
        )
    if run.kind("text") not in ("", "Wordless"):
        over = "class centroids and class names" if of_classes(run) else "stimuli, each with its own caption"
        sentences.append(f"Vision and text were compared over {over}.")
    templates = run.params.get("prompt.templates", PLAIN)
    return sentences + (
        [] if templates == PLAIN else [f"Names were read in the templates {code(templates)}."]
    )


def metric(run: Recorded) -> list[str]:
    """Returns what a score is."""
    sentences = [said] if (said := metric_said(run, cite(of_metric(run)))) else []
    if run.tags.get("similarity.exact") == "False":
        sentences.append("Of so many stimuli distances were ranked by a fine histogram, not one by one.")
    return sentences


def null(run: Recorded) -> list[str]:
    """Returns how p and the null were made, as far as the tables tell."""
    if run.kind("inference") == "NoInference":
        return ["No null, p or interval was computed."]
    table, asked = layer_scores(run), run.value("inference.n_permutations")
    if table is None or asked is None:
        return []
    within = run.value("inference.within")
    inside = f", which took each other's place only within {within}" if within else ""
    n = int(float(run.tags.get("data.n", 0)))
    shifts = ", as cyclic shifts along a random order [@hemerik2018]" if n > MANY else ""
    seed = run.seed("inference.seed")
    told = _permutations(table) or f"{asked} permutations"
    chosen = (
        "; that of the best pair of layers is corrected for its having been chosen, by the best score of all "
        "layers under each permutation [@westfall1993]"
    )
    several = len(table) > table["pair"].nunique()
    return [
        f"Nulls permuted the stimuli of one side{inside}{shifts}: {told}{f' ({seed})' if seed else ''}.",
        f"$p$ is one-sided, with the observed score counted in [@phipson2010]{chosen if several else ''}.",
        "Calibrated scores are relative to the null's mean, the excess to its critical value [@groger2026].",
    ]


def _permutations(table: pd.DataFrame) -> str:
    """Returns how many permutations were tried, by pair of encoders where that differs."""
    drawn: dict[str, list[str]] = {}
    for pair, own in table.groupby("pair", sort=False):
        count = permutations(own)
        exact = bool(own["exact"].astype(str).eq("True").any())
        how = "all permutations" if exact else f"{count:,} random permutations" if count else ""
        if how:
            drawn.setdefault(how, []).append(str(pair).replace("_vs_", " with "))
    return "; ".join(f"{how} for {listed(pairs)}" if len(drawn) > 1 else how for how, pairs in drawn.items())


def intervals(run: Recorded) -> list[str]:
    """Returns what kind intervals are of, and what they generalise over."""
    level = run.value("inference.level")
    if level is None or run.kind("inference") == "NoInference":
        return []
    classes = ", or, where rows are class centroids, of as many classes" if of_classes(run) else ""
    sentences = [
        f"Intervals ({float(level):.0%}) are Student's $t$ on standard errors from what each stimulus "
        f"contributes to a score{of_intervals(run)}; they generalise over other samples of as many stimuli"
        f"{classes}."
    ]
    if any(name.endswith("ci_images_low") for name in run.metrics):
        times = run.value("inference.n_bootstrap")
        drawn = f" from {times} samples of the images of each class" if times else ""
        sentences.append(
            f"For class centroids two more are recorded{drawn}: for other images of these classes, and for "
            "other classes and other images [@schutt2023]."
        )
    return sentences


def controls(run: Recorded) -> list[str]:
    """Returns what was taken out of scores, and how best layers were scored on other stimuli."""
    found = [
        called
        for name, called in CONTROLS.items()
        if any(key.endswith(f"last.beyond_{name}") for key in run.metrics)
    ]
    sentences = []
    if found:
        partial = run.kind("metric") in ("RSA", "CKA")
        how = "partial correlations [@cui2022]" if partial else "differences from the control's own score"
        sentences.append(f"Scores of last layers are also recorded beyond {listed(found)}, as {how}.")
    if any(key.endswith("best.crossfit") for key in run.metrics):
        sentences.append(
            "Best layers are also scored on one half of the stimuli where they were chosen on the other."
        )
    return sentences


def many(run: Recorded) -> list[str]:
    """Returns how pairs of many encoders and trends over models were judged."""
    if read_table(run, "tables/pairs.csv") is None:
        return []
    sentences = [
        "All pairs of last layers were judged alike; $q$ is their false discovery rate [@benjamini1995]."
    ]
    if any(key.startswith("trend.") for key in run.metrics):
        sentences.append(
            "Whether alignment rises with capability was tested by permuting models, those of one family "
            "together [@mantel1967]."
        )
    if any(key.startswith("mixed.") for key in run.metrics):
        sentences.append(
            "By how much is the slope of a mixed model with random effects of both models [@seabold2010]."
        )
    return sentences


def drawings(run: Recorded) -> list[str]:
    """Returns how figures were drawn that have settings of their own."""
    drawn = {path.stem for path in (run.files / "figures").glob("*.p*")}
    sentences = []
    if any(name.startswith("umap") for name in drawn):
        keys = {"neighbors": "neighbours {}", "min_dist": "minimal distance {}"}
        told = [
            words.format(value)
            for key, words in keys.items()
            if (value := run.value(f"figures.umap_{key}")) is not None
        ]
        told += filter(None, [run.seed("figures.umap_seed")])
        sentences.append(f"Layers are shown by UMAP [@mcinnes2018] ({', '.join(told)}).")
    if {"map", "layer_paths"} & drawn:
        sentences.append("Maps of representations are multidimensional scaling [@pedregosa2011].")
    return [*sentences, "Figures were drawn with Matplotlib [@hunter2007]."] if drawn else []


TOPICS: tuple[Topic, ...] = (
    made_with,
    stimuli,
    encoders.said,
    encoders.shown,
    encoders.layers,
    metric,
    null,
    intervals,
    controls,
    many,
    drawings,
)
