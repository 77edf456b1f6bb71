/* What an installer puts on the PATH: becomes the program NAME of the package, which lies in the package's own folder, since
 * installers keep programs and libraries apart. No interpreter is started, so that a server answers at once.
 *
 * The package is found by the folder that says what is installed, with VERSION in its name: in an environment and for a user it
 * is ../lib/python3.X/site-packages from here, after an installation into a directory it is that directory.
 */
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARK "cobre_mcp-" VERSION ".dist-info"

static void become(const char *mark, char **arguments) {
  char program[PATH_MAX];
  int length = snprintf(program, sizeof program, "%.*s/cobre/native/" NAME, (int)(strlen(mark) - sizeof MARK), mark);
  if (length < (int)sizeof program) execv(program, arguments);
}

int main(int count, char **arguments) {
  (void)count;
  char own[PATH_MAX - 128], pattern[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
  if (length > 0) {
    own[length] = 0;
    const char *folder = dirname(own);
    const char *const places[] = {"/..", "/../lib*/python3*/*-packages"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
      glob_t found;
      snprintf(pattern, sizeof pattern, "%s%s/" MARK, folder, places[i]);
      if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0) continue;
      for (size_t j = 0; j < found.gl_pathc; j++) become(found.gl_pathv[j], arguments);
      globfree(&found);
    }
  }
  fprintf(stderr, NAME ": the package cobre-mcp " VERSION " is not where it was installed with this program. Install it again.\n");
  return 70;
}
