// tests/unit/test_ide_dma.c - drivers/ata/ide_dma.c: when DMA is given up
// sources: drivers/ata/ide_dma.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include "../../drivers/ata/ide_dma.h"

// request - fails by DMA so often, then works. Return: it was the end of DMA.
static bool request(struct ide_dma *dma, u32 failures)
{
    for (u32 attempts = 0;; attempts++) {
        bool by_dma = ide_dma_wanted(dma, attempts);

        if (attempts == failures || !by_dma)
            return ide_dma_worked(dma, by_dma, attempts);
        ide_dma_failed(dma, true);
    }
}

TEST(dma_that_has_never_worked)
{
    struct ide_dma dma = {.on = true};

    CHECK(ide_dma_wanted(&dma, 0) && ide_dma_wanted(&dma, 1));
    CHECK(!ide_dma_wanted(&dma, 2));
    CHECK(request(&dma, 2)); // the first request that only PIO can do
    CHECK(!dma.on && !ide_dma_wanted(&dma, 0));
    CHECK(!request(&dma, 2)); // it is the end once
}

TEST(dma_that_has_worked)
{
    struct ide_dma dma = {.on = true};

    CHECK(!request(&dma, 1)); // the second attempt, still by DMA
    CHECK(dma.proven);
    CHECK(!request(&dma, 2));
    CHECK(dma.on);
    CHECK(request(&dma, 2)); // the second in a row
    CHECK(!dma.on);
}

TEST(dma_that_fails_now_and_then)
{
    struct ide_dma dma = {.on = true};

    for (u32 i = 0; i < 100; i++) {
        CHECK(!request(&dma, i % 2 ? 2 : 0));
        CHECK(dma.on);
    }
}

// A sector that cannot be read by DMA, and then can by PIO: not DMA's fault.
TEST(sectors_are_not_dma)
{
    struct ide_dma dma = {.on = true};

    for (u32 i = 0; i < 10; i++) {
        ide_dma_failed(&dma, true);
        ide_dma_failed(&dma, false);
        CHECK(!ide_dma_worked(&dma, false, 2));
    }
    CHECK(dma.on);
}

TEST(drives_without_dma)
{
    struct ide_dma dma = {0};

    CHECK(!ide_dma_wanted(&dma, 0));
    CHECK(!ide_dma_worked(&dma, false, 2));
}
