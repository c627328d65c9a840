# tests/system/test_dmar.py - DMA remapping that the firmware has left on
# SPDX-License-Identifier: MIT
"""QEMU's firmware never turns it on. Here that is done from outside, on the
stopped machine, by QEMU's own means for tests of its devices.
"""

import json
import re
import socket
import time

import pytest

from conftest import BUILD
from vmlib import Machine, Options

UNIT = 0xfed90000  # where q35 has it
GCMD, GSTS, RTADDR = UNIT + 0x18, UNIT + 0x1c, UNIT + 0x20
SET_ROOT, ENABLE = 1 << 30, 1 << 31
NO_TABLE = 0x1000  # zeros: every access of a device is refused


class Lines:
    """A line out, a line in."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        end = time.monotonic() + 60
        while True:  # until QEMU listens
            try:
                self._socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < end
                time.sleep(0.05)
        self._file = self._socket.makefile("rw")

    def read(self) -> str:
        return self._file.readline()

    def ask(self, line: str) -> str:
        self._file.write(line + "\n")
        self._file.flush()
        return self.read()


@pytest.mark.direct
def test_remapping_is_turned_off(tmp_path):
    with Machine(Options(
            build=BUILD, boot="direct", memory=64, root="initramfs",
            disk="none", qemu=(
                "-device", "intel-iommu", "-S",
                "-qtest", f"unix:{tmp_path}/qtest,server=on,wait=off",
                "-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off"))) as machine:
        qmp, qtest = Lines(tmp_path / "qmp"), Lines(tmp_path / "qtest")
        qmp.read()
        qmp.ask(json.dumps({"execute": "qmp_capabilities"}))
        qtest.ask(f"writeq {RTADDR:#x} {NO_TABLE:#x}")
        qtest.ask(f"writel {GCMD:#x} {SET_ROOT:#x}")
        qtest.ask(f"writel {GCMD:#x} {ENABLE:#x}")
        assert int(qtest.ask(f"readl {GSTS:#x}").split()[1], 16) & ENABLE
        qmp.ask(json.dumps({"execute": "cont"}))
        machine.wait_ready()
        assert re.search(r"dmar: unit=fed90000 DMA remapping was on: "
                         r"turned off", machine.log())
        assert not int(qtest.ask(f"readl {GSTS:#x}").split()[1], 16) & ENABLE
