# tests/system/test_disk_errors.py - disks that fail, die, hang and come back
# SPDX-License-Identifier: MIT
"""Whatever a disk does, what was asked of it ends, well or with EIO, within
bounded time: the swap disk fails here, in ways that --swap-error has not
(test_swap.py has those), while a program larger than memory runs.
"""

import concurrent.futures
import json
import re
import socket
import time

import foreign
import pytest
from vmlib import Options
from vmlib.image import swap_image
from vmlib.options import mkimage

pytestmark = [pytest.mark.direct, pytest.mark.slow]

# Where the disks are attached: kernel's machine, and the bus of the second.
KINDS = [
    pytest.param(({"machine": "q35"}, "bus=ide.1"), id="ahci"),
    pytest.param(({"machine": "pc"}, "bus=ide.1"), id="ide",
                 marks=pytest.mark.matrix),
]

SWAP_MIB = 64
WALK_MIB = 52
MEMORY = {"boot": "direct", "memory": 48}
WALK_TIMEOUT_S = 240
EIO = 5

STATUS_SIGBUS = 135
STATUS_KILLED = 137
CHILD_SIGBUS = "child: wait status 0x7"


class SwapDisk:
    """A machine's second disk, with a swap partition, as node `swap`."""

    def __init__(self, kind, tmp_path):
        self.machine, self.bus = kind
        self.image = swap_image(
            Options(swap=SWAP_MIB, swap_disk=True), tmp_path)
        self._qmp_path = tmp_path / "qmp"
        self._qmp = None

    @property
    def file(self) -> dict:
        return {"driver": "file", "filename": str(self.image)}

    def options(self, node: dict, *before: str) -> dict:
        return {**MEMORY, **self.machine,
                "append": f"swap=PARTLABEL={mkimage.SWAP_LABEL}",
                "qemu": (*before, "-blockdev",
                         json.dumps({**node, "node-name": "swap"}),
                         "-device", f"ide-hd,drive=swap,{self.bus}",
                         "-qmp", f"unix:{self._qmp_path},server=on,wait=off")}

    def qmp(self, command: str, **arguments):
        """Have QEMU do something, and give its answer."""
        if self._qmp is None:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(self._qmp_path))
            self._qmp = connection.makefile("rw")
            self._qmp.readline()  # its greeting
            self.qmp("qmp_capabilities")
        self._qmp.write(json.dumps({"execute": command,
                                    "arguments": arguments}) + "\n")
        self._qmp.flush()
        while True:
            answer = json.loads(self._qmp.readline())
            if "error" in answer:
                raise RuntimeError(answer["error"])
            if "return" in answer:
                return answer["return"]


    def connect(self, node: str) -> None:
        """Have the disk's content come from another block node."""
        self.qmp("blockdev-reopen", options=[
            {"driver": "raw", "node-name": "swap", "file": node}])

    def throttle(self, requests: int) -> None:
        """So many requests a second at most; 0: any number. On IDE, with one
        under way at a time that would be in time, as many blocks of 8 KiB. (Not
        on AHCI: QEMU waits for all that are under way when a port is reset, and
        32 long ones would take minutes.)
        """
        block = 8192 if self.machine["machine"] == "pc" else 0
        self.qmp("qom-set", path="/objects/slow", property="limits",
                 value={"iops-total": requests, "iops-total-max": requests,
                        "bps-total": requests * block})


@pytest.fixture(params=KINDS)
def disk(request, tmp_path):
    return SwapDisk(request.param, tmp_path)


def assert_lives(machine):
    """It goes on without the disk, and its books balance (boot's end)."""
    assert machine.run("memwalk 8 1", 60).status == 0
    assert machine.run("echo alive").text == "alive\n"


def assert_ended_well_or_bad(result):
    """Well, by the error of a read, or for want of memory; never with content
    that is not what was written."""
    assert "mismatch" not in result.text, result.text
    assert (result.status in (0, STATUS_SIGBUS, STATUS_KILLED)
            or CHILD_SIGBUS in result.text
            or "child: wait status 0x9" in result.text
            or "Killed" in result.text), result.text


def wait_for_log(machine, pattern, timeout=60):
    end = time.monotonic() + timeout
    while not re.search(pattern, machine.log()):
        assert time.monotonic() < end, f"no {pattern}: {machine.log_tail()}"
        time.sleep(0.05)


