#include "cobre_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>

int cobre_platform_spawn(
    pid_t *pid, const char *path, char *const arguments[], char *const environment[], int log_descriptor,
    int extra_descriptor, int new_session) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int status = posix_spawn_file_actions_init(&actions);
  if (status != 0) { return status; }
  status = posix_spawnattr_init(&attributes);
  if (status != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return status;
  }

  // The log descriptor may itself be 0, 1 or 2, so it is copied before standard input is replaced.
  if (status == 0) { status = posix_spawn_file_actions_adddup2(&actions, log_descriptor, 1); }
  if (status == 0) { status = posix_spawn_file_actions_adddup2(&actions, 1, 2); }
  if (status == 0) { status = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0); }
  // Descriptors that the parent forgot to mark close-on-exec, such as a client's pipe, must not stay open in the child.
  int first_unused = 3;
  if (status == 0 && extra_descriptor >= 0) {
    status = posix_spawn_file_actions_adddup2(&actions, extra_descriptor, 3);
    first_unused = 4;
  }
  if (status == 0) { status = posix_spawn_file_actions_addclosefrom_np(&actions, first_unused); }

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (new_session) { flags |= POSIX_SPAWN_SETSID; }
  if (status == 0) { status = posix_spawnattr_setsigmask(&attributes, &none); }
  if (status == 0) { status = posix_spawnattr_setsigdefault(&attributes, &all); }
  if (status == 0) { status = posix_spawnattr_setflags(&attributes, flags); }
  if (status == 0) { status = posix_spawn(pid, path, &actions, &attributes, arguments, environment); }

  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

int cobre_platform_set_parent_death_signal(int signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0) == 0 ? 0 : errno;
}

int cobre_platform_become_subreaper(void) {
  return prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0, 0, 0) == 0 ? 0 : errno;
}
