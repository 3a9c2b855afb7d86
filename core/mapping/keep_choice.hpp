// SPDX-License-Identifier: Apache-2.0
// Which of the tensors that the allocator found banks for are worth them. A tensor that stays on chip takes room from
// the buffers of every subgraph of its lifetime, whose plans get worse: what it saves by itself is not what the network
// saves. Private to placement.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/allocator.hpp"
#include "core/mapping/context_costs.hpp"
#include "core/mapping/nominal_cost.hpp"
#include "core/mapping/operator_fusion.hpp"

namespace lanewise::mapping {

struct KeepChoice {
  Allocation allocation;  // the proposal without what does not pay (Outcome::kNotWorthwhile)
  // All subgraphs by the closed form: as allocated, and with every tensor in DRAM.
  NominalCost kept, through_dram;
};

// Takes tensors out of the allocator's proposal, and puts others into the room that becomes free, until no such step
// makes the network better. A tensor pays where, beside all the others, the subgraphs of its lifetime are no worse with
// it by what `mapping.plan_for` asks for, take no more energy, and, where they are slower, less. What is kept pays as a
// whole, too. Costs are those of the closed form (core/mapping/nominal_cost.hpp), with two
// exceptions where the formula's one tile may be as good in less room, and the planner's best is not: bytes that come
// again, because they do not stay, grow at least as the room shrinks, and a subgraph with output and operand in DRAM
// costs no more than with both on chip and moved once.
//
// tensors[i] has lifetimes[i]. The contexts of the drafts are neither read nor written. For engines that keep
// activations. Deterministic. Throws Error where the engine cannot run the precision of a subgraph.
KeepChoice keep_what_pays(const std::vector<SubgraphDraft>& drafts, const std::vector<network::TensorId>& tensors,
                          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                          const engine::EngineConfig& engine, Allocation proposal);

// What the choice reads of a subgraph.
struct KeepDraft {
  const SubgraphShape* shape = nullptr;
  ContextCosts::Shape number = 0;  // equal for equal shapes
  network::TensorId input = network::kNone, operand = network::kNone, output = network::kNone;
};
// Numbers the shapes in the order in which they are first met.
std::vector<KeepDraft> keep_drafts(const std::vector<SubgraphDraft>& drafts);
// The same choice with costs that are remembered from network to network: the numbers of shapes are those of `costs`.
KeepChoice keep_what_pays(const std::vector<KeepDraft>& drafts, const std::vector<network::TensorId>& tensors,
                          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                          engine::PlanGoal goal, ContextCosts& costs, Allocation proposal);

}  // namespace lanewise::mapping
