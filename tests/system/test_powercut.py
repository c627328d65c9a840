# tests/system/test_powercut.py - a disk that loses its cache, at any moment
# SPDX-License-Identifier: MIT
"""A guest works on a file system while QEMU logs what the disk is given
(writelog.py). From the log come disks as cuts of the power would leave them,
when the disk had kept what it had to and any part of the rest. Each must be one
that e2fsck repairs, with all on it that was promised (promises.py).

What had been promised at a moment is in the log itself: the guest writes a
stamp, to another partition, when a call that promises has returned.
"""

import random
import shutil
import struct

import pytest
import writelog
from ext2disk import FIRST_SECTOR, TestDisk, tool
from promises import DURABLE, Model, Writer

pytestmark = pytest.mark.direct

TIMEOUT_S = 180
STAMP_MAGIC = 0x706d7473
REPAIRED = (0, 1, 2)  # of e2fsck

MOUNT = """
mkdir -p /tmp/m /tmp/s
mount -t ext2 /dev/sdb1 /tmp/m && mount -t ext2 /dev/sdb2 /tmp/s
cd /proc/sys/vm; echo 5 >dirty_expire_centisecs
echo 5 >dirty_writeback_centisecs
"""


# ---- the reader of logs, by itself -------------------------------------------

def tiny_log(*entries) -> bytes:
    log = writelog.SUPER.pack(writelog.MAGIC, 1, len(entries), 512).ljust(512)
    for sector, data, flags in entries:
        log += writelog.ENTRY.pack(sector, len(data) // 512, flags, 0
                                   ).ljust(512) + data
    return log


TINY = ((7, b"a" * 1024, 0), (0, b"", writelog.FLUSH), (8, b"b" * 512, 0),
        (6, b"c" * 1024, 0), (0, b"", writelog.FLUSH))


