// SPDX-License-Identifier: Apache-2.0
#include "estimator/neighbour_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "estimator/features.hpp"

namespace lanewise::estimator {
namespace {

using Json = nlohmann::json;

constexpr double kSteps = 32, kCutOff = 4;

double squeezed(float value) { return std::copysign(std::log1p(std::abs(static_cast<double>(value))), value); }

std::string engine_text(const engine::EngineConfig& engine) {
  std::string out;
  for (const char* key : {"engine.parallelism_factor", "engine.dot_product_lanes", "engine.clock", "dram.bandwidth"}) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, engine::value_text(engine, key));
  }
  return fmt::format("{}, {} KiB on chip", out, engine.onchip_capacity().count() / 1024);
}

std::vector<std::size_t> chosen(const TrainingSet& set, const std::vector<bool>& use) {
  std::vector<std::pair<std::uint64_t, std::size_t>> ranked;  // by position, so that equal rows keep their order
  const std::vector<std::size_t>& order = set.order();
  for (std::size_t at = 0; at < order.size(); ++at) {
    const SampleKeys& keys = set.keys()[order[at]];
    if (use[order[at]]) ranked.emplace_back(stable_hash("known:" + keys.engine_hash + " " + keys.subgraph_key), at);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), NeighbourIndex::kMost));
  std::vector<std::size_t> out;
  for (const auto& [hash, at] : ranked) out.push_back(order[at]);
  return out;
}

}  // namespace

std::int8_t NeighbourIndex::code(std::size_t column, float value) const {
  const double deviations =
      (squeezed(value) - static_cast<double>(mean_[column])) / static_cast<double>(deviation_[column]);
  return static_cast<std::int8_t>(std::lround(kSteps * std::clamp(deviations, -kCutOff, kCutOff - 1 / kSteps)));
}

NeighbourIndex NeighbourIndex::sample(const TrainingSet& set, const std::vector<bool>& use,
                                      const OutOfFold& out_of_fold) {
  const std::vector<std::size_t> kept = chosen(set, use);
  NeighbourIndex known;
  const std::size_t columns = feature_names().size();
  for (std::size_t column = 0; column < columns; ++column) {
    double sum = 0, squares = 0;
    for (const std::size_t row : kept) sum += squeezed(set.features(row)[column]);
    const double mean = kept.empty() ? 0 : sum / static_cast<double>(kept.size());
    for (const std::size_t row : kept) squares += std::pow(squeezed(set.features(row)[column]) - mean, 2);
    const double deviation = kept.empty() ? 0 : std::sqrt(squares / static_cast<double>(kept.size()));
    known.mean_.push_back(static_cast<float>(mean));
    // Where the rows all have one value, any other is as far as can be.
    known.deviation_.push_back(static_cast<float>(std::max(deviation, 1e-6)));
  }
  for (const std::size_t row : kept) {
    for (std::size_t column = 0; column < columns; ++column) {
      known.codes_.push_back(known.code(column, set.features(row)[column]));
    }
    const Sample& sample = set.samples()[row];
    Neighbour neighbour;
    neighbour.engine = engine_text(*sample.engine);
    neighbour.subgraph_key = set.keys()[row].subgraph_key;
    neighbour.measured_cycles = sample.measurement.latency.count();
    neighbour.predicted_cycles = std::llround(out_of_fold.predicted[row]);
    known.rows_.push_back(std::move(neighbour));
  }
  return known;
}

std::string NeighbourIndex::to_bytes() const {
  Json json;
  json["mean"] = mean_;
  json["deviation"] = deviation_;
  json["codes"] = Json::binary(std::vector<std::uint8_t>(codes_.begin(), codes_.end()));
  json["rows"] = Json::array();
  for (const Neighbour& row : rows_) {
    json["rows"].push_back({row.engine, row.subgraph_key, row.measured_cycles, row.predicted_cycles});
  }
  const std::vector<std::uint8_t> bytes = Json::to_cbor(json);
  return std::string(bytes.begin(), bytes.end());
}

NeighbourIndex NeighbourIndex::from_bytes(const std::string& bytes) {
  NeighbourIndex known;
  try {
    const Json json = Json::from_cbor(bytes);
    json.at("mean").get_to(known.mean_);
    json.at("deviation").get_to(known.deviation_);
    for (const std::uint8_t code : json.at("codes").get_binary()) {
      known.codes_.push_back(static_cast<std::int8_t>(code));
    }
    for (const Json& row : json.at("rows")) {
      Neighbour neighbour;
      row.at(0).get_to(neighbour.engine);
      row.at(1).get_to(neighbour.subgraph_key);
      row.at(2).get_to(neighbour.measured_cycles);
      row.at(3).get_to(neighbour.predicted_cycles);
      known.rows_.push_back(std::move(neighbour));
    }
  } catch (const Json::exception&) {
    throw Error("its known rows cannot be read");
  }
  const std::size_t columns = feature_names().size();
  if (known.mean_.size() != columns || known.deviation_.size() != columns ||
      known.codes_.size() != columns * known.rows_.size()) {
    throw Error("its known rows have other features than the model");
  }
  return known;
}

std::vector<Neighbour> NeighbourIndex::nearest(const std::vector<float>& features, std::size_t count) const {
  const std::size_t columns = mean_.size();
  std::vector<int> here;
  for (std::size_t column = 0; column < columns; ++column) here.push_back(code(column, features.at(column)));
  std::vector<std::pair<std::int64_t, std::size_t>> distances;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    std::int64_t squares = 0;
    for (std::size_t column = 0; column < columns; ++column) {
      const int apart = here[column] - codes_[row * columns + column];
      squares += apart * apart;
    }
    distances.emplace_back(squares, row);
  }
  count = std::min(count, distances.size());
  std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(count), distances.end());
  std::vector<Neighbour> out;
  for (std::size_t i = 0; i < count; ++i) {
    Neighbour neighbour = rows_[distances[i].second];
    neighbour.distance = std::sqrt(static_cast<double>(distances[i].first) / static_cast<double>(columns)) / kSteps;
    out.push_back(std::move(neighbour));
  }
  return out;
}

}  // namespace lanewise::estimator
