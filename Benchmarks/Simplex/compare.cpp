// Compares the project's own simplex with Clp on random LPs, or on the LPs of a trace and variations of them.
//
//   compare random SEED SOLVES [SUSPECTS [DENSE]]
//   compare trace FILE VARIATIONS [SUSPECTS [DENSE]]
//   compare alone SEED SOLVES [- [DENSE]]         own simplex only, for sanitizers
//
// LPs of up to DENSE rows are solved with a dense inverse, 800 if it is left out; 0 puts the sparse factors to the test.
// A trace contains the calls of a solver in a training, as records of 4-byte integers and doubles in the order of the
// calls of `CobreClpShim.h`: L (load), S (statuses), A (rows added), D (solve, with all bounds). Variations move its
// right-hand sides, as further openings would.
//
// Every optimum is judged by its own certificate. Clp solves the same LPs in a child process, since Clp 1.17.6 ends the
// process on some of them. An LP on which it ends or finds no answer has no verdict of the peer. LPs on which the two
// differ are written to the file SUSPECTS, one per line as JSON, for `judge.py`.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "Certificate.hpp"
#include "CobreClpShim.h"
#include "CobreSimplex.h"

namespace {

constexpr double tolerance = 1e-9;

/// A program with what the own simplex made of it.
struct Solved {
  std::string name;
  Program program;
  std::vector<unsigned char> start, end;
  int outcome;
  std::vector<double> point, prices;
};

/// Counts that a child hands back.
struct Tally {
  size_t next;
  long both, ownAlone, clpAlone, neither, noVerdict, crashes, suspects, clpWrong, undecided, doubtful;
  double worstObjective;
};

Tally *tally;
FILE *suspects = nullptr;

void write(FILE *file, const char *name, const std::vector<double> &values) {
  fprintf(file, "\"%s\": [", name);
  for (size_t index = 0; index < values.size(); ++index) {
    const double value = std::max(-1e300, std::min(1e300, values[index]));
    fprintf(file, index ? ", %.17g" : "%.17g", value);
  }
  fprintf(file, "], ");
}

void write(const Solved &solved, const char *reason, int clp, const std::vector<unsigned char> &clpEnd) {
  ++tally->suspects;
  if (!suspects) return;
  fprintf(suspects, "{\"name\": \"%s\", \"reason\": \"%s\", \"own\": %d, \"clp\": %d, ", solved.name.c_str(), reason,
          solved.outcome, clp);
  write(suspects, "column_lower", solved.program.columnLower);
  write(suspects, "column_upper", solved.program.columnUpper);
  write(suspects, "cost", solved.program.cost);
  write(suspects, "row_lower", solved.program.rowLower);
  write(suspects, "row_upper", solved.program.rowUpper);
  write(suspects, "point", solved.point);
  write(suspects, "prices", solved.prices);
  fprintf(suspects, "\"rows\": [");
  for (size_t row = 0; row < solved.program.rows.size(); ++row) {
    fprintf(suspects, row ? ", [" : "[");
    bool isFirst = true;
    for (const Term &term : solved.program.rows[row]) {
      fprintf(suspects, isFirst ? "[%d, %.17g]" : ", [%d, %.17g]", term.column, term.value);
      isFirst = false;
    }
    fprintf(suspects, "]");
  }
  fprintf(suspects, "], \"end\": [");
  for (size_t index = 0; index < solved.end.size(); ++index) fprintf(suspects, index ? ", %d" : "%d", solved.end[index]);
  fprintf(suspects, "], \"clp_end\": [");
  for (size_t index = 0; index < clpEnd.size(); ++index) fprintf(suspects, index ? ", %d" : "%d", clpEnd[index]);
  fprintf(suspects, "]}\n");
  fflush(suspects);
}

/// Lets Clp solve a program as the engine would, from the same statuses.
int solveByClp(cobre_clp *clp, const Solved &solved) {
  const Program &p = solved.program;
  cobre_clp_load(clp, p.columns(), p.rowCount(), p.starts.data(), p.indices.data(), p.values.data(),
                 p.columnLower.data(), p.columnUpper.data(), p.cost.data(), p.rowLower.data(), p.rowUpper.data());
  cobre_clp_set_status(clp, solved.start.data());
  int code = cobre_clp_dual(clp, 1);
  if (code) code = cobre_clp_dual(clp, 0);
  if (code) {
    cobre_clp_slack_basis(clp);
    code = cobre_clp_dual(clp, 0);
  }
  if (code) code = cobre_clp_primal(clp);
  return code;
}

void judge(cobre_clp *clp, const Solved &solved) {
  const int code = solveByClp(clp, solved);
  const size_t statuses = solved.start.size();
  const unsigned char *end = cobre_clp_status(clp);
  const std::vector<unsigned char> clpEnd(end, end + statuses);
  const bool isOptimal = solved.outcome == COBRE_SIMPLEX_OPTIMAL;
  if (isOptimal) {
    const Certificate own(solved.program, solved.point.data(), solved.prices.data());
    if (!own.holds(tolerance)) {
      ++tally->doubtful;
      write(solved, "certificate", code, clpEnd);
    }
    if (code == 100 && !own.holds(1e-11)) {
      write(solved, "clp infeasible", code, clpEnd);
    } else if (code) {
      ++tally->noVerdict;
    }
    if (code) {
      ++tally->ownAlone;
      return;
    }
    ++tally->both;
    const cobre_clp_arrays found = cobre_clp_get_arrays(clp);
    const Certificate peer(solved.program, found.column_values, found.row_duals);
    const double difference = std::fabs(own.primal - peer.primal) / std::max(own.scale, peer.scale);
    if (difference <= tolerance) {
      tally->worstObjective = std::max(tally->worstObjective, difference);
    } else if (!peer.holds(tolerance)) {
      ++tally->clpWrong;
    } else {
      ++tally->undecided;
      write(solved, "objective", code, clpEnd);
    }
    return;
  }
  if (code) {
    ++tally->neither;
    return;
  }
  ++tally->clpAlone;
  if (solved.outcome < COBRE_SIMPLEX_STOPPED) write(solved, "own says there is none", code, clpEnd);
}

/// Lets child processes judge a batch, a new one after each that ends early.
void judge(const std::vector<Solved> &batch) {
  fflush(stdout);
  tally->next = 0;
  while (tally->next < batch.size()) {
    const pid_t child = fork();
    if (child == 0) {
      fclose(stderr);
      cobre_clp *clp = cobre_clp_create(tolerance, tolerance);
      while (tally->next < batch.size()) judge(clp, batch[tally->next++]);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) {
      ++tally->crashes;
      ++tally->noVerdict;
    }
  }
}

/// The own simplex at work, and what it has solved since the last batch.
struct Session {
  cobre_simplex *simplex = cobre_simplex_create(tolerance, tolerance);
  bool isAlone = false;
  std::vector<Solved> batch;
  long solves = 0, outcomes[8] = {0};
  uint64_t hash = 0;

