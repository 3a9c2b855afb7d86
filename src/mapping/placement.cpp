// SPDX-License-Identifier: Apache-2.0
#include "mapping/placement.hpp"

#include <algorithm>

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::kNone;
using network::TensorId;

struct Life {
  TensorId tensor = kNone;
  std::size_t begin = 0, end = 0;  // first and last pass that needs the tensor
  std::int64_t banks = 0;
};

// Bytes of double-buffered tiles of one output row (all channels) for everything that the pass streams, were none of
// its tensors on chip. Reserving for the worst case keeps the choice for one tensor apart from that for another.
std::int64_t streaming_banks(const PassShape& shape, const engine::EngineConfig& engine) {
  const PassShape::Range rows = shape.input_range(0, 0, 1);
  const std::int64_t row_bytes =
      shape.input_bytes().count() / (shape.batch * shape.in_height) * std::max<std::int64_t>(1, rows.size()) +
      (shape.output_bytes().count() + shape.operand_bytes().count()) / (shape.batch * shape.out_height);
  const std::int64_t wanted = ceil_div(2 * row_bytes, engine.memory.bank_size.count()) + 1;
  return std::min(wanted, std::max<std::int64_t>(1, engine.memory.activation_banks / 2));
}

std::vector<Life> lives(const std::vector<Pass>& passes, const Graph& graph, const engine::EngineConfig& engine) {
  std::vector<Life> by_tensor(graph.tensors().size());
  std::vector<bool> stays_out(graph.tensors().size(), false);
  for (const TensorId input : graph.inputs()) stays_out[static_cast<std::size_t>(input)] = true;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const Pass& pass = passes[i];
    // A concatenation has several writers, and is there from the first on.
    Life& written = by_tensor[static_cast<std::size_t>(pass.output)];
    const network::Tensor& whole = graph.tensor(pass.output);
    const std::int64_t bytes =
        std::max(packed_bytes(whole.elements(), whole.precision).count(), pass.subgraph.shape.output_bytes().count());
    if (written.tensor == kNone) written = {pass.output, i, i, 0};
    written.banks = std::max(written.banks, ceil_div(bytes, engine.memory.bank_size.count()));
    const bool on_host = pass.subgraph.shape.family == PassFamily::kHost;
    if (pass.leaves || on_host) stays_out[static_cast<std::size_t>(pass.output)] = true;
    const auto read = [&](TensorId tensor) { by_tensor[static_cast<std::size_t>(tensor)].end = i; };
    for (const TensorId input : pass.inputs) read(input);
    if (pass.operand != kNone) read(pass.operand);
    // Gathered from several tensors, fetched into the weight buffer, or read by the host: always by way of DRAM.
    const bool gathers = pass.inputs.size() > 1 || on_host;
    if (gathers) {
      for (const TensorId input : pass.inputs) stays_out[static_cast<std::size_t>(input)] = true;
    }
    if (pass.operand != kNone && pass.subgraph.shape.operand != FusedOperand::kTensor) {
      stays_out[static_cast<std::size_t>(pass.operand)] = true;
    }
  }
  std::vector<Life> candidates;
  for (const Life& life : by_tensor) {
    if (life.tensor != kNone && !stays_out[static_cast<std::size_t>(life.tensor)] && life.end > life.begin) {
      candidates.push_back(life);
    }
  }
  return candidates;
}

}  // namespace

void place_tensors(std::vector<Pass>& passes, const Graph& graph, const engine::EngineConfig& engine) {
  std::vector<Life> candidates = lives(passes, graph, engine);
  std::stable_sort(candidates.begin(), candidates.end(), [](const Life& a, const Life& b) {
    return a.end - a.begin != b.end - b.begin ? a.end - a.begin < b.end - b.begin : a.begin < b.begin;
  });
  std::vector<std::int64_t> room(passes.size());
  for (std::size_t i = 0; i < passes.size(); ++i) {
    room[i] = engine.memory.activation_banks - streaming_banks(passes[i].subgraph.shape, engine);
  }
  std::vector<bool> on_chip(graph.tensors().size(), false);
  for (const Life& life : candidates) {
    const auto first = room.begin() + static_cast<std::ptrdiff_t>(life.begin);
    const auto last = room.begin() + static_cast<std::ptrdiff_t>(life.end) + 1;
    if (std::any_of(first, last, [&](std::int64_t banks) { return banks < life.banks; })) continue;
    std::for_each(first, last, [&](std::int64_t& banks) { banks -= life.banks; });
    on_chip[static_cast<std::size_t>(life.tensor)] = true;
  }
  for (std::size_t i = 0; i < passes.size(); ++i) {
    Pass& pass = passes[i];
    PassContext& context = pass.subgraph.context;
    const auto is_on_chip = [&](TensorId tensor) {
      return tensor != kNone && on_chip[static_cast<std::size_t>(tensor)];
    };
    context.input_on_chip = is_on_chip(pass.inputs[0]);
    context.operand_on_chip = is_on_chip(pass.operand);
    context.output_on_chip = is_on_chip(pass.output);
    context.resident_banks = engine.memory.activation_banks - streaming_banks(pass.subgraph.shape, engine) - room[i];
  }
}

}  // namespace lanewise::mapping
