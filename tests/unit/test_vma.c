// tests/unit/test_vma.c - mm/vma.c against an array of pages
// sources: mm/vma.c mm/vma_gap.c lib/rbtree.c
// SPDX-License-Identifier: MIT
//
// The model: for each of the PAGES pages below TASK_SIZE, which area has it.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <mm/vma.h>

#define PAGES 300u
#define AREAS 80u

#define OPERATIONS (10 * TEST_ROUNDS)

static struct vma_tree tree;
static struct vm_area areas[AREAS]; // end 0: not in the tree
static struct vm_area *model[PAGES];

static user_addr_t address_of(u32 page)
{
    return user_addr(TASK_SIZE - (PAGES - page) * PAGE_SIZE);
}

static u32 page_of(user_addr_t a)
{
    return PAGES - (TASK_SIZE - a.v) / PAGE_SIZE;
}

static void reset(void)
{
    vma_tree_init(&tree);
    memset(areas, 0, sizeof(areas));
    memset(model, 0, sizeof(model));
}

static void set_model(struct vm_area *vma, struct vm_area *owner)
{
    for (u32 page = page_of(vma->start); page < page_of(vma->end); page++)
        model[page] = owner;
}

static struct vm_area *unused_area(void)
{
    for (u32 i = 0; i < AREAS; i++) {
        if (!areas[i].end.v)
            return &areas[i];
    }
    return NULL;
}

static struct vm_area *area_at(u32 page, u32 pages)
{
    struct vm_area *vma = unused_area();

    if (!vma)
        return NULL;
    *vma = (struct vm_area){
        .start = address_of(page),
        .end = address_of(page + pages),
        .pgoff = page,
    };
    list_init(&vma->anon_link);
    list_init(&vma->mapping_link);
    return vma;
}

static struct vm_area *insert(u32 page, u32 pages)
{
    struct vm_area *vma = area_at(page, pages);

    CHECK_EQ(vma_insert(&tree, vma), 0);
    set_model(vma, vma);
    return vma;
}

TEST(invalid_areas)
{
    struct vm_area vma = {.start = {0x1000}, .end = {0x1000}};

    reset();
    CHECK_EQ(vma_insert(&tree, &vma), -EINVAL);
    vma.end = user_addr(0x2001);
    CHECK_EQ(vma_insert(&tree, &vma), -EINVAL);
    vma.start = user_addr(0x1800);
    vma.end = user_addr(0x2000);
    CHECK_EQ(vma_insert(&tree, &vma), -EINVAL);
    vma.start = user_addr(TASK_SIZE);
    vma.end = user_addr(TASK_SIZE + PAGE_SIZE);
    CHECK_EQ(vma_insert(&tree, &vma), -EINVAL);
    vma.start = user_addr(TASK_SIZE - PAGE_SIZE);
    CHECK_EQ(vma_insert(&tree, &vma), -EINVAL);
    vma.end = user_addr(TASK_SIZE);
    CHECK_EQ(vma_insert(&tree, &vma), 0);
    CHECK(!vma_find(&tree, user_addr(TASK_SIZE)));
    CHECK(!vma_find(&tree, user_addr(~0u)));
}

TEST(examples)
{
    struct vm_area *low, *high, *upper;
    struct vm_area overlapping;

    reset();
    CHECK(!vma_first(&tree) && !vma_find(&tree, user_addr(0)));
    low = insert(10, 10);
    high = insert(30, 10);
    CHECK(vma_first(&tree) == low && vma_next(low) == high);
    CHECK(vma_prev(high) == low && !vma_prev(low) && !vma_next(high));
    CHECK(vma_find(&tree, address_of(20)) == high);
    CHECK(vma_find(&tree, address_of(19)) == low);
    CHECK(!vma_find(&tree, address_of(40)));
    overlapping = *low;
    overlapping.end = address_of(31);
    overlapping.start = address_of(25);
    CHECK_EQ(vma_insert(&tree, &overlapping), -EEXIST);
    CHECK(vma_tree_check(&tree) && tree.count == 2);

    upper = unused_area();
    vma_split(&tree, low, address_of(13), upper);
    CHECK(vma_pages(low) == 3 && vma_pages(upper) == 7);
    CHECK_EQ(upper->pgoff, 13);
    CHECK(list_empty(&upper->anon_link) && list_empty(&upper->mapping_link));
    CHECK(vma_tree_check(&tree) && tree.count == 3);
    CHECK(vma_can_merge(low, upper));
    vma_remove(&tree, upper);
    vma_resize(&tree, low, low->start, address_of(20));
    CHECK(vma_tree_check(&tree) && tree.count == 2);
}

