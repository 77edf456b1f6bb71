/* libcobre: training, simulating and valuing dispatch policies from any language that can call C.
 *
 * Conventions
 *   - Every function that can fail returns a code: COBRE_OK (0) or one of cobre_code. The failure is then stored for
 *     the calling thread: cobre_error_message() as a sentence, cobre_error_json() with all details.
 *   - Things that live longer than a call are handles. 0 is not a handle. A handle that was closed, or that is of
 *     another kind, gives COBRE_ARGUMENT and nothing worse. cobre_close closes handles of every kind.
 *   - Texts are UTF-8 and end with a zero byte. A text that a function hands out through a char ** belongs to the caller,
 *     which releases it with cobre_free.
 *   - The library never calls foreign code from its own threads. A caller follows a computation by asking for news with
 *     a bounded wait.
 *   - All functions may be called from any thread. A computation is stopped from another thread with cobre_job_stop,
 *     cobre_run_stop or cobre_policy_interrupt.
 *   - A process that was forked after the library had started threads gets COBRE_FORKED: threads do not survive a fork.
 */
#ifndef COBRE_H
#define COBRE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The minor part grows when functions are added. The major part changes when existing ones do. */
#define COBRE_ABI_MAJOR 1
#define COBRE_ABI_MINOR 2

enum cobre_code {
  COBRE_OK = 0,
  COBRE_ARGUMENT = 1,    /* an argument that makes no sense; `problems` in the JSON lists all of them */
  COBRE_CASE = 2,        /* the case cannot be used; `findings` in the JSON lists what is wrong */
  COBRE_BACKEND = 3,     /* processes cannot communicate in the way that was asked for */
  COBRE_WORKER = 4,      /* another rank was lost or has failed; `rank` and `pid` where they are known */
  COBRE_SOLVER = 5,      /* a stage LP could not be solved */
  COBRE_POLICY = 6,      /* there is no such policy, or it does not fit */
  COBRE_RUN = 7,         /* there is no such run, or its state or a limit does not allow what was asked */
  COBRE_STORAGE = 8,     /* files cannot be read or written */
  COBRE_INTERRUPTED = 9, /* another thread asked for the end of the call */
  COBRE_FORKED = 10,     /* this process was forked from one in which the library had started threads */
  COBRE_INTERNAL = 11    /* anything else */
};

typedef uint64_t cobre_handle;

/* Version of the interface: COBRE_ABI_MAJOR << 16 | COBRE_ABI_MINOR. */
int32_t cobre_abi(void);
/* Version of the engine; lives as long as the process. */
const char *cobre_version(void);

/* The last failure of the calling thread; the texts live until its next failure. */
int32_t cobre_error_code(void);
const char *cobre_error_message(void);
const char *cobre_error_json(void);

void cobre_free(void *text);
int32_t cobre_close(cobre_handle handle);

/* Makes this process the program of that name, cobre-mcp or cobre-worker, with the arguments that the process was given.
 * For the main function of such a program, which does nothing else: returns only where there is no such program. */
int32_t cobre_program(const char *name);

/* ---- the Arrow C data interface, as its specification has it ---- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif

/* ---- cases ---- */

/* All findings about a case, as JSON: valid, findings. An invalid case is a normal answer. */
int32_t cobre_case_validate(const char *directory, char **json);
/* Reads a case. Gives COBRE_CASE with all findings if it has errors. */
int32_t cobre_study_open(const char *directory, cobre_handle *study);
/* Sizes, horizon, noise, settings, names of the state components, and initial state. */
int32_t cobre_study_describe(cobre_handle study, char **json);
/* The inflow model, given or estimated: orders, coefficients, fit, correlation. */
int32_t cobre_study_stochastic(cobre_handle study, char **json);

/* ---- runs: kept in a runs directory that servers and other processes share ---- */

/* directory: NULL for the user's own (the one that cobre-mcp uses). worker: path of cobre-worker, NULL if no
 * processes are to be started. */
int32_t cobre_runs_open(const char *directory, const char *worker, cobre_handle *runs);
/* Starts a run in its own processes. Members of the request: those of the server's tool `train` except
 * wait_seconds, and `restarts`, `keep` (statistics, stages or blocks). The answer is the run as cobre_run_wait gives it. */
