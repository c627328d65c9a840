# tests/system/test_writeback.py - dirty pages: when they are written, and what
# becomes of those that cannot be
# SPDX-License-Identifier: MIT

import json
import re
import subprocess
import time

import ktap
import pytest
from vmlib.image import program

pytestmark = pytest.mark.direct

MIB = 1 << 20
SECTOR = 512
FIRST_SECTOR = 2048
LINUX_TYPE = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
EIO = 5

WRITABLE = {"boot": "direct", "memory": 128, "append": "rw"}

SETTINGS = "/proc/sys/vm"
DEFAULTS = {"dirty_ratio": 20, "dirty_bytes": 0, "dirty_background_ratio": 10,
            "dirty_background_bytes": 0, "dirty_expire_centisecs": 3000,
            "dirty_writeback_centisecs": 500, "highmem_is_dirtyable": 0}


def numbers(machine, file="/proc/vmstat"):
    text = machine.run(f"cat {file}").text
    return {name: int(value) for name, value in
            re.findall(r"^(\w+):? +(\d+)", text, re.M)}


def setting(machine, name, value=None):
    """Its value after trying to set it, or None if that failed."""
    if value is not None:
        done = machine.run(f"echo {value} >{SETTINGS}/{name}")
        if done.status:
            return None
    return int(machine.run(f"cat {SETTINGS}/{name}").text)


@pytest.fixture
def settings(shared):
    """The machine; what was set is undone afterwards."""
    machine = shared(**WRITABLE)
    yield machine
    for name, value in DEFAULTS.items():
        if value or name == "highmem_is_dirtyable":
            setting(machine, name, value)
    machine.run("rm -f /root/big; sync")


def test_defaults(settings):
    assert {name: setting(settings, name) for name in DEFAULTS} == DEFAULTS


def test_ratio_and_bytes_are_one(settings):
    assert setting(settings, "dirty_bytes", 8192) == 8192
    assert setting(settings, "dirty_ratio") == 0
    assert setting(settings, "dirty_ratio", 30) == 30
    assert setting(settings, "dirty_bytes") == 0
    assert setting(settings, "dirty_background_bytes", 1) == 1
    assert setting(settings, "dirty_background_ratio") == 0


@pytest.mark.parametrize("name, value", [
    ("dirty_ratio", 101), ("dirty_background_ratio", 101),
    ("dirty_bytes", 8191), ("dirty_background_bytes", 0),
    ("highmem_is_dirtyable", 2), ("dirty_ratio", "x")])
def test_refused(settings, name, value):
    assert setting(settings, name, value) is None


def wait_until_clean(machine, seconds):
    deadline = time.monotonic() + seconds
    while numbers(machine)["nr_dirty"] > 0:
        assert time.monotonic() < deadline, "still dirty"
        time.sleep(0.1)


def test_old_pages_are_written(settings):
    settings.run("dd if=/dev/zero of=/root/big bs=64k count=16")
    assert numbers(settings)["nr_dirty"] >= 256
    setting(settings, "dirty_expire_centisecs", 50)
    setting(settings, "dirty_writeback_centisecs", 20)
    wait_until_clean(settings, 60)


def test_writers_are_held_back(settings):
    before = numbers(settings)
    setting(settings, "dirty_bytes", MIB)
    settings.run("dd if=/dev/zero of=/root/big bs=64k count=128", 60)
    after = numbers(settings)
    assert after["nr_dirty"] <= 256 + 16
    assert after["nr_dirtied"] - before["nr_dirtied"] >= 2048
    assert after["nr_written"] - before["nr_written"] >= 2048 - 256 - 16


def test_random_reads_read_nothing_more(settings):
    settings.run("dd if=/dev/zero of=/root/big bs=64k count=64; sync; "
                 "echo 3 >/proc/sys/vm/drop_caches; "
                 "dd if=/root/big of=/dev/null bs=4k count=1 skip=100")
    before = numbers(settings)["pgpgin"]
    settings.run("for i in 10 700 300 900; do "
                 "dd if=/root/big of=/dev/null bs=4k count=1 skip=$i; done")
    # Four pages, and one of the file's map.
    assert numbers(settings)["pgpgin"] - before <= 5 * 4


