// SPDX-License-Identifier: Apache-2.0
// Model files: loaded, shown, and asked.
#include <filesystem>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/training/accuracy.hpp"
#include "study/training/model_card.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_estimator(const std::string& path, const std::string&) {
  const estimator::Estimator model = estimator::Estimator::load(path);
  const study::ModelCard card = study::model_card(path);
  require_sane("training rows", static_cast<double>(card.card.rows));
  const engine::EngineConfig& engine = shipped_engine("ne-256");
  static const mapping::Partition partition = mapping::partition_with_memory(small_network(), engine);
  std::vector<estimator::Estimator::Query> queries;
  for (const mapping::Subgraph& subgraph : partition.subgraphs) queries.push_back({&subgraph, &engine});
  for (const estimator::Assessment& a : model.assess(queries)) {
    require_sane("predicted latency", static_cast<double>(a.prediction.latency.count()));
    require_sane("predicted energy", a.prediction.energy.count());
    require_sane("predicted DRAM bytes", static_cast<double>(a.prediction.dram.count()));
    if (!model.has_intervals()) continue;
    const estimator::Interval interval = model.interval(a, 0.9);
    require_sane("low end of an interval", static_cast<double>(interval.low));
    require_sane("high end of an interval", static_cast<double>(interval.high));
  }
  model.reasons(queries.front());
  model.out_of_range(engine);
  const std::string refusal = estimate_within_bounds(small_network(), engine, model);
  if (!refusal.empty()) throw Error(refusal);
}

void grow_estimator(const std::string& folder) {
  const std::string rows = folder + "/rows";
  std::filesystem::create_directories(rows);
  grow_store(rows);
  estimator::TrainOptions training;
  training.trees = 3;
  training.depth = 3;
  training.folds = 2;
  training.threads = 1;
  study::train_and_report(study::load_sample_set(rows + "/grown.sqlite"), training).save(folder + "/grown.lwm");
  std::filesystem::remove_all(rows);
}

}  // namespace lanewise::fuzz
