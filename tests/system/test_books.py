# tests/system/test_books.py - what /proc says of memory, counted again
# SPDX-License-Identifier: MIT
"""The numbers of one file are checked against those of another. Reading needs
memory itself, so files are read by one cat, again and again until they agree.
"""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import ktap
import pytest
from conftest import BUILD
from vmlib import Machine, Options

pytestmark = pytest.mark.direct

TESTS = Path(__file__).resolve().parents[1]

TRIES = 10
KIB_PER_PAGE = 4
ORDERS = 11
PAGEBLOCK_FRAMES = 1024

# linux/kernel-page-flags.h
KPF_LRU, KPF_SLAB, KPF_BUDDY, KPF_MMAP, KPF_ANON = 5, 7, 10, 11, 12
KPF_NOPAGE, KPF_ZERO_PAGE, KPF_PGTABLE, KPF_RESERVED = 20, 24, 26, 32

# What changes between one file and the next of one cat.
SLACK_PAGES = 32

SIZES = [{"memory": 128}, {"memory": 1024}]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size['memory']}MiB")
def machine(request, boot_or_share):
    return boot_or_share(**request.param)


@pytest.fixture
def boot_or_share(shared):
    return lambda **options: shared(boot="direct", **options)


def read(machine, *names):
    """The files of /proc as texts, read by one cat. What is between them comes
    from /proc as well: reading it must not move a page."""
    paths = " /proc/version ".join(f"/proc/{name}" for name in names)
    text = machine.run(f"cat /proc/version {paths}").text
    mark, rest = text.split("\n", 1)
    return rest.split(mark + "\n")


def agree(machine, names, compute):
    """compute(*texts) gives pairs of numbers that have to be equal, once."""
    for _ in range(TRIES):
        pairs = compute(*read(machine, *names))
        if all(a == b for a, b in pairs.values()):
            return
    assert pairs == {name: (a, a) for name, (a, _) in pairs.items()}


def meminfo_pages(text):
    return {name: int(kib) // KIB_PER_PAGE for name, kib
            in re.findall(r"^(\S+): +(\d+) kB$", text, re.M)}


def buddyinfo(text):
    """zone -> blocks of each order"""
    rows = re.findall(r"^Node 0, zone +(\w+) +((?:\d+ +){11})$", text, re.M)
    return {zone: list(map(int, counts.split())) for zone, counts in rows}


def frames_of(blocks):
    return sum(count << order for order, count in enumerate(blocks))


def zoneinfo(text):
    """zone -> its numbers by name"""
    zones = {}
    for part in re.split(r"^Node 0, zone +", text, flags=re.M)[1:]:
        name, rest = part.split("\n", 1)
        numbers = re.findall(r"(\w+):? +(\d+)$", rest, re.M)
        zones[name] = {key: int(value) for key, value in numbers}
    return zones


def total(zones, key):
    return sum(zone.get(key, 0) for zone in zones.values())


def test_free_memory(machine):
    def compute(mem, buddy, zone, vmstat):
        mem, zones = meminfo_pages(mem), zoneinfo(zone)
        blocks = buddyinfo(buddy)
        free = sum(map(frames_of, blocks.values()))
        return {
            "buddyinfo": (mem["MemFree"], free),
            "zoneinfo": (mem["MemFree"], total(zones, "free")),
            "nr_free_pages": (total(zones, "free"),
                              total(zones, "nr_free_pages")),
            "vmstat": (mem["MemFree"], int(
                re.search(r"^nr_free_pages (\d+)$", vmstat, re.M)[1])),
            "high and low": (mem["MemFree"],
                             mem["HighFree"] + mem["LowFree"]),
            "HighFree": (mem["HighFree"],
                         frames_of(blocks.get("HighMem", []))),
        }

    agree(machine, ("meminfo", "buddyinfo", "zoneinfo", "vmstat"), compute)


def test_totals(machine):
    mem, zone = read(machine, "meminfo", "zoneinfo")
    mem, zones = meminfo_pages(mem), zoneinfo(zone)
    assert mem["MemTotal"] == total(zones, "managed")
    assert mem["MemTotal"] == mem["HighTotal"] + mem["LowTotal"]
    assert mem["HighTotal"] == zones["HighMem"]["managed"]
    assert mem["Slab"] == mem["SReclaimable"] + mem["SUnreclaim"]
    for numbers in zones.values():
        assert numbers["managed"] <= numbers["present"] <= numbers["spanned"]
        assert numbers["min"] <= numbers["low"] <= numbers["high"]


