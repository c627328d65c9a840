// mm/vma.c - the tree of the mappings of an address space [P]
// SPDX-License-Identifier: MIT
//
// Invariants (vma_tree_check): areas are in order, apart, not empty, page
// aligned and below TASK_SIZE; gap is the room down to the area below, or to
// address 0; subtree_gap the largest gap among a node and those under it;
// `last` is NULL or an area of the tree.
//
// A change of an area's ends changes its own gap and that of the area above
// it, and no other. The room above the highest area is no area's gap.

#include <mm/vma.h>

#include <base/assert.h>
#include <base/errno.h>

static struct vm_area *area_of(const struct rb_node *node)
{
    return node ? container_of((struct rb_node *)(uintptr_t)node,
                               struct vm_area, node)
                : NULL;
}

static u32 subtree_gap(const struct rb_node *node)
{
    return node ? area_of(node)->subtree_gap : 0;
}

// What subtree_gap of @vma has to be.
static u32 largest_gap(const struct vm_area *vma)
{
    u32 below = max(subtree_gap(vma->node.left), subtree_gap(vma->node.right));

    return max(vma->gap, below);
}

static void update_subtree_gap(struct rb_node *node)
{
    struct vm_area *vma = area_of(node);

    vma->subtree_gap = largest_gap(vma);
}

void vma_tree_init(struct vma_tree *tree)
{
    *tree = (struct vma_tree){.last = NULL};
}

struct vm_area *vma_first(const struct vma_tree *tree)
{
    return area_of(rb_first(&tree->root));
}

struct vm_area *vma_next(const struct vm_area *vma)
{
    return area_of(rb_next(&vma->node));
}

struct vm_area *vma_prev(const struct vm_area *vma)
{
    return area_of(rb_prev(&vma->node));
}

struct vm_area *vma_search(struct vma_tree *tree, user_addr_t a)
{
    struct rb_node *node = tree->root.node;
    struct vm_area *found = NULL;

    while (node) {
        struct vm_area *vma = area_of(node);

        if (user_before(a, vma->end)) {
            found = vma;
            if (!user_before(a, vma->start))
                break;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    if (found)
        tree->last = found;
    return found;
}

static u32 gap_below(const struct vm_area *vma)
{
    const struct vm_area *prev = vma_prev(vma);

    return user_bytes(prev ? prev->end : user_addr(0), vma->start);
}

// The ends of @vma or of the area below it changed.
static void refresh_gap(struct vm_area *vma)
{
    if (!vma)
        return;
    vma->gap = gap_below(vma);
    rb_propagate(&vma->node, update_subtree_gap);
}

static bool is_valid_range(user_addr_t start, user_addr_t end)
{
    return user_before(start, end) && user_eq(start, user_page(start)) &&
           user_eq(end, user_page(end)) &&
           !user_before(user_addr(TASK_SIZE), end);
}

// Put @vma where it belongs. Its place is free.
static void link_area(struct vma_tree *tree, struct vm_area *vma)
{
    struct rb_node **link = &tree->root.node, *parent = NULL;
    struct vm_area *below = NULL, *above = NULL;

    while (*link) {
        parent = *link;
        if (user_before(vma->start, area_of(parent)->start)) {
            above = area_of(parent);
            link = &parent->left;
        } else {
            below = area_of(parent);
            link = &parent->right;
        }
    }
    // Both neighbours were on the way: what the insertion tells all on it is
    // the gap of the one above, too.
    vma->gap = user_bytes(below ? below->end : user_addr(0), vma->start);
    if (above)
        above->gap = user_bytes(vma->end, above->start);
    rb_insert(&tree->root, &vma->node, parent, link, update_subtree_gap);
    tree->count++;
}

int vma_insert(struct vma_tree *tree, struct vm_area *vma)
{
    const struct vm_area *above;

    if (!is_valid_range(vma->start, vma->end))
        return -EINVAL;
    above = vma_find(tree, vma->start);
    if (above && user_before(above->start, vma->end))
        return -EEXIST;
    link_area(tree, vma);
    return 0;
}

void vma_remove(struct vma_tree *tree, struct vm_area *vma)
{
    struct vm_area *above = vma_next(vma);
    u32 room = vma->gap + user_bytes(vma->start, vma->end);

    rb_erase(&tree->root, &vma->node, update_subtree_gap);
    ASSERT(tree->count);
    tree->count--;
    if (tree->last == vma)
        tree->last = NULL;
    if (above) { // it need not have been on the way
        above->gap += room;
        rb_propagate(&above->node, update_subtree_gap);
    }
}

void vma_resize(struct vma_tree *tree, struct vm_area *vma, user_addr_t start,
                user_addr_t end)
{
    const struct vm_area *below = vma_prev(vma);
    struct vm_area *above = vma_next(vma);

    ASSERT(tree->count && is_valid_range(start, end));
    ASSERT(!below || !user_before(start, below->end));
    ASSERT(!above || !user_before(above->start, end));
    if (user_before(start, vma->start))
        vma->pgoff -= user_bytes(start, vma->start) >> PAGE_SHIFT;
    else
        vma->pgoff += user_bytes(vma->start, start) >> PAGE_SHIFT;
    vma->start = start;
    vma->end = end;
    refresh_gap(vma);
    refresh_gap(above);
}

void vma_split(struct vma_tree *tree, struct vm_area *vma, user_addr_t at,
               struct vm_area *upper)
{
    ASSERT(user_before(vma->start, at) && user_before(at, vma->end));
    *upper = *vma;
    upper->start = at;
    upper->pgoff = vma_pgoff_of(vma, at);
    list_init(&upper->anon_link);
    list_init(&upper->mapping_link);
    vma_resize(tree, vma, vma->start, at);
    link_area(tree, upper);
}

bool vma_can_merge(const struct vm_area *lower, const struct vm_area *upper)
{
    return user_eq(lower->end, upper->start) && lower->flags == upper->flags &&
           lower->ops == upper->ops && lower->file == upper->file &&
           lower->mapping == upper->mapping &&
           lower->pgoff + vma_pages(lower) == upper->pgoff &&
           (lower->anon_vma == upper->anon_vma || !lower->anon_vma ||
            !upper->anon_vma);
}

static bool check_area(const struct vm_area *vma)
{
    const struct vm_area *prev = vma_prev(vma);

    return is_valid_range(vma->start, vma->end) &&
           (!prev || !user_before(vma->start, prev->end)) &&
           vma->gap == gap_below(vma) && vma->subtree_gap == largest_gap(vma);
}

bool vma_tree_check(const struct vma_tree *tree)
{
    const struct vm_area *vma;
    bool last_found = tree->last == NULL;
    u32 count = 0;

    if (!rb_check(&tree->root))
        return false;
    vma_for_each (vma, tree) {
        if (!check_area(vma))
            return false;
        last_found |= vma == tree->last;
        count++;
    }
    return last_found && count == tree->count;
}
