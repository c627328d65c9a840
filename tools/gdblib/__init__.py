# tools/gdblib - what tools/faultline-gdb.py is made of
# SPDX-License-Identifier: MIT
