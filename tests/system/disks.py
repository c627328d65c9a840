# tests/system/disks.py - machines with this or that kind of disk
# SPDX-License-Identifier: MIT
"""What a test of failing disks says must hold behind every controller:

    @pytest.mark.parametrize("kind", disks.kinds("ahci", "ide"))
    def test_x(boot, kind):
        machine = boot(**disks.on(kind, boot="direct", swap=64))
        ...
        assert re.search(disks.ERROR, machine.log())
"""

import json
import socket

import pytest

# Options of each kind, and where a disk beside the first is put.
OPTIONS = {
    "ahci": {},
    "ide": {"machine": "pc"},
    "pio": {"machine": "pc", "append": "libata.dma=0"},
}
SECOND_BUS = {"ahci": "ide.2", "ide": "ide.1", "pio": "ide.1"}

# As the driver logs that a command has failed, or did not end.
ERROR = r"(ahci|ide): \d+\.\d+ error "
TIMEOUT = r"(ahci|ide): \d+\.\d+ timeout "


def kinds(*quick):
    """All kinds, for parametrize; those not named are for `make matrix`."""
    return [kind if kind in quick
            else pytest.param(kind, marks=pytest.mark.matrix)
            for kind in OPTIONS]


def on(kind, **options):
    """The options of a machine, with disks of that kind."""
    append = " ".join(filter(None, [OPTIONS[kind].get("append"),
                                    options.get("append")]))
    return {**OPTIONS[kind], **options, **({"append": append} if append
                                           else {})}


class Qmp:
    """A way to talk to a QEMU that runs: its options, then commands."""

    def __init__(self, folder):
        self._path = folder / "qmp"
        self.arguments = ("-qmp", f"unix:{self._path},server=on,wait=off")
        self._file = None

    def __call__(self, command, **arguments):
        if self._file is None:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(60)
            connection.connect(str(self._path))
            self._file = connection.makefile("rw")
            self._file.readline()  # the greeting
            self("qmp_capabilities")
        json.dump({"execute": command, "arguments": arguments}, self._file)
        self._file.write("\n")
        self._file.flush()
        while True:
            answer = json.loads(self._file.readline())
            if "return" in answer or "error" in answer:
                assert "return" in answer, answer
                return answer["return"]
