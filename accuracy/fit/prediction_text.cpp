// SPDX-License-Identifier: Apache-2.0
#include "accuracy/fit/prediction_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "accuracy/metrics/correlation.hpp"
#include "core/base/printable.hpp"
#include "core/record/csv.hpp"
#include "nas/predictor/cross_validation.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::fit {
namespace {

using Json = nlohmann::ordered_json;
using nas::MeasuredNetwork;

std::size_t feature(const std::string& name) {
  const auto& all = nas::topology_features();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return static_cast<std::size_t>(found - all.begin());
}

// Small differences count: as many digits as the noise leaves.
std::string number(double value) { return fmt::format("{:.5g}", value); }

std::string table_of(const std::vector<PredictedNetwork>& networks, bool gains) {
  std::size_t width = 7;
  for (const PredictedNetwork& one : networks) width = std::max(width, printable(one.encoding).size());
  std::string text = fmt::format("{:<{}}  {:>9}  {:>9} to {:>9}  {}{}\n", "network", width, "predicted", "from", "",
                                 gains ? "   gain  " : "", "");
  for (const PredictedNetwork& one : networks) {
    text += fmt::format("{:<{}}  {:>9}  {:>9} to {:>9}  ", printable(one.encoding), width, number(one.prediction.value),
                        number(one.prediction.low), number(one.prediction.high));
    if (gains && one.gain) text += fmt::format("{:>8.2g}  ", *one.gain);
    if (one.measured) {
      text += fmt::format("measured: {}{}", number(*one.measured),
                          one.measurements > 1 ? fmt::format(", {} times", one.measurements) : "");
    } else if (!one.prediction.known) {
      text += "unknown: " + one.prediction.reason;
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += "\n";
  }
  return text;
}

Json json_of(const PredictedNetwork& one) {
  const nas::Prediction& p = one.prediction;
  Json json = {{"encoding", one.encoding},
               {"status", one.status()},
               {"predicted", p.value},
               {"low", p.low},
               {"high", p.high},
               {"deviation", p.deviation},
               {"known", p.known},
               {"reason", p.reason},
               {"distance", p.distance},
               {"nearest", p.nearest},
               {"variance_left", p.left},
               {"measured", one.measured ? Json(*one.measured) : Json()},
               {"measurements", one.measurements}};
  if (one.gain) json["expected_gain"] = *one.gain;
  return json;
}

}  // namespace

std::optional<PredictionQuality> prediction_quality(const nas::AccuracyPredictor& predictor, std::size_t folds,
                                                    std::uint64_t seed) {
  const std::vector<MeasuredNetwork>& networks = predictor.networks();
  folds = std::min(folds, networks.size());
  if (folds < 2 || networks.size() < 2 * nas::AccuracyPredictor::kFewestNetworks) return std::nullopt;
  PredictionQuality quality;
  quality.folds = folds;
  const auto predictions = nas::cross_validated(predictor.settings(), networks, folds, seed);
  const std::size_t ln_macs = feature("ln_macs"), ln_activated = feature("ln_activated_outputs");
  std::vector<double> predicted, measured, macs, size;
  const auto count = static_cast<double>(networks.size());
  double mean = 0, variance = 0, noise = 0;
  for (const MeasuredNetwork& network : networks) mean += network.value / count;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const MeasuredNetwork& network = networks[i];
    predicted.push_back(predictions[i].value);
    measured.push_back(network.value);
    macs.push_back(network.features[ln_macs]);
    size.push_back(network.features[ln_macs] + network.features[ln_activated]);
    quality.mean_error += std::abs(predictions[i].value - network.value) / count;
    quality.inside += network.value >= predictions[i].low && network.value <= predictions[i].high ? 1 / count : 0;
    variance += (network.value - mean) * (network.value - mean) / count;
    noise += predictor.noise() * predictor.noise() / static_cast<double>(network.count) / count;
  }
  const double sign = predictor.settings().higher_is_better ? 1 : -1;
  quality.spearman = accuracy::spearman(predicted, measured);
  quality.q = accuracy::spearman_inside_quartiles(predicted, measured, macs);
  quality.macs = sign * accuracy::spearman(macs, measured);
  quality.size = sign * accuracy::spearman(size, measured);
  quality.ceiling = std::sqrt(std::max(0.0, 1 - noise / variance));
  return quality;
}

