# tests/system/test_ext2_read_errors.py - blocks of an ext2 that cannot be read
# SPDX-License-Identifier: MIT
"""Whatever the block is for: who asks for it gets EIO, or SIGBUS if it is
memory to him; the log names the disk and the sector; all else can be read, the
file system is as it was, and so is the kernel.
"""

import re
import struct

import disks
import pytest
from conftest import BUILD
from ext2disk import FIRST_SECTOR, TestDisk, tool
from test_ext2 import mount, off, place_of_inode

pytestmark = pytest.mark.direct

BLOCK = 4096
DIRECT_BLOCKS = 12
BUSYBOX = BUILD / "root/bin/busybox"
ERROR = "I/O error|Input/output error"  # as busybox and libc have it
STATUS_SIGBUS = 135  # as a shell gives it
SMALL_TEXT = "another file\n"
# More than one block of inodes.
FILES = 20


@pytest.fixture(params=disks.kinds("ahci")[:2])
def target(tmp_path, request):
    big, small = tmp_path / "big", tmp_path / "small"
    big.write_bytes(bytes(range(256)) * (64 * BLOCK // 256))
    small.write_text(SMALL_TEXT)
    return TestDisk(tmp_path / "disk", kind=request.param, debugfs=[
        f"write {BUSYBOX} busybox", "sif busybox mode 0100755",
        "mkdir d", f"write {big} big",
        *(f"write {small} f{i}" for i in range(FILES))])


def blocks(target, name) -> list[int]:
    """Of the disk, in the order of the file; indirect ones among them."""
    return [int(block) for block in
            target.inspect(f"blocks {name}").splitlines()[-1].split()]


def boot_failing(boot, target, place):
    machine = boot(**target.failing(place, False, "read"))
    mount(machine)
    return machine


def end(machine, target, place):
    """What holds in every case, when the block has been asked for."""
    assert re.search(disks.ERROR, machine.log()), machine.log_tail()
    assert str(FIRST_SECTOR + place // 512) in machine.log()
    assert machine.run("cat /tmp/m/f0").text == SMALL_TEXT
    assert machine.run("echo more >>/tmp/m/f0 && sync && tail -n 1 /tmp/m/f0"
                       ).text == "more\n"
    off(machine)
    target.assert_clean()


def test_of_a_directory(boot, target):
    place = blocks(target, "d")[0] * BLOCK
    machine = boot_failing(boot, target, place)
    # (busybox says nothing when getdents(2) fails.)
    for command in ("rmdir /tmp/m/d", "touch /tmp/m/d/x", "cat /tmp/m/d/x"):
        result = machine.run(command)
        assert result.status != 0, command
        assert re.search(ERROR, result.text), command
    end(machine, target, place)


def test_of_inodes(boot, target):
    place = place_of_inode(target, f"f{FILES - 1}") // BLOCK * BLOCK
    assert place != place_of_inode(target, "f0") // BLOCK * BLOCK
    machine = boot_failing(boot, target, place)
    result = machine.run(f"cat /tmp/m/f{FILES - 1}")
    assert re.search(ERROR, result.text)
    end(machine, target, place)


def test_of_block_numbers(boot, target):
    place = blocks(target, "big")[DIRECT_BLOCKS] * BLOCK
    machine = boot_failing(boot, target, place)
    result = machine.run("cat /tmp/m/big 2>/dev/null | wc -c; "
                         "cat /tmp/m/big 2>&1 >/dev/null")
    assert result.text.startswith(f"{DIRECT_BLOCKS * BLOCK}\n")
    assert re.search(ERROR, result.text)
    end(machine, target, place)


def test_of_content(boot, target):
    place = blocks(target, "big")[5] * BLOCK
    machine = boot_failing(boot, target, place)
    result = machine.run("cat /tmp/m/big 2>/dev/null | wc -c; "
                         "tail -c 4096 /tmp/m/big | wc -c")
    assert result.text == f"{5 * BLOCK}\n4096\n"
    end(machine, target, place)


def test_of_a_program(boot, target):
    """Its first instruction is not to be had; then its header is not."""
    header = BUSYBOX.read_bytes()[:52]
    entry, phoff = struct.unpack_from("<II", header, 24)
    count, = struct.unpack_from("<H", header, 44)
    content = BUSYBOX.read_bytes()
    segments = [struct.unpack_from("<IIIIII", content, phoff + 32 * i)
                for i in range(count)]
    offset, = (seg[1] + entry - seg[2] for seg in segments
               if seg[0] == 1 and seg[2] <= entry < seg[2] + seg[4])
    index = offset // BLOCK
    place = blocks(target, "busybox")[index + (index >= DIRECT_BLOCKS)] * BLOCK
    machine = boot_failing(boot, target, place)
    assert machine.run("/tmp/m/busybox true").status == STATUS_SIGBUS
    end(machine, target, place)


def test_of_a_programs_header(boot, target):
    place = blocks(target, "busybox")[0] * BLOCK
    machine = boot_failing(boot, target, place)
    result = machine.run("/tmp/m/busybox true")
    assert result.status in (126, 2), result.text
    assert re.search(ERROR, result.text)
    end(machine, target, place)


def test_of_the_bitmap_of_blocks(boot, target):
    text = tool("dumpe2fs", target.take_out()).stdout
    place = int(re.search(r"Block bitmap at (\d+)", text)[1]) * BLOCK
    machine = boot(**target.failing(place, False, "read"))
    result = machine.run("mkdir -p /tmp/m; mount -t ext2 /dev/sdb1 /tmp/m && "
                         "cat /tmp/m/f0 && echo y >/tmp/m/z")
    assert result.status != 0
    assert re.search(ERROR, result.text), result.text
    assert machine.run("echo alive").text == "alive\n"
    assert re.search(disks.ERROR, machine.log())
    machine.run("umount /tmp/m")
    off(machine)
    target.assert_clean()
