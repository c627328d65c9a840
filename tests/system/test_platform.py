# tests/system/test_platform.py - boards without this or that, old and new CPUs
# SPDX-License-Identifier: MIT
"""Interrupt controllers, timers and ACPI tables as boards have them; which CPUs
boot. The log says what is used; what is used has to work: disk, terminal, and a
clock that agrees with the ticks."""

import random
import re

import acpi_blob
import pytest

LEGACY_FREE = "q35,i8042=off,pit=off,pic=off,hpet=off"
WALK = "memwalk 4 7 2>&1 | tail -1; echo walked $?"


def board(text: str) -> tuple[str, ...]:
    return ("-machine", text)


def check_runs(machine) -> None:
    """A shell, memory under use, and sleep that ends."""
    assert machine.run("sleep 0.1; echo $((6 * 7))").output == b"42\n"
    assert machine.run(WALK).output.endswith(b"walked 0\n")


# Both are read by one process, which prints nothing in between: to wait for the
# host takes a machine that is counted (icount) tens of ticks.
SLEEP = r"""awk '
function look(line, found) {
    getline found <"/proc/uptime"
    while ((getline line <"/proc/interrupts") > 0)
        if (line ~ /timer/)
            found = found "\n" line
    close("/proc/uptime")
    close("/proc/interrupts")
    return found
}
BEGIN { before = look(); system("sleep 1"); print before "\n" look() }'"""


def ticks_and_seconds(machine) -> tuple[int, float]:
    """How many ticks came during a sleep, and how long it was."""
    text = machine.run(SLEEP).text
    times = [float(t) for t in re.findall(r"^([\d.]+) [\d.]+$", text, re.M)]
    counts = [int(n) for n in re.findall(r"^ +0: +(\d+) ", text, re.M)]
    return counts[1] - counts[0], times[1] - times[0]


# What is off, and what has to be used instead.
BOARDS = [
    ("q35,hpet=off", {}, "8259", "8254 and 8259"),
    ("q35,pit=off", {}, "8259", "local APIC"),
    ("q35,pic=off", {}, "I/O APIC", "local APIC"),
    (LEGACY_FREE, {}, "I/O APIC", "local APIC"),
    ("q35,pit=off", {"cpu": "qemu32,-apic"}, "8259", "HPET and 8259"),
    ("q35,pic=off", {"cpu": "qemu32,-tsc"}, "I/O APIC", "8254 and I/O APIC"),
]


def check_board(machine, lines, source, least, most) -> None:
    log = machine.log()
    assert f"irq: lines by {lines}\n" in log
    assert f"irq: ticks by {source}\n" in log
    assert "no tick has come" not in log
    count, seconds = ticks_and_seconds(machine)
    assert least < count / seconds < most
    check_runs(machine)


@pytest.mark.direct
@pytest.mark.parametrize("text, options, lines, source", BOARDS)
def test_what_a_board_has_is_used(boot, text, options, lines, source):
    # A busy host loses ticks; none come too many.
    machine = boot(boot="direct", firmware="ia32", memory=64,
                   qemu=board(text), **options)
    check_board(machine, lines, source, 10, 110)


@pytest.mark.direct
@pytest.mark.matrix
@pytest.mark.parametrize("text, options, lines, source", [
    row for row in BOARDS if "-tsc" not in row[1].get("cpu", "")])
def test_ticks_and_clock_agree(boot, text, options, lines, source):
    # Under icount both are exact, however busy the host is. (But a port takes
    # no time, and nothing else measures it without time stamps.)
    machine = boot(boot="direct", firmware="ia32", memory=64, icount=True,
                   qemu=board(text), **options)
    check_board(machine, lines, source, 97, 103)


@pytest.mark.direct
def test_a_timer_that_does_not_tick_is_replaced(boot):
    # Without time stamps nobody knows that the 8254 is not there.
    machine = boot(boot="direct", firmware="ia32", memory=64,
                   cpu="qemu32,-tsc", qemu=board("q35,pic=off,pit=off"))
    log = machine.log()
    assert "irq: no tick has come by 8254 and I/O APIC\n" in log
    assert "irq: ticks by HPET and I/O APIC\n" in log
    check_runs(machine)


@pytest.mark.direct
def test_time_stamps_by_two_references(boot):
    log = boot(boot="direct", memory=64, icount=True).log()
    match = re.search(r"tsc: hz=(\d+) by=HPET check=(\S+) "
                      r"deviation_ppm=(\d+) invariant=[01]\n", log)
    assert match[2] in ("PM-timer", "8254")
    # Under icount a time stamp is a nanosecond.
    assert abs(int(match[1]) - 10**9) < 10**6
    assert int(match[3]) < 1000


