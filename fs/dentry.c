// fs/dentry.c - the cache of names
// SPDX-License-Identifier: MIT
//
// How it works: dentries form the tree of names that are in use or were lately
// (each holds its parent, so that a path to the root is always there), and a
// hash by (parent, name). One that nobody holds goes to the end of the list of
// unused ones and stays findable; beyond DENTRY_UNUSED_MAX the first on that
// list is freed, which lets go of its parent, and so on up.
//
// In file systems whose names come and go by themselves (SUPER_UNCACHED) an
// unused dentry is freed at once, and one in use is revalidated when found.
//
// Locking: for tasks only. Lists change without sleeping; freeing sleeps, and
// everything is looked up again after it. What a name leads to changes only
// under super->names.
//
// Under memory pressure reclaim frees unused ones (mm/shrinker.h), and with
// them the inodes and cached pages that only they held.

#include <fs/dentry.h>

#include <fs/inotify.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/shrinker.h>
#include <mm/slab.h>

#define DENTRY_HASH_BITS  11u
#define DENTRY_UNUSED_MAX 4096u

static struct list_head dentry_hash[1u << DENTRY_HASH_BITS];
static LIST_HEAD(unused); // by lru_link, longest unused first
static u32 unused_count;
static struct kmem_cache *dentry_cache;

static u32 count_unused(void);
static u32 shrink_unused(u32 want);

static struct shrinker unused_shrinker = {
    .name = "dentry",
    .flags = SHRINKER_FS,
    .count = count_unused,
    .scan = shrink_unused,
};

void dentry_init(void)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(dentry_hash); i++)
        list_init(&dentry_hash[i]);
    dentry_cache =
        kmem_cache_create_reclaimable("dentry", sizeof(struct dentry), 0);
    ASSERT(dentry_cache);
    shrinker_register(&unused_shrinker);
}

// FNV-1a, begun with the parent's address.
static u32 name_hash(const struct dentry *parent, const struct name *name)
{
    u32 hash = 2166136261u ^ (u32)(uintptr_t)parent;
    u32 i;

    for (i = 0; i < name->length; i++)
        hash = (hash ^ (u8)name->text[i]) * 16777619u;
    return hash;
}

static struct list_head *hash_bucket(u32 hash)
{
    return &dentry_hash[(hash ^ hash >> 16) & (ARRAY_SIZE(dentry_hash) - 1)];
}

int dentry_reserve_name(const struct name *name, char **out)
{
    *out = NULL;
    if (name->length < DENTRY_INLINE_NAME)
        return 0;
    *out = kmalloc(name->length + 1, GFP_KERNEL);
    return *out ? 0 : -ENOMEM;
}

static void set_name(struct dentry *dentry, const struct name *name,
                     char *long_name)
{
    dentry->name = long_name ? long_name : dentry->inline_name;
    memcpy(dentry->name, name->text, name->length);
    dentry->name[name->length] = '\0';
    dentry->length = name->length;
}

// A new one with refcount 1, in no list, without parent and inode.
static struct dentry *dentry_alloc(struct super *super, const struct name *name)
{
    struct dentry *dentry =
        kmem_cache_alloc(dentry_cache, GFP_KERNEL | GFP_ZERO);
    char *long_name;

    if (!dentry)
        return NULL;
    if (dentry_reserve_name(name, &long_name)) {
        kmem_cache_free(dentry_cache, dentry);
        return NULL;
    }
    list_init(&dentry->hash_link);
    list_init(&dentry->lru_link);
    list_init(&dentry->children);
    list_init(&dentry->sibling);
    dentry->super = super;
    dentry->refcount = 1;
    set_name(dentry, name, long_name);
    return dentry;
}

static void hash_insert(struct dentry *dentry)
{
    struct name name = {dentry->name, dentry->length};

    dentry->hash = name_hash(dentry->parent, &name);
    list_add(&dentry->hash_link, hash_bucket(dentry->hash));
    dentry->flags |= DENTRY_HASHED;
}

