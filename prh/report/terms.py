"""What the words of a report mean, said where each occurs for the first time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

TERMS: tuple[tuple[str, str, str], ...] = (
    (
        "RSA",
        r"\bRSA\b",
        "Representational similarity analysis: are pairs of stimuli that lie far apart in one network far "
        "apart in the other? The correlation of the two tables of distances; 1 if both arrange them alike, 0 "
        "if they have nothing in common.",
    ),
    (
        "mutual nearest neighbours",
        r"\bmutual [\d.]+%?-NN\b",
        "The share of each stimulus's nearest neighbours that both networks agree on; 1 if all, and by "
        "chance as many as there are neighbours among all stimuli.",
    ),
    (
        "CKA",
        r"\bCKA\b",
        "Centred kernel alignment: how well the tables of products of all pairs of stimuli line up; 1 if "
        "they are the same up to scale.",
    ),
    ("score", r"\bscore\b", "How alike two layers arrange the stimuli, in the metric's own units."),
    (
        "interval",
        r"\binterval\b|\bci_low\b|\[−?[\d.]+%?, ",
        "Where the score of another sample of as many stimuli, or classes, might lie: in 95 of 100 samples, "
        "unless the run says otherwise.",
    ),
    (
        "p",
        r"(?<![\w.])p(?![\w.])",
        "How often shuffled stimuli score as high as the real ones, the real score counted in. Small: hardly "
        "chance. Large: chance cannot be ruled out, which does not show that there is nothing.",
    ),
    (
        "p and interval together",
        r"(?<![\w.])p(?![\w.])[\s\S]*class centroids|class centroids[\s\S]*(?<![\w.])p(?![\w.])",
        "p asks whether these classes are paired better than by chance, the interval what other classes "
        "would give. A p below 0.05 beside an interval that holds 0 says: yes for these, unknown for others.",
    ),
    (
        "null",
        r"\bnull\b|\bnull_mean\b|\bchance\b",
        "The score of shuffled stimuli: mean ± standard deviation.",
    ),
    (
        "p of best, p_corrected",
        r"\bp of best\b|\bp_corrected\b",
        "Corrected for having chosen the best of all layers: each shuffle may choose its best as well.",
    ),
    ("± of p, p_se", r"\bp_se\b|±:", "By how much other shuffles might move p; exact, or 0: all were tried."),
    (
        "q",
        r"(?<![\w.])q(?![\w.])",
        "The false discovery rate: of all scores with a q so low, this share is chance.",
    ),
    (
        "calibrated",
        r"\bcalibrated\b",
        "(score − mean of the null) / (maximum − mean of the null): 0 at chance, 1 at identity.",
    ),
    (
        "critical",
        r"\bcritical\b",
        "What 5 of 100 shuffles exceed; a score above it is significant by itself.",
    ),
    (
        "excess",
        r"\bexcess\b",
        "How far a score lies beyond the critical one: 0 if it does not, 1 at identity.",
    ),
    ("se", r"(?<![\w.])se(?![\w.])", "Standard error: by how much the score varies over samples of stimuli."),
    (
        "class centroids",
        r"\bclass centroids\b",
        "The means of all stimuli of each class, compared with the names of the classes.",
    ),
    (
        "explained by classes",
        r"\bexplained by (classes|groups)\b",
        "The share of the score that is left if stimuli are shuffled within their classes (or groups) alone.",
    ),
    (
        "beyond",
        r"\bbeyond (pixels|classes|the network untrained|all of these)\b",
        "The score with what pixels, classes or the untrained network explain taken out of both sides; "
        "by metrics other than RSA and CKA, the score less the control's own.",
    ),
    (
        "noise ceiling",
        r"\bceiling\b",
        "The most that a representation without noise is expected to score, since the centroids of other "
        "images of the same classes would differ a little from these.",
    ),
    (
        "chosen on one half",
        r"\bchosen on (one )?half\b|\bcrossfit\b",
        "The best layers were looked for in one half of the stimuli and scored in the other, so that the "
        "luck of having looked at many is not counted.",
    ),
    (
        "silhouette",
        r"\b[Ss]ilhouette\b|\bUMAP\b",
        "Are classes compact and apart? From −1 to 1, of the features themselves, not of their picture.",
    ),
    (
        "purity",
        r"\b[Pp]urity\b|\bUMAP\b",
        "The share of each stimulus's ten nearest neighbours that are of its class, of the features, too.",
    ),
    (
        "UMAP",
        r"\bUMAP\b",
        "A picture in the plane in which stimuli that are near in the features are near; distances between "
        "far ones, and the axes, mean nothing.",
    ),
    (
        "Spearman's ρ",
        r"\bρ\b",
        "A correlation of ranks: 1 if likeness always rises with capability, 0 if there is no relation.",
    ),
)
"""Name, how it is recognised, and what it means; in the order in which they are best read."""


@dataclass
class Glossary:
    """Terms that a page has not explained yet.

    Attributes:
        known: The names of those that it has.
    """

    known: set[str] = field(default_factory=set)

    def explained(self, words: Iterable[str]) -> str:
        """Returns what the terms in the words mean that were not met before, to unfold; empty without any."""
        text = "\n".join(words)
        new = [
            (name, means)
            for name, pattern, means in TERMS
            if name not in self.known and re.search(pattern, text)
        ]
        self.known |= {name for name, _ in new}
        return _list(new) if new else ""


def _list(terms: Sequence[tuple[str, str]]) -> str:
    said = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(means)}</dd></div>" for name, means in terms)
    names = ", ".join(name for name, _ in terms)
    summary = f"What these words mean: {escape(names)}"
    return f'<details class="terms"><summary>{summary}</summary><dl>{said}</dl></details>'
