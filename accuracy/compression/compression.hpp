// SPDX-License-Identifier: Apache-2.0
// A network whose weights and activations are what an engine would hold, in training too.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "accuracy/compression/plan.hpp"
#include "accuracy/compression/quantise.hpp"
#include "accuracy/network/graph_module.hpp"
#include "accuracy/training/module_change.hpp"

namespace lanewise::accuracy {

// How the ends of activations are found on images.
struct Calibration {
  torch::Tensor images;  // as the network reads them
  std::int64_t batch = 64;
  // Share of a batch's values, in percent, that lies below the upper end, and above the lower one; the ends are the
  // means over batches. 100: the least and the largest value of all batches, as always for inputs of the network.
  double percentile = 99.99;
  std::string identity;  // of the images
};

class Compression : public ModuleChange {
 public:
  Compression(const network::Graph& graph, CompressionPlan plan, Calibration calibration);

  // Masks and palettes from the module's weights, which become zero and equal in it; then the ends of activations, on
  // the module with its weights compressed and its activations as they are. From then on the module reads weights and
  // activations as the plan says. Masks stay, and so do which weights share a value: gradients of one cluster are
  // summed, and the step of each of its n weights is that sum over n, the gradient among weights that share values.
  void attach(GraphModule& module, const ComputeDevice& compute) override;
  Checkpoint::Texts identity() const override;

  const CompressionPlan& plan() const { return plan_; }
  const std::map<network::TensorId, ActivationRange>& ranges() const { return ranges_; }

 private:
  struct Held {
    torch::Tensor mask;      // fp32, shaped as the weight; undefined: all stay
    torch::Tensor assigned;  // int64, flat: the cluster of each, 0 that of weights that are zero; undefined: none
    torch::Tensor counts;    // fp32: weights of each cluster
  };
  CompressionPlan plan_;
  Calibration calibration_;
  Checkpoint::Texts texts_;
  std::map<network::TensorId, Held> held_;
  std::map<network::TensorId, ActivationRange> ranges_;
  std::map<network::TensorId, ActivationGrid> grids_;

  Held choose(const WeightPlan& plan, torch::Tensor weight) const;
  torch::Tensor viewed(network::TensorId id, const torch::Tensor& weight) const;
  void calibrate(GraphModule& module, const ComputeDevice& compute);
  torch::Tensor rounded(network::TensorId id, torch::Tensor value) const;
};

}  // namespace lanewise::accuracy
