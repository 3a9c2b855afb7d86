// SPDX-License-Identifier: Apache-2.0
#include "nas/predictor/accuracy_predictor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::nas {
namespace {

constexpr double kNormalQuantile = 1.6448536269514722;  // of kIntervalLevel, both sides
constexpr double kShare = 0.5;  // of each process
constexpr double kMostWidening = 2;
// Beyond the largest distance between neighbours that were measured, by this factor, a network is like none of them.
constexpr double kTolerance = 1.25;
constexpr double kMostLeft = 0.9;  // of the variance, likewise

bool reads(std::size_t process, const TopologyFeature& feature) {
  return feature.tier == TopologyFeature::Tier::kSize || (process > 0 && feature.tier == TopologyFeature::Tier::kShape);
}

// Student's quantile for so many degrees of freedom from the normal one.
// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
double student_quantile(double z, double degrees) {
  const double square = z * z;
  return z + z * (square + 1) / (4 * degrees) + z * ((5 * square + 16) * square + 3) / (96 * degrees * degrees);
}

}  // namespace

AccuracyPredictor AccuracyPredictor::fitted(PredictorSettings settings, std::vector<MeasuredNetwork> networks) {
  if (networks.size() < kFewestNetworks || networks.size() > kMostNetworks) {
    throw Error(fmt::format("a predictor learns from {} to {} measured networks, not from {}", kFewestNetworks,
                            kMostNetworks, networks.size()));
  }
  AccuracyPredictor predictor;
  predictor.settings_ = std::move(settings);
  predictor.networks_ = std::move(networks);
  predictor.scale();
  std::vector<FeatureProcess::Parameters> parameters;
  for (std::size_t p = 0; p < kProcesses; ++p) {
    parameters.push_back(FeatureProcess::fitted(predictor.rows(p)).parameters());
  }
  predictor.condition(parameters);
  return predictor;
}

void AccuracyPredictor::scale() {
  const auto by_encoding = [](const MeasuredNetwork& a, const MeasuredNetwork& b) { return a.encoding < b.encoding; };
  std::sort(networks_.begin(), networks_.end(), by_encoding);
  for (std::size_t i = 1; i < networks_.size(); ++i) {
    if (networks_[i].encoding == networks_[i - 1].encoding) {
      throw Error(fmt::format("network '{}' stands twice among the measured ones", printable(networks_[i].encoding)));
    }
  }
  const auto count = static_cast<double>(networks_.size());
  const auto scale_of = [&](const auto& value, double least_spread) {
    Scale scale;
    for (const MeasuredNetwork& network : networks_) scale.centre += value(network) / count;
    double square = 0;
    for (const MeasuredNetwork& network : networks_) {
      square += (value(network) - scale.centre) * (value(network) - scale.centre) / count;
    }
    scale.spread = std::max(std::sqrt(square), least_spread);
    return scale;
  };
  value_scale_ = scale_of([](const MeasuredNetwork& network) { return network.value; }, 0);
  if (!(value_scale_.spread > 1e-12 * std::max(1.0, std::abs(value_scale_.centre)))) {
    throw Error(fmt::format("all {} measured networks have the same {}: there is nothing to learn", networks_.size(),
                            printable(settings_.value)));
  }
  const std::vector<TopologyFeature>& features = topology_features();
  for (std::size_t f = 0; f < features.size(); ++f) {
    feature_scales_.push_back(
        scale_of([f](const MeasuredNetwork& network) { return network.features[f]; }, 0.5 * features[f].scale));
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (const MeasuredNetwork& network : networks_) {
      least = std::min(least, network.features[f]);
      most = std::max(most, network.features[f]);
    }
    least_.push_back(least);
    most_.push_back(most);
  }
  for (std::size_t s = 0; s < settings_.scores.size(); ++s) {
    Scale scale = scale_of([s](const MeasuredNetwork& network) { return network.scores[s]; }, 0);
    // A score that is the same for all says nothing, and no slope can be had.
    if (!(scale.spread > 1e-12 * std::max(1.0, std::abs(scale.centre)))) {
      scale.spread = std::numeric_limits<double>::infinity();
    }
    score_scales_.push_back(scale);
  }
}

