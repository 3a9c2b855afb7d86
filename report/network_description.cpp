// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "core/network/compression.hpp"
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

// The weight that an operator's form is of; null where it has none.
const network::Tensor* formed_weight(const network::Graph& graph, const network::Operator& op) {
  return network::has_form(op) ? &graph.tensor(op.weights[0]) : nullptr;
}

struct WeightCounts {
  std::int64_t elements = 0, nonzeros = 0;
  bool plain = true;
};

// Of all layers with a form; each weight tensor counts once.
WeightCounts weight_counts(const network::Graph& graph) {
  WeightCounts counts;
  std::set<network::TensorId> counted;
  for (const network::Operator& op : graph.operators()) {
    const network::Tensor* const weight = formed_weight(graph, op);
    if (weight == nullptr || !counted.insert(op.weights[0]).second) continue;
    counts.elements += weight->elements();
    counts.nonzeros += network::nonzeros(*weight);
    counts.plain = counts.plain && weight->form.plain();
  }
  return counts;
}

std::string form_words(const network::Tensor* weight) {
  return weight == nullptr ? "" : network::to_string(weight->form);
}

Json operator_json(const network::Graph& graph, const network::Operator& op, std::int64_t parameters,
                   const std::vector<std::string>& blocks) {
  const network::Tensor* const weight = formed_weight(graph, op);
  return {{"name", op.name},
          {"kind", network::to_string(op.kind)},
          {"source_type", op.source_type},
          {"detail", detail(op)},
          {"inputs", tensors_json(graph, op.inputs)},
          {"weights", tensors_json(graph, op.weights)},
          {"outputs", tensors_json(graph, op.outputs)},
          {"macs", network::macs(graph, op)},
          {"parameters", parameters},
          {"blocks", blocks},
          {"weight_form", form_words(weight)},
          {"weight_elements", weight == nullptr ? 0 : weight->elements()},
          {"weight_nonzeros", weight == nullptr ? 0 : network::nonzeros(*weight)}};
}

Json block_json(const network::Graph& graph, const network::Block& block) {
  Json operators = Json::array();
  for (const network::OperatorId id : block.operators) operators.push_back(graph.op(id).name);
  return {{"name", block.name}, {"kind", network::to_string(block.kind)}, {"operators", operators}};
}

}  // namespace

std::string network_json(const network::Graph& graph) {
  const network::MoveSites sites = network::find_move_sites(graph);
  const WeightCounts weights = weight_counts(graph);
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
                 {"peak_activation_bytes", network::peak_activation_bytes(graph).count()},
                 {"weight_elements", weights.elements},
                 {"weight_nonzeros", weights.nonzeros}}},
               {"blocks", block_list},
               {"operators", operators},
               {"moves", moves_json(sites)},
               {"left_out", left_out_json(sites)}});
}

std::string network_text(const network::Graph& graph) {
  const std::vector<std::int64_t> parameters = parameters_by_operator(graph);
  const auto blocks = blocks_by_operator(graph);
  const WeightCounts weights = weight_counts(graph);
  std::vector<Table::Column> columns{{"operator", Align::kLeft},
                                     {"kind", Align::kLeft},
                                     {"detail", Align::kLeft},
                                     {"input", Align::kLeft},
                                     {"output", Align::kLeft},
                                     {"MACs"},
                                     {"parameters"}};
  // Columns that say "dense" in every row would say nothing.
  if (!weights.plain) columns.insert(columns.end(), {{"weights", Align::kLeft}, {"elements"}, {"not zero"}});
  columns.push_back({"blocks", Align::kLeft});
  Table table(columns);
  for (std::size_t i = 0; i < graph.operators().size(); ++i) {
    const network::Operator& op = graph.operators()[i];
    std::vector<std::string> cells{op.name,
                                   network::to_string(op.kind),
                                   detail(op),
                                   op.inputs.empty() ? "" : shape_text(graph.tensor(op.inputs.front())),
                                   op.outputs.empty() ? "" : shape_text(graph.tensor(op.outputs.front())),
                                   grouped(network::macs(graph, op)),
                                   grouped(parameters[i])};
    if (!weights.plain) {
      const network::Tensor* const weight = formed_weight(graph, op);
      cells.push_back(form_words(weight));
      cells.push_back(weight == nullptr ? "" : grouped(weight->elements()));
      cells.push_back(weight == nullptr ? "" : grouped(network::nonzeros(*weight)));
    }
    cells.push_back(fmt::format("{}", fmt::join(blocks[i], " ")));
    table.add(cells);
  }
  std::string inputs;
  for (const network::TensorId id : graph.inputs()) {
    const network::Tensor& tensor = graph.tensor(id);
    inputs += fmt::format("{}{} {} {}", inputs.empty() ? "" : ", ", tensor.name, shape_text(tensor),
                          to_string(tensor.precision));
  }
  const std::string sparse = weights.plain ? ""
                                           : fmt::format("  weights           {} of layers, {} of them not zero\n",
                                                         grouped(weights.elements), grouped(weights.nonzeros));
  return fmt::format(
      "{}: {} operators, {} blocks\n\n  input             {}\n  MACs              {}\n  parameters        {} ({})\n{}"
      "  live activations  {} at most, untiled\n\n{}\n{}",
      graph.name(), grouped(static_cast<std::int64_t>(graph.operators().size())),
      grouped(static_cast<std::int64_t>(graph.blocks().size())), inputs, grouped(network::macs(graph)),
      grouped(network::parameters(graph)), bytes_text(network::parameter_bytes(graph).count()), sparse,
      bytes_text(network::peak_activation_bytes(graph).count()), table.text(),
      moves_text(network::find_move_sites(graph)));
}

std::string network_csv(const network::Graph& graph) {
  const std::vector<std::int64_t> parameters = parameters_by_operator(graph);
  const auto blocks = blocks_by_operator(graph);
  std::string out = record::csv_line({"operator", "kind", "detail", "input_shape", "output_shape", "macs", "parameters",
                                      "blocks", "weight_form", "weight_elements", "weight_nonzeros"});
  for (std::size_t i = 0; i < graph.operators().size(); ++i) {
    const network::Operator& op = graph.operators()[i];
    const network::Tensor* const weight = formed_weight(graph, op);
    out += record::csv_line({op.name, network::to_string(op.kind), detail(op),
                             op.inputs.empty() ? "" : shape_text(graph.tensor(op.inputs.front())),
                             op.outputs.empty() ? "" : shape_text(graph.tensor(op.outputs.front())),
                             fmt::format("{}", network::macs(graph, op)), fmt::format("{}", parameters[i]),
                             fmt::format("{}", fmt::join(blocks[i], " ")), form_words(weight),
                             fmt::format("{}", weight == nullptr ? 0 : weight->elements()),
                             fmt::format("{}", weight == nullptr ? 0 : network::nonzeros(*weight))});
  }
  return out;
}

}  // namespace lanewise::report
