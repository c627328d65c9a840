// fs/procfs/net.c - /proc/net/unix
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <fs/socket.h>
#include <kernel/cred.h>
#include <linux/net.h>

static void print_address(struct proc_text *text,
                          const struct socket_address *address)
{
    const char *path = address->un.sun_path;
    u32 bytes = address->bytes - (u32)offsetof(struct sockaddr_un, sun_path);
    u32 i;

    if (path[0])
        bytes--; // the NUL of a path
    for (i = 0; i < bytes; i++)
        proc_put(text, path[i] ? &path[i] : "@", 1);
}

// Where a socket is in memory is not for everybody to know: as kallsyms.
int proc_show_unix(struct proc_text *text, const struct proc_ref *ref)
{
    bool may = capable(CAP_SYSLOG);
    struct socket_report report;
    u32 place;

    (void)ref;
    proc_print(text, "Num       RefCount Protocol Flags    Type St Inode "
                     "Path\n");
    for (place = 0; sockets_next(place, &report); place++) {
        proc_print(text, "%08x: %08X %08X %08X %04X %02X %5u",
                   may ? (u32)(uintptr_t)report.id : 0, report.refs, 0,
                   report.is_listening ? __SO_ACCEPTCON : 0, report.type,
                   report.is_connected ? SS_CONNECTED : SS_UNCONNECTED,
                   report.ino);
        if (report.address.bytes) {
            proc_print(text, " ");
            print_address(text, &report.address);
        }
        proc_print(text, "\n");
    }
    return 0;
}
