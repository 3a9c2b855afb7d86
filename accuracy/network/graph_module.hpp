// SPDX-License-Identifier: Apache-2.0
// A network as a libtorch module, made from the graph that is simulated.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::accuracy {

class GraphModule : public torch::nn::Module {
 public:
  // Keeps a copy of the graph. Throws Error naming the first operator that cannot be trained, and why.
  explicit GraphModule(const network::Graph& graph);
  const network::Graph& graph() const { return graph_; }

  // One tensor per input of the graph, shaped as there but for the batch, which may be any; one per output.
  std::vector<torch::Tensor> forward(const std::vector<torch::Tensor>& inputs);

  // Called with every activation that an operator writes, in topological order; what it returns is what the operators
  // behind it read. Unset: nothing is called.
  using Observer = std::function<torch::Tensor(const network::Operator& op, network::TensorId id, torch::Tensor value)>;
  void observe(Observer observer) { observer_ = std::move(observer); }

  // The trained tensor that stands for a weight of the graph: a registered parameter, shaped as in the graph.
  torch::Tensor weight(network::TensorId id) const { return weights_.at(id); }

 private:
  network::Graph graph_;
  std::map<network::TensorId, torch::Tensor> weights_;
  Observer observer_;
};

}  // namespace lanewise::accuracy
