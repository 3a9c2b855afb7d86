// SPDX-License-Identifier: Apache-2.0
// What a network is trained towards, and how good it is at it: one Objective per task, a table of them.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "accuracy/training/metric.hpp"
#include "accuracy/training/recipe.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

// Takes in the outputs of a whole split, batch by batch and in order, in evaluation mode.
class Evaluation {
 public:
  virtual ~Evaluation() = default;
  // `outputs` as the network gives them, fp32 and on the CPU; `batch` holds these images and what is true of them.
  virtual void add(const std::vector<torch::Tensor>& outputs, const Dataset& batch) = 0;
  // Of all images added, the main one first. Every call gives the same names in the same order.
  virtual std::vector<Metric> metrics() = 0;
};

class Objective {
 public:
  virtual ~Objective() = default;
  // What `loss` needs of these images, on the CPU; the loop moves it to the device. `batch` is what augmentation made:
  // pixels, labels, boxes and masks belong together.
  virtual std::vector<torch::Tensor> targets(const Dataset& batch) const = 0;
  // A scalar to be minimised, the mean over the batch, from the network's outputs and `targets`.
  virtual torch::Tensor loss(const std::vector<torch::Tensor>& outputs,
                             const std::vector<torch::Tensor>& targets) const = 0;
  virtual std::unique_ptr<Evaluation> evaluation() const = 0;
  // The main metric's name, as results say what weights were chosen by.
  virtual std::string main_metric() const { return "main metric"; }
  // Called once before training and never where weights are read back: what the task asks of weights that differ from
  // how the network was initialised, such as a bias of its class scores. Weights are those of `weight(TensorId)`.
  virtual void initialise(const network::Graph&, const std::function<torch::Tensor(network::TensorId)>&) const {}
};

// The objective of a task. `graph` is the network, whose outputs must fit the task and the classes of `data`; throws
// Error naming the network, the output, its shape and what is needed.
struct ObjectiveKind {
  Task task;
  std::unique_ptr<Objective> (*make)(const network::Graph& graph, const Dataset& data, const Recipe& recipe);
};
const std::vector<ObjectiveKind>& objective_kinds();
std::unique_ptr<Objective> make_objective(const network::Graph& graph, const Dataset& data, const Recipe& recipe);

// Of the table.
std::unique_ptr<Objective> make_classification(const network::Graph& graph, const Dataset& data, const Recipe& recipe);

}  // namespace lanewise::accuracy
