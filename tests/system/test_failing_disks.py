# tests/system/test_failing_disks.py - disks that die, vanish, come back, hang
# SPDX-License-Identifier: MIT
"""Behind every controller: an error in bounded time, or success; the rest of
the machine goes on. docs/disk.md, "When something fails".
"""

import hashlib
import json
import re
import time

import disks
import ktap
import pytest
from ext2disk import EIO, TestDisk

pytestmark = [pytest.mark.direct, pytest.mark.slow]

TIMEOUT_S = 60
ERROR = "I/O error|Input/output error|timed out|ETIMEDOUT"  # as libc has it
SWAPPING = {"boot": "direct", "memory": 64, "swap": 256, "swap_disk": True}


def wait_for_log(machine, pattern):
    deadline = time.monotonic() + TIMEOUT_S
    while not re.search(pattern, machine.log()):
        assert time.monotonic() < deadline, machine.log_tail()
        time.sleep(0.05)


def assert_well(machine):
    """The machine and its other disk."""
    assert machine.run("md5sum /bin/busybox >/dev/null; echo $?").text == "0\n"
    assert machine.run("tail -n 1 /proc/faultline/census"
                       ).text == "census: ok\n"


@pytest.mark.parametrize("kind", disks.kinds("ide"))
def test_dies_after_some_writes(boot, tmp_path, kind):
    target = TestDisk(tmp_path / "disk", kind=kind)
    machine = boot(**target.dying(20))
    result = machine.run(
        "mkdir -p /tmp/m && mount -t ext2 /dev/sdb1 /tmp/m && "
        "for i in 1 2 3 4 5 6 7 8; do head -c 500000 /bin/busybox >/tmp/m/$i; "
        "sync -f /tmp/m/$i || sync; done 2>&1; "
        "dd if=/dev/sdb1 of=/dev/null bs=4k skip=5000 count=1 2>&1; echo $?",
        TIMEOUT_S)
    assert result.text.endswith("\n1\n"), result.text
    assert re.search(ERROR, result.text), result.text
    assert re.search(disks.ERROR, machine.log())
    assert "failed after" in machine.log()
    assert_well(machine)


class Outage:
    """The block node of that name, a raw one, can be taken away: then some
    operations on it fail."""

    def __init__(self, qmp, name, operations):
        self._qmp, self._name = qmp, name
        nodes = qmp("query-named-block-nodes")
        raw, = (node for node in nodes if node["node-name"] == name)
        self._file, = (node["node-name"] for node in nodes
                       if node["drv"] == "file" and node["file"] == raw["file"])
        qmp("blockdev-add", **{
            "driver": "blkdebug", "node-name": "away", "image": self._file,
            "inject-error": [{"event": "none", "iotype": operation,
                              "errno": EIO} for operation in operations]})

    def _put(self, child):
        self._qmp("blockdev-reopen", options=[{
            "driver": "raw", "node-name": self._name, "file": child}])

    def begin(self):
        self._put("away")

    def end(self):
        self._put(self._file)


@pytest.mark.parametrize("kind", disks.kinds("ide"))
def test_taken_away_and_brought_back(boot, tmp_path, kind):
    qmp, target = disks.Qmp(tmp_path), TestDisk(tmp_path / "disk", kind=kind)
    options = target.options
    options["qemu"] += qmp.arguments
    machine = boot(**options)
    outage = Outage(qmp, "test", ("read", "write"))
    read = "dd if=/dev/sdb bs=64k skip=100 count=16 2>/dev/null | md5sum"
    outage.begin()
    result = machine.run("dd if=/dev/sdb of=/dev/null bs=64k skip=100 count=1 "
                         "2>&1", TIMEOUT_S)
    assert result.status == 1 and re.search(ERROR, result.text), result.text
    assert re.search(disks.ERROR, machine.log())
    outage.end()
    content = target.path.read_bytes()[100 * 65536:116 * 65536]
    assert machine.run(read, TIMEOUT_S).text.split()[0] == \
        hashlib.md5(content).hexdigest()
    assert "PIO from now on" not in machine.log()
    assert_well(machine)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ["ahci", "ide"])
