// Starting child processes and being one.
#ifndef COBRE_SPAWN_H
#define COBRE_SPAWN_H

#include <sys/types.h>

// Starts `path` with exactly this environment, and returns 0 or an errno value.
//
// The child has /dev/null as standard input, `log_descriptor` as standard output and standard error, a copy of
// `extra_descriptor` (unless that is negative) as descriptor 3, no other descriptor, no blocked and no ignored signal.
// With `new_session` it also has its own session.
int cobre_platform_spawn(
    pid_t *pid, const char *path, char *const arguments[], char *const environment[], int log_descriptor,
    int extra_descriptor, int new_session);

// Asks the kernel to send `signal` to this process when its parent thread ends, and returns 0 or an errno value.
int cobre_platform_set_parent_death_signal(int signal);

// Makes orphaned descendants children of this process, so that it can end and reap them. Returns 0 or an errno value.
int cobre_platform_become_subreaper(void);

#endif
