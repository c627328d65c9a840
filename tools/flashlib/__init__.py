# tools/flashlib - what tools/flash knows of disks, and how it writes them
# SPDX-License-Identifier: MIT