std::vector<double> AccuracyPredictor::numbers(std::size_t process, const std::vector<double>& features) const {
  std::vector<double> numbers;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (reads(process, topology_features()[f]) && most_[f] > least_[f]) {
      numbers.push_back(feature_scales_[f].to(features[f]));
    }
  }
  return numbers;
}

std::vector<double> AccuracyPredictor::scaled_scores(const std::vector<double>& scores) const {
  std::vector<double> scaled;
  for (std::size_t s = 0; s < scores.size(); ++s) scaled.push_back(score_scales_[s].to(scores[s]));
  return scaled;
}

ProcessRows AccuracyPredictor::rows(std::size_t process) const {
  ProcessRows rows;
  for (const MeasuredNetwork& network : networks_) {
    rows.numbers.push_back(numbers(process, network.features));
    rows.scores.push_back(scaled_scores(network.scores));
    rows.values.push_back(value_scale_.to(network.value));
    rows.counts.push_back(network.count);
    rows.within += network.within / (value_scale_.spread * value_scale_.spread);
  }
  return rows;
}

void AccuracyPredictor::condition(const std::vector<FeatureProcess::Parameters>& parameters) {
  processes_.clear();
  for (std::size_t p = 0; p < kProcesses; ++p) processes_.emplace_back(rows(p), parameters[p]);
  calibrate();
}

double AccuracyPredictor::noise() const {
  double variance = 0;
  for (std::size_t p = 0; p < kProcesses; ++p) variance += kShare * processes_[p].noise_variance();
  return value_scale_.spread * std::sqrt(variance);
}

// A mixture of normal beliefs, as one.
Prediction AccuracyPredictor::mixed(const std::vector<ProcessBelief>& beliefs) const {
  double mean = 0, variance = 0, left = 0;
  for (std::size_t p = 0; p < kProcesses; ++p) mean += kShare * beliefs[p].mean;
  for (std::size_t p = 0; p < kProcesses; ++p) {
    const double away = beliefs[p].mean - mean;
    variance += kShare * (beliefs[p].variance + away * away);
    left += kShare * beliefs[p].left;
  }
  Prediction prediction;
  prediction.value = value_scale_.centre + value_scale_.spread * mean;
  prediction.deviation = widening_ * value_scale_.spread * std::sqrt(variance);
  prediction.left = left;
  const double degrees = std::max(2.0, static_cast<double>(networks_.size()) - 3);
  const double noisy = std::hypot(prediction.deviation, widening_ * noise());
  const double reach = student_quantile(kNormalQuantile, degrees) * noisy;
  prediction.low = prediction.value - reach;
  prediction.high = prediction.value + reach;
  return prediction;
}

double AccuracyPredictor::distance(const std::vector<double>& a, const std::vector<double>& b) const {
  double sum = 0;
  for (std::size_t f = 0; f < a.size(); ++f) {
    const double apart = (a[f] - b[f]) / feature_scales_[f].spread;
    sum += apart * apart;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

void AccuracyPredictor::calibrate() {
  farthest_ = 0;
  for (const MeasuredNetwork& one : networks_) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const MeasuredNetwork& other : networks_) {
      if (&one != &other) nearest = std::min(nearest, distance(one.features, other.features));
    }
    farthest_ = std::max(farthest_, nearest);
  }
  widening_ = 1;
  double square = 0, count = 0;
  const std::vector<Prediction> predictions = left_out();
  for (std::size_t i = 0; i < networks_.size(); ++i) {
    const double noisy =
        std::hypot(predictions[i].deviation, noise() / std::sqrt(static_cast<double>(networks_[i].count)));
    const double away = (networks_[i].value - predictions[i].value) / noisy;
    square += away * away;
    count += 1;
  }
  widening_ = std::clamp(std::sqrt(square / count), 1.0, kMostWidening);
}

std::vector<Prediction> AccuracyPredictor::left_out() const {
  std::vector<std::vector<ProcessBelief>> beliefs;
  for (const FeatureProcess& process : processes_) beliefs.push_back(process.left_out());
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < networks_.size(); ++i) {
    std::vector<ProcessBelief> own;
    for (const auto& all : beliefs) own.push_back(all[i]);
    predictions.push_back(mixed(own));
  }
  return predictions;
}

