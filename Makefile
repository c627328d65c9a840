# Faultline - the only makefile. `make help` lists the targets.
# SPDX-License-Identifier: MIT
#
# Objects, images and everything else that is generated live under build/.
# Sources are found by folder; a file that is there is built.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

DEBUG ?= 0
B     := build

# How many files are made at a time.
JOBS ?= $(shell nproc)

# One line per file made; V=1 shows the commands.
ifeq ($(V),)
.SILENT:
endif
say = @echo "  $(1)"

CROSS  := i686-linux-gnu-
CC     := $(CROSS)gcc
LD     := $(CROSS)ld
NM     := $(CROSS)nm
OBJCOPY := $(CROSS)objcopy
STRIP  := $(CROSS)strip
HOSTCC := gcc
HOSTLD := ld
HOSTOBJCOPY := objcopy
PYTHON := /usr/bin/python3

# The tools are run in place; their byte code is not left beside them.
export PYTHONDONTWRITEBYTECODE := 1

# The timestamp of everything generated: the last commit's, so that the same
# source gives the same bytes whenever it is built.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

# Asked of the compiler; nothing on a machine where it is to be installed yet.
GCC_INCLUDE := $(shell $(CC) -print-file-name=include 2>/dev/null)

WARNINGS := -Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes \
    -Wmissing-prototypes -Wimplicit-fallthrough -Wpointer-arith -Wwrite-strings \
    -Wold-style-definition -Werror

# ---- what people call -------------------------------------------------------

.PHONY: all run test matrix soak bench flash disk linux debian clean help packages \
    everything

all: packages ## build everything into build/
	@$(MAKE) --no-print-directory -j$(JOBS) everything

run: all ## boot to a shell on this terminal (Ctrl-A X leaves)
	@tools/vm

test: all ## static checks, unit tests, system tests (some 30 minutes on two CPUs)
	@ci/install tests
	@$(MAKE) --no-print-directory -j$(JOBS) check unit-build
	@$(MAKE) --no-print-directory unit
	@ci/fetch-linux $(B)/linux pae || [ $$? -eq 3 ]
	@ci/fetch-debian $(B)/debian || [ $$? -eq 3 ]
	$(PYTEST_ALL) -m 'not matrix and not soak' tests/system

# TESTS=tests/system/test_boot_matrix.py: the table alone, in some 15 minutes.
TESTS ?= tests/system
matrix: all ## the many machines and runs that `make test` leaves out; prints a table of machines
	@ci/install tests
	@ci/fetch-linux $(B)/linux pae 2level || [ $$? -eq 3 ]
	$(PYTEST_ALL) -m 'matrix or table' $(TESTS)

soak: all ## everything at once for 30 minutes of guest time, with each kernel
	$(PYTEST) -s -m soak tests/system/test_soak.py

LINUX ?= 686
bench: all $(B)/bench-entry.elf ## what operations cost here and on Linux; LINUX=tiny: on two
	@tools/bench --build $(B) --linux $(LINUX)

$(B)/bench-entry.elf: userland/bench/entry.S Makefile
	$(call say,LD    $@)
	$(CC) -m32 -nostdlib -static -no-pie -Wl,-Ttext=0x100000 \
	    -Wl,--build-id=none -o $@ $<

IMAGE ?= $(B)/faultline.img
flash: all ## write the image to a stick: DEV=/dev/sdX; without: a list. IMAGE=FILE: another image
	@tools/flash --image $(IMAGE) $(if $(filter 1,$(FORCE)),--force) $(DEV)

disk: all ## build/faultline-disk.img: ESP, root and swap, for a disk of its own
	@$(MAKE) --no-print-directory $(B)/faultline-disk.img

clean: ## remove build/
	rm -rf $(B)

linux: ## fetch Debian's i386 kernels for `tools/vm --kernel linux` (100 MB)
	@ci/fetch-linux $(B)/linux pae 2level

debian: ## fetch programs of Debian for `tools/vm --debian` (30 MB)
	@ci/fetch-debian $(B)/debian

help: ## this list
	@echo "Faultline: make TARGET, with DEBUG=1 for a kernel that checks more"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/    \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

# i386 packages for the guest, unpacked under build/ and not installed.
I386_PACKAGES := busybox-static musl-dev musl xfonts-terminus

