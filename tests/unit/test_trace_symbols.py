# tests/unit/test_trace_symbols.py - addresses named by ELF files
# SPDX-License-Identifier: MIT
"""A kernel, a program and a library of a few lines are built where the real
ones would be, at addresses that are known.
"""

import subprocess

import pytest
from test_trace_decode import FAULTLINE, faultline
from trace_pack import make, pack, paths

from tracelib import elf as elf_of
from tracelib.elf import Elf, NotElf
from tracelib.symbols import Symbols

CC = "i686-linux-gnu-gcc"
FLAGS = ("-g", "-O0", "-nostdlib", "-fno-pie", "-fno-stack-protector",
         "-fcf-protection=none", "-Wl,--build-id=none")
SOURCE = """\
int data = 1;
int first(void)
{
    return data;
}
int second(void)
{
    return first() + 1;
}
"""
LIBRARY_AT = 0xb7d00000
FIRST_LINE, SECOND_LINE = 3, 7


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Symbols of a tree in which everything was built."""
    top = tmp_path_factory.mktemp("tree")
    (top / "code.c").write_text(SOURCE)

    def link(name, *flags):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([CC, *FLAGS, *flags, "code.c", "-o", name], cwd=top,
                       check=True)

    link("build/kernel.elf", "-no-pie", "-Wl,-Ttext=0xc0100000", "-Wl,-ewhole")
    link("build/kernel-pae.elf", "-no-pie", "-Wl,-Ttext=0xc0180000",
         "-Wl,-ewhole")
    link("build/root/bin/program", "-no-pie", "-static", "-Wl,-efirst",
         "-Wl,-Ttext=0x08049000")
    link("build/i386/lib/libcode.so.1", "-shared", "-fPIC")
    (top / "build/i386/lib/libcode.so").symlink_to("/lib/libcode.so.1")
    return Symbols(top)


def start(elf: Elf, name: str) -> int:
    return next(at for at, (_, _, text) in zip(elf._starts, elf._functions_at)
                if text == name)


def test_kernel(build):
    elf = build.kernel_elf()
    second = start(elf, "second")
    assert elf.is_code(0xc0100000)
    assert build.kernel(second) == f"second+0x0 (code.c:{SECOND_LINE})"
    assert build.kernel(second + 3).startswith("second+0x3 (code.c:")
    data = next(address for _, address, _, is_code in elf.segments
                if not is_code)
    for nowhere in (0, 0xc00fffff, 0xffffffff, data):
        assert build.kernel(nowhere) is None
    pae = start(build.kernel_elf(pae=True), "second")
    assert build.kernel(pae) is None
    assert build.kernel(pae, pae=True).startswith("second+0x0")


def test_no_names_are_no_end(build, tmp_path, monkeypatch):
    """Of paths that no file here can have, damaged files, and where there is no
    addr2line."""
    assert build.program("/tmp/" + "x" * 300) is None
    damaged = bytearray((build.build / "kernel.elf").read_bytes())
    header = elf_of.HEADER.unpack_from(damaged)
    for i in range(header[12]):
        section = elf_of.SECTION.unpack_from(damaged, header[6] + i * header[11])
        if section[1] == elf_of.SHT_SYMTAB:
            for at in range(section[4], section[4] + section[5], 16):
                damaged[at:at + 4] = b"\xf0\xff\xff\x0f"
    (tmp_path / "damaged.elf").write_bytes(damaged)
    with pytest.raises(NotElf):
        Elf(tmp_path / "damaged.elf")
    monkeypatch.setenv("PATH", str(tmp_path))
    elf = Elf(build.build / "kernel.elf")
    assert elf.line(start(elf, "second")) is None


def test_programs(build):
    program = build.program("/bin/program")
    first = start(program, "first")
    said = f"first+0x0 (code.c:{FIRST_LINE})"
    assert build.fixed("/bin/program", first) == said
    [offset] = [at + first - address for at, address, size, _ in
                program.segments if address <= first < address + size]
    assert build.user("/bin/program", offset) == said
    assert build.user("/bin/program", 1 << 30) is None
    assert build.user("/bin/absent", offset) is None
    assert build.fixed("/lib/libcode.so", 0x1000) is None
    assert build.user("/../../../../../../etc/passwd", 0) is None
    # By a link as the guest has it.
    library = build.program("/lib/libcode.so")
    assert library.file.name == "libcode.so.1"


def test_stripped(build, tmp_path):
    source = build.build / "root/bin/program"
    stripped = tmp_path / "build/root/bin/stripped"
    stripped.parent.mkdir(parents=True)
    subprocess.run(["i686-linux-gnu-strip", "-o", stripped, source],
                   check=True)
    symbols = Symbols(tmp_path)
    assert symbols.fixed("/bin/stripped", 0x8049002) == "stripped+0x8049002"


def test_no_elf(build, tmp_path):
    whole = (build.build / "kernel.elf").read_bytes()
    file = tmp_path / "x"
    for data in (b"", b"#!/bin/sh\n", whole[:40], whole[:-200]):
        file.write_bytes(data)
        with pytest.raises(NotElf):
            Elf(file)
        done = faultline("symbolize", "--kernel", file, "/dev/null", status=2)
        assert done.stderr.startswith(f"faultline: {file}: ")
    done = faultline("symbolize", "--build", tmp_path, "/dev/null", status=2)
    assert "no kernel.elf is there" in done.stderr


def symbolize(build, text, *options):
    done = subprocess.run(
        [FAULTLINE, "symbolize", "--build", str(build.build), *options],
        input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def test_a_log(build):
    second = start(build.kernel_elf(), "second")
    pae = start(build.kernel_elf(pae=True), "second")
    name = f"second+0x0 ({build.top}/code.c:{SECOND_LINE})"
    assert (symbolize(build, f"ebx={second:x} esp={second - 0x10000000:x}\n") ==
            f"ebx={second:x} {name} esp={second - 0x10000000:x}\n")
    # A log that has names gets lines, and tells which kernel it was.
    said = symbolize(build, f"eip: {pae:x} second+0x0\nebx={pae:x}\n"
                     f"{second:x}")
    line = name.removeprefix("second+0x0 ")
    assert said == (f"eip: {pae:x} second+0x0 {line}\nebx={pae:x} {name}\n"
                    f"{second:x}")


def test_other_text_is_as_it_was(build):
    text = "deadbeef.c0100000 sectors=c0100000x 1.c0100000 \t\n\ncafe c010000"
    assert symbolize(build, text) == text
    raw = bytes(range(256)) * 3
    done = subprocess.run([FAULTLINE, "symbolize", "--build", build.build],
                          input=raw, capture_output=True, check=True)
    assert done.stdout == raw


def test_elf_at_a_base(build):
    library = build.build / "i386/lib/libcode.so.1"
    at = LIBRARY_AT + start(Elf(library), "second")
    said = symbolize(build, f"eip={at:#x}", "--elf", f"{library}@{LIBRARY_AT}")
    assert said.startswith(f"eip={at:#x} second+0x0 (")


def test_by_the_mappings_of_a_trace(build, tmp_path):
    """Parent and child, the library at another place after exec, and a hole
    cut into it."""
    elf = Elf(build.build / "i386/lib/libcode.so.1")
    [(at, address)] = [(at, address) for at, address, _, is_code in
                       elf.segments if is_code]
    second = start(elf, "second") - address
    program = start(build.program("/bin/program"), "first")
    other = LIBRARY_AT + 0x100000

    def library(time, pid, where):
        return make("map", time, pid, start=where, end=where + 0x1000,
                    what=0x470, file=5, page=at // 4096)

    def fault(time, pid, eip):
        return make("fault", time, pid, eip=eip)

    sent = [
        *paths(5, "/lib/libcode.so", 1000), *paths(6, "/bin/program", 1000),
        library(2000, 7, LIBRARY_AT),
        make("process", 3000, 7, what=0, number=8),
        fault(4000, 8, LIBRARY_AT + second),
        make("process", 5000, 8, what=2, number=6),
        fault(6000, 8, LIBRARY_AT + second), fault(7000, 8, program),
        make("process", 7100, 8, what=0, number=9), fault(7200, 9, program),
        library(8000, 8, other), fault(9000, 8, other + second),
        fault(9000, 7, LIBRARY_AT + second),
        make("map", 10000, 7, start=LIBRARY_AT, end=LIBRARY_AT + 4096, what=1),
        fault(11000, 7, LIBRARY_AT + second),
    ]
    file = tmp_path / "t.bin"
    file.write_bytes(pack(sent))
    text = faultline("decode", file, "--type", "fault").stdout
    said = symbolize(build, text, "--trace", file).splitlines()
    named = [line.split("eip=")[1].split()[1] for line in said]
    assert named == ["second+0x0", "frame=0x0", "first+0x0", "first+0x0",
                     "second+0x0", "second+0x0", "frame=0x0"]
