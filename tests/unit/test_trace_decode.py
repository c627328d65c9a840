# tests/unit/test_trace_decode.py - faultline decode: names, choices, boots
# SPDX-License-Identifier: MIT

import subprocess

import pytest
from trace_pack import ROOT, fault_info, make, names, pack, paths

FAULTLINE = f"{ROOT}/tools/faultline"
S = 1_000_000_000


def faultline(*arguments, status=0):
    done = subprocess.run([FAULTLINE, *map(str, arguments)], text=True,
                          capture_output=True, check=False)
    assert done.returncode == status, done.stderr
    return done


def decode(tmp_path, sent, *options):
    file = tmp_path / "t.bin"
    file.write_bytes(pack(sent))
    return faultline("decode", file, *options).stdout.splitlines()


def body(line: str) -> str:
    """Without the time."""
    return line.split("] ", 1)[1].strip()


SENT = [
    make("start", 1 * S, 2, version=1, groups=0b1001, frames=16384,
         filters=3),
    make("filter", 1 * S, 2, what=0, first=7, last=1),
    make("filter", 1 * S, 2, what=1, first=0x220),
    make("filter", 1 * S, 2, what=2, first=0x1000, last=0x3000),
    *names(pid=7, name="memwalk", time_ns=1 * S),
    *paths(id=0x10, path="/usr/lib/a name.so", time_ns=1 * S),
    make("fault", 2 * S, 7, address=0x8100000, eip=0x8049123, frame=0x4000,
         duration=6400, info=fault_info("swapped", "write", "heap", True)),
    make("alloc", 2 * S, 7, frame=0x4001, gfp=0x281c, order_zone=0x103),
    make("mark", 2 * S, 7, zone=1, mark=1, free=99),
    make("reclaim", 2 * S, 7, who=1, zone=2, scanned=64, reclaimed=32,
         duration=128000),
    make("swap_in", 2 * S, 7, slot=0x1000020, frame=5, duration=64, why=1),
    make("refault", 2 * S, 7, distance=300, kind=3),
    make("readahead", 2 * S, 7, file=0x10, page=3, count=8, what=0),
    make("readahead", 2 * S, 7, file=0, page=0x21, count=8, what=1),
    make("map", 2 * S, 7, start=0x1000, end=0x3000, what=0x430, file=0x10,
         page=2),
    make("process", 3 * S, 7, what=0, number=8, value=20),
    make("process", 3 * S, 8, what=2, number=0x10),
    make("process", 3 * S, 8, what=3, number=139, value=55),
    make("switch", 3 * S, 8, next=7, state=3),
    make("disk", 3 * S, 8, sector=9, sectors=8, what=0x11, duration=640,
         error=5),
    make("syscall", 3 * S, 8, number=3, result=-2, duration=64),
    make("oom", 3 * S, 7, victim=8, pages=10),
    make("zone", 4 * S, 2, zone=2, free=10, min=1, low=2, high=3),
    make("counter", 4 * S, 2, number=11, value=42),
    make("dropped", 4 * S, 2, records=5),
]
SAID = """\
2 ?               start     version=1 groups=fault|swap frames=16384 \
filters=pid|cause
2 ?               filter    what=pid pid=7 children=yes
2 ?               filter    what=cause causes=first_write|swapped
2 ?               filter    what=address first=0x1000 last=0x3000
0 idle            name      pid=7 name=memwalk
0 idle            file      id=0x10 piece=0 path=/usr/lib/a n
0 idle            file      id=0x10 piece=1 path=/usr/lib/a name.so
7 memwalk         fault     address=0x8100000 eip=0x8049123 frame=0x4000 \
duration_us=6.4 cause=swapped access=write area=heap weight=major result=done
7 memwalk         alloc     frame=0x4001 gfp=wait|io|high|fs owner=vmalloc \
order=3 zone=Normal
7 memwalk         mark      zone=Normal mark=low free=99
7 memwalk         reclaim   who=direct zone=HighMem scanned=64 reclaimed=32 \
duration_us=128.0
7 memwalk         swap_in   area=1 slot=0x20 frame=0x5 duration_us=0.1 \
why=readahead
7 memwalk         refault   distance=300 kind=file activate=yes
7 memwalk         readahead file=/usr/lib/a name.so page=3 count=8 what=read
7 memwalk         readahead file=swap slot=0x21 count=8 what=used
7 memwalk         map       start=0x1000 end=0x3000 what=mmap mode=read|write \
area=file file=/usr/lib/a name.so page=2
7 memwalk         process   what=fork child=8(memwalk) shared=20
8 memwalk         process   what=exec file=/usr/lib/a name.so
8 memwalk         process   what=exit status=signal:11+core rss_max=55
8 memwalk         switch    next=7(memwalk) state=zombie
8 memwalk         disk      sector=9 sectors=8 what=write disk=1 \
duration_us=0.6 error=EIO
8 memwalk         syscall   call=read result=-ENOENT duration_us=0.1
7 memwalk         oom       victim=8(memwalk) pages=10
2 ?               zone      zone=HighMem free=10 min=1 low=2 high=3
2 ?               counter   counter=pgmajfault value=42
2 ?               dropped   records=5
"""


