# tests/system/test_power.py - power-off and reset, by every way
# SPDX-License-Identifier: MIT
"""The machine tells by which way it went: the log names each before it is
tried, so the last one is the one that worked."""

import re
import time

import pytest

from acpi_tables import (HW_REDUCED, IO, MEMORY as IN_MEMORY, PCI,
                         RESET_REG_SUP, Tables, gas, memory_options, s5)
from vmlib import Crashed, Options

MEMORY = 64
DEBUG_EXIT = 0xf4  # QEMU ends with twice what is written there, plus 1
PM1_CONTROL = {"q35": 0x604, "pc": 0xb004}


def ways_of_reset(machine) -> list[str]:
    """Reset it; the ways it tried."""
    with pytest.raises(Crashed, match="the machine reset itself"):
        machine.run("reboot -f; sleep 60")
    return re.findall(r"reset: by=(\w+)", machine.log())


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def status_of_power_off(machine) -> str:
    """Turn it off; why QEMU ended."""
    with pytest.raises(Crashed) as crash:
        machine.run("poweroff -f; sleep 60")
    return str(crash.value)


def power_off_in_vain(machine):
    # When this shell has ended, and with it the command.
    machine.run('setsid sh -c ">/tmp/begun; while kill -0 $$; do sleep 0.1; '
                'done; poweroff -f" >/dev/null 2>&1 & '
                "until [ -e /tmp/begun ]; do sleep 0.1; done")
    wait_for(lambda: "system: halted" in machine.log())


@pytest.mark.direct
@pytest.mark.parametrize("chipset", ["q35", "pc"])
def test_power_off(boot, chipset):
    machine = boot(boot="direct", machine=chipset, disk="ahci", memory=MEMORY)
    machine.power_off()


@pytest.mark.firmware
@pytest.mark.parametrize("firmware", [
    "x64", pytest.param("ia32", marks=pytest.mark.matrix)])
def test_reset_behind_firmware(boot, firmware):
    assert ways_of_reset(boot(firmware=firmware, memory=128)) == ["acpi"]


@pytest.mark.firmware
@pytest.mark.matrix
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_power_off_behind_firmware(boot, firmware):
    boot(firmware=firmware, memory=128).power_off()


# reboot= word -> what is tried on the machine. pc's tables name no reset
# register: there ACPI is passed over.
WAYS = {
    "q35": {"": ["acpi"], "reboot=pci": ["pci"], "reboot=kbd": ["kbd"],
            "reboot=triple": ["triple"], "reboot=p,c": ["pci"]},
    "pc": {"": ["acpi", "pci"], "reboot=kbd": ["kbd"],
           "reboot=bios": ["acpi", "pci"]},
}


@pytest.mark.direct
@pytest.mark.parametrize("chipset, words", [
    (chipset, words) for chipset, ways in WAYS.items() for words in ways])
def test_reset(boot, chipset, words):
    machine = boot(boot="direct", machine=chipset, disk="ahci", memory=MEMORY,
                   append=words)
    assert ways_of_reset(machine) == WAYS[chipset][words]


@pytest.mark.direct
def test_reset_without_keyboard_controller(boot):
    """A port that nobody decodes is not waited for; the next way works."""
    machine = boot(boot="direct", memory=MEMORY, append="reboot=kbd",
                   qemu=("-machine", "i8042=off"))
    assert ways_of_reset(machine) == ["kbd", "acpi"]


def boot_with(boot, tables, folder, **options):
    return boot(boot="direct", memory=MEMORY, qemu=tables.options(folder),
                **options)


@pytest.mark.direct
def test_hardware_reduced(boot, tmp_path):
    """SLEEP_CONTROL_REG is where QEMU tells what was written to it."""
    tables = Tables()
    dsdt = tables.add(b"DSDT", b"\x10\x05_SB_" + s5(5, 5), listed=False)
    tables.fadt(6, dsdt, flags=HW_REDUCED, pm1a_cnt=PM1_CONTROL["q35"],
                sleep_control=gas(IO, DEBUG_EXIT), sleep_status=gas(IO, 0x80))
    machine = boot_with(boot, tables, tmp_path)
    assert "hardware-reduced" in machine.log()
    written = 5 << 2 | 1 << 5
    assert f"status {written << 1 | 1}" in status_of_power_off(machine)


@pytest.mark.direct
def test_s5_in_an_ssdt_and_extended_control_block(boot, tmp_path):
    """The DSDT has none, the first SSDT a damaged one; the old port field is
    nonsense, the extended one right. Type 0 is QEMU's."""
    tables = Tables()
    dsdt = tables.add(b"DSDT", b"\x10\x05_SB_", listed=False)
    tables.add(b"SSDT", b"\x08_S5_\x12\x06\x02\x0a")
    tables.add(b"SSDT", s5(0, 0))
    tables.fadt(3, dsdt, pm1a_cnt=0x12345678,
                x_pm1a_cnt=gas(IO, PM1_CONTROL["q35"], 16, 2))
    machine = boot_with(boot, tables, tmp_path)
    machine.power_off()


