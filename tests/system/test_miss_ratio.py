# tests/system/test_miss_ratio.py - what other amounts of memory would have done
# SPDX-License-Identifier: MIT
"""A workload is traced with some memory, and from that it is predicted how many
major faults it has with 0.5, 0.75, 1.5 and 2 times of it; then it runs on such
machines. tools/tracelib/missratio.py says how, and what is a factor of what:
the memory that programs could have, not that of the machine, some of which is
the kernel's. Machines come by the MiB: what a run had is in its own trace, and
the prediction is for that. `make matrix` prints the table of docs/working-set.md.

Without swap read-ahead each page that is missed is a major fault. With it, how
many are found still to be on their way is a race of the disk with the program:
there it is compared how many pages are read.
"""

import dataclasses
import functools
import random
import re
import string
import sys
import time

import pytest
from conftest import TOP
from test_debian import with_debian

sys.path.append(str(TOP / "tools"))

from tracelib import frames, missratio, records  # noqa: E402

pytestmark = [pytest.mark.direct, pytest.mark.slow]

RUN_TIMEOUT_S = 900
STREAM_TIMEOUT_S = 120
# Of what is measured; and of what the traced run had, since a few faults more
# or less are no error.
TOLERANCE = (0.15, 0.05)
# docs/working-set.md says why.
TOLERANCE_TCC = (0.25, 0.15)
PAGES_PER_MIB = 256
# Of a page of RAM; the rest are struct page.
USABLE = 1 - 32 / 4096
SWAP = 512
FACTORS = (0.5, 0.75, 1.5, 2.0)

GROUPS = "trace=fault,sample,swap,map,process"
NO_READ_AHEAD = "echo 0 >/proc/sys/vm/page-cluster; "

TCC_FUNCTIONS = 12_000
TCC_TEXT_BYTES = 1500
TCC = "tcc -g -c -o /dev/null /src/big.c"


def plain(boot):
    return functools.partial(boot, boot="direct")


@dataclasses.dataclass(frozen=True)
class Run:
    majors: int
    refaults: int
    records: list[records.Record]

    @property
    def available(self) -> int:
        return missratio.available(self.records)


def vmstat(machine) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(
        r"^(\w+) (\d+)$", machine.run("cat /proc/vmstat").text, re.M)}


def stream_at(machine, path) -> records.Stream:
    """All that the kernel had traced when this was called."""
    now_ns = int(float(machine.run("cat /proc/uptime").text.split()[0]) * 1e9)
    deadline = time.monotonic() + STREAM_TIMEOUT_S
    while True:
        tail = path.read_bytes()[-50 * frames.FRAME_BYTES:]
        last = records.join(frames.find(tail), len(tail)).records[-1:]
        if last and last[0].time_ns > now_ns:
            break
        assert time.monotonic() < deadline, "the stream does not come"
        time.sleep(0.2)
    data = path.read_bytes()
    return records.join(frames.find(data), len(data))


def run(start, memory: int, command: str, path, **options) -> Run:
    path.unlink(missing_ok=True)
    machine = start(memory=memory, swap=SWAP, foreign=None, trace=path,
                    append=GROUPS, **options)
    result = machine.run(command, RUN_TIMEOUT_S)
    assert result.status == 0, result.text
    stream = stream_at(machine, path)
    numbers = vmstat(machine)
    machine.close()
    dropped = sum(record["records"] for record in stream.records
                  if record.type == "dropped")
    assert stream.lost == 0 and dropped == 0
    return Run(numbers["pgmajfault"], numbers["workingset_refault_anon"] +
               numbers["workingset_refault_file"], stream.records)


def machine_of(memory: int, available: int, factor: float) -> int:
    """MiB, so that programs can have @factor times @available pages, what they
    have in one of @memory."""
    return memory + round((factor - 1) * available / PAGES_PER_MIB / USABLE)


