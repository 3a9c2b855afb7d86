// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/mapping/nominal_cost.hpp"
#include "core/network/import.hpp"

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::GraphBuilder;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;

engine::EngineConfig engine_of(const char* name, const std::vector<engine::Override>& overrides = {}) {
  return engine::load_engine("hwconfigs/" + std::string(name) + ".yaml", overrides).config;
}

// Builds small networks by hand: every tensor is 1 x channels x size x size.
class Sketch {
 public:
  TensorId input(std::int64_t channels, std::int64_t size) {
    const TensorId id = tensor(channels, size, TensorRole::kGraphInput);
    builder_.mark_input(id);
    return id;
  }
  TensorId convolution(TensorId in, std::int64_t channels, std::int64_t size, std::int64_t kernel = 1) {
    Operator op = named("conv", OperatorKind::kConvolution, {in});
    op.window.kernel[0] = op.window.kernel[1] = kernel;
    op.window.pad_begin[0] = op.window.pad_begin[1] = op.window.pad_end[0] = op.window.pad_end[1] = kernel / 2;
    const std::int64_t in_channels = builder_.tensor(in).shape[1];
    op.weights = {weight({channels, in_channels, kernel, kernel})};
    return finish(op, channels, size);
  }
  TensorId relu(TensorId in) {
    Operator op = named("relu", OperatorKind::kActivation, {in});
    op.activation = network::ActivationFunction::kRelu;
    return like(op, in);
  }
  TensorId add(TensorId a, TensorId b) { return like(named("add", OperatorKind::kElementwise, {a, b}), a); }
  TensorId max_pool(TensorId in, std::int64_t size) {
    Operator op = named("pool", OperatorKind::kMaxPool, {in});
    for (int axis = 0; axis < 2; ++axis) op.window.kernel[axis] = op.window.stride[axis] = 2;
    return finish(op, builder_.tensor(in).shape[1], size);
  }
  TensorId reshape(TensorId in) { return like(named("reshape", OperatorKind::kReshape, {in}), in); }
  TensorId concat(TensorId a, TensorId b) {
    Operator op = named("concat", OperatorKind::kConcat, {a, b});
    op.axes = {1};
    return finish(op, builder_.tensor(a).shape[1] + builder_.tensor(b).shape[1], builder_.tensor(a).shape[2]);
  }
  void also_output(TensorId id) { builder_.mark_output(id); }
  TensorId slice(TensorId in, std::int64_t axis, std::int64_t offset, std::int64_t size, std::int64_t step) {
    Operator op = named("slice", OperatorKind::kSlice, {in});
    op.axes = {axis};
    op.offsets = {offset};
    op.steps = {step};
    const std::vector<std::int64_t>& from = builder_.tensor(in).shape;
    std::vector<std::int64_t> shape = from;
    shape[static_cast<std::size_t>(axis)] = size;
    op.outputs = {
        builder_.add_tensor({"t" + std::to_string(count_++), shape, Precision::kInt8, TensorRole::kActivation})};
    builder_.add_operator(op);
    return op.outputs[0];
  }
  Graph output(TensorId id) {
    builder_.mark_output(id);
    return std::move(builder_).build();
  }

 private:
  Operator named(const char* name, OperatorKind kind, std::vector<TensorId> inputs) {
    Operator op;
    op.name = std::string(name) + std::to_string(count_++);
    op.kind = kind;
    op.source_type = name;
    op.inputs = std::move(inputs);
    return op;
  }
  TensorId tensor(std::int64_t channels, std::int64_t size, TensorRole role) {
    return builder_.add_tensor({"t" + std::to_string(count_++), {1, channels, size, size}, Precision::kInt8, role});
  }
  TensorId weight(std::vector<std::int64_t> shape) {
    return builder_.add_tensor(
        {"w" + std::to_string(count_++), std::move(shape), Precision::kInt8, TensorRole::kWeight});
  }
  TensorId finish(Operator op, std::int64_t channels, std::int64_t size) {
    op.outputs = {tensor(channels, size, TensorRole::kActivation)};
    builder_.add_operator(op);
    return op.outputs[0];
  }
  TensorId like(Operator op, TensorId in) {
    return finish(std::move(op), builder_.tensor(in).shape[1], builder_.tensor(in).shape[2]);
  }

  GraphBuilder builder_{"sketch"};
  int count_ = 0;
};