def test_swap_takes_nothing_for_a_while(boot, tmp_path, kind):
    """While memory is needed. What had been written is there, of course: else
    init would be among those that lose their memory. An area that had failed
    is as good as new once it was off."""
    qmp = disks.Qmp(tmp_path)
    machine = boot(**disks.on(kind, **SWAPPING, qemu=qmp.arguments))
    outage = Outage(qmp, "swap", ("write",))
    # In a session of its own, or it ends with the command.
    machine.run("setsid sh -c 'until [ -e /tmp/stop ]; do memwalk 100 1; done; "
                "touch /tmp/over' >/tmp/walk 2>&1 & "
                "until pidof memwalk >/dev/null; do :; done", TIMEOUT_S)
    outage.begin()
    wait_for_log(machine, "swap: area=0 .* has failed")
    outage.end()
    result = machine.run("touch /tmp/stop; until [ -e /tmp/over ]; "
                         "do sleep 0.1; done; cat /tmp/walk", TIMEOUT_S)
    assert "mismatch" not in result.text
    result = machine.run("swapoff /dev/sdb1 && swapon /dev/sdb1", TIMEOUT_S)
    assert result.status == 0, result.text + machine.log_tail()
    again = machine.run("memwalk 100 2", TIMEOUT_S)
    assert ktap.failures(again.text) == [] and again.status == 0, again.text
    assert ktap.vmstat_growth(again.text, "pswpin") > 1000
    assert_well(machine)


def throttled(kind, qmp, path):
    """A disk that does 4 KiB a second, a machine with it, and how to have it do
    another number of bytes; 0: as many as it can."""
    path.write_bytes(bytes(1 << 20))
    limits = {"bps-total": 4096, "bps-total-max": 4096}
    arguments = (
        "-object", json.dumps({"qom-type": "throttle-group", "id": "slow",
                               "limits": limits}),
        "-blockdev", json.dumps({
            "driver": "throttle", "node-name": "test",
            "throttle-group": "slow", "file": {
                "driver": "raw", "file": {"driver": "file",
                                          "filename": str(path)}}}),
        "-device", f"ide-hd,drive=test,bus={disks.SECOND_BUS[kind]}")

    def limit(rate):
        qmp("qom-set", path="/objects/slow", property="limits",
            value={"bps-total": rate, "bps-total-max": rate})

    return disks.on(kind, boot="direct", memory=128,
                    qemu=qmp.arguments + arguments), limit


@pytest.mark.parametrize("kind", [
    "ide", *(pytest.param(kind, marks=pytest.mark.matrix)
             for kind in ("ahci", "pio"))])
def test_hangs_and_goes_on(boot, tmp_path, kind):
    """Commands that do not end in 5 s are given again, and work then."""
    qmp = disks.Qmp(tmp_path)
    options, limit = throttled(kind, qmp, tmp_path / "disk")
    machine = boot(**options)
    machine.run("setsid sh -c 'dd if=/dev/sdb of=/dev/null bs=128k skip=2 "
                "count=2; echo status $?' >/tmp/out 2>&1 & "
                "until pidof dd >/dev/null; do :; done")
    wait_for_log(machine, disks.TIMEOUT)
    limit(0)
    result = machine.run("until grep status /tmp/out; do sleep 0.1; done",
                         TIMEOUT_S)
    assert result.text == "status 0\n", machine.log_tail()
    assert_well(machine)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", disks.OPTIONS)
def test_hangs_for_good(boot, tmp_path, kind):
    """The error is a time-out, and comes in bounded time. QEMU lets the first
    request through; the next waits for what that was too large. It is of one
    page, the disk's last: a reset of AHCI waits for what is under way."""
    qmp = disks.Qmp(tmp_path)
    options, limit = throttled(kind, qmp, tmp_path / "disk")
    machine = boot(**options)
    limit(512)
    read = "dd if=/dev/sdb of=/dev/null bs=4k skip=255 count=1 2>&1"
    result = machine.run(f"{read}; echo 3 >/proc/sys/vm/drop_caches; "
                         f"{read}; echo $?", 3 * TIMEOUT_S)
    assert result.text.endswith("\n1\n"), result.text
    assert "failed after 3 attempts" in machine.log(), result.text
    assert_well(machine)