Prediction AccuracyPredictor::predict(const std::vector<double>& features, const std::vector<double>& scores) const {
  const std::vector<double> scaled = scaled_scores(scores);
  std::vector<ProcessBelief> beliefs;
  for (std::size_t p = 0; p < kProcesses; ++p) {
    beliefs.push_back(processes_[p].predict(numbers(p, features), scaled));
  }
  Prediction prediction = mixed(beliefs);
  judge(features, prediction);
  return prediction;
}

void AccuracyPredictor::judge(const std::vector<double>& features, Prediction& prediction) const {
  const MeasuredNetwork* nearest = nullptr;
  prediction.distance = std::numeric_limits<double>::infinity();
  for (const MeasuredNetwork& network : networks_) {
    const double apart = distance(features, network.features);
    if (apart >= prediction.distance) continue;
    prediction.distance = apart;
    nearest = &network;
  }
  prediction.nearest = nearest->encoding;
  // The feature that lies farthest outside what was measured.
  std::size_t worst = 0;
  double outside = 0;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const double beyond = std::max(least_[f] - features[f], features[f] - most_[f]) / feature_scales_[f].spread;
    if (beyond <= outside) continue;
    outside = beyond;
    worst = f;
  }
  const bool far = prediction.distance > kTolerance * farthest_;
  if (!far && prediction.left <= kMostLeft) return;
  prediction.known = false;
  if (outside > 1) {
    prediction.reason = fmt::format("unlike all that was measured: {} is {} than any", topology_features()[worst].name,
                                    features[worst] > most_[worst] ? "larger" : "smaller");
  } else if (far) {
    prediction.reason = "unlike all that was measured: farther from it than any of it from the rest";
  } else {
    prediction.reason = "what was measured says nothing of it";
  }
}

const MeasuredNetwork* AccuracyPredictor::measured(const std::string& encoding) const {
  const auto found =
      std::lower_bound(networks_.begin(), networks_.end(), encoding,
                       [](const MeasuredNetwork& network, const std::string& text) { return network.encoding < text; });
  return found != networks_.end() && found->encoding == encoding ? &*found : nullptr;
}

std::optional<std::string> AccuracyPredictor::needs_more_than_graphs() const {
  for (const std::string& name : settings_.scores) {
    const auto& known = network_scores();
    const bool there = std::any_of(known.begin(), known.end(), [&](const NetworkScore& s) { return name == s.name; });
    if (!there) return fmt::format("it needs the score '{}', which no network's graph gives", printable(name));
  }
  return std::nullopt;
}

std::vector<double> AccuracyPredictor::scores_of(const network::Graph& graph) const {
  std::vector<double> scores;
  for (const std::string& name : settings_.scores) {
    double value = std::numeric_limits<double>::quiet_NaN();
    for (const NetworkScore& score : network_scores()) {
      if (name == score.name) value = score.of(graph);
    }
    scores.push_back(value);
  }
  return scores;
}

Prediction AccuracyPredictor::predict(const network::Graph& graph) const {
  if (const auto reason = needs_more_than_graphs()) throw Error("the predictor cannot tell: " + *reason);
  return predict(topology_features_of(graph), scores_of(graph));
}

AccuracyPredictor AccuracyPredictor::with(const std::vector<double>& features, const std::vector<double>& scores,
                                          double value) const {
  AccuracyPredictor more;
  more.settings_ = settings_;
  more.networks_ = networks_;
  more.feature_scales_ = feature_scales_;
  more.score_scales_ = score_scales_;
  more.least_ = least_;
  more.most_ = most_;
  more.value_scale_ = value_scale_;
  for (std::size_t p = 0; p < kProcesses; ++p) {
    more.processes_.push_back(processes_[p].with(numbers(p, features), scaled_scores(scores), value_scale_.to(value)));
  }
  more.widening_ = widening_;
  more.farthest_ = farthest_;
  return more;
}

}  // namespace lanewise::nas
