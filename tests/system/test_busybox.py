# tests/system/test_busybox.py - what Debian's busybox does with too little memory
# SPDX-License-Identifier: MIT
"""Its other commands are in debian/busybox.sh."""

import pytest
from test_oracle import on_linux

pytestmark = [pytest.mark.direct, pytest.mark.matrix]

TIMEOUT_S = 600

# The disk holds the lines before and after, beside the root.
MACHINE = {"boot": "direct", "memory": 96, "swap": 256, "root_size": 300}

# 28,000 lines of 4,000 bytes, 107 MiB, in the order of a multiplicative
# generator, which is exact in awk's numbers. (Numbers that begin with 0 are
# octal to it: compared as text.)
SORT = r"""
cd /root; awk 'BEGIN {
    pad = sprintf("%3989s", ""); x = 1
    for (i = 0; i < 28000; i++) {
        x = x * 16807 % 2147483647
        printf "%010d%s\n", x, pad
    }
}' >lines; ls -l lines | awk '{ print $5 }'
sort lines >sorted; echo $?; md5sum <sorted
awk '"x" $1 < last { exit 1 } { last = "x" $1 } END { print NR }' sorted; rm lines sorted
awk '$1 == "pswpout" { print ($2 > 1000) }' /proc/vmstat
"""


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_sort_of_a_file_larger_than_memory(boot, kernel_format):
    machine = MACHINE | {"kernel_format": kernel_format}
    faultline = boot(**machine).run(SORT, TIMEOUT_S).text
    linux = on_linux(boot, **machine).run(SORT, TIMEOUT_S).text
    assert faultline == linux
    assert faultline.split("\n")[3:-1] == ["28000", "1"]
