# tests/system/test_4kn.py - disks with logical sectors of 4096 bytes
# SPDX-License-Identifier: MIT
"""Everything from the partition table up, on disks of which the driver says
that they are such (disk_4kn). docs/disk.md, "Sectors".
"""

import re
import shutil
import subprocess

import disks
import ktap
import pytest
import writelog
from conftest import BUILD
from ext2disk import EIO, make_ext2, tool
from large_sectors import MIB, SECTOR, LargeDisk, Part
from vmlib import Options, Unavailable
from vmlib import linux as linux_vm
from vmlib.image import mkimage, program

pytestmark = pytest.mark.direct

SWAP_MIB = 96
WALK_TIMEOUT_S = 120
PER_SECTOR = SECTOR // writelog.SECTOR


def swap_part(folder, mib=SWAP_MIB):
    part = folder / "swap.part"
    with part.open("wb") as file:
        file.truncate(mib * MIB)
    subprocess.run([program("mkswap"), "-q", part], check=True,
                   stderr=subprocess.DEVNULL)
    return Part(mkimage.SWAP_LABEL, mkimage.SWAP_TYPE, part)


def ext2_part(folder, label, mib=16, block=4096):
    part = folder / f"{label}.part"
    make_ext2(part, mib, block=block)
    return Part(label, mkimage.ROOT_TYPE, part)


@pytest.fixture(scope="module")
def root_part(tmp_path_factory):
    """The root that every image of ours has."""
    folder = tmp_path_factory.mktemp("root")
    image = folder / "image"
    mkimage.make_image(image, build=BUILD, root_dir=BUILD / "root")
    table = tool("sfdisk", "-d", image).stdout
    start, size = re.search(r"start= *(\d+), size= *(\d+), .*"
                            f'name="{mkimage.ROOT_LABEL}"', table).groups()
    part = folder / "root.part"
    with image.open("rb") as file:
        file.seek(int(start) * 512)
        part.write_bytes(file.read(int(size) * 512))
    return Part(mkimage.ROOT_LABEL, mkimage.ROOT_TYPE, part)


def assert_clean(part):
    done = tool("e2fsck", "-fn", part)
    assert done.returncode == 0, done.stdout


def assert_whole_sectors(writes):
    for entry in writes:
        assert entry.sector % PER_SECTOR == 0
        assert len(entry.data) % SECTOR == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", disks.kinds("ahci"))
