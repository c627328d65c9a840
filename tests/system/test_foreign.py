# tests/system/test_foreign.py - disks of other systems are left alone
# SPDX-License-Identifier: MIT
"""That nobody writes to them during all other tests is seen by conftest.py.
Here: that it would be noticed, and what a person may do with them.
"""

import struct

import foreign as disks
import pytest
from vmlib.image import mkimage

pytestmark = pytest.mark.direct

MACHINE = {"boot": "direct", "memory": 64}


@pytest.fixture
def own(tmp_path):
    """Foreign disks of this test alone."""
    return disks.make(tmp_path / "own")


def test_a_write_would_be_seen(boot, own):
    """They are attached for writing, and the comparison sees one byte."""
    before, times = disks.hashes(own), disks.times(own)
    machine = boot(**MACHINE, foreign=own, append="bdev_write=/dev/sdd2")
    assert machine.run("echo x | dd of=/dev/sdd2 bs=1 seek=700000 "
                       "conv=notrunc").status == 0
    machine.power_off()
    after = disks.hashes(own)
    assert {name for name in before if before[name] != after[name]} == {
        "1-linux.img"}
    assert disks.times(own) != times


def test_nothing_is_written_by_trying(boot, own):
    """Root tries what a slip of the hand would do."""
    before = disks.hashes(own)
    machine = boot(**MACHINE, foreign=own)
    result = machine.run(
        "for d in /dev/sd[b-z]*; do "
        "dd if=/dev/zero of=$d bs=4096 count=1 2>/dev/null && echo $d; "
        "swapon $d 2>/dev/null && echo $d; mkswap $d >/dev/null 2>&1; "
        "mkdir -p /tmp/m; mount -o ro $d /tmp/m 2>/dev/null && umount /tmp/m; "
        "done; sync; cat /proc/swaps | wc -l")
    assert result.text == "1\n"
    machine.power_off()
    assert disks.hashes(own) == before


# ---- what becomes swap -------------------------------------------------------

SIGNATURE_AT = disks.PAGE - 10


def partitions(folder, parts, name="z.img"):
    """A disk with a partition of 1 MiB for each (type, label, content)."""
    folder.mkdir(exist_ok=True)
    disk = disks.blank(folder / name, len(parts) + 3)
    disks.table(disk, "label: gpt\n" + "".join(
        f"size=1MiB, type={kind}, name={label}\n" for kind, label, _ in parts))
    for n, (_, _, content) in enumerate(parts):
        disks.put(disk, (n + 1) * disks.MIB, content)
    return disk


def swap_area(tmp_path, *others):
    """An area by mkswap, with (place, bytes) over it."""
    part = disks.blank(tmp_path / "part", 1)
    disks.tool("mkswap", "-q", part)
    for at, data in others:
        disks.put(part, at, data)
    return part.read_bytes()


def swaps(machine):
    return [line.split()[0] for line in
            machine.run("cat /proc/swaps").text.splitlines()[1:]]


def md_superblock(at):
    block = bytearray(256)
    struct.pack_into("<II", block, 0, 0xa92b4efc, 1)
    struct.pack_into("<Q", block, 144, at // disks.SECTOR)
    return bytes(block)


# Somebody's, though mkswap's signature is there, too; and the log's word.
SOMEBODYS = {
    "S1SUSPEND": (SIGNATURE_AT, b"S1SUSPEND\0"),
    "ULSUSPEND": (SIGNATURE_AT, b"ULSUSPEND\0"),
    "LUKS": (0, b"LUKS\xba\xbe"),
    "LVM": (512, b"LABELONE"),
    "md 1.2": (4096, md_superblock(4096)),
    "Intel Matrix": (disks.MIB - 1024, b"Intel Raid ISM Cfg Sig. 1.3.00"),
    "ext2, ext3 or ext4": (1080, b"\x53\xef"),
    "NTFS": (0, disks.ntfs_boot_sector()),
    "btrfs": (65600, b"_BHRfS_M"),
}


def test_somebodys_is_refused_by_name(boot, tmp_path):
    """Even of our own type, and to a person; and it is as it was."""
    disk = partitions(tmp_path / "own", [
        (mkimage.SWAP_TYPE, f"p{n}", swap_area(tmp_path, mark))
        for n, mark in enumerate(SOMEBODYS.values())])
    before = disks.hashes(disk.parent)
    machine = boot(**MACHINE, foreign=disk.parent, append="swap=auto")
    assert swaps(machine) == []
    log = machine.log()
    for n, name in enumerate(SOMEBODYS, 1):
        line, = (line for line in log.splitlines()
                 if f"/dev/sdb{n} error=-22" in line)
        why = log[:log.index(line)].splitlines()[-1]
        assert name in why or ("hibernated" in why and "SUSPEND" in name), why
        result = machine.run(f"swapon /dev/sdb{n}")
        assert "Invalid argument" in result.text
    machine.power_off()
    assert disks.hashes(disk.parent) == before


def test_what_becomes_swap_by_itself(boot, tmp_path):
    """Only what has our type; a label may be anybody's. A person may take
    another system's."""
    good = swap_area(tmp_path)
    disk = partitions(tmp_path / "own", [
        (disks.LINUX_SWAP_TYPE, mkimage.SWAP_LABEL, good),
        (mkimage.SWAP_TYPE, "ours", good),
        (mkimage.SWAP_TYPE, "empty", b"")])
    machine = boot(**MACHINE, foreign=disk.parent, append="swap=auto")
    assert swaps(machine) == ["/dev/sdb2"]
    assert "/dev/sdb3 error=-22" in machine.log()
    assert machine.run("swapon /dev/sdb1").status == 0
    assert swaps(machine) == ["/dev/sdb2", "/dev/sdb1"]

    machine = boot(**MACHINE, foreign=disk.parent,
                   append=f"swap=PARTLABEL={mkimage.SWAP_LABEL}")
    assert swaps(machine) == []
    assert "only swapon(8) takes it" in machine.log()
    # Nor may programs write to it because that word names it.
    assert machine.run("mkswap /dev/sdb1").status != 0


def test_member_of_a_raid_is_never_written(boot, tmp_path):
    disk = partitions(tmp_path / "own",
                      [(mkimage.SWAP_TYPE, "ours", swap_area(tmp_path))])
    disks.put(disk, disk.stat().st_size - 2 * disks.SECTOR,
              b"Intel Raid ISM Cfg Sig. 1.3.00")
    before = disks.hashes(disk.parent)
    machine = boot(**MACHINE, foreign=disk.parent,
                   append="swap=auto bdev_write=/dev/sdb1")
    assert "sdb is never written: a member of a RAID" in machine.log()
    assert swaps(machine) == []
    result = machine.run("swapon /dev/sdb1; echo x >/dev/sdb1")
    assert "Operation not permitted" in result.text
    assert result.status != 0
    machine.power_off()
    assert disks.hashes(disk.parent) == before
