"""The report in a real browser: the plots are drawn, nothing is complained of, nothing is fetched."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from run_folders import losses, noisy, write_comparison

from ftcore.report import write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
STEPS = 120


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    chromedriver = shutil.which("chromedriver")
    if browser is None or chromedriver is None:
        reason = "chromium or chromedriver is absent: apt-get install chromium chromium-driver"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield started
    started.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comparison")
    write_comparison(folder, {"one": losses(STEPS), "two": noisy(losses(STEPS))})
    return write_report(folder)


def opened(driver: Any, report: Path, theme: str, width: int = 1200) -> None:
    """Open the report as a reader of this theme and width does, once its plots are drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    driver.get("about:blank")
    for kind in ("browser", "performance"):
        driver.get_log(kind)
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(report.as_uri())
    drawn = "return [...document.querySelectorAll('.canvas')].every(plot => plot.querySelector('.trace'))"
    WebDriverWait(driver, 30).until(lambda page: page.execute_script(drawn))


DRAWN = """
return Object.fromEntries([...document.querySelectorAll('.canvas')].map(plot => [plot.id, {
  traces: plot.querySelectorAll('svg .scatterlayer .trace').length,
  lines: [...plot.querySelectorAll('.trace .js-line')].map(line => line.getAttribute('d').length),
  points: plot.querySelectorAll('.trace .points path').length,
  width: plot.getBoundingClientRect().width,
  empty: plot.data.filter(trace => !trace.x.length).length,
}]))
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_every_plot_is_drawn_and_the_console_is_clean(driver: Any, report: Path, theme: str, width: int) -> None:
    opened(driver, report, theme, width)
    plots = driver.execute_script(DRAWN)
    assert sorted(plots) == [
        "difference", "evaluation-0", "evaluation-1", "gradient-norm", "learning-rate", "loss",
    ]  # fmt: skip
    for name, plot in plots.items():
        assert plot["traces"] == (4 if name == "difference" else 2), name
        assert plot["empty"] == 0, name
        assert plot["width"] > 250, name
        assert all(length > 5 for length in plot["lines"]), name
        assert len(plot["lines"]) == (3 if name == "difference" else 2), name
    assert min(plots["loss"]["lines"]) > 200
    assert plots["difference"]["points"] == STEPS + 6
    assert driver.get_log("browser") == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width


def test_no_request_leaves_the_file(driver: Any, report: Path) -> None:
    opened(driver, report, "light")
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert report.as_uri() in asked
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert [url for url in asked if url.startswith("file:")] == [report.as_uri()]


def test_the_theme_changes_colours_with_the_readers_own(driver: Any, report: Path) -> None:
    colours = {}
    for theme in ("light", "dark"):
        opened(driver, report, theme)
        line = "return getComputedStyle(document.querySelector('#loss .js-line')).stroke"
        page = "return getComputedStyle(document.body).backgroundColor"
        colours[theme] = (driver.execute_script(line), driver.execute_script(page))
    assert colours["light"] == ("rgb(47, 95, 208)", "rgb(247, 247, 245)")
    assert colours["dark"] == ("rgb(128, 168, 255)", "rgb(18, 20, 22)")


def test_the_theme_may_change_while_the_page_is_open(driver: Any, report: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    opened(driver, report, "light")
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    line = "return getComputedStyle(document.querySelector('#loss .js-line')).stroke"
    WebDriverWait(driver, 10).until(lambda page: page.execute_script(line) == "rgb(128, 168, 255)")
    assert driver.get_log("browser") == []


def test_a_page_that_is_broken_is_noticed(driver: Any, report: Path, tmp_path: Path) -> None:
    broken = tmp_path / "report.html"
    own, mistake = "\ndraw();\n", '\nfetch("http://localhost:9/");\nundefinedName();\n'
    assert report.read_text().count(own) == 1
    broken.write_text(report.read_text().replace(own, mistake))
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get(broken.as_uri())
    messages = " ".join(entry["message"] for entry in driver.get_log("browser"))
    assert "undefinedName" in messages
    assert "Content Security Policy" in messages
