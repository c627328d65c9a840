# tests/system/debian_commands.py - the commands of tests/system/debian/
# SPDX-License-Identifier: MIT
"""What test_debian.py gives to Debian's bash, on Linux and on Faultline: in a
file NAME.sh for each program or package, separated by empty lines. A command
starts in an empty folder on the disk, and may leave anything there. What it
prints has to be the same in any two runs, however slow the machine and
whoever runs first: no process numbers, no inodes, no times of now, no folder's
order. What one process is to do after another has come so far waits for that,
never for a time: asleep and gone.
"""

import re
import shlex
from pathlib import Path

FOLDER = Path(__file__).parent / "debian"

# A function for any shell: wait until process $1 has nothing to do, that is,
# waits for something. A new one that the shell began has then set up all that
# it does first, and is the program, no longer the shell: up to there it waits
# for the disk at most, which is state D.
ASLEEP = r"""
asleep() { until grep -q '^State:.S' /proc/$1/status; do sleep .02; done; }
"""

# Every command begins with this. gone: wait until the shell has been told that
# its child has ended; it has no foreground child meanwhile, at whose end it
# would speak of the other. tree: all that an archive can hold, in t/.
PRELUDE = ASLEEP + r"""
exec </dev/null; export LC_ALL=C TZ=UTC0
cd /root && rm -rf w /tmp/* && mkdir w && cd w || exit
gone() { while [ -e /proc/$1 ]; do :; done; }
tree() {
    mkdir -p t/d/e t/empty; seq 500 >t/f; cp t/f t/d/e; chmod 4751 t/f
    ln t/f t/hard; ln -s f t/soft; mkfifo t/p; mknod t/n c 1 3
    chmod 1777 t/empty; chown 5:6 t/d/e/f; truncate -s 5M t/s
    printf mid | dd of=t/s bs=1M seek=2 conv=notrunc status=none
    find t -exec touch -h -d @1000000000 {} +
}
"""

# A command may begin with this line: what it waits for.
NOT_YET = re.compile(r"# Not yet: (.*)\.\n")

# bash says which of its children was killed.
PROCESS_NUMBER = re.compile(r"^(bash: line \d+:) +\d+ (?=[A-Z])", re.MULTILINE)


def groups() -> dict[str, list[str]]:
    """The commands by the name of their file."""
    return {path.stem: [text.strip("\n") for text in
                        re.split(r"\n{2,}", path.read_text().strip("\n"))]
            for path in sorted(FOLDER.glob("*.sh"))}


def as_given(command: str) -> str:
    """The command as it is given to a machine."""
    return "bash -c " + shlex.quote(PRELUDE + command)


def report(result) -> list[str]:
    """What is to be the same on both machines."""
    text = PROCESS_NUMBER.sub(r"\1 PROCESS ", result.text)
    return [*text.splitlines(), f"status {result.status}"]