std::string as_text(const PredictionReport& report) {
  const nas::AccuracyPredictor& predictor = *report.predictor;
  std::int64_t measurements = 0;
  for (const MeasuredNetwork& network : predictor.networks()) measurements += network.count;
  std::string text = fmt::format("{} learnt from {} measured networks ({} measurements) of {}\n",
                                 printable(predictor.settings().value), predictor.networks().size(), measurements,
                                 printable(report.source));
  for (const std::string& left : report.left_out) text += "left out: " + left + "\n";
  if (!predictor.settings().scores.empty()) {
    std::string names;
    for (const std::string& name : predictor.settings().scores) names += (names.empty() ? "" : ", ") + printable(name);
    text += "prior mean: " + names + ", slopes learnt\n";
  }
  text += fmt::format("noise of one measurement: {:.2g} (standard deviation)\n", predictor.noise());
  if (report.quality) {
    const PredictionQuality& q = *report.quality;
    text += fmt::format(
        "on networks that it did not learn from, {} folds: Spearman {:.3f}, Q {:.3f}, mean error {:.2g}, {:.0f} % "
        "inside "
        "their 90 % intervals\n",
        q.folds, q.spearman, q.q, q.mean_error, 100 * q.inside);
    text += fmt::format(
        "to be held against: MACs {:.3f}, ln MACs + ln activated outputs {:.3f}, a perfect predictor about {:.3f}\n",
        q.macs, q.size, q.ceiling);
  } else {
    text += "too few networks to say how good it is\n";
  }
  if (!report.networks.empty()) text += "\n" + table_of(report.networks, false);
  if (report.asks_next) {
    text += fmt::format("\nto be measured next, for the goal '{}'\n", report.goal);
    text += report.next.empty() ? "none: every network there is was measured\n" : table_of(report.next, true);
  }
  return text;
}

std::string as_csv(const PredictionReport& report) {
  std::vector<std::string> head = {"encoding", "status",   "predicted",    "low",
                                   "high",     "measured", "measurements", "reason"};
  if (report.asks_next) head.emplace_back("expected_gain");
  std::string text = record::csv_line(head);
  for (const PredictedNetwork& one : report.asks_next ? report.next : report.networks) {
    std::vector<std::string> cells = {one.encoding,
                                      one.status(),
                                      record::csv_number(one.prediction.value),
                                      record::csv_number(one.prediction.low),
                                      record::csv_number(one.prediction.high),
                                      one.measured ? record::csv_number(*one.measured) : "",
                                      std::to_string(one.measurements),
                                      one.prediction.reason};
    if (report.asks_next) cells.push_back(one.gain ? record::csv_number(*one.gain) : "");
    text += record::csv_line(cells);
  }
  return text;
}

std::string as_json(const PredictionReport& report) {
  const nas::AccuracyPredictor& predictor = *report.predictor;
  std::int64_t measurements = 0;
  for (const MeasuredNetwork& network : predictor.networks()) measurements += network.count;
  Json json = {{"value", predictor.settings().value},
               {"better", predictor.settings().higher_is_better ? "higher" : "lower"},
               {"space", predictor.settings().space},
               {"source", report.source},
               {"networks_learnt_from", predictor.networks().size()},
               {"measurements", measurements},
               {"left_out", report.left_out},
               {"scores", predictor.settings().scores},
               {"noise", predictor.noise()},
               {"interval_level", nas::kIntervalLevel}};
  if (report.quality) {
    const PredictionQuality& q = *report.quality;
    json["cross_validation"] = {{"folds", q.folds},
                                {"spearman", q.spearman},
                                {"q", q.q},
                                {"inside_intervals", q.inside},
                                {"mean_error", q.mean_error},
                                {"spearman_of_macs", q.macs},
                                {"spearman_of_size", q.size},
                                {"ceiling", q.ceiling}};
  } else {
    json["cross_validation"] = Json();
  }
  json["networks"] = Json::array();
  for (const PredictedNetwork& one : report.networks) json["networks"].push_back(json_of(one));
  if (report.asks_next) {
    json["goal"] = report.goal;
    json["next"] = Json::array();
    for (const PredictedNetwork& one : report.next) json["next"].push_back(json_of(one));
  }
  return json.dump(2) + "\n";
}

}  // namespace lanewise::fit
