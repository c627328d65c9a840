# tools/vmlib/fetch.py - what comes of Debian's packages, when it is asked for
# SPDX-License-Identifier: MIT
"""ci/fetch-* do nothing for what is there already. Fetched are kernels of
Linux (linux.py), and the programs of --debian."""

import subprocess
import sys

from .errors import StartError, Unavailable
from .options import TOP, Options

NO_PACKAGE_STATUS = 3  # as in ci/fetch-i386


def fetch(script: str, what: str, *arguments) -> None:
    """Run ci/<script>. Unavailable, if this machine's sources have none."""
    # Our output is the guest's.
    done = subprocess.run([TOP / "ci" / script, *arguments],
                          stdout=sys.stderr, check=False)
    if done.returncode == NO_PACKAGE_STATUS:
        raise Unavailable(f"/etc/apt has no source with {what} for i386")
    if done.returncode != 0:
        raise StartError(f"cannot fetch {what}")


def fetch_overlays(options: Options) -> None:
    """See that what is laid over the root is there."""
    if options.debian:
        fetch("fetch-debian", "Debian's programs", options.debian_folder)
