// SPDX-License-Identifier: Apache-2.0
// The axes of a landscape's figure, and the space of channels and depths of a network that somebody gives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "nas/neighbourhood.hpp"
#include "nas/space/space.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// The genes over which a space is shown by default.
struct AxisNames {
  std::string x, y;
};

// Of a space of stages: channels and repeats of the stage whose subgraphs take the most latency in the default network,
// among those where both are genes; the depth multiplier in the place of channels where no such stage has any, and the
// repeats of the stage that takes the most. Of moves: the depth multiplier of the stage, and the repeats of the run,
// that take the most. Throws Error where the space has no such genes, naming those that it has.
AxisNames default_axes(const nas::Space& space, MeasurementSource& source);

// The space of a network's channels and depth: every stage's channels in fine steps, every run of repeats shorter.
struct ChannelSpace {
  nas::SpaceDescription description;
  AxisNames axes;
  std::int64_t channels = 0;  // of the narrowest convolution of the stage of axes.x, which the steps are of
};
struct ChannelSpaceOptions {
  std::string x, y;                // as LandscapeOptions; "": the stage and the run that take the most latency
  std::int64_t step = 0;           // channels; 0: so many that there are some 48 values, at most 8
  double least = 0.5, most = 1.5;  // multipliers
};
// Throws Error where the network has no stage whose channels may change or no run of repeats, where options are out of
// range or name what it does not have, and where the engine cannot run it.
ChannelSpace channel_space(const network::Graph& graph, const engine::EngineConfig& engine, MeasurementSource& source,
                           const ChannelSpaceOptions& options);

// The channels of the narrowest convolution that writes maps of this size; 0: there is none.
std::int64_t narrowest_channels(const network::Graph& graph, std::int64_t height, std::int64_t width);

}  // namespace lanewise::study