  void load(const Program &p) {
    cobre_simplex_load(simplex, p.columns(), p.rowCount(), p.starts.data(), p.indices.data(), p.values.data(),
                       p.columnLower.data(), p.columnUpper.data(), p.cost.data(), p.rowLower.data(),
                       p.rowUpper.data());
  }

  void setBounds(const Program &p) {
    const cobre_simplex_arrays arrays = cobre_simplex_get_arrays(simplex);
    std::copy(p.columnLower.begin(), p.columnLower.end(), arrays.column_lower);
    std::copy(p.columnUpper.begin(), p.columnUpper.end(), arrays.column_upper);
    std::copy(p.rowLower.begin(), p.rowLower.end(), arrays.row_lower);
    std::copy(p.rowUpper.begin(), p.rowUpper.end(), arrays.row_upper);
  }

  void addRows(Program &p, const std::vector<std::vector<Term>> &rows, const std::vector<double> &lower,
               const std::vector<double> &upper) {
    std::vector<int> starts = {0}, columns;
    std::vector<double> values;
    for (const auto &row : rows) {
      for (const Term &term : row) {
        columns.push_back(term.column);
        values.push_back(term.value);
      }
      starts.push_back(int(columns.size()));
      p.rows.push_back(row);
    }
    p.rowLower.insert(p.rowLower.end(), lower.begin(), lower.end());
    p.rowUpper.insert(p.rowUpper.end(), upper.begin(), upper.end());
    p.arrange();
    cobre_simplex_add_rows(simplex, int(rows.size()), lower.data(), upper.data(), starts.data(), columns.data(),
                           values.data());
  }

  const double *point() const { return cobre_simplex_get_arrays(simplex).column_values; }
  const unsigned char *status() const { return cobre_simplex_status(simplex); }

  int solve(const Program &p, const std::string &name) {
    const size_t statuses = size_t(p.columns() + p.rowCount());
    std::vector<unsigned char> start(status(), status() + statuses);
    const int outcome = cobre_simplex_solve(simplex);
    ++solves;
    ++outcomes[std::min(7, std::abs(outcome) / 100)];
    const cobre_simplex_arrays arrays = cobre_simplex_get_arrays(simplex);
    for (int column = 0; column < p.columns(); ++column) {
      uint64_t bits;
      std::memcpy(&bits, arrays.column_values + column, 8);
      hash = hash * 1099511628211ULL + bits;
    }
    if (isAlone) return outcome;
    batch.push_back({name, p, std::move(start), {status(), status() + statuses}, outcome,
                     {arrays.column_values, arrays.column_values + p.columns()},
                     {arrays.row_duals, arrays.row_duals + p.rowCount()}});
    if (batch.size() >= 512) flush();
    return outcome;
  }

