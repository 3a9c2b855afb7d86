// SPDX-License-Identifier: Apache-2.0
// What is done to each weight and each activation of a network.
#pragma once

#include <torch/torch.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/compression/form_options.hpp"
#include "accuracy/training/checkpoint.hpp"
#include "core/base/precision.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

// Of one weight of a convolution or a fully connected layer.
struct WeightPlan {
  std::string layer;  // the first operator that reads it
  network::WeightForm form;
  Precision precision = Precision::kFp32;
  std::int64_t output_axis = 0, input_axis = 1;
};

struct CompressionPlan {
  std::map<network::TensorId, WeightPlan> weights;     // those that change; ids of the graph
  std::map<network::TensorId, Precision> activations;  // those that are rounded, graph inputs among them
  bool plain() const { return weights.empty() && activations.empty(); }
};

// The precisions of the graph's tensors, where `quantises`, and these forms. Biases stay as they are, as engines keep
// them at the accumulator's width. What an activation or a normalization alone reads is not rounded, as engines store
// what the latter write; nor what only moves numbers or chooses among them. Forms of all layers ("*") leave out
// depthwise convolutions, which have few weights and lose most, and layers that read the network's inputs, as the
// what-ifs of lanewise do; N:M leaves out layers whose input channels per group are no multiple of M. Throws Error
// where a form names no layer.
CompressionPlan make_plan(const network::Graph& graph, bool quantises, const std::vector<LayerForm>& prune,
                          const std::vector<LayerForm>& cluster);

// A plan of the operator's weight that leaves it as it is.
WeightPlan weight_plan(const network::Operator& op);

// The layers that have weights such a plan may change, in the order of the graph.
std::vector<std::string> weight_layers(const network::Graph& graph);
// The operator writes what an engine stores, and computes it: its result is rounded.
bool is_rounded(const network::Graph& graph, const network::Operator& op, network::TensorId output);

// The plan as text, key and value, for a checkpoint.
Checkpoint::Texts plan_texts(const network::Graph& graph, const CompressionPlan& plan);

// One line per layer and graph input whose precisions the plan sets, as --layer-precision of lanewise reads it.
std::string precision_lines(const network::Graph& graph, const CompressionPlan& plan);

}  // namespace lanewise::accuracy
