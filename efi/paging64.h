// efi/paging64.h - page tables for the way out of long mode
// SPDX-License-Identifier: MIT
#pragma once

#include "stub.h"

/* paging64_prepare - allocate the tables.
 * paging64_fill - fill them in. Context: boot services have ended, or the
 * firmware's tables could still change; calls nothing of the firmware.
 * Return of paging64_fill: the value for CR3.
 */
EFI_STATUS paging64_prepare(void);
u32 paging64_fill(void);
