"""Unicode's names and keywords, fetched once."""

import pytest

from prh.config import resolve
from prh.errors import ConfigError
from prh.ground.progress import Silent
from prh.run import composed
from prh.stimuli import OpenMoji
from prh.stimuli.cldr import languages, said_in


@pytest.fixture(autouse=True)
def drawn_when_looked_at(monkeypatch):
    monkeypatch.setattr("prh.stimuli.drawings.Drawings.complete", lambda drawings: None)


def test_there_are_many_languages(data_dir):
    assert len(languages()) > 120
    assert said_in("en", data_dir, Silent())["1F436"][0] == "dog face"
    assert said_in("sw", data_dir, Silent())["1F436"][0] == "uso wa mbwa"


def test_a_picture_has_a_name_and_keywords(data_dir):
    shown = OpenMoji(named_by="cldr", language="de", also_named_in="sw").draw(0, data_dir, Silent())
    place = shown.captions.index("Hund")
    assert shown.wordings[place][0] == "Hund"
    assert len(shown.wordings[place]) > 1
    assert len(set(shown.wordings[place])) == len(shown.wordings[place])
    assert "mbwa" in shown.again.captions[place]
    assert len(shown) > 1000
    english = OpenMoji(named_by="cldr").draw(0, data_dir, Silent())
    assert len(english) == len(set(english.captions)) > 1300


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (("dataset.language=sw",), r"dataset\.language.*no names in sw.*named_by=cldr"),
        (("dataset.named_by=cldr", "dataset.language=xx"), r"dataset\.language.*no names in xx, but in af"),
        (("dataset.also_named_in=klingon",), r"dataset\.also_named_in.*no names in klingon"),
    ],
)
def test_a_language_there_is_not_is_refused_before_any_work(overrides, said):
    with pytest.raises(ConfigError, match=said):
        resolve(composed(["dataset=openmoji", *overrides, "output_dir=out"]))
