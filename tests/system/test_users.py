# tests/system/test_users.py - users of the image, and what they may do
# SPDX-License-Identifier: MIT
"""The rules themselves are in userland/tests/perms*.c, and are compared with
Linux's by test_oracle.py.
"""

import ktap
import pytest

pytestmark = pytest.mark.direct

TIMEOUT_S = 120


@pytest.mark.parametrize("folder", ["/tmp", "/var"])
def test_perms(boot, folder):
    # tmpfs, and the root on ext2.
    machine = boot(boot="direct", append="rw")
    result = machine.run(f"perms {folder}", TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0


def test_su(shared):
    run = shared(boot="direct").run
    assert run("id").text == "uid=0(root) gid=0(root)\n"
    assert run("su user -c id").text == \
        "uid=1000(user) gid=1000(user) groups=100(users),1000(user)\n"
    assert run("su - user -c 'echo $HOME $PWD'").text == \
        "/home/user /home/user\n"
    assert run("su user -c 'cat /etc/shadow'").status == 1
    assert run("su user -c 'kill -9 1'").status == 1
    assert run("su user -c poweroff").status == 1


def test_devices_belong_to_groups(shared):
    listing = shared(boot="direct").run(
        "cd /dev; stat -c '%n %a %U %G' null tty sda sda1 ttyS0").text
    assert listing.split("\n")[:-1] == [
        "null 666 root root", "tty 666 root tty", "sda 660 root disk",
        "sda1 660 root disk", "ttyS0 660 root dialout"]


def test_a_node_keeps_its_owner(shared):
    """Its inode does not stay in memory."""
    run = shared(boot="direct").run
    assert run("chown user:disk /dev/full; chmod 640 /dev/full").status == 0
    assert run("stat -c '%a %U %G' /dev/full").text == "640 user disk\n"
    assert run("chown 0:0 /dev/full; chmod 666 /dev/full").status == 0
