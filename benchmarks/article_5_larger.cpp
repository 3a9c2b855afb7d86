// SPDX-License-Identifier: Apache-2.0
// The article's larger network: parameters or multiply-accumulates gained at no higher latency than the baseline's, by
// simulation.
#include "benchmarks/article/answer.hpp"

namespace {

using namespace lanewise::article;

// What is made as large as possible, beside the latency.
struct Gain {
  const char* search;
  const char* unaware;  // nullptr: who holds MACs for the latency can gain none of them
  const char* label;
  double Model::*value;
};
constexpr Gain kGains[] = {{"more_parameters", "more_parameters_by_macs", "parameters", &Model::parameters},
                           {"more_macs", nullptr, "MACs", &Model::macs}};

// Of a front the largest that is no slower than the baseline by simulation; the baseline itself where there is none.
const Model& largest(const Run& run, double Model::*value) {
  const Model* best = &run.baseline;
  for (const Model& model : run.finalists) {
    if (model.simulated_ms <= run.baseline.simulated_ms && model.*value > best->*value) best = &model;
  }
  return *best;
}
// The one that a search that knows no engine would take: the largest, whatever its latency turns out to be.
const Model& promised(const Run& run, double Model::*value) {
  const Model* best = &run.baseline;
  for (const Model& model : run.finalists) {
    if (model.*value > best->*value) best = &model;
  }
  return *best;
}

Json runs_json(const std::vector<Run>& runs, double Model::*value, const Model& (*pick)(const Run&, double Model::*)) {
  Json all = Json::array();
  for (const Run& run : runs) {
    Json json = to_json(pick(run, value), run.baseline);
    json["seed"] = run.seed;
    json["evaluations"] = run.evaluations;
    all.push_back(std::move(json));
  }
  return all;
}

void add_gain(const std::string& folder, const std::string& engine, const Gain& gain, Json& json, BarGroup& group,
              std::vector<std::vector<std::string>>& table, bool& gained) {
  for (const bool aware : {true, false}) {
    if (!aware && gain.unaware == nullptr) continue;
    const auto pick = aware ? largest : promised;
    const std::vector<Run> runs = runs_of(folder, engine, aware ? gain.search : gain.unaware);
    const auto value = [&](const Run& run) {
      return change_percent(run.baseline.*gain.value, pick(run, gain.value).*gain.value);
    };
    const Spread spread = spread_over(runs, value);
    const Run& run = median_run(runs, value);
    const Model& model = pick(run, gain.value);
    table.push_back({std::string("more ") + gain.label + (aware ? "" : ", by MACs"), spread_text(spread),
                     signed_text(change_percent(run.baseline.parameters, model.parameters)),
                     signed_text(change_percent(run.baseline.macs, model.macs)),
                     fmt::format("{:.3f} ms", model.predicted_ms), fmt::format("{:.3f} ms", model.simulated_ms),
                     fmt::format("{:+.2f} %", model.error_percent()),
                     signed_text(change_percent(run.baseline.simulated_ms, model.simulated_ms))});
    group.bars.push_back({gain.label,
                          spread.median,
                          spread.least,
                          spread.most,
                          aware ? "at no higher latency" : "by MACs, engine-unaware",
                          {}});
    json["searches"].push_back({{"search", aware ? gain.search : gain.unaware},
                                {"algorithm", runs.front().algorithm},
                                {"limits", runs.front().limits},
                                {"gain_percent", to_json(spread)},
                                {"headline_seed", run.seed},
                                {"runs", runs_json(runs, gain.value, pick)}});
    if (aware) gained = gained && spread.median > 0;
    if (aware)
      std::printf("%s, more %s: twice as much would save, of the baseline: %s; of it: %s\n", engine.c_str(), gain.label,
                  bounds_text(run.baseline).c_str(), bounds_text(model).c_str());
  }
}

Answer larger(const std::string& folder) {
  Answer answer;
  answer.json = {{"benchmark", "article_5_larger"}, {"baseline", "benchmarks/article/classifier.yaml"}};
  answer.chart = {"A larger classifier (MobileNetV2, 224 x 224) at no higher latency", "gained, %", {}};
  answer.reached = true;
  for (const std::string& engine : engines_of(folder)) {
    Json json = {{"engine", engine}};
    BarGroup group{engine, {}};
    std::vector<std::vector<std::string>> table = {
        {engine, "gained, median (least to most)", "parameters", "MACs", "predicted", "simulated", "error", "latency"}};
    json["baseline"] = baseline_json(runs_of(folder, engine, kGains[0].search).front().baseline);
    json["searches"] = Json::array();
    for (const Gain& gain : kGains) add_gain(folder, engine, gain, json, group, table, answer.reached);
    print_table(table);
    answer.json["engines"].push_back(std::move(json));
    answer.chart.groups.push_back(std::move(group));
  }
  return answer;
}

}  // namespace

int main(int argc, char** argv) { return answer_main(argc, argv, larger); }