@pytest.mark.direct
@pytest.mark.parametrize("kind", ["no-tables", "no-s5", "no-fadt"])
def test_a_machine_that_cannot_be_switched_off_halts(boot, tmp_path, kind):
    tables = Tables()
    if kind == "no-s5":
        dsdt = tables.add(b"DSDT", b"\x10\x05_SB_", listed=False)
        tables.fadt(3, dsdt, pm1a_cnt=PM1_CONTROL["q35"])
    elif kind == "no-fadt":
        tables.add(b"SSDT", s5(0, 0))
    machine = boot_with(boot, tables, tmp_path)
    power_off_in_vain(machine)
    assert "the machine does not switch itself off" in machine.log()
    machine.close()


def word_in(path, address):
    with path.open("rb") as memory:
        memory.seek(address)
        return int.from_bytes(memory.read(2), "little")


def boot_with_memory(boot, tables, folder):
    return boot(boot="direct", memory=MEMORY, qemu=(
        *tables.options(folder), *memory_options(folder / "ram", MEMORY)))


@pytest.mark.direct
def test_reset_register_in_memory(boot, tmp_path):
    """What stands for it is memory, where the value is found afterwards."""
    tables = Tables()
    register = tables.scratch(b"\0" * 16)
    fadt = tables.fadt(3, flags=RESET_REG_SUP, reset_value=0x5a,
                       reset_reg=gas(IN_MEMORY, 0))
    tables.point(fadt + 116 + 4, register)
    machine = boot_with_memory(boot, tables, tmp_path)
    address = int(re.search(r"acpi: reset: register=(\w+) space=0",
                            machine.log())[1], 16)
    assert word_in(tmp_path / "ram", address) == 0
    assert ways_of_reset(machine) == ["acpi", "pci"]
    assert word_in(tmp_path / "ram", address) == 0x5a


@pytest.mark.direct
def test_control_blocks_in_memory(boot, tmp_path):
    """Both are written; what else is in them stays."""
    tables = Tables()
    dsdt = tables.add(b"DSDT", s5(5, 7), listed=False)
    # SCI_EN; a type of before, which goes.
    registers = tables.scratch(b"\x01\x04" + b"\x02\x04")
    fadt = tables.fadt(3, dsdt, x_pm1a_cnt=gas(IN_MEMORY, 0, 16, 2),
                       x_pm1b_cnt=gas(IN_MEMORY, 0, 16, 2))
    tables.point(fadt + 172 + 4, registers)
    tables.point(fadt + 184 + 4, registers + 2)
    machine = boot_with_memory(boot, tables, tmp_path)
    a, b = re.search(r"power off: control=(\w+),(\w+) type=5,7",
                     machine.log()).groups()
    power_off_in_vain(machine)
    machine.close()
    assert word_in(tmp_path / "ram", int(a, 16)) == 1 | 5 << 10 | 1 << 13
    assert word_in(tmp_path / "ram", int(b, 16)) == 2 | 7 << 10 | 1 << 13


@pytest.mark.direct
@pytest.mark.parametrize("way", ["acpi", "kbd"])
def test_panic_resets(boot, monkeypatch, tmp_path, way):
    """From the depth of a panic, interrupts off."""
    words = Options.kernel_words
    monkeypatch.setattr(
        Options, "kernel_words",
        lambda *args: words(*args).replace("debug_exit ", "", 1))
    log = tmp_path / "log"
    with pytest.raises(Crashed, match="the machine reset itself"):
        boot(boot="direct", memory=MEMORY, log=log,
             append=f"crash=panic panic=1 reboot={way}")
    text = log.read_text(errors="replace")
    assert "kernel panic: crash=panic" in text
    assert re.findall(r"reset: by=(\w+)", text) == [way]


@pytest.mark.direct
def test_reset_register_of_other_spaces(boot, tmp_path):
    """In configuration space, where QEMU has none: tried, then the next."""
    tables = Tables()
    tables.fadt(3, flags=RESET_REG_SUP, reset_value=6,
                reset_reg=gas(PCI, 31 << 32 | 0 << 16 | 0x40))
    machine = boot_with(boot, tables, tmp_path)
    assert re.search(r"acpi: reset: register=1f00000040 space=2 value=6",
                     machine.log())
    assert ways_of_reset(machine) == ["acpi", "pci"]
