// efi/gop.c - the framebuffer that the firmware has set up
// SPDX-License-Identifier: MIT
//
// The present mode is kept: the firmware has found it to suit the screen. Only
// if no device has one that can be used is another set. Several devices may
// offer graphics; the one that the firmware's console is shown on is preferred
// (it bears the console-out tag), and devices without a linear framebuffer are
// passed over, the console splitter among them. None at all is no error: the
// kernel then has its serial line.
//
// Source: UEFI 2.10, 12.9 (graphics output).

#include "gop_mode.h"
#include "stub.h"

enum {
    MODES_MAX = 256, // more of a device are not looked at
    TRIES_MAX = 8,   // modes that are set in vain
};

struct pixel_masks {
    u32 red, green, blue, reserved;
};

static u32 bits_per_pixel(const struct pixel_masks *masks)
{
    u32 all = masks->red | masks->green | masks->blue | masks->reserved;

    return all ? ALIGN_UP(ilog2(all) + 1, 8) : 0;
}

// Fill in the format; BOOT_FB_NONE if pixels cannot be written to memory.
static void describe_format(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info,
                            struct boot_framebuffer *out)
{
    struct pixel_masks masks;

    switch (info->PixelFormat) {
    case PixelRedGreenBlueReserved8BitPerColor:
        out->format = BOOT_FB_RGBX;
        masks = (struct pixel_masks){0xff, 0xff00, 0xff0000, 0xff000000};
        break;
    case PixelBlueGreenRedReserved8BitPerColor:
        out->format = BOOT_FB_BGRX;
        masks = (struct pixel_masks){0xff0000, 0xff00, 0xff, 0xff000000};
        break;
    case PixelBitMask:
        out->format = BOOT_FB_MASKS;
        masks = (struct pixel_masks){info->PixelInformation.RedMask,
                                     info->PixelInformation.GreenMask,
                                     info->PixelInformation.BlueMask,
                                     info->PixelInformation.ReservedMask};
        break;
    default: return; // PixelBltOnly: no framebuffer
    }
    out->red_mask = masks.red;
    out->green_mask = masks.green;
    out->blue_mask = masks.blue;
    out->bits_per_pixel = bits_per_pixel(&masks);
}

static bool describe(const EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode,
                     struct boot_framebuffer *out)
{
    const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info;
    u64 pitch;

    *out = (struct boot_framebuffer){0};
    if (!mode || !mode->Info || !mode->FrameBufferBase)
        return false;
    info = mode->Info;
    describe_format(info, out);
    pitch = (u64)info->PixelsPerScanLine * (out->bits_per_pixel / 8);
    if (out->format == BOOT_FB_NONE || !pitch || pitch > 0xffffffffu ||
        !info->HorizontalResolution ||
        info->PixelsPerScanLine < info->HorizontalResolution)
        return false;

    out->base = mode->FrameBufferBase;
    out->width = info->HorizontalResolution;
    out->height = info->VerticalResolution;
    out->pitch_bytes = (u32)pitch;
    // What lies beyond the size that the firmware tells may be anything:
    // show fewer lines rather than write there.
    while (out->height && pitch * out->height > mode->FrameBufferSize)
        out->height--;
    out->size_bytes = pitch * out->height;
    return out->height && out->base + out->size_bytes > out->base;
}

static bool is_console(EFI_HANDLE device)
{
    EFI_GUID guid = {0xd3b36f2c,
                     0xd551,
                     0x11d4,
                     {0x9a, 0x46, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
    void *tag;

    return !EFI_ERROR(firmware.services->HandleProtocol(device, &guid, &tag));
}

static EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics_of(EFI_HANDLE device)
{
    EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics;
    EFI_STATUS status =
        firmware.services->HandleProtocol(device, &guid, (void **)&graphics);

    return EFI_ERROR(status) ? NULL : graphics;
}

// The present mode of the best device: one that bears the tag, or the first.
static void choose_present(const EFI_HANDLE *devices, u32 count,
                           struct boot_framebuffer *out)
{
    struct boot_framebuffer found;

    for (u32 i = 0; i < count; i++) {
        EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics = graphics_of(devices[i]);
        bool console = is_console(devices[i]);

        if (!graphics || !describe(graphics->Mode, &found))
            continue;
        if (console || out->format == BOOT_FB_NONE)
            *out = found;
        if (console)
            return;
    }
}

static u64 rank_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics, u32 number)
{
    EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = NULL;
    UINTN bytes = 0;
    u64 rank;

    if (EFI_ERROR(graphics->QueryMode(graphics, number, &bytes, &info)) ||
        !info)
        return 0;
    rank = info->PixelFormat == PixelBltOnly
               ? 0
               : gop_mode_rank(info->HorizontalResolution,
                               info->VerticalResolution);
    firmware.services->FreePool(info);
    return rank;
}

// Set the best mode that works. SetMode can fail, or succeed and not do what it
// was told: what counts is what the device says afterwards.
static bool set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics,
                     struct boot_framebuffer *out)
{
    static u64 ranks[MODES_MAX];
    u32 count;

    if (!graphics || !graphics->Mode)
        return false;
    count = min(graphics->Mode->MaxMode, (UINT32)MODES_MAX);
    for (u32 i = 0; i < count; i++)
        ranks[i] = rank_mode(graphics, i);
    for (u32 tries = 0; tries < TRIES_MAX; tries++) {
        u32 mode = gop_mode_take_best(ranks, count);

        if (mode == count)
            return false;
        log_line("efi: graphics: trying mode %u", mode);
        if (!EFI_ERROR(graphics->SetMode(graphics, mode)) &&
            describe(graphics->Mode, out))
            return true;
    }
    return false;
}

// No device has a mode that can be used: set one, where the console is first.
static void choose_new(const EFI_HANDLE *devices, u32 count,
                       struct boot_framebuffer *out)
{
    struct boot_framebuffer found;

    for (u32 pass = 0; pass < 2; pass++) {
        for (u32 i = 0; i < count; i++) {
            if (is_console(devices[i]) != (pass == 0) ||
                !set_mode(graphics_of(devices[i]), &found))
                continue;
            *out = found;
            return;
        }
    }
}

// All handles with graphics, from the pool; *@out_count 0: none.
static EFI_HANDLE *find_devices(u32 *out_count)
{
    EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
    EFI_HANDLE *devices = NULL;
    UINTN count = 0;
    EFI_STATUS status;

    status = firmware.services->LocateHandleBuffer(ByProtocol, &guid, NULL,
                                                   &count, &devices);
    if (EFI_ERROR(status)) {
        if (status != EFI_NOT_FOUND)
            log_line("efi: graphics: %s", status_text(status));
        count = 0;
        devices = NULL;
    }
    *out_count = (u32)count;
    return devices;
}

void gop_describe(struct boot_framebuffer *out)
{
    u32 count;
    EFI_HANDLE *devices = find_devices(&count);

    *out = (struct boot_framebuffer){0};
    choose_present(devices, count, out);
    if (out->format == BOOT_FB_NONE)
        choose_new(devices, count, out);
    if (devices)
        firmware.services->FreePool(devices);
    if (out->format == BOOT_FB_NONE) {
        log_line("efi: no framebuffer (graphics devices: %u)", count);
        return;
    }
    log_line("efi: framebuffer base=0x%llx %ux%u pitch=%u bits=%u",
             (u64)out->base, out->width, out->height, out->pitch_bytes,
             out->bits_per_pixel);
}
