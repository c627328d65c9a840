# tests/system/test_debian.py - programs of Debian's packages, unmodified
# SPDX-License-Identifier: MIT
"""Commands in tests/system/debian/ do on Faultline what they do on Linux."""

import difflib
import re
import subprocess

import debian_commands
import pytest
from conftest import BUILD
from vmlib import Unavailable

pytestmark = pytest.mark.direct

RUN_TIMEOUT_S = 120

# As in test_oracle.py: like with like, both with PAE.
MACHINE = {"kernel_format": "pae"}
TWO_LEVEL = {"kernel_format": "2level"}
SMALL = {"memory": 96, "swap": 256}

COMMANDS = [(group, command)
            for group, commands in debian_commands.groups().items()
            for command in commands]

# All of the package: each is to be in some command.
COREUTILS = """
    [ arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown chroot
    cksum comm cp csplit cut date dd df dir dircolors dirname du echo env expand
    expr factor false fmt fold groups head hostid id install join link ln logname
    ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste
    pathchk pinky pr printenv printf ptx pwd readlink realpath rm rmdir runcon seq
    sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split
    stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate
    tsort tty uname unexpand uniq unlink users vdir wc who whoami yes
""".split()

LIBRARY_FOLDERS = ("lib/i386-linux-gnu", "usr/lib/i386-linux-gnu")
NEEDED = re.compile(r"\(NEEDED\) +Shared library: \[(.*)\]")


def with_debian(start, **options):
    """A machine with Debian's programs, or the test skipped where there are
    none."""
    try:
        return start(boot="direct", debian=True, **options)
    except Unavailable as error:
        pytest.skip(str(error))


def compare(command: str, linux, faultline) -> None:
    """Fail unless a command gives the same on both machines."""
    given = debian_commands.as_given(command)
    expected = debian_commands.report(linux.run(given, RUN_TIMEOUT_S))
    got = debian_commands.report(faultline.run(given, RUN_TIMEOUT_S))
    difference = "\n".join(difflib.unified_diff(
        expected, got, "Linux", "Faultline", lineterm=""))
    assert not difference, f"{command}\n\n{difference}"


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


def test_all_of_coreutils_is_used():
    words = {word for _, command in COMMANDS
             for word in re.findall(r"[\w\[]+", command)}
    assert set(COREUTILS) <= words


def parameter(group: str, command: str):
    """A command that waits for something is to fail until that is there."""
    waits = debian_commands.NOT_YET.match(command)
    first = [line for line in command.splitlines() if line[0] != "#"][0]
    return pytest.param(command, id=f"{group}-{first[:50]}", marks=[
        pytest.mark.xfail(reason=waits[1], strict=True)] if waits else [])


@pytest.mark.parametrize("command", [parameter(*row) for row in COMMANDS])
def test_command(shared, command):
    compare(command, with_debian(shared, kernel="linux", **MACHINE),
            with_debian(shared, **MACHINE))


@pytest.mark.matrix
@pytest.mark.parametrize("machine", [TWO_LEVEL, TWO_LEVEL | SMALL,
                                     MACHINE | SMALL],
                         ids=["2level", "2level small", "pae small"])
def test_commands_on_another_machine(boot, machine):
    linux = with_debian(boot, kernel="linux", **machine)
    faultline = with_debian(boot, **machine)
    for _, command in COMMANDS:
        if not debian_commands.NOT_YET.match(command):
            compare(command, linux, faultline)
