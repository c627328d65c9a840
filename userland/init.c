// userland/init.c - process 1
// SPDX-License-Identifier: MIT
//
// Mounts what the kernel did not, then keeps its services running: a shell on
// each terminal that is a console (consoles.c), or, with the word
// faultline.run=TTY on the kernel command line, the test channel (channel.c) on
// that port. They are children: process 1 does nothing but wait for children,
// its own and the orphans it inherits.
//
// SIGUSR1 halts, SIGUSR2 powers off, SIGTERM reboots: what busybox's halt,
// poweroff and reboot send. All that is done in the handler, with nothing but
// system calls, so that there is no moment at which a signal could be missed.
//
// The same program serves as init on Linux, for comparison.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "consoles.h"
#include "devices.h"
#include "terminal.h"

enum {
    CMDLINE_MAX_BYTES = 2048,
    SHUTDOWN_GRACE_MS = 1000, // from SIGTERM to SIGKILL
    SHUTDOWN_POLL_MS = 10,
    RESPAWN_MIN_SECONDS = 1, // a service that ends sooner is held back
    RESPAWN_POLL_MS = 100,
};

// What is kept running.
struct service {
    const char *terminal; // of a shell; NULL: the channel
    pid_t process;        // 0: to be started
    time_t started;
};

static const char run_word[] = "faultline.run=";

static char *const environment[] = {"PATH=/sbin:/usr/sbin:/bin:/usr/bin",
                                    "HOME=/root", "TERM=linux", NULL};

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

// end_processes - ask every process to go, and make them after a while.
static void end_processes(void)
{
    kill(-1, SIGTERM);
    kill(-1, SIGHUP); // an interactive shell heeds only this one
    kill(-1, SIGCONT);
    for (int ms = 0; ms < SHUTDOWN_GRACE_MS; ms += SHUTDOWN_POLL_MS) {
        if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
            return;
        sleep_ms(SHUTDOWN_POLL_MS);
    }
    kill(-1, SIGKILL);
}

static void shut_down(int signal)
{
    int how = signal == SIGUSR1   ? RB_HALT_SYSTEM
              : signal == SIGUSR2 ? RB_POWER_OFF
                                  : RB_AUTOBOOT;

    end_processes();
    sync();
    // Left clean; what cannot be (a root in memory) has no need of it.
    mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
    reboot(how);
    dprintf(2, "init: reboot(2) failed: %s\n", strerror(errno));
    for (;;)
        pause();
}

static void catch_shutdown_signals(void)
{
    static const int signals[] = {SIGUSR1, SIGUSR2, SIGTERM};
    struct sigaction action = {.sa_handler = shut_down};

    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], &action, NULL) != 0)
            dprintf(2, "init: sigaction %d: %s\n", signals[i], strerror(errno));
}

// stay_in_memory - a page that was swapped and cannot be read back, since the
// disk has died, ends who needs it; with process 1 that is the machine.
static void stay_in_memory(void)
{
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        dprintf(2, "init: mlockall: %s\n", strerror(errno));
}

// open_terminal - make it descriptors 0, 1 and 2, closing whatever was there.
// 0 or -1.
static int open_terminal(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY);

    if (fd < 0)
        return -1;
    for (int to = 0; to < 3; to++)
        if (fd != to && dup2(fd, to) < 0)
            return -1;
    if (fd > 2)
        close(fd);
    return 0;
}

// mount_on - mount a file system without a device, if nothing is there yet.
static void mount_on(const char *target, const char *type, const char *options)
{
    if (mount(type, target, type, 0, options) != 0 && errno != EBUSY)
        dprintf(2, "init: mount %s on %s: %s\n", type, target, strerror(errno));
}

static void make_folder(const char *path, mode_t mode)
{
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        dprintf(2, "init: mkdir %s: %s\n", path, strerror(errno));
}

static void mount_all(void)
{
    struct stat info;

    // First of all, so that there is a console to complain on. Linux gives an
    // initramfs a /dev with nothing but a console in it.
    if (stat("/dev/null", &info) != 0)
        mount_on("/dev", "devtmpfs", NULL);
    // Or the next files opened would be taken for it.
    if (open_terminal("/dev/console") != 0)
        open_terminal("/dev/null");
    if (stat("/proc/self", &info) != 0)
        mount_on("/proc", "proc", NULL);
    mount_on("/tmp", "tmpfs", NULL);
    make_folder("/dev/shm", 01777);
    mount_on("/dev/shm", "tmpfs", NULL);
    make_folder("/dev/pts", 0755);
    mount_on("/dev/pts", "devpts", "gid=5,mode=620,ptmxmode=666"); // 5: tty
    devices_set_owners();
}

