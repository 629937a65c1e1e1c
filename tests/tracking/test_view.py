"""What the MLflow UI opens with: columns in which runs differ, and few charts."""

import json

from prh.tracking.view import SCORES, TAG, WITH_P, columns, share
from tests.recorded import opened, record, record_sweep


def test_columns_are_those_in_which_runs_differ(workplace):
    client, experiment = opened(workplace)
    share(client, experiment)
    end = [f"tags.`{name}`" for name in WITH_P]
    asked = {"model": "resnet18", "metric": "cosine", "dataset": "openmoji", "dataset.n": "64", "seed": "0"}
    record(client, experiment, 0.5, **asked)
    both = ["tags.`option.model`", "tags.`option.metric`", "params.`dataset.n`", "params.`seed`"]
    runs = client.search_runs([experiment])
    assert columns(runs) == columns([]) == [*SCORES, *both, *end]
    record(client, experiment, 0.5, **asked | {"dataset": "fashion_mnist"})
    record_sweep(client, experiment, [{"metric.k": k, "score": 0.5} for k in "57"], ("metric.k",))
    assert columns(client.search_runs([experiment]))[-5:-3] == ["tags.`option.dataset`", "params.`metric.k`"]
    share(client, experiment)
    assert "metric.k" in client.get_experiment(experiment).tags[TAG]


def test_charts_lie_in_sections_and_what_has_none_is_folded_away(workplace):
    client, experiment = opened(workplace)
    view = json.loads(client.get_experiment(experiment).tags[TAG])
    sections = {one["uuid"]: one for one in view["compareRunSections"]}
    assert {card["metricSectionId"] for card in view["compareRunCharts"]} < set(sections)
    assert len({card["uuid"] for card in view["compareRunCharts"]}) == len(view["compareRunCharts"]) == 12
    folded = {one["name"] for one in sections.values() if not one["display"]}
    assert {"Model metrics", "System metrics"} < folded
    curves = [card["metricKey"] for card in view["compareRunCharts"] if card["type"] == "LINE"]
    assert curves == ["model_vs_reference.by_layer", "model_vs_text.by_layer", "reference_vs_text.by_layer"]
