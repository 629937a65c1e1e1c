"""A study's claims on a page: a row each, whatever their parts and however many runs judged them."""

import pytest

from prh.report.claims import Judged, claims_section, figure_caption
from prh.report.page import html
from prh.report.strip import Strip
from prh.study import Claim, Part, Told, combined
from prh.study.claim import FAILS, HOLDS, OPEN, PARTLY, SILENT, SUBSTITUTE

PARTS = [
    Part("conv1, purity", 0.8, 0.7, 0.9),
    Part("conv2 < 3", -0.2, -0.4, 0.1),
    Part("avgpool", -0.3, -0.4, -0.2),
]
TOLD = Told(
    "A study",
    "https://example.org/a",
    {"model": "net (fitted)", "reference": "cnn"},
    {"fig2_umap": "umap_last_model"},
)


def claim(number, verdict, text="it is so", parts=()):
    return Claim(number, text, "everywhere", verdict, f"0.5 in {number}", "above 0", parts)


JUDGED = [
    Judged("cosine", claim("1", HOLDS, parts=PARTS)),
    Judged("euclidean", claim("1", FAILS)),
    Judged("cosine", claim("5a", HOLDS, "a is so")),
    Judged("cosine", claim("5b", OPEN, "b is so")),
    Judged("cosine", claim("8", OPEN, "least is a")),
    Judged("euclidean", claim("8", OPEN, "least is b")),
    Judged("cosine", claim("12", SUBSTITUTE)),
]


@pytest.mark.parametrize(
    ("verdicts", "one"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([HOLDS, FAILS], PARTLY),
        ([HOLDS, FAILS, OPEN], PARTLY),
        ([FAILS, OPEN], FAILS),
        ([HOLDS, OPEN], OPEN),
        ([HOLDS, SILENT], HOLDS),
        ([SILENT, SUBSTITUTE], SUBSTITUTE),
        ([SILENT], SILENT),
        ([PARTLY, HOLDS], PARTLY),
    ],
)
def test_verdicts_on_parts_are_one_verdict(verdicts, one):
    assert combined(verdicts) == combined(reversed(verdicts)) == one


def test_every_claim_is_one_row_with_its_tally_on_top():
    section = claims_section(JUDGED, [TOLD, TOLD])
    assert [row[0] for row in section.rows] == [1, 5, 8, 12]
    assert (
        "4 claims: 0 hold, 1 in part, 0 do not, 2 undecided, 0 not applicable, 1 not applicable"
        in section.text
    )
    assert section.text.count("net (fitted) × cnn") == 1
    first, fifth, eighth, twelfth = section.rows
    assert eighth[1:4] == ["least is a; least is b", "undecided", "cosine 0.5 in 8; euclidean 0.5 in 8"]
    assert first[2] == "holds in part: cosine holds, euclidean does not hold"
    assert first[3] == "cosine 0.5 in 1; euclidean 0.5 in 1"
    assert [strip.label for strip in first[4]] == ["cosine"]
    assert fifth[1] == "a) a is so; b) b is so"
    assert fifth[2] == "undecided: a) holds, b) undecided"
    assert twelfth[2] == SUBSTITUTE
    assert section.link == (TOLD.title, TOLD.link)


def test_the_page_shows_small_pictures_that_say_what_they_show():
    page = html("t", "l", [claims_section(JUDGED, [TOLD])])
    assert page.count("<svg") == 1
    assert "3 numbers with intervals, from −0.300" in page
    assert "conv2 &lt; 3" in page
    assert '<a href="https://example.org/a">A study</a>' in page


def test_a_strip_holds_all_intervals_and_tells_where_they_lie():
    svg = Strip("", PARTS).svg()
    assert [svg.count(f'class="{side}"') for side in ("above", "either", "below")] == [1, 1, 1]
    heights = [float(part.split('"')[0]) for key in ('y1="', 'y2="', 'cy="') for part in svg.split(key)[1:]]
    assert min(heights) >= 6
    assert max(heights) <= 44 - 6


def test_a_figure_has_the_number_that_the_study_gave_it_and_the_network_that_was_used():
    assert figure_caption("fig2_umap", TOLD) == "Figure 2: UMAP of the last layer, net (fitted)"
    assert figure_caption("fig2_umap", None) == "fig2 umap"


def test_what_a_run_tells_of_a_study_is_read_again(tmp_path):
    TOLD.write(tmp_path)
    assert Told.read(tmp_path) == TOLD
    (tmp_path / "study.json").write_text("{")
    assert Told.read(tmp_path) is None
