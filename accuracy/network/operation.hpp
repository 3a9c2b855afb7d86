// SPDX-License-Identifier: Apache-2.0
// What each kind of operator computes, in libtorch's functions: one row per kind.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/network/file_details.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

using Sizes = std::vector<std::int64_t>;

// One run of an operator.
struct Call {
  std::vector<torch::Tensor> inputs;
  std::vector<torch::Tensor> weights;  // shaped as in the graph
  std::vector<const Sizes*> shapes;    // of the outputs, at this batch
  bool overwrites = false;             // nothing else reads the first input, nor does its gradient: it may be reused
  bool trains = false;
};

using Compute = std::function<std::vector<torch::Tensor>(Call&)>;

// An operator, and what its file says of it.
struct Described {
  const network::Graph& graph;
  const network::Operator& op;
  const network::OperatorDetails* details;  // null: no file

  const Sizes& input_shape(std::size_t n = 0) const { return graph.tensor(op.inputs.at(n)).shape; }
  const Sizes& output_shape() const { return graph.tensor(op.outputs.at(0)).shape; }
  // An attribute of the file's node; `usual` where it has none.
  double number(const std::string& name, double usual) const;
  std::string text(const std::string& name, const std::string& usual) const;
  // Null where it is not known.
  const std::vector<double>* list(const std::string& name) const;
  bool has_number(const std::string& name) const;
  // Inputs and weights in the order of the file; the former first (or last) where nothing tells and nothing depends on
  // it.
  std::vector<torch::Tensor> operands(const Call& call, bool weights_first = false) const;
  bool knows_order() const;
  // Throws Error: "network 'n': operator 'x' (resize, from Resize) cannot be trained: RULE".
  [[noreturn]] void refuse(const std::string& rule) const;
};

// What the operator computes. The graph must outlive it. Throws Error as `refuse` does.
Compute make_operation(const Described& described);

// Conversions by group, in files of their own.
Compute make_convolution(const Described& d);
Compute make_fully_connected(const Described& d);
Compute make_matmul(const Described& d);
Compute make_batch_normalization(const Described& d);
Compute make_layer_normalization(const Described& d);
Compute make_local_response(const Described& d);
Compute make_softmax(const Described& d);
Compute make_max_pool(const Described& d);
Compute make_average_pool(const Described& d);
Compute make_global_pool(const Described& d);
Compute make_reduce(const Described& d);
Compute make_elementwise(const Described& d);
Compute make_activation(const Described& d);
Compute make_pad(const Described& d);
Compute make_concat(const Described& d);
Compute make_split(const Described& d);
Compute make_slice(const Described& d);
Compute make_gather(const Described& d);
Compute make_resize(const Described& d);
Compute make_transpose(const Described& d);
Compute make_reshape(const Described& d);

}  // namespace lanewise::accuracy
