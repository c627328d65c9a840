# tests/unit/test_fuzz_table.py - no system call is left out of the fuzzer
# SPDX-License-Identifier: MIT
"""Each call that the kernel has (kernel/syscall.c) has a row in
userland/tests/fuzz_table.c, which says what its arguments are, or is among
those that are never done. And each letter there is a kind that is explained.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "userland/tests"

ROWS = dict(re.findall(r'^    K\((\w+), "([^"]*)"\),$',
                       (FUZZ / "fuzz_table.c").read_text(), re.MULTILINE))


def implemented():
    text = (ROOT / "kernel/syscall.c").read_text()
    return set(re.findall(r"^    SYSCALL\((\w+)", text, re.MULTILINE))


def never_done():
    text = (FUZZ / "fuzz_table.c").read_text()
    body = re.search(r"\bnever\[\] = \{(.*?)\};", text, re.DOTALL).group(1)
    return set(re.findall(r"__NR_(\w+)", body))


def test_every_call_has_a_row():
    assert len(implemented()) > 250  # the table was understood
    assert implemented() - set(ROWS) - never_done() == set()


def test_no_call_is_left_out_that_could_be_done():
    """Of those the kernel has: it would stop the machine."""
    assert implemented() & never_done() == {"reboot"}
    assert set(ROWS) & never_done() == set()


def test_arguments_are_at_most_six_of_kinds_that_are_explained():
    comment = (FUZZ / "fuzz_value.c").read_text().split("#include", 1)[0]
    explained = set(re.findall(r"(?<=  )\S(?=  )", comment))
    for name, kinds in ROWS.items():
        assert set(kinds) <= explained, name
        # Those of 64 bits that are padded have a seventh, which is not passed.
        assert len(kinds) <= 7, name
