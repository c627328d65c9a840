// kernel/main.c - the order in which things come to life
// SPDX-License-Identifier: MIT
//
//   kernel_main   boot stack, interrupts off: log, CPU, memory, interrupts,
//                 scheduler; becomes the idle task
//   init_main     process 1, a kernel thread until the end: what may sleep -
//                 caches, devices, file systems, root, swap, the first program

#include <arch/init.h>
#include <base/bits.h>
#include <fs/context.h>
#include <fs/files.h>
#include <fs/init.h>
#include <fs/vfs.h>
#include <kernel/cmdline.h>
#include <kernel/crash.h>
#include <kernel/crash_log.h>
#include <kernel/drivers.h>
#include <kernel/futex.h>
#include <kernel/hung_task.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/signal_handlers.h>
#include <kernel/strace.h>
#include <kernel/swap_backing.h>
#include <kernel/sysrq.h>
#include <kernel/system.h>
#include <kernel/trace.h>
#include <kernel/vdso.h>
#include <lib/string.h>
#include <linux/utsname.h>
#include <mm/boot.h>
#include <mm/mm.h>
#include <mm/readahead.h>
#include <mm/vmalloc.h>

#define LOG_NAME "boot"
#include <kernel/log.h>

#define WORD_BYTES        256u
#define LOADER_LINE_BYTES 160u // of the boot loader's log

static void set_log_level(void)
{
    char word[8];
    u64 level;

    if (cmdline_get("loglevel", word, sizeof(word)) &&
        str_to_u64(word, 10, &level, NULL) == 0)
        log_set_console_level((u32)min(level, (u64)LOG_DEBUG));
}

static void set_readahead(void)
{
    char word[4];

    readahead_single =
        cmdline_get("readahead", word, sizeof(word)) && strcmp(word, "1") == 0;
}

static void check_boot_info(void)
{
    if (boot_info.magic != BOOT_INFO_MAGIC ||
        boot_info.version != BOOT_INFO_VERSION ||
        boot_info.size != sizeof(boot_info))
        panic("boot_info: magic=%08x version=%u size=%u", boot_info.magic,
              boot_info.version, boot_info.size);
    // arch has set ranges to its own copy's place and the sum anew.
    if (boot_info_sum(&boot_info))
        panic("boot_info: checksum %08x", boot_info_sum(&boot_info));
    if (boot_info.range_count > BOOT_RANGES_MAX)
        panic("boot_info: %u ranges", boot_info.range_count);
    boot_info.cmdline[BOOT_CMDLINE_BYTES - 1] = '\0';
}

static void report_boot(void)
{
    static const char *const sources[] = {
        [BOOT_SOURCE_UEFI64] = "UEFI x64",
        [BOOT_SOURCE_UEFI32] = "UEFI ia32",
        [BOOT_SOURCE_MULTIBOOT] = "multiboot",
    };
    const struct boot_framebuffer *fb = &boot_info.framebuffer;
    const char *source = boot_info.source < ARRAY_SIZE(sources)
                             ? sources[boot_info.source]
                             : NULL;

    log_info("Faultline %s, started by %s", system_name()->release,
             source ? source : "?");
    log_info("command line: %s", cmdline_text());
    log_info("ranges=%u rsdp=%08llx tsc_hz=%llu", boot_info.range_count,
             boot_info.rsdp, boot_info.tsc_hz);
    log_info("initramfs=%08llx bytes=%llu overlay=%08llx bytes=%llu",
             boot_info.initramfs, boot_info.initramfs_bytes, boot_info.overlay,
             boot_info.overlay_bytes);
    if (fb->format != BOOT_FB_NONE)
        log_info("framebuffer=%08llx width=%u height=%u bits=%u", fb->base,
                 fb->width, fb->height, fb->bits_per_pixel);
}

// map_archive - NULL when there is none.
static const void *map_archive(u64 start, u64 bytes)
{
    const void *archive;

    if (!start || !bytes)
        return NULL;
    archive = bytes >> 32 ? NULL : memremap(phys_addr(start), (u32)bytes);
    if (!archive)
        panic("archive at %08llx, %llu bytes: cannot be mapped", start, bytes);
    return archive;
}

static void free_archive(const void *archive, u64 start, u64 bytes)
{
    if (!archive)
        return;
    memunmap((void *)(uintptr_t)archive);
    mm_free_boot_range(phys_addr(start), bytes);
}

