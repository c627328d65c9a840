# tests/unit/test_heads.py - each source begins with its name and its licence
# SPDX-License-Identifier: MIT
"""clang-format joins a first line that is too long with the next: then neither
people nor tools find the licence. (The name may take two lines.)
"""

import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("arch", "drivers", "efi", "fs", "include", "kernel", "lib", "mm",
           "tests/unit", "userland")
SUFFIXES = {".c", ".h", ".S"}
LICENCE = "// SPDX-License-Identifier: MIT"


@pytest.mark.parametrize("folder", FOLDERS)
def test_name_and_licence(folder):
    sources = [path for path in (ROOT / folder).rglob("*")
               if path.suffix in SUFFIXES and path.is_file()]
    assert sources
    wrong = []
    for path in sources:
        lines = path.read_text().splitlines()[:4]
        name = path.relative_to(ROOT).as_posix()
        if (not lines or not lines[0].startswith(f"// {name} - ")
                or LICENCE not in lines):
            wrong.append(name)
    assert not wrong
