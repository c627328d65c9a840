// mm/swap_header.c - the first page of a swap area [P]
// SPDX-License-Identifier: MIT
//
// An area is used only when its first page carries mkswap's signature. The same
// place holds other words when the partition is in use otherwise: a hibernated
// system's memory (S1SUSPEND) is refused by name.
//
//   version 1: offset 1024  u32 version (1), u32 last_page, u32 nr_badpages,
//                           uuid[16], label[16], 117 reserved words,
//                           u32 badpages[]
//              offset 4086  "SWAPSPACE2"
//   version 0: offset 0     a bit for each page, the lowest of the first byte
//                           is page 0's (this one); 1: may be used. The area
//                           ends with the last such page.
//              offset 4086  "SWAP-SPACE"
//
// Only areas written by a machine of our byte order are known.
//
// Sources: mkswap(8) of util-linux, the format's writer; its manual for -v0.

#include <mm/swap_header.h>

#include <base/assert.h>
#include <base/bits.h>
#include <lib/string.h>
#include <mm/addr.h>

#define SIGNATURE_BYTES  10u
#define SIGNATURE_OFFSET (PAGE_SIZE - SIGNATURE_BYTES)
#define INFO_OFFSET      1024u
#define BADPAGES_OFFSET  1536u
#define BADPAGES_MAX     ((SIGNATURE_OFFSET - BADPAGES_OFFSET) / 4u)
#define BITMAP_BITS      (SIGNATURE_OFFSET * 8u)

// As they lie there; the machine's own byte order.
struct info {
    u32 version;
    u32 last_page;
    u32 nr_badpages;
};

static u32 bad_page(const u8 *header, u32 n)
{
    u32 page;

    memcpy(&page, header + BADPAGES_OFFSET + n * sizeof(page), sizeof(page));
    return page;
}

static bool bit_is_set(const u8 *header, u32 page)
{
    return header[page / 8] & 1u << page % 8;
}

static enum swap_header_fault parse_1(const u8 *header, u32 pages,
                                      enum swap_kind kind,
                                      struct swap_header *out)
{
    struct info info;

    memcpy(&info, header + INFO_OFFSET, sizeof(info));
    if (info.version != 1)
        return SWAP_HEADER_VERSION;
    if (info.last_page == 0)
        return SWAP_HEADER_EMPTY;
    if (info.last_page >= pages)
        return SWAP_HEADER_TOO_SHORT;
    if (info.nr_badpages > BADPAGES_MAX ||
        (info.nr_badpages && kind == SWAP_FILE))
        return SWAP_HEADER_BAD_PAGES;
    for (u32 i = 0; i < info.nr_badpages; i++) {
        u32 page = bad_page(header, i);

        if (page == 0 || page > info.last_page)
            return SWAP_HEADER_BAD_PAGES;
    }
    *out = (struct swap_header){.format = SWAP_FORMAT_1,
                                .slots =
                                    min(info.last_page, SWAP_SLOTS_MAX - 1) + 1,
                                .bad_pages = info.nr_badpages};
    return SWAP_HEADER_OK;
}

static enum swap_header_fault parse_old(const u8 *header, u32 pages,
                                        struct swap_header *out)
{
    u32 last = BITMAP_BITS - 1;

    while (last > 0 && !bit_is_set(header, last))
        last--;
    if (last == 0)
        return SWAP_HEADER_EMPTY;
    if (last >= pages)
        return SWAP_HEADER_TOO_SHORT;
    *out = (struct swap_header){.format = SWAP_FORMAT_OLD, .slots = last + 1};
    return SWAP_HEADER_OK;
}

enum swap_header_fault swap_header_parse(const u8 *header, u32 pages,
                                         enum swap_kind kind,
                                         struct swap_header *out)
{
    const u8 *signature = header + SIGNATURE_OFFSET;

    if (memcmp(signature, "SWAPSPACE2", SIGNATURE_BYTES) == 0)
        return parse_1(header, pages, kind, out);
    if (memcmp(signature, "SWAP-SPACE", SIGNATURE_BYTES) == 0)
        return parse_old(header, pages, out);
    if (memcmp(signature, "S1SUSPEND", 9) == 0 ||
        memcmp(signature, "S2SUSPEND", 9) == 0 ||
        memcmp(signature, "ULSUSPEND", 9) == 0 ||
        memcmp(signature, "LINHIB0001", SIGNATURE_BYTES) == 0)
        return SWAP_HEADER_HIBERNATED;
    return SWAP_HEADER_NONE;
}

static void mark_bad(struct swap_map *map, u32 slot)
{
    int err;

    if (slot >= map->slots)
        return; // not used anyway
    err = swap_map_mark_bad(map, slot);
    ASSERT(err == 0);
}

void swap_header_mark_bad(const u8 *header, const struct swap_header *parsed,
                          struct swap_map *map)
{
    if (parsed->format == SWAP_FORMAT_1) {
        for (u32 i = 0; i < parsed->bad_pages; i++)
            mark_bad(map, bad_page(header, i));
        return;
    }
    for (u32 slot = 1; slot < parsed->slots; slot++)
        if (!bit_is_set(header, slot))
            mark_bad(map, slot);
}

const char *swap_header_fault_text(enum swap_header_fault fault)
{
    static const char *const texts[] = {
        [SWAP_HEADER_OK] = "good",
        [SWAP_HEADER_NONE] = "no swap signature",
        [SWAP_HEADER_HIBERNATED] = "holds a hibernated system",
        [SWAP_HEADER_VERSION] = "unknown version",
        [SWAP_HEADER_EMPTY] = "no usable page",
        [SWAP_HEADER_TOO_SHORT] = "shorter than its header says",
        [SWAP_HEADER_BAD_PAGES] = "bad list of bad pages",
    };

    return texts[fault];
}
