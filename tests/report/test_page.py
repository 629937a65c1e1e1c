"""The report holds what it is given and nothing from elsewhere."""

from pathlib import Path

from prh.report.page import Section, html


def test_it_escapes_words_and_keeps_full_numbers_for_sorting():
    section = Section(
        "<b>", ["name", "score"], [["a<b", 0.123456], ["c", None], ["d", float("nan")], ["e", 3]]
    )
    page = html("title & more", "lead", [section])
    assert "&lt;b&gt;" in page
    assert "a&lt;b" in page
    assert 'data-value="0.123456">0.123<' in page
    assert page.count("–</td>") == 2
    assert "title &amp; more" in page


def test_figures_are_inside(tmp_path: Path):
    picture = tmp_path / "figure.png"
    picture.write_bytes(b"\x89PNG")
    page = html("t", "l", [Section("s", figures={"caption": picture})])
    assert 'src="data:image/png;base64,iVBORw=="' in page
    assert "caption" in page
