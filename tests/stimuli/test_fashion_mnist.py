"""The real data, drawn repeatably; whatever is wrong with the files is found out."""

import gzip
import shutil

import numpy as np
import pytest

from prh.errors import ConfigError, PrhError
from prh.ground.files import sha256_of
from prh.ground.progress import Silent
from prh.stimuli import FashionMNIST, fashion_mnist_files
from prh.stimuli.fashion_mnist_files import FILES
from tests.conftest import Listening

RAW = "FashionMNIST/raw"


@pytest.fixture
def mirror(data_dir, tmp_path, monkeypatch):
    """A source that has the real files, gzipped, in place of the ones that need a network."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for file in FILES["test"]:
        with (
            (data_dir / RAW / file.name).open("rb") as plain,
            gzip.open(folder / f"{file.name}.gz", "wb", 1) as packed,
        ):
            shutil.copyfileobj(plain, packed)
    monkeypatch.setattr(fashion_mnist_files, "SOURCES", {"mirror": lambda scratch: folder})
    return folder


def test_it_is_what_its_makers_published(data_dir):
    full = FashionMNIST(n=10000).draw(0, data_dir, Silent())
    assert full.images.shape == (10000, 1, 28, 28)
    assert np.bincount(full.labels).tolist() == [1000] * 10
    first = full.at(np.argsort(full.ids)[:5])
    assert [first.class_names[label] for label in first.labels] == [
        *("Ankle boot", "Pullover", "Trouser", "Trouser", "Shirt")
    ]


def test_torchvision_reads_the_same(data_dir):
    from torchvision.datasets import FashionMNIST as Torchvision

    theirs = Torchvision(data_dir, train=False)
    ours = FashionMNIST(n=100).draw(3, data_dir, Silent())
    assert (theirs.data.numpy()[ours.ids] == ours.images[:, 0]).all()
    assert (theirs.targets.numpy()[ours.ids] == ours.labels).all()
    assert tuple(theirs.classes) == ours.class_names


@pytest.mark.parametrize("seed", [0, 1])
def test_a_smaller_sample_is_a_prefix_of_a_larger_one(data_dir, seed):
    small, large = (FashionMNIST(n=n).draw(seed, data_dir, Silent()) for n in (100, 300))
    assert (large.ids[:100] == small.ids).all()
    assert len(set(large.ids)) == 300


def test_another_seed_draws_another_sample(data_dir):
    a, b = (FashionMNIST(n=100).draw(seed, data_dir, Silent()) for seed in (0, 1))
    assert set(a.ids) != set(b.ids)


def test_training_and_test_data_are_disjoint(data_dir):
    dataset = FashionMNIST(n=1000)
    train = dataset.training_data(data_dir, Silent())
    drawn = dataset.draw(0, data_dir, Silent())
    assert len(train) == 60000
    assert train.fingerprint != drawn.fingerprint


def test_the_smallest_sample_with_every_class_is_the_one_named(data_dir):
    with pytest.raises(ConfigError, match=r"no Coat.*dataset\.n=16"):
        FashionMNIST(n=15).draw(0, data_dir, Silent())
    assert not FashionMNIST(n=16).draw(0, data_dir, Silent()).absent_classes()


def test_more_than_the_split_has_is_refused(data_dir):
    with pytest.raises(ConfigError, match=r"dataset\.n: 10001 is more than the 10000"):
        FashionMNIST(n=10001).draw(0, data_dir, Silent())


def test_files_are_fetched_verified_and_their_source_remembered(mirror, tmp_path):
    for _ in range(2):
        assert FashionMNIST(n=50).draw(0, tmp_path / "data", Silent()).source == "mirror"
    for file in FILES["test"]:
        assert sha256_of(tmp_path / "data" / RAW / file.name) == file.sha256


def test_a_corrupt_file_is_named_and_fetched_again(mirror, tmp_path):
    FashionMNIST(n=50).draw(0, tmp_path / "data", Silent())
    victim = tmp_path / "data" / RAW / FILES["test"][0].name
    content = bytearray(victim.read_bytes())
    content[1000] ^= 1
    victim.write_bytes(content)
    report = Listening()
    FashionMNIST(n=50).draw(0, tmp_path / "data", report)
    assert len(report.warnings) == 1
    assert str(victim) in report.warnings[0]
    assert sha256_of(victim) == FILES["test"][0].sha256


@pytest.mark.parametrize("record", [b"", b"\xff\xfe\x00", b"somewhere\nelse"])
def test_a_damaged_record_of_the_source_is_not_believed(record, mirror, tmp_path):
    FashionMNIST(n=50).draw(0, tmp_path / "data", Silent())
    (tmp_path / "data" / RAW / "SOURCE").write_bytes(record)
    assert FashionMNIST(n=50).draw(0, tmp_path / "data", Silent()).source == "data_dir"


def test_a_file_that_cannot_be_read_is_named_and_stays(unprivileged):
    hidden = unprivileged / RAW / FILES["test"][0].name
    hidden.parent.mkdir(parents=True)
    hidden.touch(mode=0)
    with pytest.raises(ConfigError, match=rf"^data_dir: {hidden} cannot be read \(Permission denied\)"):
        FashionMNIST(n=50).draw(0, unprivileged, Silent())
    assert hidden.exists()


def test_a_source_with_wrong_content_is_passed_over_and_nothing_is_left(mirror, tmp_path):
    with gzip.open(mirror / f"{FILES['test'][0].name}.gz", "wb") as packed:
        packed.write(b"not the images")
    with pytest.raises(PrhError, match=r"mirror.*wrong SHA-256"):
        FashionMNIST(n=50).draw(0, tmp_path / "data", Silent())
    assert not list((tmp_path / "data" / RAW).glob("*ubyte*"))