@pytest.mark.firmware
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_legacy_free_through_firmware(boot, firmware):
    machine = boot(firmware=firmware, memory=128, qemu=board(LEGACY_FREE))
    log = machine.log()
    assert "irq: lines by I/O APIC\n" in log
    assert "irq: ticks by local APIC\n" in log
    assert "by=PM-timer" in log
    assert re.search(r"FADT: .* 8042=0 ", log)
    check_runs(machine)


@pytest.mark.firmware
@pytest.mark.matrix
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
@pytest.mark.parametrize("off", ["pit=off", "pic=off", "hpet=off"])
def test_without_one_through_firmware(boot, firmware, off):
    machine = boot(firmware=firmware, memory=128, qemu=board(f"q35,{off}"))
    assert "irq: ticks by" in machine.log()
    check_runs(machine)


@pytest.mark.direct
def test_without_acpi(boot):
    machine = boot(boot="direct", memory=64, append="acpi=off")
    log = machine.log()
    assert "acpi: no root pointer\n" in log
    assert "irq: ticks by 8254 and 8259\n" in log
    assert re.search(r"tsc: hz=\d+ by=8254 check=none ", log)
    check_runs(machine)


# ---- tables -----------------------------------------------------------------


def with_tables(boot, tmp_path, image: bytes, text: str = "q35", **options):
    path = tmp_path / "acpi.bin"
    path.write_bytes(image)
    loader = f"loader,file={path},addr={acpi_blob.BASE:#x},force-raw=on"
    return boot(boot="direct", memory=64, append=(
        f"acpi_rsdp={acpi_blob.BASE:x}"),
        qemu=(*board(text), "-device", loader), **options)


@pytest.mark.direct
def test_hardware_reduced(boot, tmp_path):
    # No port of a PC/AT may be relied on, although this board has them all.
    image = acpi_blob.blob(acpi_blob.fadt(flags=1 << 20, boot=0x20),
                           acpi_blob.madt(pcat=False))
    machine = with_tables(boot, tmp_path, image)
    log = machine.log()
    assert "FADT: reduced=1 8042=0 rtc=0 " in log
    assert "irq: lines by I/O APIC\n" in log
    assert "irq: ticks by local APIC\n" in log
    assert "time: no CMOS clock" in log
    assert "i8042: ACPI says that there is none (i8042=force: look)\n" in log
    check_runs(machine)


@pytest.mark.direct
def test_a_keyboard_controller_that_the_fadt_denies(boot, tmp_path):
    image = acpi_blob.blob(acpi_blob.fadt(boot=1), acpi_blob.madt())
    machine = with_tables(boot, tmp_path, image)
    log = machine.log()
    assert "FADT: reduced=0 8042=0 " in log
    assert ("i8042: there is one, although ACPI says that there is none\n"
            in log)
    assert re.search(r"i8042: config=\w\w, was \w\w: scan code set 1\n", log)
    assert re.search(r"^ +1: .* i8042$",
                     machine.run("cat /proc/interrupts").text, re.M)


@pytest.mark.direct
@pytest.mark.parametrize("status", [0x00, 0x14, 0x1e])
def test_a_chip_that_is_no_keyboard_controller(boot, status):
    """Something else at the status port of a board without a controller."""
    machine = boot(boot="direct", memory=64, qemu=(
        *board("q35,i8042=off"), "-chardev", "null,id=nobody", "-device",
        f"isa-debugcon,iobase=0x64,readback={status},chardev=nobody"))
    assert ("i8042: ACPI says that there is none, and none answers\n"
            in machine.log())
    assert "i8042" not in machine.run("cat /proc/interrupts").text


@pytest.mark.direct
def test_no_8259_says_the_madt(boot, tmp_path):
    image = acpi_blob.blob(acpi_blob.fadt(), acpi_blob.madt(pcat=False))
    log = with_tables(boot, tmp_path, image).log()
    assert "irq: lines by I/O APIC\n" in log


@pytest.mark.direct
def test_an_8259_is_used_without_a_local_apic(boot, tmp_path):
    """Although the MADT says that there is none: nothing else works here."""
    image = acpi_blob.blob(acpi_blob.fadt(), acpi_blob.madt(pcat=False))
    machine = with_tables(boot, tmp_path, image, firmware="ia32",
                          cpu="qemu32,-apic")
    log = machine.log()
    assert "acpi: MADT: 8259=0 " in log
    assert "irq: lines by 8259\n" in log
    assert "irq: ticks by 8254 and 8259\n" in log
    check_runs(machine)


