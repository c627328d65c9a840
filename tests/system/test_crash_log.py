# tests/system/test_crash_log.py - the log that survives a reset
# SPDX-License-Identifier: MIT
"""RAM keeps its content over a reset of QEMU's machine, as a PC's mostly does:
docs/crash-log.md. Without firmware the kernel finds the last log itself; with
firmware the stub does, and saves it on the FAT volume.
"""

import os
import re
import subprocess

import pytest
from conftest import TOP

FAULTLINE = TOP / "tools/faultline"
ESP_OFFSET = 1 << 20
SAVED = "::/faultline/last-crash.log"
LAST = "/proc/faultline/last"
CRASH = "/proc/faultline/crash"
# In the report of a panic that was asked for.
BACKTRACE = r"crash_panic\+0x[0-9a-f]+"
# So much memory that behind the area at 48 MiB there is room for the last log
# (CRASH_LOG_EXTRACT_BYTES) and nothing else, below what SeaBIOS takes.
EDGE_KIB = 50072
EDGE_DIRECT_MAP = "direct_map=c0000000-c30c5000 "


def last(machine) -> str:
    return machine.run(f"cat {LAST}").text


def check_report(text: str, boot: int) -> None:
    head, _, rest = text.partition("\n")
    assert re.fullmatch(rf"Faultline's last log: boot={boot} kernel=\"\S+\" "
                        r'end="kernel panic" uptime=\d+s', head)
    assert re.match(r"\[ +0\.0\d+\] ", rest), "not from the first line on"
    assert "kernel panic: crash=panic was asked for" in rest
    assert re.search(BACKTRACE, rest)
    assert re.search(r"cr2=[0-9a-fx]+.*cr3=[0-9a-fx]+", rest, re.I | re.S)
    # To the last word before the reset: kernel/reset.c's.
    assert re.search(r"reset in 1 seconds\n(\[.*\] reset: by=\w+\n)+\Z", rest)


def mtool(name: str, disk, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [name, "-i", f"{disk}@@{ESP_OFFSET}", *arguments], check=False,
        env={**os.environ, "MTOOLS_SKIP_CHECK": "1"}, capture_output=True)


def saved(disk) -> str | None:
    """The file on the FAT volume, also while the machine runs."""
    done = mtool("mtype", disk, SAVED)
    return done.stdout.decode() if done.returncode == 0 else None


@pytest.mark.parametrize("firmware", [
    pytest.param("x64", marks=pytest.mark.firmware),
    pytest.param("ia32", marks=pytest.mark.matrix)])
def test_a_panic_is_saved_on_the_boot_volume(boot, tmp_path, firmware):
    disk = tmp_path / "disk"
    machine = boot(firmware=firmware, keep_disk=disk, memory=256, reset=True,
                   append="panic=1")
    assert saved(disk) is None and last(machine) == ""
    machine.run_over_reset(f"sync; echo panic >{CRASH}; sleep 60")
    text = saved(disk)
    check_report(text, boot=1)
    assert last(machine) == text
    assert r"its log is \faultline\last-crash.log" in machine.log()
    # After a shutdown in order nothing is written.
    assert mtool("mdel", disk, SAVED).returncode == 0
    machine.run_over_reset("sync; reboot -f")
    assert saved(disk) is None and last(machine) == ""
    found = re.findall(r"crash_log: .* last_bytes=(\d+)", machine.log())
    assert found == ["0", str(len(text)), "0"]


@pytest.mark.direct
def test_a_panic_is_shown_by_the_next_boot(boot):
    machine = boot(boot="direct", memory=64, reset=True)
    assert last(machine) == ""
    machine.run("echo 'a mark of this boot' >/dev/kmsg")
    machine.run_over_reset("echo 1 >/proc/sys/kernel/panic; "
                           f"echo panic >{CRASH}; sleep 60")
    text = last(machine)
    check_report(text, boot=1)
    assert "a mark of this boot" in text
    # Once told, and shut down in order, there is nothing to tell.
    machine.run_over_reset("reboot -f")
    assert last(machine) == ""


@pytest.mark.direct
def test_a_reset_without_a_shutdown(boot):
    machine = boot(boot="direct", memory=64, reset=True)
    # More than the area holds: the oldest lines go, whole ones.
    machine.run("pad=$(printf '%0380d' 0); i=0; while [ $i -lt 800 ]; do "
                "echo \"line $i $pad\"; i=$((i + 1)); done >/dev/kmsg")
    machine.run_over_reset("echo 'the end' >/dev/kmsg; "
                           f"echo reset >{CRASH}; sleep 60")
    lines = last(machine).splitlines()
    assert 'end="reset without a shutdown"' in lines[0]
    numbers = [int(m[1]) for m in re.finditer(r"line (\d+) 0{380}$",
                                              "\n".join(lines), re.M)]
    assert numbers == list(range(numbers[0], 800)) and numbers[0] > 0
    assert all(re.match(r"\[ *\d+\.\d{6}\] ", line) for line in lines[1:])
    size = sum(map(len, lines)) + len(lines)
    assert 256 * 1024 <= size <= 272 * 1024
    assert any("the end" in line for line in lines[-3:])


