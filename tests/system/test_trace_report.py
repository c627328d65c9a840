# tests/system/test_trace_report.py - a workload's trace, as a page in Chromium
# SPDX-License-Identifier: MIT
"""What issue 7 asks of the page: no console error, every chart has data, its
numbers are those of the guest's own counters, to the fault. main.js writes what
each chart shows into #verdict.
"""

import json
import re
import shutil
import subprocess

import pytest
from conftest import TOP, vm_command

MEMORY_MIB, SWAP_MIB = 128, 512
WALK_MIB = 256
WALK_TIMEOUT_S = 600
REPORT_TIMEOUT_S = 300
CHROMIUM_TIMEOUT_S = 120
PAGE_BYTES_MAX = 2_000_000
# What the guest prints of vmstat before and after the walk.
PRINTED = ("pgfault", "pgmajfault", "pswpin", "pswpout")


def chromium(url, folder, *options) -> subprocess.CompletedProcess:
    program = shutil.which("chromium")
    assert program, "chromium is not installed: ci/install"
    return subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu",
         f"--user-data-dir={folder}", "--enable-logging=stderr",
         "--virtual-time-budget=5000", *options, url], text=True,
        capture_output=True, timeout=CHROMIUM_TIMEOUT_S, check=True)


def opened(page, folder, *options) -> dict:
    """The verdict of the page, and what Chromium said on its console."""
    done = chromium(f"file://{page}", folder, "--dump-dom", *options)
    text = re.search(r'id="verdict">(.*?)</script>', done.stdout, re.S)[1]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(text) | {"console": console}


def report(trace, page) -> None:
    subprocess.run([TOP / "tools/faultline", "report", trace, "-o", page],
                   check=True, timeout=REPORT_TIMEOUT_S)


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """(trace, what the guest printed)"""
    folder = tmp_path_factory.mktemp("walk")
    trace = folder / "t.bin"
    done = subprocess.run(
        vm_command("--trace", trace, "--memory", MEMORY_MIB, "--swap", SWAP_MIB,
                   "--timeout", WALK_TIMEOUT_S, "--",
                   f"cat /proc/vmstat; memwalk {WALK_MIB}; cat /proc/vmstat"),
        timeout=WALK_TIMEOUT_S + 30, stdin=subprocess.DEVNULL, text=True,
        capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return trace, done.stdout


@pytest.fixture(scope="module")
def page(walk, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "r.html"
    report(walk[0], file)
    return file


@pytest.fixture(scope="module")
def verdict(page, tmp_path_factory):
    return opened(page, tmp_path_factory.mktemp("chromium"))


@pytest.mark.slow
def test_no_error_and_every_chart_has_data(verdict):
    assert verdict["errors"] == []
    assert verdict["console"] == []
    empty = {name: shown for name, shown in verdict["charts"].items()
             if not (shown or {}).get("points")}
    assert empty == {}
    places = (TOP / "tools/tracelib/report/web/page.html").read_text()
    assert set(verdict["charts"]) == set(re.findall(r'data-chart="(\w+)"',
                                                    places))


@pytest.mark.slow
def test_numbers_are_the_guests(verdict):
    assert verdict["losses"] == []
    differ = {row["name"]: (row["guest"], row["page"])
              for row in verdict["counters"] if row["state"] == "differs"}
    assert differ == {}
    rows = {row["name"]: row for row in verdict["counters"]}
    for name in PRINTED:
        assert rows[name]["state"] == "same", rows[name]
        assert rows[name]["page"] > 10_000


@pytest.mark.slow
def test_counters_are_those_that_a_program_reads(walk, verdict):
    """What `cat` printed before and after is within what the page is about."""
    samples = {name: [int(value) for value in
                      re.findall(rf"^{name} (\d+)$", walk[1], re.M)]
               for name in PRINTED}
    rows = {row["name"]: row for row in verdict["counters"]}
    for name, (before, after) in samples.items():
        # Before it: the boot and a shell; after it: the way down.
        assert after - before <= rows[name]["page"] <= after + 500
        assert after - before > 10_000


@pytest.mark.slow
def test_the_page_is_small_and_alone(page):
    text = page.read_text()
    assert len(text.encode()) < PAGE_BYTES_MAX
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)""", text)
    assert not re.findall(r"@import|fetch\(|XMLHttpRequest|url\((?!#)", text)


# Headless Chromium has no window below 500 pixels: a frame is as narrow as one
# wants, and what the page says in it is put where opened() looks.
FRAME = """<iframe src="file://{page}" style="width:{width}px;height:900px"
 onload="document.getElementById('verdict').textContent =
 this.contentDocument.getElementById('verdict').textContent"></iframe>
<script type="application/json" id="verdict">null</script>"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_it_fits_its_window(page, tmp_path, width):
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(page=page, width=width))
    found = opened(frame, tmp_path / "c", "--allow-file-access-from-files",
                   f"--window-size={width + 100},1000")
    assert found["errors"] == [] and found["console"] == []
    assert found["overflow"] == 0
    assert found["width"] == width


@pytest.mark.slow
def test_it_prints(page, tmp_path):
    file = tmp_path / "r.pdf"
    chromium(f"file://{page}", tmp_path / "c", f"--print-to-pdf={file}")
    assert file.read_bytes().startswith(b"%PDF-")


def test_a_file_without_a_trace_is_refused(tmp_path):
    file = tmp_path / "noise"
    file.write_bytes(b"no frame" * 1000)
    done = subprocess.run([TOP / "tools/faultline", "report", file, "-o",
                           tmp_path / "r.html"], capture_output=True,
                          check=False)
    assert done.returncode != 0
    assert not (tmp_path / "r.html").exists()
