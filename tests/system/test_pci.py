# tests/system/test_pci.py - what is on PCI, and who may do DMA
# SPDX-License-Identifier: MIT
"""Configuration space is read from outside, by QEMU's monitor: on q35 the
firmware, SeaBIOS as well, leaves a window to all of it in memory."""

import re

import monitor
import pytest

ECAM = 0xb0000000
COMMAND = 4
MASTER = 1 << 2

FUNCTION = re.compile(
    r"pci: (\w\w):(\w\w)\.(\w) class=(\w\w)(\w\w)\.\w\w id=(\w{4}:\w{4})")
BRIDGE, STORAGE, DISPLAY = "06", "01", "03"

# Devices that the firmware may have set going (the first has a ROM), some behind bridges behind
# bridges, and one whose function 0 is of another kind than its function 2.
DEVICES = (
    "e1000e,addr=4.0,netdev=n0,multifunction=on",
    "qemu-xhci,addr=4.2",
    "pcie-root-port,id=root,addr=5,chassis=1",
    "e1000e,bus=root,netdev=n1,romfile=",
    "pcie-pci-bridge,id=pcibridge,addr=6",
    "pci-bridge,id=inner,bus=pcibridge,addr=3,chassis_nr=7",
    "e1000,bus=inner,addr=1f,netdev=n2,romfile=",
    "pci-serial,addr=7",
    "ich9-ahci,addr=8",
    "virtio-rng-pci,addr=9",
)
IDS = {  # what the walk has to find of these
    "8086:10d3": 2, "1b36:000d": 1, "1b36:000c": 1, "1b36:000e": 1,
    "1b36:0001": 1, "8086:100e": 1, "1b36:0002": 1,
}


def options(tmp_path):
    words = list(monitor.options(tmp_path / "qmp"))
    for number in range(3):
        words += ["-netdev", f"user,id=n{number},restrict=on"]
    for device in DEVICES:
        words += ["-device", device]
    return tuple(words)


@pytest.mark.parametrize("firmware", [
    pytest.param(False, marks=pytest.mark.direct),
    pytest.param(True, marks=pytest.mark.firmware)])
def test_only_what_is_driven_may_do_dma(boot, tmp_path, firmware):
    machine = boot(boot="disk" if firmware else "direct", memory=128,
                   qemu=options(tmp_path))
    found = FUNCTION.findall(machine.log())
    ids = [each[5] for each in found]
    for wanted, count in IDS.items():
        assert ids.count(wanted) == count, (wanted, ids)
    assert ids.count("8086:2922") == 2  # AHCI: the chipset's, and one without
    assert max(int(each[0], 16) for each in found) >= 3  # buses
    masters = set()
    with monitor.Monitor(tmp_path / "qmp") as qmp:
        for bus, slot, function, kind, *_ in found:
            place = (int(bus, 16) << 20 | int(slot, 16) << 15
                     | int(function, 16) << 12)
            text = qmp.human(f"xp /1hx {ECAM + place + COMMAND:#x}")
            command = int(text.split(":")[1], 16)
            assert command != 0xffff, "the window is elsewhere"
            if command & MASTER:
                masters.add((bus, slot, function, kind))
    kinds = {kind for *_, kind in masters}
    # Bridges pass on what others do; a display may read its framebuffer.
    assert kinds <= {BRIDGE, STORAGE, DISPLAY}, masters
    # The disk that this ran from works; it is that of the chipset.
    assert ("00", "1f", "2", STORAGE) in masters
