# tests/system/test_utillinux.py - mount, swapon, dmesg and kin of util-linux
# SPDX-License-Identifier: MIT
"""What they print is compared with Linux; then the host's tools look at what
was made on a disk in the guest."""

import subprocess

import pytest
import sidebyside
from debian_commands import ASLEEP
from ext2disk import tool

pytestmark = [pytest.mark.direct, pytest.mark.slow]

SIDES = sidebyside.Sides()

FSTAB = ("printf 'none /tmp/x tmpfs size=1m,noexec,nosuid 0 0\\n"
         "/dev/sda3 none swap sw 0 0\\n' >/etc/fstab; mkdir -p /tmp/x /tmp/y; ")
CLEAN = "; rm -rf /etc/fstab /tmp/x /tmp/y"
INFO = ("; sed -n 's,^[0-9]* [0-9]* [0-9]*:[0-9]* ,,; \\,/tmp/,p' "
        "/proc/self/mountinfo; grep /tmp/ /proc/mounts")

EXACT = [
    FSTAB + "mount /tmp/x && findmnt -no SOURCE,FSTYPE,OPTIONS /tmp/x" + INFO
    + "; umount -v /tmp/x; umount /tmp/x" + CLEAN,
    FSTAB + "findmnt --fstab; mount -a; findmnt -lno TARGET -t tmpfs; "
    "umount /tmp/x" + CLEAN,
    # Binds: alone, with all below, of a file, read-only, moved.
    "mkdir -p /tmp/a /tmp/b; mount -t tmpfs -o size=1m,mode=700 one /tmp/a; "
    "mkdir -p /tmp/a/s/d; echo f >/tmp/a/s/f; mount -t tmpfs two /tmp/a/s/d"
    + INFO + "; mount --bind /tmp/a/s /tmp/b; ls /tmp/b" + INFO +
    "; umount /tmp/b; mount --rbind /tmp/a/s /tmp/b" + INFO +
    "; umount -R /tmp/b; mount --rbind /tmp/a /tmp/b" + INFO +
    "; umount -l /tmp/b; mount --move /tmp/a /tmp/b; ls -d /tmp/b/s" + INFO +
    "; mount --move /tmp/b /tmp/b/s; umount /tmp/b; umount -R /tmp/b" + INFO,
    "mkdir -p /tmp/a; touch /tmp/file; mount -t tmpfs x /tmp/a; echo f >/tmp/a/f"
    "; mount --bind /tmp/a/f /tmp/file; cat /tmp/file; "
    "mount --bind /tmp/a/f /tmp/a; mount --bind /tmp/a /tmp/file; "
    "umount /tmp/file; cat /tmp/file; mount -o remount,bind,ro /tmp/a" + INFO +
    "; touch /tmp/a/f; mount -o remount,bind,rw /tmp/a; touch /tmp/a/f && "
    "mount -o remount,ro /tmp/a; touch /tmp/a/f" + INFO +
    "; mount -o remount,rw,noatime,nodev,size=8k /tmp/a" + INFO +
    "; mount -o remount,strictatime /tmp/a" + INFO + "; umount /tmp/a",
    "mount --make-private /; mount --make-rslave /; mount -t nosuch a /tmp; "
    "mount -t tmpfs a /nosuch; mount -t tmpfs -o nosuch=1 a /tmp; "
    "mountpoint /tmp /; mountpoint -d /; mountpoint /root",
    # Times of access.
    "mkdir -p /tmp/a; mount -t tmpfs -o noatime x /tmp/a; echo f >/tmp/a/f; "
    "touch -a -d 2001-01-01 /tmp/a/f; cat /tmp/a/f; stat -c %X /tmp/a/f; "
    "mount -o remount,relatime /tmp/a; cat /tmp/a/f; "
    "test $(stat -c %X /tmp/a/f) -gt 1000000000 && echo read; umount /tmp/a",
    # Swap.
    "swapoff /dev/sda3; mkswap -L mine -U 11111111-2222-3333-4444-555555555555 "
    "/dev/sda3; swapon -v -L mine; swapon -v /dev/sda3; swapon --show; "
    "mkswap /dev/sda3; blkid -p /dev/sda3; swapoff -v /dev/sda3; "
    "swaplabel /dev/sda3; swapon -p 5 /dev/sda3; swapon -s; swapoff -a; "
    "swapon /dev/sda3",
    "fallocate -l 4m /root/swap; dd if=/dev/zero of=/root/swap bs=1M count=4 "
    "2>/dev/null; chmod 600 /root/swap; "
    "mkswap -U 11111111-2222-3333-4444-555555555555 /root/swap; "
    "swapon -v /root/swap; swapon --show=NAME,TYPE,SIZE,PRIO; "
    "swapoff /root/swap; rm /root/swap",
    # Block devices.
    "blockdev --getsize64 --getss --getpbsz --getro --getbsz --getsz "
    "--getiomin --getioopt --getalignoff /dev/sda3; blockdev --rereadpt "
    "/dev/sda; blockdev --flushbufs /dev/sda3; swapoff -a; "
    "blockdev --setro /dev/sda3; blockdev --getro /dev/sda3; "
    "blockdev --setrw /dev/sda3; "
    "dd if=/dev/zero of=/dev/sda3 bs=1M seek=63 count=2 2>&1 | head -n 3; "
    "busybox mke2fs -F /dev/sda3; mkdir -p /tmp/m; mount /dev/sda3 /tmp/m; "
    "echo data >/tmp/m/file; umount /tmp/m; mount -r /dev/sda3 /tmp/m; "
    "cat /tmp/m/file; touch /tmp/m/no; findmnt -no OPTIONS /tmp/m; "
    "umount /tmp/m; mkswap /dev/sda3 >/dev/null; swapon /dev/sda3",
    # The log.
    ASLEEP + "said() { until grep -q $1 /tmp/o; do sleep .02; done; }; "
    "dmesg -C; echo '<3>zork' >/dev/kmsg; printf 'b\\tc\\n' >/dev/kmsg; "
    "echo '<30>daemon' >/dev/kmsg; dmesg -t; dmesg -x -t; dmesg -t -l err; "
    "dmesg -u -t; dmesg -k -t; dmesg -S -t; dmesg -S -r | sed 's/\\[.*\\]//'; "
    "dmesg -t -w >/tmp/o & asleep $!; echo more >/dev/kmsg; said more; "
    "kill $!; wait; cat /tmp/o; "
    "dmesg -t -W >/tmp/o & asleep $!; echo new >/dev/kmsg; said new; "
    "kill $!; wait; cat /tmp/o; rm /tmp/o; "
    "dmesg -J | grep -v time; dmesg -n 3; cat /proc/sys/kernel/printk; "
    "dmesg -D; dmesg -E; cat /proc/sys/kernel/printk; dmesg -n 7; "
    "dmesg -c -t; dmesg",
    # Processes and files.
    "setsid -w sh -c 'ps -o stat= -p $$'; flock /tmp/l echo locked; "
    "prlimit --nofile=100:200 sh -c 'ulimit -n; ulimit -Hn'; "
    "chrt -m | head -n 4; taskset 1 echo one; taskset 2 true 2>&1 | wc -l; "
    "nice -n 3 nice; getopt -o a -- -a b; namei /bin/sh; rm /tmp/l; "
    "echo abc | hexdump -C; echo abc | rev; whereis -b ls; fincore /nosuch",
    "lsblk; fdisk -l /dev/sda | head -n 4; wipefs /dev/sda2 | wc -l; "
    "partx --show -o NR,START,SECTORS /dev/sda",
    "test \"$(runuser -u root id)\" = \"$(id)\" && echo same; lsipc | wc -l",
    "sh -c 'echo $$; exec prlimit -p $$' | sed 's/[0-9][0-9]*/N/g'",
]


