"""What a run says of the features it left in the store, so that others compare them without a pass."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from prh.encoders import Encoder, TextEncoder, VisionEncoder, sense_of
from prh.errors import PrhError
from prh.features import Features, FeatureStore, Shown
from prh.features.extract import ABSENT, mean_of, row_of, shelf_of, text_shelf
from prh.findings.cast import Cast, Member
from prh.findings.casting import cast_of, member
from prh.findings.comparing import design_of
from prh.findings.question import Question
from prh.ground.build import build
from prh.ground.files import written_whole
from prh.ground.progress import Silent
from prh.inference import Design

FILE = "features.json"
"""Among the artifacts of a run."""
DESIGN = tuple(part.name for part in fields(Design))


@dataclass(frozen=True)
class Kept:
    """What a run left of its encoders' last layers, and what it asked of them.

    Attributes:
        about: What must be the same for two runs to go together: the folder of the store, name, fingerprint
            and row ids of the N stimuli, how they hang together, metric and inference; as plain values.
        encoders: Of each encoder over stimuli, what is known of it, shelf and layer; and of one that reads,
            which rows of the shelf a stimulus has, a list of N for each template and caption.
        named: The same of each encoder that read the names of classes, a row for each class.
        classes: These names.
    """

    about: dict[str, Any]
    encoders: list[dict[str, Any]]
    named: list[dict[str, Any]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Names the stimuli, and how many there are."""
        return f"{self.about['stimuli']}, {len(self.about['ids'])} stimuli"

    def write(self, path: Path) -> None:
        """Writes it as JSON."""
        with written_whole(path) as part:
            part.write_text(json.dumps(asdict(self), default=str), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Kept:
        """Returns what a run wrote.

        Raises:
            ValueError: It is something else.
        """
        found = json.loads(path.read_text(encoding="utf-8"))
        known = {part.name for part in fields(cls)}
        if not isinstance(found, dict) or not {"about", "encoders"} <= set(found) <= known:
            raise ValueError(f"{path.name} does not say what was kept")
        return cls(**found)


def kept(
    asked: Question,
    encoders: Mapping[str, Encoder],
    features: Mapping[str, Features],
    shown: Shown,
) -> Kept:
    """Returns where the store has the last layers of all encoders."""
    stimuli = shown.stimuli
    over: dict[str, list[dict[str, Any]]] = {"stimuli": [], "classes": []}
    for role, encoder in encoders.items():
        own: dict[str, Any] = _plain(member(role, encoder)) | {"layer": features[role].last, "rows": None}
        if sense_of(encoder) == "words":
            own["shelf"] = text_shelf(cast(TextEncoder, encoder), shown.text_pool)
            own["rows"] = [
                [row_of(sentence) if sentence else ABSENT for sentence in template]
                for template in shown.prompts
            ]
        else:
            own["shelf"] = shelf_of(cast(VisionEncoder, encoder), stimuli, shown.how)
        over[features[role].rows].append(own)
    about = {
        "store": str(shown.store.root),
        "stimuli": stimuli.name,
        "fingerprint": stimuli.fingerprint,
        "ids": stimuli.ids.tolist(),
        "design": {name: _listed(getattr(design_of(stimuli), name)) for name in DESIGN},
        "metric": _node(asked.metric),
        "inference": _node(asked.inference),
        "seed": asked.seed,
    }
    return Kept(about, over["stimuli"], over["classes"], list(stimuli.class_names))


def together(runs: Sequence[Kept]) -> list[Kept]:
    """Returns runs with the same stimuli and question as one each, with all their distinct encoders."""
    by_question: dict[str, Kept] = {}
    for run in runs:
        one = by_question.setdefault(json.dumps(run.about), Kept(run.about, []))
        there = [_whereabouts(encoder) for encoder in one.encoders]
        one.encoders.extend(e for e in run.encoders if _whereabouts(e) not in there)
    return list(by_question.values())


def cast_from_store(run: Kept) -> tuple[Cast, str, list[str]]:
    """Returns all pairs of a run's encoders, from what the store has.

    Returns:
        The pairs, the name of the metric, and a line for each encoder that is not there.

    Raises:
        PrhError: Fewer than two are.
        ConfigError: Metric or inference cannot be built here.
    """
    about, store = run.about, FeatureStore(Path(run.about["store"]), Silent())
    metric, inference = build(about["metric"], "metric"), build(about["inference"], "inference")
    members, features, lost = list[Member](), dict[str, Features](), list[str]()
    for encoder in run.encoders:
        names = [one.name for one in members]
        same = sum(name == encoder["name"] or name.startswith(f"{encoder['name']} (no. ") for name in names)
        name = f"{encoder['name']} (no. {same + 1})" if same else encoder["name"]
        try:
            matrix = fetched(store, encoder, about["ids"])
        except PrhError as error:
            lost.append(str(error))
            continue
        members.append(_member(encoder, name))
        features[name] = Features(name, {encoder["layer"]: matrix})
    if len(members) < 2:
        raise PrhError("; ".join(lost) or "there are fewer than two encoders")
    design = Design(**{name: _array(values) for name, values in about["design"].items()})
    asked = Question(metric, inference, "all", about["seed"])
    return cast_of(asked, members, features, design, Silent()), metric.name, lost


def fetched(store: FeatureStore, encoder: Mapping[str, Any], ids: Sequence[int]) -> NDArray[np.float32]:
    """Returns an encoder's N×D features as the store has them; of several templates the mean.

    Args:
        store: Where they are kept.
        encoder: As :class:`Kept` has it.
        ids: Rows of the N stimuli; of one that reads, its own rows count.

    Raises:
        PrhError: The store does not have them all.
    """
    asked = np.array(encoder["rows"] or [ids], dtype=np.int64)
    rows, places = np.unique(asked[asked != ABSENT], return_inverse=True)
    shelf, layer = encoder["shelf"], encoder["layer"]
    if lacking := len(store.missing(shelf, [layer], rows)):
        problem = f"{lacking} of {len(rows)} rows of {encoder['name']}, {layer}"
        raise PrhError(f"{problem}, are not in {store.root}")
    matrix = store.fetch(shelf, [layer], rows, lambda missing: ())[layer]
    chosen = np.full(asked.shape, ABSENT)
    chosen[asked != ABSENT] = places
    return mean_of(matrix, chosen)


def _member(encoder: Mapping[str, Any], name: str) -> Member:
    """Returns what is known of an encoder, its name for its role, which several jobs have."""
    known = {part.name: encoder[part.name] for part in fields(Member)}
    known |= {key: np.nan for key in ("parameters", "accuracy") if known[key] is None}
    return Member(**{**known, "role": name, "name": name})


def _plain(one: Member) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in asdict(one).items()}


def _whereabouts(encoder: Mapping[str, Any]) -> tuple[Any, ...]:
    return encoder["shelf"], encoder["layer"], str(encoder["rows"])


def _node(part: Any) -> dict[str, Any]:
    """Returns an object as the config node that it is built from."""
    kind = type(part)
    values = asdict(part) if is_dataclass(part) and not isinstance(part, type) else {}
    return {"_target_": f"{kind.__module__}.{kind.__qualname__}", **values}


def _listed(values: Any) -> list[int] | None:
    return None if values is None else np.asarray(values).tolist()


def _array(values: Any) -> NDArray[np.int64] | None:
    return None if values is None else np.array(values, dtype=np.int64)
