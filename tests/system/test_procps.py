# tests/system/test_procps.py - ps, top, vmstat, free and kin of Debian's procps
# SPDX-License-Identifier: MIT
"""What they print is compared with Linux, but for numbers; of these, sums that
must come out are looked at."""

import re

import pytest
import sidebyside
from debian_commands import ASLEEP

pytestmark = [pytest.mark.direct, pytest.mark.slow]

SIDES = sidebyside.Sides()

# The process that waits in the shell that is asked for, and that of the shell.
# It is the program, and sleeps, before anything is asked; and it is gone when
# the next shell begins.
SELF = ASLEEP + "sleep 77 & trap 'kill $!; wait' EXIT; asleep $!; "

PS = [
    "ps -p 1", "ps -f -p 1", "ps u -p 1", "ps j -p 1", "ps s -p 1",
    "ps v -p 1", "ps X -p 1", "ps -p 1 -o pid,comm,ni,pri,cls,rtprio,psr,stat",
    "ps -p $! -o ppid,pgid,sid,tty,tpgid,stat,comm,args,f",
    "ps -p $! -o user,group,ruser,uid,gid,euser,egroup,suid,fuid,nlwp,time",
    "ps -p $! -o etime,etimes,bsdtime,cputime,start_time,pcpu,pmem,vsz,rss,sz",
    "ps -p $! -o ignored,caught,blocked,pending,cgroup,nice,policy,cls",
    "ps -p $! -o wchan= | grep -c '^[a-z_]'", "ps --forest -o comm= --ppid $$",
    "ps -C sleep -o comm=,args=", "ps -eo pid= --sort -pid | head -n 1",
    "ps -p 99999", "ps -o nosuch", "ps -p $! -o fname,ucmd,cmd,s",
    # The day and the month are those of today, which may be another in between.
    "ps -p $! -o lstart | sed 's/[A-Z][a-z][a-z] /Xxx /g'",
    "age=$(($(date +%s) - $(date -d \"$(ps -p $! -o lstart=)\" +%s))); "
    "[ $age -ge -1 ] && [ $age -lt 60 ]; echo $?",
]

OTHERS = [
    "free", "free -h -w -t | tr -d KMGBi", "free -m -l", "free -s 0.1 -c 2",
    "vmstat", "vmstat -a -w", "vmstat -s", "vmstat -f",
    "vmstat -d | cut -c -5", "vmstat -p /dev/sda2", "vmstat -D | wc -l",
    "vmstat -m | head -n 1", "uptime", "w", "w -h",
    "pgrep -x sleep -c", "pgrep -l sleep", "pgrep -f -a 'sleep 7[7]'",
    "pgrep -P $$ -l", "pgrep nosuch", "pkill -0 sleep", "pidof init nosuch",
    "pwdx $!", "pwdx 99999", "slabtop -o | sed -n 1,7p", "tload -V",
    "pmap $! | sed -n '1p;$p'", "pmap -x $! | sed -n '2p;$p'",
    "sysctl kernel.ostype kernel.hostname vm.swappiness kernel.printk",
    "sysctl -w vm.swappiness=61; sysctl -n vm.swappiness; "
    "sysctl -w vm.swappiness=60", "sysctl kernel.nosuch",
    "sysctl -w kernel.hostname=other; hostname; uname -n; "
    "sysctl -w kernel.hostname=faultline",
    "cat /proc/$!/limits | cut -c -25", "cat /proc/$!/io", "cat /proc/uptime",
    "cat /proc/$!/fdinfo/0", "cat /proc/$!/mountstats | tail -n 1",
    "cat /proc/$!/personality /proc/$!/loginuid /proc/$!/sessionid",
    "cut -d ' ' -f 2 /proc/$!/syscall | wc -c; wc -w </proc/$!/syscall",
    "od -An -tx4 -v -w8 /proc/$!/auxv | tail -n 1",
    "cat /proc/$!/schedstat", "cat /proc/$!/stack | grep -c .",
    "grep -c . /proc/modules; wc -w </proc/sys/kernel/random/uuid",
    "cmp /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/boot_id",
    "cat /proc/sys/fs/file-nr /proc/loadavg", "kill -0 $!; kill -l 9",
    "awk '{ print NF }' /proc/diskstats | sort -u",
    "awk '/^ctxt|^btime|^proc|^cpu/ { print $1, NF }' /proc/stat",
]


@pytest.fixture(scope="module", params=["2level", "pae"])
def kernel_format(request):
    """First all tests with the one, then all with the other."""
    return request.param


def without_kernel_words(text):
    """PID 1 has another size, and as much text as its kernel has strings."""
    return sidebyside.numberless(text).replace("wait_children", "do_wait")


@pytest.mark.parametrize("command", PS, ids=range(len(PS)))
def test_ps(shared, kernel_format, command):
    SIDES.compare(shared, kernel_format, SELF + command, without_kernel_words)


@pytest.mark.parametrize("command", OTHERS, ids=range(len(OTHERS)))
def test_other_programs(shared, kernel_format, command):
    SIDES.compare(shared, kernel_format, SELF + command)


def machines(shared, kernel_format):
    return (sidebyside.linux(shared),
            sidebyside.start(shared, kernel_format=kernel_format))


# What free takes itself, and gives back, while it runs; once it is in memory.
SLACK = 128 << 10

UNITS = {unit: 1024 ** n for n, unit in enumerate(("B", "Ki", "Mi", "Gi"))}


def free_cells(text):
    """What free prints, by row and column."""
    head, *rows = (line.split() for line in text.splitlines())
    return {(row[0], name): value for row in rows
            for name, value in zip(head, row[1:])}