TEST(Partition, a_residual_rides_on_the_convolution_before_it) {
  Sketch s;
  const TensorId x = s.relu(s.convolution(s.input(16, 8), 16, 8));
  const TensorId y = s.convolution(x, 16, 8, 3);
  const std::vector<Subgraph> subgraphs = partition(s.output(s.relu(s.add(y, x))), engine_of("ne-256"));
  ASSERT_EQ(subgraphs.size(), 2u);
  EXPECT_EQ(subgraphs[1].operators.size(), 3u);
  EXPECT_EQ(subgraphs[1].shape.operand, FusedOperand::kTensor);
  EXPECT_EQ(subgraphs[1].shape.activation, network::ActivationFunction::kRelu);
  EXPECT_EQ(subgraphs[1].shape.operand_bytes().count(), 16 * 64);
}

TEST(Partition, an_operand_that_is_not_there_yet_is_not_fused) {
  // Both sides of the addition are convolutions: the first runs alone, the second takes the addition along.
  Sketch s;
  const TensorId x = s.input(16, 8);
  const TensorId a = s.convolution(x, 16, 8, 3);
  const TensorId b = s.convolution(x, 16, 8, 1);
  const std::vector<Subgraph> subgraphs = partition(s.output(s.add(a, b)), engine_of("ne-256"));
  ASSERT_EQ(subgraphs.size(), 2u);
  EXPECT_EQ(subgraphs[0].operators.size(), 1u);
  EXPECT_EQ(subgraphs[1].operators.size(), 2u);
}

TEST(Partition, engines_without_fusion_run_the_parts_one_by_one) {
  const auto graph = [] {
    Sketch s;
    const TensorId x = s.convolution(s.input(16, 8), 16, 8);
    return s.output(s.max_pool(s.add(s.convolution(x, 16, 8, 3), x), 4));
  };
  EXPECT_EQ(partition(graph(), engine_of("ne-256")).size(), 3u);  // a pooling behind an operand runs apart
  const auto without = engine_of("ne-256", {{"post_processing.fused_elementwise", "false"}});
  EXPECT_EQ(partition(graph(), without).size(), 4u);
}

TEST(Partition, pooling_is_fused_where_the_engine_can) {
  const auto graph = [] {
    Sketch s;
    return s.output(s.max_pool(s.relu(s.convolution(s.input(16, 8), 16, 8, 3)), 4));
  };
  const std::vector<Subgraph> fused = partition(graph(), engine_of("ne-256"));
  ASSERT_EQ(fused.size(), 1u);
  EXPECT_TRUE(fused[0].shape.pooled);
  EXPECT_EQ(fused[0].shape.conv_height(), 8);
  const std::vector<Subgraph> apart =
      partition(graph(), engine_of("ne-256", {{"post_processing.fused_pooling", "false"}}));
  ASSERT_EQ(apart.size(), 2u);
  EXPECT_EQ(apart[1].shape.family, SubgraphFamily::kPooling);
}

TEST(Partition, a_tensor_that_others_read_too_ends_the_subgraph) {
  Sketch s;
  const TensorId x = s.convolution(s.input(16, 8), 16, 8);
  const TensorId y = s.relu(x);
  const std::vector<Subgraph> subgraphs = partition(s.output(s.concat(x, y)), engine_of("ne-256"));
  ASSERT_EQ(subgraphs.size(), 2u);  // each writes its half of the concatenation
  EXPECT_EQ(subgraphs[0].operators.size(), 1u);
  EXPECT_EQ(subgraphs[1].operators, (std::vector<std::string>{"relu4", "concat6"}));
}

TEST(Partition, parts_are_written_in_place_where_surfaces_begin) {
  // 16 lanes: of 24 + 16 channels neither part is whole surfaces, of 16 + 24 both begin at one.
  const auto graph = [](std::int64_t first, std::int64_t second) {
    Sketch s;
    const TensorId x = s.input(16, 8);
    const TensorId a = s.convolution(x, first, 8);
    const TensorId b = s.convolution(x, second, 8);
    return s.output(s.convolution(s.concat(a, b), 16, 8));
  };
  const engine::EngineConfig engine = engine_of("ne-256");
  const std::vector<Subgraph> copied = partition(graph(24, 16), engine);
  ASSERT_EQ(copied.size(), 4u);
  EXPECT_EQ(copied[2].shape.family, SubgraphFamily::kMove);
  EXPECT_EQ(copied[2].shape.input_bytes().count(), 40 * 64);
  const std::vector<Subgraph> placed = partition(graph(16, 24), engine);
  ASSERT_EQ(placed.size(), 3u);
  EXPECT_EQ(placed[0].output, placed[1].output);
  EXPECT_EQ(placed[2].inputs, std::vector<std::string>{placed[0].output});
  EXPECT_EQ(placed[2].shape.in_channels, 40);
  // 32 lanes: the second half begins within a surface.
  EXPECT_EQ(partition(graph(16, 24), engine_of("ne-256", {{"engine.dot_product_lanes", "32"}})).size(), 4u);
}

