// include/base/list.h - doubly linked circular lists through their members
// SPDX-License-Identifier: MIT
//
// An empty list's head points at itself. An entry that is on no list and may
// be asked about with list_empty() is initialised by list_init().
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct list_head {
    struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)                                                   \
    {                                                                          \
        &(name), &(name)                                                       \
    }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void list_init(struct list_head *head)
{
    head->next = head;
    head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
    return head->next == head;
}

static inline void list_insert_between(struct list_head *entry,
                                       struct list_head *prev,
                                       struct list_head *next)
{
    next->prev = entry;
    entry->next = next;
    entry->prev = prev;
    prev->next = entry;
}

// Insert as the first.
static inline void list_add(struct list_head *entry, struct list_head *head)
{
    list_insert_between(entry, head, head->next);
}

// Insert as the last.
static inline void list_add_tail(struct list_head *entry,
                                 struct list_head *head)
{
    list_insert_between(entry, head->prev, head);
}

// Take off its list. The entry is then empty in itself (list_empty is true).
static inline void list_del(struct list_head *entry)
{
    struct list_head *next = entry->next, *prev = entry->prev;

    next->prev = prev;
    prev->next = next;
    list_init(entry);
}

static inline void list_move_tail(struct list_head *entry,
                                  struct list_head *head)
{
    list_del(entry);
    list_add_tail(entry, head);
}

// Move all entries of @from to the end of @to; @from is empty afterwards.
static inline void list_splice_tail(struct list_head *from,
                                    struct list_head *to)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member)                                   \
    list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)                                    \
    list_entry((head)->prev, type, member)

// The link of @pos, also where @pos is what list_entry makes of the head: no
// such struct, perhaps not even aligned like one, and so not to be followed.
#define list_link_of(pos, member)                                              \
    ((struct list_head *)(void *)((char *)(pos) +                              \
                                  offsetof(__typeof__(*(pos)), member)))

#define list_for_each(pos, head)                                               \
    for (pos = (head)->next; pos != (head); pos = pos->next)

#define list_for_each_entry(pos, head, member)                                 \
    for (pos = list_first_entry(head, __typeof__(*pos), member);               \
         list_link_of(pos, member) != (head);                                  \
         pos = list_entry(list_link_of(pos, member)->next, __typeof__(*pos),   \
                          member))

// @pos may be taken off the list inside; @tmp is the one after it.
#define list_for_each_entry_safe(pos, tmp, head, member)                       \
    for (pos = list_first_entry(head, __typeof__(*pos), member),               \
        tmp = list_entry(list_link_of(pos, member)->next, __typeof__(*pos),    \
                         member);                                              \
         list_link_of(pos, member) != (head);                                  \
         pos = tmp, tmp = list_entry(list_link_of(tmp, member)->next,          \
                                     __typeof__(*tmp), member))
