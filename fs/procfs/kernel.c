// fs/procfs/kernel.c - the kernel itself: kallsyms, modules, /proc/sys/kernel
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <drivers/keyboard.h>
#include <drivers/pty.h>
#include <kernel/cmdline.h>
#include <kernel/cred.h>
#include <kernel/hung_task.h>
#include <kernel/log.h>
#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/random.h>
#include <kernel/shm.h>
#include <kernel/symbols.h>
#include <kernel/sysrq.h>
#include <kernel/system.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/utsname.h>

// Functions only; where they are is root's to know.
int proc_show_kallsyms(struct proc_text *text, const struct proc_ref *ref)
{
    bool may = capable(CAP_SYSLOG);
    const char *name;
    u32 address;

    (void)ref;
    for (u32 n = 0; (name = symbol_at(n, &address)); n++)
        proc_print(text, "%08x T %s\n", may ? address : 0, name);
    return 0;
}

// There are none, and so no lines.
int proc_show_nothing(struct proc_text *text, const struct proc_ref *ref)
{
    (void)text;
    (void)ref;
    return 0;
}

// ---- /proc/sys/kernel ------------------------------------------------------

static int show_name(struct proc_text *text, const struct proc_ref *ref)
{
    const struct new_utsname *name = system_name();
    const struct {
        const char *file, *value;
    } names[] = {
        {"arch", name->machine},      {"domainname", name->domainname},
        {"osrelease", name->release}, {"ostype", name->sysname},
        {"version", name->version},
    };

    for (u32 i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(names[i].file, ref->node->name) == 0)
            proc_print(text, "%s\n", names[i].value);
    return 0;
}

// Numbers that nobody can change here.
static int show_number(struct proc_text *text, const struct proc_ref *ref)
{
    const struct {
        const char *file;
        u32 value;
    } numbers[] = {
        {"cap_last_cap", CAP_LAST_CAP},
        {"ngroups_max", NGROUPS_MAX},
        {"ns_last_pid", (u32)task_last_pid},
        {"overflowgid", 65534},
        {"overflowuid", 65534},
        {"pid_max", (u32)PID_MAX},
        {"randomize_va_space", 0}, // places are the same in each run
        {"tainted", 0},
        {"threads-max", tasks_max},
    };

    for (u32 i = 0; i < ARRAY_SIZE(numbers); i++)
        if (strcmp(numbers[i].file, ref->node->name) == 0)
            proc_print(text, "%u\n", numbers[i].value);
    return 0;
}

static void hostname_show(const char *name, char *buf, size_t size)
{
    (void)name;
    fmt_print(buf, size, "%s\n", system_name()->nodename);
}

// Up to the end of the line; what is too long is cut, as on Linux.
static int hostname_store(const char *name, const char *text)
{
    char new[__NEW_UTS_LEN + 1];
    u32 length = 0;

    (void)name;
    while (length < __NEW_UTS_LEN && text[length] && text[length] != '\n')
        length++;
    memcpy(new, text, length);
    new[length] = '\0';
    system_set_hostname(new);
    return 0;
}

static const struct proc_setting hostname_setting = {
    .show = hostname_show,
    .store = hostname_store,
};
static const struct proc_setting keymap_setting = {
    .show = keymap_setting_show,
    .store = keymap_setting_store,
};
static const struct proc_setting log_setting = {
    .show = syslog_setting_show,
    .store = syslog_setting_store,
};
static const struct proc_setting hung_task_setting = {
    .show = hung_task_show,
    .store = hung_task_store,
};
static const struct proc_setting sysrq_setting = {
    .show = sysrq_setting_show,
    .store = sysrq_setting_store,
};
const struct proc_setting proc_sysrq_trigger_setting = {
    .store = sysrq_trigger_store,
};
static const struct proc_setting panic_setting = {
    .show = panic_timeout_show,
    .store = panic_timeout_store,
};
static const struct proc_setting shm_setting = {
    .show = shm_limit_show,
    .store = shm_limit_store,
};

#define NAME(word)                                                             \
    {                                                                          \
        .name = (word), .mode = S_IFREG | 0444, .show = show_name              \
    }
