// tests/unit/test_ahci_hba.c - drivers/ata: AHCI taken over, reset, started
// sources: drivers/ata/ahci_hba.c drivers/ata/ahci_port.c
// SPDX-License-Identifier: MIT
//
// The registers are plain memory; what a controller does by itself, it does
// whenever the driver waits.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../drivers/ata/ahci.h"

#include <kernel/irq.h>
#include <kernel/log.h>

#define CAP      0xc000000fu // 16 ports, one slot, NCQ, 64 bits
#define PI       0x5u
#define DET_DISK 0x123u

static u8 registers[AHCI_REGISTER_BYTES_MAX] __aligned(8);
static struct ahci hba;
static u64 now;
static void (*meanwhile)(void); // what the controller does next

static u32 hba_get(u32 offset)
{
    return mmio_read32((void __iomem *)registers, offset);
}

static void hba_set(u32 offset, u32 value)
{
    mmio_write32((void __iomem *)registers, offset, value);
}

// ---- what the kernel does --------------------------------------------------

u64 time_ns(void)
{
    return now;
}

static void wait(u64 ns)
{
    now += ns;
    if (meanwhile)
        meanwhile();
}

void time_delay_us(u32 us)
{
    wait(us * 1000ull);
}

void sleep_ms(u32 ms)
{
    wait((u64)ms * NSEC_PER_MSEC);
}

void log_write(enum log_level level, const char *name, const char *format, ...)
{
    (void)level;
    (void)name;
    (void)format;
}

int irq_request(u32 irq, irq_handler_fn handler, void *arg, const char *name)
{
    (void)irq, (void)handler, (void)arg, (void)name;
    return -ENOSYS;
}

int irq_request_msi(irq_handler_fn handler, void *arg, const char *name,
                    u32 *address, u32 *data)
{
    (void)handler, (void)arg, (void)name, (void)address, (void)data;
    return -ENOSYS;
}

bool pci_has_msi(const struct pci_function *function)
{
    (void)function;
    return false;
}

int pci_enable_msi(const struct pci_function *function, u32 address, u32 data)
{
    (void)function, (void)address, (void)data;
    return -ENODEV;
}

void pci_enable_pin(const struct pci_function *function)
{
    (void)function;
}

void pci_enable_master(const struct pci_function *function)
{
    (void)function;
}

void pci_disable_master(const struct pci_function *function)
{
    (void)function;
}

// ---- the driver's other files ----------------------------------------------

u32 ahci_probe_ports(struct ahci *h)
{
    (void)h;
    return 0;
}

void ahci_register_disks(struct ahci *h, u32 late)
{
    (void)h, (void)late;
}

void ahci_port_changed(struct ahci_port *port)
{
    (void)port;
}

bool ahci_port_service(struct ahci_port *port)
{
    (void)port;
    return false;
}

void ahci_port_give_up(struct ahci_port *port)
{
    (void)port;
}

int ahci_recovery_start(struct ahci *h)
{
    (void)h;
    return 0;
}

// ---- controllers -----------------------------------------------------------

static void controller_make(void)
{
    memset(registers, 0, sizeof(registers));
    memset(&hba, 0, sizeof(hba));
    hba.regs = (void __iomem *)registers;
    meanwhile = NULL;
    hba_set(AHCI_CAP, CAP);
    hba_set(AHCI_PI, PI);
    hba_set(AHCI_GHC, AHCI_GHC_AE | AHCI_GHC_IE);
}

// Until it is told that AHCI is spoken, it does not.
static void wakes_up(void)
{
    if (!(hba_get(AHCI_GHC) & AHCI_GHC_AE))
        return;
    hba_set(AHCI_CAP, CAP);
    hba_set(AHCI_PI, PI);
}

TEST(ahci_mode_comes_first)
{
    controller_make();
    hba_set(AHCI_CAP, 0);
    hba_set(AHCI_PI, 0);
    hba_set(AHCI_GHC, 0);
    meanwhile = wakes_up;
    CHECK_EQ(ahci_hba_prepare(&hba, sizeof(registers)), 0);
    CHECK_EQ(hba.ports, PI);
    CHECK(hba.has_ncq && hba.has_64bit);
}