def test_disk_that_dies(boot, disk):
    """Good for so many writes, then nothing but errors, for good."""
    writes = 20
    states = [{"event": "write_aio", "state": n, "new_state": n + 1}
              for n in range(1, writes)]
    errors = [{"event": event, "state": writes, "errno": EIO}
              for event in ("read_aio", "write_aio")]
    machine = boot(**disk.options({
        "driver": "raw", "file": {
            "driver": "blkdebug", "image": disk.file, "set-state": states,
            "inject-error": errors}}))
    result = machine.run(f"memwalk {WALK_MIB} 1", WALK_TIMEOUT_S)
    assert result.status != 0
    assert_ended_well_or_bad(result)
    assert "has failed: nothing is written to it any more" in machine.log()
    assert_lives(machine)
    # What is left in it cannot be brought back, and that is said.
    result = machine.run("cat /proc/swaps; swapoff /dev/sdb1; echo $?",
                         WALK_TIMEOUT_S)
    assert "/dev/sdb1" in result.text


# Begin to walk, say so when pages have gone out, and give memwalk's end.
WALK = (f"memwalk {WALK_MIB} 1 & "
        "until [ $(awk '/^pswpout/ { print $2 }' /proc/vmstat) -gt 1000 ]; "
        "do sleep .02; done; echo SWAPPING >/dev/kmsg; wait $!")


def test_disk_that_is_away_for_a_while(boot, disk):
    """Errors for a while, in the middle of swapping; then all is as before."""
    machine = boot(**disk.options({
        "driver": "raw", "file": {**disk.file, "node-name": "good"}}))
    disk.qmp("blockdev-add", driver="blkdebug", image="good",
             **{"node-name": "bad", "inject-error": [
                 {"event": "none", "iotype": iotype, "errno": EIO}
                 for iotype in ("read", "write")]})
    with concurrent.futures.ThreadPoolExecutor() as threads:
        walk = threads.submit(machine.run, WALK, WALK_TIMEOUT_S)
        wait_for_log(machine, "SWAPPING")
        disk.connect("bad")
        wait_for_log(machine, r"(ahci|ide): \d\.\d error ")
        disk.connect("good")
        assert_ended_well_or_bad(walk.result())
    # It is back: an area that had failed is as good as new once it was off.
    result = machine.run("swapoff /dev/sdb1 && swapon /dev/sdb1",
                         WALK_TIMEOUT_S)
    assert result.status == 0, result.text + machine.log_tail()
    assert "given up" not in machine.log()
    result = machine.run(f"memwalk {WALK_MIB} 2", WALK_TIMEOUT_S)
    assert result.status == 0, result.text


def test_disk_that_hangs(boot, disk):
    """A request a second: nothing meets its deadline; then everything does."""
    throttle = ("-object", json.dumps({
        "qom-type": "throttle-group", "id": "slow",
        "limits": {"iops-total": 0, "iops-total-max": 0}}))
    machine = boot(**disk.options({
        "driver": "throttle", "throttle-group": "slow",
        "file": {"driver": "raw", "file": disk.file}}, *throttle))
    with concurrent.futures.ThreadPoolExecutor() as threads:
        walk = threads.submit(machine.run, WALK, WALK_TIMEOUT_S)
        wait_for_log(machine, "SWAPPING")
        disk.throttle(1)
        wait_for_log(machine, r"(ahci|ide): \d\.\d timeout ")
        disk.throttle(0)
        assert_ended_well_or_bad(walk.result())
    assert_lives(machine)
    assert "given up" not in machine.log()
    result = machine.run(f"memwalk {WALK_MIB} 2", WALK_TIMEOUT_S)
    assert result.status == 0, result.text


def test_controller_that_is_reset(boot, tmp_path):
    """Its requests pass, three times; then it is given up, and the machine
    goes on without its disks."""
    foreign.linux_disk(tmp_path / "a.img")
    machine = boot(boot="direct", root="initramfs", memory=96,
                   foreign=tmp_path, append="selftest=diskreset")
    log = machine.log()
    assert "selftest: diskreset ok" in log, machine.log_tail()
    assert log.count("ahci: 0 controller reset") == 3
    assert "ahci: 0 cut off from memory" in log
    assert_lives(machine)
    result = machine.run("cat /dev/sda")
    assert "No such device" in result.text or result.status != 0


def test_controller_that_has_no_reset(boot, tmp_path):
    foreign.linux_disk(tmp_path / "a.img")
    machine = boot(boot="direct", machine="pc", root="initramfs", memory=96,
                   foreign=tmp_path, append="selftest=diskreset")
    assert "block: sda " in machine.log()
    assert "selftest: diskreset skipped" in machine.log(), machine.log_tail()