TEST(Partition, a_part_that_has_another_home_is_copied_alone) {
  // The network's input is one part: it stays where it is, and only it is copied.
  Sketch s;
  const TensorId x = s.input(16, 8);
  const std::vector<Subgraph> subgraphs =
      partition(s.output(s.concat(x, s.convolution(x, 32, 8))), engine_of("ne-256"));
  ASSERT_EQ(subgraphs.size(), 2u);
  EXPECT_EQ(subgraphs[0].shape.family, SubgraphFamily::kConvolution);
  EXPECT_EQ(subgraphs[1].shape.family, SubgraphFamily::kMove);
  EXPECT_EQ(subgraphs[1].shape.output_bytes().count(), 16 * 64);
  EXPECT_FALSE(subgraphs[0].context.output_on_chip) << "a part of the network's output";
}

TEST(Partition, slices_of_whole_surfaces_or_rows_cost_nothing) {
  const auto subgraphs_of = [](std::int64_t axis, std::int64_t offset, std::int64_t size, std::int64_t step = 1) {
    Sketch s;
    const TensorId x = s.convolution(s.input(16, 8), 64, 8);
    const TensorId part = s.slice(x, axis, offset, size, step);
    return partition(s.output(s.convolution(part, 16, axis == 2 ? size : 8)), engine_of("ne-256")).size();
  };
  EXPECT_EQ(subgraphs_of(1, 16, 32), 2u);
  EXPECT_EQ(subgraphs_of(1, 48, 16), 2u);
  EXPECT_EQ(subgraphs_of(1, 8, 16), 3u);     // begins within a surface
  EXPECT_EQ(subgraphs_of(1, 16, 24), 3u);    // ends within one, and it is not the last
  EXPECT_EQ(subgraphs_of(2, 3, 4), 2u);      // rows: one run in each surface
  EXPECT_EQ(subgraphs_of(1, 0, 32, 2), 3u);  // every second channel
}

TEST(Partition, reshapes_cost_nothing) {
  Sketch s;
  const TensorId x = s.reshape(s.convolution(s.input(16, 8), 16, 8));
  const std::vector<Subgraph> subgraphs = partition(s.output(s.convolution(x, 8, 8)), engine_of("ne-256"));
  ASSERT_EQ(subgraphs.size(), 2u);
  EXPECT_TRUE(subgraphs[1].context.input_on_chip) << "a view of a tensor on chip is on chip";
}

