// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/latency_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/predictor/measured_table.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::accuracy {
namespace {

constexpr char kColumn[] = "latency_ms";

// Latencies multiply: a layer of twice the channels takes twice as long whatever the rest takes.
nas::AccuracyPredictor fitted(const std::string& path, const SupernetSpace& space) {
  nas::MeasuredTable table = nas::read_measured(path, "encoding", kColumn, space.networks());
  for (nas::MeasuredNetwork& network : table.networks) {
    if (!(network.value > 0)) {
      throw Error(fmt::format("{}: column '{}': network '{}' takes {} ms: must be above 0", path, kColumn,
                              network.encoding, network.value));
    }
    network.value = std::log(network.value);
    // Rows of one network that differ are no noise of a measurement: an estimator says the same twice.
    network.count = 1;
    network.within = 0;
  }
  nas::PredictorSettings settings;
  settings.value = kColumn;
  settings.higher_is_better = false;
  settings.space = space.name();
  try {
    return nas::AccuracyPredictor::fitted(settings, std::move(table.networks));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

LatencyPrices::LatencyPrices(const std::string& path, const SupernetSpace& space)
    : space_(space), predictor_(fitted(path, space)) {
  const std::vector<nas::Prediction> left_out = predictor_.left_out();
  std::vector<double> errors;
  std::string all;
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    const nas::MeasuredNetwork& network = predictor_.networks()[i];
    errors.push_back(100 * std::abs(std::expm1(left_out[i].value - network.value)));
    known_[space.canonical(space.decode(network.encoding))] = std::exp(network.value);
    all += fmt::format("{} {:a}\n", network.encoding, network.value);
  }
  std::sort(errors.begin(), errors.end());
  median_error_percent_ = errors[errors.size() / 2];
  worst_error_percent_ = errors.back();
  hash_ = hex_hash(all);
}

double LatencyPrices::ms(const nas::Genotype& canonical) {
  const auto [entry, is_new] = known_.try_emplace(canonical, 0);
  if (is_new) {
    entry->second = std::exp(predictor_.predict(nas::topology_features_of(space_.graph(canonical)), {}).value);
  }
  return entry->second;
}

}  // namespace lanewise::accuracy
