# tests/system/test_bus_master.py - who may still write memory after the start
# SPDX-License-Identifier: MIT
"""Firmware leaves devices running. A network card that goes on writing what it
receives into memory that is no longer its own has been seen: so all that is
not driven loses its bus mastering before boot services' memory is used.

Looked at from outside, in QEMU's view of configuration space: the word at 4 of
each function, in the window that OVMF gives it on q35.
"""

import json
import re
import socket

import pytest

ECAM = 0xb0000000
COMMAND_AT = 4
BUS_MASTER = 1 << 2

# Base classes that keep it: displays, which have no use for it, and bridges,
# through which the others' transfers go. PCI Code and ID Assignment, 1.
KEEP = {0x03, 0x06}
AHCI = 0x0106


class Monitor:
    """A QMP connection of the test's own."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._lines.readline()  # the greeting
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        request = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(self._lines.readline())
            if "return" in answer:
                return answer["return"]
            assert "event" in answer, answer

    def functions(self):
        """(address in the window, class) of each."""
        left = [(bus["bus"], device) for bus in self.ask("query-pci")
                for device in bus["devices"]]
        while left:
            bus, device = left.pop()
            yield (ECAM + (bus << 20) + (device["slot"] << 15)
                   + (device["function"] << 12), device["class_info"]["class"])
            behind = device.get("pci_bridge", {})
            left += [(behind["bus"]["secondary"], inner)
                     for inner in behind.get("devices", [])]

    def command(self, address):
        text = self.ask("human-monitor-command", **{
            "command-line": f"xp /1hx {address + COMMAND_AT:#x}"})
        return int(re.search(r": (0x[0-9a-f]+)", text)[1], 16)

    def close(self):
        self._lines.close()
        self._socket.close()


def masters(monitor):
    """Class of each function -> may it write memory?"""
    return [(kind, bool(monitor.command(address) & BUS_MASTER))
            for address, kind in monitor.functions()]


@pytest.mark.firmware
def test_only_what_is_driven_masters_the_bus(boot, tmp_path):
    monitor_path = tmp_path / "qmp"
    machine = boot(ready_timeout=240, boot="usb", swap=16, memory=128, qemu=(
        "-qmp", f"unix:{monitor_path},server=on,wait=off",
        "-netdev", "user,id=net,restrict=on",
        "-device", "e1000e,netdev=net", "-device", "pcie-root-port,id=behind",
        "-device", "qemu-xhci,bus=behind"))
    monitor = Monitor(monitor_path)
    try:
        found = masters(monitor)
    finally:
        monitor.close()
    kinds = [kind for kind, _ in found]
    assert kinds.count(0x0c03) == 2 and 0x0200 in kinds, kinds
    assert (AHCI, True) in found  # it swaps by that
    assert [kind for kind, is_master in found
            if is_master and kind >> 8 not in KEEP and kind != AHCI] == []
    assert machine.run("memwalk 16").status == 0
