// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/engine/raw_config.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"
#include "nas/space/space.hpp"
#include "study/codesign/candidate_history.hpp"
#include "study/codesign/designs.hpp"

namespace lanewise::study {
namespace {

constexpr Bytes kLargestStore{std::int64_t{1} << 40};

// What a hash is of, before the hash: people cannot tell hashes apart.
std::string named_hash(const std::string& name, const std::string& hash) { return name + " " + hash; }

std::string file_hash(const std::string& path) { return hex_hash(record::read_file(path)); }

// The genes that a space offers, and whatever else it says but for its name, its limits, which may change, and how many
// programs run at once, which changes nothing.
nas::Space space_of(const CodesignJob& job) {
  return nas::Space(job.space, nas::make_network_space(job.space, job.graph ? &*job.graph : nullptr), job.engine,
                    job.family);
}

std::string space_hash(const CodesignJob& job) {
  const nas::Space space = space_of(job);
  std::string text;
  for (const nas::Gene& gene : space.genes()) text += fmt::format("{}: {}\n", gene.name, fmt::join(gene.values, " "));
  if (job.space.source.empty()) return hex_hash(text);
  for (const engine::RawEntry& entry : engine::parse_raw_config(job.space.name, job.space.source).entries) {
    const bool is_limit = entry.key.rfind("capacity.", 0) == 0 || entry.key == "engine.area_budget";
    if (is_limit || entry.key == "name" || entry.key == "accuracy.jobs") continue;
    text += fmt::format("{}= {}\n", entry.key, fmt::join(entry.values, " "));
  }
  return hex_hash(text);
}

std::string network_text(const CodesignJob& job) {
  if (job.graph) return named_hash(job.graph->name(), network::graph_hash(*job.graph));
  // The first network stands for batch and precision, which are no genes.
  const nas::Space space = space_of(job);
  return named_hash("of the space", network::graph_hash(space.graph(space.defaults(), job.engine)));
}

// Which estimator, as far as it exists already. A store may be large: its size stands for it beside its ends.
std::string estimator_text(const CodesignJob& job) {
  if (!job.estimator_path.empty()) return named_hash("given", file_hash(job.estimator_path));
  if (job.measure || !job.store_path.empty() || job.default_estimator.empty()) return "";
  return named_hash("default", file_hash(job.default_estimator));
}

std::string store_text(const CodesignJob& job) {
  if (job.store_path.empty()) return "";
  require_input(job.store_path, kLargestStore, "a store of measurements");
  const record::Store store(job.store_path, record::Store::Access::kRead);
  std::string rows;
  std::uint64_t hash = 0;
  store.for_each([&](const record::Row& row) {
    hash = hash * 31 + stable_hash(row.engine_hash + row.subgraph_key + row.tool_version);
    hash = hash * 31 + static_cast<std::uint64_t>(row.measurement.latency.count());
  });
  return named_hash(fmt::format("{} rows", store.rows()), fmt::format("{:016x}", hash));
}

template <class T>
Setting setting(const char* key, const T& value) {
  return {std::string("job.") + key, {fmt::format("{}", value)}, false, Bearing::kNote};
}

// Numbers of 0 are ends that are not set.
template <class T>
Setting unless_zero(const char* key, const T& value) {
  Setting out{std::string("job.") + key, {}, false, Bearing::kNote};
  if (value != 0) out.values = {fmt::format("{}", value)};
  return out;
}

Setting origin(const char* key, const std::string& value) {
  Setting out{std::string("made_from.") + key, {}, false, Bearing::kKept};
  if (!value.empty()) out.values = {value};
  return out;
}

}  // namespace

Settings settings_of(const CodesignJob& job) {
  Settings settings = job.named;
  std::vector<std::string> limits;
  for (const nas::Limit& limit : job.limits) limits.push_back(limit.text);
  settings.push_back(setting("objectives", fmt::format("{}", fmt::join(job.objective_names, ","))));
  settings.push_back({"job.limit", limits, true, Bearing::kNote});
  settings.push_back(setting("algorithm", job.algorithm));
  settings.push_back(setting("population", job.population));
  settings.push_back(setting("generations", job.generations));
  settings.push_back(unless_zero("evaluations", job.evaluations));
  settings.push_back(unless_zero("seconds", job.seconds));
  settings.push_back(unless_zero("patience", job.patience));
  settings.push_back(setting("simulations", job.simulations));
  settings.push_back(setting("finalists", job.finalists));
  if (!job.halving.empty()) settings.push_back(setting("halving", fmt::format("{}", fmt::join(job.halving, ","))));
  if (job.combined.trainings > 0) {
    settings.push_back(setting("trainings", job.combined.trainings));
    settings.push_back(setting("trainings_at_once", job.combined.at_once));
    settings.push_back(setting("pool", job.combined.pool));
    settings.push_back(setting("keep", job.combined.keep));
    settings.push_back(setting("score", job.combined.score));
  }
  settings.push_back(setting("rounds", job.rounds));
  if (job.ablation) settings.push_back(setting("ablation", true));
  settings.push_back(setting("seed", job.seed));
  if (job.measure) settings.push_back(setting("measure", true));
  settings.push_back(setting("rows", job.campaign.rows));
  settings.push_back(setting("engines", job.campaign.engines));
  settings.push_back(setting("trees", job.training.trees));
  settings.push_back(setting("depth", job.training.depth));
  settings.push_back(setting("learning_rate", job.training.learning_rate));
  settings.push_back(setting("interval_folds", job.training.folds));
  if (job.training.quick) settings.push_back(setting("quick", true));
  for (Setting& entry : settings) {
    for (const JobOption& option : job_options()) {
      if (entry.key == std::string("job.") + option.key) entry.bearing = option.bearing;
    }
  }
  settings.push_back(origin("tool_version", version()));
  settings.push_back(origin("network", network_text(job)));
  settings.push_back(origin("engine", named_hash(engine::engine_title(job.engine), engine::engine_hash(job.engine))));
  settings.push_back(origin("space", named_hash(job.space.name, space_hash(job))));
  // Made here, before anything is written: what the oracle refuses leaves the folder as it was.
  settings.push_back(origin("accuracy", Designs(job, {}).quality().identity()));
  Setting space_limits{"made_from.space_limits", {}, true, Bearing::kChanged};
  for (const nas::Limit& limit : limits_of(job.space)) space_limits.values.push_back(limit.text);
  settings.push_back(space_limits);
  settings.push_back(origin("estimator", estimator_text(job)));
  settings.push_back(origin("store", store_text(job)));
  settings.push_back(origin("supernet", job.combined.supernet.empty() ? "" : file_hash(job.combined.supernet)));
  Setting warm = origin("warm_start", job.warm_start.empty() ? "" : file_hash(history_path(job.warm_start)));
  warm.bearing = Bearing::kChanged;
  settings.push_back(warm);
  return settings;
}

std::vector<nas::Limit> limits_of(const nas::SpaceDescription& space) {
  std::vector<nas::Limit> limits;
  const auto add = [&](const char* metric, const char* sign, double share) {
    if (share > 0) limits.push_back(nas::parse_limit(metric + (sign + record::csv_number(share)) + "*baseline"));
  };
  add("area_mm2", "<=", space.area_budget);
  if (space.accuracy.oracle == "capacity") {
    add("parameters", ">=", space.accuracy.number("parameters"));
    add("macs", ">=", space.accuracy.number("macs"));
    for (const char* metric : {"parameters", "macs"}) {
      const double least = space.accuracy.number(std::string("least_") + metric);
      if (least > 0) limits.push_back(nas::parse_limit(fmt::format("{}>={:.0f}", metric, least)));
    }
  }
  return limits;
}

nas::SpaceDescription default_space(const engine::Family& family) {
  // What is free in the model a search would only ever raise, and DRAM is often given with the board.
  static const std::set<std::string> kSizes = {"engine.parallelism_factor", "engine.dot_product_lanes",
                                               "memory.activation_banks",   "memory.weight_banks",
                                               "accumulators.size",         "post_processing.width"};
  nas::SpaceDescription space;
  space.engine.vary = nas::EngineSettings::Vary::kListed;
  for (const engine::FamilyRange& range : family.ranges) {
    if (kSizes.count(range.key) == 0) continue;
    space.engine.genes.push_back({range.key, {{range.key, range.values}}, family.name});
  }
  space.name = "default";
  space.moves.depth_multipliers = {1.0, 0.75, 0.875, 1.125, 1.25};
  space.area_budget = 1.0;
  space.accuracy.numbers = {{"parameters", 0.9}, {"macs", 0.9}};
  return space;
}

}  // namespace lanewise::study