def compare(name: str, start, memory: int, command: str, path,
            factors=FACTORS, of="majors", tolerance=TOLERANCE,
            **options) -> list[str]:
    """Print a row for each factor; return those that are wrong."""
    base = run(start, memory, command, path, **options)
    at_base = getattr(base, of)
    print(f"| {name} | 1 | {memory} | | {at_base} | |")
    wrong = []
    for factor in factors:
        size = machine_of(memory, base.available, factor)
        got = run(start, size, command, path, **options)
        there = got.available / base.available
        point = missratio.curve(base.records, (there,))[0]
        predicted, measured = ((point.predicted_majors, got.majors)
                               if of == "majors" else
                               (point.predicted_misses, got.refaults))
        error = (predicted - measured) / max(measured, 1)
        row = (f"| {name} | {there:.2f} | {size} | {predicted} | {measured} | "
               f"{error:+.1%} |")
        print(row, flush=True)
        if abs(predicted - measured) > max(tolerance[0] * measured,
                                           tolerance[1] * at_base):
            wrong.append(row)
    return wrong


def test_hot_set_quick(boot, tmp_path):
    """One that is left to every `make test`."""
    assert compare("hot set", plain(boot), 40, NO_READ_AHEAD +
                   "pattern hotset 64 15000", tmp_path / "t",
                   (0.75, 1.5)) == []


def big_source(folder) -> None:
    """A program of many functions, each with a text of its own, that call each
    other, most of them near."""
    dice = random.Random(1)
    letters = string.ascii_lowercase + " "
    (folder / "src").mkdir(parents=True)
    with open(folder / "src" / "big.c", "w", encoding="ascii") as out:
        out.write("struct node { int kind, size; const char *text; "
                  "struct node *next; };\n")
        for n in range(TCC_FUNCTIONS):
            text = "".join(dice.choices(letters, k=TCC_TEXT_BYTES))
            at = n % TCC_TEXT_BYTES
            out.write(f"static const char text_{n}[] = \"{text}\";\n"
                      f"int f{n}(struct node *list, int count)\n{{\n"
                      f"    int sum_{n} = {n};\n"
                      f"    while (list && count-- > 0) {{\n"
                      f"        sum_{n} += list->size * {n % 97 + 1} ^ "
                      f"list->text[{at}] - text_{n}[{at}];\n"
                      f"        list = list->next;\n    }}\n")
            for _ in range(3 if n else 0):
                low = max(n - 200, 0) if dice.random() < 0.8 else 0
                out.write(f"    if (sum_{n} & {1 << dice.randrange(20)})\n"
                          f"        sum_{n} += f{dice.randrange(low, n)}"
                          f"(list, count - 1);\n")
            out.write(f"    return sum_{n};\n}}\n")


@pytest.mark.matrix
def test_scan(boot, tmp_path):
    assert compare("scan", plain(boot), 64, NO_READ_AHEAD +
                   "pattern scan 80 2", tmp_path / "t") == []


@pytest.mark.matrix
def test_hot_set(boot, tmp_path):
    assert compare("hot set", plain(boot), 64, NO_READ_AHEAD +
                   "pattern hotset 104 60000", tmp_path / "t") == []


@pytest.mark.matrix
def test_what_a_child_shares(boot, tmp_path):
    assert compare("fork", plain(boot), 64, NO_READ_AHEAD +
                   "memwalk 128", tmp_path / "t") == []


@pytest.mark.matrix
def test_tcc(boot, tmp_path):
    folder = tmp_path / "overlay"
    big_source(folder)
    assert compare("tcc", functools.partial(with_debian, boot), 28,
                   NO_READ_AHEAD + TCC, tmp_path / "t",
                   tolerance=TOLERANCE_TCC, overlays=(folder,)) == []


@pytest.mark.matrix
def test_pages_read_with_read_ahead(boot, tmp_path):
    assert compare("scan, read ahead", plain(boot), 64, "pattern scan 80 4",
                   tmp_path / "t", of="refaults") == []
