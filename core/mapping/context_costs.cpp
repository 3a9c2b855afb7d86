// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/context_costs.hpp"

#include <algorithm>

#include "core/mapping/analytical_tile.hpp"

namespace lanewise::mapping {
namespace {

constexpr std::size_t kFirstSlots = 256;  // a power of two

// Halos are none of the bytes that come again: they follow from the height of tiles, which the formula knows well.
double bytes_again(const AnalyticalTile& tile) {
  return tile.input.dram_bytes * (1 - 1 / std::max(1.0, tile.input.times)) +
         tile.weights.dram_bytes * (1 - 1 / std::max(1.0, tile.weights.times));
}

std::uint64_t key_of(ContextCosts::Shape shape, const SubgraphContext& c) {
  const auto flags = (c.input_on_chip ? 4U : 0U) + (c.operand_on_chip ? 2U : 0U) + (c.output_on_chip ? 1U : 0U);
  return std::uint64_t{shape} << 32 | static_cast<std::uint64_t>(c.resident_banks) << 3 | flags;
}

// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
std::size_t hash(std::uint64_t key) { return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15ULL >> 32); }

}  // namespace

void ContextCosts::keep_forms(std::vector<ClosedForm>* forms) {
  forms_ = forms;
  first_form_ = known_.size();
  if (forms_ != nullptr) forms_->clear();
}

const ClosedForm* ContextCosts::form(Shape number, const SubgraphContext& context) const {
  const Entry* const known = forms_ == nullptr ? nullptr : find(key_of(number, context));
  if (known == nullptr) return nullptr;
  const auto at = static_cast<std::size_t>(known - known_.data());
  return at < first_form_ ? nullptr : &(*forms_)[at - first_form_];
}

const ContextCosts::Entry* ContextCosts::find(std::uint64_t key) const {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash(key) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const Entry& entry = known_[slots_[at] - 1];
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

void ContextCosts::grow() {
  slots_.assign(std::max(kFirstSlots, 2 * slots_.size()), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    std::size_t at = hash(known_[i].key) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

const ContextCosts::Cost& ContextCosts::of(Shape number, const SubgraphShape& shape, const SubgraphContext& context) {
  const std::uint64_t key = key_of(number, context);
  if (const Entry* known = find(key)) return known->cost;
  ClosedForm form;
  const Cost fresh = judge(number, shape, context, form);
  known_.push_back({key, fresh});
  if (forms_ != nullptr) forms_->push_back(form);
  if (2 * known_.size() > slots_.size()) {
    grow();
  } else {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash(key) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<std::uint32_t>(known_.size());
  }
  return known_.back().cost;
}

ContextCosts::Cost ContextCosts::judge(Shape number, const SubgraphShape& shape, const SubgraphContext& context,
                                       ClosedForm& form) {
  Subgraph subgraph;
  subgraph.shape = shape;
  subgraph.context = context;
  form.bounds = bounds(subgraph, engine_);
  form.tile = analytical_tile(subgraph, engine_, form.bounds);
  form.least_energy_pj = energy_bound_picojoules(subgraph, engine_, form.bounds);
  const Bounds& least = form.bounds;
  const AnalyticalTile& tile = form.tile;
  const double energy = form.least_energy_pj;
  Cost cost;
  cost.judged = cost.formula = nominal_cost(engine_, least, energy, tile.latency_cycles, tile.dram_bytes());
  cost.again = bytes_again(tile);
  if (cost.again <= 0) return cost;  // in more room, or with simpler stores, it would not be better
  if (context.resident_banks > 0) {
    SubgraphContext empty = context;
    empty.resident_banks = 0;
    const double banks = as_double(engine_.memory.activation_banks);
    const double least_again = of(number, shape, empty).again * banks / (banks - as_double(context.resident_banks));
    if (least_again > cost.again) {
      const double bytes = tile.dram_bytes() + least_again - cost.again;
      cost.judged = nominal_cost(engine_, least, energy, std::max(tile.latency_cycles, cycles_of(bytes)), bytes);
    }
  }
  at_most_streamed(number, shape, context, cost.judged);
  return cost;
}

// The formula gives buffers of outputs and operands room before anything else, the planner only where that pays. So
// with them in DRAM a subgraph costs no more than with them on chip and moved once.
void ContextCosts::at_most_streamed(Shape number, const SubgraphShape& shape, const SubgraphContext& context,
                                    NominalCost& cost) {
  SubgraphContext on_chip = context;
  on_chip.output_on_chip = true;
  on_chip.operand_on_chip = context.operand_on_chip || shape.operand == FusedOperand::kTensor;
  double bytes = context.output_on_chip ? 0 : as_double(shape.output_bytes());
  if (on_chip.operand_on_chip != context.operand_on_chip) bytes += as_double(shape.operand_bytes());
  if (bytes <= 0) return;
  const NominalCost& other = of(number, shape, on_chip).judged;
  const double energy = bytes * (engine_.energy.dram.count() + engine_.sram_write_energy().count());
  cost.cycles = std::min(cost.cycles, other.cycles + cycles_of(bytes));
  cost.dram_bytes = std::min(cost.dram_bytes, other.dram_bytes + bytes);
  cost.energy_pj = std::min(cost.energy_pj, other.energy_pj + energy);
}

}  // namespace lanewise::mapping
