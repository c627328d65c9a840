// include/arch/pte_bits.h - the bits that both page-table formats share
// SPDX-License-Identifier: MIT
//
// They lie in an entry's low 32 bits. Source: SDM vol. 3A, tables 4-6 and 4-11.
#pragma once

#define PTE_P         0x001u
#define PTE_W         0x002u
#define PTE_U         0x004u
#define PTE_PWT       0x008u
#define PTE_PCD       0x010u
#define PTE_A         0x020u
#define PTE_D         0x040u
#define PTE_LARGE     0x080u // of a directory's entry: a page, not a table
#define PTE_PROT_NONE 0x080u // only with PTE_P clear
#define PTE_G         0x100u
// The CPU leaves these to us. Two look at PTE_A and clear it, reclaim and the
// sampler (mm/sample.c); each leaves the other one word of it.
#define PTE_TAKEN 0x200u // the sampler cleared A; for reclaim it is young
#define PTE_AGED  0x400u // reclaim did; for the sampler it was used
