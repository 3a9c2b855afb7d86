// SPDX-License-Identifier: Apache-2.0
// Real images for scores, as large as each network's input.
#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

class ScoreImages {
 public:
  // `spec` as load_dataset's; "": there are none.
  ScoreImages(std::string spec, std::string fashion_mnist_folder);
  bool there_are() const { return !spec_.empty(); }

  struct Batch {
    torch::Tensor pixels;  // [count, channels, height, width], normalised
    torch::Tensor labels;  // [count]; undefined where the images have none
  };
  // `count` training images, drawn by `seed`, for the network's one input. May be called from several threads. Throws
  // Error as load_dataset, for a network whose input is no image, and where there are not so many images.
  Batch take(const network::Graph& graph, std::int64_t count, std::uint64_t seed);

 private:
  struct Images {
    Dataset train;
    Normalisation normalisation;
  };
  const Images& images(std::int64_t channels, std::int64_t height, std::int64_t width);

  std::string spec_, fashion_mnist_folder_;
  std::mutex guard_;
  std::map<std::vector<std::int64_t>, std::unique_ptr<Images>> loaded_;  // by size
};

}  // namespace lanewise::accuracy
