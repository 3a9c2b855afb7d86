// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::accuracy {

using network::Graph;
using network::Operator;
using network::OperatorKind;
using network::TensorId;

namespace {

// The weight of an operator that a plan may change; kNone: it has none.
TensorId weight_of(const Graph& graph, const Operator& op) {
  const bool multiplies = op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected;
  if (!multiplies || op.weights.empty()) return network::kNone;
  const network::Tensor& weight = graph.tensor(op.weights[0]);
  return weight.parameters() == weight.elements() ? op.weights[0] : network::kNone;
}

bool only_moves(OperatorKind kind) {
  switch (kind) {
    case OperatorKind::kMaxPool:
    case OperatorKind::kGlobalMaxPool:
    case OperatorKind::kSplit:
    case OperatorKind::kSlice:
    case OperatorKind::kGather:
    case OperatorKind::kTranspose:
    case OperatorKind::kReshape:
      return true;
    default:
      return false;
  }
}

void expect_layers(const Graph& graph, const std::vector<LayerForm>& forms, const char* what) {
  const std::vector<std::string> layers = weight_layers(graph);
  for (const LayerForm& form : forms) {
    const bool found = std::any_of(layers.begin(), layers.end(),
                                   [&](const std::string& name) { return network::matches(form.layer, name); });
    if (found) continue;
    throw Error(fmt::format("network '{}': {} '{}': names no convolution and no fully connected layer", graph.name(),
                            what, form.layer));
  }
}

// Reads the network's inputs, perhaps through operators that have no weights to multiply by.
bool is_first(const Graph& graph, const Operator& op) {
  std::vector<TensorId> behind(op.inputs);
  std::set<TensorId> seen;
  while (!behind.empty()) {
    const TensorId id = behind.back();
    behind.pop_back();
    if (!seen.insert(id).second) continue;
    if (graph.tensor(id).role == network::TensorRole::kGraphInput) return true;
    const network::OperatorId producer = graph.producer(id);
    if (producer == network::kNone || weight_of(graph, graph.op(producer)) != network::kNone) continue;
    behind.insert(behind.end(), graph.op(producer).inputs.begin(), graph.op(producer).inputs.end());
  }
  return false;
}

// What the forms say of the layer; nothing where none names it and it is one that pays least for it.
network::WeightForm form_for(const std::vector<LayerForm>& forms, const std::string& layer, bool is_spared) {
  if (!is_spared) return form_of(forms, layer);
  std::vector<LayerForm> named;
  for (const LayerForm& form : forms) {
    if (form.layer != "*") named.push_back(form);
  }
  return form_of(named, layer);
}

// Names hold what would end a word of a list of precisions.
std::string as_pattern(std::string name) {
  for (char& c : name) {
    if (c == ' ' || c == '\t' || c == '#') c = '*';
  }
  return name;
}

}  // namespace

std::vector<std::string> weight_layers(const Graph& graph) {
  std::vector<std::string> layers;
  for (const Operator& op : graph.operators()) {
    if (weight_of(graph, op) != network::kNone) layers.push_back(op.name);
  }
  return layers;
}

bool is_rounded(const Graph& graph, const Operator& op, TensorId output) {
  if (only_moves(op.kind)) return false;
  const std::vector<network::OperatorId>& readers = graph.consumers(output);
  if (readers.size() != 1 || graph.is_output(output)) return true;
  const OperatorKind behind = graph.op(readers.front()).kind;
  return behind != OperatorKind::kActivation && behind != OperatorKind::kBatchNormalization;
}

WeightPlan weight_plan(const Operator& op) {
  WeightPlan plan;
  plan.layer = op.name;
  if (op.transposed) {
    // Outputs of several groups lie along both axes: all of the tensor then shares its step.
    plan.output_axis = op.groups == 1 ? 1 : -1;
    plan.input_axis = 0;
  }
  return plan;
}

CompressionPlan make_plan(const Graph& graph, bool quantises, const std::vector<LayerForm>& prune,
                          const std::vector<LayerForm>& cluster) {
  expect_layers(graph, prune, "pruning");
  expect_layers(graph, cluster, "clusters");
  CompressionPlan plan;
  for (const Operator& op : graph.operators()) {
    const TensorId id = weight_of(graph, op);
    if (id == network::kNone || plan.weights.count(id) > 0) continue;
    const network::Tensor& tensor = graph.tensor(id);
    WeightPlan weight = weight_plan(op);
    const std::int64_t inputs = op.transposed ? tensor.shape[0] / op.groups : tensor.shape[1];
    const bool is_depthwise = op.kind == OperatorKind::kConvolution && op.groups > 1 && inputs == 1;
    const bool is_spared = is_depthwise || is_first(graph, op);
    const network::WeightForm pruned = form_for(prune, op.name, is_spared);
    if (!pruned.structured() || inputs % pruned.of == 0) weight.form = pruned;
    weight.form.clusters = form_for(cluster, op.name, is_spared).clusters;
    if (quantises) weight.precision = tensor.precision;
    if (!weight.form.plain() || weight.precision != Precision::kFp32) plan.weights[id] = weight;
  }
  if (!quantises) return plan;
  for (const TensorId id : graph.inputs()) {
    if (graph.tensor(id).precision != Precision::kFp32) plan.activations[id] = graph.tensor(id).precision;
  }
  for (const Operator& op : graph.operators()) {
    for (const TensorId id : op.outputs) {
      const Precision precision = graph.tensor(id).precision;
      if (precision != Precision::kFp32 && is_rounded(graph, op, id)) plan.activations[id] = precision;
    }
  }
  return plan;
}

Checkpoint::Texts plan_texts(const Graph& graph, const CompressionPlan& plan) {
  Checkpoint::Texts texts;
  for (const auto& [id, weight] : plan.weights) {
    texts.emplace_back("compression of " + weight.layer,
                       fmt::format("{} {}", network::form_text(weight.form), to_string(weight.precision)));
  }
  for (const auto& [id, precision] : plan.activations) {
    texts.emplace_back("precision of " + graph.tensor(id).name, to_string(precision));
  }
  return texts;
}

std::string precision_lines(const Graph& graph, const CompressionPlan& plan) {
  std::string text;
  for (const TensorId id : graph.inputs()) {
    const auto found = plan.activations.find(id);
    if (found == plan.activations.end()) continue;
    text += fmt::format("{} activations={}\n", as_pattern(graph.tensor(id).name), to_string(found->second));
  }
  for (const Operator& op : graph.operators()) {
    std::string parts;
    const auto weight = op.weights.empty() ? plan.weights.end() : plan.weights.find(op.weights[0]);
    if (weight != plan.weights.end()) parts = fmt::format("weights={}", to_string(weight->second.precision));
    // What rides on a layer has the layer's precision; one that only moves has none of its own here, but keeps it.
    const Precision written = graph.tensor(op.outputs.front()).precision;
    parts += fmt::format("{}activations={}", parts.empty() ? "" : ",", to_string(written));
    text += fmt::format("{} {}\n", as_pattern(op.name), parts);
  }
  return text;
}

}  // namespace lanewise::accuracy
