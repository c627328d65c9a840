# tests/system/test_storage.py - machines without a disk that we can drive
# SPDX-License-Identifier: MIT

import pytest

pytestmark = pytest.mark.direct

NONE = {"boot": "direct", "root": "initramfs", "disk": "none", "memory": 96}
NULL = ("-blockdev", "driver=null-co,node-name=n,size=16777216,"
        "read-zeroes=on")


@pytest.mark.parametrize("device,line", [
    ("nvme,drive=n,serial=1", "no driver for this storage: NVMe"),
    ("sdhci-pci", "no driver for this storage: SD or eMMC"),
    ("megasas", "no driver for this storage: RAID"),
    ("ide-cd,drive=n,bus=ide.0", "ATAPI device not used"),
], ids=["nvme", "sd", "raid", "cd"])
def test_nothing_to_drive(boot, device, line):
    """It boots, works, and says what it has found and that it has no swap."""
    machine = boot(**NONE, append="swap=auto",
                   qemu=(*NULL, "-device", device))
    assert machine.run("memwalk 16 && free | grep 'Swap: *0 '").status == 0
    log = machine.log()
    assert line in log
    assert log.count("no disk that can be driven") == 1


def test_no_storage_at_all(boot):
    machine = boot(**NONE, machine="pc")
    assert machine.run("mount | grep -c ext2").text == "0\n"
    assert "no disk that can be driven" in machine.log()
    assert "no driver for this storage" not in machine.log()


def test_a_cd_beside_a_disk(boot):
    machine = boot(boot="direct", memory=96,
                   qemu=(*NULL, "-device", "ide-cd,drive=n,bus=ide.1"))
    log = machine.log()
    assert "0.1 ATAPI device not used: signature=eb140101" in log
    assert "no disk" not in log and "no driver" not in log


@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_disks_that_are_late(boot, machine):
    """They come from a thread, and who needs one by name waits for it."""
    machine = boot(boot="direct", machine=machine, disk="ahci", memory=96,
                   swap=32, append="disk_late")
    log = machine.log()
    assert log.index("waiting for disks that are not ready: 6") < log.index(
        "block: sda ") < log.index("ext2: dev=sda2")
    assert machine.run("grep -c sda3 /proc/swaps").text == "1\n"
    assert machine.run("grep -c 'sd[a-d]$' /proc/partitions").text == "4\n"
    assert "no disk" not in log
