// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/sample_set.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/row_origin.hpp"

namespace lanewise::study {

SampleSet load_sample_set(const record::Store& store, const std::string& name, const Progress& progress) {
  SampleSet set;
  constexpr std::int64_t kOften = 256;
  const std::int64_t rows = store.rows();
  std::int64_t read = 0;
  std::string last_hash;
  bool outside = false;
  store.for_each([&](const record::Row& row) {
    if (read++ % kOften == 0) progress("loading rows", read - 1, rows);
    if (row.tool_version != version()) return;
    if (!row.failure.empty()) {
      ++set.failed;
      return;
    }
    if (row.engine_hash != last_hash) {
      set.engines.push_back(record::engine_of(name, row));
      last_hash = row.engine_hash;
      outside = std::count(row.engine_values.begin(), row.engine_values.end(),
                           std::pair<std::string, std::string>(record::kOutsideRangesKey, "true")) > 0;
    }
    estimator::Sample sample;
    sample.engine = &set.engines.back();
    sample.subgraph = record::subgraph_of(name, row);
    sample.measurement = row.measurement;
    sample.weight = row.weight;
    sample.networks = row.networks;
    sample.outside_ranges = outside;
    set.samples.push_back(std::move(sample));
  });
  if (set.samples.empty()) {
    throw Error(fmt::format("{}: holds no measurement of lanewise {}", name, version()));
  }
  set.campaigns = store.campaigns();
  set.source = store.source();
  for (estimator::Sample& sample : set.samples) sample.may_lack = !set.source.empty();
  return set;
}

SampleSet load_sample_set(const std::string& store_path, const Progress& progress) {
  // A store that is opened is made where it is missing; reading must not.
  if (::access(store_path.c_str(), R_OK) != 0) throw Error(fmt::format("{}: cannot be read", store_path));
  return load_sample_set(record::Store(store_path, record::Store::Access::kRead), store_path, progress);
}

estimator::Estimator train_and_report(const SampleSet& set, const estimator::TrainOptions& options) {
  estimator::TrainOptions told = options;
  told.measured_by = set.source;
  estimator::Estimator model = estimator::train_and_evaluate(set.samples, told);
  model.set_campaigns(set.campaigns);
  return model;
}

}  // namespace lanewise::study
