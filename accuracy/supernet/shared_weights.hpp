// SPDX-License-Identifier: Apache-2.0
// The weights that the networks of a space share: one tensor for each place, of which each network takes a slice.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "accuracy/network/graph_module.hpp"
#include "accuracy/supernet/supernet_space.hpp"
#include "accuracy/training/checkpoint.hpp"

namespace lanewise::accuracy {

// The part of a shared tensor that a network of this shape has, as a view: the first channels, and of kernels (axes 2
// and on) the centre, where an odd rest is larger behind it. No axis of `shape` may be longer than the tensor's.
torch::Tensor slice_of(const torch::Tensor& whole, const std::vector<std::int64_t>& shape);

// A network that runs on copies of slices. Its statistics are its own, with mean 0 and variance 1.
struct SharedNetwork {
  struct Weight {
    std::string place;
    torch::Tensor tensor;  // a leaf that gradients come to
    bool is_decayed = false;
  };
  std::unique_ptr<GraphModule> module;
  std::vector<Weight> weights;
};

class SharedWeights {
 public:
  // The space must outlive it.
  SharedWeights(const SupernetSpace& space, std::uint64_t seed);
  // The network with copies of its slices. Throws Error naming a weight that is larger than any that was found in the
  // space. May be called by several threads at once.
  SharedNetwork network(const nas::Genotype& genotype);
  // The tensor of a place, made with first values by seed and place where nobody has asked for it before.
  torch::Tensor whole(const std::string& place);
  // What was asked for so far, by place.
  const std::map<std::string, torch::Tensor>& tensors() const { return tensors_; }

  // Named by their places.
  std::vector<Checkpoint::Array> arrays() const;
  // Throws Error naming `path` where a place or its shape is none of the space.
  void load(const std::string& path, const std::vector<Checkpoint::Array>& arrays);

 private:
  struct Largest {
    std::vector<std::int64_t> shape;
    WeightRole role = WeightRole::kOther;
  };
  void measure(const nas::Genotype& genotype);

  const SupernetSpace& space_;
  std::uint64_t seed_;
  std::map<std::string, Largest> largest_;  // by place, without what apart genes add
  std::map<std::string, torch::Tensor> tensors_;
  std::mutex mutex_;
};

}  // namespace lanewise::accuracy
