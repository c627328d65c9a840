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