  void flush() {
    judge(batch);
    batch.clear();
  }

  void report() {
    if (!isAlone) flush();
    const cobre_simplex_counts counts = cobre_simplex_get_counts(simplex);
    printf("solves %ld: optimal %ld, infeasible %ld, unbounded %ld, stopped %ld, inaccurate %ld, invalid %ld; "
           "pivots %.2f, factorisations %.3f, refinements %.3f per solve; hash %016lx\n",
           solves, outcomes[0], outcomes[1], outcomes[2], outcomes[3], outcomes[4], outcomes[5],
           double(counts.pivots) / double(solves), double(counts.factorisations) / double(solves),
           double(counts.refinements) / double(solves), hash);
    if (!isAlone) {
      printf("optimal for both %ld (largest difference of objectives %.1e, Clp's certificate fails %ld, both hold and "
             "objectives differ %ld), own alone %ld, Clp alone %ld, neither %ld, no verdict of Clp %ld (ended %ld); "
             "own certificate fails %ld; suspects %ld\n",
             tally->both, tally->worstObjective, tally->clpWrong, tally->undecided, tally->ownAlone, tally->clpAlone,
             tally->neither, tally->noVerdict, tally->crashes, tally->doubtful, tally->suspects);
    }
    cobre_simplex_destroy(simplex);
  }
};

/// Moves a few bounds, as another opening does.
void shift(Program &p, Random &random) {
  for (int count = 1 + random.below(3); count > 0; --count) {
    if (random.chance(0.6)) {
      const size_t row = size_t(random.below(p.rowCount()));
      const double size = std::max(1.0, std::min(std::fabs(p.rowLower[row]), std::fabs(p.rowUpper[row])));
      if (!std::isfinite(size)) continue;
      const double by = random.chance(0.3) ? random.below(3) - 1 : random.between(-1, 1) * 0.3 * size;
      p.rowLower[row] += by;
      p.rowUpper[row] += by;
    } else {
      const size_t column = size_t(random.below(p.columns()));
      if (p.columnUpper[column] == infinity) continue;
      const double lower = p.columnLower[column] > -infinity ? p.columnLower[column] : p.columnUpper[column] - 5;
      p.columnUpper[column] = lower + (random.chance(0.2) ? 0 : random.between(0, 20));
    }
  }
}

/// Adds one to three rows that cut off the point at hand or touch it, some nearly parallel.
void cut(Session &session, Program &p, Random &random) {
  std::vector<std::vector<Term>> rows;
  std::vector<double> lower, upper;
  for (int count = 1 + random.below(3); count > 0; --count) {
    std::vector<Term> row;
    if (!rows.empty() && random.chance(0.4)) {
      row = rows.back();
      for (Term &term : row) term.value *= 1 + 1e-9 * random.unit();
    } else {
      for (int column = 0; column < p.columns(); ++column) {
        if (random.chance(0.5)) {
          row.push_back({column, random.chance(0.2) ? random.between(0, 1e5) : random.between(-2, 3)});
        }
      }
    }
    double level = 0;
    for (const Term &term : row) level += term.value * session.point()[term.column];
    if (!std::isfinite(level)) level = 0;
    lower.push_back(level + (random.chance(0.7) ? random.unit() * 0.5 * std::max(1.0, std::fabs(level))
                                                : -random.unit()));
    upper.push_back(infinity);
    rows.push_back(row);
  }
  session.addRows(p, rows, lower, upper);
}

void compareRandom(Session &session, uint64_t seed, long solves) {
  for (uint64_t id = seed; session.solves < solves; ++id) {
    Random random{id * 0x2545F4914F6CDD1DULL};
    Program p = random.below(3) == 0 ? stageProgram(random) : randomProgram(random);
    session.load(p);
    const int rounds = 1 + random.below(12);
    for (int round = 0; round < rounds; ++round) {
      const int what = round ? random.below(10) : 10;
      if (what < 7) {
        shift(p, random);
        session.setBounds(p);
      } else if (what < 9) {
        cut(session, p, random);
      } else if (what == 9) {
        std::vector<unsigned char> status(session.status(), session.status() + p.columns() + p.rowCount());
        if (random.chance(0.2)) {
          for (auto &one : status) {
            if (random.chance(0.1)) one = random.below(2) ? 1 : 3;
          }
        }
        session.load(p);
        cobre_simplex_set_status(session.simplex, status.data());
      }
      const int outcome = session.solve(p, std::to_string(id) + "." + std::to_string(round));
      if (outcome >= COBRE_SIMPLEX_INFEASIBLE && outcome < COBRE_SIMPLEX_STOPPED && random.chance(0.7)) break;
    }
  }
}

/// Reads the records of a trace.
struct Trace {
  FILE *file;
  bool read(void *to, size_t bytes) { return fread(to, 1, bytes, file) == bytes; }
  int integer() {
    int value = 0;
    return read(&value, 4) ? value : 0;
  }
  template <typename Value>
  std::vector<Value> array(int count) {
    std::vector<Value> values(static_cast<size_t>(count));
    if (!read(values.data(), values.size() * sizeof(Value))) values.assign(size_t(count), Value(0));
    return values;
  }
};

void compareTrace(Session &session, const char *path, int variations) {
  Trace trace{fopen(path, "rb")};
  if (!trace.file) return;
  Program p;
  long number = 0;
  Random random{12345};
  while (const int kind = trace.integer()) {
    if (kind == 'L') {
      p = Program();
      const int columns = trace.integer(), rows = trace.integer(), entries = trace.integer();
      p.starts = trace.array<int>(columns + 1);
      p.indices = trace.array<int>(entries);
      p.values = trace.array<double>(entries);
      p.columnLower = trace.array<double>(columns);
      p.columnUpper = trace.array<double>(columns);
      p.cost = trace.array<double>(columns);
      p.rowLower = trace.array<double>(rows);
      p.rowUpper = trace.array<double>(rows);
      p.rows.resize(size_t(rows));
      for (int column = 0; column < columns; ++column) {
        for (int entry = p.starts[size_t(column)]; entry < p.starts[size_t(column) + 1]; ++entry) {
          p.rows[size_t(p.indices[size_t(entry)])].push_back({column, p.values[size_t(entry)]});
        }
      }
      session.load(p);
    } else if (kind == 'S') {
      const auto status = trace.array<unsigned char>(trace.integer());
      cobre_simplex_set_status(session.simplex, status.data());
    } else if (kind == 'A') {
      const int count = trace.integer(), entries = trace.integer();
      const auto lower = trace.array<double>(count), upper = trace.array<double>(count);
      const auto starts = trace.array<int>(count + 1), columns = trace.array<int>(entries);
      const auto values = trace.array<double>(entries);
      std::vector<std::vector<Term>> rows(static_cast<size_t>(count));
      for (size_t row = 0; row < rows.size(); ++row) {
        for (int entry = starts[row]; entry < starts[row + 1]; ++entry) {
          rows[row].push_back({columns[size_t(entry)], values[size_t(entry)]});
        }
      }
      session.addRows(p, rows, lower, upper);
    } else if (kind == 'D') {
      trace.integer();
      const int columns = trace.integer(), rows = trace.integer();
      p.columnLower = trace.array<double>(columns);
      p.columnUpper = trace.array<double>(columns);
      p.rowLower = trace.array<double>(rows);
      p.rowUpper = trace.array<double>(rows);
      trace.integer();
      trace.array<double>(1);
      trace.integer();
      session.setBounds(p);
      session.solve(p, std::to_string(number) + ".0");
      for (int variation = 1; variation <= variations; ++variation) {
        // Other openings: every right-hand side that is an equation moves by up to a tenth.
        Program other = p;
        for (size_t row = 0; row < other.rowLower.size(); ++row) {
          if (other.rowLower[row] != other.rowUpper[row] || !random.chance(0.5)) continue;
          other.rowLower[row] = other.rowUpper[row] *= 1 + 0.1 * random.between(-1, 1);
        }
        session.setBounds(other);
        session.solve(other, std::to_string(number) + "." + std::to_string(variation));
      }
      if (variations > 0) session.setBounds(p);
      ++number;
    } else {
      printf("unknown record %d\n", kind);
      break;
    }
  }
  fclose(trace.file);
}

}  // namespace

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "compare random SEED SOLVES [SUSPECTS] | trace FILE VARIATIONS [SUSPECTS] | alone SEED SOLVES\n");
    return 2;
  }
  void *shared = mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 1;
  tally = new (shared) Tally();
  if (count > 4 && std::strcmp(arguments[4], "-")) suspects = fopen(arguments[4], "w");
  const std::string mode = arguments[1];
  Session session;
  session.isAlone = mode == "alone";
  if (count > 5) cobre_simplex_set_dense_rows(session.simplex, atoi(arguments[5]));
  if (mode == "trace") compareTrace(session, arguments[2], atoi(arguments[3]));
  else compareRandom(session, strtoull(arguments[2], nullptr, 10), atol(arguments[3]));
  session.report();
  return tally->doubtful > 0;
}
