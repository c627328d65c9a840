# tests/system/test_selftest.py - tests that the kernel makes of itself
# SPDX-License-Identifier: MIT

import re

import pytest

pytestmark = pytest.mark.direct


def results(machine):
    return dict(re.findall(r"selftest: (\w+) (ok|failed|skipped)",
                           machine.log()))


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_with_high_memory(boot, kernel_format):
    machine = boot(boot="direct", memory=1024, kernel_format=kernel_format,
                   append="selftest=kmap,buddy")
    assert results(machine) == {"kmap": "ok", "buddy": "ok"}
    zones = re.findall(r"selftest: kmap zone=(\w+) first=(\d+) last=(\d+)",
                       machine.log())
    assert [zone for zone, _, _ in zones] == ["DMA", "Normal", "HighMem"]


def test_without_high_memory(boot):
    machine = boot(boot="direct", memory=64,
                   append="selftest=kmap,buddy,census")
    assert results(machine) == {"kmap": "skipped", "buddy": "ok",
                                "census": "ok"}


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_memory_of_a_victim(boot, kernel_format):
    machine = boot(boot="direct", memory=64, kernel_format=kernel_format,
                   append="selftest=reap")
    assert results(machine) == {"reap": "ok"}


def test_a_mapping_that_goes_while_it_is_synced(boot):
    machine = boot(boot="direct", memory=64, append="selftest=writeback")
    assert results(machine) == {"writeback": "ok"}


def test_a_fault_that_another_task_is_in_the_way_of(boot):
    machine = boot(boot="direct", memory=64, append="selftest=retry")
    assert results(machine) == {"retry": "ok"}


def test_unknown_name(boot):
    machine = boot(boot="direct", memory=64, append="selftest=nonsense")
    assert "selftest: unknown: nonsense" in machine.log()


def test_costs(vm, tmp_path):
    """What docs/performance.md says of the paths is about right."""
    log = tmp_path / "log"
    done = vm("--boot", "direct", "--memory", "1024", "--icount", "--append",
              "selftest=cost", "--log", log, "--", "true")
    assert done.returncode == 0
    cost = {name: int(count) for name, count in re.findall(
        r"selftest: cost (\w+)=(\d+)", log.read_text(errors="replace"))}
    assert 0 < cost["order_0"] < 250
    assert cost["order_0"] < cost["order_0_of_1024"] < 500
    # One instruction for each word, and little beside that.
    assert 1024 < cost["clear_page"] < 1500