def test_reclaimable_slabs(machine):
    """names, inodes and nodes of page caches: by cache, and in the totals"""
    def compute(mem, vmstat, slabs):
        mem = meminfo_pages(mem)
        numbers = dict(re.findall(r"^(\w+) (\d+)$", vmstat, re.M))
        pages = {name: int(per_slab) * int(count) for name, per_slab, count in
                 re.findall(r"^(\S+) +(?:\d+ +){4}(\d+) : .* : slabdata +"
                            r"\d+ +(\d+) ", slabs, re.M)}
        reclaimable = sum(pages[name] for name
                          in ("dentry", "inode", "radix_node"))
        rest = sum(pages.values()) - reclaimable
        assert reclaimable > 0
        return {
            "SReclaimable": (mem["SReclaimable"], reclaimable),
            "SUnreclaim": (mem["SUnreclaim"], rest),
            "nr_slab_reclaimable": (int(numbers["nr_slab_reclaimable"]),
                                    reclaimable),
            "nr_slab_unreclaimable": (int(numbers["nr_slab_unreclaimable"]),
                                      rest),
        }

    agree(machine, ("meminfo", "vmstat", "slabinfo"), compute)


def test_zoneinfo_is_linuxs(machine):
    assert re.match(
        r"Node 0, zone      DMA\n"
        r"  pages free     \d+\n"
        r"        min      \d+\n"
        r"        low      \d+\n"
        r"        high     \d+\n"
        r"        spanned  \d+\n"
        r"        present  \d+\n"
        r"        managed  \d+\n"
        r"        protection: \(0, \d+, \d+\)\n"
        r"      nr_free_pages \d+\n", read(machine, "zoneinfo")[0])


def test_lru_sizes(machine):
    def compute(mem, zone):
        mem, zones = meminfo_pages(mem), zoneinfo(zone)
        pairs = {}
        for kind in ("anon", "file"):
            for state in ("Active", "Inactive"):
                pairs[kind, state] = (
                    mem[f"{state}({kind})"],
                    total(zones, f"nr_zone_{state.lower()}_{kind}"))
        return pairs

    agree(machine, ("meminfo", "zoneinfo"), compute)


