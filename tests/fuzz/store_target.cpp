// SPDX-License-Identifier: Apache-2.0
// Stores of measurements, which are also what an interrupted codesign goes on from: summed up, merged, exported,
// learned from.
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/partition.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/merge.hpp"
#include "core/record/store.hpp"
#include "sim/simulate.hpp"
#include "study/dataset/dataset.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/dataset/store_summary.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {
namespace {

constexpr std::int64_t kFewRows = 500;

}  // namespace

void read_store(const std::string& path, const std::string& folder) {
  namespace fs = std::filesystem;
  const study::StoreSummary summary = study::summarize_store(path);
  require_sane("rows", static_cast<double>(summary.rows));
  for (const study::FamilyRows& family : summary.subgraph_families) {
    require_sane("fewest_cycles", static_cast<double>(family.fewest_cycles));
    require_sane("most_cycles", static_cast<double>(family.most_cycles));
  }
  const std::string merged = folder + "/merged.sqlite", exported = folder + "/exported";
  fs::remove(merged);
  fs::remove_all(exported);
  record::merge_stores(merged, {path});
  study::DatasetOptions options;
  options.features = summary.rows <= kFewRows;
  study::export_dataset(
      path, exported, [](const study::StoreSummary&) { return std::string("card"); }, options);
  if (summary.rows > kFewRows) return;
  estimator::TrainOptions training;
  training.trees = 2;
  training.depth = 2;
  training.folds = 0;
  training.threads = 1;
  training.quick = true;
  const study::SampleSet set = study::load_sample_set(path);
  const estimator::Estimator model = estimator::Estimator::train(set.samples, training);
  const estimator::Sample& first = set.samples.front();
  for (const estimator::Prediction& p : model.predict({{&first.subgraph, first.engine}})) {
    require_sane("predicted latency", static_cast<double>(p.latency.count()));
    require_sane("predicted energy", p.energy.count());
  }
}

void grow_store(const std::string& folder) {
  record::Store store(folder + "/grown.sqlite");
  store.add_campaign({{{"name", "grown"}, {"seed", "1"}, {"engines.ranges.dram.burst.values", "[16 B, 64 B]"}}});
  for (const char* name : {"ne-64", "ne-256", "ne-512"}) {
    const engine::EngineConfig& engine = shipped_engine(name);
    std::map<std::string, record::Row> rows;
    const mapping::Partition partition = mapping::partition_with_memory(small_network(), engine);
    for (const mapping::Subgraph& subgraph : partition.subgraphs) {
      record::Row& row = rows[mapping::subgraph_key(subgraph)];
      if (row.subgraph_key.empty()) {
        row.engine_hash = engine::engine_hash(engine);
        row.subgraph_key = mapping::subgraph_key(subgraph);
        row.tool_version = version();
        row.engine_values = record::engine_values(engine);
        row.measurement = sim::simulate(subgraph, engine);
        row.networks = {{"small", 0, static_cast<std::int64_t>(partition.subgraphs.size())}};
        row.weight = 0;
      }
      ++row.networks.front().occurrences;
      ++row.weight;
    }
    for (const auto& [key, row] : rows) store.insert(row);
  }
}

}  // namespace lanewise::fuzz
