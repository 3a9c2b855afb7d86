// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/codesign_settings.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/file.hpp"

namespace lanewise::study {
namespace {

using Json = nlohmann::ordered_json;

std::string campaign_hash(const Campaign& campaign) {
  std::string text;
  for (const SampledEngine& engine : campaign.engines) {
    text += engine.hash + (engine.outside_ranges ? " outside\n" : "\n");
  }
  for (const Job& job : campaign.jobs) text += fmt::format("{} {} {}\n", job.engine, job.weight, job.subgraph_key);
  return hex_hash(text);
}

Json ranges_json(const std::vector<engine::FamilyRange>& ranges) {
  Json out = Json::object();
  for (const engine::FamilyRange& range : ranges) out[range.key] = range.values;
  return out;
}

Json genes_json(const std::vector<nas::EngineGene>& genes) {
  Json out = Json::object();
  for (const nas::EngineGene& gene : genes) {
    for (const auto& [key, values] : gene.keys) out[key] = values;
  }
  return out;
}

}  // namespace

std::string settings_text(const CodesignJob& job, const Campaign& campaign) {
  Json engine = Json::object();
  for (const auto& [key, value] : record::engine_values(job.engine)) engine[key] = value;
  std::vector<std::string> objectives;
  for (const nas::Objective objective : job.objectives) objectives.emplace_back(to_string(objective));
  const nas::SpaceDescription& space = job.space;
  const Json settings = {
      {"tool_version", version()},
      {"network", job.graph.name()},
      {"network_hash", network::graph_hash(job.graph)},
      {"seed", job.seed},
      {"campaign",
       {{"rows", campaign.jobs.size()}, {"engines", campaign.engines.size()}, {"hash", campaign_hash(campaign)}}},
      {"training",
       {{"seed", job.training.seed},
        {"trees", job.training.trees},
        {"depth", job.training.depth},
        {"interval_folds", job.training.folds},
        {"learning_rate", job.training.learning_rate},
        {"threads", job.training.threads}}},
      {"search",
       {{"algorithm", job.algorithm},
        {"objectives", objectives},
        {"population", job.population},
        {"generations", job.generations},
        {"finalists", job.finalists},
        {"ablation", job.ablation}}},
      {"space",
       {{"name", space.name},
        {"fuse_ibn", space.moves.fuse_ibn},
        {"depth_multipliers", space.moves.depth_multipliers},
        {"align_channels", space.moves.align_channels},
        {"vary", static_cast<int>(space.engine.vary)},
        {"engine", genes_json(space.engine.genes)},
        {"source", space.source},
        {"family", ranges_json(job.family.ranges)},
        {"area_budget", space.area_budget},
        {"accuracy",
         {{"oracle", space.accuracy.oracle}, {"numbers", space.accuracy.numbers}, {"texts", space.accuracy.texts}}}}},
      {"engine", engine}};
  return settings.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void claim_folder(const std::string& out, const std::string& settings) {
  const std::string path = out + "/settings.json";
  std::error_code failure;
  std::filesystem::create_directories(out, failure);
  if (failure) throw Error(fmt::format("{}: cannot be made: {}", out, failure.message()));
  if (!std::filesystem::exists(path, failure)) {
    if (std::filesystem::exists(out + "/measurements.sqlite", failure)) {
      throw Error(fmt::format("{}: holds measurements of another job; choose another folder", out));
    }
    record::write_file(path, settings);
    return;
  }
  if (read_input(path, kLargestConfiguration, "settings") != settings) {
    throw Error(
        fmt::format("{}: the folder holds a job with other settings; give the same or choose another folder", path));
  }
}

}  // namespace lanewise::study
