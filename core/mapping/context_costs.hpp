// SPDX-License-Identifier: Apache-2.0
// What subgraphs cost by the closed form, in every context that was asked about, remembered by the number of the shape:
// networks repeat their layers, searches ask about networks that share most of them. Private to placement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/analytical_tile.hpp"
#include "core/mapping/nominal_cost.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

class ContextCosts {
 public:
  using Shape = std::uint32_t;
  struct Cost {
    NominalCost formula;  // by the closed form
    NominalCost judged;   // by which tensors are judged
    double again = 0;     // DRAM bytes that come again, because not all that is used again stays on chip
  };

  // The engine must outlive it.
  explicit ContextCosts(const engine::EngineConfig& engine) : engine_(engine) {}
  // `shape` is what the number stands for, always the same. The reference holds until the next call. Throws Error where
  // the engine cannot run the precision.
  const Cost& of(Shape number, const SubgraphShape& shape, const SubgraphContext& context);
  std::size_t size() const { return known_.size(); }

  // From now on `forms`, which must outlive this or the next call, takes the closed forms of what is asked about for
  // the first time; nullptr: they are dropped again.
  void keep_forms(std::vector<ClosedForm>* forms);
  // One of them, or nullptr where it was not asked about since. Holds until the next call of another method.
  const ClosedForm* form(Shape number, const SubgraphContext& context) const;

 private:
  struct Entry {
    std::uint64_t key = 0;  // of shape and context
    Cost cost;
  };
  const Entry* find(std::uint64_t key) const;
  void grow();
  Cost judge(Shape number, const SubgraphShape& shape, const SubgraphContext& context, ClosedForm& form);
  void at_most_streamed(Shape number, const SubgraphShape& shape, const SubgraphContext& context, NominalCost& cost);
  double cycles_of(double dram_bytes) const { return dram_bytes / engine_.dram_bandwidth().count(); }

  const engine::EngineConfig& engine_;
  std::vector<Entry> known_;
  std::vector<ClosedForm>* forms_ = nullptr;  // of the entries from first_form_ on
  std::size_t first_form_ = 0;
  std::vector<std::uint32_t> slots_;  // open addressing with linear probing: 1 + index in known_; 0: free
};

}  // namespace lanewise::mapping
