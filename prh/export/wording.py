"""How a methods paragraph puts what a config says."""

from __future__ import annotations

from typing import NamedTuple

from prh.export.recorded import Recorded


class Wording(NamedTuple):
    """What is said of a metric.

    Attributes:
        what: After "Layers were compared by", with ``{placeholders}`` for keys of the metric.
        classes: The key that stands for ``k`` or ``dim`` where rows are class centroids.
        interval: Beside Student's t, how its intervals are made.
    """

    what: str
    classes: str = ""
    interval: str = ""


CORRELATION, SHARE = ", after Fisher's transformation [@fisher1921]", ", in the form of Wilson [@wilson1927]"
NEIGHBOURS = "where $N_X(i)$ are the $k$ nearest neighbours of stimulus $i$ in $X$, by cosine"
METRICS = {
    "RSA": Wording(
        "representational similarity analysis{cite}: the {compare_by} correlation between the {distance} "
        "distances of all pairs of rows (those of the text encoder are cosine distances)",
        interval=CORRELATION,
    ),
    "MutualKNN": Wording(
        rf"mutual $k$-nearest-neighbour overlap{{cite}}, the mean of $|N_X(i) \cap N_Y(i)| / k$, {NEIGHBOURS}"
        " ($k$ = {k})",
        "k_classes",
        SHARE,
    ),
    "JaccardKNN": Wording(
        r"the Jaccard index{cite} of nearest neighbours, the mean of "
        rf"$|N_X(i) \cap N_Y(i)| / |N_X(i) \cup N_Y(i)|$, {NEIGHBOURS} ($k$ = {{k}})",
        "k_classes",
        SHARE,
    ),
    "CycleKNN": Wording(
        r"cycle $k$-nearest neighbours{cite}, the share of stimuli $i$ that are in $N_X(j)$ for some "
        rf"$j \in N_Y(i)$, {NEIGHBOURS} ($k$ = {{k}})",
        "k_classes",
        SHARE,
    ),
    "LCSKNN": Wording(
        "the mean longest common subsequence of the ordered lists of the $k$ = {k} nearest neighbours by "
        "cosine{cite}",
        "k_classes",
    ),
    "EditKNN": Wording(
        "one minus the mean edit distance, over $k$, of the ordered lists of the $k$ = {k} nearest "
        "neighbours by cosine{cite}",
        "k_classes",
    ),
    "CKNNA": Wording(
        "centred kernel nearest-neighbour alignment{cite}, the unbiased kernel alignment over pairs that are "
        "among the $k$ = {k} nearest neighbours in both",
        "k_classes",
    ),
    "CKA": Wording(
        "{unbiased}centred kernel alignment{cite} with a {kernel} kernel (linear and biased, this is "
        r"$\|X^\top Y\|_F^2 / (\|X^\top X\|_F \, \|Y^\top Y\|_F)$)",
        interval=CORRELATION,
    ),
    "SVCCA": Wording(
        "singular vector canonical correlation analysis{cite}, the mean canonical correlation of the {dim} "
        "directions of largest variance",
        "dim_classes",
        CORRELATION,
    ),
    "PWCCA": Wording(
        "projection-weighted canonical correlation{cite} of the {dim} directions of largest variance",
        "dim_classes",
        CORRELATION,
    ),
    "Procrustes": Wording(
        r"the Procrustes similarity{cite} $1 - \sqrt{{1 - \|X^\top Y\|_*}}$ of centred $X$ and $Y$ of "
        "Frobenius norm one"
    ),
}
POOLS = {
    "avg": "averaged over positions",
    "max": "reduced to their maximum over positions",
    "flatten": "taken with all their positions",
    "cls": "read at the class token",
}
TOKENS = {"avg": "averaged over tokens", "cls": "read at the first token", "last": "read at the last token"}
CORRELATIONS = {
    "spearman": "Spearman rank",
    "pearson": "Pearson",
    "kendall": "Kendall rank",
    "cosine": "cosine",
}
CONTROLS = {
    "pixels": "pixels",
    "classes": "classes",
    "random_twin": "the same network untrained",
    "all": "all of these together",
}


def of_metric(run: Recorded, cite: str) -> str:
    """Returns the sentence on the metric; one of a person's own is named by its class.

    Args:
        run: The run.
        cite: What is cited, with a space before.
    """
    kind = run.kind("metric")
    if (wording := METRICS.get(kind)) is None:
        return f"Layers were compared by {code(run.value('metric._target_') or 'a metric')}." if kind else ""
    own = {
        key.removeprefix("metric."): value for key, value in run.params.items() if key.startswith("metric.")
    }
    words = {
        **own,
        "cite": cite,
        "compare_by": CORRELATIONS.get(own.get("compare_by", ""), own.get("compare_by", "")),
        "unbiased": "the unbiased estimate of " if own.get("unbiased") == "True" else "",
        "dim": "all" if own.get("dim") == "None" else own.get("dim", ""),
    }
    try:
        said = f"Layers were compared by {wording.what.format_map(words)}"
    except KeyError as missing:  # of an old version, which had no such key
        run.lacking.add(f"metric.{missing.args[0]}")
        return f"Layers were compared by {code(kind)}{cite}."
    if wording.classes and of_classes(run) and wording.classes in own:
        said += f"; among class centroids ${wording.classes.split('_')[0]}$ was {own[wording.classes]}"
    if own.get("outliers", "None") != "None":
        said += (
            f". Features were clamped at their {own['outliers']} quantile and rows scaled to length one "
            "[@huh2024]"
        )
    return f"{said}."


def of_intervals(run: Recorded) -> str:
    """Returns how the metric's intervals are made, beside Student's t."""
    wording = METRICS.get(run.kind("metric"))
    plain = wording is None or run.params.get("metric.compare_by") == "cosine"
    return "" if plain or wording is None else wording.interval


def of_classes(run: Recorded) -> bool:
    """Returns whether the text encoder was compared over class centroids, and not stimulus by stimulus."""
    return any(name.endswith("_vs_text.last.ci_images_low") for name in run.metrics) or (
        (run.folder / "matrices" / "class_rdm_text_last.csv").exists()
    )


def code(text: str) -> str:
    """Returns a name as code in Markdown, whatever is in it."""
    return f"`{text.replace('`', chr(39))}`"


def listed(parts: list[str]) -> str:
    """Returns parts as a person lists them: a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
