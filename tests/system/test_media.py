# tests/system/test_media.py - what is put on sticks and CDs
# SPDX-License-Identifier: MIT
"""The images as they are built; test_boot_matrix.py boots each of their kind on
many machines."""

import os
import re
import shutil
import struct
import subprocess
import time

import pytest

from conftest import BUILD, TOP

BOOT_TIMEOUT_S = 240
MIB = 1 << 20
SECTOR = 512
FIRST_PARTITION = 2048 * SECTOR

# Of El Torito 1.0: sector 17 of a CD names the catalogue's.
CD_SECTOR = 2048
BOOT_RECORD_SECTOR = 17
CATALOGUE_AT = 0x47
PLATFORM_EFI = 0xef


def tool(*command, **more):
    environment = os.environ | {"PATH": os.environ["PATH"]
                                + ":/usr/sbin:/sbin"}
    return subprocess.run(list(map(str, command)), check=True, text=True,
                          stdout=subprocess.PIPE, env=environment,
                          **more).stdout


def on_volume(image, name):
    """mtools' name of a file on the volume of a stick's image."""
    return "-i", f"{image}@@{FIRST_PARTITION}", f"::{name}"


def test_stick_fits_on_64_mib():
    image = BUILD / "faultline.img"
    # What is sold as 64 MB is 61 MiB at times.
    assert image.stat().st_size <= 61 * MIB
    assert "No problems found" in tool("sgdisk", "-v", image)
    assert "EF00" in tool("sgdisk", "-p", image)
    # Room for a crash's log, and for an overlay.
    (free,) = (line for line in
               tool("mdir", *on_volume(image, "/")).splitlines()
               if "bytes free" in line)
    assert int(free.replace(" ", "").removesuffix("bytesfree")) > 16 * MIB


def test_cd_is_for_firmware_that_counts_to_16_bits():
    """The catalogue's entry: El Torito 1.0, figures 2 to 5."""
    data = (BUILD / "faultline.iso").read_bytes()
    record = data[BOOT_RECORD_SECTOR * CD_SECTOR:]
    (sector,) = struct.unpack_from("<I", record, CATALOGUE_AT)
    catalogue = data[sector * CD_SECTOR:][:CD_SECTOR]
    assert catalogue[1] == PLATFORM_EFI
    entry = catalogue[32:64]
    assert entry[0] == 0x88  # it can be booted
    count, start = struct.unpack_from("<HI", entry, 6)
    volume = data[start * CD_SECTOR:]
    (sectors,) = struct.unpack_from("<H", volume, 19)  # of a small FAT
    assert sectors == count > 0
    assert volume[54:62].rstrip() == b"FAT16"


def test_texts_can_be_read_by_everyone(tmp_path):
    for name in ("README.TXT", "faultline/cmdline.txt"):
        tool("mcopy", *on_volume(BUILD / "faultline.img", name),
             tmp_path / "text")
        text = (tmp_path / "text").read_bytes()
        (tmp_path / "text").unlink()
        assert text.isascii()
        assert text.count(b"\r\n") == text.count(b"\n") > 10


@pytest.mark.firmware
def test_stick_that_a_user_has_changed(boot, tmp_path):
    """From Windows: an editor that marks UTF-8, comments, an archive."""
    stick = tmp_path / "stick"
    shutil.copy(BUILD / "faultline.img", stick)
    words = tmp_path / "cmdline.txt"
    words.write_bytes(b"\xef\xbb\xbf# f\xc3\xbcr den Stick\r\n"
                      b"faultline.run=ttyS1  debug_exit\r\n"
                      b"  # console=nowhere\r\nconsole=ttyS0\r\n")
    (tmp_path / "mine/etc").mkdir(parents=True)
    (tmp_path / "mine/etc/hostname").write_text("mine\n")
    archive = tmp_path / "overlay.cpio"
    archive.write_bytes(subprocess.run(
        ["cpio", "--quiet", "-o", "-H", "newc"], cwd=tmp_path / "mine",
        input=b"etc\netc/hostname\n", stdout=subprocess.PIPE,
        check=True).stdout)
    for file in (words, archive):
        image, place = on_volume(stick, f"faultline/{file.name}")[1:]
        tool("mcopy", "-o", "-i", image, file, place)

    machine = boot(ready_timeout=BOOT_TIMEOUT_S, boot="usb", medium=stick,
                   memory=128)
    assert machine.run("cat /proc/cmdline").text == \
        "faultline.run=ttyS1 debug_exit console=ttyS0\n"
    assert machine.run("cat /etc/hostname").text == "mine\n"
    mounted = machine.run("cat /proc/mounts").text.splitlines()
    assert mounted[0].split()[1:3] == ["/", "tmpfs"]
    assert machine.run("ls /bin/memwalk /bin/sh").status == 0


@pytest.mark.firmware
def test_memory_too_short_is_said(tmp_path):
    """On the screen, which COM1 shows too, before boot services are left."""
    log = tmp_path / "log"
    with subprocess.Popen(
            [TOP / "tools/vm", "--build", BUILD, "--boot", "usb", "--memory",
             "48", "--log", log, "--timeout", "100", "--", "true"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            text = b""
            while b"efi: cannot boot" not in text:
                assert process.poll() is None, text
                time.sleep(0.1)
                text = log.read_bytes() if log.exists() else b""
            # Which of them is the first without, is the firmware's affair.
            assert re.search(rb"efi: memory is short: no \d+ KiB below 4 GiB "
                             rb"for (the kernel|initramfs\.cpio)", text)
        finally:
            process.terminate()