static void lru_remove(struct dentry *dentry)
{
    if (!(dentry->flags & DENTRY_LRU))
        return;
    list_del(&dentry->lru_link);
    dentry->flags &= ~(u32)DENTRY_LRU;
    unused_count--;
}

// Frees an unused dentry. Return: its parent, whose reference is now the
// caller's; NULL: it was a root. May sleep.
static struct dentry *dentry_free(struct dentry *dentry)
{
    struct dentry *parent = dentry->parent == dentry ? NULL : dentry->parent;
    struct inode *inode = dentry->inode;

    ASSERT(dentry->refcount == 0 && list_empty(&dentry->children));
    lru_remove(dentry);
    list_del(&dentry->hash_link);
    list_del(&dentry->sibling);
    if (dentry->name != dentry->inline_name)
        kfree(dentry->name);
    kmem_cache_free(dentry_cache, dentry);
    if (inode && inode->watches && !inode->nlink)
        inotify_tell_gone(inode);
    inode_put(inode);
    return parent;
}

// Drops a reference, and those up the tree that go with it.
static void dentry_release(struct dentry *dentry)
{
    while (dentry) {
        ASSERT(dentry->refcount > 0);
        if (--dentry->refcount)
            return;
        if ((dentry->flags & DENTRY_HASHED) &&
            !(dentry->super->flags & SUPER_UNCACHED)) {
            list_add_tail(&dentry->lru_link, &unused);
            dentry->flags |= DENTRY_LRU;
            unused_count++;
            return;
        }
        dentry = dentry_free(dentry);
    }
}

void dentry_put(struct dentry *dentry)
{
    dentry_release(dentry);
    while (unused_count > DENTRY_UNUSED_MAX)
        dentry_release(
            dentry_free(list_first_entry(&unused, struct dentry, lru_link)));
}

static u32 count_unused(void)
{
    return unused_count;
}

static u32 shrink_unused(u32 want)
{
    u32 freed = 0;

    for (; freed < want && !list_empty(&unused); freed++)
        dentry_release(
            dentry_free(list_first_entry(&unused, struct dentry, lru_link)));
    return freed;
}

struct dentry *dentry_create_root(struct super *super, struct inode *inode,
                                  const char *name)
{
    struct name root_name = {name, strlen(name)};
    struct dentry *dentry = dentry_alloc(super, &root_name);

    if (!dentry) {
        inode_put(inode);
        return NULL;
    }
    dentry->parent = dentry;
    dentry->inode = inode;
    return dentry;
}

// It is shown by the inode's number, as on Linux.
struct dentry *dentry_create_unnamed(struct dentry *parent, struct inode *inode)
{
    char text[16];
    struct name name = {text, 0};
    struct dentry *dentry;

    name.length = (u32)fmt_print(text, sizeof(text), "#%u", inode->ino);
    dentry = dentry_alloc(parent->super, &name);
    if (!dentry) {
        inode_put(inode);
        return NULL;
    }
    dentry->parent = dentry_get(parent);
    list_add(&dentry->sibling, &parent->children);
    dentry->inode = inode;
    return dentry;
}

static struct dentry *find_hashed(struct dentry *parent,
                                  const struct name *name)
{
    u32 hash = name_hash(parent, name);
    struct dentry *dentry;

    list_for_each_entry (dentry, hash_bucket(hash), hash_link)
        if (dentry->hash == hash && dentry->parent == parent &&
            dentry->length == name->length &&
            memcmp(dentry->name, name->text, name->length) == 0)
            return dentry;
    return NULL;
}

static bool is_valid(const struct dentry *dentry)
{
    struct inode *inode = dentry->inode;

    return !inode || !inode->ops->revalidate || inode->ops->revalidate(inode);
}

// From the cache, held; NULL: not there, or no longer true: *@out_gone.
static struct dentry *find_valid(struct dentry *parent, const struct name *name,
                                 bool *out_gone)
{
    struct dentry *dentry = find_hashed(parent, name);

    *out_gone = false;
    if (!dentry)
        return NULL;
    lru_remove(dentry);
    dentry_get(dentry);
    if (!is_valid(dentry)) {
        dentry_drop(dentry);
        dentry_put(dentry);
        *out_gone = true;
        return NULL;
    }
    return dentry;
}

