# tests/system/ext2disk.py - disks with an ext2, for guests to write to
# SPDX-License-Identifier: MIT
"""A second disk with an ext2 partition, made by mke2fs, that the guest mounts
and QEMU writes for good; when the machine has ended, e2fsck looks at it.
"""

import json
import os
import subprocess

import disks

FIRST_SECTOR = 2048
MIB = 1 << 20
EIO = 5
# What mkimage.py asks of mke2fs for the root.
FEATURES = "none,filetype,sparse_super,large_file"

ENVIRONMENT = {**os.environ, "LC_ALL": "C", "MKE2FS_CONFIG": os.devnull,
               "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def tool(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], env=ENVIRONMENT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)


def make_ext2(part, mib, block=4096, inode=256, features=FEATURES):
    with part.open("wb") as file:
        file.truncate(mib * MIB)
    done = tool("mke2fs", "-q", "-F", "-t", "ext2", "-O", features, "-b",
                block, "-I", inode, "-m", "0", part)
    assert done.returncode == 0, done.stdout


class TestDisk:
    """A disk with a table and an ext2 in its first partition; with
    `stamps`, one that has a file of stamps in its second. `kind` is of
    disks.py."""

    __test__ = False

    def __init__(self, path, mib=32, debugfs=(), stamps=False, kind="ahci",
                 **ext2):
        self.path, self.mib, self.kind = path, mib, kind
        self._part = path.with_suffix(".part")
        make_ext2(self._part, mib, **ext2)
        for command in debugfs:
            tool("debugfs", "-w", "-R", command, self._part)
        with path.open("wb") as file:
            file.truncate((mib + 4) * MIB)
        table = (f"label: gpt\nstart={FIRST_SECTOR}, size={mib * 2048}, "
                 "name=test\n")
        if stamps:
            table += "size=2048, name=stamps\n"
        done = tool("sfdisk", "-q", "--no-reread", "--no-tell-kernel", path,
                    input=table)
        assert done.returncode == 0, done.stdout
        self._put(self._part, 1)
        if stamps:
            self.stamp_sector = self._add_stamps(mib + 1)

    def _put(self, part, at_mib):
        tool("dd", f"if={part}", f"of={self.path}", "bs=1M",
             f"seek={at_mib}", "conv=notrunc,sparse")

    def _add_stamps(self, at_mib) -> int:
        """Where on the disk the file's first sector is."""
        part, content = (self.path.with_suffix(suffix)
                         for suffix in (".stamps", ".zeros"))
        content.write_bytes(b"-" * 1024)
        make_ext2(part, 1, block=1024)
        tool("debugfs", "-w", "-R", f"write {content} stamps", part)
        self._put(part, at_mib)
        block = tool("debugfs", "-R", "blocks stamps", part).stdout
        return at_mib * 2048 + int(block.splitlines()[-1].split()[0]) * 2

    def content(self) -> bytes:
        """Of the first partition, as it was made."""
        return self._part.read_bytes()

    def _with(self, node) -> dict:
        return disks.on(self.kind, boot="direct", memory=128, qemu=(
            "-blockdev", json.dumps({**node, "node-name": "test"}),
            "-device",
            f"ide-hd,drive=test,bus={disks.SECOND_BUS[self.kind]}"))

    @property
    def _raw(self) -> dict:
        return {"driver": "raw", "file": {"driver": "file",
                                          "filename": str(self.path)}}

    @property
    def options(self) -> dict:
        return self._with(self._raw)

    def inspect(self, command) -> str:
        return tool("debugfs", "-R", command, self._part).stdout

    def failing(self, place, once, operation="write") -> dict:
        """The options, with a byte that cannot be written or read (once)."""
        return self._with({
            "driver": "blkdebug", "image": self._raw, "inject-error": [
                {"event": "none", "iotype": operation, "errno": EIO,
                 "sector": FIRST_SECTOR + place // 512, "once": once}]})

    def dying(self, writes) -> dict:
        """The options, with a disk that fails for good after some writes."""
        states = range(1, writes + 1)
        return self._with({"driver": "raw", "file": {
            "driver": "blkdebug", "image": {"driver": "file",
                                            "filename": str(self.path)},
            "set-state": [{"event": "write_aio", "state": state,
                           "new_state": state + 1} for state in states],
            "inject-error": [{"event": event, "state": writes + 1,
                              "errno": EIO}
                             for event in ("read_aio", "write_aio")]}})

    def logged(self, log) -> dict:
        """The options, with every write and flush in a file (writelog.py)."""
        log.write_bytes(b"")
        return self._with({
            "driver": "blklogwrites", "file": self._raw,
            "log": {"driver": "file", "filename": str(log)}})

    def take_out(self):
        tool("dd", f"if={self.path}", f"of={self._part}", "bs=1M", "skip=1",
             f"count={self.mib}", "conv=sparse")
        return self._part

    def assert_clean(self):
        done = tool("e2fsck", "-fn", self.take_out())
        assert done.returncode == 0, done.stdout
