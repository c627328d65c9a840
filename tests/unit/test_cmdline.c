// tests/unit/test_cmdline.c - kernel/cmdline.c, kernel/console.c
// sources: kernel/cmdline.c kernel/console.c lib/string.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include <arch/init.h>
#include <kernel/cmdline.h>
#include <kernel/console.h>

struct boot_info boot_info;

static void set(const char *text)
{
    snprintf(boot_info.cmdline, sizeof(boot_info.cmdline), "%s", text);
}

static bool gives(const char *name, const char *value)
{
    char buf[16] = "untouched";

    return cmdline_get(name, buf, sizeof(buf)) && strcmp(buf, value) == 0;
}

static bool has_none(const char *name)
{
    char buf[16] = "untouched";

    return !cmdline_get(name, buf, sizeof(buf)) && buf[0] == '\0' &&
           !cmdline_has(name);
}

TEST(words)
{
    set("  root=/dev/sda2 debug_exit\tpanic=5  x= \n");
    CHECK(gives("root", "/dev/sda2"));
    CHECK(gives("debug_exit", ""));
    CHECK(gives("panic", "5"));
    CHECK(gives("x", ""));
    CHECK(has_none("roo"));
    CHECK(has_none("rootx"));
    CHECK(has_none("/dev/sda2"));
    CHECK(cmdline_has("debug_exit") && !cmdline_has("debug"));
}

TEST(the_last_one_counts)
{
    set("a=1 b=2 a=3 ab=4 a=x=y");
    CHECK(gives("a", "x=y"));
    CHECK(gives("b", "2"));
    set("a=1 a");
    CHECK(gives("a", ""));
}

TEST(several_of_one_name)
{
    char buf[8];

    set("c=tty0 cc=1 c=ttyS0,115200 c");
    CHECK(cmdline_get_nth("c", 0, buf, sizeof(buf)) && !strcmp(buf, "tty0"));
    CHECK(cmdline_get_nth("c", 1, buf, sizeof(buf)) && !strcmp(buf, "ttyS0,1"));
    CHECK(cmdline_get_nth("c", 2, buf, sizeof(buf)) && !buf[0]);
    CHECK(!cmdline_get_nth("c", 3, buf, sizeof(buf)) && !buf[0]);
    CHECK(!cmdline_get_nth("d", 0, buf, sizeof(buf)));
}

TEST(consoles)
{
    char name[16];

    set("root=x");
    CHECK(!console_any_named() && !console_is_named("tty0"));
    CHECK(!console_named(0, name, sizeof(name)));
    set("console=tty0 console=ttyS0,115200n8 quiet");
    CHECK(console_any_named());
    CHECK(console_is_named("tty0") && console_is_named("ttyS0"));
    CHECK(!console_is_named("tty") && !console_is_named("ttyS0,115200n8"));
    CHECK(console_named(0, name, sizeof(name)) && !strcmp(name, "ttyS0"));
    CHECK(console_named(1, name, sizeof(name)) && !strcmp(name, "tty0"));
    CHECK(!console_named(2, name, sizeof(name)) && !name[0]);
}

TEST(the_last_of_two)
{
    static const char rw[] = "rw", ro[] = "ro";

    set("rw quiet ro");
    CHECK(cmdline_last_of(rw, ro) == ro && cmdline_last_of(ro, rw) == ro);
    set("ro rw ");
    CHECK(cmdline_last_of(rw, ro) == rw);
    set("root=x rwx\tro");
    CHECK(cmdline_last_of(rw, ro) == ro);
    set("root=x rwx row");
    CHECK(cmdline_last_of(rw, ro) == NULL);
    set("rw ro rw");
    CHECK(cmdline_last_of(rw, ro) == rw);
}

TEST(long_values_are_cut)
{
    set("a=0123456789abcdefgh");
    CHECK(gives("a", "0123456789abcde"));
}

TEST(empty)
{
    set("");
    CHECK(has_none("a"));
    set("   ");
    CHECK(has_none("a"));
    CHECK(strcmp(cmdline_text(), "   ") == 0);
}
