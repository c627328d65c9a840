// include/arch/vdso.h - the image of the vDSO, and how it enters the kernel
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

extern u8 vdso_image[]; // one page, aligned

// Places in it; used by address only (tools/mkvdso.py).
extern const u8 vdso_offset_kernel_vsyscall[];
extern const u8 vdso_offset_kernel_sigreturn[];
extern const u8 vdso_offset_kernel_rt_sigreturn[];
extern const u8 vdso_offset_vdso_landing_pad[];

// vdso_prepare - boot: make the image use what this CPU has.
void vdso_prepare(void);

// Where SYSENTER returns to: the landing pad of the address space in use.
extern u32 sysenter_return;

// vdso_activate - @vdso is the user address of the image in the address space
// that is used from now on; 0: it has none.
static inline void vdso_activate(u32 vdso)
{
    sysenter_return = vdso + (u32)(uintptr_t)vdso_offset_vdso_landing_pad;
}
