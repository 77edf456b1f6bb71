// Linear programs for the comparison: random ones, and those of a trace.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

constexpr double infinity = std::numeric_limits<double>::infinity();

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random {
  uint64_t state;
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double unit() { return double(next() >> 11) * 0x1p-53; }
  int below(int count) { return int(next() % uint64_t(count)); }
  double between(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double share) { return unit() < share; }
};

struct Term {
  int column;
  double value;
};

struct Program {
  std::vector<double> columnLower, columnUpper, cost, rowLower, rowUpper;
  std::vector<std::vector<Term>> rows;
  // The matrix by column, made by `arrange`.
  std::vector<int> starts, indices;
  std::vector<double> values;

  int columns() const { return int(cost.size()); }
  int rowCount() const { return int(rows.size()); }

  void arrange() {
    starts.assign(size_t(columns()) + 1, 0);
    for (const auto &row : rows) {
      for (const Term &term : row) ++starts[size_t(term.column) + 1];
    }
    for (size_t column = 1; column < starts.size(); ++column) starts[column] += starts[column - 1];
    indices.resize(size_t(starts.back()));
    values.resize(indices.size());
    std::vector<int> next(starts.begin(), starts.end() - 1);
    for (int row = 0; row < rowCount(); ++row) {
      for (const Term &term : rows[size_t(row)]) {
        const size_t entry = size_t(next[size_t(term.column)]++);
        indices[entry] = row;
        values[entry] = term.value;
      }
    }
  }
};

/// Elements of five kinds: signs, small integers, reals, nine orders of magnitude, mostly ones.
inline double randomElement(Random &random, int style) {
  switch (style) {
    case 0: return random.below(2) ? 1 : -1;
    case 1: return random.below(7) - 3;
    case 2: return random.between(-2, 2);
    case 3: return random.between(-1, 1) * std::pow(10.0, random.below(9) - 3);
    default: return random.below(3) ? 1 : random.between(0.1, 3);
  }
}

inline void addRandomColumn(Program &program, std::vector<double> &inside, Random &random, int style) {
  double lower = 0, upper = infinity;
  const int kind = random.below(10);
  if (kind < 4) upper = random.below(2) ? random.below(10) : random.between(0, 100);
  if (kind == 4) {
    lower = -random.below(6);
    upper = lower + random.below(9);
  }
  if (kind == 5 && random.chance(0.5)) lower = upper = random.below(5);
  if (kind == 6 && random.chance(0.5)) lower = -infinity;
  if (kind == 7 && random.chance(0.5)) {
    lower = -infinity;
    upper = random.below(10);
  }
  const double low = lower > -infinity ? lower : upper < infinity ? upper - 10 : -5;
  const double high = upper < infinity ? upper : low + 10;
  const double value = style <= 1 ? low + std::floor((high - low) * random.unit()) : random.between(low, high);
  inside.push_back(random.chance(0.4) ? low : value);
  double cost = 0;
  switch (random.below(6)) {
    case 0: break;
    case 1: cost = random.below(5) - 1; break;
    case 2: cost = random.between(0, 10); break;
    case 3: cost = random.below(4); break;
    case 4: cost = random.between(-1, 20); break;
    default: cost = random.chance(0.3) ? 1000 * random.unit() : 1;
  }
  program.columnLower.push_back(lower);
  program.columnUpper.push_back(upper);
  program.cost.push_back(cost);
}

