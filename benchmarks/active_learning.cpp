// SPDX-License-Identifier: Apache-2.0
// Rows that must be measured until an estimator is within 10 % for 95 %, 96 %, 97 % and 98 % of subgraphs of shapes
// that it never saw: chosen where the model is least sure, beside drawn at random. Both begin with the same rows, look
// at the same frozen hold-out and train the same models between the rounds; each seed is a campaign of its own. Prints
// JSON.
//   build/release/benchmarks/active_learning WORKER FOLDER [SEED…]
// FOLDER keeps the stores; rows that are there are not measured again.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/network/import.hpp"
#include "study/training/active_learning.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr const char* kEngine = "hwconfigs/ne-256.yaml";
constexpr std::int64_t kPoolRows = 30000;
constexpr int kEngines = 60;
constexpr std::uint64_t kSeeds[] = {1, 2};

// Small steps until 95 %, which a few hundred rows can reach, and large ones until 98 %.
struct Steps {
  const char* target;
  std::int64_t first_rows, batch_rows;
};
constexpr Steps kSteps[] = {{"within10>=0.95", 100, 100}, {"within10>=0.98", 500, 500}};
// The first round that is so good counts.
constexpr double kLevels[] = {94, 95, 96, 97, 98};  // percent of the hold-out within 10 %

double rounded(double value) { return std::round(value * 1000) / 1000; }

std::string name_of(double level) { return "within_10_percent_" + std::to_string(static_cast<int>(level)); }

std::vector<double> levels_below(const study::AccuracyTarget& target) {
  std::vector<double> levels;
  for (const double level : kLevels) {
    if (level / 100 <= target.value) levels.push_back(level);
  }
  return levels;
}

Progress to_stderr() {
  Progress progress;
  progress.report = [last = std::string()](const std::string& phase, std::int64_t, std::int64_t) mutable {
    if (phase != last) std::cerr << phase << "\n";
    last = phase;
  };
  return progress;
}

Json run(const study::Campaign& campaign, study::LearningSettings settings, study::LearningStrategy strategy,
         record::Store& store, sim::WorkerPool& workers) {
  settings.strategy = strategy;
  const study::LearningOutcome outcome = study::learn(campaign, settings, store, workers, to_stderr());
  Json json;
  json["strategy"] = study::to_string(strategy);
  json["end"] = study::to_string(outcome.end);
  json["hold_out_rows"] = outcome.rounds.back().accuracy.rows;
  for (const double level : levels_below(settings.target)) {
    const auto first =
        std::find_if(outcome.rounds.begin(), outcome.rounds.end(),
                     [&](const study::LearningRound& round) { return round.accuracy.within_10_percent >= level; });
    json["rows_until"][name_of(level)] = first == outcome.rounds.end() ? Json() : Json(first->rows);
  }
  for (const study::LearningRound& round : outcome.rounds) {
    json["rounds"].push_back({{"rows", round.rows},
                              {"within_10_percent", rounded(round.accuracy.within_10_percent)},
                              {"within_5_percent", rounded(round.accuracy.within_5_percent)},
                              {"mape_percent", rounded(round.accuracy.mape_percent)}});
  }
  return json;
}

Json compare(const study::Campaign& campaign, const Steps& steps, study::LearningSettings settings,
             record::Store& store, sim::WorkerPool& workers) {
  settings.target = study::parse_accuracy_target(steps.target);
  settings.first_rows = steps.first_rows;
  settings.batch_rows = steps.batch_rows;
  const Json active = run(campaign, settings, study::LearningStrategy::kActive, store, workers);
  const Json random = run(campaign, settings, study::LearningStrategy::kRandom, store, workers);
  Json json;
  json["target"] = steps.target;
  json["first_rows"] = steps.first_rows;
  json["batch_rows"] = steps.batch_rows;
  for (const double level : levels_below(settings.target)) {
    const Json& chosen = active["rows_until"][name_of(level)];
    const Json& drawn = random["rows_until"][name_of(level)];
    // null where one of them ended with the pool.
    json["active_over_random_rows"][name_of(level)] =
        chosen.is_null() || drawn.is_null() ? Json() : Json(rounded(chosen.get<double>() / drawn.get<double>()));
  }
  json["runs"] = {active, random};
  return json;
}

std::uint64_t parse_seed(const char* text) {
  std::uint64_t seed = 0;
  const char* last = text + std::strlen(text);
  const auto [end, error] = std::from_chars(text, last, seed);
  if (error != std::errc() || end != last) throw Error(std::string("seed '") + text + "': must be a whole number");
  return seed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "lanewise: error: active_learning takes the worker's path, a folder and seeds\n";
    return 2;
  }
  try {
    std::vector<std::uint64_t> seeds(std::begin(kSeeds), std::end(kSeeds));
    if (argc > 3) seeds.clear();
    for (int i = 3; i < argc; ++i) seeds.push_back(parse_seed(argv[i]));
    const std::vector<network::Graph> graphs = shipped_networks();
    const engine::EngineConfig base = engine::load_engine(kEngine).config;
    const engine::Family family = engine::load_family(kEngine);
    sim::WorkerPool workers(argv[1], sim::default_workers());
    study::LearningSettings settings;
    Json result;
    result["benchmark"] = "active_learning";
    result["tool_version"] = version();
    result["family"] = family.name;
    result["split"] = estimator::to_string(settings.split);
    for (const std::uint64_t seed : seeds) {
      study::CampaignOptions options;
      options.rows = kPoolRows;
      options.engines = kEngines;
      options.seed = seed;
      const study::Campaign campaign = study::plan_campaign(graphs, base, family, options, {}, sim::default_workers());
      settings.seed = seed;
      record::Store store(std::string(argv[2]) + "/active_learning_" + std::to_string(seed) + ".sqlite");
      Json one;
      one["seed"] = seed;
      one["pool_rows"] = campaign.jobs.size();
      one["engines"] = campaign.engines.size();
      for (const Steps& steps : kSteps)
        one["comparisons"].push_back(compare(campaign, steps, settings, store, workers));
      result["seeds"].push_back(one);
    }
    std::cout << result.dump(2) << "\n";
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
