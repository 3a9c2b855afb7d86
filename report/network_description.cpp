// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "core/record/csv.hpp"
#include "report/describe.hpp"
#include "report/json.hpp"
#include "report/network_moves.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string shape_text(const network::Tensor& tensor) {
  return tensor.shape.empty() ? "scalar" : fmt::format("{}", fmt::join(tensor.shape, "x"));
}

// Each weight tensor counts at the first operator that uses it, so that the operators add up to the network.
std::vector<std::int64_t> parameters_by_operator(const network::Graph& graph) {
  std::set<network::TensorId> counted;
  std::vector<std::int64_t> out;
  for (const network::Operator& op : graph.operators()) {
    std::int64_t sum = 0;
    for (const network::TensorId id : op.weights) {
      if (counted.insert(id).second) sum += graph.tensor(id).parameters();
    }
    out.push_back(sum);
  }
  return out;
}

// Names of the blocks that each operator belongs to, outermost first as recognised.
std::vector<std::vector<std::string>> blocks_by_operator(const network::Graph& graph) {
  std::vector<std::vector<std::string>> out(graph.operators().size());
  for (const network::Block& block : graph.blocks()) {
    for (const network::OperatorId id : block.operators) out[static_cast<std::size_t>(id)].push_back(block.name);
  }
  return out;
}

// What a reader wants to know of an operator beside its kind.
std::string detail(const network::Operator& op) {
  using network::OperatorKind;
  const network::Window& w = op.window;
  switch (op.kind) {
    case OperatorKind::kConvolution:
      return fmt::format("{}x{} s{}{}{}{}", w.kernel[0], w.kernel[1], w.stride[0],
                         w.dilation[0] > 1 ? fmt::format(" d{}", w.dilation[0]) : "",
                         op.groups > 1 ? fmt::format(" g{}", op.groups) : "", op.transposed ? " transposed" : "");
    case OperatorKind::kMaxPool:
    case OperatorKind::kAveragePool:
      return fmt::format("{}x{} s{}", w.kernel[0], w.kernel[1], w.stride[0]);
    case OperatorKind::kActivation:
      return network::to_string(op.activation);
    case OperatorKind::kElementwise:
      return network::to_string(op.elementwise);
    case OperatorKind::kHost:
      return op.source_type;
    default:
      return "";
  }
}

Json tensor_json(const network::Tensor& tensor) {
  return {{"name", tensor.name}, {"shape", tensor.shape}, {"precision", to_string(tensor.precision)}};
}

template <class Ids>
Json tensors_json(const network::Graph& graph, const Ids& ids) {
  Json out = Json::array();
  for (const network::TensorId id : ids) out.push_back(tensor_json(graph.tensor(id)));
  return out;
}

Json operator_json(const network::Graph& graph, const network::Operator& op, std::int64_t parameters,
                   const std::vector<std::string>& blocks) {
  return {{"name", op.name},
          {"kind", network::to_string(op.kind)},
          {"source_type", op.source_type},
          {"detail", detail(op)},
          {"inputs", tensors_json(graph, op.inputs)},
          {"weights", tensors_json(graph, op.weights)},
          {"outputs", tensors_json(graph, op.outputs)},
          {"macs", network::macs(graph, op)},
          {"parameters", parameters},
          {"blocks", blocks}};
}

Json block_json(const network::Graph& graph, const network::Block& block) {
  Json operators = Json::array();
  for (const network::OperatorId id : block.operators) operators.push_back(graph.op(id).name);
  return {{"name", block.name}, {"kind", network::to_string(block.kind)}, {"operators", operators}};
}

}  // namespace

std::string network_json(const network::Graph& graph) {
  const network::MoveSites sites = network::find_move_sites(graph);
  const std::vector<std::int64_t> parameters = parameters_by_operator(graph);
  const auto blocks = blocks_by_operator(graph);
  Json operators = Json::array();
  for (std::size_t i = 0; i < graph.operators().size(); ++i) {
    operators.push_back(operator_json(graph, graph.operators()[i], parameters[i], blocks[i]));
  }
  Json block_list = Json::array();
  for (const network::Block& block : graph.blocks()) block_list.push_back(block_json(graph, block));
  return dump({{"network", graph.name()},
               {"inputs", tensors_json(graph, graph.inputs())},
               {"outputs", tensors_json(graph, graph.outputs())},
               {"total",
                {{"operators", graph.operators().size()},
                 {"macs", network::macs(graph)},
                 {"parameters", network::parameters(graph)},
                 {"parameter_bytes", network::parameter_bytes(graph).count()},
                 {"peak_activation_bytes", network::peak_activation_bytes(graph).count()}}},
               {"blocks", block_list},
               {"operators", operators},
               {"moves", moves_json(sites)},
               {"left_out", left_out_json(sites)}});
}

std::string network_text(const network::Graph& graph) {
  const std::vector<std::int64_t> parameters = parameters_by_operator(graph);
  const auto blocks = blocks_by_operator(graph);
  Table table({{"operator", Align::kLeft},
               {"kind", Align::kLeft},
               {"detail", Align::kLeft},
               {"input", Align::kLeft},
               {"output", Align::kLeft},
               {"MACs"},
               {"parameters"},
               {"blocks", Align::kLeft}});
  for (std::size_t i = 0; i < graph.operators().size(); ++i) {
    const network::Operator& op = graph.operators()[i];
    table.add({op.name, network::to_string(op.kind), detail(op),
               op.inputs.empty() ? "" : shape_text(graph.tensor(op.inputs.front())),
               op.outputs.empty() ? "" : shape_text(graph.tensor(op.outputs.front())),
               grouped(network::macs(graph, op)), grouped(parameters[i]),
               fmt::format("{}", fmt::join(blocks[i], " "))});
  }
  std::string inputs;
  for (const network::TensorId id : graph.inputs()) {
    const network::Tensor& tensor = graph.tensor(id);
    inputs += fmt::format("{}{} {} {}", inputs.empty() ? "" : ", ", tensor.name, shape_text(tensor),
                          to_string(tensor.precision));
  }
  return fmt::format(
      "{}: {} operators, {} blocks\n\n  input             {}\n  MACs              {}\n  parameters        {} ({})\n"
      "  live activations  {} at most, untiled\n\n{}\n{}",
      graph.name(), grouped(static_cast<std::int64_t>(graph.operators().size())),
      grouped(static_cast<std::int64_t>(graph.blocks().size())), inputs, grouped(network::macs(graph)),
      grouped(network::parameters(graph)), bytes_text(network::parameter_bytes(graph).count()),
      bytes_text(network::peak_activation_bytes(graph).count()), table.text(),
      moves_text(network::find_move_sites(graph)));
}

std::string network_csv(const network::Graph& graph) {
  const std::vector<std::int64_t> parameters = parameters_by_operator(graph);
  const auto blocks = blocks_by_operator(graph);
  std::string out =
      record::csv_line({"operator", "kind", "detail", "input_shape", "output_shape", "macs", "parameters", "blocks"});
  for (std::size_t i = 0; i < graph.operators().size(); ++i) {
    const network::Operator& op = graph.operators()[i];
    out += record::csv_line({op.name, network::to_string(op.kind), detail(op),
                             op.inputs.empty() ? "" : shape_text(graph.tensor(op.inputs.front())),
                             op.outputs.empty() ? "" : shape_text(graph.tensor(op.outputs.front())),
                             fmt::format("{}", network::macs(graph, op)), fmt::format("{}", parameters[i]),
                             fmt::format("{}", fmt::join(blocks[i], " "))});
  }
  return out;
}

}  // namespace lanewise::report
