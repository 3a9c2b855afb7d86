// SPDX-License-Identifier: Apache-2.0
// Scores from gradients of a network as it is initialised: jacov, NTK condition number, synflow, ZiCo. Each runs the
// module with the weights that it has. Higher is better in all of them.
#pragma once

#include <vector>

#include "accuracy/scores/probe.hpp"

namespace lanewise::accuracy {

// How alike the images are to the network: −Σ over the eigenvalues λ of the correlation of the rows of J of
// ln(λ + 1e-5) + 1/(λ + 1e-5), J = ∂Σ outputs/∂x with a row per image, in training mode. −∞ where a row is constant.
// Source: Mellor, Turner, Storkey and Crowley, Neural architecture search without training, version 1 (2020).
double jacov(GraphModule& module, const Tensors& inputs);
double jacobian_score(const torch::Tensor& rows);  // of J itself: [images, numbers]

// Θ = G·Gᵀ, [images, images], summed over weights in double precision, row i of G being ∂(Σ outputs of image
// i)/∂(weights of convolutions and linear layers). Batch normalizations are frozen: they take the statistics of the
// whole batch, as constants. In training mode the outputs of one image would depend on the others, and the sum of
// normalised numbers on nothing.
torch::Tensor neural_tangent_kernel(GraphModule& module, const Tensors& inputs);
// λ_max/λ_min of Θ; ∞ where λ_min is not above 0.
double condition_number(const torch::Tensor& kernel);

// Synaptic flow (Tanaka, Kunin, Yamins and Ganguli, 2020): without batch normalization, with |θ| in the place of every
// θ, an input of ones, in double precision, R = Σ outputs. Rectifiers and their kin count as the identity, which they
// are for what is positive; ReLU6 would clip and hard-swish bend what is but a device to count paths.
struct SynapticFlow {
  double output = 0;               // R
  std::vector<double> per_weight;  // Σ |θ ∂R/∂θ| of each convolution and linear layer, in order; R each in a chain
  double total() const;
};
// Leaves |θ| and double precision behind in the module.
SynapticFlow synaptic_flow(GraphModule& module);

// Σ over convolutions and linear layers of ln Σ over weights of E|g| / sqrt(Var g), g the gradient of the mean
// cross-entropy over one batch, E and Var over batches; weights of no variance are left out.
// Source: Li, Yang, Bhardwaj and Marculescu, ZiCo, ICLR 2023. Throws Error unless the network has one output, [batch,
// classes].
double zico(GraphModule& module, const std::vector<Tensors>& batches, const std::vector<torch::Tensor>& labels);

}  // namespace lanewise::accuracy
