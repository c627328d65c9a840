# image/common.py - what the makers of images have in common
# SPDX-License-Identifier: MIT
"""Identifiers that are the same in every build, and how tools are run."""

import os
import subprocess
import uuid
from pathlib import Path

from tree import build_time

MIB = 1 << 20
SECTOR_BYTES = 512

# All identifiers are derived from names within this one.
NAMESPACE = uuid.UUID("0997ce72-fd9f-4823-8502-06d75131d342")


def identifier(name: str) -> str:
    """The UUID of the thing with this name, in upper case."""
    return str(uuid.uuid5(NAMESPACE, name)).upper()


def run(command, stdin="", **environment: str) -> str:
    """Run a tool; its output, or an OSError that says what it said. Time is
    that of the build, for the tools that ask (mtools, xorriso)."""
    command = [str(word) for word in command]
    path = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    done = subprocess.run(
        command, input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
        env=os.environ | {"PATH": path, "LC_ALL": "C", "TZ": "UTC",
                          "SOURCE_DATE_EPOCH": str(build_time())}
        | environment)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: exit status {done.returncode}\n"
                      f"{done.stdout}")
    return done.stdout


def new_file(path: Path, size: int) -> None:
    """A file that is one hole."""
    with open(path, "wb") as file:
        file.truncate(size)
