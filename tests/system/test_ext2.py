# tests/system/test_ext2.py - ext2 is left whole, by us and by a cut
# SPDX-License-Identifier: MIT
import os
import re

import disks
import ktap
import pytest
from ext2disk import TestDisk, tool
from vmlib import TimedOut

pytestmark = pytest.mark.direct

TIMEOUT_S = 120
ROOT_LABEL = "faultline-root"

# tar, cp, find, rm, sort, mv: what people do to file systems.
WORKLOAD = """
set -e
cp -a /bin bin; cp -a bin bin2
tar cf bin.tar bin; mkdir x; tar xf bin.tar -C x
cmp bin/busybox x/bin/busybox
find . | sort >list; test $(wc -l <list) -gt 500
rm -rf bin2
seq 1 20000 | sort -r >s; test $(sort -n s | tail -n 1) = 20000
for i in 1 2 3 4 5; do dd if=/dev/zero of=big bs=64k count=100; done
dd if=/dev/zero of=sparse bs=1k seek=20000 count=1
i=0; while [ $i -lt 300 ]; do echo $i >f$i; i=$((i+1)); done
i=0; while [ $i -lt 300 ]; do mv f$i g$i; i=$((i+2)); done
i=1; while [ $i -lt 300 ]; do rm f$i; i=$((i+2)); done
truncate -s 1000 big
"""


@pytest.fixture
def disk(tmp_path):
    return lambda **options: TestDisk(tmp_path / "disk", **options)


def mount(machine, flags=""):
    result = machine.run(f"mkdir -p /tmp/m; mount -t ext2 {flags} /dev/sdb1 "
                         "/tmp/m")
    assert result.status == 0, result.text


def off(machine):
    assert machine.run("tail -n 1 /proc/faultline/census").text \
        == "census: ok\n"
    machine.power_off()
    machine.close()


@pytest.mark.parametrize("block,inode", [(1024, 128), (2048, 256),
                                         (4096, 256)])