def decode(text: str, tmp_path) -> tuple[list[str], str]:
    """The records of the trace in a last log, and the summary."""
    file = tmp_path / "last-crash.log"
    file.write_text(text)
    done = subprocess.run([FAULTLINE, "decode", file], check=True,
                          capture_output=True, text=True)
    return done.stdout.splitlines(), done.stderr


def times(lines: list[str]) -> list[float]:
    return [float(re.match(r"\[ *([0-9.]+)\]", line)[1]) for line in lines]


@pytest.mark.direct
def test_the_trace_of_a_panic(boot, tmp_path):
    """All that was in the ring, though no port has it; and nothing of the boot
    before."""
    machine = boot(boot="direct", memory=64, reset=True, append="trace=fault")
    for n, megabytes in enumerate((12, 2)):
        machine.run(f"memwalk {megabytes} >/dev/null")
        machine.run_over_reset("cat /proc/faultline/faults >/dev/kmsg; "
                               "echo 1 >/proc/sys/kernel/panic; "
                               f"echo panic >{CRASH}; sleep 60")
        text = last(machine)
        check_report(re.sub(r"(\[\d+ frames .*|~!.*)\n", "", text), boot=n + 1)
        # People look at the end.
        assert "~!" not in text[text.rindex("kernel panic:"):]
        found, summary = decode(text, tmp_path)
        assert " 0 lost on the line, 0 dropped" in summary
        counted = sum(map(int, re.findall(r"\] \d+ \w+ (\d+)$", text, re.M)))
        faults = [line for line in found if " fault " in line]
        # As many as were counted, and those of the commands behind that.
        assert counted > 500 and counted <= len(faults) < counted + 200
        panic = float(re.search(r"\[ *([0-9.]+)\] panic: kernel panic",
                                text)[1])
        assert times(faults) == sorted(times(faults))
        assert panic - 1 < times(faults)[-1] < panic
    # The second boot had less to tell than is there from the first.
    machine.run_over_reset("reboot -f")
    assert last(machine) == ""


@pytest.mark.direct
def test_the_trace_of_a_reset(boot, tmp_path):
    """The newest records, as the kernel had no time to keep more."""
    machine = boot(boot="direct", memory=64, reset=True, append="trace=fault")
    machine.run("memwalk 4 >/dev/null")
    machine.run("true; sleep 0.3; echo 'a mark' >/dev/kmsg")
    machine.run_over_reset(f"echo reset >{CRASH}; sleep 60")
    text = last(machine)
    mark = float(re.search(r"\[ *([0-9.]+)\] a mark", text)[1])
    found, _ = decode(text, tmp_path)
    faults = times([line for line in found if " fault " in line])
    assert len(faults) >= 16 and mark - 2 < faults[-1] < mark + 2


@pytest.mark.firmware
def test_the_trace_is_on_the_boot_volume(boot, tmp_path):
    disk = tmp_path / "disk"
    machine = boot(firmware="x64", keep_disk=disk, memory=256, reset=True,
                   append="panic=1 trace=fault")
    machine.run("memwalk 8 >/dev/null")
    machine.run_over_reset(f"sync; echo panic >{CRASH}; sleep 60")
    text = saved(disk)
    assert last(machine) == text
    found, summary = decode(text, tmp_path)
    assert " 0 lost on the line" in summary
    assert sum(" fault " in line for line in found) > 2000


@pytest.mark.direct
def test_kernel_panic_setting(shared):
    machine = shared(boot="direct")
    setting = "/proc/sys/kernel/panic"
    assert machine.run(f"cat {setting}").text == "0\n"
    for value in ("30", "-1", "0"):
        done = machine.run(f"echo {value} >{setting}; cat {setting}")
        assert done.text == f"{value}\n"
    for value in ("x", "''", "1 2", "99999999999"):
        assert machine.run(f"echo {value} >{setting}").status != 0
    assert machine.run(f"cat {setting}").text == "0\n"
    assert machine.run(f"echo nonsense >{CRASH}").status != 0


@pytest.mark.direct
def test_dirty_ram_is_no_log(boot, tmp_path):
    """RAM that starts as random bytes."""
    ram = tmp_path / "ram"
    with ram.open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1 << 20))
    machine = boot(boot="direct", memory=64, qemu=(
        "-machine", "memory-backend=mem", "-object",
        f"memory-backend-file,id=mem,size=64M,mem-path={ram},share=off"))
    assert last(machine) == ""
    assert re.search(r"crash_log: area=\w+ boot=1 last_bytes=0",
                     machine.log())


@pytest.mark.direct
@pytest.mark.parametrize("cpu", ["qemu32", "qemu32,-pse,-pae"])
def test_the_area_at_the_end_of_memory(boot, cpu):
    """The last log, behind the area, takes all that there was behind it: no
    frame above the area is for use then, and the direct map ends below."""
    machine = boot(boot="direct", firmware="ia32", memory=48, cpu=cpu,
                   kernel_format="2level", reset=True, foreign=None,
                   qemu=("-m", f"{EDGE_KIB}K"))
    if EDGE_DIRECT_MAP not in machine.log():
        pytest.skip("the BIOS keeps another part of memory for itself")
    machine.run_over_reset("echo 1 >/proc/sys/kernel/panic; "
                           f"echo panic >{CRASH}; sleep 60")
    check_report(last(machine), boot=1)
    assert "crash_log: area=3000000 boot=2" in machine.log()
