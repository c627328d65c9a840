// efi/file.c - files of \faultline on the volume that the stub came from
// SPDX-License-Identifier: MIT
//
// Only the device that the firmware booted from is looked at: others may not
// be connected, and connecting them has hung machines. Reads are made in
// chunks of 1 MiB at most, which some firmware needs.
//
// Source: UEFI 2.10, 13.4 and 13.5.

#include "stub.h"

enum {
    PATH_CHARS = 64,
    CHUNK_BYTES = 1024 * 1024,
    WRITE_CHUNK_BYTES = 32 * 1024,
    WRITE_100NS_MAX = 10 * 1000 * 1000 * 10, // 10 s
    OPTIONAL_FILE_BYTES_MAX = 1024 * 1024 * 1024,
};

static EFI_FILE_HANDLE volume;

EFI_STATUS file_volume_open(void)
{
    EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
    EFI_FILE_IO_INTERFACE *file_system;
    EFI_STATUS status;

    status = firmware.services->HandleProtocol(firmware.loaded->DeviceHandle,
                                               &guid, (void **)&file_system);
    if (!EFI_ERROR(status))
        status = file_system->OpenVolume(file_system, &volume);
    if (EFI_ERROR(status))
        log_line("efi: no file system where the stub was loaded from: %s",
                 status_text(status));
    return status;
}

void file_volume_close(void)
{
    volume->Close(volume);
}

static void make_path(CHAR16 path[PATH_CHARS], const char *name)
{
    static const char folder[] = "\\faultline\\";
    u32 length = 0;

    for (const char *c = folder; *c; c++)
        path[length++] = (u8)*c;
    for (; *name && length < PATH_CHARS - 1; name++)
        path[length++] = (u8)*name;
    path[length] = 0;
}

static EFI_STATUS read_size(EFI_FILE_HANDLE handle, u64 *out_bytes)
{
    // The file's name follows the struct.
    static union {
        EFI_FILE_INFO info;
        u8 bytes[sizeof(EFI_FILE_INFO) + 1024];
    } buffer;
    EFI_GUID guid = EFI_FILE_INFO_ID;
    UINTN size = sizeof(buffer);
    EFI_STATUS status;

    status = handle->GetInfo(handle, &guid, &size, &buffer);
    if (EFI_ERROR(status))
        return status;
    if (buffer.info.Attribute & EFI_FILE_DIRECTORY)
        return EFI_UNSUPPORTED;
    *out_bytes = buffer.info.FileSize;
    return EFI_SUCCESS;
}

EFI_STATUS file_open(const char *name, struct file *out)
{
    CHAR16 path[PATH_CHARS];
    EFI_STATUS status;

    make_path(path, name);
    status = volume->Open(volume, &out->handle, path, EFI_FILE_MODE_READ, 0);
    if (status == EFI_NOT_FOUND)
        return status;
    if (!EFI_ERROR(status)) {
        status = read_size(out->handle, &out->bytes);
        if (EFI_ERROR(status))
            out->handle->Close(out->handle);
    }
    if (EFI_ERROR(status)) {
        log_line("efi: cannot open %s: %s", name, status_text(status));
        return status;
    }
    out->name = name;
    return EFI_SUCCESS;
}

void file_close(struct file *file)
{
    file->handle->Close(file->handle);
}

EFI_STATUS file_read(struct file *file, u64 offset, void *buffer, u64 bytes)
{
    u8 *to = buffer;
    EFI_STATUS status;

    status = file->handle->SetPosition(file->handle, offset);
    while (!EFI_ERROR(status) && bytes) {
        UINTN chunk = (UINTN)min(bytes, (u64)CHUNK_BYTES);

        status = file->handle->Read(file->handle, &chunk, to);
        if (!EFI_ERROR(status) && (!chunk || chunk > bytes))
            status = EFI_END_OF_FILE;
        if (!EFI_ERROR(status)) {
            to += chunk;
            bytes -= chunk;
        }
    }
    if (EFI_ERROR(status))
        log_line("efi: cannot read %s: %s", file->name, status_text(status));
    return status;
}

// Whatever has this name goes; a file that is not there is none to be told of.
static EFI_STATUS create_anew(const char *name, EFI_FILE_HANDLE *out)
{
    const UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
    CHAR16 path[PATH_CHARS];
    EFI_FILE_HANDLE old;

    make_path(path, name);
    if (!EFI_ERROR(volume->Open(volume, &old, path, mode, 0)))
        (void)old->Delete(old); // closes it; a failure shows in what follows
    return volume->Open(volume, out, path, mode | EFI_FILE_MODE_CREATE, 0);
}

static EFI_STATUS write_all(EFI_FILE_HANDLE handle, const u8 *from, u32 bytes,
                            EFI_EVENT too_late)
{
    EFI_STATUS status = EFI_SUCCESS;

    while (!EFI_ERROR(status) && bytes) {
        UINTN chunk = min(bytes, (u32)WRITE_CHUNK_BYTES);

        status = handle->Write(handle, &chunk, (void *)(uintptr_t)from);
        if (!EFI_ERROR(status) && (!chunk || chunk > bytes))
            status = EFI_VOLUME_FULL;
        if (!EFI_ERROR(status)) {
            from += chunk;
            bytes -= (u32)chunk;
        }
        if (!EFI_ERROR(status) && bytes && too_late &&
            !EFI_ERROR(firmware.services->CheckEvent(too_late)))
            status = EFI_TIMEOUT;
    }
    return status;
}

EFI_STATUS file_save(const char *name, const void *content, u32 bytes)
{
    EFI_FILE_HANDLE handle;
    EFI_EVENT too_late;
    EFI_STATUS status, flushed;

    // Without a timer the chunks alone are the bound.
    if (EFI_ERROR(firmware.services->CreateEvent(EVT_TIMER, 0, NULL, NULL,
                                                 &too_late)))
        too_late = NULL;
    else
        (void)firmware.services->SetTimer(too_late, TimerRelative,
                                          WRITE_100NS_MAX);
    status = create_anew(name, &handle);
    if (!EFI_ERROR(status)) {
        status = write_all(handle, content, bytes, too_late);
        flushed = handle->Flush(handle);
        if (!EFI_ERROR(status))
            status = flushed;
        handle->Close(handle);
    }
    if (too_late)
        (void)firmware.services->CloseEvent(too_late);
    if (EFI_ERROR(status))
        log_line("efi: cannot write %s: %s", name, status_text(status));
    return status;
}

EFI_STATUS file_load_optional(const char *name, struct block *out)
{
    struct file file;
    EFI_STATUS status;

    *out = (struct block){0};
    status = file_open(name, &file);
    if (status == EFI_NOT_FOUND)
        return EFI_SUCCESS;
    if (EFI_ERROR(status))
        return status;
    if (file.bytes > OPTIONAL_FILE_BYTES_MAX) {
        log_line("efi: %s is too large", name);
        status = EFI_BAD_BUFFER_SIZE;
    } else if (file.bytes) {
        status = memory_allocate(name, file.bytes, out);
        if (!EFI_ERROR(status))
            status = file_read(&file, 0, block_at(out->address), file.bytes);
    }
    file_close(&file);
    if (!EFI_ERROR(status))
        log_line("efi: %s address=0x%x bytes=%u", name, out->address,
                 out->bytes);
    return status;
}
