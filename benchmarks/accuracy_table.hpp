// SPDX-License-Identifier: Apache-2.0
// Tables of trained networks, every encoding with its accuracy, parameters and MACs, as problems for a search. The
// search is handed a function: it reads one accuracy per sample, and MACs and parameters of any encoding.
#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/problem.hpp"

namespace lanewise {

struct AccuracyTable {
  struct Row {
    std::string encoding;
    double accuracy = 0;  // percent
    double parameters = 0, million_macs = 0;
  };
  std::string name;
  std::vector<nas::Gene> genes;
  std::vector<Row> rows;
  std::map<nas::Genotype, std::size_t> row_of;  // where each genotype's row stands
};

// One token per gene: what separators part, or every character.
inline std::vector<std::string> tokens_of(const std::string& encoding) {
  std::vector<std::string> tokens{""};
  if (encoding.find_first_of("-_|/: ") == std::string::npos) {
    tokens.clear();
    for (const char c : encoding) tokens.emplace_back(1, c);
    return tokens;
  }
  for (const char c : encoding) {
    if (std::string("-_|/: ").find(c) != std::string::npos) {
      tokens.emplace_back();
    } else {
      tokens.back() += c;
    }
  }
  return tokens;
}

// Genes and genotypes from the encodings of the rows.
inline void index_rows(AccuracyTable& table) {
  std::vector<std::set<std::string>> values;
  for (const AccuracyTable::Row& row : table.rows) {
    const std::vector<std::string> tokens = tokens_of(row.encoding);
    if (values.empty()) values.resize(tokens.size());
    if (tokens.size() != values.size()) {
      throw Error(table.name + ": encoding '" + row.encoding + "' has another number of parts than the first one");
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) values[i].insert(tokens[i]);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    table.genes.push_back({"layer" + std::to_string(i), {values[i].begin(), values[i].end()}});
  }
  for (std::size_t at = 0; at < table.rows.size(); ++at) {
    const std::vector<std::string> tokens = tokens_of(table.rows[at].encoding);
    nas::Genotype genotype;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::vector<std::string>& known = table.genes[i].values;
      genotype.push_back(static_cast<int>(std::find(known.begin(), known.end(), tokens[i]) - known.begin()));
    }
    if (!table.row_of.emplace(genotype, at).second) {
      throw Error(table.name + ": encoding '" + table.rows[at].encoding + "' stands twice");
    }
  }
}

// Reads a CSV with a line of column names: the encoding (arch or encoding), the accuracy (mean_acc, accuracy, acc or
// test_accuracy), parameters (params or parameters), MACs (flops or macs). Throws Error naming what is wrong.
inline AccuracyTable read_accuracy_table(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(path + ": cannot be read");
  AccuracyTable table;
  table.name = path;
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    std::string cell;
    while (std::getline(stream, cell, ',')) {
      while (!cell.empty() && (cell.back() == '\r' || cell.back() == ' ')) cell.pop_back();
      cells.push_back(cell);
    }
    return cells;
  };
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = cells_of(line);
  const auto column = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto found = std::find(header.begin(), header.end(), name);
      if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
    }
    throw Error(path + ": line 1: has no column '" + names.front() + "'");
  };
  const std::size_t encoding = column({"arch", "encoding"});
  const std::size_t accuracy = column({"mean_acc", "accuracy", "test_accuracy", "acc"});
  const std::size_t parameters = column({"params", "parameters"}), macs = column({"flops", "macs"});
  const std::size_t needed = std::max({encoding, accuracy, parameters, macs}) + 1;
  for (int number = 2; std::getline(file, line); ++number) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.empty()) continue;
    const auto value = [&](std::size_t at) {
      char* end = nullptr;
      const double read = std::strtod(cells[at].c_str(), &end);
      if (end == cells[at].c_str() || *end != '\0' || !std::isfinite(read)) {
        throw Error(path + ": line " + std::to_string(number) + ": '" + cells[at] + "' must be a number");
      }
      return read;
    };
    if (cells.size() < needed) throw Error(path + ": line " + std::to_string(number) + ": has too few columns");
    table.rows.push_back({cells[encoding], value(accuracy), value(parameters), value(macs) / 1e6});
  }
  if (table.rows.empty()) throw Error(path + ": has no rows");
  index_rows(table);
  return table;
}

// Accuracy against MACs, which are free; against a cost that is not; or alone, under a limit of MACs.
class TableProblem : public nas::Problem {
 public:
  enum class Kind { kAgainstMacs, kAgainstCost, kUnderLimit };
  TableProblem(const AccuracyTable& table, Kind kind) : table_(table), kind_(kind) {}
  std::vector<double> costs;      // per row, of kAgainstCost
  double macs_limit = 50;         // million, of kUnderLimit
  std::vector<std::size_t> read;  // rows whose accuracy was read, in order