def test_pagetypeinfo(machine):
    def compute(types, buddy, zone):
        blocks, zones = buddyinfo(buddy), zoneinfo(zone)
        by_type = {name: [0] * ORDERS for name in blocks}
        for name, counts in re.findall(
                r"^Node    0, zone +(\w+), type +\w+ +((?:\d+ +){11})$",
                types, re.M):
            by_type[name] = [a + b for a, b in zip(
                by_type[name], map(int, counts.split()))]
        of_type = dict(re.findall(
            r"^Node 0, zone +(\w+) +((?:\d+ +){3})$", types, re.M))
        pairs = {"free blocks": (by_type, blocks)}
        for name in blocks:
            pairs[name] = (sum(map(int, of_type[name].split())),
                           -(-zones[name]["spanned"] // PAGEBLOCK_FRAMES))
        return pairs

    agree(machine, ("pagetypeinfo", "buddyinfo", "zoneinfo"), compute)


def test_types_are_kept_apart(boot_or_share):
    text = read(boot_or_share(memory=1024), "pagetypeinfo")[0]
    assert text.startswith("Page block order: 10\nPages per block:  1024\n\n"
                           "Free pages count per migrate type at order  ")
    unmovable, movable, reclaimable = map(int, re.search(
        r"^Node 0, zone +Normal +(\d+) +(\d+) +(\d+) $", text, re.M).groups())
    # Little kernel memory is in use, and that together.
    assert 0 < unmovable < 16
    assert 0 < reclaimable < 8
    assert movable > 150


def test_types_are_one_on_a_small_machine(boot):
    machine = boot(boot="direct", memory=64)
    assert "too few to keep migrate types apart" in machine.log()
    text = read(machine, "pagetypeinfo")[0]
    for blocks in re.findall(r"type +(?:Movable|Reclaimable) +(.*)$", text,
                             re.M):
        assert set(blocks.split()) == {"0"}


def entries(data):
    return [value for (value,) in struct.iter_unpack("<Q", data)]


@pytest.fixture
def frames(machine):
    """flags and counts of all frames, and meminfo at about that time"""
    mem = meminfo_pages(machine.run("cat /proc/meminfo").text)
    flags = entries(machine.run("cat /proc/kpageflags").output)
    counts = entries(machine.run("cat /proc/kpagecount").output)
    return flags, counts, mem


def having(flags, *bits):
    mask = sum(1 << bit for bit in bits)
    return sum(value & mask == mask for value in flags)


def test_kpageflags(frames):
    flags, counts, mem = frames
    assert len(flags) == len(counts)
    assert having(flags, KPF_ZERO_PAGE) == 1
    # Each frame has one owner; managed ones are those that are not reserved.
    assert len(flags) - having(flags, KPF_RESERVED) == mem["MemTotal"]
    for bits, name in [((KPF_BUDDY,), "MemFree"), ((KPF_SLAB,), "Slab"),
                       ((KPF_PGTABLE,), "PageTables"),
                       ((KPF_ANON, KPF_MMAP), "AnonPages")]:
        assert abs(having(flags, *bits) - mem[name]) <= SLACK_PAGES, name
    lru = mem["Active"] + mem["Inactive"] + mem["Unevictable"]
    assert abs(having(flags, KPF_LRU) - lru) <= SLACK_PAGES


def test_kpagecount(frames):
    flags, counts, mem = frames
    mapped = sum(count > 0 for count in counts)
    assert abs(mapped - mem["AnonPages"] - mem["Mapped"]) <= SLACK_PAGES
    # What is free or a slab is mapped by nobody.
    for flag, count in zip(flags, counts):
        if flag & (1 << KPF_BUDDY | 1 << KPF_SLAB):
            assert count == 0


def test_reading_frames_by_parts(boot_or_share):
    machine = boot_or_share(memory=128)
    whole = machine.run("cat /proc/kpageflags").output
    one = machine.run("dd if=/proc/kpageflags bs=8 skip=4096 count=1 "
                      "2>/dev/null").output
    assert len(one) == 8
    beyond = machine.run(f"dd if=/proc/kpageflags bs=8 skip={len(whole) // 8} "
                         "count=1 2>/dev/null")
    assert (beyond.status, beyond.output) == (0, b"")
    for how in ("bs=7 count=1", "bs=12 count=1"):
        assert machine.run(f"dd if=/proc/kpagecount {how} 2>&1").status != 0


def test_slabinfo(machine):
    def compute(mem, slab):
        header, columns, *rows = slab.splitlines()
        assert header == "slabinfo - version: 2.1"
        assert columns.startswith("# name            <active_objs>")
        pages = 0
        for row in rows:
            match = re.match(
                r"(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) : tunables +0 +0 "
                r"+0 : slabdata +(\d+) +(\d+) +0$", row)
            used, objects, _, per_slab, per_pages, _, slabs = map(
                int, match.groups()[1:])
            assert used <= objects == slabs * per_slab
            pages += slabs * per_pages
        return {"Slab": (meminfo_pages(mem)["Slab"], pages)}

    agree(machine, ("meminfo", "slabinfo"), compute)


def test_vmallocinfo(machine):
    def compute(mem, areas):
        pages = last = 0
        for start, end, size, rest in re.findall(
                r"^0x(\w{8})-0x(\w{8}) +(\d+) \w+\+0x\w+ (.*)$", areas, re.M):
            start, end = int(start, 16), int(end, 16)
            assert last <= start and end - start == int(size)
            last = end
            own = re.match(r"pages=(\d+) vmalloc$", rest)
            if own is None:
                assert re.match(r"phys=0x\w{16} (io|mem)remap$", rest), rest
            pages += int(own[1]) if own else int(size) // 4096 - 1
        assert areas.count("\n") == len(areas.splitlines())
        return {"VmallocUsed": (meminfo_pages(mem)["VmallocUsed"], pages)}

    agree(machine, ("meminfo", "vmallocinfo"), compute)


def test_promises_are_taken_back(machine):
    def promised():
        return meminfo_pages(read(machine, "meminfo")[0])["Committed_AS"]

    before = promised()
    machine.run("memwalk 16")
    assert abs(promised() - before) <= SLACK_PAGES


def census(machine):
    lines = machine.run("cat /proc/faultline/census").text.splitlines()
    assert lines[-1] == "census: ok"
    return {name: int(counted) for name, counted in re.findall(
        r"^(\S+) (\d+) \S+ (?:ok|counted)$", "\n".join(lines), re.M)}


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_census_after_swapping(boot, kernel_format):
    machine = boot(boot="direct", memory=128, swap=512,
                   kernel_format=kernel_format)
    machine.run("memwalk 8")  # whatever caches were to fill
    before = census(machine)
    assert ktap.failures(machine.run("memwalk 256", 120).text) == []
    after = census(machine)
    assert after["swap.0.map_broken"] == 0
    # Nothing of the kernel's is left behind.
    for name in after:
        if name.startswith("kernel.") and name != "kernel.stacks":
            assert after[name] == before[name], name


def test_census_while_pages_are_out(boot):
    machine = boot(boot="direct", memory=64, swap=256)
    # A shell with 20 MB in a variable, in a session of its own. The command
    # waits for it: what has not left its session when it ends is killed.
    machine.run("setsid sh -c 'x=$(head -c 20000000 /dev/zero | tr \"\\0\" x)"
                "; touch /tmp/built; sleep 1000; echo $x' "
                "</dev/null >/dev/null 2>&1 & "
                "until test -e /tmp/built; do sleep 0.1; done", 120)
    machine.run("memwalk 96", 120)
    numbers = census(machine)
    assert numbers["mm.swap_entries"] > 2000
    assert numbers["swap.0.bad_count"] == 0


def test_last_census(boot):
    machine = boot(boot="direct", memory=64, append="census")
    machine.run("memwalk 8")
    machine.power_off()
    assert "census: ok" in machine.log()


# What holds frames in state KERNEL has a book of its own for each.
OWNERS = ("other", "kmalloc", "vmalloc", "stacks", "dma", "pipes", "exec",
          "io")


def test_every_owner_has_a_book(boot_or_share):
    text = boot_or_share(memory=128).run(
        # A pipe with bytes in it meanwhile.
        "(echo x; sleep 1) | (sleep 0.2; cat /proc/faultline/census)").text
    lines = dict(re.findall(r"^kernel\.(\w+) (\d+ \d+ ok)$", text, re.M))
    assert lines.keys() >= set(OWNERS)
    assert lines["other"] == "0 0 ok"
    assert lines["pipes"] != "0 0 ok" and lines["kmalloc"] != "0 0 ok"
    assert lines["vmalloc"] == lines["vmalloc_areas"]
    assert lines["stacks"] == lines["stacks_in_use"]


def test_radix_nodes_are_found(boot_or_share):
    lines = boot_or_share(memory=128).run(
        "cat /proc/faultline/census").text.splitlines()
    assert any(re.fullmatch(r"radix\.nodes (\d+) \1 ok", line)
               for line in lines)


# A test of a machine whose census does not balance, that it shares or has
# alone. Its end has to fail, not what it does.
DRIFTING = """
def test_drifting({fixture}):
    machine = {fixture}(boot="direct", memory=64, append="selftest=drift")
    assert machine.run("true").status == 0
"""


@pytest.mark.parametrize("fixture", ["shared", "boot"])
def test_drift_fails_the_tests_that_had_it(tmp_path, fixture):
    """The census after each group of tests is taken, and can fail."""
    test = tmp_path / "test_drift.py"
    test.write_text(DRIFTING.format(fixture=fixture))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest",
         "-p", "no:cacheprovider", "--rootdir", tmp_path, "-c", os.devnull,
         test],
        cwd=tmp_path, env=dict(os.environ, PYTHONPATH=str(TESTS)),
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout
    assert "1 passed, 1 error" in done.stdout
    assert "kernel.pipes 0 1 MISMATCH" in done.stdout


def test_drift_is_in_the_last_census():
    options = Options(build=BUILD, boot="direct", memory=64,
                      append="census selftest=drift")
    with Machine(options) as machine:
        machine.wait_ready()
        machine.power_off()
        assert "census: kernel.pipes counted=0 counter=1" in machine.log()
        assert "census: 1 mismatches" in machine.log()