def test_operations(boot, disk, block, inode):
    target = disk(block=block, inode=inode)
    machine = boot(**target.options)
    mount(machine)
    result = machine.run("fsops /tmp/m", TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    off(machine)
    target.assert_clean()


def test_operations_on_tmpfs(shared):
    result = shared(boot="direct").run("fsops /tmp", TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text


@pytest.mark.slow
@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_operations_when_allocations_fail(boot, disk, kernel_format):
    """What fails may fail; nothing panics, leaks or is left damaged."""
    target = disk(block=1024)
    machine = boot(**target.options, kernel_format=kernel_format)
    mount(machine)
    rule = "/proc/faultline/inject"
    for seed in range(1, 6):
        # The shell itself must not fail.
        machine.run(f"sh -c 'echo all permille=5 seed={seed} pid=$$ >{rule}; "
                    f"exec fsops /tmp/m' >/dev/null 2>&1; "
                    f"echo off >{rule}; "
                    "rm -rf /tmp/m/fsops.*", TIMEOUT_S)
    result = machine.run("fsops /tmp/m", TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    off(machine)
    target.assert_clean()


@pytest.mark.parametrize("block,mib", [(1024, 4), (4096, 6)])
def test_full(boot, disk, block, mib):
    target = disk(block=block, mib=mib)
    machine = boot(**target.options)
    mount(machine)
    result = machine.run("fsops fill /tmp/m", TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    off(machine)
    target.assert_clean()


@pytest.mark.parametrize("block", [1024, 4096])
def test_workload(boot, disk, block):
    target = disk(block=block, mib=64)
    machine = boot(**target.options)
    mount(machine)
    result = machine.run("cd /tmp/m;" + WORKLOAD, TIMEOUT_S)
    assert result.status == 0, result.text
    busybox = machine.run("cat /bin/busybox").output
    off(machine)
    target.assert_clean()
    part = target.take_out()
    copy = part.with_suffix(".copy")
    tool("debugfs", "-R", f"dump /x/bin/busybox {copy}", part)
    assert copy.read_bytes() == busybox


def test_mounting_again(boot, disk):
    target = disk(block=1024)
    machine = boot(**target.options)
    mount(machine)
    result = machine.run(
        "cd /tmp/m; seq 1 50000 >a; md5sum a; cd /; umount /tmp/m && "
        "mount -t ext2 -o ro /dev/sdb1 /tmp/m && md5sum /tmp/m/a; "
        "touch /tmp/m/b; mount -o remount,rw /tmp/m && touch /tmp/m/b && "
        "exec 5>/tmp/m/c; mount -o remount,ro /tmp/m; exec 5>&-; "
        "mount -o remount,ro /tmp/m && touch /tmp/m/d; umount /tmp/m")
    lines = result.text.splitlines()
    assert lines[0].split()[0] == lines[1].split()[0]
    assert lines[2:] == [
        "touch: /tmp/m/b: Read-only file system",
        "mount: mounting /dev/sdb1 on /tmp/m failed: Device or resource busy",
        "touch: /tmp/m/d: Read-only file system"]
    # Clean after umount, whatever comes then.
    machine.close()
    target.assert_clean()
    state = tool("dumpe2fs", "-h", target.take_out()).stdout
    assert "Filesystem state:         clean\n" in state
    assert "Mount count:              2\n" in state


def test_not_clean_is_said_and_stays(boot, disk):
    target = disk(debugfs=["set_super_value state 0"])
    machine = boot(**target.options)
    mount(machine)
    assert "not unmounted cleanly" in machine.log()
    off(machine)
    state = tool("dumpe2fs", "-h", target.take_out()).stdout
    assert "Filesystem state:         not clean\n" in state


def test_too_many_links(boot, disk):
    target = disk(debugfs=[f"write {__file__} f", "mkdir d",
                           "set_inode_field f links_count 32000",
                           "set_inode_field d links_count 32000"])
    machine = boot(**target.options)
    mount(machine)
    result = machine.run("cd /tmp/m; ln f g; mkdir d/e; touch d/ok")
    assert result.text.count("Too many links") == 2, result.text


def test_damage_makes_it_read_only(boot, disk):
    # A file whose first block is the group descriptors'.
    target = disk(debugfs=[f"write {__file__} f",
                           "set_inode_field f block[0] 1"])
    machine = boot(**target.options)
    mount(machine)
    machine.run("rm /tmp/m/f")
    result = machine.run("touch /tmp/m/g")
    assert "Read-only file system" in result.text
    assert "read-only from now on" in machine.log()
    off(machine)
    state = tool("dumpe2fs", "-h", target.take_out()).stdout
    assert "with errors" in state
    # What was damaged was not made worse.
    assert tool("e2fsck", "-fy", target.take_out()).returncode <= 2


def fsync(machine, name, blocks=0) -> bool:
    """Write so many blocks of zeros over a file, and fsync it."""
    return machine.run(f"dd if=/dev/zero of={name} bs=4096 count={blocks} "
                       "conv=notrunc,fsync 2>/dev/null").status == 0


@pytest.mark.parametrize("once", [True, False])
def test_error_of_data(boot, disk, once):
    target = disk(debugfs=[f"write {__file__} f"])
    block = int(target.inspect("blocks f").splitlines()[-1].split()[0])
    machine = boot(**target.failing(block * 4096, once))
    mount(machine)
    # What fails once is tried again by the driver: nobody else hears of it.
    assert fsync(machine, "/tmp/m/f", 1) == once
    assert re.search(disks.ERROR, machine.log())
    # Told once, and not tried again until it is written anew.
    assert fsync(machine, "/tmp/m/f")
    assert fsync(machine, "/tmp/m/f", 1) == once
    assert fsync(machine, "/tmp/m/g", 3)
    assert machine.run("touch /tmp/m/h").status == 0  # not read-only for that
    off(machine)
    assert tool("e2fsck", "-fy", target.take_out()).returncode <= 2


def place_of_inode(target, name) -> int:
    found = re.search(r"located at block (\d+), offset (\w+)",
                      target.inspect(f"imap {name}"))
    return int(found[1]) * 4096 + int(found[2], 16)


def test_error_of_metadata(boot, disk):
    """An inode cannot be written: whoever asks is told, and from then on it
    is read-only, since what is on the disk is not whole."""
    target = disk(debugfs=[f"write {__file__} f"])
    machine = boot(**target.failing(place_of_inode(target, "f"), False))
    mount(machine)
    machine.run("chmod 600 /tmp/m/f")
    assert not fsync(machine, "/tmp/m/f")
    assert re.search(disks.ERROR, machine.log())
    result = machine.run("sync; touch /tmp/m/g; cat /tmp/m/f | wc -c")
    assert "Read-only file system" in result.text
    assert result.text.endswith(f"{os.path.getsize(__file__)}\n")
    machine.run("umount /tmp/m")
    off(machine)
    state = tool("dumpe2fs", "-h", target.take_out()).stdout
    assert "Filesystem state:         not clean with errors" in state
    assert tool("e2fsck", "-fy", target.take_out()).returncode <= 2


def test_error_of_metadata_met_by_umount(boot, disk):
    target = disk(debugfs=[f"write {__file__} f"])
    machine = boot(**target.failing(place_of_inode(target, "f"), False))
    mount(machine)
    machine.run("chmod 600 /tmp/m/f; umount /tmp/m")
    off(machine)
    state = tool("dumpe2fs", "-h", target.take_out()).stdout
    assert "Filesystem state:         not clean with errors" in state


# After the files that are promised are there, the guest goes on: it makes
# blocks free and takes them again, renames, and makes directories.
BUSY = """
i=0; while :; do
  cp /bin/busybox t$i; rm -f t$((i-3)); mkdir -p e$((i%5))/x; mv t$i e$((i%5))/;
  mv e$((i%5))/t$i t$i; truncate -s 300000 t$i; ln t$i l; rm l; i=$((i+1));
done
"""


def files_of(part, folder):
    done = tool("debugfs", "-R", f"rdump / {folder}", part)
    assert done.returncode == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()
            if path.is_file()}


def content_of(number: int) -> bytes:
    """As make_content in userland/tests/fsops.c."""
    state = number + 1
    content = bytearray()
    for _ in range(50000):
        state = (state * 1664525 + 1013904223) & 0xffffffff
        content.append(state >> 8 & 0xff)
    return bytes(content)


@pytest.mark.parametrize("block,seconds", [
    (1024, 1.0), (4096, 2.0),
    *(pytest.param(block, seconds, marks=pytest.mark.matrix)
      for block in (1024, 4096) for seconds in (0.3, 0.7, 1.7, 3.1, 6.3))])
def test_cut_off(boot, disk, tmp_path, block, seconds):
    target = disk(block=block, mib=24)
    machine = boot(**target.options)
    mount(machine)
    result = machine.run("cd /tmp/m; cp /bin/busybox old; fsops check . 12 && "
                         "cat /bin/busybox >whole; sync; rm old")
    assert result.text.count("kept") == 12, result.text
    busybox = machine.run("cat /bin/busybox").output
    # Renamed after the sync: there under one of its names.
    machine.run("cd /tmp/m; mkdir moved; mv kept0 moved/; mv kept1 kept2 . "
                "2>/dev/null; echo replaced >kept11.new; mv whole whole2")
    # Written as it comes: otherwise a cut would find what the sync left.
    machine.run("cd /proc/sys/vm; echo 5 >dirty_expire_centisecs; "
                "echo 5 >dirty_writeback_centisecs")
    with pytest.raises(TimedOut):  # at which QEMU is killed
        machine.run(f"cd /tmp/m; {BUSY}", timeout=seconds)
    part = target.take_out()
    done = tool("e2fsck", "-fy", part)
    assert done.returncode <= 2, done.stdout
    print(done.stdout)
    assert tool("e2fsck", "-fn", part).returncode == 0
    folder = tmp_path / "files"
    folder.mkdir()
    found = files_of(part, folder)
    for number in range(1, 12):
        assert found[f"kept{number}"] == content_of(number), number
    moved = folder / "moved/kept0"
    kept0 = moved.read_bytes() if moved.exists() else found["kept0"]
    assert kept0 == content_of(0)
    assert found.get("whole2", found.get("whole")) == busybox


def test_root_for_writing(boot, tmp_path):
    kept = tmp_path / "kept.img"
    machine = boot(boot="direct", memory=128, keep_disk=kept)
    result = machine.run("echo there >/root/file; sync; cat /root/file; "
                         "rm /bin/vi; mkdir /root/d; grep ' / ' /proc/mounts")
    assert result.text.startswith("there\n/dev/sda2 / ext2 rw")
    off(machine)
    table = tool("sfdisk", "-d", kept).stdout
    row = next(line for line in table.splitlines() if ROOT_LABEL in line)
    start, size = (int(word.split("=")[1].strip(" ,")) for word in
                   (part for part in row.split(": ")[1].split(",")
                    if "start=" in part or "size=" in part))
    part = tmp_path / "root.part"
    tool("dd", f"if={kept}", f"of={part}", "bs=512", f"skip={start}",
         f"count={size}", "conv=sparse")
    done = tool("e2fsck", "-fn", part)
    assert done.returncode == 0, done.stdout
    assert tool("debugfs", "-R", "cat /root/file",
                part).stdout.endswith("there\n")


def test_root_read_only_without_the_word(boot):
    machine = boot(boot="direct", memory=128, append="ro")
    assert "Read-only" in machine.run("touch /root/file").text