# Installs what is missing; asks, and says so. A machine with apt and make does.
packages:
	@ci/install
	@ci/fetch-i386 $(B)/i386 $(I386_PACKAGES)

# ---- kernel ---------------------------------------------------------------

KERNEL_DIRS := arch/x86 mm kernel lib fs fs/ext2 fs/tmpfs fs/procfs fs/devfs fs/devpts fs/socket \
    drivers/pci drivers/block drivers/ata drivers/serial drivers/acpi drivers/tty \
    drivers/video drivers/input
KERNEL_C_ALL := $(sort $(foreach d,$(KERNEL_DIRS),$(wildcard $(d)/*.c)))
KERNEL_S := $(sort $(wildcard arch/x86/*.S))

# Two kernels of one source, by the format of their page tables: kernel.elf, two
# levels; kernel-pae.elf, three. A file x_2level.c or x_pae.c is for one of them.
KERNEL_C     := $(filter-out %_pae.c,$(KERNEL_C_ALL))
KERNEL_PAE_C := $(filter-out %_2level.c,$(KERNEL_C_ALL))
KERNEL_O     := $(KERNEL_C:%=$(B)/%.o) $(KERNEL_S:%=$(B)/%.o)
KERNEL_PAE_O := $(KERNEL_PAE_C:%=$(B)/pae/%.o) $(KERNEL_S:%=$(B)/pae/%.o)

# uapi: the i386 headers of Debian's linux-libc-dev, and nothing of the C
# library's that lies beside them.
UAPI_FROM := /usr/i686-linux-gnu/include
UAPI      := $(B)/uapi

# Headers that are made: <generated/x.h>.
MADE := $(B)/made

KERNEL_CPPFLAGS := -nostdinc -isystem $(GCC_INCLUDE) \
    -isystem $(UAPI) -Iinclude -I$(MADE) -DFAULTLINE_DEBUG=$(DEBUG)
FORMAT_2LEVEL := -DFAULTLINE_PAE=0
FORMAT_PAE    := -DFAULTLINE_PAE=1
KERNEL_CFLAGS := -std=gnu11 -O2 -g -m32 -march=i586 -mtune=generic \
    -ffreestanding -fno-pic -fno-pie -fno-common -fno-strict-aliasing \
    -fno-omit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fno-tree-loop-distribute-patterns -fno-delete-null-pointer-checks -fwrapv \
    -mgeneral-regs-only -freg-struct-return -fcf-protection=none \
    -mregparm=3 -mpreferred-stack-boundary=2 -falign-loops=1 -falign-jumps=1 \
    -ffile-prefix-map=$(CURDIR)=. -Wframe-larger-than=1024 $(WARNINGS)
ifeq ($(DEBUG),1)
# A program's pointers are as they are, and so are those to fields behind them:
# misaligned, null, around the end. Only the functions of uaccess.h follow them.
# With its checks, frames are larger.
KERNEL_CFLAGS += -fsanitize=undefined -fno-sanitize=alignment,null,pointer-overflow \
    -fsanitize-undefined-trap-on-error -Wframe-larger-than=1280
endif

# Names of what uapi has numbers for, for kernel/strace_names.c. Two signals have
# two names, and one is in a comment.
# $(1) how they begin; $(2) header; $(3) what of the beginning is told
UAPI_NUMBER := [[:space:]]+[0-9]{1,3}([[:space:]].*)?
names_of = sed -En \
    's/^\#define[[:space:]]+($(1)([A-Z0-9a-z_]+))$(UAPI_NUMBER)$$/[\1] = "$(3)\2",/p' \
    $(UAPI_FROM)/$(2) | grep -Ev "SIG(IOT|UNUSED|LOST)"

$(UAPI)/.stamp: Makefile
	@mkdir -p $(UAPI)
	@for d in linux asm asm-generic; do ln -sfn $(UAPI_FROM)/$$d $(UAPI)/$$d; done
	@mkdir -p $(UAPI)/generated
	@$(call names_of,__NR_,asm/unistd_32.h) >$(UAPI)/generated/call_names.h
	@$(call names_of,E,asm-generic/errno*.h,E) >$(UAPI)/generated/error_names.h
	@$(call names_of,SIG,asm/signal.h,SIG) >$(UAPI)/generated/signal_names.h
	@touch $@

# $(1) folder of the objects, $(2) format
define kernel_compile
$(1)/%.c.o: %.c Makefile $(UAPI)/.stamp
	@mkdir -p $$(@D)
	$$(call say,CC    $$(@:$$(B)/%=%))
	$$(CC) $$(KERNEL_CPPFLAGS) $(2) $$(KERNEL_CFLAGS) -MMD -MP -c $$< -o $$@

$(1)/%.S.o: %.S Makefile $(UAPI)/.stamp
	@mkdir -p $$(@D)
	$$(call say,AS    $$(@:$$(B)/%=%))
	$$(CC) $$(KERNEL_CPPFLAGS) $(2) -m32 -g \
	    -ffile-prefix-map=$$(CURDIR)=. -D__ASSEMBLY__ -MMD -MP -c $$< -o $$@
endef
$(eval $(call kernel_compile,$(B),$(FORMAT_2LEVEL)))
$(eval $(call kernel_compile,$(B)/pae,$(FORMAT_PAE)))

-include $(KERNEL_O:.o=.d) $(KERNEL_PAE_O:.o=.d)

# Keyboard layouts, from Debian's xkb-data.
KEYMAPS := $(MADE)/generated/keymaps.h

$(KEYMAPS): tools/mkkeymaps.py
	@mkdir -p $(@D)
	$(call say,KEYS  $(@:$(B)/%=%))
	$(PYTHON) $< -o $@

$(foreach d,$(B) $(B)/pae $(B)/unit64 $(B)/unit32,$(d)/drivers/input/keymap.c.o): $(KEYMAPS)

# ---- kernel: the vDSO ---------------------------------------------------------
#
# A shared object of its own, which both kernels contain as bytes. Its symbols
# that the kernel needs are absolute ones in image.S: vdso_offset_NAME.

VDSO   := $(B)/vdso
VDSO_O := $(VDSO)/vsyscall.S.o $(VDSO)/time.c.o
VDSO_CFLAGS := -std=gnu11 -O2 -m32 -march=i586 -mtune=generic -ffreestanding \
    -fpic -fno-common -fno-strict-aliasing -fomit-frame-pointer \
    -fno-stack-protector -fasynchronous-unwind-tables -mgeneral-regs-only \
    -fcf-protection=none -fno-jump-tables -fno-tree-switch-conversion \
    -ffile-prefix-map=$(CURDIR)=. -Wno-missing-field-initializers $(WARNINGS)
VDSO_LDFLAGS := -m elf_i386 -shared -Bsymbolic -T arch/x86/vdso/vdso.ld \
    -soname linux-gate.so.1 --hash-style=both --build-id=sha1 --eh-frame-hdr \
    -z noexecstack -z max-page-size=4096 -z norelro --no-undefined \
    --orphan-handling=error --fatal-warnings
VDSO_OFFSETS := vdso_enter vdso_landing_pad vdso_fence __kernel_vsyscall \
    __kernel_sigreturn __kernel_rt_sigreturn

$(VDSO)/%.c.o: arch/x86/vdso/%.c Makefile $(UAPI)/.stamp
	@mkdir -p $(@D)
	$(call say,CC    $<)
	$(CC) $(KERNEL_CPPFLAGS) $(VDSO_CFLAGS) -MMD -MP -c $< -o $@

$(VDSO)/%.S.o: arch/x86/vdso/%.S Makefile
	@mkdir -p $(@D)
	$(CC) -m32 -c $< -o $@

$(VDSO)/vdso.so: $(VDSO_O) arch/x86/vdso/vdso.ld Makefile
	$(call say,LD    $@)
	$(LD) $(VDSO_LDFLAGS) -o $@.full $(VDSO_O)
	$(OBJCOPY) --strip-all $@.full $@

$(VDSO)/image.S: $(VDSO)/vdso.so tools/mkvdso.py
	$(NM) $<.full | $(PYTHON) tools/mkvdso.py $< $(VDSO_OFFSETS) >$@

$(VDSO)/image.S.o: $(VDSO)/image.S
	$(CC) -m32 -c $< -o $@

-include $(VDSO)/time.c.d

# ---- kernel: the console's font ------------------------------------------------

# 8x16, by Unicode, unpacked by ci/fetch-i386. Nothing but data, for both kernels.
FONT_PCF := $(B)/i386/usr/share/fonts/X11/misc/ter-u16n_unicode.pcf.gz
FONT     := $(B)/font

$(FONT)/font.c: tools/mkfont.py $(FONT_PCF)
	@mkdir -p $(FONT)
	$(call say,FONT  $@)
	$(PYTHON) tools/mkfont.py $(FONT_PCF) >$@

$(FONT)/font.c.o: $(FONT)/font.c drivers/video/font.h Makefile
	$(CC) $(KERNEL_CPPFLAGS) -I. $(FORMAT_2LEVEL) $(KERNEL_CFLAGS) -c $< -o $@

# ---- kernel: link -----------------------------------------------------------

# Two links. The first has no symbol table; it is made from that link's symbols
# and lies behind all code (arch/x86/kernel.ld), so that functions stay where
# they are in the second.
KERNEL_LD := arch/x86/kernel.ld
KERNEL_LDFLAGS := -m elf_i386 -T $(KERNEL_LD) -nostdlib -static --build-id=none \
    -z max-page-size=4096 -z noexecstack --orphan-handling=error --fatal-warnings

# $(1) the kernel, without .elf; $(2) its objects; $(3) folder of its symbols
define kernel_link
$(1).first.elf: $(2) $(KERNEL_LD) Makefile
	$$(LD) $$(KERNEL_LDFLAGS) -o $$@ $(2)

$(3)/symbols.S: $(1).first.elf tools/mksyms.py
	$$(NM) -n $$< | $$(PYTHON) tools/mksyms.py >$$@

$(3)/symbols.S.o: $(3)/symbols.S
	$$(CC) -m32 -c $$< -o $$@

$(1).elf: $(2) $(3)/symbols.S.o $(KERNEL_LD) Makefile
	$$(call say,LD    $$@)
	$$(LD) $$(KERNEL_LDFLAGS) -o $$@ $(2) $(3)/symbols.S.o
	@$$(NM) -n $$@ | $$(PYTHON) tools/mksyms.py | cmp - $(3)/symbols.S
endef
KERNELS := $(B)/kernel.elf $(B)/kernel-pae.elf
$(eval $(call kernel_link,$(B)/kernel,$(KERNEL_O) $(VDSO)/image.S.o \
    $(FONT)/font.c.o,$(B)))
$(eval $(call kernel_link,$(B)/kernel-pae,$(KERNEL_PAE_O) \
    $(VDSO)/image.S.o $(FONT)/font.c.o,$(B)/pae))

# ---- UEFI stub ------------------------------------------------------------
#
# One source, two programs. Built apart from the kernel, which it meets only at
# include/boot/boot_info.h.

EFI_INCLUDE := /usr/include/efi
EFI_C64 := $(sort $(wildcard efi/*.c))
EFI_C32 := $(filter-out efi/paging64.c,$(EFI_C64))
EFI_LIB_C := lib/crash_log.c lib/crc32.c lib/fmt.c lib/string.c lib/trace_line.c
EFI_O64 := $(patsubst %,$(B)/efi/x64/%.o,$(EFI_C64) $(EFI_LIB_C) \
    efi/jump64.S efi/trampoline.S efi/sbat.S)
EFI_O32 := $(patsubst %,$(B)/efi/ia32/%.o,$(EFI_C32) $(EFI_LIB_C) \
    efi/jump32.S efi/trampoline.S efi/sbat.S)

EFI_CPPFLAGS := -Iinclude -isystem $(EFI_INCLUDE)
EFI_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fpic -fvisibility=hidden \
    -fshort-wchar -fno-stack-protector -fno-strict-aliasing -fno-common \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
    -fcf-protection=none -mgeneral-regs-only -ffile-prefix-map=$(CURDIR)=. \
    $(WARNINGS)

# -malign-double: UEFI aligns 64-bit fields to 8 bytes on IA32 too.
EFI_FLAGS64 := -m64 -mno-red-zone -maccumulate-outgoing-args \
    -DGNU_EFI_USE_MS_ABI -isystem $(EFI_INCLUDE)/x86_64
EFI_FLAGS32 := -m32 -march=i586 -malign-double -isystem $(EFI_INCLUDE)/ia32

EFI_LDFLAGS := -nostdlib -znocombreloc -znoexecstack -shared -Bsymbolic \
    --no-undefined
EFI_SECTIONS := $(addprefix -j ,.text .sdata .data .rodata .dynamic .dynsym \
    .rel .rela .rel.* .rela.* .reloc .sbat)

EFI_PROGRAMS := $(B)/efi/BOOTX64.EFI $(B)/efi/BOOTIA32.EFI

.PHONY: efi
efi: $(EFI_PROGRAMS)

$(B)/efi/x64/%.o: % Makefile
	@mkdir -p $(@D)
	$(call say,CC64  $<)
	$(HOSTCC) $(EFI_FLAGS64) $(EFI_CPPFLAGS) $(EFI_CFLAGS) -MMD -MP -c $< -o $@

$(B)/efi/ia32/%.o: % Makefile
	@mkdir -p $(@D)
	$(call say,CC32  $<)
	$(CC) $(EFI_FLAGS32) $(EFI_CPPFLAGS) $(EFI_CFLAGS) -MMD -MP -c $< -o $@

$(B)/efi/x64/stub.so: $(EFI_O64)
	$(call say,LD64  $@)
	$(HOSTLD) $(EFI_LDFLAGS) -T /usr/lib/elf_x86_64_efi.lds -L/usr/lib \
	    /usr/lib/crt0-efi-x86_64.o $^ -o $@ -lgnuefi

$(B)/efi/ia32/stub.so: $(EFI_O32)
	$(call say,LD32  $@)
	$(LD) $(EFI_LDFLAGS) -m elf_i386 -T /usr/lib32/elf_ia32_efi.lds \
	    -L/usr/lib32 /usr/lib32/crt0-efi-ia32.o $^ -o $@ -lgnuefi

$(B)/efi/BOOTX64.EFI: $(B)/efi/x64/stub.so
	$(HOSTOBJCOPY) $(EFI_SECTIONS) --target=efi-app-x86_64 --subsystem=10 $< $@

$(B)/efi/BOOTIA32.EFI: $(B)/efi/ia32/stub.so
	$(OBJCOPY) $(EFI_SECTIONS) --target=efi-app-ia32 --subsystem=10 $< $@

-include $(EFI_O64:.o=.d) $(EFI_O32:.o=.d)

# ---- userland: static i386 programs on musl ------------------------------------

# musl's files, unpacked by ci/fetch-i386.
MUSL_LIB := $(B)/i386/usr/lib/i386-linux-musl
MUSL_INC := $(B)/i386/usr/include/i386-linux-musl
MUSL_LOADER := $(B)/i386/lib/ld-musl-i386.so.1

# exec takes arrays of char *: -Wwrite-strings would ask for casts everywhere.
USER_CPPFLAGS := -nostdinc -isystem $(GCC_INCLUDE) \
    -isystem $(MUSL_INC) -isystem $(UAPI) -D_GNU_SOURCE
USER_CFLAGS := -std=gnu11 -O2 -g -m32 -march=i586 -mtune=generic \
    -mgeneral-regs-only -fno-pic -fno-pie -fno-strict-aliasing \
    -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
    -ffunction-sections -ffile-prefix-map=$(CURDIR)=. \
    $(filter-out -Wwrite-strings,$(WARNINGS))
USER_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none \
    -Wl,--gc-sections -Wl,-z,noexecstack -Wl,--fatal-warnings

# Programs that are linked with musl. A test is a source with a main, and those
# that begin with its name; what several share is in USER_SHARED.
USER_TESTS  := $(sort $(filter-out dynamic,$(basename $(notdir \
    $(shell grep -lw '^int main' userland/tests/*.c)))))
USER_SHARED := $(addprefix userland/tests/,asleep.c books.c ktap.c \
    memtest.c vmstat.c)

$(foreach p,$(USER_TESTS),$(eval USER_SRC_$(p) := userland/tests/$(p).c \
    $(sort $(wildcard userland/tests/$(p)_*.c)) $(USER_SHARED)))
USER_SRC_faults += $(addprefix userland/tests/,death.c badptr.c memory.c cow.c \
    process.c signal.c exec.c)
USER_SRC_init  := $(addprefix userland/,init.c channel.c consoles.c devices.c terminal.c)
USER_SRC_bench := $(sort $(wildcard userland/bench/*.c))

USER_LINKED   := init bench $(USER_TESTS)
# The same with the dynamic linker, which is musl's C library as well.
USER_DYNAMIC  := dynamic threads-dynamic
USER_SRC_dynamic         := userland/tests/dynamic.c
USER_SRC_threads-dynamic := $(USER_SRC_threads)

USER_PROGRAMS := $(USER_LINKED) $(USER_DYNAMIC) rxonly
USER_BIN      := $(USER_PROGRAMS:%=$(B)/userland/bin/%)

USER_C := $(sort $(wildcard userland/*.c userland/*/*.c))

$(B)/userland/%.c.o: userland/%.c Makefile $(UAPI)/.stamp
	@mkdir -p $(@D)
	$(call say,CC    $<)
	$(CC) $(USER_CPPFLAGS) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/userland/%.S.o: userland/%.S Makefile $(UAPI)/.stamp
	@mkdir -p $(@D)
	$(CC) $(USER_CPPFLAGS) -m32 -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

# user_program NAME: link it with musl's start files.
define user_program
$(B)/userland/bin/$(1): $(USER_SRC_$(1):%=$(B)/%.o) Makefile
	@mkdir -p $$(@D)
	$(call say,LD    $$@)
	$(CC) -m32 $(USER_LDFLAGS) -o $$@ $(MUSL_LIB)/crt1.o $(MUSL_LIB)/crti.o \
	    $(USER_SRC_$(1):%=$(B)/%.o) -Wl,--start-group $(MUSL_LIB)/libc.a \
	    $$$$($(CC) -m32 -print-libgcc-file-name) -Wl,--end-group \
	    $(MUSL_LIB)/crtn.o
endef
$(foreach p,$(USER_LINKED),$(eval $(call user_program,$(p))))

# One PT_LOAD, readable and executable, headers included: so without -z
# separate-code, which would give the headers a segment of their own.
$(B)/userland/bin/rxonly: $(B)/userland/tests/rxonly.S.o Makefile
	@mkdir -p $(@D)
	$(LD) -m elf_i386 -static -z noseparate-code --build-id=none -o $@ $<

$(B)/userland/dyn/%.c.o: userland/tests/%.c Makefile $(UAPI)/.stamp
	@mkdir -p $(@D)
	$(call say,CC    dyn/$<)
	$(CC) $(USER_CPPFLAGS) $(filter-out -fno-pic -fno-pie,$(USER_CFLAGS)) \
	    -fPIE -MMD -MP -c -o $@ $<

# The objects of a dynamic program $(1).
user_dyn = $(USER_SRC_$(1):userland/tests/%=$(B)/userland/dyn/%.o)

define user_dynamic
$(B)/userland/bin/$(1): $(call user_dyn,$(1)) Makefile
	@mkdir -p $$(@D)
	$$(call say,LD    $$@)
	$(CC) -m32 -nostdlib -pie -Wl,--build-id=none -Wl,-z,noexecstack \
	    -Wl,--gc-sections -Wl,--fatal-warnings \
	    -Wl,-dynamic-linker,/bin/$(notdir $(MUSL_LOADER)) -o $$@ \
	    $(MUSL_LIB)/Scrt1.o $(MUSL_LIB)/crti.o $(call user_dyn,$(1)) \
	    -L$(B)/i386/lib/i386-linux-musl -lc \
	    $$$$($(CC) -m32 -print-libgcc-file-name) $(MUSL_LIB)/crtn.o
endef
$(foreach p,$(USER_DYNAMIC),$(eval $(call user_dynamic,$(p))))

.PHONY: userland
userland: $(USER_BIN)

-include $(USER_C:%.c=$(B)/%.c.d) $(B)/userland/tests/rxonly.S.d \
    $(foreach p,$(USER_DYNAMIC),$(patsubst %.o,%.d,$(call user_dyn,$(p))))

# ---- root, initramfs, image --------------------------------------------------

# faultline.img fits on a stick of 64 MiB, of which some have but 61: its volume
# and 1 MiB before and behind it.
STICK_ESP_MIB := 58
# The swap partition of `make disk`.
DISK_SWAP_MIB := 256

BUSYBOX  := $(B)/i386/bin/busybox
ROOT     := $(B)/root
MAKE_CPIO := image/mkcpio.py image/tree.py image/owners
MAKE_IMG := image/mkimage.py image/mkiso.py image/esp.py image/common.py \
    image/volume/README.TXT image/volume/cmdline.txt $(MAKE_CPIO)
BOOTED   := $(KERNELS) $(EFI_PROGRAMS) $(B)/initramfs.cpio

# The folder is made anew as a whole; a stamp beside it says when.
$(B)/root.stamp: $(USER_BIN) $(BUSYBOX) image/mkroot.py Makefile \
    $(shell find image/root -type f 2>/dev/null)
	$(call say,ROOT  $(ROOT))
	$(PYTHON) image/mkroot.py -o $(ROOT) --busybox $(BUSYBOX) \
	    --strip $(STRIP) $(USER_BIN) $(MUSL_LOADER)
	@touch $@

$(B)/initramfs.cpio: $(B)/root.stamp $(MAKE_CPIO)
	$(call say,CPIO  $@)
	$(PYTHON) image/mkcpio.py -o $@ $(ROOT)

# What a stick or a CD holds: all in one FAT volume, which the firmware reads.
$(B)/faultline.img: $(BOOTED) $(MAKE_IMG) Makefile
	$(call say,IMAGE $@)
	$(PYTHON) image/mkimage.py -o $@ --build $(B) --no-root \
	    --initramfs $(B)/initramfs.cpio --esp-size $(STICK_ESP_MIB)

$(B)/faultline.iso: $(BOOTED) $(MAKE_IMG) Makefile
	$(call say,ISO   $@)
	$(PYTHON) image/mkiso.py -o $@ --build $(B) \
	    --initramfs $(B)/initramfs.cpio

# A disk of its own: ESP, root, swap.
$(B)/faultline-disk.img: $(B)/root.stamp $(KERNELS) $(EFI_PROGRAMS) $(MAKE_IMG) Makefile
	$(call say,IMAGE $@)
	$(PYTHON) image/mkimage.py -o $@ --build $(B) --root-dir $(ROOT) \
	    --swap $(DISK_SWAP_MIB)

everything: $(KERNELS) $(EFI_PROGRAMS) $(USER_BIN) $(B)/initramfs.cpio \
    $(B)/faultline.img $(B)/faultline.iso

# ---- checks: unit tests, layers, headers, sparse, format --------------------

# Host unit tests: tests/unit/test_*.c, each with lines `// sources: ...`,
# the files of ours that it tests. Built twice with sanitizers, for the host
# and for 32 bits. Both compilers' ASan and UBSan are in Debian's cross
# packages.
UNIT_TESTS := $(sort $(basename $(notdir $(wildcard tests/unit/test_*.c))))
UNIT_BINS  := $(foreach b,64 32,$(UNIT_TESTS:%=$(B)/unit$(b)/%))

PYTEST     := $(PYTHON) -m pytest
# A machine keeps one CPU busy. A file's tests stay together: they share machines.
PYTEST_ALL := $(PYTEST) -n $(JOBS) --dist loadfile
UNIT_CC_64 := $(HOSTCC)
UNIT_CC_32 := $(CC)
UNIT_LDFLAGS_64 :=
UNIT_LDFLAGS_32 := -Wl,--dynamic-linker=/usr/i686-linux-gnu/lib/ld-linux.so.2 \
    -Wl,-rpath=/usr/i686-linux-gnu/lib
UNIT_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE -DFAULTLINE_DEBUG=1 $(FORMAT_2LEVEL) -Iinclude \
    -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer -fwrapv -fno-strict-aliasing $(WARNINGS)

# Our string functions lie beside the C library's, under other names.
UNIT_CFLAGS_lib/string.c := -include tests/unit/rename_libc.h -fno-builtin \
    -fno-tree-loop-distribute-patterns

UNIT_CFLAGS_drivers/input/keymap.c := -I$(MADE)

# What reads and writes ports, with a model behind them.
UNIT_CFLAGS_drivers/ata/ide_channel.c := -include tests/unit/model_ports.h

# What calls the firmware, with a fake one: UEFI's types, as for efi/.
UNIT_EFI := $(addprefix efi/,memory.c memmap.c) \
    $(addprefix tests/unit/,test_efi_memory.c test_efi_memmap.c)
$(foreach f,$(UNIT_EFI),\
    $(eval UNIT_CFLAGS_64_$(f) := -fshort-wchar -DGNU_EFI_USE_MS_ABI \
        -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/x86_64) \
    $(eval UNIT_CFLAGS_32_$(f) := -fshort-wchar -malign-double \
        -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/ia32))

# $(1) file.c; the sources its comment names
unit_sources = $(shell sed -n 's,^// sources:,,p' $(1))

# $(1) 64 or 32
define unit_compile
$(B)/unit$(1)/%.c.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(UNIT_CC_$(1)) $$(UNIT_CFLAGS) $$(UNIT_CFLAGS_$$<) $$(UNIT_CFLAGS_$(1)_$$<) \
	    -MMD -MP -c $$< -o $$@
endef

# $(1) 64 or 32, $(2) test_x
define unit_link
$(B)/unit$(1)/$(2): $(patsubst %,$(B)/unit$(1)/%.o,tests/unit/$(2).c \
    tests/unit/harness.c $(call unit_sources,tests/unit/$(2).c))
	$$(UNIT_CC_$(1)) -fsanitize=address,undefined $$^ $$(UNIT_LDFLAGS_$(1)) -o $$@
endef

$(foreach b,64 32,$(eval $(call unit_compile,$(b))))
$(foreach b,64 32,$(foreach t,$(UNIT_TESTS),$(eval $(call unit_link,$(b),$(t)))))
-include $(shell find $(B)/unit64 $(B)/unit32 -name '*.d' 2>/dev/null)

.PHONY: unit unit-build check layers headers sparse format format-fix

unit-build: $(UNIT_BINS) ## build the host unit tests

unit: unit-build ## run the host unit tests
	$(PYTEST) -n $(JOBS) -q tests/unit

check: layers headers sparse format ## all static checks

layers: ## who includes whom
	$(PYTHON) tools/check_layers.py --self-test
	$(PYTHON) tools/check_layers.py
	$(PYTHON) tools/mksyms.py --self-test

# Every public header compiles alone.
HEADERS := $(sort $(wildcard include/*/*.h))

headers: $(HEADERS:%=$(B)/headers/%.ok) ## each header compiles alone

$(B)/headers/%.ok: % Makefile $(UAPI)/.stamp
	@mkdir -p $(@D)
	@$(CC) $(KERNEL_CPPFLAGS) $(FORMAT_2LEVEL) $(KERNEL_CFLAGS) -fsyntax-only -x c \
	    -include $< /dev/null -MMD -MP -MT $@ -MF $(@:.ok=.d)
	@touch $@

-include $(HEADERS:%=$(B)/headers/%.d)

# sparse: any output is a failure.
# __float128: gcc's stddef.h has it, sparse 0.6.4 does not know it on i386.
# -Wno-cast-truncate: it warns of (u8)~MASK, where the cast says what is meant.
SPARSE_FLAGS := -m32 -std=gnu11 -ffreestanding '-D__float128=long double' \
    -Wall -Wcontext -Waddress-space -Wbitwise -Wno-cast-truncate

# Of the second kernel what sees the format of page tables.
SPARSE_PAE_C := $(filter arch/% mm/%,$(KERNEL_PAE_C))

SPARSE_OK := $(KERNEL_C:%=$(B)/sparse/%.ok) $(SPARSE_PAE_C:%=$(B)/pae/sparse/%.ok)

sparse: $(SPARSE_OK) ## sparse over all kernel sources

# $(1) folder, $(2) format, $(3) sources
define sparse_check
$(3:%=$(1)/sparse/%.ok): $(1)/sparse/%.ok: % $(1)/%.o
	@mkdir -p $$(@D)
	@out=$$$$(sparse $$(SPARSE_FLAGS) $$(KERNEL_CPPFLAGS) $(2) $$< 2>&1); \
	    test -z "$$$$out" || { echo "$$$$out"; exit 1; }
	@touch $$@
endef
$(eval $(call sparse_check,$(B),$(FORMAT_2LEVEL),$(KERNEL_C)))
$(eval $(call sparse_check,$(B)/pae,$(FORMAT_PAE),$(SPARSE_PAE_C)))

# The folders whose C is formatted.
FORMAT_DIRS := arch mm kernel lib fs drivers include efi userland tests/unit

format: ## clang-format changes nothing
	@find $(FORMAT_DIRS) -name '*.[ch]' -print0 | \
	    xargs -0 -r clang-format --dry-run -Werror

format-fix: ## let clang-format change the sources
	@find $(FORMAT_DIRS) -name '*.[ch]' -print0 | xargs -0 -r clang-format -i
