"""The report holds what it is given and nothing from elsewhere, and can be read in every way."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from prh.report.page import Section, html
from prh.report.plots import Panel, Plot, View, sheet

TABLE = Section(
    "<b>",
    ["name", "score"],
    [["a<b", 0.123456], ["c", None], ["d", float("nan")], ["e", 3], ["f", -0.0002], ["g", -0.5]],
)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "figure.png"
    Image.new("RGB", (1420, 300), "white").save(path)
    return path


def plot(pictures=()):
    rows = np.array([[0.0, 0.0], [1.0, 0.5], [0.2, 1.0]])
    return Plot(
        [Panel("net", [View("first", rows), View("last", rows[::-1])])],
        ["</script><b>", "shoe", "bag"],
        [[0], [1], [2]],
        [[0], [0], [1]],
        [("A", "#332288"), ("B", "#88ccee")],
        "3 dots.",
        "Caption & more",
        pictures,
    )


def test_it_escapes_words_and_keeps_full_numbers_for_sorting():
    page = html("title & more", "lead", [TABLE])
    assert "&lt;b&gt;" in page
    assert "a&lt;b" in page
    assert 'data-value="0.123456">0.123<' in page
    assert page.count("–</td>") == 2
    assert 'data-value="-0.0002">−0.0002<' in page
    assert ">−0.500<" in page
    assert "title &amp; more" in page


def test_nothing_is_loaded_from_anywhere(picture):
    parts = sheet(np.zeros((3, 8, 8, 3), np.uint8))
    page = html("t", "l", [Section("s", figures={"c": picture}, body=plot().html())], data=parts)
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"|url\((?!data:)|@import|https?://', page)


def test_figures_are_inside_with_what_they_show_in_words(picture):
    section = Section("s", figures={"caption": picture}, alternatives={"caption": 'Two "clouds", 0.5 apart.'})
    page = html("t", "l", [section])
    assert 'src="data:image/png;base64,iVBORw' in page
    assert 'alt="Two &quot;clouds&quot;, 0.5 apart." width="1420" height="300"' in page
    assert "picture wide" in page
    assert "<figcaption>caption" in page
    assert 'alt="Figure: caption.' in html("t", "l", [Section("s", figures={"caption": picture})])


def test_heavy_figures_are_lighter_in_the_page(tmp_path):
    noise = np.random.default_rng(0).normal(128, 40, (400, 600, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    page = html("t", "l", [Section("s", figures={"c": tmp_path / "noise.png"})])
    assert 'height="400" src="data:image/webp;base64,' in page
    assert len(page) < (tmp_path / "noise.png").stat().st_size


def test_what_a_word_means_is_said_once_where_it_occurs_first():
    sections = [
        Section("One", ["layers", "p"], [["last", 0.1]]),
        Section("Two", ["layers", "p", "q"], [["x", 0.1, 0.1]]),
    ]
    page = html("t", "l", sections)
    assert page.count("<dt>p</dt>") == 1
    assert page.index('id="s1-one"') < page.index("<dt>p</dt>") < page.index('id="s2-two"')
    assert page.index('id="s2-two"') < page.index("<dt>q</dt>")
    assert "<dt>calibrated</dt>" not in page


def test_the_answer_and_what_it_was_made_with_stand_first():
    made = {"command": "python -m prh.run", "seed": "0"}
    page = html("t", "lead", [TABLE], answer=["Alike?", "Yes: 0.52 [0.50, 0.55]."], made=made)
    places = [page.index(part) for part in ("<h1>", "Alike?", "0.52", "<dt>command</dt>", "<main", "<table")]
    assert places == sorted(places)


def test_a_page_of_a_sweep_needs_no_more_than_title_lead_and_sections():
    page = html("sweep", "3 jobs", [Section("All jobs", ["n"], [[3]], text="p: of the last layers")])
    assert "Made with" not in page
    assert 'class="answer"' not in page


def test_dots_carry_their_names_as_data_and_text_cannot_leave_it(picture):
    figure = plot([(picture, "Three dots."), (picture.with_name("none.png"), "none")]).html()
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', figure)
    found = json.loads(data)
    assert found["names"][0] == "</script><b>"
    assert found["panels"][0]["views"][0]["x"] == [0, 1000, 200]
    assert found["panels"][0]["views"][0]["y"] == [0, 500, 1000]
    assert figure.count("<img") == 1
    assert '<details class="still" open>' in figure
    assert "<img" not in plot().html()
