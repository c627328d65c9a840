// mm/oom_private.h - what the parts of the OOM killer share
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/oom.h>

void oom_size_of(const struct mm *mm, struct oom_size *out_size);

// oom_report - who asked, what there is, who has it, and who goes (NULL:
// nobody can): to the log. No sleep.
void oom_report(const struct oom_request *request,
                const struct process *victim);
