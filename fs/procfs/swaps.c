// fs/procfs/swaps.c - /proc/swaps
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <lib/string.h>
#include <linux/limits.h>
#include <mm/slab.h>
#include <mm/swap.h>

#define KIB_PER_PAGE (PAGE_SIZE / KIB)
#define NAME_WIDTH   40u
#define WIDE_KIB     10000000u // from here on one tab less keeps the columns

// A name with what would break the columns as octal numbers. Return: its width.
static u32 print_escaped(struct proc_text *text, const char *name)
{
    u32 width = 0;

    for (; *name; name++) {
        bool plain = !strchr(" \t\n\\", *name);

        if (plain)
            proc_print(text, "%c", *name);
        else
            proc_print(text, "\\%03o", (u32)(u8)*name);
        width += plain ? 1 : 4;
    }
    return width;
}

static void show_swap(struct proc_text *text, const struct swap_info *info)
{
    u32 total = info->total_pages * KIB_PER_PAGE;
    u32 used = info->used_pages * KIB_PER_PAGE;
    u32 width = print_escaped(text, info->name);

    proc_print(text, "%*s%s\t%u\t%s%u\t%s%d\n",
               width < NAME_WIDTH ? (int)(NAME_WIDTH - width) : 1, " ",
               info->kind == SWAP_FILE ? "file\t" : "partition", total,
               total < WIDE_KIB ? "\t" : "", used, used < WIDE_KIB ? "\t" : "",
               info->priority);
}

// As `swapon -s` and free read it: columns by tabs, sizes in KiB.
int proc_show_swaps(struct proc_text *text, const struct proc_ref *ref)
{
    char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
    struct swap_info info;
    u32 i;

    (void)ref;
    if (!buf)
        return -ENOMEM;
    proc_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    for (i = 0; swap_get_info(i, &info, buf, PATH_MAX); i++)
        show_swap(text, &info);
    kfree(buf);
    return 0;
}
