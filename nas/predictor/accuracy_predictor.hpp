// SPDX-License-Identifier: Apache-2.0
// Learns the accuracy of networks from a few that were measured. It reads a network's topology features
// (nas/scores/topology_features.hpp) and, where there are any, scores; never a training.
//
// Two Gaussian processes share the work: one over sizes and depths alone, which tells most from few networks, one over
// kinds of layers and bottlenecks too, which tells more from many. Each counts by its evidence, that is by how likely
// it makes what was measured. Prior mean of both: the mean of what was measured, and the scores with slopes that are
// learnt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "nas/predictor/feature_process.hpp"

namespace lanewise::nas {

// A network that was measured, once or several times.
struct MeasuredNetwork {
  std::string encoding;
  std::vector<double> features;  // topology_features_of
  std::vector<double> scores;    // one for each of PredictorSettings::scores
  double value = 0;              // mean of its measurements
  std::int64_t count = 1;
  double within = 0;  // squared deviations of its measurements from their mean, summed
};

struct PredictorSettings {
  std::string value = "accuracy";  // the name of what was measured
  bool higher_is_better = true;
  std::string space;                // the name of the networks' space; "" where there is none
  std::vector<std::string> scores;  // names of the scores; those of network_scores() are computed where they are needed
};

// The share of measurements that intervals are to hold.
inline constexpr double kIntervalLevel = 0.9;

struct Prediction {
  double value = 0;
  double deviation = 0;      // standard deviation of what the network is worth, without the noise of a training
  double low = 0, high = 0;  // of one measurement, by kIntervalLevel
  bool known = true;         // whether networks like it were measured
  std::string reason;        // "" where it is known; else one line, the same for the same cause
  double distance = 0;       // to the nearest measured network: root of the mean squared difference in spreads
  std::string nearest;       // its encoding
  double left = 1;           // share of the variance before any measurement that is left
};

class AccuracyPredictor {
 public:
  // Most networks that it learns from: it factors a matrix of so many rows.
  static constexpr std::size_t kMostNetworks = 4000;
  static constexpr std::size_t kFewestNetworks = 5;

  // The order of the networks does not matter. Throws Error naming the rule: fewer than kFewestNetworks or more than
  // kMostNetworks, all values equal, an encoding twice.
  static AccuracyPredictor fitted(PredictorSettings settings, std::vector<MeasuredNetwork> networks);
  // As text() wrote it. Throws Error naming the file, the line where there is one, and the rule.
  static AccuracyPredictor load(const std::string& path);
  static AccuracyPredictor parse(const std::string& path, const std::string& text);
  // Predicts the same, to the bit, once it is read back.
  std::string text() const;

  const PredictorSettings& settings() const { return settings_; }
  const std::vector<MeasuredNetwork>& networks() const { return networks_; }  // by their encodings
  // nullptr where it was not measured.
  const MeasuredNetwork* measured(const std::string& encoding) const;
  // Standard deviation of single measurements of one network.
  double noise() const;

  Prediction predict(const std::vector<double>& features, const std::vector<double>& scores) const;
  // With scores of network_scores(). Throws Error where it needs others.
  Prediction predict(const network::Graph& graph) const;
  // nullopt, or why it cannot predict from a graph alone: one line.
  std::optional<std::string> needs_more_than_graphs() const;
  // As if this network had been measured once and found to be worth this: it is less uncertain near it.
  AccuracyPredictor with(const std::vector<double>& features, const std::vector<double>& scores, double value) const;
  // Of network_scores(), for those of settings().scores that it has; NaN for others.
  std::vector<double> scores_of(const network::Graph& graph) const;

  // What each network would have been predicted to be had it not been measured; parameters stay.
  std::vector<Prediction> left_out() const;

 private:
  static constexpr std::size_t kProcesses = 2;
  struct Scale {
    double centre = 0, spread = 1;
    double to(double x) const { return (x - centre) / spread; }
  };
  AccuracyPredictor() = default;
  void scale();
  void condition(const std::vector<FeatureProcess::Parameters>& parameters);
  void calibrate();
  ProcessRows rows(std::size_t process) const;
  std::vector<double> numbers(std::size_t process, const std::vector<double>& features) const;
  std::vector<double> scaled_scores(const std::vector<double>& scores) const;
  Prediction mixed(const std::vector<ProcessBelief>& beliefs) const;
  void judge(const std::vector<double>& features, Prediction& prediction) const;
  double distance(const std::vector<double>& a, const std::vector<double>& b) const;

  PredictorSettings settings_;
  std::vector<MeasuredNetwork> networks_;
  std::vector<Scale> feature_scales_, score_scales_;
  std::vector<double> least_, most_;  // of each feature
  Scale value_scale_;
  std::vector<FeatureProcess> processes_;
  double widening_ = 1;  // of deviations, so that what was left out lies within its intervals
  double farthest_ = 0;  // of a measured network from its nearest
};

}  // namespace lanewise::nas
