// SPDX-License-Identifier: Apache-2.0
#include "report/codesign_combined.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/table.hpp"

namespace lanewise::report {
namespace {

Json known(double value) { return std::isfinite(value) ? Json(value) : Json(); }
std::string shown(double value, int digits) { return std::isfinite(value) ? fixed(value, digits) : "-"; }

double training_seconds(const study::CodesignCost& cost) {
  return cost.accuracy.program_seconds + cost.accuracy.earlier_program_seconds;
}

}  // namespace

Json combined_json(const study::CodesignResult& result) {
  const nas::CombinedResult& combined = *result.combined;
  Json json = {{"score", result.combined_score},
               {"supernet", result.combined_supernet.empty() ? Json() : Json(result.combined_supernet)},
               {"none_feasible", combined.none_feasible},
               {"stages", Json::array()},
               {"rounds", Json::array()},
               {"trained", Json::array()}};
  for (const nas::StageAccount& stage : combined.stages) {
    json["stages"].push_back({{"stage", nas::to_string(stage.stage)},
                              {"in", stage.in},
                              {"out", stage.out},
                              {"spearman_with_trainings", known(stage.agreement)},
                              {"decided", stage.decided}});
  }
  for (const nas::CombinedRound& round : combined.rounds) {
    json["rounds"].push_back({{"round", round.round},
                              {"ranked", round.kept},
                              {"trained", round.trained},
                              {"neighbours_added", round.neighbours},
                              {"spearman_of_score", known(round.score_agreement)},
                              {"best", known(round.best)}});
  }
  for (const nas::ConfirmedNetwork& network : combined.confirmed) {
    json["trained"].push_back({{"round", network.round},
                               {"encoding", network.encoding},
                               {"chosen_by", network.chosen_by},
                               {"score", known(network.score)},
                               {"inherited", known(network.inherited)},
                               {"predicted", known(network.predicted)},
                               {"deviation", known(network.deviation)},
                               {"accuracy", known(network.confirmed.value)},
                               {"failure", network.confirmed.failure}});
  }
  return json;
}

std::string combined_text(const study::CodesignResult& result) {
  if (!result.combined) return "";
  using Align = Table::Align;
  Table stages({{"stage", Align::kLeft}, {"in"}, {"out"}, {"rank correlation"}, {"decided", Align::kLeft}});
  for (const nas::StageAccount& stage : result.combined->stages) {
    stages.add(
        {nas::to_string(stage.stage), grouped(stage.in), grouped(stage.out), shown(stage.agreement, 2), stage.decided});
  }
  Table trained({{"round"},
                 {"chosen by", Align::kLeft},
                 {"score"},
                 {"inherited"},
                 {"predicted"},
                 {"accuracy"},
                 {"network", Align::kLeft}});
  for (const nas::ConfirmedNetwork& network : result.combined->confirmed) {
    const bool failed = !network.confirmed.failure.empty();
    trained.add({grouped(network.round), network.chosen_by, shown(network.score, 3), shown(network.inherited, 4),
                 shown(network.predicted, 4), failed ? network.confirmed.failure : shown(network.confirmed.value, 4),
                 network.encoding});
  }
  return "\nStages of the combined search; the rank correlation is that of what a stage said before the trainings with "
         "them:\n\n" +
         stages.text() + "\nTrained, in this order:\n\n" + trained.text();
}

std::string combined_cost_text(const study::CodesignCost& cost) {
  std::string text;
  for (const nas::StageAccount& stage : cost.combined) {
    const bool trains = stage.stage == nas::CombinedStage::kConfirm;
    text += fmt::format("{}{} {} s", text.empty() ? "Stages on the clock: " : ", ", nas::to_string(stage.stage),
                        fixed(stage.seconds, 1));
    if (trains) text += fmt::format(" ({} s of trainings, all runs together)", fixed(training_seconds(cost), 1));
  }
  return text.empty() ? "" : text + ".\n";
}

Json combined_cost_json(const study::CodesignCost& cost) {
  Json json = Json::array();
  for (const nas::StageAccount& stage : cost.combined) {
    Json entry = {{"stage", nas::to_string(stage.stage)}, {"seconds", stage.seconds}};
    if (stage.stage == nas::CombinedStage::kConfirm) entry["training_seconds"] = training_seconds(cost);
    json.push_back(std::move(entry));
  }
  return json;
}

}  // namespace lanewise::report