// What the subgraphs of a network say about where tensors live must fit together, and fit the banks.
void expect_sound_placement(const Partition& partition, const Graph& graph, const engine::EngineConfig& engine) {
  const MemoryMap& memory = partition.memory;
  const std::vector<Subgraph>& subgraphs = partition.subgraphs;
  ASSERT_EQ(memory.subgraphs.size(), subgraphs.size());
  std::map<std::string, const PlacedTensor*> by_name;
  std::int64_t own_transfers = 0;
  for (const PlacedTensor& t : memory.tensors) {
    by_name[t.name] = &t;
    if (t.residence != Residence::kOnChip) continue;
    own_transfers += t.dram.count();
    EXPECT_LT(t.first_subgraph, t.last_subgraph) << t.name;
    EXPECT_EQ(t.banks, ceil_div(t.bytes.count(), engine.memory.bank_size.count())) << t.name;
    EXPECT_GE(t.first_bank, 0) << t.name;
    for (std::size_t subgraph = t.first_subgraph; subgraph <= t.last_subgraph; ++subgraph) {
      EXPECT_LE(t.first_bank + t.banks, engine.memory.activation_banks - memory.subgraphs[subgraph].streaming)
          << t.name;
    }
    for (const PlacedTensor& other : memory.tensors) {
      if (&other == &t || other.residence != Residence::kOnChip) continue;
      const bool same_time = t.first_subgraph <= other.last_subgraph && other.first_subgraph <= t.last_subgraph;
      const bool same_banks =
          t.first_bank < other.first_bank + other.banks && other.first_bank < t.first_bank + t.banks;
      EXPECT_FALSE(same_time && same_banks) << t.name << " and " << other.name;
    }
  }
  EXPECT_EQ(own_transfers, memory.own_transfers.count());
  EXPECT_LE(memory.own_transfers, memory.saved_bound);
  for (std::size_t i = 0; i < subgraphs.size(); ++i) {
    const Subgraph& subgraph = subgraphs[i];
    const SubgraphContext& c = subgraph.context;
    const auto tensor = [&](const std::string& name) -> const PlacedTensor& { return *by_name.at(name); };
    const auto on_chip = [&](const std::string& name) { return tensor(name).residence == Residence::kOnChip; };
    std::int64_t live = 0;
    for (const PlacedTensor& t : memory.tensors) {
      const bool here = t.first_subgraph <= i && i <= t.last_subgraph;
      if (here && t.residence == Residence::kOnChip) live += t.banks;
    }
    EXPECT_EQ(c.resident_banks, live) << subgraph.name;
    EXPECT_LT(c.resident_banks, engine.memory.activation_banks) << subgraph.name;
    EXPECT_EQ(c.output_on_chip, on_chip(subgraph.output)) << subgraph.name;
    // Several subgraphs may write parts of one storage.
    const auto first_writer = std::find_if(subgraphs.begin(), subgraphs.end(),
                                           [&](const Subgraph& other) { return other.output == subgraph.output; });
    EXPECT_EQ(tensor(subgraph.output).first_subgraph, static_cast<std::size_t>(first_writer - subgraphs.begin()))
        << subgraph.name << ": lives from its first writer";
    if (on_chip(subgraph.output)) {
      EXPECT_GE(tensor(subgraph.output).last_subgraph, i) << subgraph.name << ": lives at least to its last writer";
    }
    for (const std::string& input : subgraph.inputs) {
      EXPECT_GE(tensor(input).last_subgraph, i) << subgraph.name << ": lives to its last reader";
    }
    EXPECT_EQ(c.input_on_chip, on_chip(subgraph.inputs[0])) << subgraph.name;
    // All of a gather, or nothing of it; an operand has a flag of its own.
    const std::size_t gathered =
        subgraph.inputs.size() - (subgraph.shape.operand != FusedOperand::kNone && subgraph.inputs.size() > 1 ? 1 : 0);
    for (std::size_t input = 1; input < gathered; ++input) {
      EXPECT_EQ(on_chip(subgraph.inputs[input]), c.input_on_chip) << subgraph.name;
    }
    EXPECT_EQ(memory.subgraphs[i].kept, live);
    EXPECT_EQ(memory.subgraphs[i].kept + memory.subgraphs[i].free + memory.subgraphs[i].streaming,
              engine.memory.activation_banks);
    EXPECT_LE(memory.subgraphs[i].largest_hole, memory.subgraphs[i].free);
  }
  for (const TensorId output : graph.outputs()) {
    const auto found = by_name.find(graph.tensor(output).name);
    if (found == by_name.end()) continue;
    EXPECT_NE(found->second->residence, Residence::kOnChip) << "outputs leave the chip";
  }
  EXPECT_FALSE(subgraphs.front().context.input_on_chip);
}

NominalCost sum_of(const std::vector<Subgraph>& subgraphs, const engine::EngineConfig& engine) {
  NominalCost sum;
  for (const Subgraph& subgraph : subgraphs) sum += nominal_cost(subgraph, engine);
  return sum;
}

engine::EngineConfig through_dram_on(const engine::EngineConfig& engine) {
  return engine::with_overrides(engine, {{"memory.keep_activations", "false"}});
}