@pytest.fixture(scope="module", params=["2level", "pae"])
def kernel_format(request):
    """First all tests with the one, then all with the other."""
    return request.param


@pytest.mark.parametrize("command", EXACT, ids=range(len(EXACT)))
def test_same_as_on_linux(shared, kernel_format, command):
    SIDES.compare(shared, kernel_format, command, lambda text: text)


def test_two_ways_to_the_log(shared, kernel_format):
    """Both give the same lines, in order of their times."""
    machine = sidebyside.start(shared, kernel_format=kernel_format)
    machine.run("for i in 1 2 3 4 5 6 7 8 9; do echo $i; done >/dev/kmsg")
    kmsg, syslog = (
        machine.run(f"dmesg --color=never {how} -x").text.splitlines()
        for how in ("", "-S"))
    assert len(kmsg) >= 9
    assert kmsg == syslog
    times = [float(line.split("[")[1].split("]")[0]) for line in kmsg]
    assert times == sorted(times)


def test_nobody_slips(shared, kernel_format):
    """What is not ours is not written, and the log says what it would take."""
    machine = sidebyside.start(shared, kernel_format=kernel_format)
    for name, word in (("sda", "a whole disk"), ("sda1", "bdev_write=/dev/sda1"),
                       ("sda2", "")):
        before = machine.run(f"sha256sum /dev/{name}").text
        result = machine.run(f"dd if=/dev/zero of=/dev/{name} count=1")
        assert result.status != 0
        assert machine.run(f"sha256sum /dev/{name}").text == before
        assert word in machine.log()
    busy = machine.run("dd if=/dev/zero of=/dev/sda3 count=1; "
                       "mkswap -f /dev/sda3")
    assert busy.text.count("Device or resource busy") == 1
    assert "is mounted" in busy.text