def test_everything_has_its_name(tmp_path):
    said = decode(tmp_path, SENT)
    assert [body(line) for line in said] == SAID.splitlines()
    assert said[0].startswith("[    1.000000]     2 ")


@pytest.mark.parametrize("options, count", [
    (["--type", "fault"], 1),
    (["--type", "swap"], 2),
    (["--type", "fault,counter"], 2),
    (["--pid", "8"], 5),
    (["--pid", "7,8", "--until", "3"], 9),
    (["--since", "4"], 3),
    (["--since", "2.5", "--until", "3.5"], 7),
])
def test_choices(tmp_path, options, count):
    assert len(decode(tmp_path, SENT, *options)) == count


def test_names_are_known_though_not_shown(tmp_path):
    [line] = decode(tmp_path, SENT, "--type", "fault", "--since", "2")
    assert " memwalk " in line


def test_two_boots(tmp_path):
    """Numbers are given anew, and what one boot has sent the other has not
    lost."""
    first = [make("start", 1 * S), *names(7, "before", 1 * S)]
    first += [make("fault", 2 * S, 7, address=n) for n in range(1000)]
    second = [make("start", 1 * S), make("fault", 1 * S, 7)]
    file = tmp_path / "t.bin"
    file.write_bytes(pack(first) + b"[    0.000000] boot\n" + pack(second))
    done = faultline("decode", file)
    lines = done.stdout.splitlines()
    assert lines[-3] == "---- boot 2"
    assert body(lines[-4]).startswith("7 before ")
    assert body(lines[-1]).startswith("7 ? ")
    assert "1004 records of 2 boots; 0 lost on the line" in done.stderr


def test_groups_changed_is_no_boot(tmp_path):
    """Records that lay in the ring come behind what was said of now."""
    sent = [make("start", 1 * S), make("fault", 5 * S, 7),
            make("dropped", 9 * S, records=3), make("fault", 6 * S, 7),
            make("start", 10 * S)]
    assert len(decode(tmp_path, sent)) == len(sent)


def test_losses_are_said(tmp_path):
    file = tmp_path / "t.bin"
    sent = [make("fault", n * 1000, 7, address=n * n) for n in range(1000)]
    data = pack(sent + [make("dropped", 2 * S, records=17)])
    file.write_bytes(data[:960] + data[1920:] + b"garbage")
    done = faultline("decode", file)
    there = len(done.stdout.splitlines())
    assert (f"{there} records; {1001 - there} lost on the line, 17 dropped by "
            "the kernel; 0 frames mended, 7 bytes" in done.stderr)


def test_errors_are_sentences(tmp_path):
    absent = faultline("decode", tmp_path / "absent", status=2)
    assert absent.stderr == (f"faultline: {tmp_path}/absent: No such file or "
                             "directory\n")
    text = tmp_path / "log.txt"
    text.write_text("[    0.000000] boot: nothing of interest\n")
    assert ("no trace is in it" in
            faultline("decode", text, status=2).stderr)
    wrong = faultline("decode", text, "--type", "falt", status=2).stderr
    assert "there is no falt; there are " in wrong and "fault" in wrong
    assert "decode" in faultline("--help").stdout


def test_bits_that_are_not_known_are_shown(tmp_path):
    """Of a kernel that has more groups than the headers here."""
    [line] = decode(tmp_path, [make("start", 1 * S, 2, version=1,
                                    groups=1 << 30 | 1)])
    assert "groups=fault|0x40000000" in line
