// SPDX-License-Identifier: Apache-2.0
// Measured rows as `validate`, `engine fit` and `train --adapt` read them, and a simulation of a few small ones.
#include "study/calibration/measured_rows.hpp"
#include "study/validation/validate.hpp"
#include "study/validation/validation_rows.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {
namespace {

constexpr std::size_t kFewRows = 24;
constexpr double kLittleWork = 1e8;  // elements times the depth of each

bool is_little(const study::ValidationSubgraph& row) {
  const mapping::SubgraphShape& s = row.subgraph.shape;
  const auto size = [](std::int64_t a, std::int64_t b, std::int64_t c) {
    return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c);
  };
  const double inputs = size(s.in_width, s.in_height, s.in_channels);
  const double outputs = size(s.out_width, s.out_height, s.out_channels);
  return inputs <= kLittleWork && outputs * size(s.window.kernel[0], s.window.kernel[1], s.in_channels) <= kLittleWork;
}

bool is_little(const study::ValidationRows& rows) {
  if (rows.layers.size() + rows.sequences.size() + rows.post_processing.size() > kFewRows) return false;
  for (const auto& row : rows.layers) {
    if (!is_little(row.subgraph)) return false;
  }
  for (const auto& row : rows.sequences) {
    if (!is_little(row.subgraph)) return false;
  }
  for (const auto& row : rows.post_processing) {
    if (!is_little(row.subgraph)) return false;
  }
  return true;
}

}  // namespace

void read_rows(const std::string& path, const std::string&) {
  const study::ValidationRows rows = study::read_validation_rows(path);
  if (!is_little(rows)) return;
  if (rows.sequences.empty()) {
    study::read_measured_rows(
        path, rows.layers.empty() ? rows.post_processing.front().subgraph.engine : rows.layers.front().subgraph.engine);
  }
  study::ValidationSettings settings;
  settings.hw = source_folder() + "/hwconfigs/nvdla-small.yaml";
  study::validate(path, settings);
}

}  // namespace lanewise::fuzz
