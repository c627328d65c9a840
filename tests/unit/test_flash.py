# tests/unit/test_flash.py - tools/flash, on disks that are files
# SPDX-License-Identifier: MIT
"""A machine is a folder with sys/, dev/ and proc/ in it; its disks are files
in dev/. No rights are needed, and nothing of this machine is touched."""

import contextlib
import dataclasses
import fcntl
import io
import os
import re
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from unittest import mock

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))
sys.pycache_prefix = str(TOP / "build/pycache")

from flashlib import cli, disks, writer  # noqa: E402

MIB = 1 << 20
STICK_MIB = 8
IMAGE_MIB = 3


@dataclasses.dataclass
class Done:
    returncode: int
    stdout: str


class FakeMachine:
    """A machine with a system disk, sda, and a stick, sdb."""

    def __init__(self, folder):
        self.top = folder
        self.tree = disks.Tree(folder / "sys", folder / "dev", folder / "proc")
        (folder / "dev").mkdir()
        (folder / "proc/self").mkdir(parents=True)
        (folder / "bin").mkdir()
        self._minor = 0
        self._mounts = ["22 1 0:20 / /proc rw shared:5 - proc proc rw"]
        self._swaps = []
        self.disk("sda", "devices/pci0/ata1/host0", removable=0, parts=2,
                  model="SYSTEM")
        self.disk("sdb", "devices/pci0/usb2/2-1/host9", removable=1, parts=1,
                  model="STICK")
        self.mount("sda2", "/")
        # What a desktop's automounter would have to be asked.
        self.program("umount", f"""
            import pathlib, sys
            table = pathlib.Path({str(folder / 'proc/self/mountinfo')!r})
            lines = [line for line in table.read_text().splitlines()
                     if line.split(" ")[4].replace("\\\\040", " ")
                     != sys.argv[1]]
            table.write_text("".join(line + "\\n" for line in lines))
            """)
        self.image = folder / "image"
        self.image.write_bytes(os.urandom(IMAGE_MIB * MIB - 512))

    def program(self, name, text):
        path = self.top / "bin" / name
        path.write_text(f"#!{sys.executable}\n" + textwrap.dedent(text))
        path.chmod(0o755)

    def _block(self, folder, name, mib, **files):
        where = self.top / "sys" / folder / name
        (where / "holders").mkdir(parents=True)
        self._minor += 1
        for file, value in {"dev": f"8:{self._minor}", "ro": 0,
                            "size": mib * 2048, **files}.items():
            (where / file).write_text(f"{value}\n")
        link = self.tree.block(name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(where)
        return where

    def disk(self, name, folder, *, removable, parts=0, model="X",
             mib=STICK_MIB):
        where = self._block(f"{folder}/block", name, mib,
                            removable=removable)
        (where / "device").mkdir()
        (where / "device/model").write_text(f"{model}   \n")
        for part in range(1, parts + 1):
            self._block(f"{folder}/block/{name}", f"{name}{part}", 1,
                        partition=part)
        (self.tree.dev / name).write_bytes(b"\xa5" * (mib * MIB))

    def hold(self, below, above):
        """The device `above` is made of `below`."""
        self._block("devices/virtual/block", above, 1)
        (self.tree.block(below) / "holders" / above).touch()

    def mount(self, name, place, number=None, source=None):
        number = number or (self.tree.block(name) / "dev").read_text().strip()
        self._mounts.append(f"30 22 {number} / {place} rw - ext4 "
                            f"{source or '/dev/' + name} rw")
        (self.tree.proc / "self/mountinfo").write_text(
            "".join(line + "\n" for line in self._mounts))

    def swap(self, name):
        self._swaps.append(f"/dev/{name} partition 1 0 -2")
        (self.tree.proc / "swaps").write_text(
            "\n".join(["Filename Type Size Used Priority", *self._swaps]))

    def arguments(self, *words):
        return ["--image", str(self.image), "--sys", str(self.tree.sys),
                "--dev", str(self.tree.dev), "--proc", str(self.tree.proc),
                *words]

    def flash(self, device="sdb", answer="yes\n", *options):
        """tools/flash, in this process: to start one takes longer."""
        output = io.StringIO()
        if isinstance(answer, str):
            answer = io.StringIO(answer)
        with mock.patch.object(sys, "stdin", answer), \
                mock.patch.dict(os.environ, PATH=f"{self.top}/bin:"
                                f"{os.environ['PATH']}"), \
                contextlib.redirect_stdout(output), \
                contextlib.redirect_stderr(output):
            status = cli.main(self.arguments(
                *options, str(self.tree.dev / device)))
        return Done(status, output.getvalue())

    def content(self, device="sdb"):
        return (self.tree.dev / device).read_bytes()

    def is_untouched(self, device="sdb"):
        return not self.content(device).strip(b"\xa5")

    def holds_image(self, device="sdb"):
        return self.content(device).startswith(self.image.read_bytes())


@pytest.fixture
def machine(tmp_path):
    return FakeMachine(tmp_path)


def assert_refused(done, machine, why, device="sdb"):
    assert done.returncode == 1, done.stdout
    assert re.search(f"flash: refused: .*{why}", done.stdout), done.stdout
    assert machine.is_untouched(device)


def test_writes_and_reads_back(machine):
    done = machine.flash()
    assert done.returncode == 0, done.stdout
    assert machine.holds_image()
    # The rest is as it was: the image is no table that sgdisk would mend.
    assert not machine.content()[IMAGE_MIB * MIB - 512:].strip(b"\xa5")
    for words in ("STICK", "8 MiB", "USB", "removable", "not mounted",
                  "read back, the same"):
        assert words in done.stdout


def test_through_a_link(machine):
    (machine.tree.dev / "by-id").mkdir()
    (machine.tree.dev / "by-id/usb-STICK").symlink_to("../sdb")
    assert machine.flash("by-id/usb-STICK").returncode == 0
    assert machine.holds_image()


@pytest.mark.parametrize("answer", ["", "\n", "y\n", "no\n", "sdb\n"])
def test_not_confirmed(machine, answer):
    assert_refused(machine.flash("sdb", answer), machine, "not confirmed")


# ---- what nothing outweighs ------------------------------------------------

FORCED = ("sdb\n", "--force")


def test_the_system_disk(machine):
    done = machine.flash("sda", "sda\n", "--force")
    assert_refused(done, machine, "runs from it: /", "sda")


@pytest.mark.parametrize("place", ["/boot", "/boot/efi", "/home"])
def test_a_part_of_the_system(machine, place):
    machine.mount("sdb1", place)
    assert_refused(machine.flash("sdb", *FORCED), machine,
                   f"runs from it: {place}")


def test_root_by_its_source_alone(machine):
    """btrfs has a number that is no disk's."""
    machine.mount("sdb1", "/home", number="0:33")
    assert_refused(machine.flash("sdb", *FORCED), machine, "runs from it")


def test_root_behind_encryption_and_lvm(machine):
    machine.hold("sdb1", "dm-0")
    machine.hold("dm-0", "dm-1")
    machine.mount("dm-1", "/", source="/dev/mapper/vg-root")
    done = machine.flash("sdb", *FORCED)
    assert_refused(done, machine, "runs from it: /; dm-0, dm-1 is made of it")


def test_a_member_of_a_raid(machine):
    machine.hold("sdb", "md0")
    assert_refused(machine.flash("sdb", *FORCED), machine, "md0 is made of it")


def test_swapped_to(machine):
    machine.swap("sdb1")
    assert_refused(machine.flash("sdb", *FORCED), machine, "swaps to it: sdb1")


def test_write_protected(machine):
    (machine.tree.block("sdb") / "ro").write_text("1\n")
    assert_refused(machine.flash("sdb", *FORCED), machine, "write-protected")


def test_too_small(machine):
    (machine.tree.block("sdb") / "size").write_text(
        f"{IMAGE_MIB * 2048 - 2}\n")
    assert_refused(machine.flash("sdb", *FORCED), machine, "bytes, and the")
    # The last sector may be used.
    (machine.tree.block("sdb") / "size").write_text(
        f"{IMAGE_MIB * 2048 - 1}\n")
    assert machine.flash().returncode == 0


def test_a_partition(machine):
    (machine.tree.dev / "sdb1").write_bytes(b"\xa5" * MIB)
    done = machine.flash("sdb1", *FORCED)
    assert_refused(done, machine, "the whole of it is /dev/sdb", "sdb1")


def test_no_disk(machine):
    (machine.tree.dev / "null").write_bytes(b"")
    assert_refused(machine.flash("null", *FORCED), machine, "no disk", "null")
    assert machine.flash("sdz", *FORCED).returncode == 1
    machine.disk("loop0", "devices/virtual/block", removable=0)
    done = machine.flash("loop0", "loop0\n", "--force")
    assert_refused(done, machine, "it is no disk, but made of", "loop0")


def test_a_disk_elsewhere(machine):
    """Not in /dev, though it has a disk's name."""
    (machine.top / "sdb").write_bytes(b"\xa5")
    assert machine.flash("../sdb", *FORCED).returncode == 1
    assert (machine.top / "sdb").read_bytes() == b"\xa5"


class Swapping(io.StringIO):
    """An answer, before which another stick of the same size is put in."""

    def __init__(self, machine, answer):
        super().__init__(answer)
        self._sequence = machine.tree.block("sdb") / "diskseq"

    def readline(self, *_):
        self._sequence.write_text("8\n")
        return super().readline()


def test_changed_while_one_thinks(machine):
    assert_refused(machine.flash("sdb", Swapping(machine, "yes\n")), machine,
                   "not the disk that you were asked about")


def test_changed_when_it_is_opened(machine, monkeypatch):
    """The last moment: from then on it is held."""
    path = machine.tree.dev / "sdb"
    open_it = os.open

    def swap_and_open(name, flags, *words, **more):
        if Path(name) == path:
            (machine.tree.block("sdb") / "diskseq").write_text("8\n")
        return open_it(name, flags, *words, **more)

    monkeypatch.setattr(writer.os, "open", swap_and_open)
    assert_refused(machine.flash(), machine,
                   "not the disk that you were asked about")


@pytest.fixture
def kernel(machine, monkeypatch):
    """A kernel that says of any open file that it is sdb, as long as it is."""
    disk = dataclasses.replace(
        disks.find(machine.tree, str(machine.tree.dev / "sdb")), real=True,
        sequence="7")
    major, minor = map(int, disk.number.split(":"))
    said = {writer.BLKGETSIZE64: disk.bytes, writer.BLKGETDISKSEQ: 7}
    status = mock.Mock(st_mode=stat.S_IFBLK | 0o600,
                       st_rdev=os.makedev(major, minor))
    monkeypatch.setattr(writer.os, "fstat", lambda fd: status)
    monkeypatch.setattr(
        writer.fcntl, "ioctl",
        lambda fd, request, _: said[request].to_bytes(8, sys.byteorder))
    return disk, said, status


def test_the_kernel_names_the_same_disk(kernel):
    disk, said, _ = kernel
    with writer.Stick(disk):
        pass
    del said[writer.BLKGETDISKSEQ]  # before 5.15: it is not asked then
    with writer.Stick(dataclasses.replace(disk, sequence="")):
        pass


@pytest.mark.parametrize("what", ["sequence", "size", "number", "kind"])
def test_the_kernel_names_another_disk(kernel, what):
    disk, said, status = kernel
    if what == "sequence":
        said[writer.BLKGETDISKSEQ] = 8
    elif what == "size":
        said[writer.BLKGETSIZE64] += 512
    elif what == "number":
        status.st_rdev += 1
    else:
        status.st_mode = stat.S_IFREG
    with pytest.raises(disks.Refused):
        writer.Stick(disk)


# ---- nobody else meanwhile -----------------------------------------------------

def make_table(machine):
    """Of the image, as far as tools/flash looks."""
    with open(machine.image, "r+b") as file:
        file.seek(writer.GPT_MAGIC_AT)
        file.write(writer.GPT_MAGIC)


def test_locked_and_held_until_the_end(machine, monkeypatch):
    """One descriptor for all; udev, which asks for a shared lock, gets none
    before sgdisk has run."""
    found = machine.top / "found"
    machine.program("sgdisk", f"""
        import fcntl, pathlib, sys
        with open(sys.argv[-1], "rb") as disk:
            try:
                fcntl.flock(disk, fcntl.LOCK_SH | fcntl.LOCK_NB)
                said = "free"
            except BlockingIOError:
                said = "locked"
        pathlib.Path({str(found)!r}).write_text(said)
        """)
    make_table(machine)
    opened = []
    open_it = os.open

    def watch(name, flags, *words, **more):
        if Path(name) == machine.tree.dev / "sdb":
            opened.append(flags)
        return open_it(name, flags, *words, **more)

    monkeypatch.setattr(writer.os, "open", watch)
    done = machine.flash()
    assert done.returncode == 0, done.stdout
    assert found.read_text() == "locked"
    assert len(opened) == 1 and opened[0] & os.O_EXCL
    with open(machine.tree.dev / "sdb", "rb") as disk:  # free again
        fcntl.flock(disk, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_locked_by_another(machine, monkeypatch):
    monkeypatch.setattr(writer, "LOCK_TIMEOUT_S", 0.2)
    with open(machine.tree.dev / "sdb", "rb") as disk:
        fcntl.flock(disk, fcntl.LOCK_SH)
        assert_refused(machine.flash(), machine, "locked by another program")


def test_locked_by_another_for_a_moment(machine):
    """As udev does when a stick is plugged in."""
    with open(machine.tree.dev / "sdb", "rb") as disk:
        fcntl.flock(disk, fcntl.LOCK_SH)
        soon = threading.Timer(0.3, fcntl.flock, (disk, fcntl.LOCK_UN))
        soon.start()
        done = machine.flash()
        soon.join()
    assert done.returncode == 0, done.stdout
    assert machine.holds_image()


# ---- what has to be said twice ------------------------------------------------

@pytest.fixture(params=["not removable", "mounted"])
def doubtful(machine, request):
    if request.param == "mounted":
        machine.mount("sdb1", r"/media/my\040stick")
    else:
        (machine.tree.block("sdb") / "removable").write_text("0\n")
    return request.param


def test_doubtful_and_told_once(machine, doubtful):
    for answer in ("yes\n", "sdb\n"):
        assert_refused(machine.flash("sdb", answer), machine,
                       f"it is {doubtful}.*FORCE=1")


def test_doubtful_and_the_wrong_name(machine, doubtful):
    for answer in ("yes\n", "sda\n", ""):
        assert_refused(machine.flash("sdb", answer, "--force"), machine,
                       "not confirmed")


def test_doubtful_and_told_twice(machine, doubtful):
    done = machine.flash("sdb", *FORCED)
    assert done.returncode == 0, done.stdout
    assert f"careful: it is {doubtful}" in done.stdout
    assert machine.holds_image()
    assert "/media" not in (machine.tree.proc / "self/mountinfo").read_text()


def test_cannot_be_unmounted(machine):
    machine.mount("sdb1", "/media/stick")
    machine.program("umount", 'import sys\nsys.exit("target is busy")')
    assert_refused(machine.flash("sdb", *FORCED), machine, "target is busy")
    machine.program("umount", "")
    assert_refused(machine.flash("sdb", *FORCED), machine,
                   "mounted on /media/stick now")


def test_another_one_after_unmounting(machine):
    """Unmounting takes as long as what is to be written; nobody waits."""
    machine.mount("sdb1", "/media/stick")
    sequence = machine.tree.block("sdb") / "diskseq"
    mounts = machine.tree.proc / "self/mountinfo"
    machine.program("umount", f'''
import pathlib
pathlib.Path({str(sequence)!r}).write_text("77\\n")
text = pathlib.Path({str(mounts)!r})
text.write_text("".join(line for line in text.read_text().splitlines(True)
                        if "/media" not in line))
''')
    assert_refused(machine.flash("sdb", *FORCED), machine,
                   "not the disk that you were asked about")


def test_a_card_is_removable(machine):
    """mmcblk0 says 0; what kind it is says more."""
    machine.disk("mmcblk0", "devices/pci0/mmc0", removable=0)
    assert_refused(machine.flash("mmcblk0"), machine, "not removable",
                   "mmcblk0")
    (machine.tree.block("mmcblk0") / "device/type").write_text("SD\n")
    done = machine.flash("mmcblk0")
    assert done.returncode == 0, done.stdout
    assert "SD/MMC" in done.stdout


# ---- reading back -------------------------------------------------------------

def ignore(*_):
    pass


def test_a_stick_that_forgets(machine):
    disk = disks.find(machine.tree, str(machine.tree.dev / "sdb"))
    place = 2 * MIB + 12345
    with writer.Stick(disk) as stick:
        stick.write(machine.image, ignore)
        stick.verify(machine.image, ignore)
        with open(disk.path, "r+b") as file:
            file.seek(place)
            byte = file.read(1)
            file.seek(place)
            file.write(bytes([byte[0] ^ 1]))
        with pytest.raises(OSError, match=f"at byte {place}"):
            stick.verify(machine.image, ignore)


def test_a_stick_that_lies_of_its_size(machine):
    """What is behind its end is not there when it is read."""
    disk = disks.find(machine.tree, str(machine.tree.dev / "sdb"))
    with writer.Stick(disk) as stick:
        stick.write(machine.image, ignore)
        os.truncate(disk.path, 2 * MIB)
        with pytest.raises(OSError, match=f"at byte {2 * MIB}"):
            stick.verify(machine.image, ignore)


def test_no_right_to_write(machine):
    (machine.tree.dev / "sdb").chmod(0o400)
    if os.access(machine.tree.dev / "sdb", os.W_OK):
        pytest.skip("root may write everything")
    assert_refused(machine.flash(), machine, "sudo tools/flash")


# ---- the real image ------------------------------------------------------------

def test_table_reaches_the_end(machine):
    """A GPT, on a disk larger than its image: the copy moves to the end."""
    with open(machine.image, "wb") as file:
        file.truncate(IMAGE_MIB * MIB)
    environment = os.environ | {"PATH": os.environ["PATH"]
                                + ":/usr/sbin:/sbin"}
    subprocess.run(["sfdisk", "-q", machine.image], text=True, check=True,
                   input="label: gpt\nstart=2048, size=2048\n",
                   env=environment)
    done = machine.flash()
    assert done.returncode == 0, done.stdout
    assert "is at the end" in done.stdout
    last = machine.content()[-512:]
    assert last.startswith(b"EFI PART")
    # The first copy says where that is: UEFI 2.10, 5.3.2, AlternateLBA.
    header = machine.content()[512:1024]
    assert int.from_bytes(header[32:40], "little") == STICK_MIB * 2048 - 1


def test_list(machine):
    done = subprocess.run(
        [TOP / "tools/flash", *machine.arguments()],
        stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert re.search(r"sda: SYSTEM.*\n +not by itself: this system runs",
                     done.stdout)
    assert re.search(r"sdb: STICK.*\nflash: which", done.stdout)


def test_refuses_this_machines_root():
    """The real trees, read only: the disk that / is on."""
    tree = disks.Tree(Path("/sys"), Path("/dev"), Path("/proc"))
    number = os.stat("/").st_dev
    name = f"{os.major(number)}:{os.minor(number)}"
    found = Path("/sys/dev/block", name)
    if not found.exists():
        pytest.skip("/ is on no disk that can be named")
    disk = found.resolve()
    if (disk / "partition").exists():
        disk = disk.parent
    device = Path("/dev", disk.name)
    if not device.exists() or not stat.S_ISBLK(device.stat().st_mode):
        pytest.skip("its device is not in /dev")
    reasons = disks.objections(tree, disks.find(tree, str(device)), 0)
    assert any("this system runs from it" in reason for reason in reasons)
