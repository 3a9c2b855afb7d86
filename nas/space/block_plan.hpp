// SPDX-License-Identifier: Apache-2.0
// One network of a space's own, in numbers: every setting resolved.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/network/operator.hpp"
#include "nas/space/block_settings.hpp"

namespace lanewise::nas {

using Pair = std::array<std::int64_t, 2>;  // height, width

struct StagePlan {
  bool present = false;
  BlockType type = BlockType::kIbn;
  Pair kernel{1, 1}, stride{1, 1}, dilation{1, 1};  // the stride is the first block's
  double expansion = 1, squeeze_excite = 0, input_ratio = 1, output_ratio = 1;
  std::int64_t channels = 0, repeats = 0, groups = 1;
  network::ActivationFunction activation = network::ActivationFunction::kRelu;
  bool residual = false;  // where stride is 1 and the channels are equal
  PaddingRule padding = PaddingRule::kSame;
};

struct HeadPlan {
  HeadType type = HeadType::kNone;
  std::int64_t channels = 0, hidden = 0, classes = 0, boxes = 0, layers = 0;
  std::size_t low = 0;  // index of the stage of the finer map
  Pair output{0, 0};
  network::ActivationFunction activation = network::ActivationFunction::kRelu;
};

struct NetworkPlan {
  std::int64_t batch = 1, channels = 0;
  Pair size{1, 1};
  std::int64_t stem_channels = 0;
  Pair stem_kernel{1, 1}, stem_stride{1, 1};
  network::ActivationFunction stem_activation = network::ActivationFunction::kRelu;
  PaddingRule stem_padding = PaddingRule::kSame;
  std::vector<StagePlan> stages;  // one for each of the settings'
  HeadPlan head;
};

// Asks the resolver for what the network needs, and for nothing else. Throws Error as Resolver, and where there are
// more than kMostBlocks blocks.
NetworkPlan plan_network(const BlockSettings& settings, Resolver& resolver);

}  // namespace lanewise::nas
