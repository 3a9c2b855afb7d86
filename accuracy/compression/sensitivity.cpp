// SPDX-License-Identifier: Apache-2.0
// Each layer compressed alone.
#include <fmt/format.h>

#include <algorithm>

#include "accuracy/compression/compress.hpp"
#include "accuracy/compression/setting.hpp"

namespace lanewise::accuracy {

namespace {

struct Option {
  const char* form;  // as rows name it
  Precision precision;
  const char* prune;    // "": none
  const char* cluster;  // "": none
};
constexpr Option kOptions[] = {
    {"int8", Precision::kInt8, "", ""},          {"int4", Precision::kInt4, "", ""},
    {"2:4", Precision::kFp32, "2:4", ""},        {"0.5", Precision::kFp32, "0.5", ""},
    {"16 clusters", Precision::kFp32, "", "16"},
};

// What a layer's precision holds for: its weight and what is stored of what it writes, behind its activation.
network::TensorId stored_result(const network::Graph& graph, const network::Operator& op) {
  network::TensorId id = op.outputs.front();
  while (!graph.is_output(id)) {
    const network::Operator* behind =
        graph.consumers(id).size() == 1 ? &graph.op(graph.consumers(id).front()) : nullptr;
    const bool rides = behind != nullptr && (behind->kind == network::OperatorKind::kActivation ||
                                             behind->kind == network::OperatorKind::kBatchNormalization);
    if (!rides) break;
    id = behind->outputs.front();
  }
  return id;
}

CompressionPlan plan_of(const network::Graph& graph, const network::Operator& op, const Option& option) {
  std::vector<LayerForm> prune, cluster;
  if (*option.prune != '\0') prune.push_back({op.name, parse_prune(option.prune).form});
  if (*option.cluster != '\0') cluster.push_back({op.name, parse_cluster(option.cluster).form});
  const CompressionPlan all = make_plan(graph, false, prune, cluster);
  CompressionPlan plan;
  const auto found = all.weights.find(op.weights[0]);
  if (found != all.weights.end()) plan.weights[found->first] = found->second;
  if (option.precision == Precision::kFp32) return plan;
  WeightPlan weight = weight_plan(op);
  weight.precision = option.precision;
  plan.weights[op.weights[0]] = weight;
  plan.activations[stored_result(graph, op)] = option.precision;
  return plan;
}

}  // namespace

Sensitivity measure_sensitivity(const CompressionJob& job, const TrainingData& data, std::int64_t most_images,
                                const Progress& progress) {
  const CompressionSetting setting(job, data);
  const network::Graph& graph = setting.folded().graph;
  const Dataset& images = data.images.validation;
  Sensitivity out;
  out.images = std::min(most_images, images.images());
  const Progress quiet{{}, progress.stopped};
  const Measured plain = setting.measure(*setting.module(), images, out.images, quiet);
  out.loss = plain.loss;
  out.metrics = plain.metrics;
  const std::vector<std::string> names = weight_layers(graph);
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(names.size() * std::size(kOptions));
  for (const network::Operator& op : graph.operators()) {
    if (std::find(names.begin(), names.end(), op.name) == names.end()) continue;
    for (const Option& option : kOptions) {
      progress("measuring layers", done++, total);
      const CompressionPlan plan = plan_of(graph, op, option);
      if (plan.plain()) continue;  // the form does not fit this layer
      Compression compression(graph, plan, setting.calibration());
      const auto module = setting.module();
      compression.attach(*module, setting.compute());
      const Measured measured = setting.measure(*module, images, out.images, quiet);
      out.layers.push_back({op.name, option.form, measured.loss, measured.metrics});
    }
  }
  return out;
}

}  // namespace lanewise::accuracy
