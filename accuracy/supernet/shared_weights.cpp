// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/shared_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "accuracy/network/initialisation.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

using Shape = std::vector<std::int64_t>;

// What a weight is, as GraphModule tells it; only the ones that sharing needs to know apart.
WeightRole role_of(const network::Operator& op, std::size_t place) {
  if (op.kind == network::OperatorKind::kConvolution) return place == 0 ? WeightRole::kConvolution : WeightRole::kBias;
  if (op.kind == network::OperatorKind::kFullyConnected) return place == 0 ? WeightRole::kLinear : WeightRole::kBias;
  if (op.kind == network::OperatorKind::kBatchNormalization) {
    return place == 0 ? WeightRole::kScale : WeightRole::kShift;
  }
  return WeightRole::kOther;
}

}  // namespace

torch::Tensor slice_of(const torch::Tensor& whole, const Shape& shape) {
  torch::Tensor view = whole;
  for (std::int64_t axis = 0; axis < whole.dim(); ++axis) {
    const std::int64_t length = shape[static_cast<std::size_t>(axis)], rest = whole.size(axis) - length;
    if (rest > 0) view = view.narrow(axis, axis >= 2 ? rest / 2 : 0, length);
  }
  return view;
}

// The largest shapes are those of the network of largest values, and of it with one gene changed, or a choice and a
// size together: a choice shows its own layers, a size that leaves a layer out those that then read another map.
SharedWeights::SharedWeights(const SupernetSpace& space, std::uint64_t seed) : space_(space), seed_(seed) {
  const std::vector<nas::Gene>& genes = space.genes();
  nas::Genotype base(genes.size(), 0);
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (!space.ascending(i).empty()) base[i] = space.ascending(i).back();
  }
  const auto measure_with_sizes = [&](const nas::Genotype& genotype) {
    measure(genotype);
    for (std::size_t i = 0; i < genes.size(); ++i) {
      if (space.ascending(i).empty()) continue;
      nas::Genotype smaller = genotype;
      smaller[i] = space.ascending(i).front();
      measure(smaller);
    }
  };
  measure_with_sizes(base);
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (!space.ascending(i).empty()) continue;
    for (std::size_t value = 0; value < genes[i].values.size(); ++value) {
      nas::Genotype changed = base;
      changed[i] = static_cast<int>(value);
      measure_with_sizes(changed);
    }
  }
}

void SharedWeights::measure(const nas::Genotype& genotype) {
  const PlacedNetwork placed = space_.place(genotype);
  for (const network::Operator& op : placed.graph.operators()) {
    for (std::size_t i = 0; i < op.weights.size(); ++i) {
      if (op.kind == network::OperatorKind::kBatchNormalization && i >= 2) continue;
      const std::string& place = placed.places[static_cast<std::size_t>(op.weights[i])];
      const Shape& shape = placed.graph.tensor(op.weights[i]).shape;
      Largest& largest = largest_[SupernetSpace::without_apart(place)];
      largest.role = role_of(op, i);
      if (largest.shape.empty()) largest.shape = shape;
      for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        largest.shape[axis] = std::max(largest.shape[axis], shape[axis]);
      }
    }
  }
}

torch::Tensor SharedWeights::whole(const std::string& place) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto known = tensors_.find(place);
  if (known != tensors_.end()) return known->second;
  const auto largest = largest_.find(SupernetSpace::without_apart(place));
  if (largest == largest_.end()) {
    throw Error(fmt::format("space '{}': the supernet has no layer '{}'", space_.name(), printable(place)));
  }
  GraphModule::Weight weight;
  weight.role = largest->second.role;
  weight.tensor = torch::empty(largest->second.shape, torch::kFloat);
  initialise(weight, Initialisation::kFm28, seed_, static_cast<std::size_t>(stable_hash(place)));
  return tensors_.emplace(place, weight.tensor).first->second;
}

SharedNetwork SharedWeights::network(const nas::Genotype& genotype) {
  const torch::NoGradGuard no_gradients;
  const PlacedNetwork placed = space_.place(genotype);
  SharedNetwork out;
  out.module = std::make_unique<GraphModule>(placed.graph);
  for (const GraphModule::Weight& weight : out.module->weights()) {
    if (weight.is_statistic) continue;
    const std::string& place = placed.places[static_cast<std::size_t>(weight.id)];
    const torch::Tensor shared = whole(place);
    torch::Tensor own = weight.tensor;
    for (std::int64_t axis = 0; axis < own.dim(); ++axis) {
      if (own.size(axis) <= shared.size(axis)) continue;
      throw Error(fmt::format("network '{}': weight '{}' is of shape {}, larger than the supernet's {}",
                              placed.graph.name(), weight.name, fmt::join(own.sizes().vec(), "x"),
                              fmt::join(shared.sizes().vec(), "x")));
    }
    own.copy_(slice_of(shared, own.sizes().vec()));
    const bool is_decayed = weight.role == WeightRole::kConvolution || weight.role == WeightRole::kLinear;
    out.weights.push_back({place, own, is_decayed});
  }
  return out;
}

std::vector<Checkpoint::Array> SharedWeights::arrays() const {
  std::vector<Checkpoint::Array> out;
  for (const auto& [place, tensor] : tensors_) {
    const torch::Tensor values = tensor.contiguous();
    out.push_back({place, Checkpoint::Type::kFloat, values.sizes().vec(),
                   std::string(static_cast<const char*>(values.data_ptr()), values.nbytes())});
  }
  return out;
}

void SharedWeights::load(const std::string& path, const std::vector<Checkpoint::Array>& arrays) {
  for (const Checkpoint::Array& array : arrays) {
    const auto largest = largest_.find(SupernetSpace::without_apart(array.name));
    if (largest == largest_.end() || largest->second.shape != array.shape) {
      throw Error(
          fmt::format("{}: its weight '{}' is none of its space: the file is damaged, or of another version of "
                      "this program",
                      path, printable(array.name)));
    }
    torch::Tensor values = torch::empty(array.shape, torch::kFloat);
    std::memcpy(values.data_ptr(), array.bytes.data(), array.bytes.size());
    tensors_[array.name] = values;
  }
}

}  // namespace lanewise::accuracy
