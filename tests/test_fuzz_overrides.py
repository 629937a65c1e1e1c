"""Any value for any key of the config tree is taken, or refused in one line that names the key."""

import copy
import random
import time

import hydra
import pytest
from omegaconf import OmegaConf

from prh.config import check_settings, resolve
from prh.console.refusals import one_line
from prh.ground.conf import CONF
from prh.ground.progress import Silent
from prh.run import USER_ERRORS, _plain

VALUES = [
    *(-1, 0, 1, 5, 1e308, 1e-320, float("nan"), float("inf"), 2**32, 2**64, True, None),
    *("", " ", "5", "x" * 300, "../x", "a.b", "os.system", "$\\frac{", "\x00", "\x1b[31m", "\U0001f600"),
    *([], {}, [0], ["x"], {"_target_": "os.system"}, {"_target_": None}),
]
CHOICES = {
    "": None,
    "dataset=openmoji": "dataset",
    "dataset=captioned_folder dataset.path=x": "dataset",
    "dataset=hf dataset.name=x": "dataset",
    "dataset=torchvision dataset.name=x": "dataset",
    "dataset=audio_folder dataset.path=x": "dataset",
    "dataset=reaction_diffusion": "dataset",
    "dataset=tuxpaint": "dataset",
    "metric=cka": "metric",
    "metric=pwcca": "metric",
    "metric=lcs_knn": "metric",
    "model=resnet18": "model",
    "model=pixels": "model",
    "+experiment=article": "study",
}
"""Options whose keys are tried, and the group they belong to."""
ELSEWHERE = "tracking.uri"
"""Is looked at when the database is opened."""
CHECKED = "model", "reference", "layers", "trainer", "device"
"""What is looked at after the settings are built, on torch's meta device."""
SECONDS, LONGEST = 6, 3


def keys(node, above=""):
    for name, value in node.items():
        key = f"{above}.{name}".lstrip(".")
        yield key
        if isinstance(value, dict):
            yield from keys(value, key)


@pytest.fixture(scope="module")
def configs():
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        composed = {choice: hydra.compose("config", choice.split()) for choice in CHOICES}
    for config in composed.values():
        config.output_dir = "out"
        OmegaConf.set_struct(config, False)
    check_settings(resolve(_plain(composed[""])), Silent())  # imports what all need
    return composed


def tries(configs):
    found = [
        (choice, key, value)
        for choice, config in configs.items()
        for key in keys(OmegaConf.to_container(config))
        for value in VALUES
        if key.split(".")[0] in (CHOICES[choice], None) or CHOICES[choice] is None
    ]
    random.Random(0).shuffle(found)
    return [case for case in found if case[1] != ELSEWHERE]


@pytest.mark.parametrize("checked", [False, True], ids=["built", "checked"])
def test_any_value_of_any_key_is_taken_or_refused_by_its_key(configs, checked):
    end, done = time.monotonic() + SECONDS, 0
    for choice, key, value in tries(configs):
        if time.monotonic() > end:
            break
        start = time.process_time()  # other processes do not count
        if checked and key.split(".")[0] not in CHECKED:
            continue
        config = copy.deepcopy(configs[choice])
        OmegaConf.update(config, key, value, merge=False)
        try:
            settings = resolve(_plain(config))
            if checked:
                check_settings(settings, Silent())
        except USER_ERRORS as error:
            line = one_line(error)
            assert "\n" not in line
            assert key.split(".")[0] in line, (choice, key, value, line)
            assert len(line) < 5000
        assert time.process_time() - start < LONGEST, (choice, key, value)
        done += 1
    assert done > 10
