// SPDX-License-Identifier: Apache-2.0
// Every move on every shipped network, alone and together: consistent shapes, sizes by hand, and files that ONNX's own
// checker takes and that read back as they were.
#include <algorithm>
#include <filesystem>
#include <random>

#include "core/base/error.hpp"
#include "core/network/rewrite.hpp"
#include "graph_consistency.hpp"
#include "round_trip.hpp"

namespace lanewise::network::testing {
namespace {

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("models")) {
    if (entry.path().extension() == ".onnx") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string first_fault(const Graph& graph) {
  const std::vector<std::string> faults = ConsistencyCheck::faults(graph);
  return faults.empty() ? "" : faults[0];
}

class MovesOnModels : public ::testing::TestWithParam<std::string> {
 protected:
  std::string path() const { return "models/" + GetParam() + ".onnx"; }
  const Graph graph_ = import_network(path());
  const MoveSites sites_ = find_move_sites(graph_);

  bool follows(std::int64_t height, std::int64_t width) const {
    Moves moves;
    moves.input_height = height;
    moves.input_width = width;
    try {
      apply(graph_, moves);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  // A random choice of everything that the network offers.
  Moves draw(std::mt19937& random) const {
    const auto one_of = [&](auto list) { return list.begin()[random() % list.size()]; };
    Moves moves;
    for (std::size_t i = 0; i < sites_.fusions.size(); ++i) moves.fuse.push_back(random() % 2 == 0);
    for (std::size_t i = 0; i < sites_.stages.size(); ++i) {
      moves.depth_multiplier.push_back(one_of(std::initializer_list<double>{0.5, 0.75, 1, 1.25}));
    }
    moves.channel_multiple = one_of(std::initializer_list<std::int64_t>{1, 2, 8});
    for (std::size_t i = 0; i < sites_.kernels.size(); ++i) {
      moves.kernel.push_back(one_of(std::initializer_list<std::int64_t>{0, 3, 5, 7}));
    }
    for (std::size_t i = 0; i < sites_.groups.size(); ++i) {
      moves.group_channels.push_back(one_of(std::initializer_list<std::int64_t>{1, 4, 8, Moves::kStandard}));
    }
    for (const RepeatRun& run : sites_.runs) {
      moves.drop.push_back(static_cast<int>(random() % (run.repeats.size() + 1)));
    }
    const std::int64_t edge = one_of(std::initializer_list<std::int64_t>{0, 160, 192});
    if (edge > 0 && sites_.input_height > edge && follows(edge, edge)) moves.input_height = moves.input_width = edge;
    if (sites_.output_height > 0) moves.output_share = one_of(std::initializer_list<double>{1, 0.5, 0.125});
    return moves;
  }
};

TEST_P(MovesOnModels, compose_at_random) {
  std::mt19937 random(11);
  for (int i = 0; i < 3; ++i) {
    const Moves moves = draw(random);
    const Graph moved = apply(graph_, moves);
    ASSERT_EQ(first_fault(moved), "");
    ASSERT_EQ(round_trip_fault(moved, {path()}), "");
  }
}

TEST_P(MovesOnModels, none_of_them_leaves_the_network_as_it_is) {
  Moves none;
  none.kernel.assign(sites_.kernels.size(), 0);
  none.group_channels.assign(sites_.groups.size(), 1);
  none.drop.assign(sites_.runs.size(), 0);
  EXPECT_EQ(difference(apply(graph_, none), graph_), "");
  if (sites_.input_height == 0) return;
  none.input_height = sites_.input_height;
  none.input_width = sites_.input_width;
  if (!follows(none.input_height, none.input_width)) return;
  EXPECT_EQ(difference(apply(graph_, none), graph_), "");
}

TEST_P(MovesOnModels, a_kernel_costs_its_area) {
  for (std::size_t i = 0; i < sites_.kernels.size(); ++i) {
    const KernelSite& site = sites_.kernels[i];
    const Operator& op = graph_.op(site.op);
    Moves moves;
    moves.kernel.assign(sites_.kernels.size(), 0);
    moves.kernel[i] = site.kernel == 3 ? 5 : 3;
    const std::int64_t old_area = op.window.kernel[0] * op.window.kernel[1];
    const bool flat = op.window.kernel[0] == 1 || op.window.kernel[1] == 1;
    const std::int64_t new_area = flat ? moves.kernel[i] : moves.kernel[i] * moves.kernel[i];
    const Graph moved = apply(graph_, moves);
    ASSERT_EQ(first_fault(moved), "");
    EXPECT_EQ(macs(moved) - macs(graph_), macs(graph_, op) / old_area * (new_area - old_area)) << site.layer;
    EXPECT_EQ(parameters(moved) - parameters(graph_),
              graph_.tensor(op.weights[0]).elements() / old_area * (new_area - old_area));
  }
}

TEST_P(MovesOnModels, a_group_of_n_channels_costs_n_times_a_depthwise_layer) {
  for (std::size_t i = 0; i < sites_.groups.size(); ++i) {
    const GroupSite& site = sites_.groups[i];
    for (const std::int64_t wanted : {std::int64_t{2}, Moves::kStandard}) {
      if (wanted == 2 && site.channels % 2 != 0) continue;
      Moves moves;
      moves.group_channels.assign(sites_.groups.size(), 1);
      moves.group_channels[i] = wanted;
      const std::int64_t size = wanted == 2 ? 2 : site.channels;
      const Graph moved = apply(graph_, moves);
      ASSERT_EQ(first_fault(moved), "");
      EXPECT_EQ(macs(moved) - macs(graph_), macs(graph_, graph_.op(site.op)) * (size - 1)) << site.layer;
    }
  }
}

TEST_P(MovesOnModels, a_dropped_block_takes_its_own_layers_with_it) {
  for (std::size_t i = 0; i < sites_.runs.size(); ++i) {
    Moves moves;
    moves.drop.assign(sites_.runs.size(), 0);
    moves.drop[i] = static_cast<int>(sites_.runs[i].repeats.size());
    std::int64_t expected = macs(graph_);
    std::size_t operators = graph_.operators().size();
    for (const Repeat& repeat : sites_.runs[i].repeats) {
      for (const OperatorId id : repeat.operators) expected -= macs(graph_, graph_.op(id));
      operators -= repeat.operators.size();
    }
    const Graph moved = apply(graph_, moves);
    ASSERT_EQ(first_fault(moved), "");
    EXPECT_EQ(macs(moved), expected) << sites_.runs[i].name;
    EXPECT_EQ(moved.operators().size(), operators);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, MovesOnModels, ::testing::ValuesIn(shipped()),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace lanewise::network::testing