// The loader's lines, for dmesg: the consoles have had them.
static void log_loader(void)
{
    char line[LOADER_LINE_BYTES];
    const char *text, *at, *end;

    if (!boot_info.log || !boot_info.log_bytes)
        return;
    text = memremap(phys_addr(boot_info.log), boot_info.log_bytes);
    if (!text)
        return;
    end = text + boot_info.log_bytes;
    for (at = text; at < end && *at;) {
        u32 length = 0;

        while (at < end && *at && *at != '\n') {
            if (length < sizeof(line) - 1 && *at != '\r')
                line[length++] = *at;
            at++;
        }
        line[length] = '\0';
        if (length)
            log_debug("loader: %s", line);
        if (at < end && *at == '\n')
            at++;
    }
    memunmap((void *)(uintptr_t)text);
}

// Read-only, if the command line does not say.
static bool root_is_writable(void)
{
    const char *word = cmdline_last_of("rw", "ro");

    return word && strcmp(word, "rw") == 0;
}

static void mount_root(void)
{
    const void *initramfs =
        map_archive(boot_info.initramfs, boot_info.initramfs_bytes);
    const void *overlay =
        map_archive(boot_info.overlay, boot_info.overlay_bytes);
    char root[WORD_BYTES];
    int error;

    if (!cmdline_get("root", root, sizeof(root))) {
        if (!initramfs)
            panic("no root file system: the command line has no root=");
        str_copy(root, "initramfs", sizeof(root));
    }
    error = fs_mount_root(root, root_is_writable(), initramfs,
                          boot_info.initramfs_bytes, overlay,
                          boot_info.overlay_bytes);
    if (error)
        panic("root file system %s: error %d", root, error);
    free_archive(initramfs, boot_info.initramfs, boot_info.initramfs_bytes);
    free_archive(overlay, boot_info.overlay, boot_info.overlay_bytes);
}

static void start_swap(void)
{
    char spec[WORD_BYTES];

    // What goes wrong is logged; the system runs without swap, too.
    if (cmdline_get("swap", spec, sizeof(spec)))
        swap_on_by_word(spec);
}

// open_console - descriptors 0, 1 and 2 of process 1.
static void open_console(void)
{
    struct file *file;
    int error = file_open_at(AT_FDCWD, "/dev/console", O_RDWR, 0, &file);

    for (int fd = 0; !error && fd < 3; fd++) {
        file_get(file);
        error = files_install(file, fd, false);
        if (error < 0)
            file_put(file);
        else
            error = 0;
    }
    if (error)
        log_warn("/dev/console: error=%d", error);
    else
        file_put(file);
}

static int run(const char *path)
{
    static const char *const environment[] = {"HOME=/", "TERM=linux", NULL};
    const char *const argv[] = {path, NULL};

    log_info("process 1 is %s", path);
    return exec_kernel(path, argv, environment);
}

// The kernel itself runs on a 486; the C library and most programs of the root
// file system are Debian's, which are built for an i686. Who names a program of
// his own may know better.
static void check_instruction_set(void)
{
    static const char lacks[] = "this CPU has no CMOV, and programs for an "
                                "i686 (Pentium Pro and later) will not run";
    char path[WORD_BYTES];

    if (cpu_has(CPU_CMOV))
        return;
    if (!cmdline_get("init", path, sizeof(path)))
        panic("%s; init=PATH tries another one", lacks);
    log_warn("%s", lacks);
}

__noreturn static void run_first_program(void)
{
    static const char *const usual[] = {"/sbin/init", "/init", "/bin/sh"};
    char path[WORD_BYTES];
    int error;

    check_instruction_set();
    current->fs = fs_context_create();
    current->files = files_create();
    if (!current->fs || !current->files)
        panic("no memory for process 1");
    drivers_started();
    open_console();
    if (cmdline_get("init", path, sizeof(path))) {
        error = run(path);
        panic("init=%s: error %d", path, error);
    }
    for (u32 i = 0; i < ARRAY_SIZE(usual); i++) {
        error = run(usual[i]);
        log_warn("%s: error=%d", usual[i], error);
    }
    panic("no program to run: neither /sbin/init nor /init nor /bin/sh");
}

static void init_main(void)
{
    time_await_first_tick();
    time_init_wall();
    random_init();
    mm_init();
    task_reaper_start();
    hung_task_init();
    sysrq_init();
    log_loader();
    trace_init();
    drivers_init();
    fs_init();
    arch_protect_kernel();
    crash_if_asked();
    mount_root();
    start_swap();
    selftest_if_asked();
    run_first_program();
}

void kernel_main(void)
{
    sched_init();
    time_init(boot_info.tsc_hz);
    arch_init_early();
    check_boot_info();
    crash_log_attach();
    set_log_level();
    set_readahead();
    drivers_init_early();
    report_boot();
    mm_init_memory();
    crash_log_attach();
    drivers_init_screen();
    drivers_init_tables();
    arch_init_irq();
    time_init(arch_tsc_hz());
    irq_init();
    task_init();
    signal_init();
    futex_init();
    strace_init();
    vdso_init();
    init_task_start(init_main);
    sched_idle();
}
