// mm/vma_gap.c - free ranges between the areas of an address space [P]
// SPDX-License-Identifier: MIT
//
// A gap belongs to the area above it; the room above the highest area is no
// area's. Both searches visit the gaps in order, leaving out every subtree
// whose largest gap is too small, and take the first that fits.

#include <mm/vma.h>

#include <base/assert.h>
#include <base/errno.h>

static const struct vm_area *area_of(const struct rb_node *node)
{
    return container_of((struct rb_node *)(uintptr_t)node, struct vm_area,
                        node);
}

static u32 subtree_gap(const struct rb_node *node)
{
    return node ? area_of(node)->subtree_gap : 0;
}

// What is looked for.
struct wanted {
    u32 bytes;
    user_addr_t low, high;
    u32 guard;
};

// The highest place in the free range [start, end), if it is large enough.
static bool fit(const struct wanted *w, user_addr_t start, user_addr_t end,
                user_addr_t *out)
{
    start = user_addr(max(start.v, w->low.v));
    end = user_addr(min(end.v, w->high.v));
    if (!user_before(start, end) || user_bytes(start, end) < w->bytes)
        return false;
    *out = user_addr(end.v - w->bytes);
    return true;
}

static user_addr_t gap_start(const struct vm_area *vma)
{
    return user_addr(vma->start.v - vma->gap);
}

static bool fit_below(const struct wanted *w, const struct vm_area *vma,
                      user_addr_t *out)
{
    u32 guard = vma->flags & VM_GROWSDOWN ? w->guard : 0;

    return vma->gap > guard &&
           fit(w, gap_start(vma), user_addr(vma->start.v - guard), out);
}

// The highest area under @node whose gap may do: large enough and, beginning
// at the lower end, not above the limit.
static const struct rb_node *highest_below(const struct wanted *w,
                                           const struct rb_node *node)
{
    while (subtree_gap(node->right) >= w->bytes &&
           user_before(area_of(node)->end, w->high))
        node = node->right;
    return node;
}

// Gaps from the highest to the lowest. Subtrees without a gap large enough are
// left out; so is what lies wholly above or below the limits. A gap that is
// large enough and still does not do is one at a limit or below a stack: few.
int vma_find_gap_topdown(const struct vma_tree *tree, u32 bytes,
                         user_addr_t low, user_addr_t high, u32 guard,
                         user_addr_t *out)
{
    const struct wanted w = {bytes, low, high, guard};
    const struct rb_node *node = rb_last(&tree->root);
    user_addr_t top = node ? area_of(node)->end : user_addr(0);

    ASSERT(bytes && IS_ALIGNED(bytes, PAGE_SIZE));
    if (fit(&w, top, user_addr(TASK_SIZE), out))
        return 0;
    if (subtree_gap(tree->root.node) < bytes)
        return -ENOMEM;
    node = highest_below(&w, tree->root.node);
    while (!fit_below(&w, area_of(node), out)) {
        if (!user_before(low, area_of(node)->start))
            return -ENOMEM; // all that follow are lower still
        if (subtree_gap(node->left) >= bytes) {
            node = highest_below(&w, node->left);
            continue;
        }
        // Up, until it is from the right: that parent has not been tried.
        while (rb_parent(node) && rb_parent(node)->left == node)
            node = rb_parent(node);
        node = rb_parent(node);
        if (!node)
            return -ENOMEM;
    }
    return 0;
}

// The lowest area under @node whose gap may do.
static const struct rb_node *lowest_above(const struct wanted *w,
                                          const struct rb_node *node)
{
    while (subtree_gap(node->left) >= w->bytes &&
           user_before(w->low, area_of(node)->start))
        node = node->left;
    return node;
}

// The lowest place in the gap below @vma.
static bool fit_above(const struct wanted *w, const struct vm_area *vma,
                      user_addr_t *out)
{
    u32 guard = vma->flags & VM_GROWSDOWN ? w->guard : 0;

    if (vma->gap <= guard ||
        !fit(w, gap_start(vma), user_addr(vma->start.v - guard), out))
        return false;
    *out = user_addr(max(gap_start(vma).v, w->low.v));
    return true;
}

// The gap after that of @node that may do; NULL: there is none.
static const struct rb_node *next_gap(const struct wanted *w,
                                      const struct rb_node *node)
{
    if (subtree_gap(node->right) >= w->bytes)
        return lowest_above(w, node->right);
    // Up, until it is from the left: that parent has not been tried.
    while (rb_parent(node) && rb_parent(node)->right == node)
        node = rb_parent(node);
    return rb_parent(node);
}

int vma_find_gap_bottomup(const struct vma_tree *tree, u32 bytes,
                          user_addr_t low, user_addr_t high, u32 guard,
                          user_addr_t *out)
{
    const struct wanted w = {bytes, low, high, guard};
    const struct rb_node *node = tree->root.node;
    const struct rb_node *last = rb_last(&tree->root);
    user_addr_t top = last ? area_of(last)->end : user_addr(0);

    ASSERT(bytes && IS_ALIGNED(bytes, PAGE_SIZE));
    node = subtree_gap(node) >= bytes ? lowest_above(&w, node) : NULL;
    for (; node && user_before(gap_start(area_of(node)), high);
         node = next_gap(&w, node))
        if (fit_above(&w, area_of(node), out))
            return 0;
    if (!fit(&w, top, user_addr(TASK_SIZE), out))
        return -ENOMEM;
    *out = user_addr(max(top.v, low.v));
    return 0;
}
