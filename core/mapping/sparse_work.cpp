// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/sparse_work.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/mapping/array_work.hpp"

namespace lanewise::mapping {
namespace {

// P(Binomial(trials, share) <= most) for each of the `most` asked for, in rising order.
class BinomialSums {
 public:
  BinomialSums(std::int64_t trials, double share) : trials_(trials), share_(share) {}

  double up_to(std::int64_t most) {
    const double n = static_cast<double>(trials_);
    for (; next_ <= std::min(most, trials_); ++next_) {
      const double k = static_cast<double>(next_);
      const double log = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(share_) +
                         (n - k) * std::log1p(-share_);
      sum_ += std::exp(log);
    }
    return std::min(1.0, sum_);
  }

 private:
  std::int64_t trials_, next_ = 0;
  double share_, sum_ = 0;
};

double compute_turns(std::int64_t blocks, std::int64_t lanes, std::int64_t rows, double density) {
  if (density >= 1) return static_cast<double>(blocks);
  BinomialSums binomial(blocks * lanes, density);
  double turns = 1;
  for (std::int64_t k = 1; k < blocks; ++k) {
    turns += 1 - std::pow(binomial.up_to(k * lanes), static_cast<double>(rows));
  }
  return turns;
}

// Cycles of a group for one stripe as long as the subgraph has any, by which ways to run it are compared.
double stripe_cycles(const SubgraphShape& shape, const ArrayWork& work) {
  const std::int64_t pixels = std::min(work.stripe_pixels, shape.batch * shape.conv_height() * shape.conv_width());
  return static_cast<double>(work.blocks) *
         std::max(block_cycles(work, pixels, work.outputs_per_group), work.weight_load_cycles);
}

// Where pixels take turns a block takes in more channels, as many as leave all lanes a weight that may not be zero. In
// patches the words of its weights are fewer instead: what is not zero is packed.
ArrayWork structured(const SubgraphShape& shape, const engine::EngineConfig& engine, const ArrayWork& dense) {
  const engine::Structure structure = engine.sparsity.structured;
  const double kept = static_cast<double>(structure.kept), of = static_cast<double>(structure.of);
  const double rate = engine.sparsity.structured_rate > 0 ? engine.sparsity.structured_rate : of / kept;
  ArrayWork work = dense;
  work.mode = WeightMode::kStructured;
  work.mac_share = kept / of;
  work.block_overhead = as_double(engine.sparsity.structured_overhead);
  if (dense.patch_pixels > 0) {
    work.cycles_per_block *= std::ceil(dense.weight_words / rate) / dense.weight_words;
    return work;
  }
  work.block_channels = engine.array.dot_product_lanes / structure.kept * structure.of;
  work.blocks = dense.tap_blocks * ceil_div(shape.in_channels / shape.groups, work.block_channels);
  work.cycles_per_block *= of / kept / rate;
  return work;
}

ArrayWork skipping(const SubgraphShape& shape, const engine::EngineConfig& engine, const ArrayWork& dense) {
  // A subgraph's windows are full but for the last.
  const std::int64_t window = engine.sparsity.window_blocks, rest = dense.blocks % window;
  const auto turns = [&](std::int64_t blocks) {
    return expected_turns(blocks, engine.array.dot_product_lanes * engine.array.taps_at_once, dense.outputs_per_group,
                          shape.weight_form.density);
  };
  double all = rest > 0 ? turns(rest) : 0;
  if (dense.blocks >= window) all += static_cast<double>(dense.blocks / window) * turns(window);
  ArrayWork work = dense;
  work.mode = WeightMode::kSkipping;
  work.mac_share = shape.weight_form.density;
  work.block_turns = all / static_cast<double>(dense.blocks);
  work.cycles_per_block *= work.block_turns;
  work.weight_load_cycles *= work.block_turns;
  return work;
}

}  // namespace

const char* to_string(WeightMode mode) {
  switch (mode) {
    case WeightMode::kDense:
      return "dense";
    case WeightMode::kStructured:
      return "structured";
    case WeightMode::kSkipping:
      return "zero_skipping";
  }
  return "dense";
}

bool satisfies(const network::WeightForm& form, engine::Structure structure) {
  if (!form.structured() || !structure.any()) return false;
  // Groups of both begin at the first channel.
  if (structure.of % form.of == 0) return form.kept * (structure.of / form.of) <= structure.kept;
  if (form.of % structure.of == 0) return std::min(form.kept, structure.of) <= structure.kept;
  const std::int64_t touched = ceil_div(structure.of - 1, form.of) + 1;
  return std::min(structure.of, touched * form.kept) <= structure.kept;
}

double expected_turns(std::int64_t blocks, std::int64_t lanes, std::int64_t rows, double density) {
  // Every subgraph of a layer's shape asks for the same, some hundred times.
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, double>;
  thread_local std::map<Key, double> known;
  const Key key(blocks, lanes, rows, density);
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  constexpr std::size_t kMost = 4096;
  if (known.size() >= kMost) known.clear();
  return known.emplace(key, compute_turns(blocks, lanes, rows, density)).first->second;
}

void skip_zeros(const SubgraphShape& shape, const engine::EngineConfig& engine, ArrayWork& work) {
  if (!engine.selects_weights() || shape.weight_form.dense()) return;
  const ArrayWork dense = work;
  const auto take_if_faster = [&](const ArrayWork& other) {
    if (stripe_cycles(shape, other) < stripe_cycles(shape, work)) work = other;
  };
  if (satisfies(shape.weight_form, engine.sparsity.structured)) take_if_faster(structured(shape, engine, dense));
  if (engine.sparsity.zero_skipping && shape.weight_form.density < 1) take_if_faster(skipping(shape, engine, dense));
}

}  // namespace lanewise::mapping
