// SPDX-License-Identifier: Apache-2.0
// What every network of a table costs on one engine, simulated: exactly what `lanewise simulate` says of each.
//
// Networks that are the same graph but for names are simulated once. Equal subgraphs in equal contexts are simulated
// once per engine. On engines that program subgraphs ahead a network is more, or less, than the sum of its subgraphs:
// there each network is simulated as a whole, from plans that are made once per distinct subgraph.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/graph.hpp"
#include "nas/space/space.hpp"
#include "sim/planning.hpp"
#include "sim/simulate.hpp"
#include "study/dataset/engine_table.hpp"

namespace lanewise {

// All of a graph but names: operators with their attributes in order, tensors by the order in which they are met.
inline std::string structure_of(const network::Graph& graph) {
  std::string text;
  std::map<network::TensorId, std::size_t> met;
  const auto add = [&](auto number) { text += std::to_string(number) + ' '; };
  const auto add_all = [&](const auto& numbers) {
    add(numbers.size());
    for (const auto number : numbers) add(number);
  };
  const auto add_tensors = [&](const std::vector<network::TensorId>& ids) {
    add(ids.size());
    for (const network::TensorId id : ids) {
      const auto [place, fresh] = met.emplace(id, met.size());
      add(place->second);
      if (!fresh) continue;
      const network::Tensor& tensor = graph.tensor(id);
      add_all(tensor.shape);
      add(static_cast<int>(tensor.precision));
      add(static_cast<int>(tensor.role));
      add(tensor.trained.value_or(-1));
    }
  };
  add_tensors(graph.inputs());
  for (const network::Operator& op : graph.operators()) {
    add(static_cast<int>(op.kind));
    text += op.source_type + ' ';
    for (int axis = 0; axis < 2; ++axis) {
      for (const std::int64_t number : {op.window.kernel[axis], op.window.stride[axis], op.window.dilation[axis],
                                        op.window.pad_begin[axis], op.window.pad_end[axis]}) {
        add(number);
      }
    }
    add(op.groups);
    add(static_cast<int>(op.transposed));
    add(static_cast<int>(op.activation));
    add(static_cast<int>(op.elementwise));
    add_all(op.axes);
    add_all(op.offsets);
    add_all(op.steps);
    add_tensors(op.inputs);
    add_tensors(op.weights);
    add_tensors(op.outputs);
  }
  add_tensors(graph.outputs());
  return text;
}

class CellSimulator {
 public:
  explicit CellSimulator(const engine::EngineConfig& engine) : engine_(engine) {}

  // Throws Error where the engine cannot run the network.
  study::TableCell simulate(const network::Graph& graph) {
    const mapping::Partition partition = mapping::partition_with_memory(graph, engine_);
    study::TableCell cell;
    std::vector<sim::PlannedSubgraph> planned;
    for (const mapping::Subgraph& subgraph : partition.subgraphs) {
      const sim::PlannedMeasurement& known = of(subgraph);
      cell.peak_sram_bytes = std::max(cell.peak_sram_bytes, known.measurement.peak_sram.count());
      if (engine_.overlaps_subgraphs()) {
        planned.push_back({&known.plan, &subgraph});
      } else {
        add(known.measurement, cell);
      }
    }
    if (!planned.empty()) {
      for (const record::Measurement& measured : sim::simulate_sequence(planned, engine_)) add(measured, cell);
    }
    cell.latency_ms = engine_.seconds(Cycles(cell.latency_cycles)).count() * 1e3;
    return cell;
  }

  std::size_t distinct_subgraphs() const { return known_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const mapping::SubgraphIdentity& identity) const { return identity.hash(); }
  };

  static void add(const record::Measurement& measured, study::TableCell& cell) {
    cell.latency_cycles += measured.latency.count();
    cell.energy_uj += measured.energy.count() / 1e6;
    cell.dram_bytes += measured.dram_bytes().count();
  }

  const sim::PlannedMeasurement& of(const mapping::Subgraph& subgraph) {
    const mapping::SubgraphIdentity identity = mapping::identity_of(subgraph);
    const auto found = known_.find(identity);
    if (found != known_.end()) return found->second;
    return known_.emplace(identity, sim::plan_and_simulate(subgraph, engine_)).first->second;
  }

  const engine::EngineConfig& engine_;
  std::unordered_map<mapping::SubgraphIdentity, sim::PlannedMeasurement, Hash> known_;  // references stay valid
};

}  // namespace lanewise
