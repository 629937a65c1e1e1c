"""The methods paragraph, in Markdown with citations by key, from what a run recorded."""

from __future__ import annotations

from collections.abc import Callable

from prh.export import encoders
from prh.export.citations import cite, of_dataset, of_metric, of_software
from prh.export.recorded import SWEPT, Recorded
from prh.export.scores import layer_scores, permutations, read_table
from prh.export.wording import CONTROLS, code, listed, of_classes, of_intervals
from prh.export.wording import of_metric as metric_said

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
Topic = Callable[[Recorded], str]


def methods(run: Recorded) -> str:
    """Returns the paragraph; of a sweep, what jobs have in common once, and what tells them apart by job."""
    if not run.jobs:
        return " ".join(text for topic in TOPICS if (text := topic(run)))
    axes = listed([f"{code(key)} ({', '.join(_values(run, key))})" for key in run.swept])
    start = f"{len(run.jobs)} runs varied {axes}." if run.swept else f"{len(run.jobs)} runs were made."
    said = [start, *(text for topic in TOPICS if (text := _of_jobs(run, topic)))]
    for job in run.jobs:
        run.lacking.update(job.lacking)
    return " ".join(said)


def _values(run: Recorded, key: str) -> list[str]:
    return list(dict.fromkeys(job.tags.get(f"{SWEPT}{key}", "") for job in run.jobs))


def _of_jobs(run: Recorded, topic: Topic) -> str:
    """Returns what all jobs say of a topic, or what each kind of job says, by the values it was given."""
    by_text: dict[str, list[Recorded]] = {}
    for job in run.jobs:
        by_text.setdefault(topic(job), []).append(job)
    if len(by_text) == 1:
        return next(iter(by_text))
    told = []
    for text, jobs in by_text.items():
        given = {
            key: list(dict.fromkeys(job.tags.get(f"{SWEPT}{key}", "") for job in jobs)) for key in run.swept
        }
        alike = [f"{key}={', '.join(values)}" for key, values in given.items() if values != _values(run, key)]
        told.append(f"Where {code('; '.join(alike))}: {text}" if text else "")
    return " ".join(filter(None, told))


def made_with(run: Recorded) -> str:
    """Returns what compared what, and in which versions."""
    release, commit = run.tag("version.prh"), run.tags.get("mlflow.source.git.commit")
    at = f" (commit {code(commit[:12])}{_dirty(run)})" if commit else ""
    known = [f"{name} {run.tags[tag]}" for tag, name in VERSIONS.items() if tag in run.tags]
    others = f" with {listed(known)}{cite(of_software(run))}" if known else ""
    return (
        "Representations were compared as for the Platonic Representation Hypothesis [@huh2024], by `prh` "
        f"{release or 'of unknown version'}{at}{others}."
    )


def _dirty(run: Recorded) -> str:
    return ", with changes that were not committed" if run.tags.get("git.dirty") == "true" else ""


def stimuli(run: Recorded) -> str:
    """Returns what was shown, how many, where from, and how it was drawn."""
    data, n, source = run.tag("data"), run.tag("data.n"), run.tag("data.source")
    if data is None:
        return ""
    everything = run.params.get("dataset.n") == "None"
    text = f"The stimuli were {'all ' if everything else ''}{n or 'an unknown number'} of {code(data)}"
    text += cite(of_dataset(run)) + (f" (from {code(source)})" if source else "")
    seed = run.value("seed")
    text += "." if everything or seed is None else f", drawn with seed {seed}."
    listing = read_table(run, "tables/stimuli.csv")
    if listing is not None and "group" in listing:
        groups = listing["group"].nunique()
        if groups < len(listing):
            text += (
                f" Stimuli that hang together, such as near duplicates, formed {groups} groups, which stayed "
                "together under the null where it allows and counted as one in standard errors."
            )
    if run.kind("text") not in ("", "Wordless"):
        text += (
            " Vision and text were compared over class centroids and class names."
            if of_classes(run)
            else " Vision and text were compared stimulus by stimulus."
        )
    return text + _prompts(run)


def _prompts(run: Recorded) -> str:
    templates = run.params.get("prompt.templates", "['{}']")
    return "" if templates == "['{}']" else f" Names were read in the templates {code(templates)}."


def metric(run: Recorded) -> str:
    """Returns what a score is."""
    return metric_said(run, cite(of_metric(run)))