def says_bytes(value, least, most):
    """Whether free -h says @value for something from @least to @most bytes: in
    the smallest unit with which it has at most three digits, or one and a tenth,
    and right to one of its last digit."""
    digits, unit = re.fullmatch(r"(\d+(?:\.\d)?)(B|Ki|Mi|Gi)", value).groups()
    scale = UNITS[unit]
    last = scale // 10 if "." in digits else scale
    return (len(digits) <= 3 and (float(digits) >= 1 or unit == "B")
            and least - last < float(digits) * scale < most + last)


def test_free_in_units(shared, kernel_format):
    """The letters of free -h say how much each number is: what free -b says
    before and after."""
    for machine in machines(shared, kernel_format):
        before, human, after = (
            free_cells(text) for text in machine.run(
                "free >/dev/null; free -b -w -t; echo; free -h -w -t; echo; "
                "free -b -w -t"
            ).text.split("\n\n"))
        assert human.keys() == before.keys() == after.keys()
        assert ("Mem:", "buffers") in human and ("Total:", "free") in human
        for cell, value in human.items():
            bounds = sorted((int(before[cell]), int(after[cell])))
            assert says_bytes(value, max(bounds[0] - SLACK, 0),
                              bounds[1] + SLACK), (cell, value, bounds)


def pretty(seconds):
    """As uptime -p says it, below a day."""
    hours, minutes = seconds // 3600, seconds // 60 % 60
    words = [f"{number} {word}{'s' if number != 1 else ''}"
             for number, word in ((hours, "hour"), (minutes, "minute"))
             if number or (word == "minute" and not hours)]
    return "up " + ", ".join(words)


def test_uptime_in_words(shared, kernel_format):
    for machine in machines(shared, kernel_format):
        before, words, after = machine.run(
            "cat /proc/uptime; uptime -p; cat /proc/uptime").text.splitlines()
        assert words in [pretty(int(float(time.split()[0])))
                         for time in (before, after)]


def test_ps_sees_all(shared, kernel_format):
    """Every process has a line, whatever the format."""
    machine = sidebyside.start(shared, kernel_format=kernel_format)
    for options in ("aux", "-ef", "-elF", "axj", "axl", "axv", "axs", "axX",
                    "-ejH", "-eLf"):
        for _ in range(20):
            before, *text, after = machine.run(
                f"echo /proc/[0-9]*; ps {options}; echo /proc/[0-9]*"
            ).text.splitlines()
            if before == after:  # nobody has ended or begun beside
                break
        assert before == after
        assert len(text) == 1 + len(before.split()) + 1  # the head; itself


def top_screens(text):
    return [screen for screen in re.split(r"(?m)^(?=top - )", text) if screen]


def test_top(shared, kernel_format):
    command = "top -b -n 2 -d 0.5 -w 100"
    head = re.compile(r"(?s)\A.*?COMMAND *$", re.MULTILINE)

    def heads(text):
        # There is no blank before a share of 100.0.
        text = re.sub(r"(?<=[,:])(?=100\.0 )", " ", text)
        return sidebyside.numberless("\n".join(
            head.search(screen)[0] for screen in top_screens(text)))

    text = SIDES.compare(shared, kernel_format, command, heads)
    screens = top_screens(text)
    assert len(screens) == 2
    for screen in screens:
        shares = re.findall(r"([\d.]+) (?:us|sy|ni|id|wa|hi|si|st)\b", screen)
        assert len(shares) == 8
        assert 99 <= sum(map(float, shares)) <= 101
        assert re.search(r"(?m)^ +1 root +20 +0 .* init$", screen)


def vmstat_rows(text):
    return [[int(word) for word in line.split()]
            for line in text.splitlines()[2:]]


def test_vmstat(shared, kernel_format):
    """An idle machine is idle, a busy one busy; all time is somewhere."""
    text = SIDES.compare(shared, kernel_format, "vmstat 1 3")
    for row in vmstat_rows(text):
        assert 98 <= sum(row[12:17]) <= 102
    machine = sidebyside.start(shared, kernel_format=kernel_format)
    busy = vmstat_rows(machine.run(
        "while :; do :; done & vmstat 1 3; kill $!", timeout=60).text)[-1]
    user, system, idle, waiting = busy[12:16]
    assert user + system > 80 and idle + waiting < 20
    assert busy[0] >= 1  # runs


def test_time_is_booked(shared, kernel_format):
    """A nice program's time is nice, reading a disk is waiting for it, and
    a process has the time that it used."""
    machine = sidebyside.start(shared, kernel_format=kernel_format)
    text = machine.run(
        "cpu() { sed -n 's/^cpu  //p' /proc/stat; }; cpu; "
        "nice sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; "
        "cut -d \" \" -f 14,15,19 /proc/$$/stat'; cpu", timeout=240).text
    before, own, after = ([int(word) for word in line.split()]
                          for line in text.splitlines())
    used = own[0] + own[1]
    assert own[2] == 10 and used > 2
    assert after[1] - before[1] >= own[0] - 1
    assert after[0] - before[0] < used


def test_io_is_counted(shared, kernel_format):
    machine = sidebyside.start(shared, kernel_format=kernel_format)
    text = machine.run(
        "dd if=/dev/zero of=/root/f bs=64k count=16 2>/dev/null; sync; "
        "echo 3 >/proc/sys/vm/drop_caches; "
        "reads() { awk '$3 == \"sda2\" { print $6, $7 }' /proc/diskstats; }; "
        "reads; sh -c 'while read -r line; do :; done </root/f; "
        "grep -e rchar -e ^read_bytes /proc/$$/io'; reads; rm /root/f").text
    before, rchar, read_bytes, after = text.splitlines()
    assert int(rchar.split()[1]) >= 1 << 20
    assert int(read_bytes.split()[1]) >= 1 << 20
    assert int(after.split()[0]) - int(before.split()[0]) >= 2048
