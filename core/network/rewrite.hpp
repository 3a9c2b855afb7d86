// SPDX-License-Identifier: Apache-2.0
// Moves that rewrite a network, as an expert or a search makes them. They yield a new Graph and leave the given one as
// it is.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

// An inverted bottleneck (1x1 expansion, KxK depthwise, 1x1 projection) that may become a fused one (full KxK
// expansion, 1x1 projection).
struct FusionSite {
  std::string block;  // name of the block
  OperatorId depthwise = kNone;
};

// Channel dimensions that must stay equal, since depthwise convolutions, additions or activations tie them, form a
// channel group. The groups that work at the same resolution of feature maps form a stage and are scaled together.
struct Stage {
  std::string name;  // "stage0" for the finest resolution, "stage1" …
  std::int64_t height = 0, width = 0;
  int free_groups = 0;  // channel groups that the depth multiplier of the stage scales
};

// A convolution whose kernel may become another one; padding grows and shrinks with it, so that its map keeps its size.
struct KernelSite {
  std::string name;   // "conv7": numbered over the network's convolutions, in topological order from 0
  std::string layer;  // the operator's name
  OperatorId op = kNone;
  std::int64_t kernel = 0;  // its edge, 3, 5 or 7, along every spatial axis on which it has one
};

// A depthwise convolution that may become a grouped one or, with one group, a standard one.
struct GroupSite {
  std::string name;   // "conv7"
  std::string layer;  // the operator's name
  OperatorId op = kNone;
  std::int64_t channels = 0;
};

// A residual block of stride 1 whose output has the shape of its input: the network works without it too.
struct Repeat {
  std::string block;
  std::vector<OperatorId> operators;  // that go with it
  TensorId input = kNone;             // takes the place of `output`
  TensorId output = kNone;
};
// Such blocks in a row.
struct RepeatRun {
  std::string name;  // of the first block
  std::vector<Repeat> repeats;
};

// A place where a move might be expected that the network does not allow.
struct MoveLeftOut {
  std::string move;    // "fuse", "kernel", "groups", "drop", "input_resolution", "output_resolution"
  std::string place;   // "conv7 (/features/0/Conv)", "residual3"; "" for the whole network
  std::string reason;  // one line
};

struct MoveSites {
  std::vector<FusionSite> fusions;  // in topological order
  std::vector<Stage> stages;        // finest first
  // "NAME: reason" for each channel group that cannot change, so that none is left out silently.
  std::vector<std::string> frozen;
  std::vector<KernelSite> kernels;  // in topological order
  std::vector<GroupSite> groups;    // in topological order
  std::vector<RepeatRun> runs;      // in topological order
  // The image that the network looks at, and the map that an interpolation gives it as output; 0: it has none.
  std::int64_t input_height = 0, input_width = 0;
  std::int64_t output_height = 0, output_width = 0;
  std::vector<MoveLeftOut> left_out;
};
// Where moves may be made in a graph.
MoveSites find_move_sites(const Graph& graph);

struct Moves {
  std::vector<bool> fuse;                // one per fusion site; empty: none is fused
  std::vector<double> depth_multiplier;  // one per stage, above 0; empty: all are 1
  // In every free group, channels are rounded to the nearest multiple of this, and to at least one multiple. With 1,
  // scaled channels are only rounded to whole numbers, and a depth multiplier of 1 changes nothing.
  std::int64_t channel_multiple = 1;
  // One per kernel site: the new edge, odd; 0: as it is. Empty: all are as they are.
  std::vector<std::int64_t> kernel = {};
  // One per group site: channels of a group. 1: as it is; kStandard: one group of all. Where the channels are no
  // multiple of it, the largest divisor of the channels below. Empty: all are as they are. Nothing where the block is
  // fused.
  std::vector<std::int64_t> group_channels = {};
  static constexpr std::int64_t kStandard = 0;
  // One per run: how many of its blocks go, the last ones first. Empty: none.
  std::vector<int> drop = {};
  // The image that the network looks at; 0: as it is. Every shape is derived anew.
  std::int64_t input_height = 0, input_width = 0;
  // The edge of the output map as a share of what it would be, in (0, 1], by a smaller final interpolation.
  double output_share = 1;
};

// The graph after the moves; default moves return an equal one. Any moves compose. Throws Error where the number of
// entries does not match the sites, a number is out of range, or a shape does not follow another resolution; the
// message then names the operator and the reason.
Graph apply(const Graph& graph, const Moves& moves);

}  // namespace lanewise::network