int dentry_lookup_locked(struct dentry *parent, const struct name *name,
                         struct dentry **out)
{
    struct inode *dir = parent->inode, *inode = NULL;
    bool gone; // what is mounted there goes when no lock is held
    struct dentry *dentry = find_valid(parent, name, &gone);
    int rc;

    ASSERT(mutex_held(&parent->super->names));
    if (dentry) {
        *out = dentry;
        return 0;
    }
    if (!dir || !dir->ops->lookup)
        return -ENOTDIR;
    dentry = dentry_alloc(parent->super, name);
    if (!dentry)
        return -ENOMEM;
    rc = dir->ops->lookup(dir, name, &inode);
    if (rc == -ENOENT)
        inode = NULL;
    else if (rc)
        goto err_free;
    dentry->inode = inode;
    dentry->parent = dentry_get(parent);
    list_add(&dentry->sibling, &parent->children);
    hash_insert(dentry);
    *out = dentry;
    return 0;

err_free:
    dentry->parent = dentry;
    dentry_put(dentry);
    return rc;
}

int dentry_lookup(struct dentry *parent, const struct name *name,
                  struct dentry **out)
{
    bool gone;
    int rc;

    *out = find_valid(parent, name, &gone);
    if (*out)
        return 0;
    if (gone)
        mounts_prune();
    mutex_lock(&parent->super->names);
    rc = dentry_lookup_locked(parent, name, out);
    mutex_unlock(&parent->super->names);
    return rc;
}

void dentry_fill(struct dentry *dentry, struct inode *inode)
{
    ASSERT(!dentry->inode);
    dentry->inode = inode;
}

void dentry_drop(struct dentry *dentry)
{
    ASSERT(dentry->refcount > 0);
    if (!(dentry->flags & DENTRY_HASHED))
        return;
    list_del(&dentry->hash_link);
    dentry->flags &= ~(u32)DENTRY_HASHED;
}

void dentry_move(struct dentry *dentry, struct dentry *parent,
                 const struct name *name, char *long_name)
{
    struct dentry *old_parent = dentry->parent;

    dentry_drop(dentry);
    if (dentry->name != dentry->inline_name)
        kfree(dentry->name);
    set_name(dentry, name, long_name);
    list_del(&dentry->sibling);
    dentry->parent = dentry_get(parent);
    list_add(&dentry->sibling, &parent->children);
    hash_insert(dentry);
    dentry_put(old_parent);
}

struct dentry *dentry_of(const struct inode *inode)
{
    struct dentry *dentry;

    if (inode->super->root && inode->super->root->inode == inode)
        return inode->super->root;
    for (u32 i = 0; i < ARRAY_SIZE(dentry_hash); i++)
        list_for_each_entry (dentry, &dentry_hash[i], hash_link)
            if (dentry->inode == inode)
                return dentry;
    return NULL;
}

bool dentry_is_below(const struct dentry *dentry, const struct dentry *ancestor)
{
    while (dentry != ancestor && dentry->parent != dentry)
        dentry = dentry->parent;
    return dentry == ancestor;
}

bool dentry_is_reachable(const struct dentry *dentry)
{
    for (; dentry->parent != dentry; dentry = dentry->parent)
        if (!(dentry->flags & DENTRY_HASHED) || !is_valid(dentry))
            return false;
    return true;
}

// Freeing sleeps, and lets parents become unused: collect, free, look again.
void dentry_prune(struct dentry *top)
{
    struct dentry *dentry, *next;
    LIST_HEAD(doomed);

    do {
        list_for_each_entry_safe (dentry, next, &unused, lru_link)
            if (dentry != top && dentry->super == top->super &&
                dentry_is_below(dentry, top))
                list_move_tail(&dentry->lru_link, &doomed);
        if (list_empty(&doomed))
            return;
        while (!list_empty(&doomed))
            dentry_release(dentry_free(
                list_first_entry(&doomed, struct dentry, lru_link)));
    } while (true);
}
