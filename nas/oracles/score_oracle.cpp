// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/score_oracle.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "nas/scores/scale_capacity.hpp"

namespace lanewise::nas {

std::string ScoreOracle::name() const {
  return fmt::format("the zero-shot score {} of each network, which is no accuracy: {}", score_.name, score_.meaning);
}

std::string ScoreOracle::identity() const {
  return fmt::format("zero-shot score {} of the graph, {} is better", score_.name,
                     higher_is_better_ ? "higher" : "lower");
}

std::vector<AccuracyAnswer> ScoreOracle::answer(const std::vector<AccuracyQuery>& queries) {
  std::vector<AccuracyAnswer> answers;
  for (const AccuracyQuery& query : queries) {
    if (query.graph == nullptr) throw InternalError("a network without its graph is to be scored");
    answers.push_back({score_.of(*query.graph), ""});
  }
  return answers;
}

std::unique_ptr<AccuracyOracle> make_score_oracle(const AccuracySettings& settings, const NetworkFacts&,
                                                  const AccuracyContext& context) {
  const std::string given = settings.text("score");
  const std::string name = given == "default" ? kDefaultScore : given;
  for (const NetworkScore& score : network_scores()) {
    if (name != score.name) continue;
    for (const char* key : {"data", "options", "jobs", "timeout", "cache"}) {
      if (!settings.place(key).empty()) {
        throw Error(
            fmt::format("{}does not go with '{}', which is a score of the graph alone", settings.place(key), name));
      }
    }
    const std::string better = settings.text("better", score.higher_is_better ? "higher" : "lower");
    return std::make_unique<ScoreOracle>(score, better == "higher");
  }
  if (context.scorer) return context.scorer(settings);
  try {
    network_score(name);
  } catch (const Error& error) {
    throw Error(settings.place("score") + error.what());
  }
  throw InternalError("a score that is there and is not");
}

}  // namespace lanewise::nas
