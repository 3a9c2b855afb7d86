// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/predictor_oracle.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::nas {
namespace {

const char* to_string(PredictorOracle::Bound bound) {
  switch (bound) {
    case PredictorOracle::Bound::kValue:
      return "the prediction";
    case PredictorOracle::Bound::kLow:
      return "the lower end of its interval";
    case PredictorOracle::Bound::kHigh:
      return "the upper end of its interval";
  }
  throw InternalError("a bound without a name");
}

}  // namespace

PredictorOracle::PredictorOracle(std::string path, AccuracyPredictor predictor, Choices choices)
    : path_(std::move(path)), predictor_(std::move(predictor)), choices_(choices) {
  if (const auto reason = predictor_.needs_more_than_graphs()) {
    throw Error(fmt::format("{}: cannot predict in a search: {}", path_, *reason));
  }
}

std::string PredictorOracle::name() const {
  return fmt::format("{} as {} expects it from {} measured networks, which is no measurement: {}",
                     predictor_.settings().value, path_, predictor_.networks().size(), to_string(choices_.bound));
}

std::string PredictorOracle::identity() const {
  return fmt::format("predictor of {} networks, {}, unknown ones {}, {}", predictor_.networks().size(),
                     to_string(choices_.bound), choices_.take_unknown ? "taken" : "fail", hex_hash(predictor_.text()));
}

std::vector<AccuracyAnswer> PredictorOracle::answer(const std::vector<AccuracyQuery>& queries) {
  std::vector<AccuracyAnswer> answers;
  for (const AccuracyQuery& query : queries) {
    if (query.graph == nullptr) throw InternalError("a network without its graph is to be predicted");
    const Prediction prediction = predictor_.predict(*query.graph);
    AccuracyAnswer answer;
    if (!prediction.known && !choices_.take_unknown) {
      answer.failure = "unknown to the predictor: " + prediction.reason;
    } else {
      answer.score = choices_.bound == Bound::kLow    ? prediction.low
                     : choices_.bound == Bound::kHigh ? prediction.high
                                                      : prediction.value;
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::unique_ptr<AccuracyOracle> make_predictor_oracle(const AccuracySettings& settings, const NetworkFacts&,
                                                      const AccuracyContext&) {
  PredictorOracle::Choices choices;
  choices.take_unknown = settings.text("unknown", "fail") == "take";
  const std::string bound = settings.text("bound", "value");
  choices.bound = bound == "low"    ? PredictorOracle::Bound::kLow
                  : bound == "high" ? PredictorOracle::Bound::kHigh
                                    : PredictorOracle::Bound::kValue;
  const std::string path = settings.text("predictor");
  try {
    return std::make_unique<PredictorOracle>(path, AccuracyPredictor::load(path), choices);
  } catch (const Error& error) {
    throw Error(settings.place("predictor") + error.what());
  }
}

}  // namespace lanewise::nas
