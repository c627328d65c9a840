# tests/system/test_pae.py - the kernel with three-level page tables
# SPDX-License-Identifier: MIT
"""NX, and what the CPU keeps the kernel from (SMEP, SMAP). The other tests run
on either kernel; here is where the two differ. Memory above 4 GiB:
test_memory_matrix.py.
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

CR4_UMIP, CR4_SMEP, CR4_SMAP = 1 << 11, 1 << 20, 1 << 21


def assert_census(machine):
    census = machine.run("cat /proc/faultline/census").text
    assert census.splitlines()[-1] == "census: ok", census


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