def test_log_is_read(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(tiny_log(*TINY))
    entries = writelog.read(path)
    assert [(e.sector, e.data, e.flush) for e in entries] == \
        [(sector, data, flags == 1) for sector, data, flags in TINY]
    assert entries[0].covers(8) and not entries[0].covers(9)
    path.write_bytes(tiny_log(*TINY)[:-1100])
    with pytest.raises(writelog.BadLog):
        writelog.read(path)


def cuts_of_tiny(tmp_path, count):
    """All that a cut may leave of sectors 6 to 8."""
    path = tmp_path / "log"
    path.write_bytes(tiny_log(*TINY))
    entries = writelog.read(path)
    return {bytes(writelog.Replay(entries, b"." * 1536, 6).cut(
        count, random.Random(seed))[::512]) for seed in range(200)}


def test_what_was_flushed_stays(tmp_path):
    assert cuts_of_tiny(tmp_path, 1) == {b"...", b".a.", b"..a", b".aa"}
    assert cuts_of_tiny(tmp_path, 3) == {b".aa", b".ab"}
    assert cuts_of_tiny(tmp_path, 4) == {
        first + second + last for first in (b".", b"c")
        for second in (b"a", b"c") for last in (b"a", b"b")}


def test_a_flush_leaves_nothing_to_lose(tmp_path):
    assert cuts_of_tiny(tmp_path, 2) == {b".aa"}


# ---- the guest's work --------------------------------------------------------

def stamps_in(entries, sector) -> list[tuple[int, int]]:
    """Where in the log which line of the script is said to be done."""
    found = []
    for i, entry in enumerate(entries):
        if entry.covers(sector):
            magic, line = struct.unpack_from("<II", entry.at(sector))
            if magic == STAMP_MAGIC and (not found or found[-1][1] != line):
                found.append((i, line))
    return found


def work(boot, tmp_path, script, **disk):
    """Have a guest do it. The log, and the content it began with."""
    target = TestDisk(tmp_path / "disk", stamps=True, **disk)
    before, log = target.content(), tmp_path / "log"
    machine = boot(**target.logged(log))
    lines = "\n".join(" ".join(map(str, operation)) for operation in script)
    result = machine.run(f"{MOUNT}\nfsops replay /tmp/m /tmp/s/stamps <<END\n"
                         f"{lines}\nEND\n", TIMEOUT_S)
    assert (result.status, result.text) == (0, ""), result.text
    machine.power_off()
    machine.close()
    target.assert_clean()
    return writelog.read(log), before, target.stamp_sector


def tree_of(part, folder) -> dict:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    done = tool("debugfs", "-R", f"rdump / {folder}", part)
    assert done.returncode == 0, done.stdout
    return {str(path.relative_to(folder)):
            None if path.is_dir() else path.read_bytes()
            for path in folder.rglob("*")}


class Cuts:
    """The cuts of one log, and how to judge them."""

    def __init__(self, script, entries, sector):
        self.script, self.entries = script, entries
        self.stamps = stamps_in(entries, sector)
        durable = [i for i, operation in enumerate(script)
                   if operation[0] in DURABLE]
        assert [line for _, line in self.stamps] == durable

    def places(self, count, rng) -> list[int]:
        """Half of them when a stamp has just been written."""
        first = self.stamps[0][0] + 1
        places = [rng.choice(self.stamps)[0] + 1
                  for _ in range(count // 2)]
        places += [rng.randrange(first, len(self.entries))
                   for _ in range(count - len(places))]
        return sorted(places)

    def _flushed(self, start) -> int:
        return next((i for i in range(start, len(self.entries))
                     if self.entries[i].flush), len(self.entries))

    def model_at(self, place) -> tuple[Model, bool]:
        """The promises; whether all that there can be was sync'ed."""
        passed = [stamp for stamp in self.stamps if stamp[0] < place]
        at, line = passed[-1]
        model = Model()
        for operation in self.script[:line + 1]:
            model.apply(operation)
        # Until its stamp is flushed the guest does nothing more.
        if place <= self._flushed(at):
            return model, self.script[line][0] == "sync"
        end = next((other for _, other in self.stamps if other > line),
                   len(self.script))
        for operation in self.script[line + 1:end + 1]:
            if operation[0] in ("osync", "store"):
                operation = ("write", *operation[1:])
            if operation[0] not in DURABLE:
                model.apply(operation)
        return model, False

    def judge(self, place, part, folder) -> list[str]:
        done = tool("e2fsck", "-fy", part)
        if done.returncode not in REPAIRED:
            return [f"e2fsck: {done.returncode}", done.stdout]
        again = tool("e2fsck", "-fn", part)
        if again.returncode:
            return ["not repaired", done.stdout, again.stdout]
        tree, (model, is_exact) = tree_of(part, folder), self.model_at(place)
        wrong = model.broken(tree)
        if is_exact:
            tree.pop("lost+found", None)
            wrong += [f"not as sync left it: {path}"
                      for path in {**tree, **model.tree()}
                      if (path in tree, tree.get(path)) !=
                      (path in model.tree(), model.tree().get(path))]
        return wrong and [*wrong, done.stdout]


@pytest.mark.parametrize("kind,block,seed,count", [
    ("ahci", 1024, 11, 24), ("ide", 4096, 12, 24),
    pytest.param("ahci", 4096, 12, 24, marks=pytest.mark.matrix),
    *(pytest.param(kind, block, seed, 150, marks=pytest.mark.matrix)
      for kind in ("ahci", "ide")
      for block in (1024, 2048, 4096) for seed in (1, 2, 3)),
    pytest.param("pio", 1024, 1, 50, marks=pytest.mark.matrix)])
def test_what_was_promised_is_there(boot, tmp_path, kind, block, seed, count):
    script = Writer(seed).script(300)
    entries, before, sector = work(boot, tmp_path, script, mib=16,
                                   block=block, kind=kind)
    cuts = Cuts(script, entries, sector)
    rng = random.Random(seed)
    replay = writelog.Replay(entries, before, FIRST_SECTOR)
    part = tmp_path / "cut"
    wrong = []
    for place in cuts.places(count, rng):
        part.write_bytes(replay.cut(place, rng))
        found = cuts.judge(place, part, tmp_path / "tree")
        if found:
            wrong += [f"cut at {place} of {len(entries)}:", *found]
    assert not wrong, "\n".join(wrong)