def null(run: Recorded) -> str:
    """Returns how p and the null were made, as far as the tables tell."""
    if run.kind("inference") == "NoInference":
        return "No null, p or interval was computed."
    table, asked = layer_scores(run), run.value("inference.n_permutations")
    if table is None or asked is None:
        return ""
    drawn: dict[str, list[str]] = {}
    for pair, own in table.groupby("pair", sort=False):
        count = permutations(own)
        exact = bool(own["exact"].astype(str).eq("True").any())
        how = "all permutations" if exact else f"{count:,} random permutations" if count else ""
        if how:
            drawn.setdefault(how, []).append(str(pair).replace("_vs_", " with "))
    counts = [f"{how} for {listed(pairs)}" if len(drawn) > 1 else how for how, pairs in drawn.items()]
    within = run.value("inference.within")
    inside = f", which took each other's place only within {within}" if within else ""
    n = int(float(run.tags.get("data.n", 0)))
    shifts = ", as cyclic shifts along a random order [@hemerik2018]" if n > MANY else ""
    seed = run.value("inference.seed")
    told = "; ".join(counts) or f"{asked} permutations"
    return (
        f"Nulls permuted the stimuli of one side{inside}{shifts}: {told}"
        f"{'' if seed is None else f' (seed {seed})'}. $p$ is one-sided, with the observed score counted in "
        "[@phipson2010]; that of the best pair of layers is corrected for its having been chosen, by the "
        "best score of all layers under each permutation [@westfall1993]. Calibrated scores are relative to "
        "the mean of the null [@groger2026]."
    )


def intervals(run: Recorded) -> str:
    """Returns what kind intervals are of, and what they generalise over."""
    level = run.value("inference.level")
    if level is None or run.kind("inference") == "NoInference":
        return ""
    text = (
        f"Intervals ({float(level):.0%}) are Student's $t$ on standard errors from what each stimulus "
        f"contributes to a score{of_intervals(run)}; they generalise over other samples of as many stimuli"
    )
    if not of_classes(run):
        return f"{text}."
    text += ", or, where rows are class centroids, of as many classes."
    if any(name.endswith("ci_images_low") for name in run.metrics):
        times = run.value("inference.n_bootstrap")
        drawn = f" from {times} samples of the images of each class" if times else ""
        text += (
            f" For class centroids two more are recorded{drawn}: for other images of these classes, and for "
            "other classes and other images [@schutt2023]."
        )
    return text


def controls(run: Recorded) -> str:
    """Returns what was taken out of scores, and how best layers were scored on other stimuli."""
    found = [
        called
        for name, called in CONTROLS.items()
        if any(key.endswith(f"last.beyond_{name}") for key in run.metrics)
    ]
    text = ""
    if found:
        how = (
            "as partial correlations [@cui2022]"
            if run.kind("metric") in ("RSA", "CKA")
            else "as differences from the control's own score"
        )
        text = f"Scores of last layers are also recorded beyond {listed(found)}, {how}."
    if any(key.endswith("best.crossfit") for key in run.metrics):
        text += " Best layers are also scored on one half of the stimuli where they were chosen on the other."
    return text.strip()


def many(run: Recorded) -> str:
    """Returns how pairs of many encoders and trends over models were judged."""
    if read_table(run, "tables/pairs.csv") is None:
        return ""
    text = "All pairs of last layers were judged alike; $q$ is their false discovery rate [@benjamini1995]."
    if any(key.startswith("trend.") for key in run.metrics):
        text += (
            " Whether alignment rises with capability was tested by permuting models, those of one family "
            "together [@mantel1967]."
        )
    if any(key.startswith("mixed.") for key in run.metrics):
        text += (
            " By how much is the slope of a mixed model with random effects of both models [@seabold2010]."
        )
    return text


def drawings(run: Recorded) -> str:
    """Returns how figures were drawn that have settings of their own."""
    drawn = {path.stem for path in (run.files / "figures").glob("*.p*")}
    text = ""
    if any(name.startswith("umap") for name in drawn):
        keys = {"neighbors": "neighbours", "min_dist": "minimal distance", "seed": "seed"}
        told = [
            f"{words} {value}"
            for key, words in keys.items()
            if (value := run.value(f"figures.umap_{key}")) is not None
        ]
        text = f"Layers are shown by UMAP [@mcinnes2018] ({', '.join(told)})."
    if {"map", "layer_paths"} & drawn:
        text += " Maps of representations are multidimensional scaling [@pedregosa2011]."
    return f"{text} Figures were drawn with Matplotlib [@hunter2007].".strip() if drawn else ""


TOPICS: tuple[Topic, ...] = (
    made_with,
    stimuli,
    encoders.said,
    encoders.layers,
    metric,
    null,
    intervals,
    controls,
    many,
    drawings,
)
