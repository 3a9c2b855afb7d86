// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_oracle.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "core/base/error.hpp"
#include "nas/oracles/accuracy_table.hpp"
#include "nas/oracles/capacity.hpp"
#include "nas/oracles/layer_losses.hpp"
#include "nas/oracles/predictor_oracle.hpp"
#include "nas/oracles/score_oracle.hpp"

namespace lanewise::nas {
namespace {

using Kind = AccuracyKey::Kind;

// Who runs programs lives where programs may be run; here stand the keys.
std::unique_ptr<AccuracyOracle> make_program(const AccuracySettings& settings, const NetworkFacts&,
                                             const AccuracyContext& context) {
  if (!context.program) {
    throw Error(settings.place("command") +
                "asks for a program of yours to be run: programs run only where --allow-commands is given");
  }
  return context.program(settings);
}

// Who trains is another program: the study that starts it lives with those who run programs.
std::unique_ptr<AccuracyOracle> make_trainer(const AccuracySettings& settings, const NetworkFacts&,
                                             const AccuracyContext& context) {
  if (!context.trainer) throw Error(settings.place("train") + "networks are trained by codesign alone");
  return context.trainer(settings);
}

}  // namespace

const std::vector<AccuracyOracleKind>& accuracy_oracles() {
  static const AccuracyKey better = {"better", Kind::kChoice, 0, 0, false, {"higher", "lower"}};
  static const std::vector<AccuracyOracleKind> all = {
      {"capacity",
       "capacity",
       {{"parameters", Kind::kNumber, 0, 1},
        {"macs", Kind::kNumber, 0, 1},
        {"least_parameters", Kind::kWhole, 0, 1e15},
        {"least_macs", Kind::kWhole, 0, 1e15}},
       make_capacity_constraint},
      {"table",
       "accuracy",
       {{"table", Kind::kFile, 0, 0, true}, {"key", Kind::kText}, {"value", Kind::kText, 0, 0, true}, better},
       make_accuracy_table},
      {"command",
       "accuracy",
       {{"command", Kind::kWords, 0, 0, true},
        {"timeout", Kind::kDuration, 0.001, 1e7},
        {"retries", Kind::kWhole, 0, 100},
        {"jobs", Kind::kWhole, 1, 1000},
        {"per", Kind::kChoice, 0, 0, false, {"network", "design"}},
        {"cache", Kind::kFile},
        better},
       make_program},
      {"train",
       "accuracy",
       {{"train", Kind::kText, 0, 0, true},
        {"recipe", Kind::kText},
        {"epochs", Kind::kWhole, 1, 100000},
        {"seeds", Kind::kWhole, 1, 100},
        {"metric", Kind::kText},
        {"options", Kind::kWords},
        {"timeout", Kind::kDuration, 0.001, 1e7},
        {"retries", Kind::kWhole, 0, 100},
        {"jobs", Kind::kWhole, 1, 1000},
        {"cache", Kind::kFile},
        better},
       make_trainer},
      {"score",
       "accuracy",
       {{"score", Kind::kText, 0, 0, true},
        {"data", Kind::kText},
        {"options", Kind::kWords},
        {"timeout", Kind::kDuration, 0.001, 1e7},
        {"jobs", Kind::kWhole, 1, 1000},
        {"cache", Kind::kFile},
        better},
       make_score_oracle},
      {"predictor",
       "accuracy",
       {{"predictor", Kind::kFile, 0, 0, true},
        {"unknown", Kind::kChoice, 0, 0, false, {"fail", "take"}},
        {"bound", Kind::kChoice, 0, 0, false, {"value", "low", "high"}}},
       make_predictor_oracle},
      {"losses", "accuracy", {{"losses", Kind::kFile, 0, 0, true}}, make_loss_oracle},
  };
  return all;
}

std::vector<AccuracyAnswer> AccuracyOracle::answer(const std::vector<AccuracyQuery>&) {
  throw InternalError("an oracle that measures nothing is asked for a score");
}

std::vector<AccuracyAnswer> AccuracyOracle::measure(const std::vector<AccuracyQuery>& queries) {
  if (!measures()) throw InternalError("an oracle that measures nothing is asked for a score");
  const auto begin = std::chrono::steady_clock::now();
  std::vector<AccuracyAnswer> answers = answer(queries);
  account_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (answers.size() != queries.size()) throw InternalError("an accuracy oracle answers another number of queries");
  for (std::size_t i = 0; i < answers.size(); ++i) {
    AccuracyAnswer& one = answers[i];
    if (one.failure.empty() && !std::isfinite(one.score)) one.failure = "the score is not a finite number";
    if (!one.failure.empty()) one.score = std::numeric_limits<double>::quiet_NaN();
    ++account_.asked;
    if (seen_.insert(queries[i].encoding).second) ++account_.distinct;
    if (one.failure.empty()) continue;
    ++account_.failed;
    const bool full =
        account_.failures.size() >= AccuracyAccount::kMostCauses && account_.failures.count(one.failure) == 0;
    ++account_.failures[full ? "other causes" : one.failure];
  }
  return answers;
}

std::unique_ptr<AccuracyOracle> make_accuracy_oracle(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                     const AccuracyContext& context) {
  std::vector<std::string> known;
  for (const AccuracyOracleKind& kind : accuracy_oracles()) {
    if (settings.oracle == kind.name) return kind.make(settings, baseline, context);
    known.emplace_back(kind.name);
  }
  throw Error(fmt::format("accuracy oracle '{}' is unknown; known are {}", settings.oracle, fmt::join(known, ", ")));
}

}  // namespace lanewise::nas
