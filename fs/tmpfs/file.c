// fs/tmpfs/file.c - content of files and links of tmpfs
// SPDX-License-Identifier: MIT
//
// The size limit: pages are counted after they were made (by writes; by page
// faults in holes at the next occasion), and a write that needs a new page is
// refused when the count has reached the limit.

#include <lib/string.h>

#include "tmpfs.h"

void tmpfs_charge(struct inode *inode)
{
    struct tmpfs_node *node = tmpfs_node_of(inode);

    tmpfs_of(inode)->used_pages += inode->mapping.page_count;
    tmpfs_of(inode)->used_pages -= node->charged_pages;
    node->charged_pages = inode->mapping.page_count;
}

static int tmpfs_reserve(struct inode *inode, u64 pos)
{
    const struct tmpfs *fs = tmpfs_of(inode);
    struct page *page;

    tmpfs_charge(inode);
    if (fs->used_pages < fs->limit_pages)
        return 0;
    page = mapping_find_page(&inode->mapping, (u32)(pos >> PAGE_SHIFT));
    if (!page)
        return -ENOSPC;
    page_put(page);
    return 0;
}

static int tmpfs_truncate(struct inode *inode, u64 size)
{
    if (size > (u64)0xffffffffu << PAGE_SHIFT)
        return -EFBIG;
    mapping_truncate(&inode->mapping, size);
    tmpfs_charge(inode);
    return 0;
}

static int tmpfs_readlink(struct inode *inode, char *buf, u32 size)
{
    const char *target = tmpfs_node_of(inode)->target;
    u32 length = min(size, (u32)strlen(target));

    memcpy(buf, target, length);
    return (int)length;
}

static int tmpfs_may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

static void tmpfs_release(struct file *file)
{
    tmpfs_charge(file->inode);
}

const struct mapping_ops tmpfs_mapping_ops = {0}; // holes are zeros

const struct inode_ops tmpfs_file_inode_ops = {
    .readlink = tmpfs_readlink,
    .reserve = tmpfs_reserve,
    .truncate = tmpfs_truncate,
    .may_set_attributes = tmpfs_may_set_attributes,
};

const struct file_ops tmpfs_file_ops = {
    .release = tmpfs_release,
    .read = mapped_read,
    .write = mapped_write,
    .llseek = mapped_llseek,
    .bind_vma = mapped_bind_vma,
};