TEST(interrupts_are_off_at_first)
{
    controller_make();
    CHECK_EQ(ahci_hba_prepare(&hba, sizeof(registers)), 0);
    CHECK_EQ(hba_get(AHCI_GHC), AHCI_GHC_AE);
}

TEST(nobody_answers)
{
    controller_make();
    memset(registers, 0xff, sizeof(registers));
    CHECK_EQ(ahci_hba_prepare(&hba, sizeof(registers)), -ENODEV);
}

static void forgets_all_in_a_reset(void)
{
    if (!(hba_get(AHCI_GHC) & AHCI_GHC_HR))
        return;
    hba_set(AHCI_GHC, 0);
    hba_set(AHCI_CAP, 0);
    hba_set(AHCI_PI, 0);
}

TEST(what_a_reset_must_not_touch)
{
    controller_make();
    CHECK_EQ(ahci_hba_prepare(&hba, sizeof(registers)), 0);
    hba_set(AHCI_GHC, AHCI_GHC_AE | AHCI_GHC_IE);
    meanwhile = forgets_all_in_a_reset;
    CHECK_EQ(ahci_hba_reset(&hba), 0);
    CHECK_EQ(hba_get(AHCI_CAP), CAP);
    CHECK_EQ(hba_get(AHCI_PI), PI);
    CHECK_EQ(hba_get(AHCI_GHC), AHCI_GHC_AE | AHCI_GHC_IE);
}

// ---- ports -----------------------------------------------------------------

static struct ahci_port *port;

static u32 port_register(u32 offset)
{
    return AHCI_PORTS + 2 * AHCI_PORT_BYTES + offset;
}

// A disk that is not ready yet.
static void port_make(void)
{
    controller_make();
    CHECK_EQ(ahci_hba_prepare(&hba, sizeof(registers)), 0);
    port = &hba.port[2];
    port->memory_bus = phys_addr(0x123456000ull);
    hba_set(port_register(AHCI_PxSSTS), DET_DISK);
    hba_set(port_register(AHCI_PxTFD), ATA_STATUS_BSY);
}

static void gets_ready(void)
{
    hba_set(port_register(AHCI_PxTFD), 0x50);
}

static void gets_ready_without_fre(void)
{
    gets_ready();
    hba_set(port_register(AHCI_PxCMD), 0);
}

static void gets_ready_without_memory(void)
{
    gets_ready();
    hba_set(port_register(AHCI_PxCLBU), 0);
}

static int bring_up(void (*next)(void))
{
    port_make();
    meanwhile = next;
    return ahci_port_bring_up(port, AHCI_AS_IT_IS, AHCI_READY_MS);
}

TEST(port_starts)
{
    CHECK_EQ(bring_up(gets_ready), 0);
    CHECK(hba_get(port_register(AHCI_PxCMD)) & AHCI_PxCMD_ST);
    CHECK_EQ(hba_get(port_register(AHCI_PxCLB)), 0x23456000u);
    CHECK_EQ(hba_get(port_register(AHCI_PxCLBU)), 1);
}

// The controller is reset, or loses power, while the disk gets ready.
TEST(port_that_has_lost_its_settings_is_not_started)
{
    CHECK_EQ(bring_up(gets_ready_without_fre), -EIO);
    CHECK(!(hba_get(port_register(AHCI_PxCMD)) & AHCI_PxCMD_ST));
    CHECK_EQ(bring_up(gets_ready_without_memory), -EIO);
    CHECK(!(hba_get(port_register(AHCI_PxCMD)) & AHCI_PxCMD_ST));
}

TEST(disk_that_does_not_get_ready)
{
    CHECK_EQ(bring_up(NULL), -ETIMEDOUT);
    CHECK(!(hba_get(port_register(AHCI_PxCMD)) & AHCI_PxCMD_ST));
}
