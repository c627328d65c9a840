# tests/system/test_debian.py - programs of Debian's packages, unmodified
# SPDX-License-Identifier: MIT

import re
import subprocess

import pytest
from conftest import BUILD
from vmlib import Unavailable

pytestmark = pytest.mark.direct

LIBRARY_FOLDERS = ("lib/i386-linux-gnu", "usr/lib/i386-linux-gnu")
NEEDED = re.compile(r"\(NEEDED\) +Shared library: \[(.*)\]")


def with_debian(start, **options):
    """A machine with Debian's programs, or the test skipped where there are
    none."""
    try:
        return start(boot="direct", debian=True, **options)
    except Unavailable as error:
        pytest.skip(str(error))


def test_programs_are_debians(shared):
    machine = with_debian(shared)
    assert machine.run("readlink /bin/sh; ls --version | head -n 1; "
                       "bash -c 'echo $BASH_VERSION'").text.startswith(
                           "dash\nls (GNU coreutils) ")


def test_libraries_are_complete(shared):
    """No program, no library needs one that was not taken."""
    with_debian(shared)  # it is there then
    root = BUILD / "debian/root"
    files = [path for path in root.rglob("*") if path.is_file()
             and not path.is_symlink()
             and path.read_bytes()[:4] == b"\x7fELF" and path.suffix != ".o"]
    text = subprocess.run(["readelf", "-d", "-W", *files], text=True,
                          check=True, stdout=subprocess.PIPE).stdout
    needed = set(NEEDED.findall(text))
    assert "libc.so.6" in needed
    there = {path.name for folder in LIBRARY_FOLDERS
             for path in (root / folder).iterdir()}
    assert needed <= there