TEST(Partition, placement_is_sound_for_every_model_and_engine) {
  double own_of_bound = 0;
  int pairs = 0;
  for (const auto& model : std::filesystem::directory_iterator("models")) {
    if (model.path().extension() != ".onnx") continue;
    const Graph graph = network::import_network(model.path().string());
    for (const char* name : {"ne-64", "ne-256", "ne-512", "ne-1024", "ne-2048", "ne-4096"}) {
      const engine::EngineConfig engine = engine_of(name);
      const Partition whole = partition_with_memory(graph, engine);
      const std::vector<Subgraph>& subgraphs = whole.subgraphs;
      expect_sound_placement(whole, graph, engine);
      const NominalCost through_dram = sum_of(partition(graph, through_dram_on(engine)), engine);
      EXPECT_NEAR(through_dram.dram_bytes - sum_of(subgraphs, engine).dram_bytes,
                  static_cast<double>(whole.memory.saved.count()), 0.51)
          << model.path() << " on " << name << ": what is said to be saved is net";
      own_of_bound += static_cast<double>(whole.memory.own_transfers.count()) /
                      static_cast<double>(std::max<std::int64_t>(1, whole.memory.saved_bound.count()));
      ++pairs;
      std::int64_t macs = 0, parameters = 0, operators = 0;
      std::set<std::string> seen;
      for (const Subgraph& subgraph : subgraphs) {
        macs += subgraph.shape.macs();
        parameters += subgraph.parameters;
        operators += static_cast<std::int64_t>(subgraph.operators.size());
        seen.insert(subgraph.operators.begin(), subgraph.operators.end());
      }
      EXPECT_EQ(macs, network::macs(graph)) << model.path();
      // Every step of a recurrent network reads the same weights.
      const bool read_again = std::any_of(graph.operators().begin(), graph.operators().end(), [&](const Operator& op) {
        return std::any_of(op.weights.begin(), op.weights.end(),
                           [&](network::TensorId id) { return graph.consumers(id).size() > 1; });
      });
      if (read_again) {
        EXPECT_GE(parameters, network::parameters(graph)) << model.path();
      } else {
        EXPECT_EQ(parameters, network::parameters(graph)) << model.path();
      }
      std::int64_t expected = 0;
      for (const Operator& op : graph.operators()) expected += op.kind == OperatorKind::kReshape ? 0 : 1;
      EXPECT_EQ(static_cast<std::int64_t>(seen.size()), expected) << model.path() << ": no operator is dropped";
    }
  }
  EXPECT_GE(own_of_bound / pairs, 0.75) << "of what no allocation can exceed, though not all of that would pay";
}

TEST(Partition, more_banks_keep_more_on_chip) {
  const Graph graph = network::import_network("models/mobilenet_v2.onnx");
  std::int64_t before = 0;
  for (const char* banks : {"8", "16", "32", "64", "128"}) {
    std::int64_t kept = 0;
    for (const Subgraph& subgraph : partition(graph, engine_of("ne-256", {{"memory.activation_banks", banks}}))) {
      if (subgraph.context.output_on_chip) kept += subgraph.shape.output_bytes().count();
    }
    EXPECT_GE(kept, before) << banks;
    before = kept;
  }
  EXPECT_GT(before, 0);
}

