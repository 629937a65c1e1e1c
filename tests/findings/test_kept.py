"""What a run says of its features is written whatever its parts hold, and read as it was."""

from pathlib import Path

import pytest
from pydantic.dataclasses import dataclass

from prh.findings.kept import Kept, _node
from prh.similarity import MutualKNN


@dataclass(frozen=True)
class Own:
    table: Path


def test_parts_of_ones_own_are_written_and_ours_are_read_as_they_were(tmp_path):
    about = {"ids": [1, 2], "metric": _node(MutualKNN(3)), "inference": _node(Own(tmp_path))}
    Kept(about, [{"layer": "l"}]).write(tmp_path / "features.json")
    found = Kept.read(tmp_path / "features.json")
    assert found.about["metric"] == about["metric"]
    assert found.about["inference"]["table"] == str(tmp_path)
    assert found.encoders == [{"layer": "l"}]


@pytest.mark.parametrize("text", ["[]", "{}", '{"about": {}}'])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "features.json").write_text(text)
    with pytest.raises(ValueError, match=r"features\.json does not say"):
        Kept.read(tmp_path / "features.json")
