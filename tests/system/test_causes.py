# tests/system/test_causes.py - each cause of a page fault, by its number
# SPDX-License-Identifier: MIT
"""`causes N` makes faults of cause N of the table in mm/fault.c and looks at
what comes of them; here: that they are counted under that number, that the
numbers add up, and what a disk that fails and memory that is not there do. That
Linux says the same is for test_oracle.py.
"""

import json
import re

import ktap
import pytest
from conftest import TOP
from test_writeback import EIO, make_disk

pytestmark = pytest.mark.direct

RUN_TIMEOUT_S = 120
RACE_TRIES = 5

SMALL = {"boot": "direct", "memory": 96, "swap": 512}
FORMATS = ["2level", "pae"]

TABLE = (TOP / "include/mm/fault_cause.h").read_text()
NUMBERS = {int(number): name.lower() for name, number in
           re.findall(r"^    CAUSE_(\w+) = (\d+)", TABLE, re.MULTILINE)}

# In mm/fault.c, docs/faults.md and the program.
LAST = 17
OF_THE_PROGRAM = [*range(1, 14), 16]
RACE = 12


def counts(machine) -> dict[int, int]:
    rows = re.findall(r"^(\d+) \w+ (\d+)$",
                      machine.run("cat /proc/faultline/faults").text, re.M)
    return {int(number): int(count) for number, count in rows}


def growth(machine, command) -> dict[int, int]:
    """How much each number grew while a program passed."""
    before = counts(machine)
    result = machine.run(command, RUN_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    after = counts(machine)
    return {number: after[number] - before[number] for number in after}


@pytest.fixture(params=FORMATS)
def machine(request, shared):
    return shared(**SMALL, kernel_format=request.param)


def test_numbers_are_those_of_the_tables(shared):
    machine = shared(**SMALL)
    shown = dict(re.findall(r"^(\d+) (\w+) ",
                            machine.run("cat /proc/faultline/faults").text,
                            re.M))
    assert {int(number): name for number, name in shown.items()} == NUMBERS
    head = (TOP / "mm/fault.c").read_text().partition("#include")[0]
    page = (TOP / "docs/faults.md").read_text()
    table = page.partition("## The causes")[2].partition("## ")[0]
    everything = list(range(1, LAST + 1))
    assert [int(n) for n in re.findall(r"^// {1,2}(\d+)  ", head, re.M)] == (
        everything)
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", table, re.M)] == (
        everything)
    assert sorted(NUMBERS) == [0, *everything]


@pytest.mark.parametrize("number", [n for n in OF_THE_PROGRAM if n != RACE])
def test_is_counted_under_its_number(machine, number):
    grown = growth(machine, f"causes {number}")
    assert grown[number] > 0
    assert grown[17] == grown[14] == grown[0] == 0


def test_what_has_come_already(machine):
    # A race, but of a thousand pages with swapoff.
    assert any(growth(machine, f"causes {RACE}")[RACE] > 0
               for _ in range(RACE_TRIES))


def test_other_numbers_do_not_grow(machine):
    """Nothing that a program meets by the way is of these."""
    grown = growth(machine, "causes 4 5 6 7 8 10 11")
    assert [grown[n] for n in (0, 12, 13, 14, 15, 16, 17)] == [0] * 7
    grown = growth(machine, "causes 1 2 3 13")
    assert [grown[n] for n in (0, 12, 14, 15, 16, 17)] == [0] * 6
    assert grown[1] >= 20 and grown[3] >= 7 and grown[13] >= 6


def faults_and_sum(machine):
    """pgfault, and all that mm has counted by number."""
    text = machine.run("cat /proc/faultline/faults /proc/vmstat").text
    rows = {name: int(count) for name, count in
            re.findall(r"^(?:\d+ )?(\w+) (\d+)$", text, re.M)}
    return rows["pgfault"], sum(rows[NUMBERS[n]] for n in range(16))


def test_numbers_add_up(machine):
    """Each fault has one number. (Without 1: of a touch above TASK_SIZE pgfault
    knows nothing.)"""
    before = faults_and_sum(machine)
    machine.run("causes 2 3 4 5 6 7 8 9 10 11 13 16", RUN_TIMEOUT_S)
    after = faults_and_sum(machine)
    faults, numbered = after[0] - before[0], after[1] - before[1]
    assert faults > 1000
    # What `cat` itself meets between the two files.
    assert abs(faults - numbered) <= 5


def test_the_books_balance(machine):
    census = machine.run("cat /proc/faultline/census").text
    assert census.splitlines()[-1] == "census: ok", census


# ---- 14: a disk that fails ---------------------------------------------------

def failing_disk(folder):
    """Options for a disk with a file `victim` whose page 8 cannot be read."""
    disk, sector = make_disk(folder)
    node = {"driver": "blkdebug", "node-name": "bad",
            "image": {"driver": "raw",
                      "file": {"driver": "file", "filename": str(disk)}},
            "inject-error": [{"event": "none", "iotype": "read", "errno": EIO,
                              "sector": sector + 8 * 8}]}
    return {"boot": "direct", "memory": 128, "qemu": (
        "-blockdev", json.dumps(node), "-device", "ide-hd,drive=bad,bus=ide.1")}


@pytest.mark.parametrize("kernel_format", FORMATS)
def test_a_page_that_cannot_be_read(boot, tmp_path, kernel_format):
    machine = boot(**failing_disk(tmp_path), kernel_format=kernel_format)
    assert machine.run("mount -t ext2 /dev/sdb1 /mnt").status == 0
    grown = growth(machine, "causes 14 /mnt/victim")
    assert grown[14] >= 3 and grown[16] >= 1 and grown[17] == 0
    assert machine.run("umount /mnt && tail -n1 /proc/faultline/census"
                       ).text == "census: ok\n"


@pytest.mark.parametrize("kernel_format", FORMATS)
def test_slots_that_cannot_be_read(boot, kernel_format):
    machine = boot(boot="direct", memory=128, swap=64,
                   swap_errors=tuple(f"read:{n}" for n in
                                     range(8000, 64000, 8000)),
                   kernel_format=kernel_format)
    grown = growth(machine, "causes 14 swap")
    assert grown[14] >= 1 and grown[17] == 0
    assert machine.run("tail -n1 /proc/faultline/census").text == (
        "census: ok\n")


# ---- 15: no memory -----------------------------------------------------------

def test_no_memory(machine):
    """A fault whose allocations fail: the program is killed, or tries again."""
    before = counts(machine)
    result = machine.run("inject 'mmap and touch'", RUN_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert counts(machine)[15] > before[15]


def test_who_takes_all_memory(machine):
    growth(machine, "causes 15")
