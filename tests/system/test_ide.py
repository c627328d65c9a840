# tests/system/test_ide.py - what only legacy IDE has
# SPDX-License-Identifier: MIT
"""Channels in all their places, two drives on one, PIO, and DMA that fails.
docs/disk.md, "Legacy IDE". What any disk has to do when it fails:
test_failing_disks.py.
"""

import hashlib
import json
import re

import disks
import ktap
import pytest
from conftest import BUILD
from ext2disk import EIO

pytestmark = pytest.mark.direct

WALK_TIMEOUT_S = 120
BUSYBOX_MD5 = hashlib.md5((BUILD / "root/bin/busybox").read_bytes()).hexdigest()
MIB = 1 << 20

# A channel without a PCI function, at the secondary channel's place.
ISA = ("-device", "isa-ide,id=old,iobase=0x170,iobase2=0x376,irq={irq}")


def content_of(path, mib=4):
    """A disk of numbered sectors."""
    path.write_bytes(b"".join(b"%08d" % i * 64 for i in range(mib * 2048)))
    return hashlib.md5(path.read_bytes()).hexdigest()


def drive(path, name, place):
    node = {"driver": "raw", "node-name": name,
            "file": {"driver": "file", "filename": str(path)}}
    return ("-blockdev", json.dumps(node),
            "-device", f"ide-hd,drive={name},{place}")