TEST(assertions)
{
    struct vm_area *vma, *above, upper;
    user_addr_t out;

    reset();
    vma = insert(10, 10);
    above = insert(30, 10);
    CHECK_ASSERTS(vma_split(&tree, vma, vma->start, &upper));
    CHECK_ASSERTS(vma_split(&tree, vma, vma->end, &upper));
    CHECK_ASSERTS(vma_split(&tree, vma, user_addr(vma->start.v + 1), &upper));
    CHECK_ASSERTS(vma_resize(&tree, vma, vma->start, address_of(31)));
    CHECK_ASSERTS(vma_resize(&tree, above, address_of(19), above->end));
    CHECK_ASSERTS(vma_resize(&tree, vma, vma->start, vma->start));
    CHECK_ASSERTS(
        CHECK(vma_find_gap_topdown(&tree, 0, vma->start, vma->end, 0, &out)));
}

TEST(merging)
{
    struct vm_area a, b;
    char objects[4];

    memset(&a, 0, sizeof(a));
    a.start = user_addr(0x10000);
    a.end = user_addr(0x13000);
    a.pgoff = 7;
    b = a;
    b.start = user_addr(0x13000);
    b.end = user_addr(0x14000);
    b.pgoff = 10;
    CHECK(vma_can_merge(&a, &b));
    CHECK(!vma_can_merge(&b, &a));
    b.pgoff = 9;
    CHECK(!vma_can_merge(&a, &b));
    b.pgoff = 10;
    b.flags = VM_WRITE;
    CHECK(!vma_can_merge(&a, &b));
    b.flags = 0;
    b.file = (void *)&objects[0];
    CHECK(!vma_can_merge(&a, &b));
    b.file = NULL;
    b.mapping = (void *)&objects[1];
    CHECK(!vma_can_merge(&a, &b));
    b.mapping = NULL;
    b.ops = (void *)&objects[2];
    CHECK(!vma_can_merge(&a, &b));
    b.ops = NULL;
    b.anon_vma = (void *)&objects[0];
    CHECK(vma_can_merge(&a, &b));
    a.anon_vma = (void *)&objects[3];
    CHECK(!vma_can_merge(&a, &b));
    b.anon_vma = NULL;
    CHECK(vma_can_merge(&a, &b));
}

TEST(gap_with_guard)
{
    struct vm_area *stack;
    user_addr_t out, low = address_of(0), high = user_addr(TASK_SIZE);

    reset();
    stack = insert(100, PAGES - 100);
    stack->flags = VM_GROWSDOWN;
    CHECK_EQ(
        vma_find_gap_topdown(&tree, PAGE_SIZE, low, high, 8 * PAGE_SIZE, &out),
        0);
    CHECK_EQ(page_of(out), 100 - 8 - 1);
    CHECK_EQ(vma_find_gap_topdown(&tree, 92 * PAGE_SIZE, low, high,
                                  8 * PAGE_SIZE, &out),
             0);
    CHECK_EQ(page_of(out), 0);
    CHECK_EQ(vma_find_gap_topdown(&tree, 93 * PAGE_SIZE, low, high,
                                  8 * PAGE_SIZE, &out),
             -ENOMEM);
    CHECK_EQ(vma_find_gap_topdown(&tree, PAGE_SIZE, low, high, ~0u & PAGE_MASK,
                                  &out),
             -ENOMEM);
}

// Whether pages [page, page + pages) are free, with the guard kept.
static bool model_fits(u32 page, u32 pages, u32 guard)
{
    u32 above = page + pages;

    for (u32 i = page; i < page + pages; i++) {
        if (i >= PAGES || model[i])
            return false;
    }
    while (above < PAGES && !model[above])
        above++;
    return above == PAGES || !(model[above]->flags & VM_GROWSDOWN) ||
           page + pages + guard <= above;
}

static void random_gap(void)
{
    u32 pages = 1 + test_random_below(test_random_one_in(4) ? 60 : 6);
    u32 low = test_random_below(PAGES), high = test_random_below(PAGES + 1);
    u32 guard = test_random_below(6), page = PAGES;
    user_addr_t out;
    int rc = vma_find_gap_topdown(&tree, pages * PAGE_SIZE, address_of(low),
                                  address_of(high), guard * PAGE_SIZE, &out);

    while (page-- > low) {
        if (page + pages <= high && model_fits(page, pages, guard)) {
            CHECK_EQ(rc, 0);
            CHECK_EQ(page_of(out), page);
            return;
        }
    }
    CHECK_EQ(rc, -ENOMEM);
}

