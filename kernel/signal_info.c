// kernel/signal_info.c - siginfo as programs see it
// SPDX-License-Identifier: MIT

#include "signal_internal.h"

#include <asm/siginfo.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/signal.h>

bool signal_info_is_fault(const struct signal_info *info)
{
    return info->code > 0 && info->code != SI_KERNEL &&
           (signals_sync & signal_bit(info->signal));
}

int signal_info_to_user(void __user *to, const struct signal_info *info)
{
    siginfo_t out;

    memset(&out, 0, sizeof(out));
    out.si_signo = info->signal;
    out.si_errno = info->error;
    out.si_code = info->code;
    if (signal_info_is_fault(info)) {
        out.si_addr = (void *)(uintptr_t)info->addr;
    } else if (info->signal == SIGCHLD && info->code > 0) {
        out.si_pid = info->pid;
        out.si_uid = info->uid;
        out.si_status = info->status;
    } else if (info->code != SI_KERNEL) {
        out.si_pid = info->pid;
        out.si_uid = info->uid;
        if (info->code < 0)
            out.si_int = (s32)info->value;
    }
    return copy_to_user(to, &out, sizeof(out));
}