def walk(machine, mib):
    result = machine.run(f"memwalk {mib}", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [] and result.status == 0, result.text
    return result


def interrupts(machine, name="ide"):
    text = machine.run("cat /proc/interrupts").text
    return sum(int(count) for count in
               re.findall(rf"^ *\d+: +(\d+) .*\b{name}\b", text, re.M))


@pytest.mark.slow
@pytest.mark.parametrize("options", [
    {"machine": "pc", "kernel_format": "pae"},
    pytest.param({"machine": "pc", "kernel_format": "2level"},
                 marks=pytest.mark.matrix),
    pytest.param({"disk": "ide", "kernel_format": "2level"},
                 marks=pytest.mark.matrix)],
    ids=["pc-pae", "pc-2level", "q35-piix3"])
def test_root_and_swap(boot, options):
    machine = boot(boot="direct", memory=64, swap=256, **options)
    assert "transfer=dma" in machine.log()
    assert "no interrupts" not in machine.log()
    grown = walk(machine, 128)
    assert ktap.vmstat_growth(grown.text, "pswpin") > 64 * 256
    assert machine.run("md5sum /bin/busybox").text.split()[0] == BUSYBOX_MD5


@pytest.mark.firmware
@pytest.mark.slow
@pytest.mark.parametrize("kernel_format", [
    "pae", pytest.param("2level", marks=pytest.mark.matrix)])
def test_through_firmware(boot, kernel_format):
    machine = boot(machine="pc", memory=128, swap=256,
                   kernel_format=kernel_format)
    assert "transfer=dma" in machine.log()
    walk(machine, 160)
    machine.power_off()


def test_pio(boot):
    """Reads and writes, each sector through the data register."""
    machine = boot(**disks.on("pio", boot="direct", memory=64, swap=64))
    assert "transfer=pio" in machine.log()
    assert machine.run("md5sum /bin/busybox").text.split()[0] == BUSYBOX_MD5
    before = interrupts(machine)
    assert machine.run(
        "cp /bin/busybox /root/copy && sync && "
        "echo 3 >/proc/sys/vm/drop_caches && md5sum /root/copy"
    ).text.split()[0] == BUSYBOX_MD5
    # One for each sector written, and one for each read.
    sectors = (BUILD / "root/bin/busybox").stat().st_size // 512
    assert interrupts(machine) - before >= 2 * sectors


@pytest.mark.parametrize("irq", [15, 11])
def test_isa_channel(boot, tmp_path, irq):
    """Beside AHCI, and announced by nothing. With the wrong interrupt line
    (nobody can know) the disk is looked at by a timer."""
    digest = content_of(tmp_path / "disk")
    isa = (ISA[0], ISA[1].format(irq=irq))
    machine = boot(boot="direct", memory=64, qemu=(
        *isa, *drive(tmp_path / "disk", "other", "bus=old.0")))
    assert re.search(r"ide: 0 at=170 irq=15 master=0\n", machine.log())
    name = re.search(r"block: (sd\w) sectors=8192 ", machine.log())[1]
    result = machine.run(f"md5sum /dev/{name}", WALK_TIMEOUT_S)
    assert result.text.split()[0] == digest, machine.log_tail()
    assert ("ide: 0 no interrupts: polling" in machine.log()) == (irq != 15)
    assert (interrupts(machine) > 1000) == (irq == 15)


def test_two_drives_on_a_channel(boot, tmp_path):
    """They take turns, and a packet device is passed over."""
    digest = content_of(tmp_path / "disk", 2)
    cd = tmp_path / "cd"
    cd.write_bytes(bytes(MIB))
    machine = boot(boot="direct", machine="pc", memory=64, qemu=(
        *drive(tmp_path / "disk", "other", "bus=ide.0,unit=1"),
        "-drive", f"if=none,id=cd,media=cdrom,readonly=on,file={cd}",
        "-device", "ide-cd,drive=cd,bus=ide.1"))
    assert re.search(r"ide: 0\.1 disk .*sectors=4096 ", machine.log()), \
        machine.log()
    assert re.search(r"ide: 1\.0 ATAPI device not used", machine.log())
    result = machine.run(
        "for i in 1 2; do head -c 2097152 /dev/sda1 | md5sum & "
        "md5sum </dev/sdb & wait; echo 3 >/proc/sys/vm/drop_caches; done | "
        "sort | uniq -c", WALK_TIMEOUT_S)
    assert f"2 {digest}  -\n" in result.text, result.text
    assert len(re.findall(r"2 \w+  -\n", result.text)) == 2, result.text
    assert not re.search(disks.ERROR, machine.log())


@pytest.mark.parametrize("failures, attempts, gives_up", [
    ({None: 2}, 2, True),
    ({5000: 1}, 1, False), ({5000: 2}, 2, False), ({5000: 3}, 3, False),
    ({5000: 2, 6000: 2}, 4, True)],
    ids=["never", "once", "twice", "thrice", "again"])
def test_dma_fails(boot, tmp_path, failures, attempts, gives_up):
    """Sectors that fail some times, and then work: after two failures by PIO.
    That is the end of DMA the second time in a row, or if DMA had never worked
    (None: whatever is read first). Three failures are an error."""
    digest = content_of(tmp_path / "disk")
    node = {"driver": "blkdebug", "node-name": "other", "image": {
        "driver": "raw", "file": {"driver": "file",
                                  "filename": str(tmp_path / "disk")}},
            "inject-error": [
                {"event": "none", "iotype": "read", "errno": EIO,
                 "once": True, **({"sector": sector} if sector else {})}
                for sector, times in failures.items() for _ in range(times)]}
    machine = boot(boot="direct", machine="pc", memory=64, qemu=(
        "-blockdev", json.dumps(node),
        # With a geometry, or QEMU reads sector 0 to guess one.
        "-device", "ide-hd,drive=other,bus=ide.1,cyls=16,heads=16,secs=32"))
    for sector in failures:
        result = machine.run("dd if=/dev/sdb of=/dev/null bs=512 count=1 "
                             f"skip={sector or 0} 2>&1", WALK_TIMEOUT_S)
        # An error of the block that was read ahead is not one of the page.
        assert result.status == 0, result.text
    log = machine.log()
    assert len(re.findall(disks.ERROR, log)) == attempts, log
    assert ("failed after 3 attempts" in log) == (3 in failures.values())
    assert ("DMA does not work: PIO from now on" in log) == gives_up
    # In any case it is read now, in this way or that.
    assert machine.run("md5sum /dev/sdb", WALK_TIMEOUT_S).text.split()[0] == \
        digest


def test_places_without_drives(boot):
    """A controller with nobody on it is not bus master, and costs no time."""
    machine = boot(boot="direct", machine="pc", disk="ahci", memory=64)
    assert "ide: " not in machine.log()
    assert machine.run("echo alive").text == "alive\n"