#define NUMBER(word)                                                           \
    {                                                                          \
        .name = (word), .mode = S_IFREG | 0444, .show = show_number            \
    }
#define SETTING(word, which)                                                   \
    {                                                                          \
        .name = (word), .mode = S_IFREG | 0644, .setting = &(which),           \
        .file_ops = &proc_setting_file_ops                                     \
    }

// ---- random ----------------------------------------------------------------

// A UUID of version 4, RFC 9562.
static void put_uuid(struct proc_text *text, const u8 *b)
{
    for (u32 i = 0; i < 16; i++)
        proc_print(text, "%s%02x", i >= 4 && i <= 10 && i % 2 == 0 ? "-" : "",
                   i == 6   ? (b[i] & 0x0f) | 0x40u
                   : i == 8 ? (b[i] & 0x3f) | 0x80u
                            : b[i]);
    proc_print(text, "\n");
}

static int show_uuid(struct proc_text *text, const struct proc_ref *ref)
{
    u8 bytes[16];

    (void)ref;
    random_bytes(bytes, sizeof(bytes));
    put_uuid(text, bytes);
    return 0;
}

// The same until the machine is started again.
static int show_boot_id(struct proc_text *text, const struct proc_ref *ref)
{
    static u8 bytes[16];
    static bool made;

    (void)ref;
    if (!made)
        random_bytes(bytes, sizeof(bytes));
    made = true;
    put_uuid(text, bytes);
    return 0;
}

// Bits; the key of the generator is as long.
static int show_entropy(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "256\n");
    return 0;
}

static const struct proc_node random_nodes[] = {
    {.name = "boot_id", .mode = S_IFREG | 0444, .show = show_boot_id},
    {.name = "entropy_avail", .mode = S_IFREG | 0444, .show = show_entropy},
    {.name = "poolsize", .mode = S_IFREG | 0444, .show = show_entropy},
    {.name = "uuid", .mode = S_IFREG | 0444, .show = show_uuid},
};
static const struct proc_dir random_dir = {
    .first_ino = PROC_RANDOM_FIRST,
    PROC_DIR_OF(random_nodes),
};

static const struct proc_setting pty_setting = {
    .show = pty_sysctl_show,
    .store = pty_sysctl_store,
};

static const struct proc_node pty_nodes[] = {
    {.name = "max",
     .mode = S_IFREG | 0644,
     .setting = &pty_setting,
     .file_ops = &proc_setting_file_ops},
    {.name = "nr",
     .mode = S_IFREG | 0444,
     .setting = &pty_setting,
     .file_ops = &proc_setting_file_ops},
};
static const struct proc_dir pty_dir = {
    .first_ino = PROC_PTY_FIRST,
    PROC_DIR_OF(pty_nodes),
};

static const struct proc_node kernel_nodes[] = {
    NAME("arch"),
    NUMBER("cap_last_cap"),
    SETTING("dmesg_restrict", log_setting),
    NAME("domainname"),
    SETTING("hostname", hostname_setting),
    SETTING("hung_task_timeout_secs", hung_task_setting),
    SETTING("keymap", keymap_setting),
    NUMBER("ngroups_max"),
    NUMBER("ns_last_pid"),
    NAME("osrelease"),
    NAME("ostype"),
    NUMBER("overflowgid"),
    NUMBER("overflowuid"),
    SETTING("panic", panic_setting),
    NUMBER("pid_max"),
    SETTING("printk", log_setting),
    {.name = "pty", .mode = S_IFDIR | 0555, .dir = &pty_dir},
    {.name = "random", .mode = S_IFDIR | 0555, .dir = &random_dir},
    NUMBER("randomize_va_space"),
    SETTING("shmall", shm_setting),
    SETTING("shmmax", shm_setting),
    SETTING("shmmni", shm_setting),
    SETTING("sysrq", sysrq_setting),
    NUMBER("tainted"),
    NUMBER("threads-max"),
    NAME("version"),
};
const struct proc_dir proc_kernel_dir = {
    .first_ino = PROC_KERNEL_FIRST,
    PROC_DIR_OF(kernel_nodes),
};
