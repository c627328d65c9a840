// drivers/ata/ide_dma.c - whether an IDE drive's data goes by DMA or PIO [P]
// SPDX-License-Identifier: MIT
//
// How it works: a request that has failed twice by DMA runs by PIO. If that
// works, the way was wrong and not the sector: then a drive that has never done
// DMA does no more, and another gets a second chance. So a controller or a
// cable that garbles DMA costs some seconds, and no data.

#include "ide_dma.h"

#define ATTEMPTS_MAX 2u // by DMA, of a request
#define REFUTED_MAX  2u // requests in a row: DMA has ceased to work

bool ide_dma_wanted(const struct ide_dma *dma, u32 attempts)
{
    return dma->on && attempts < ATTEMPTS_MAX;
}

void ide_dma_failed(struct ide_dma *dma, bool suspect)
{
    dma->blamed = suspect ? dma->blamed + 1 : 0;
}

bool ide_dma_worked(struct ide_dma *dma, bool by_dma, u32 attempts)
{
    if (by_dma) {
        dma->proven = true;
        dma->blamed = 0;
        dma->refuted = 0;
        return false;
    }
    if (!dma->on || attempts < ATTEMPTS_MAX || dma->blamed < ATTEMPTS_MAX)
        return false;
    dma->blamed = 0;
    if (dma->proven && ++dma->refuted < REFUTED_MAX)
        return false;
    dma->on = false;
    return true;
}