static void random_gap_bottomup(void)
{
    u32 pages = 1 + test_random_below(test_random_one_in(4) ? 60 : 6);
    u32 low = test_random_below(PAGES), high = test_random_below(PAGES + 1);
    u32 guard = test_random_below(6);
    user_addr_t out;
    int rc = vma_find_gap_bottomup(&tree, pages * PAGE_SIZE, address_of(low),
                                   address_of(high), guard * PAGE_SIZE, &out);

    for (u32 page = low; page + pages <= high; page++) {
        if (model_fits(page, pages, guard)) {
            CHECK_EQ(rc, 0);
            CHECK_EQ(page_of(out), page);
            return;
        }
    }
    CHECK_EQ(rc, -ENOMEM);
}

static void random_insert(void)
{
    u32 page = test_random_below(PAGES);
    u32 pages = 1 + test_random_below(test_random_one_in(9) ? 40 : 4);
    struct vm_area *vma;
    bool is_taken = false;
    int rc;

    if (page + pages > PAGES)
        pages = PAGES - page;
    vma = area_at(page, pages);
    if (!vma)
        return;
    for (u32 i = page; i < page + pages; i++)
        is_taken |= model[i] != NULL;
    if (test_random_one_in(8))
        vma->flags = VM_GROWSDOWN;
    rc = vma_insert(&tree, vma);
    CHECK_EQ(rc, is_taken ? -EEXIST : 0);
    if (rc)
        vma->end = user_addr(0);
    else
        set_model(vma, vma);
}

static void random_resize(struct vm_area *vma)
{
    u32 start = page_of(vma->start), end = page_of(vma->end), low, high;
    u32 pgoff = vma->pgoff;

    for (low = start; low > 0 && !model[low - 1]; low--)
        ;
    for (high = end; high < PAGES && !model[high]; high++)
        ;
    low += test_random_below(end - low);
    high -= test_random_below(high - (low < start ? start : low));
    set_model(vma, NULL);
    vma_resize(&tree, vma, address_of(low), address_of(high));
    set_model(vma, vma);
    CHECK_EQ(vma->pgoff, pgoff + low - start);
}

static void random_split(struct vm_area *vma)
{
    struct vm_area *upper = unused_area();
    u32 pages = vma_pages(vma), at;

    if (pages < 2 || !upper)
        return;
    at = 1 + test_random_below(pages - 1);
    vma_split(&tree, vma, user_add(vma->start, at * PAGE_SIZE), upper);
    set_model(upper, upper);
    CHECK(vma_pages(vma) == at && vma_pages(upper) == pages - at);
    CHECK(vma_can_merge(vma, upper));
}

static void check_find(u32 page)
{
    struct vm_area *found = vma_find(&tree, address_of(page));

    while (page < PAGES && !model[page])
        page++;
    CHECK(found == (page < PAGES ? model[page] : NULL));
}

TEST(random_run)
{
    reset();
    for (u32 i = 0; i < OPERATIONS; i++) {
        struct vm_area *vma = model[test_random_below(PAGES)];
        u32 what = test_random_below(8);

        check_find(test_random_below(PAGES));
        if (what == 0) {
            random_gap();
            random_gap_bottomup();
        } else if (what < 4 || !vma) {
            random_insert();
        } else if (what == 4) {
            random_resize(vma);
        } else if (what == 5) {
            random_split(vma);
        } else {
            vma_remove(&tree, vma);
            set_model(vma, NULL);
            vma->end = user_addr(0);
        }
        if (i % 32 == 0)
            CHECK(vma_tree_check(&tree));
    }
}

TEST(check_finds_damage)
{
    struct vm_area *vma;

    reset();
    insert(10, 10);
    vma = insert(30, 10);
    CHECK(vma_tree_check(&tree));
    vma->gap--;
    CHECK(!vma_tree_check(&tree));
    vma->gap++;
    vma->subtree_gap++;
    CHECK(!vma_tree_check(&tree));
    vma->subtree_gap--;
    tree.count++;
    CHECK(!vma_tree_check(&tree));
    tree.count--;
    tree.last = &areas[AREAS - 1];
    CHECK(!vma_tree_check(&tree));
}
