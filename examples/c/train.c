/* Trains a case in this process and prints how it ended:
 *
 *   cc -I Sources/CobreHeader/include examples/c/train.c -L .build/release -lcobre -Wl,-rpath,.build/release -o train
 *   ./train examples/single-hydro runs
 */
#include <inttypes.h>
#include <stdio.h>

#include "cobre.h"

static int fail(void) {
  fprintf(stderr, "%s\n", cobre_error_message());
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: %s CASE RUNS_DIRECTORY\n", argv[0]), 2;
  char request[5000], *description, *news;
  cobre_handle study, runs, job;
  if (cobre_study_open(argv[1], &study) || cobre_study_describe(study, &description)) return fail();
  printf("case: %.60s...\n", description);
  cobre_free(description);

  snprintf(request, sizeof request, "{\"case_dir\": \"%.4000s\", \"iterations\": 12}", argv[1]);
  if (cobre_runs_open(argv[2], NULL, &runs) || cobre_job_start(runs, request, NULL, &job)) return fail();
  /* Up to an hour for the end; cobre_job_stop(job) from another thread would end it sooner. */
  if (cobre_job_wait(job, INT64_MAX, 3600, &news)) return fail();
  printf("%s\n", news);
  cobre_free(news);
  return cobre_close(job) || cobre_close(runs) || cobre_close(study) ? fail() : 0;
}
