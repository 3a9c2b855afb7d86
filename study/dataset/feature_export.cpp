// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/feature_export.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"
#include "estimator/training_row.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/dataset/splits.hpp"

namespace lanewise::study {
namespace {

using estimator::LearnedQuantity;

// The columns of what is learned, in the order of TrainingRow::targets.
struct Quantity {
  const char* measured;
  const char* analytical;
  const char* log_ratio;
  const char* unit;
  const char* what;
};
constexpr Quantity kQuantities[estimator::kLearnedQuantities] = {
    {"latency_cycles", "analytical_latency_cycles", "log_latency_ratio", "cycles", "latency"},
    {"energy_pj", "analytical_energy_pj", "log_energy_ratio", "picojoules", "energy"},
    {"dram_bytes", "analytical_dram_bytes", "log_dram_ratio", "bytes", "DRAM traffic, reads and writes"},
    {"peak_sram_bytes", "analytical_peak_sram_bytes", "log_peak_sram_ratio", "bytes", "most on-chip memory in use"},
};

// One row of the file, or what its columns are: both are made by the same calls.
class Line {
 public:
  explicit Line(std::vector<record::DataColumn>* columns = nullptr) : columns_(columns) {}

  template <class Value>
  void add(const std::string& name, const std::string& unit, const std::string& meaning, const Value& value) {
    if (columns_ != nullptr) {
      columns_->push_back({name, unit, meaning});
    } else {
      cells_.push_back(fmt::format("{}", value));
    }
  }
  std::string take() const { return record::csv_line(cells_); }

 private:
  std::vector<record::DataColumn>* columns_;
  std::vector<std::string> cells_;
};

void add_row(Line& line, const estimator::Sample& sample, const record::RowSplits& splits,
             const estimator::TrainingRow& row) {
  line.add("engine_hash", "text", "as in measurements.csv", splits.engine_hash);
  line.add("subgraph_key", "text", "as in measurements.csv", splits.subgraph_key);
  line.add("occurrences", "count", "how often the subgraph occurs in the networks that the campaign sampled from",
           sample.weight);
  line.add("outside_ranges", "flag", "the engine lies beyond the ranges of its family: no regressor is trained on it",
           sample.outside_ranges ? 1 : 0);
  for (std::size_t c = 0; c < split_columns().size(); ++c) {
    line.add(split_columns()[c].column, "text",
             "side of the row: train, validation, test or outside, as in measurements.csv", side_of(splits, c));
  }
  // What Lanewise holds out; it trains on all that is neither held out nor beyond the ranges, validation included.
  for (std::size_t c = 0; c < split_columns().size(); ++c) {
    const std::string split = estimator::to_string(split_columns()[c].split);
    line.add("held_out_" + split, "flag", "held out where Lanewise's accuracy on the split " + split + " is found",
             side_of(splits, c) == "test" ? 1 : 0);
  }
  for (std::size_t q = 0; q < estimator::kLearnedQuantities; ++q) {
    const Quantity& names = kQuantities[q];
    const LearnedQuantity& quantity = row.targets[q];
    line.add(names.measured, names.unit, fmt::format("{}, as measured", names.what), quantity.measured);
    line.add(names.analytical, names.unit, fmt::format("{}, by the analytical model", names.what), quantity.analytical);
    line.add(names.log_ratio, "log ratio",
             fmt::format("natural logarithm of {} over {}, which Lanewise's regressor learns; 0 where either is 0, and "
                         "the row is left out",
                         names.measured, names.analytical),
             quantity.log_ratio);
  }
  line.add("least_latency_cycles", "cycles", "the roofline: Lanewise raises predicted latencies to it",
           row.least_cycles);
  const std::vector<estimator::FeatureMeaning>& features = estimator::feature_meanings();
  for (std::size_t f = 0; f < features.size(); ++f) {
    line.add(kFeaturePrefix + std::string(features[f].name), features[f].unit, features[f].meaning,
             row.features.empty() ? 0.0F : row.features[f]);
  }
}

}  // namespace

std::vector<record::DataColumn> export_features(const record::Store& store, const std::string& name,
                                                const std::vector<record::RowSplits>& splits, const std::string& path) {
  const SampleSet set = load_sample_set(store, name);
  std::vector<record::DataColumn> columns;
  Line described(&columns);
  add_row(described, {}, {}, {});
  record::FileWriter file(path);
  std::vector<std::string> header;
  for (const record::DataColumn& column : columns) header.push_back(column.name);
  file.write(record::csv_line(header));
  std::size_t next = 0;
  for (const estimator::Sample& sample : set.samples) {
    while (next < splits.size() && splits[next].row.empty()) ++next;  // failed
    if (next == splits.size() || splits[next].subgraph_key != mapping::subgraph_key(sample.subgraph)) {
      throw InternalError("a row without splits: the store changed while it was exported");
    }
    Line line;
    add_row(line, sample, splits[next++], estimator::training_row(sample));
    file.write(line.take());
  }
  file.finish();
  return columns;
}

}  // namespace lanewise::study
