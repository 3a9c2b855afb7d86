// SPDX-License-Identifier: Apache-2.0
// A fused network as placement reads it: subgraphs with numbered shapes that read and write numbered tensors, without
// names. Searches keep networks in this form, and place tensors in thousands of them a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/context_costs.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// A shape and what placement needs to know of it on any engine.
struct NumberedShape {
  SubgraphShape shape;
  std::int64_t row_bytes = 0;           // of one output row and the input rows that it needs, for all channels
  std::int64_t needed_input_bytes = 0;  // without the rows that no window touches
  std::int64_t output_bytes = 0, operand_bytes = 0, weight_bytes = 0;
};

// Numbers shapes in the order in which they are first seen.
class ShapeTable {
 public:
  using Number = ContextCosts::Shape;
  Number number(const SubgraphShape& shape);
  const NumberedShape& operator[](Number number) const { return shapes_[number]; }
  std::size_t size() const { return shapes_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const SubgraphIdentity& identity) const { return identity.hash(); }
  };
  std::deque<NumberedShape> shapes_;
  std::unordered_map<SubgraphIdentity, Number, Hash> numbers_;
};

struct FlatDraft {
  ShapeTable::Number shape = 0;
  std::uint32_t first_input = 0, inputs = 0;  // in FlatNetwork::inputs, the main input first
  std::int32_t operand = network::kNone, output = 0;
  bool leaves = false;  // as SubgraphDraft::leaves
};

struct FlatNetwork {
  std::vector<FlatDraft> drafts;           // in the order in which they run
  std::vector<std::int32_t> inputs;        // tensors
  std::vector<std::int64_t> tensor_bytes;  // by tensor: of the whole storage
};

// The drafts [begin, end) of `graph` in this form. `incoming`, where there is one, becomes tensor 0.
FlatNetwork flatten(const SubgraphDraft* begin, const SubgraphDraft* end, const network::Graph& graph,
                    ShapeTable& shapes, network::TensorId incoming = network::kNone);

// The contexts that place_tensors gives the same drafts, none of which is in a cascade. `costs` are the engine's, by
// the numbers of `shapes`. Throws Error as place_tensors.
void place_flat(const FlatNetwork& network, const ShapeTable& shapes, const engine::EngineConfig& engine,
                ContextCosts& costs, std::vector<SubgraphContext>& contexts);

}  // namespace lanewise::mapping
