# tests/system/test_pae.py - the kernel with three-level page tables
# SPDX-License-Identifier: MIT
"""NX, memory above 4 GiB, and what the CPU keeps the kernel from (SMEP, SMAP).
The other tests run on either kernel; here is where the two differ.
"""

import re

import pytest

PAE = {"boot": "direct", "kernel_format": "pae"}
FORMATS = ["2level", "pae"]

# qemu32 has PAE and no NX; coreduo has NX, and physical addresses of 32 bits;
# max has SMEP, SMAP and UMIP.
CPUS = {"qemu32": False, "qemu32,+nx": True, "coreduo": True, "max": True}

# As a shell gives it.
STATUS_SIGSEGV = 139

# Of a walk's address space: most of 3 GiB.
WALK_MIB_MAX = 2400
WALK_TIMEOUT_S = 900
WALK_PERCENT = 70

CR4_UMIP, CR4_SMEP, CR4_SMAP = 1 << 11, 1 << 20, 1 << 21


def meminfo_kib(machine, name):
    line = machine.run(f"grep {name}: /proc/meminfo").text
    return int(line.split()[1])


def assert_census(machine):
    census = machine.run("cat /proc/faultline/census").text
    assert census.splitlines()[-1] == "census: ok", census


def walk(machine, mib):
    """memwalk over MIB, by as many processes as that needs. It exits with 0
    only if every word was right."""
    walks = -(-mib // WALK_MIB_MAX)
    result = machine.run(
        f"for n in $(seq {walks}); do "
        f"memwalk {mib // walks} $n >/tmp/walk$n & pids=\"$pids $!\"; done; "
        "for p in $pids; do wait $p || status=1; done; "
        "cat /tmp/walk*; rm /tmp/walk*; exit $status", WALK_TIMEOUT_S)
    assert result.text.count("\nok 5 ") == walks, result.text
    assert result.status == 0, result.text


@pytest.mark.direct
@pytest.mark.parametrize("kernel_format", FORMATS)
@pytest.mark.parametrize("cpu", CPUS)
def test_processors(boot, cpu, kernel_format):
    machine = boot(boot="direct", kernel_format=kernel_format, cpu=cpu,
                   memory=128)
    nx = CPUS[cpu] and kernel_format == "pae"
    log = machine.log()
    assert f"nx={int(nx)}" in re.search("pmap: tables are .*", log)[0]
    assert ("W+X mappings: 0" in log) == nx
    assert machine.run("faults").status == 0
    for place in ("heap", "stack", "data", "map"):
        status = machine.run(f"faults run {place}").status
        assert status == (STATUS_SIGSEGV if nx else 0), place
    assert_census(machine)


@pytest.mark.direct
def test_physical_bits(boot):
    for cpu, mib in (("coreduo", 4096), ("pentium3", 1 << 16)):
        log = boot(**PAE, cpu=cpu, memory=64).log()
        assert f"physical addresses up to {mib} MiB" in log


def crash(vm, tmp_path, kind, *options):
    log = tmp_path / "log"
    done = vm("--boot", "direct", "--memory", "64", "--append",
              f"crash={kind}", "--log", log, *options, "--", "echo alive")
    return done, log.read_text(errors="replace")


@pytest.mark.direct
@pytest.mark.parametrize("kernel_format", FORMATS)
def test_kernel_writes_to_its_code(vm, tmp_path, kernel_format):
    done, log = crash(vm, tmp_path, "text", "--kernel-format", kernel_format)
    assert done.returncode == 125
    assert "wrote to code" not in log
    assert re.search(r"write to a protected page in kernel mode", log)
    assert "crash_text_write+0x" in log


@pytest.mark.direct
def test_kernel_executes_data(vm, tmp_path):
    done, log = crash(vm, tmp_path, "data", "--kernel-format", "pae")
    assert done.returncode == 125
    assert "execution of a protected page in kernel mode" in log
    assert "executed data" not in log


@pytest.mark.direct
def test_kernel_executes_data_without_nx(vm, tmp_path):
    done, log = crash(vm, tmp_path, "data", "--kernel-format", "2level")
    assert (done.returncode, done.stdout) == (0, b"alive\n")
    assert "executed data" in log


@pytest.mark.direct
@pytest.mark.parametrize("kernel_format", FORMATS)
def test_user_pages_are_kept_from_the_kernel(vm, tmp_path, kernel_format):
    _, log = crash(vm, tmp_path, "null", "--kernel-format", kernel_format,
                   "--cpu", "max")
    cr4 = int(re.search(r"cr4=([0-9a-f]+)", log)[1], 16)
    assert cr4 & CR4_UMIP and cr4 & CR4_SMEP and cr4 & CR4_SMAP


@pytest.mark.direct
def test_without_pae_it_says_so(vm, tmp_path):
    log = tmp_path / "log"
    done = vm("--boot", "direct", "--kernel-format", "pae", "--cpu", "pentium",
              "--memory", "64", "--timeout", "5", "--log", log, "--", "true")
    assert done.returncode == 124
    assert "boot: this kernel is for CPUs with PAE" in log.read_text()


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("memory", [64, 897, *(
    pytest.param(mib, marks=pytest.mark.matrix)
    for mib in (512, 895, 2048, 4096, 8192))])
def test_most_of_memory(boot, memory):
    machine = boot(**PAE, memory=memory)
    assert "unused_mib" not in machine.log()
    assert meminfo_kib(machine, "MemTotal") > memory * 1024 * 9 // 10 - 8192
    walk(machine, meminfo_kib(machine, "MemTotal") // 1024 * WALK_PERCENT
         // 100)
    assert_census(machine)


@pytest.mark.direct
@pytest.mark.matrix
@pytest.mark.parametrize("memory,unused", [(16384, False), (20480, True)])
def test_limit_of_memory(boot, memory, unused):
    # 16 GiB of RAM are used wherever they lie; q35 has 2 GiB of them below 4.
    machine = boot(**PAE, memory=memory)
    assert ("unused_mib=2048" in machine.log()) == unused
    assert meminfo_kib(machine, "MemTotal") > 16384 * 1024 * 9 // 10
    walk(machine, 200)
    assert_census(machine)


@pytest.mark.direct
@pytest.mark.slow
def test_swapping(boot):
    machine = boot(**PAE, memory=128, swap=512)
    walk(machine, 256)
    assert_census(machine)


@pytest.mark.firmware
@pytest.mark.parametrize("firmware,options,chosen", [
    ("x64", {}, "pae"),                      # NX
    ("ia32", {}, "2level"),                  # PAE alone brings nothing
    ("ia32", {"cpu": "qemu32,+nx"}, "pae"),
    ("ia32", {"cpu": "pentium3", "memory": 4096}, "pae"),
    ("x64", {"kernel_format": "2level"}, "2level"),
    ("ia32", {"kernel_format": "pae"}, "pae"),
])
def test_the_stub_chooses(boot, firmware, options, chosen):
    machine = boot(firmware=firmware, **{"memory": 256, **options})
    tables = "3-level" if chosen == "pae" else "2-level"
    assert f"pmap: tables are {tables}" in machine.log()
    nx = firmware == "x64" or "+nx" in options.get("cpu", "")
    expected = STATUS_SIGSEGV if nx and chosen == "pae" else 0
    assert machine.run("faults run heap").status == expected
    if options.get("memory") == 4096:
        assert "unused_mib" not in machine.log()
