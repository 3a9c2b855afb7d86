// SPDX-License-Identifier: Apache-2.0
// A network as a libtorch module, made from the graph that is simulated.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/network/file_details.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

struct GraphModuleOptions {
  // What the file says that the graph came from, beyond the graph: numbers of weights, attributes that cost nothing.
  // Null: none, as for the networks of a space; then the usual defaults hold.
  std::shared_ptr<const network::FileDetails> file;
  // Maps lie [batch, height, width, channels] in memory, which convolutions on a CPU are faster with. Values and shapes
  // stay as they are, but for the order of some sums.
  bool channels_last = true;
};

// What a trained tensor is for its operator. Recipes decay convolutions and linear layers alone.
enum class WeightRole {
  kConvolution,  // [outputs, inputs per group, height, width]
  kLinear,       // [outputs, inputs]
  kScale,        // of a normalization
  kShift,        // of a normalization
  kBias,         // of a convolution or linear layer
  kOther,        // slopes, tables, operands of element-wise operators
};

struct Call;  // operation.hpp

class GraphModule : public torch::nn::Module {
 public:
  // A trained tensor or, of a batch normalization, a running statistic.
  struct Weight {
    network::TensorId id = network::kNone;
    std::string name;  // as registered: that of the graph, '/' in place of '.'
    WeightRole role = WeightRole::kOther;
    torch::Tensor tensor;  // shaped as in the graph, unless fewer numbers were trained: then [numbers]
    bool is_statistic = false;
  };

  // Keeps a copy of the graph. Numbers of the file are taken where it has them, everything else is initialised as
  // FM28's recipe does, with seed 0 (initialisation.hpp). Throws Error naming the first operator that cannot be
  // trained, and why.
  explicit GraphModule(const network::Graph& graph, const GraphModuleOptions& options = {});
  GraphModule(const GraphModule&) = delete;  // its steps refer to its graph; make another, and copy the weights
  GraphModule& operator=(const GraphModule&) = delete;
  const network::Graph& graph() const { return graph_; }
  const GraphModuleOptions& options() const { return options_; }

  // One tensor per input of the graph, shaped as there but for the batch, which may be any; one per output. Throws
  // Error for another shape, and where an operator mixes the batch with other dimensions and only the graph's own batch
  // runs.
  std::vector<torch::Tensor> forward(const std::vector<torch::Tensor>& inputs);

  // Called with every activation that an operator writes, in topological order; what it returns is what the operators
  // behind it read. Nothing is overwritten in place while it is set. Unset: nothing is called.
  using Observer = std::function<torch::Tensor(const network::Operator& op, network::TensorId id, torch::Tensor value)>;
  void observe(Observer observer) { observer_ = std::move(observer); }

  // Called with every weight that an operator reads, shaped as in the graph; what it returns is what the operator reads
  // and what `whole` gives, so that a written file holds it too. Gradients reach the trained tensor through it. Unset:
  // nothing is called.
  using WeightView = std::function<torch::Tensor(network::TensorId id, torch::Tensor value)>;
  void view_weights(WeightView view) { weight_view_ = std::move(view); }

  // Called with every input of the graph, on the device and in memory as operators read it. Unset: nothing is called.
  using InputView = std::function<torch::Tensor(network::TensorId id, torch::Tensor value)>;
  void view_inputs(InputView view) { input_view_ = std::move(view); }

  // In the order of the operators that read them first: trained tensors, then running statistics.
  const std::vector<Weight>& weights() const { return weights_; }
  // The trained tensor or statistic that stands for a weight of the graph. Throws std::out_of_range for another.
  torch::Tensor weight(network::TensorId id) const { return weights_[by_id_.at(id)].tensor; }
  // The same shaped as in the graph, as operators read it, also where fewer numbers were trained; constants that nobody
  // trained, too.
  torch::Tensor whole(network::TensorId id) const { return read_weight(id); }
  // Overwrites the weights whose numbers the file has, found by their names in the graph.
  void load(const network::FileDetails& file);
  // How many weights were given numbers of a file so far.
  std::size_t loaded() const { return loaded_; }

 private:
  network::Graph graph_;
  GraphModuleOptions options_;
  std::vector<Weight> weights_;
  std::map<network::TensorId, std::size_t> by_id_;
  std::map<network::TensorId, torch::Tensor> constants_;  // that nobody trained
  std::map<network::TensorId, torch::Tensor> maps_;       // which trained number stands where, of folded weights
  std::set<network::TensorId> read_as_inputs_;            // weights among the inputs of operators
  // An operator ready to run.
  struct Step {
    std::function<std::vector<torch::Tensor>(Call&)> compute;
    std::vector<network::TensorId> released;  // activations that nothing reads behind it
    bool overwrites = false;                  // its first operand may be reused for its result
    bool swaps = false;                       // of an addition whose second operand is the one that may be reused
  };
  std::vector<Step> steps_;                        // by operator
  std::vector<int> batch_axes_;                    // by tensor
  std::vector<std::vector<std::int64_t>> shapes_;  // by tensor, at batch_
  std::int64_t batch_ = 0;
  Observer observer_;
  WeightView weight_view_;
  InputView input_view_;
  std::size_t loaded_ = 0;

  void register_weights();
  void register_weight(const network::Operator& op, network::TensorId id, WeightRole role, bool is_statistic);
  void compile();
  void choose_overwriting(const network::Operator& op, Step& step) const;
  void set_batch(std::int64_t batch);
  torch::Tensor read_weight(network::TensorId id) const;
  std::vector<torch::Tensor> run(const network::Operator& op, const Step& step, std::vector<torch::Tensor>& values);
  const network::OperatorDetails* details(const network::Operator& op) const;
};

}  // namespace lanewise::accuracy