int32_t cobre_run_start(cobre_handle runs, const char *request, char **json);
/* Waits until the run has ended, an iteration after `after` has been completed, or the time is over.
 * seconds: 0 to read without waiting. JSON: run (state, bounds, workers, ...), iterations (those after `after`).
 * Where iterations are shorter than a tenth of a second, those of that time come together. Between calls that wait the
 * database of the run stays open. Who stops before its end makes a last call with less than 0 seconds, which does not wait
 * and closes it; else a later call does, for whatever run. */
int32_t cobre_run_wait(cobre_handle runs, const char *run_id, int64_t after, double seconds, char **json);
/* Asks a run to stop at the end of its iteration. Its policy is kept. */
int32_t cobre_run_stop(cobre_handle runs, const char *run_id);
/* A table of a run's results, as a stream of Arrow record batches that own their memory: convergence, scenarios,
 * statistics, values, and if single scenarios were stored hydros, thermals, buses, exchanges, non_controllables, contracts,
 * pumping_stations, generic_violations. The caller releases the stream. */
int32_t cobre_run_results(cobre_handle runs, const char *run_id, const char *table, struct ArrowArrayStream *stream);
/* Calls a tool of the server, such as simulate, list_runs, query_results, inspect_policy or plot, on this runs directory.
 * JSON: result (an object or null), content (a list). */
int32_t cobre_tool(cobre_handle runs, const char *name, const char *arguments, char **json);

/* ---- computing in the calling process ---- */

/* Starts computing on a thread of the library and returns at once. The run is kept in the runs directory.
 * request: members as cobre_run_start without backend, num_workers and hosts, and `lockstep` (1: after each iteration
 * the computation waits until cobre_job_wait has been called with that iteration as `after`).
 * environment: NULL for a training by this process alone. Otherwise an object with COBRE_SHM_* or COBRE_TCP_* variables
 * (added to those of the process) that say which rank of which group this process is. */
int32_t cobre_job_start(cobre_handle runs, const char *request, const char *environment, cobre_handle *job);
/* Returns when the computation has ended, when an iteration after `after` is known, or when the time is over.
 * JSON: ended, iterations (on rank 0), and at the end outcome (run_id, rank, size, backend, stop_reason, iteration,
 * lower_bound, ...); remaining_seconds (to the limit of iterations or time, estimated; null if unknown). Gives the failure of the computation if it has failed. */
int32_t cobre_job_wait(cobre_handle job, int64_t after, double seconds, char **json);
/* Asks the computation to stop at the end of its iteration. */
int32_t cobre_job_stop(cobre_handle job);

/* ---- policies ---- */

/* The policy of a run after its last completed iteration, also while it computes. */
int32_t cobre_policy_open(cobre_handle runs, const char *run_id, cobre_handle *policy);
/* stages, state_dimension, state_names, initial_state, iteration, cuts by stage. */
int32_t cobre_policy_describe(cobre_handle policy, char **json);
/* The active cuts after a stage: future cost >= intercepts[c] + sum_j slopes[c * dimension + j] * state[j].
 * The arrays belong to the policy and live until it is closed. With cuts by outcome, groups[c] is the outcome of
 * a cut. Without, groups is NULL. */
int32_t cobre_policy_cuts(
    cobre_handle policy, int64_t stage, const double **intercepts, const double **slopes, const int64_t **groups,
    int64_t *count, int64_t *dimension);
/* The future cost by the cuts after a stage, in $, at count states (row by row, dimension doubles each).
 * values: room for count doubles. slopes: NULL, or room for count * dimension doubles: $ per unit of each component.
 * threads: 1 for the calling thread alone. */
int32_t cobre_policy_evaluate(
    cobre_handle policy, int64_t stage, const double *states, int64_t count, int32_t threads, double *values,
    double *slopes);
/* Ends evaluations of this policy that are under way in other threads with COBRE_INTERRUPTED. */
int32_t cobre_policy_interrupt(cobre_handle policy);

#ifdef __cplusplus
}
#endif

#endif