  const std::vector<nas::Gene>& genes() const override { return table_.genes; }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& genotype : genotypes) {
      const auto found = table_.row_of.find(genotype);
      if (found != table_.row_of.end()) read.push_back(found->second);
      evaluations.push_back(answer(genotype, true));
    }
    return evaluations;
  }
  std::vector<bool> free_objectives() const override {
    if (kind_ == Kind::kUnderLimit) return {false};
    return {kind_ == Kind::kAgainstMacs, false};
  }
  std::vector<nas::Evaluation> known_beforehand(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& genotype : genotypes) evaluations.push_back(answer(genotype, false));
    return evaluations;
  }
  std::vector<std::vector<double>> features(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<std::vector<double>> rows;
    for (const nas::Genotype& genotype : genotypes) {
      const auto found = table_.row_of.find(genotype);
      const AccuracyTable::Row& row = table_.rows[found == table_.row_of.end() ? 0 : found->second];
      rows.push_back({row.parameters, row.million_macs});
    }
    return rows;
  }

 private:
  nas::Evaluation answer(const nas::Genotype& genotype, bool read_accuracy) const {
    const std::size_t objectives = kind_ == Kind::kUnderLimit ? 1 : 2;
    const auto found = table_.row_of.find(genotype);
    // A table that lacks combinations says beforehand which.
    if (found == table_.row_of.end()) return {std::vector<double>(objectives, std::numeric_limits<double>::max()), 1e6};
    const AccuracyTable::Row& row = table_.rows[found->second];
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    const double accuracy = read_accuracy ? -row.accuracy : unknown;
    switch (kind_) {
      case Kind::kAgainstMacs:
        return {{row.million_macs, accuracy}, 0};
      case Kind::kAgainstCost:
        return {{read_accuracy ? costs[found->second] : unknown, accuracy}, 0};
      case Kind::kUnderLimit:
        return {{accuracy}, std::max(0.0, row.million_macs / macs_limit - 1)};
    }
    throw InternalError("a kind of problem without an answer");
  }

  const AccuracyTable& table_;
  Kind kind_;
};

// Tables that nobody trained, of shapes that differ from each other and from published ones. Always the same.
// `blocks-4^6`: six layers of four kinds of block, with what neighbours do to each other. `widths-6^5`: five widths of
// six sizes, which multiply, best where they are balanced. `rugged-3^8`: every layer's worth hangs on two others.
inline std::vector<AccuracyTable> made_tables() {
  struct Shape {
    const char* name;
    std::size_t genes, values;
    double noise;
  };
  std::vector<AccuracyTable> tables;
  for (const Shape& shape :
       {Shape{"blocks-4^6", 6, 4, 0.15}, Shape{"widths-6^5", 5, 6, 0.1}, Shape{"rugged-3^8", 8, 3, 0.1}}) {
    Random random(stable_hash(shape.name));
    AccuracyTable table;
    table.name = shape.name;
    const std::size_t n = shape.genes, v = shape.values;
    std::vector<std::vector<double>> worth(n), cost(n), size(n);
    std::vector<std::vector<double>> pairs(n, std::vector<double>(v * v)), triples(n, std::vector<double>(v * v * v));
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = 0.5 + random.unit(), heavy = std::exp(0.6 * random.normal());
      for (std::size_t k = 0; k < v; ++k) {
        const double share = static_cast<double>(k) / static_cast<double>(v - 1);
        worth[i].push_back(weight * std::pow(share, 0.5) + 0.1 * random.normal());
        cost[i].push_back(heavy * (0.1 + share * (0.7 + 0.6 * random.unit())));
        size[i].push_back((1 + static_cast<double>(i)) * (0.1 + share * (0.7 + 0.6 * random.unit())));
      }
      for (double& pair : pairs[i]) pair = random.normal();
      for (double& triple : triples[i]) triple = random.normal();
    }
    nas::Genotype g(n, 0);
    for (;;) {
      double capacity = 0, macs = 2, parameters = 0.2, extra = 0, balance = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const auto at = [&](std::size_t gene) { return static_cast<std::size_t>(g[gene % n]); };
        capacity += worth[i][at(i)];
        parameters += size[i][at(i)];
        macs += 6 * cost[i][at(i)];
        if (table.name == "blocks-4^6" && i + 1 < n) extra += 0.25 * pairs[i][at(i) * v + at(i + 1)];
        if (table.name == "rugged-3^8") extra += 0.6 * triples[i][(at(i) * v + at(i + 2)) * v + at(i + 3)];
        if (table.name == "widths-6^5" && i + 1 < n) {
          macs += 4 * cost[i][at(i)] * cost[i + 1][at(i + 1)];
          balance += std::abs(static_cast<double>(at(i)) - static_cast<double>(at(i + 1)));
        }
      }
      AccuracyTable::Row row;
      for (const int value : g) row.encoding += std::to_string(value);
      row.accuracy = std::min(99.0, 94 - 30 * std::exp(-0.75 * std::max(0.0, capacity)) - 0.25 * balance + extra +
                                        shape.noise * random.normal());
      row.million_macs = macs;
      row.parameters = 1e5 * parameters;
      table.rows.push_back(std::move(row));
      std::size_t digit = 0;
      while (digit < n && ++g[digit] == static_cast<int>(v)) g[digit++] = 0;
      if (digit == n) break;
    }
    index_rows(table);
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace lanewise
