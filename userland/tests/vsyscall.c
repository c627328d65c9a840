// userland/tests/vsyscall.c - the vDSO: its image, the way in, what time it is
// SPDX-License-Identifier: MIT
//
//   vsyscall           every suite, as KTAP
//   vsyscall again     what a program finds after execve: exit status 1

#include "vsyscall.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memtest.h"

const uint8_t *vdso_image(void)
{
    return (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
}

const void *vsyscall_entry(void)
{
    return (const void *)getauxval(AT_SYSINFO);
}

static const Elf32_Dyn *dynamic(const uint8_t *image)
{
    const Elf32_Ehdr *header = (const void *)image;
    const Elf32_Phdr *at = (const void *)(image + header->e_phoff);

    for (int i = 0; i < header->e_phnum; i++)
        if (at[i].p_type == PT_DYNAMIC)
            return (const void *)(image + at[i].p_vaddr);
    return NULL;
}

// The table that the image calls @tag.
static const void *table(const uint8_t *image, Elf32_Sword tag)
{
    for (const Elf32_Dyn *d = dynamic(image); d->d_tag != DT_NULL; d++)
        if (d->d_tag == tag)
            return image + d->d_un.d_ptr;
    return NULL;
}

static const char *version_name(const uint8_t *image, unsigned index)
{
    const Elf32_Verdef *at = table(image, DT_VERDEF);
    const char *strings = table(image, DT_STRTAB);

    while (at->vd_ndx != (index & 0x7fff)) {
        if (!at->vd_next)
            return "";
        at = (const void *)((const uint8_t *)at + at->vd_next);
    }
    return strings + ((const Elf32_Verdaux *)((const uint8_t *)at + at->vd_aux))
                         ->vda_name;
}

const void *vdso_symbol(const void *base, const char *name, const char *version)
{
    const uint8_t *image = base;
    const Elf32_Sym *symbols = table(image, DT_SYMTAB);
    const char *strings = table(image, DT_STRTAB);
    const Elf32_Half *versions = table(image, DT_VERSYM);
    const Elf32_Word *hash = table(image, DT_HASH);

    for (unsigned i = 1; i < hash[1]; i++)
        if (strcmp(strings + symbols[i].st_name, name) == 0 &&
            strcmp(version_name(image, versions[i]), version) == 0)
            return image + symbols[i].st_value;
    return NULL;
}

const uint8_t *sysenter_at(void)
{
    const uint8_t *at = vsyscall_entry();

    // Linux's and ours begin alike, as gdb and others know it: push ecx, edx
    // and ebp.
    for (int i = 0; i < 8; i++)
        if (at[i] == 0x0f && at[i + 1] == 0x34)
            return at + i;
    return NULL;
}

const uint8_t *landing_pad(void)
{
    const uint8_t *at = vsyscall_entry();

    while (at[0] != 0xcd || at[1] != 0x80) // int $0x80
        at++;
    return at + 2;
}

bool find_area(const char *name, uintptr_t *start, uintptr_t *end)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[256];
    bool found = false;

    while (maps && !found && fgets(line, sizeof(line), maps))
        if (strstr(line, name))
            found = sscanf(line, "%x-%x", start, end) == 2;
    if (maps)
        fclose(maps);
    return found;
}

long vsyscall(const void *entry, long number, long a, long b, long c, long d,
              long e, long f)
{
    const long all[] = {(long)entry, number, a, b, c, d, e, f};
    long result;

    // The compiler keeps ebx and ebp for itself.
    __asm__ volatile("pushl %%ebx\n"
                     "    pushl %%ebp\n"
                     "    pushl (%1)\n"
                     "    movl 8(%1), %%ebx\n"
                     "    movl 12(%1), %%ecx\n"
                     "    movl 16(%1), %%edx\n"
                     "    movl 20(%1), %%esi\n"
                     "    movl 24(%1), %%edi\n"
                     "    movl 28(%1), %%ebp\n"
                     "    movl 4(%1), %%eax\n"
                     "    call *(%%esp)\n"
                     "    addl $4, %%esp\n"
                     "    popl %%ebp\n"
                     "    popl %%ebx"
                     : "=a"(result)
                     : "a"(all)
                     : "ecx", "edx", "esi", "edi", "memory");
    return result;
}

int set_action(int signal, void *handler, unsigned long flags)
{
    struct kernel_action action = {.handler = handler, .flags = flags};

    return (int)syscall(SYS_rt_sigaction, signal, &action, NULL, 8);
}

static int run_row(void *argument)
{
    return ((const struct ktap_test *)argument)->run();
}

void run_rows_in_children(const char *suite, const struct ktap_test *rows,
                          unsigned count)
{
    ktap_enter(suite, count);
    for (unsigned i = 0; i < count; i++) {
        int result = in_child(run_row, (void *)&rows[i]);

        if (result != true)
            ktap_note("the child: %d", result);
        ktap_result(result == true, "%s", rows[i].name);
    }
    ktap_leave();
}

static volatile sig_atomic_t handled;

static void note(int signal)
{
    handled = signal;
}

// After execve: where the vDSO is now, and that it can be used.
static int again(void)
{
    long pid = syscall(SYS_getpid);

    if (vsyscall(vsyscall_entry(), SYS_getpid, 0, 0, 0, 0, 0, 0) != pid)
        return 2;
    if (set_action(SIGUSR1, (void *)note, 0) != 0)
        return 3;
    kill((pid_t)pid, SIGUSR1);
    return handled == SIGUSR1 ? 1 : 4;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "again") == 0)
        return again();
    if (!vdso_image() || !vsyscall_entry())
        ktap_bail("there is no vDSO");
    ktap_plan(5);
    suite_image();
    suite_enter();
    suite_interrupted();
    suite_areas();
    suite_time();
    return ktap_finish();
}
