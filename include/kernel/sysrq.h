// include/kernel/sysrq.h - keys for a machine that answers to nothing else
// SPDX-License-Identifier: MIT
//
// As on Linux (admin-guide/sysrq.rst): a key after Alt+SysRq, after a BREAK on
// a serial line, or written to /proc/sysrq-trigger.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// sysrq_key - somebody at the machine has pressed @key (ASCII, letters small),
// and kernel.sysrq decides whether he may. An unknown one lists them. What
// sleeps is left to a thread; `b` and `c` do not return. Any context,
// interrupts off too.
void sysrq_key(u8 key);

// sysrq_trigger - the same by a program that may: kernel.sysrq is not asked.
void sysrq_trigger(u8 key);

// sysrq_restart - the thread is to restart the machine, file systems clean. Any
// context.
void sysrq_restart(void);

// sysrq_init - start the thread. Before that, what sleeps waits. Context: task.
void sysrq_init(void);

// kernel.sysrq: 0: no key does anything; 1: all do; else a sum of what is
// allowed (enum sysrq_kind in kernel/sysrq.c). As struct proc_setting has them.
void sysrq_setting_show(const char *name, char *buf, size_t size);
__must_check int sysrq_setting_store(const char *name, const char *text);

// /proc/sysrq-trigger: the first byte of @text.
__must_check int sysrq_trigger_store(const char *name, const char *text);
