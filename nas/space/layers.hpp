// SPDX-License-Identifier: Apache-2.0
// Writes a network layer by layer. Convolutions are followed by a batch normalization, whose scale and shift count as
// parameters and which engines fold into the convolution, or have a bias where normalizations are folded already.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "nas/space/block_plan.hpp"

namespace lanewise::nas {

// What a convolution is beyond its channels.
struct LayerShape {
  Pair kernel{1, 1}, stride{1, 1}, dilation{1, 1};
  std::int64_t groups = 1;
  PaddingRule padding = PaddingRule::kSame;
};

class Layers {
 public:
  using TensorId = network::TensorId;
  Layers(std::string name, Precision activations, Precision weights, NormalizationRule normalization);

  TensorId input(const std::string& name, std::int64_t batch, std::int64_t channels, const Pair& size);
  // Convolution, normalization and, unless it is kNone, activation. Throws Error where the kernel does not fit the map
  // or the groups do not divide the channels.
  TensorId convolution(const std::string& name, TensorId from, std::int64_t channels, const LayerShape& shape,
                       network::ActivationFunction activation);
  // A convolution of 1x1 with a bias and without normalization.
  TensorId pointwise(const std::string& name, TensorId from, std::int64_t channels, bool bias = true);
  TensorId activation(const std::string& name, TensorId from, network::ActivationFunction function);
  TensorId elementwise(const std::string& name, TensorId a, TensorId b, network::ElementwiseFunction function);
  TensorId squeeze_excite(const std::string& name, TensorId from, std::int64_t squeezed,
                          network::ActivationFunction gate);
  TensorId global_average(const std::string& name, TensorId from);
  TensorId fully_connected(const std::string& name, TensorId from, std::int64_t outputs);
  TensorId reshape(const std::string& name, TensorId from, std::vector<std::int64_t> shape);
  TensorId transpose(const std::string& name, TensorId from, std::vector<std::int64_t> permutation);
  TensorId concat(const std::string& name, const std::vector<TensorId>& parts, std::int64_t axis);
  TensorId resize(const std::string& name, TensorId from, const Pair& size);  // bilinear

  const std::vector<std::int64_t>& shape(TensorId id) { return builder_.tensor(id).shape; }
  std::int64_t channels(TensorId id) { return shape(id)[1]; }
  Pair size(TensorId id) { return {shape(id)[2], shape(id)[3]}; }
  void output(TensorId id, const char* name);
  network::Graph build() { return std::move(builder_).build(); }

 private:
  TensorId add(std::string name, std::vector<std::int64_t> shape, network::TensorRole role);
  TensorId finish(network::Operator op, std::vector<std::int64_t> shape);
  TensorId bare_convolution(const std::string& name, TensorId from, std::int64_t channels, const LayerShape& shape,
                            bool bias);
  TensorId normalization(const std::string& name, TensorId from);

  network::GraphBuilder builder_;
  Precision activations_, weights_;
  NormalizationRule normalization_;
};

}  // namespace lanewise::nas