def test_root_and_swap(boot, tmp_path, root_part, kind):
    """A machine that has nothing else."""
    disk = LargeDisk(tmp_path / "disk", [root_part, swap_part(tmp_path)])
    machine = boot(**disk.options(
        kind, memory=64, foreign=None,
        append=f"root=PARTLABEL={mkimage.ROOT_LABEL} rw "
               f"swap=PARTLABEL={mkimage.SWAP_LABEL}"))
    log = machine.log()
    assert re.search(r"block: sda .* logical=4096 physical=4096 align=0", log)
    assert "gpt: " not in log
    mib = 64 if kind == "pio" else 96
    result = machine.run(f"memwalk {mib}", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [] and result.status == 0, result.text
    assert ktap.vmstat_growth(result.text, "pswpout") > 0
    assert ktap.vmstat_growth(result.text, "pswpin") > 0
    # A file whose content is not that of any other sector.
    result = machine.run("for i in $(seq 20000); do echo $i; done >/root/n && "
                         "cp /bin/busybox /root/b && sync && "
                         "cmp /bin/busybox /root/b && "
                         "echo 3 >/proc/sys/vm/drop_caches && "
                         "cmp /bin/busybox /root/b && md5sum /root/n; "
                         "rm /root/b")
    assert result.status == 0, result.text
    machine.power_off()
    root = disk.take_out(mkimage.ROOT_LABEL)
    assert_clean(root)
    numbers = tool("debugfs", "-R", "cat /root/n", root).stdout
    assert numbers.splitlines()[-20000:] == [str(n + 1) for n in range(20000)]
    assert " refused: " not in log


def test_what_is_told_of_it(boot, tmp_path):
    """Programs are told of its sectors, and count in 512 bytes as ever."""
    disk = LargeDisk(tmp_path / "disk", [swap_part(tmp_path, 4)])
    machine = boot(**disk.options(memory=64, foreign=None))
    result = machine.run("blockdev --getss /dev/sda1; "
                         "blockdev --getsz /dev/sda1; "
                         "blockdev --getsize64 /dev/sda1; "
                         "grep sda1 /proc/partitions")
    assert result.text.split()[:3] == ["4096", str(4 * 2048), str(4 * MIB)]
    assert result.text.split()[-2:] == [str(4 * 1024), "sda1"]
    log = machine.log()
    assert "disk_4kn: " in log
    assert f"sda1 start=2048 sectors={4 * 2048} " in log
    assert f"sda sectors={6 * 2048} " in log


def test_bytes_of_a_device(boot, tmp_path):
    """Programs read and write any bytes; the disk sees whole sectors."""
    part = swap_part(tmp_path, 4)
    part.content.write_bytes(bytes(range(1, 251)) * (4 * MIB // 250)
                             + bytes(4 * MIB % 250))
    disk = LargeDisk(tmp_path / "disk", [part])
    log = tmp_path / "log"
    log.write_bytes(b"")
    machine = boot(**disk.options(memory=64, foreign=None, node={
        "driver": "blklogwrites", "file": disk.raw,
        "log": {"driver": "file", "filename": str(log)}}))
    expected = bytearray(part.content.read_bytes())
    result = machine.run("dd if=/dev/sda1 bs=512 skip=9 count=1 | md5sum; "
                         "dd if=/dev/sda1 bs=1 skip=5000 count=3 | md5sum; "
                         "echo -n 0123456789 | "
                         "dd of=/dev/sda1 bs=10 seek=1000 conv=notrunc; "
                         "echo -n abcdef | "
                         "dd of=/dev/sda1 bs=1 seek=40957 conv=notrunc")
    assert result.status == 0, result.text
    machine.power_off()
    expected[10000:10010] = b"0123456789"
    expected[40957:40963] = b"abcdef"
    assert disk.take_out(part.label).read_bytes() == expected
    writes = [entry for entry in writelog.read(log) if entry.data]
    assert len(writes) >= 2
    assert_whole_sectors(writes)


@pytest.mark.parametrize("kind", disks.kinds("ahci"))
def test_ext2(boot, tmp_path, kind):
    """File systems with blocks of a sector work, those with less are refused
    as by Linux; all that is written is whole sectors."""
    disk = LargeDisk(tmp_path / "disk", [
        ext2_part(tmp_path, "good"), ext2_part(tmp_path, "small", 4, 1024),
        ext2_part(tmp_path, "half", 4, 2048)])
    before = [disk.take_out(label).read_bytes() for label in ("small", "half")]
    log = tmp_path / "log"
    log.write_bytes(b"")
    machine = boot(**disk.options(kind, memory=96, foreign=None, node={
        "driver": "blklogwrites", "file": disk.raw,
        "log": {"driver": "file", "filename": str(log)}}))
    assert machine.run("mkdir /tmp/d && mount -t ext2 /dev/sda1 /tmp/d"
                       ).status == 0
    result = machine.run("fsops /tmp/d", 300)
    assert ktap.failures(result.text) == [] and result.status == 0, result.text
    result = machine.run(
        "cd /tmp/d && dd if=/dev/zero of=swap bs=1M count=12 2>/dev/null && "
        "chmod 600 swap && mkswap swap >/dev/null && swapon swap && "
        "memwalk 72; swapoff swap && rm swap", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [] and result.status == 0, result.text
    assert ktap.vmstat_growth(result.text, "pswpout") > 0
    assert machine.run("umount /tmp/d").status == 0
    for n in (2, 3):
        for flags in ("", "-o ro"):
            result = machine.run(f"mount -t ext2 {flags} /dev/sda{n} /tmp/d")
            assert result.status != 0
            assert "Invalid argument" in result.text
    assert machine.log().count(
        "its blocks are smaller than the disk's sectors errno=22") == 4
    machine.power_off()
    assert_clean(disk.take_out("good"))
    assert before == [disk.take_out(label).read_bytes()
                      for label in ("small", "half")]
    writes = [entry for entry in writelog.read(log) if entry.data]
    assert len(writes) > 100
    if kind != "pio":  # there it is 512 bytes for each interrupt
        assert_whole_sectors(writes)


@pytest.mark.parametrize("kind", disks.kinds("ahci", "pio"))
@pytest.mark.parametrize("once", [True, False])
def test_bad_sector(boot, tmp_path, kind, once):
    """512 bytes within a sector that cannot be read, once or for good: the
    disk is the same after its reset, and the rest can be read."""
    part = swap_part(tmp_path, 4)
    disk = LargeDisk(tmp_path / "disk", [part])
    bad = 20 * PER_SECTOR + 3  # of the partition
    at = disk.places[part.label][0] // 512
    machine = boot(**disk.options(kind, memory=64, foreign=None, node={
        "driver": "blkdebug", "image": disk.raw, "inject-error": [
            {"event": "none", "iotype": "read", "errno": EIO,
             "sector": at + bad, "once": once}]}))
    result = machine.run("dd if=/dev/sda1 of=/dev/null bs=4096 skip=20 "
                         "count=1")
    assert (result.status == 0) == once, result.text
    assert machine.run("dd if=/dev/sda1 of=/dev/null bs=4096 skip=32"
                       ).status == 0
    log = machine.log()
    assert re.search(disks.ERROR, log)
    assert ("failed after 3 attempts" in log) != once
    assert "another disk" not in log and " refused: " not in log


def zero_primary(disk):
    disk.put(SECTOR, bytes(SECTOR))


def zero_backup(disk):
    disk.put(disk.path.stat().st_size - SECTOR, bytes(SECTOR))


def mark_of_a_raid(disk):
    disk.put(disk.path.stat().st_size - 2 * SECTOR, b"Intel Raid ISM Cfg Sig. ")


@pytest.mark.parametrize("damage,line", [
    (zero_primary, "table damaged, read-only: primary=-2 backup=0"),
    (zero_backup, "table damaged, read-only: primary=0 backup=-2"),
    (mark_of_a_raid, "never written: a member of a RAID (Intel Matrix)")])
def test_never_written(boot, tmp_path, damage, line):
    disk = LargeDisk(tmp_path / "disk", [swap_part(tmp_path, 4)])
    damage(disk)
    before = disk.path.read_bytes()
    machine = boot(**disk.options(memory=64, foreign=None, append="swap=auto"))
    assert line in machine.log()
    assert machine.run("grep -c sda1 /proc/partitions").text == "1\n"
    result = machine.run("swapon /dev/sda1")
    assert "Operation not permitted" in result.text
    machine.power_off()
    assert disk.path.read_bytes() == before


# Of a disk $d with an ext2, one of small blocks, and a swap area.
AGREED = """
for n in 1 2 3; do
    for what in ss bsz sz size64; do blockdev --get$what ${d}$n; done
done
mkdir /tmp/m
mount -t ext2 ${d}1 /tmp/m && ls /tmp/m && umount /tmp/m
mount -t ext2 -o ro ${d}2 /tmp/m
mount -t ext2 ${d}2 /tmp/m
dd if=${d}2 bs=512 skip=2 count=1 2>/dev/null | md5sum
swapon ${d}3 && cat /proc/swaps | tr -s '[:blank:]' ' ' | cut -d ' ' -f 1-4
"""


def linux_with_large_sectors(boot, disk, folder):
    """Linux, with a copy of the disk on one that its driver makes of memory,
    which does have such sectors: /dev/sdb."""
    options = {"kernel": "linux", "root": "initramfs"}
    try:
        modules = linux_vm.fetch(Options(build=BUILD, **options))
    except Unavailable as error:
        pytest.skip(str(error))
    module, = modules.rglob("scsi_debug.ko")
    (folder / "opt").mkdir()
    shutil.copy(module, folder / "opt")
    plain = {**disk.options(foreign=None), "append": ""}
    machine = boot(**{**plain, **options}, overlays=(folder,))
    result = machine.run(
        f"insmod /opt/scsi_debug.ko sector_size={SECTOR} "
        f"dev_size_mb={disk.path.stat().st_size // MIB} && "
        "until [ -b /dev/sdb ]; do sleep 0.1; done && "
        "dd if=/dev/sda of=/dev/sdb bs=64k 2>/dev/null && "
        "blockdev --rereadpt /dev/sdb && "
        "until [ -b /dev/sdb3 ]; do sleep 0.1; done")
    assert result.status == 0, result.text
    return machine


@pytest.mark.slow
def test_as_on_linux(boot, tmp_path):
    """What is a partition, what is told of it, what is refused."""
    disk = LargeDisk(tmp_path / "disk", [
        ext2_part(tmp_path, "good", 4), ext2_part(tmp_path, "small", 2, 1024),
        swap_part(tmp_path, 2)])
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    linux = linux_with_large_sectors(boot, disk, overlay)
    expected = linux.run(f"d=/dev/sdb; {AGREED}").text
    linux.close()  # the image is one machine's at a time
    machine = boot(**disk.options(foreign=None, kernel_format="pae"))
    said = machine.run(f"d=/dev/sda; {AGREED}").text
    assert said == expected.replace("/dev/sdb", "/dev/sda")
    assert said.count("Invalid argument") == 2
    assert "lost+found\n" in said and "/dev/sda3 partition 2044" in said


def test_disks_of_others(boot):
    """Tables for sectors of 512 bytes are none here; nobody writes."""
    machine = boot(boot="direct", root="initramfs", memory=64,
                   append="disk_4kn swap=auto")
    log = machine.log()
    assert "table damaged, read-only: primary=-2 backup=-2" in log
    assert machine.run("grep -c 'sd[a-c][0-9]' /proc/partitions").text == "0\n"