const PlacedTensor& tensor_of(const Partition& partition, const std::string& name) {
  for (const PlacedTensor& tensor : partition.memory.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw Error("no tensor " + name);
}

TEST(Partition, a_skip_connection_holds_its_banks_to_the_addition) {
  Sketch s;
  const TensorId x = s.relu(s.convolution(s.input(16, 32), 16, 32));  // 16 KiB: two banks
  const TensorId y = s.convolution(s.convolution(x, 16, 32, 3), 16, 32, 3);
  const Graph graph = s.output(s.convolution(s.add(y, x), 16, 32));
  const Partition whole = partition_with_memory(graph, engine_of("ne-256"));
  ASSERT_EQ(whole.subgraphs.size(), 4u);
  const PlacedTensor& skip = tensor_of(whole, whole.subgraphs[0].output);
  EXPECT_EQ(skip.residence, Residence::kOnChip);
  EXPECT_EQ(skip.banks, 2);
  EXPECT_EQ(skip.first_subgraph, 0u);
  EXPECT_EQ(skip.last_subgraph, 2u);
  EXPECT_EQ(skip.dram.count(), 3 * 16 * 1024) << "written once, read by the convolution and by the addition";
  EXPECT_TRUE(whole.subgraphs[2].context.operand_on_chip);
  EXPECT_EQ(whole.subgraphs[2].context.resident_banks, 6) << "its input, its output, and the skip connection";
  EXPECT_EQ(whole.memory.peak(), Bytes(6 * 8 * 1024));
}

// A skip connection over layers that read their inputs again and again for want of room.
TEST(Partition, a_tensor_that_displaces_buffers_worth_more_is_not_kept) {
  Sketch s;
  const TensorId x = s.convolution(s.input(16, 14), 256, 14);  // 49 KiB: seven banks
  const TensorId y = s.convolution(s.convolution(x, 1024, 14), 1024, 14);
  const Graph graph = s.output(s.add(s.convolution(y, 256, 14), x));
  const engine::EngineConfig engine = engine_of("ne-256");
  const Partition whole = partition_with_memory(graph, engine);
  ASSERT_EQ(whole.subgraphs.size(), 4u);
  const PlacedTensor& skip = tensor_of(whole, whole.subgraphs[0].output);
  ASSERT_EQ(skip.last_subgraph, 3u);
  EXPECT_EQ(skip.residence, Residence::kNotWorthwhile);
  EXPECT_TRUE(is_spill(skip.residence));
  EXPECT_EQ(skip.first_bank, -1);
  EXPECT_EQ(whole.memory.kept_tensors(), 0) << "the others are too large";

  std::vector<Subgraph> kept = whole.subgraphs;
  for (Subgraph& subgraph : kept) subgraph.context.resident_banks = skip.banks;
  kept[0].context.output_on_chip = kept[1].context.input_on_chip = kept[3].context.operand_on_chip = true;
  EXPECT_GT(sum_of(kept, engine).energy_pj, sum_of(whole.subgraphs, engine).energy_pj);

  const engine::EngineConfig roomy = engine_of("ne-256", {{"memory.activation_banks", "128"}});
  const Partition in_room = partition_with_memory(graph, roomy);
  EXPECT_EQ(tensor_of(in_room, in_room.subgraphs[0].output).residence, Residence::kOnChip);
}

// Parts of whole surfaces are written into one storage: it stays as a whole or not at all.
TEST(Partition, parts_of_a_concatenation_stay_together_or_not_at_all) {
  const auto parts = [](const std::vector<engine::Override>& overrides) {
    Sketch s;
    const TensorId x = s.convolution(s.input(16, 32), 16, 32);
    const TensorId left = s.convolution(x, 16, 32);   // 16 KiB
    const TensorId right = s.convolution(x, 64, 32);  // 64 KiB
    return partition_with_memory(s.output(s.convolution(s.concat(left, right), 16, 32)),
                                 engine_of("ne-256", overrides));
  };
  const Partition large = parts({{"memory.activation_banks", "64"}});
  ASSERT_EQ(large.subgraphs[3].inputs.size(), 1u);
  for (const std::size_t writer : {1u, 2u}) EXPECT_EQ(large.subgraphs[writer].output, large.subgraphs[3].inputs[0]);
  const PlacedTensor& storage = tensor_of(large, large.subgraphs[3].inputs[0]);
  EXPECT_EQ(storage.bytes, Bytes(80 * 1024));
  EXPECT_EQ(storage.first_subgraph, 1u);
  EXPECT_EQ(storage.last_subgraph, 3u);
  EXPECT_TRUE(large.subgraphs[3].context.input_on_chip);
  EXPECT_TRUE(large.subgraphs[1].context.output_on_chip && large.subgraphs[2].context.output_on_chip);
  const Partition small = parts({{"memory.activation_banks", "8"}});
  EXPECT_FALSE(small.subgraphs[3].context.input_on_chip);
  EXPECT_EQ(tensor_of(small, small.subgraphs[3].inputs[0]).residence, Residence::kTooLarge);
  EXPECT_FALSE(small.subgraphs[1].context.output_on_chip);
  EXPECT_FALSE(small.subgraphs[2].context.output_on_chip);
}

TEST(Partition, a_graph_output_that_others_read_leaves_the_chip) {
  Sketch s;
  const TensorId x = s.convolution(s.input(16, 8), 16, 8);
  s.also_output(x);
  const Partition whole = partition_with_memory(s.output(s.convolution(x, 16, 8)), engine_of("ne-256"));
  EXPECT_EQ(tensor_of(whole, whole.subgraphs[0].output).residence, Residence::kGraphOutput);
  EXPECT_EQ(whole.memory.spilled_tensors(), 0) << "an output has to leave";
}

TEST(Partition, nothing_stays_where_keeping_is_switched_off) {
  const Graph graph = network::import_network("models/mobilenet_v2.onnx");
  const Partition off = partition_with_memory(graph, engine_of("ne-4096", {{"memory.keep_activations", "false"}}));
  for (const Subgraph& subgraph : off.subgraphs) {
    EXPECT_FALSE(subgraph.context.input_on_chip || subgraph.context.operand_on_chip || subgraph.context.output_on_chip);
    EXPECT_EQ(subgraph.context.resident_banks, 0);
  }
  EXPECT_EQ(off.memory.kept_tensors(), 0);
  EXPECT_GT(off.memory.spilled_tensors(), 50);
  for (const PlacedTensor& tensor : off.memory.tensors) {
    EXPECT_TRUE(tensor.residence == Residence::kSwitchedOff || !is_spill(tensor.residence)) << tensor.name;
  }
}

}  // namespace
}  // namespace lanewise::mapping
