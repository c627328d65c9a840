// userland/tests/asleep.h - wait until another process waits
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/types.h>

// state_of - the letter in /proc/PID/stat; '?' if there is no such process.
// @pid may be a thread.
char state_of(pid_t pid);

// comes_to - wait until @pid has @state. Return: false: not within 20 s.
bool comes_to(pid_t pid, char state);

// falls_asleep - wait until @pid waits for something other than the disk. After
// fork() that is the first call that has to wait, so what is to happen during
// that call can be done when this returns, and not before.
bool falls_asleep(pid_t pid);

// comes_to_rest - wait until @pid waits for anything, or is gone. Return:
// false: not within 20 s.
bool comes_to_rest(pid_t pid);