// find_channel - the TTY of faultline.run=TTY, the last one; or NULL.
static const char *find_channel(void)
{
    static char cmdline[CMDLINE_MAX_BYTES];
    const char *found = NULL;
    char *rest;
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        dprintf(2, "init: /proc/cmdline: %s\n", strerror(errno));
        return NULL;
    }
    ssize_t length = read(fd, cmdline, sizeof(cmdline) - 1);
    close(fd);
    if (length < 0) {
        dprintf(2, "init: /proc/cmdline: %s\n", strerror(errno));
        return NULL;
    }
    cmdline[length] = '\0';
    for (char *word = strtok_r(cmdline, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest))
        if (strncmp(word, run_word, sizeof(run_word) - 1) == 0)
            found = word + sizeof(run_word) - 1;
    return found;
}

// serve_shell - become an interactive shell, leader of a session with this
// terminal. By its own name: job control passes by files opened through
// /dev/console. Returns only on failure: an exit status.
static int serve_shell(const char *terminal)
{
    if (setsid() < 0)
        dprintf(2, "init: setsid: %s\n", strerror(errno));
    if (open_terminal(terminal) != 0) {
        dprintf(2, "init: %s: %s\n", terminal, strerror(errno));
        return EXIT_FAILURE;
    }
    if (ioctl(0, TIOCSCTTY, 1) != 0)
        dprintf(2, "init: no controlling terminal: %s\n", strerror(errno));
    if (chdir("/root") != 0 && chdir("/") != 0)
        dprintf(2, "init: chdir: %s\n", strerror(errno));
    terminal_ask_size(0);
    // The dash makes it a login shell.
    execl("/bin/sh", "-sh", (char *)NULL);
    dprintf(2, "init: /bin/sh: %s\n", strerror(errno));
    return EXIT_FAILURE;
}

// uptime - seconds that no setting of the clock changes.
static time_t uptime(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

// start_service - fork the shell or the channel.
static void start_service(struct service *service, const char *channel)
{
    pid_t child = fork();

    service->started = uptime();
    if (child < 0)
        dprintf(2, "init: fork: %s\n", strerror(errno));
    if (child != 0) {
        service->process = child > 0 ? child : 0;
        return;
    }
    // Handlers would be inherited until an exec, and the channel does none.
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    stay_in_memory(); // until a shell takes its place
    _exit(service->terminal != NULL ? serve_shell(service->terminal)
                                    : channel_serve(channel));
}

// start_all - those that do not run. One that ended soon after its start waits
// until the others have been looked at. Return: none is left to be started.
static bool start_all(struct service *services, int count, const char *channel)
{
    bool all = true;

    for (int i = 0; i < count; i++) {
        struct service *service = &services[i];

        if (service->process == 0 &&
            uptime() - service->started >= RESPAWN_MIN_SECONDS)
            start_service(service, channel);
        all = all && service->process != 0;
    }
    return all;
}

// reap - wait for a child; with @wait false only look.
static void reap(struct service *services, int count, bool wait)
{
    pid_t ended = waitpid(-1, NULL, wait ? 0 : WNOHANG);

    for (int i = 0; ended > 0 && i < count; i++)
        if (services[i].process == ended)
            services[i].process = 0;
}

// list_services - what is to be kept running. Return: how many.
static int list_services(struct service *services, const char *channel)
{
    static char names[CONSOLES_MAX][TERMINAL_NAME_BYTES];
    int count = channel != NULL ? 0 : consoles_list(names);

    for (int i = 0; i < count; i++)
        services[i] = (struct service){
            .terminal = names[i],
            .started = -RESPAWN_MIN_SECONDS,
        };
    if (count > 0)
        return count;
    // The channel; or a console that nothing is known of.
    services[0] = (struct service){
        .terminal = channel != NULL ? NULL : "/dev/console",
        .started = -RESPAWN_MIN_SECONDS,
    };
    return 1;
}

int main(void)
{
    struct service services[CONSOLES_MAX];

    stay_in_memory();
    mount_all();
    catch_shutdown_signals();
    environ = (char **)environment;

    const char *channel = find_channel();
    int count = list_services(services, channel);
    for (;;) {
        bool all = start_all(services, count, channel);

        reap(services, count, all);
        if (!all)
            sleep_ms(RESPAWN_POLL_MS);
    }
}
