# tools/tracelib - what tools/faultline is made of
# SPDX-License-Identifier: MIT
