// drivers/ata/ide_dma.h - whether an IDE drive's data goes by DMA or PIO [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct ide_dma {
    bool on;     // data is transferred by DMA, else PIO
    bool proven; // DMA has worked
    u32 blamed;  // failures in a row that DMA may have caused
    u32 refuted; // requests in a row that only PIO could do
};

// ide_dma_wanted - a request that has been tried so often runs by DMA.
bool ide_dma_wanted(const struct ide_dma *dma, u32 attempts);

// ide_dma_failed - an attempt has failed. @suspect: it ran by DMA, and that may
// be why.
void ide_dma_failed(struct ide_dma *dma, bool suspect);

// ide_dma_worked - a request that moves data has succeeded after @attempts that
// have not, @by_dma or by PIO. Return: true: DMA is off from now on.
bool ide_dma_worked(struct ide_dma *dma, bool by_dma, u32 attempts);