def partition(disk, number, out):
    """Take partition @number out of the image @disk."""
    line = next(line for line in tool("sfdisk", "-d", disk).stdout.splitlines()
                if line.startswith(f"{disk}{number} "))
    start, sectors = (int(line.split(f"{word}=")[1].split(",")[0])
                      for word in ("start", "size"))
    subprocess.run(["dd", f"if={disk}", f"of={out}", f"skip={start}",
                    f"count={sectors}", "status=none"], check=True)
    return out


MAKE_SWAP = "swapoff -a; {mkswap} -L here /dev/sda3 && swapon /dev/sda3"


@pytest.mark.parametrize("mkswap, kernel_format", [
    ("mkswap", "pae"), ("busybox mkswap", "2level")])
def test_swap_made_here(boot, tmp_path, mkswap, kernel_format):
    """It is swapped to, and the host knows it for what it is."""
    disk = tmp_path / "disk"
    machine = sidebyside.start(boot, memory=64, keep_disk=disk,
                               kernel_format=kernel_format)
    assert machine.run(MAKE_SWAP.format(mkswap=mkswap)).status == 0
    assert machine.run("memwalk 96", timeout=120).status == 0
    assert int(machine.run("awk '/pswpout/ { print $2 }' /proc/vmstat").text)
    machine.power_off()
    said = tool("blkid", "-p", partition(disk, 3, tmp_path / "swap")).stdout
    assert 'LABEL="here"' in said and 'TYPE="swap"' in said


def test_file_system_made_here(boot, tmp_path):
    """mke2fs in the guest, and e2fsck on the host."""
    disk = tmp_path / "disk"
    machine = sidebyside.start(boot, keep_disk=disk,
                               append="bdev_write=/dev/sda9,/dev/sda3")
    assert machine.run(
        "swapoff -a; busybox mke2fs -F -b 1024 /dev/sda3 && mkdir -p /tmp/m && "
        "mount -t ext2 /dev/sda3 /tmp/m && cp -r /bin/busybox /tmp/m && "
        "cmp /bin/busybox /tmp/m/busybox && umount /tmp/m").status == 0
    machine.power_off()
    checked = tool("e2fsck", "-fn", partition(disk, 3, tmp_path / "ext2"))
    assert checked.returncode == 0, checked.stdout
