// include/kernel/selftest.h - selftest=NAME[,NAME...] on the command line
// SPDX-License-Identifier: MIT
#pragma once

// selftest_if_asked - run the tests that the word names, one log line each:
// "selftest: NAME ok", "... failed" or "... skipped: why".
// Context: task, may sleep.
void selftest_if_asked(void);