@pytest.mark.direct
def test_a_madt_without_the_local_apics_address(boot, tmp_path):
    # Without MSRs there is no base register, and the table is all there is.
    image = acpi_blob.blob(acpi_blob.fadt(),
                           acpi_blob.madt(pcat=False, local_apic=0))
    machine = with_tables(boot, tmp_path, image, firmware="ia32",
                          cpu="qemu32,-msr")
    log = machine.log()
    assert "acpi: MADT: 8259=0 local_apic=0 " in log
    assert "irq: lines by I/O APIC\n" in log
    check_runs(machine)


@pytest.mark.direct
def test_damaged_tables(boot, tmp_path):
    """A broken XSDT leaves the RSDT; broken tables are ignored one by one."""
    bad = bytearray(acpi_blob.madt())
    bad[40] ^= 0xff
    image = acpi_blob.blob(acpi_blob.fadt(), bytes(bad), break_xsdt=True)
    machine = with_tables(boot, tmp_path, image)
    log = machine.log()
    assert "acpi: FADT: reduced=0" in log
    assert "has a wrong checksum: ignored" in log
    assert "MADT:" not in log
    assert "irq: lines by 8259\n" in log
    check_runs(machine)


@pytest.mark.direct
@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_entries_that_lead_nowhere(boot, tmp_path, kernel_format):
    image = acpi_blob.blob(acpi_blob.fadt(), acpi_blob.madt(), xsdt_entries=[
        0, 0x7_0000_0001, 0xffff_ffff_ffff_fff0, 0xfffffff8])
    machine = with_tables(boot, tmp_path, image, kernel_format=kernel_format)
    log = machine.log()
    assert "acpi: table at 0 is an empty entry: ignored\n" in log
    assert "acpi: table at fffffffffffffff0 is out of reach: ignored" in log
    assert "acpi: MADT: 8259=1 " in log


@pytest.mark.direct
@pytest.mark.matrix
@pytest.mark.parametrize("seed", range(12))
def test_random_damage(boot, tmp_path, seed):
    """Whatever bytes change, the machine comes up: with sums that are right."""
    rng = random.Random(seed)

    def damage(one: bytes) -> bytes:
        data = bytearray(one)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(44, len(data))] = rng.randrange(256)
        return acpi_blob.checksum(bytes(data), 9)

    image = acpi_blob.blob(acpi_blob.fadt(), damage(acpi_blob.madt()))
    check_runs(with_tables(boot, tmp_path, image))


# ---- CPUs -------------------------------------------------------------------


@pytest.mark.direct
@pytest.mark.parametrize("cpu, line", [
    ("pentium", "this CPU has no CMOV"),
    pytest.param("486", "this CPU has no CMOV", marks=pytest.mark.matrix),
    # It halts: the test waits for all of its time.
    pytest.param("486,-fpu", "boot: this CPU has no floating-point unit: "
                 "halted", marks=pytest.mark.matrix)])
def test_a_cpu_that_lacks_something_says_so(vm, tmp_path, cpu, line):
    log = tmp_path / "log"
    done = vm("--boot", "direct", "--firmware", "ia32", "--cpu", cpu,
              "--memory", 64, "--timeout", 20, "--log", log, "--", "true")
    assert done.returncode != 0
    assert line in log.read_text(errors="replace")


def cpus(names: str, quick: tuple[str, ...]):
    return [name if name in quick else
            pytest.param(name, marks=pytest.mark.matrix)
            for name in names.split()]


@pytest.mark.direct
@pytest.mark.parametrize("cpu", cpus(
    "pentium2 pentium3 qemu32 qemu32,-pae,-pge,-sse,-sse2 qemu32,-apic,-msr "
    "coreduo n270 athlon max", quick=("pentium2",)))
def test_cpu_direct(boot, cpu):
    check_runs(boot(boot="direct", firmware="ia32", cpu=cpu, memory=64))


@pytest.mark.firmware
@pytest.mark.matrix
@pytest.mark.parametrize("firmware, cpu", [
    *(("ia32", name) for name in
      "qemu32 kvm32 pentium3 coreduo n270 core2duo athlon".split()),
    *(("x64", name) for name in
      "qemu64 core2duo Nehalem Skylake-Client EPYC max".split())])
def test_cpu_through_firmware(boot, firmware, cpu):
    check_runs(boot(firmware=firmware, cpu=cpu, memory=256))


@pytest.mark.firmware
@pytest.mark.matrix
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_memory_that_nobody_cleared(boot, tmp_path, firmware):
    """RAM begins as random bytes (boot-pitfalls 11)."""
    ram = tmp_path / "ram"
    rng = random.Random(1)
    with ram.open("wb") as file:
        for _ in range(256):
            file.write(rng.randbytes(1 << 20))
    machine = boot(firmware=firmware, memory=256, qemu=(
        "-machine", "q35,memory-backend=mem",
        "-object", f"memory-backend-file,id=mem,size=256M,mem-path={ram},"
                   "share=off"))
    check_runs(machine)
