// SPDX-License-Identifier: Apache-2.0
// What a predictor learns from: a table of networks that were measured, and a table of scores.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nas/predictor/accuracy_predictor.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::nas {

struct MeasuredTable {
  std::vector<MeasuredNetwork> networks;  // by encoding, without scores
  std::int64_t rows = 0;                  // that count
  std::int64_t without_value = 0;         // left out: empty, "nan", "none"
  std::int64_t of_no_space = 0;           // left out: the encoding is none of the space
  std::int64_t not_built = 0;             // left out: the space builds no such network
};

// Reads the columns `key` and `value` of the table and no other. Rows of one network, such as those of several seeds,
// are its measurements. Throws Error naming the file, and line and column where there are any, as nas::AccuracyTable
// does, and where no row is left.
MeasuredTable read_measured(const std::string& path, const std::string& key, const std::string& value,
                            const NetworkSpace& space);

// Scores by encoding, as `lanewise-fit score` writes them: the column `key` and every other one, each a score, named
// like its column.
struct ScoreTable {
  std::vector<std::string> names;
  std::map<std::string, std::vector<double>> scores;
};
// Throws Error naming file, line, column and rule: a cell that is no finite number, rows of one network that differ, a
// column that is named like `value`, which is what is to be predicted. Encodings of other spaces are left out.
ScoreTable read_scores(const std::string& path, const std::string& key, const std::string& value,
                       const NetworkSpace& space);

}  // namespace lanewise::nas
