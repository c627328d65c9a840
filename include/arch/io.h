// include/arch/io.h - port and memory-mapped device access
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

static inline u8 inb(u16 port)
{
    u8 v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline u16 inw(u16 port)
{
    u16 v;

    __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline u32 inl(u16 port)
{
    u32 v;

    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline void outb(u16 port, u8 v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outw(u16 port, u16 v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outl(u16 port, u32 v)
{
    __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

// ins16, ins32, outs16, outs32 - @count units between a port and memory.
static inline void ins16(u16 port, void *to, u32 count)
{
    __asm__ volatile("rep insw" : "+D"(to), "+c"(count) : "d"(port) : "memory");
}
static inline void ins32(u16 port, void *to, u32 count)
{
    __asm__ volatile("rep insl" : "+D"(to), "+c"(count) : "d"(port) : "memory");
}
static inline void outs16(u16 port, const void *from, u32 count)
{
    __asm__ volatile("rep outsw"
                     : "+S"(from), "+c"(count)
                     : "d"(port)
                     : "memory");
}
static inline void outs32(u16 port, const void *from, u32 count)
{
    __asm__ volatile("rep outsl"
                     : "+S"(from), "+c"(count)
                     : "d"(port)
                     : "memory");
}

static inline u32 mmio_read32(const volatile void __iomem *base, u32 offset)
{
    return *(const volatile u32 __force *)((const volatile u8 __force *)base +
                                           offset);
}
static inline void mmio_write32(volatile void __iomem *base, u32 offset, u32 v)
{
    *(volatile u32 __force *)((volatile u8 __force *)base + offset) = v;
}
static inline u16 mmio_read16(const volatile void __iomem *base, u32 offset)
{
    return *(const volatile u16 __force *)((const volatile u8 __force *)base +
                                           offset);
}
static inline void mmio_write16(volatile void __iomem *base, u32 offset, u16 v)
{
    *(volatile u16 __force *)((volatile u8 __force *)base + offset) = v;
}
static inline u8 mmio_read8(const volatile void __iomem *base, u32 offset)
{
    return *((const volatile u8 __force *)base + offset);
}
static inline void mmio_write8(volatile void __iomem *base, u32 offset, u8 v)
{
    *((volatile u8 __force *)base + offset) = v;
}
