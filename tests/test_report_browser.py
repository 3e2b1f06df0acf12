"""The report in a real browser, headless Chromium: it opens alone, draws, switches language, prints.

`make test-report` runs these; they need Debian's chromium and chromium-driver.
"""

from __future__ import annotations

import base64
import json
import shutil
from itertools import pairwise

import pytest

from scenarios import compare
from scenarios.report import write_report

pytestmark = pytest.mark.report

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
DRAWN = "return [...document.querySelectorAll('main:not([hidden]) .chart')].map(c => c.dataset.drawn)"
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    comparison = compare(
        ["lower-floor", "carer-credits"], persons=1_500, by=["standard"], band=True, tornado=True
    )
    return write_report(comparison, tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="module")
def opened(page, tmp_path_factory):
    from selenium import webdriver
    from selenium.webdriver.support.ui import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_window_size(1200, 900)
        driver.get_log("performance")  # what the browser itself loads at its start
        driver.get(page.as_uri())
        WebDriverWait(driver, 60).until(lambda d: set(d.execute_script(DRAWN)) == {"yes"})
        requests = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        driver.requests = [m for m in requests if m["method"] == "Network.requestWillBeSent"]
        yield driver
    finally:
        driver.quit()


def _switch(driver, code):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    driver.find_element(By.CSS_SELECTOR, f"main:not([hidden]) button[data-lang={code}]").click()
    WebDriverWait(driver, 60).until(lambda d: set(d.execute_script(DRAWN)) == {"yes"})


def test_it_opens_with_no_request_but_for_itself(opened, page):
    urls = {message["params"]["request"]["url"] for message in opened.requests}
    assert {url for url in urls if not url.startswith("data:")} == {page.as_uri()}


def test_every_chart_is_drawn_in_both_languages_without_an_error(opened):
    marks = (
        "return [...document.querySelectorAll('main:not([hidden]) .chart svg')]"
        ".map(s => s.querySelectorAll('.mark-symbol path, .mark-rect path').length)"
    )
    for code in ("zh", "en"):
        _switch(opened, code)
        counts = opened.execute_script(marks)
        assert len(counts) == 6  # the headline, two reforms' winners and doubts, missing months
        assert min(counts) > 5
    assert [entry for entry in opened.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def test_the_switch_shows_the_other_language_and_only_that(opened):
    for code, heading in (
        ("zh", "灵活就业和平台从业人员养老金"),
        ("en", "Pensions of flexible and platform"),
    ):
        _switch(opened, code)
        visible = opened.execute_script("return document.querySelector('main:not([hidden]) h1').innerText")
        assert visible.startswith(heading)
        assert opened.execute_script("return document.querySelectorAll('main:not([hidden])').length") == 1
        assert opened.execute_script("return document.documentElement.lang") == code


def test_the_first_screen_has_question_answer_and_chart(opened):
    opened.set_window_size(1200, 1400)
    opened.execute_script("window.scrollTo(0, 0)")
    top = "return document.querySelector('main:not([hidden]) {}').getBoundingClientRect().top"
    assert [
        opened.execute_script(top.format(s)) < 1400 for s in (".question", ".answer p", ".chart", "table")
    ] == ([True] * 4)


def test_it_fits_a_phone(opened):
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    width = opened.execute_script("return document.scrollingElement.scrollWidth")
    size = opened.execute_script("return parseFloat(getComputedStyle(document.body).fontSize)")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= PHONE["width"]
    assert size >= 14


def test_it_prints_with_everything_folded_out(opened):
    told = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    pdf = base64.b64decode(told["data"])
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page") > 8
    closed = opened.execute_script(
        "return document.querySelectorAll('main:not([hidden]) details:not([open])').length"
    )
    assert closed == 0


def test_headings_tables_and_charts_can_be_read_aloud(opened):
    levels = opened.execute_script(
        "return [...document.querySelectorAll('main:not([hidden]) :is(h1,h2,h3)')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    missing = "return [...document.querySelectorAll('main:not([hidden]) {}')].filter(e => !({})).length"
    for what, has in (
        ("table", "e.caption && e.caption.innerText.trim()"),
        ("thead th", "e.scope === 'col'"),
        (".chart", "e.getAttribute('aria-label')"),
        ("button", "e.innerText.trim()"),
    ):
        assert opened.execute_script(missing.format(what, has)) == 0


def test_words_stand_out_from_the_page(opened):
    # relative luminance and contrast as WCAG 2 defines them; 4.5 is its level AA
    script = """
      const light = c => { const v = c.match(/\\d+/g).slice(0, 3).map(x => x / 255)
        .map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
        return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
      return [...document.querySelectorAll('main:not([hidden]) :is(p, td, th, li, a, summary)')]
        .map(e => 1.05 / (light(getComputedStyle(e).color) + 0.05)).reduce((a, b) => Math.min(a, b));
    """
    assert opened.execute_script(script) > 4.5


def test_it_can_be_read_without_script(page, tmp_path):
    text = page.read_text("utf-8")
    assert text.count("<svg") >= 8
    assert "<noscript><style>main[hidden] { display: block; }" in text