def test_sequential_reads_read_ahead(settings):
    settings.run("dd if=/dev/zero of=/root/big bs=64k count=64; sync; "
                 "echo 3 >/proc/sys/vm/drop_caches; "
                 "dd if=/root/big of=/dev/null bs=4k count=1 skip=500")
    before = numbers(settings)["pgpgin"]
    settings.run("dd if=/root/big of=/dev/null bs=4k count=8")
    assert 12 * 4 <= numbers(settings)["pgpgin"] - before <= 72 * 4


def test_readahead_of_one_page(boot):
    machine = boot(boot="direct", memory=128, append="rw readahead=1")
    machine.run("dd if=/dev/zero of=/root/big bs=64k count=64; sync; "
                "echo 3 >/proc/sys/vm/drop_caches; "
                "dd if=/root/big of=/dev/null bs=4k count=1 skip=100")
    before = numbers(machine)["pgpgin"]
    machine.run("dd if=/root/big of=/dev/null bs=4k count=1 skip=300")
    assert numbers(machine)["pgpgin"] - before == 2 * 4


def test_drop_caches(settings):
    settings.run("dd if=/dev/zero of=/root/big bs=64k count=64; sync; "
                 "cat /root/big >/dev/null")
    before = numbers(settings, "/proc/meminfo")
    settings.run("echo 1 >/proc/sys/vm/drop_caches")
    after = numbers(settings, "/proc/meminfo")
    assert before["Cached"] - after["Cached"] >= 4000


# ---- a disk that fails ------------------------------------------------------

def make_disk(folder):
    """An ext2 with one file on a disk, and the sector of its first block."""
    content = folder / "content"
    content.mkdir()
    (content / "victim").write_bytes(b"v" * 65536)
    part, disk = folder / "part", folder / "disk"
    part.write_bytes(b"")
    subprocess.run([program("mke2fs"), "-q", "-F", "-t", "ext2", "-b", "4096",
                    "-O", "none,filetype,sparse_super", "-d", content, part,
                    "8M"], check=True)
    blocks = subprocess.run([program("debugfs"), "-R", "blocks /victim", part],
                            check=True, capture_output=True, text=True).stdout
    data = part.read_bytes()
    with disk.open("wb") as file:
        file.truncate(FIRST_SECTOR * SECTOR + len(data) + MIB)
    subprocess.run([program("sfdisk"), "--quiet", "--no-reread",
                    "--no-tell-kernel", disk], check=True, text=True,
                   input=f"label: gpt\nstart={FIRST_SECTOR}, "
                   f"size={len(data) // SECTOR}, type={LINUX_TYPE}, "
                   "name=bad\n")
    with disk.open("r+b") as file:
        file.seek(FIRST_SECTOR * SECTOR)
        file.write(data)
    return disk, FIRST_SECTOR + int(blocks.split()[0]) * 8


def test_error_is_told_once(boot, tmp_path):
    disk, sector = make_disk(tmp_path)
    node = {"driver": "blkdebug", "node-name": "bad",
            "image": {"driver": "raw",
                      "file": {"driver": "file", "filename": str(disk)}},
            "inject-error": [{"event": "none", "iotype": "write",
                              "errno": EIO, "sector": sector}]}
    machine = boot(**WRITABLE, qemu=(
        "-blockdev", json.dumps(node), "-device", "ide-hd,drive=bad,bus=ide.1"))
    assert machine.run("mount -t ext2 /dev/sdb1 /mnt").status == 0
    result = machine.run("filemap error /mnt/victim", 60)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    assert machine.run("umount /mnt && cat /proc/faultline/census | tail -1"
                       ).text == "census: ok\n"
