# tools/tracelib/commands/__init__.py - what tools/faultline can do
# SPDX-License-Identifier: MIT
"""Each module here is one command, by its name: `add(commands)` makes its
parser, whose default `run` takes the arguments and returns the exit status.
"""