/// A small program with rows and columns of every kind; most have a solution, some are degenerate or have parallel rows.
inline Program randomProgram(Random &random) {
  Program program;
  const bool isLarge = random.chance(0.03), hasParallels = random.below(8) == 0;
  const int rows = 1 + random.below(isLarge ? 60 : 14), columns = 1 + random.below(isLarge ? 120 : 24);
  const int style = random.below(5);
  const double density = random.between(0.1, 0.8);
  std::vector<double> inside;
  for (int column = 0; column < columns; ++column) addRandomColumn(program, inside, random, style);
  for (int index = 0; index < rows; ++index) {
    std::vector<Term> row;
    if (hasParallels && index > 0 && random.chance(0.3)) {
      row = program.rows.back();
      for (Term &term : row) term.value *= 1 + (random.chance(0.5) ? 1e-7 * random.unit() : 0);
    } else if (!random.chance(0.03)) {
      for (int column = 0; column < columns; ++column) {
        const double value = random.chance(density) ? randomElement(random, style) : 0;
        if (value != 0) row.push_back({column, value});
      }
    }
    double level = 0;
    for (const Term &term : row) level += term.value * inside[size_t(term.column)];
    const double scale = std::max(1.0, std::fabs(level));
    double lower = -infinity, upper = infinity;
    const int kind = random.below(8);
    if (kind < 3) lower = upper = random.chance(0.02) ? level + scale : level;
    else if (kind < 5) lower = level - (random.chance(0.4) ? 0 : random.unit() * scale);
    else if (kind == 5) upper = level + (random.chance(0.4) ? 0 : random.unit() * scale);
    else if (kind == 6) {
      lower = level - random.unit() * scale;
      upper = level + random.unit() * scale;
    } else if (random.chance(0.5)) upper = level + 1;
    program.rows.push_back(row);
    program.rowLower.push_back(lower);
    program.rowUpper.push_back(upper);
  }
  program.arrange();
  return program;
}

/// The shape of a stage LP: water balances, a ladder of supply, and a future cost under cuts with steep slopes.
inline Program stageProgram(Random &random) {
  Program program;
  const int hydros = 1 + random.below(8), supplies = 2 + random.below(12), cuts = 1 + random.below(12);
  const auto add = [&](double lower, double upper, double cost) {
    program.columnLower.push_back(lower);
    program.columnUpper.push_back(upper);
    program.cost.push_back(cost);
    return program.columns() - 1;
  };
  const auto addRow = [&](std::vector<Term> row, double lower, double upper) {
    program.rows.push_back(std::move(row));
    program.rowLower.push_back(lower);
    program.rowUpper.push_back(upper);
  };
  const int future = add(random.chance(0.3) ? -infinity : 0, infinity, 1);
  std::vector<Term> demand;
  std::vector<int> stores;
  double capacity = 0;
  const double unit = random.chance(0.5) ? 1 : 2.63;
  for (int hydro = 0; hydro < hydros; ++hydro) {
    const double room = random.between(10, 5000), flow = random.between(5, 900);
    const int start = add(0, infinity, 0), store = add(0, room, 0), turbined = add(0, flow, 0);
    const int spilt = add(0, infinity, random.chance(0.5) ? 0.001 : 0), short_ = add(0, infinity, 5);
    std::vector<Term> balance = {{start, -1}, {store, 1}, {turbined, unit}, {spilt, unit}, {short_, -unit}};
    if (hydro > 0 && random.chance(0.6)) {
      const int above = 1 + 5 * (hydro - 1);
      balance.push_back({above + 2, -unit});
      balance.push_back({above + 3, -unit});
    }
    const double inflow = random.between(0, 500) * unit;
    addRow(balance, inflow, inflow);
    const double level = room * random.unit();
    addRow({{start, 1}}, level, level);
    const double rate = random.between(0.2, 1.1);
    demand.push_back({turbined, rate});
    stores.push_back(store);
    capacity += rate * flow;
  }
  for (int supply = 0; supply < supplies; ++supply) {
    const double size = random.between(0, 300);
    demand.push_back({add(random.chance(0.2) ? -size / 4 : 0, size, random.between(0.005, 0.5)), 1});
    capacity += size;
  }
  for (int step = 0; step < 4; ++step) demand.push_back({add(0, capacity / 10, 1 + step), 1});
  demand.push_back({add(0, infinity, 10), 1});
  const double wanted = capacity * random.between(0.2, 1.2);
  addRow(demand, wanted, wanted);
  const double scale = std::pow(10.0, random.below(5));
  for (int cut = 0; cut < cuts; ++cut) {
    std::vector<Term> row = {{future, 1}};
    if (cut > 0 && random.chance(0.2)) {
      row = program.rows.back();
      for (Term &term : row) {
        if (term.column != future) term.value *= 1 + 1e-9 * random.unit();
      }
    } else {
      for (const int store : stores) {
        if (random.chance(0.8)) row.push_back({store, scale * random.unit()});
      }
    }
    addRow(row, scale * random.between(100, 3000), infinity);
  }
  program.arrange();
  return program;
}
