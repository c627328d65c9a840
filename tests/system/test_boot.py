# tests/system/test_boot.py - the ways to boot
# SPDX-License-Identifier: MIT
"""The sizes of memory are in test_memory_matrix.py."""

import re

import pytest

FIRMWARES = [pytest.param("x64", marks=pytest.mark.firmware),
             pytest.param("ia32", marks=pytest.mark.firmware)]


@pytest.mark.parametrize("firmware", FIRMWARES)
def test_uname_through_firmware(vm, firmware):
    done = vm("--firmware", firmware, "--", "uname -sm")
    assert done.stdout == b"Linux i686\n"
    assert done.returncode == 0


@pytest.mark.direct
def test_uname_direct(shared):
    assert shared(boot="direct").run("uname -sm").output == b"Linux i686\n"


@pytest.mark.direct
def test_release_is_ours(shared):
    release = shared(boot="direct").run("uname -r").text
    major, minor = map(int, re.match(r"(\d+)\.(\d+)", release).groups())
    assert (major, minor) >= (6, 1)
    assert "-faultline" in release


@pytest.mark.direct
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_direct_on_either_machine(boot, firmware):
    # Without firmware the word still chooses the processor.
    machine = boot(boot="direct", firmware=firmware, memory=64)
    assert machine.run("echo $((6 * 7))").output == b"42\n"


@pytest.mark.direct
def test_on_pc_with_ahci(boot):
    machine = boot(boot="direct", machine="pc", disk="ahci", memory=128)
    assert machine.run("ls /bin/sh").output == b"/bin/sh\n"


@pytest.mark.direct
def test_memory_above_4_gib_is_reported(boot):
    machine = boot(boot="direct", memory=4096)
    assert re.search(r"unused_mib=[1-9]\d*", machine.log())


@pytest.mark.direct
def test_log_names_every_range_and_zone(shared):
    log = shared(boot="direct").log()
    assert re.search(r'range=[0-9a-f]+-[0-9a-f]+ .*owner="', log)
    for zone in ("DMA", "Normal", "HighMem"):
        assert re.search(rf"zone={zone} .*managed=\d+ .*min=\d+ .*low=\d+ "
                         r".*high=\d+", log)
