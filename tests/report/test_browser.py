"""The page as a browser has it: by keyboard, on a phone, and on paper."""

import shutil

import numpy as np
import pytest
from PIL import Image

from prh.report.page import Section, html
from prh.report.plots import Panel, Plot, View, sheet

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


@pytest.fixture
def page(tmp_path):
    """A report with a plot, a wide picture and a table, open on a phone."""
    from playwright.sync_api import sync_playwright

    Image.new("RGB", (1420, 300), "white").save(tmp_path / "wide.png")
    plot = Plot(
        [
            Panel("net", [View("last", CORNERS)]),
            Panel("cnn", [View("first", CORNERS), View("last", CORNERS)]),
        ],
        ["low left", "low right", "high left", "high right"],
        [[0], [1], [2], [3]],
        [[0], [0], [1], [1]],
        [("A", "#332288"), ("B", "#88ccee")],
        "4 dots.",
        "Dots",
        [(tmp_path / "wide.png", "Four dots.")],
    )
    numbers = [0.2, -0.5, None, 0.1, 0.3]
    table = Section("Table", ["name", "score"], [[f"row {at}", value] for at, value in enumerate(numbers)])
    sections = [
        Section("Plot", body=plot.html()),
        Section("Picture", figures={"c": tmp_path / "wide.png"}),
        table,
    ]
    tiles = sheet(np.zeros((4, 8, 8, 3), np.uint8))
    (tmp_path / "page.html").write_text(
        html("net × cnn", "lead", sections, ["Alike?", "Yes."], {"seed": "0"}, tiles)
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 390, "height": 844})
        errors = []
        opened.on("pageerror", lambda error: errors.append(error))
        opened.goto((tmp_path / "page.html").as_uri())
        yield opened
        assert not errors
        browser.close()


def test_a_page_is_read_by_keyboard_on_a_phone_and_on_paper(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".picture.wide img").last.bounding_box()["width"] > 800

    panel, said = page.locator(".panel").first, page.locator("[aria-live]")
    panel.focus()
    heard = []
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "Escape"):
        page.keyboard.press(key)
        heard.append(said.text_content())
    assert heard[1:] == ["low right", "high right", "high left", "low left", ""]
    box = panel.bounding_box()
    panel.hover(position={"x": box["width"] - 14, "y": 14})
    assert page.locator(".card:visible").inner_text() == "high right"
    page.get_by_role("button", name="A", exact=True).click()
    panel.hover(position={"x": box["width"] - 14, "y": 14})
    assert page.locator(".card:visible").count() == 0  # it is of the other class

    head = page.locator("th", has_text="score")
    values = "[...document.querySelectorAll('table.sorts td')].map(cell => cell.textContent)"
    page.get_by_role("button", name="score").press("Enter")
    assert (head.get_attribute("aria-sort"), page.evaluate(values)) == (
        "ascending",
        ["−0.500", "0.100", "0.200", "0.300", "–"],
    )
    page.get_by_role("button", name="score").press("Enter")
    assert page.evaluate(values) == ["0.300", "0.200", "0.100", "−0.500", "–"]

    assert not page.get_by_alt_text("Four dots.").is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_alt_text("Four dots.").is_visible()
    assert not panel.is_visible()
