// SPDX-License-Identifier: Apache-2.0
// How good a network would be at its task, as far as that can be said without training it, and the table of those who
// say so. A space file chooses one by the section that it has: `capacity:` chooses the capacity constraint.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lanewise::nas {

struct NetworkFacts {
  std::int64_t macs = 0;
  std::int64_t parameters = 0;
};

class AccuracyOracle {
 public:
  virtual ~AccuracyOracle() = default;
  // What the score is, for every output that shows it. It says accuracy only where accuracy was measured.
  virtual std::string name() const = 0;
  // By how much a candidate misses being good enough, in relative terms; 0 where it is good enough.
  virtual double shortfall(const NetworkFacts& candidate) const = 0;
};

// The settings of an oracle as validated: numbers by key, and the texts that are not numbers by key.
struct AccuracySettings {
  std::string oracle = "capacity";  // a name of the table
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;

  // 0 where the key was not given.
  double number(const std::string& key) const;
};

// A key in the oracle's section of a space file.
struct AccuracyKey {
  const char* name;  // "parameters", in the file capacity.parameters
  bool is_number = true;
  double low = 0, high = 0;  // inclusive bounds of a number
};

struct AccuracyOracleKind {
  const char* name;  // of the section in a space file
  std::vector<AccuracyKey> keys;
  // The oracle that judges candidates against `baseline`. Throws Error on settings that its rules refuse.
  std::unique_ptr<AccuracyOracle> (*make)(const AccuracySettings& settings, const NetworkFacts& baseline);
};

// Every oracle there is. The first is the one of a space file that has no section of any.
const std::vector<AccuracyOracleKind>& accuracy_oracles();
// Throws Error where the table has no such oracle, and as its `make`.
std::unique_ptr<AccuracyOracle> make_accuracy_oracle(const AccuracySettings& settings, const NetworkFacts& baseline);

}  // namespace lanewise::nas
