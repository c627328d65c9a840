// userland/tests/sigframe.c - signals: frames, what they tell, the way back
// SPDX-License-Identifier: MIT

#include "sigframe.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

volatile int seen_signal, seen_count;
siginfo_t seen_info;
ucontext_t seen_context;

static void note(int signal, siginfo_t *info, void *context)
{
    seen_signal = signal;
    seen_count++;
    seen_info = *info;
    seen_context = *(ucontext_t *)context;
}

void handle_with(int signal, int flags,
                 void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | flags};

    if (sigaction(signal, &action, NULL) != 0)
        ktap_bail("sigaction: %s", strerror(errno));
}

void handle(int signal, int flags)
{
    seen_signal = seen_count = 0;
    handle_with(signal, flags, note);
}

static int run_void(void *argument)
{
    (*(void (**)(void))argument)();
    return 99;
}

bool dies_of(int signal, void (*run)(void))
{
    int result = in_child(run_void, &run);

    if (result != -signal)
        ktap_note("the child: %d, expected %d", result, -signal);
    return result == -signal;
}

static int run_row(void *argument)
{
    return ((const struct row *)argument)->run();
}

void run_rows(const char *suite, const struct row *rows, unsigned count)
{
    ktap_enter(suite, count);
    for (unsigned i = 0; i < count; i++) {
        int result =
            rows[i].child ? in_child(run_row, (void *)&rows[i]) : rows[i].run();

        if (result != true)
            ktap_note("%d", result);
        ktap_result(result == true, "%s", rows[i].name);
    }
    ktap_leave();
}

int main(void)
{
    ktap_plan(6);
    suite_frame();
    suite_exceptions();
    suite_fpu();
    suite_return();
    suite_queue();
    suite_restart();
    return ktap_finish();
}
