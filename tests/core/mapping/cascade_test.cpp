// SPDX-License-Identifier: Apache-2.0
// The cascades that shipped networks get on shipped engines.
#include "core/mapping/cascade.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"

namespace lanewise::mapping {
namespace {

engine::EngineConfig engine_of(const std::string& name, const std::vector<engine::Override>& overrides) {
  return engine::load_engine("hwconfigs/" + name + ".yaml", overrides).config;
}

using Check = std::function<void(const Partition& whole, const Partition& cascading, const engine::EngineConfig&)>;

struct Pair {
  std::string text;
  engine::EngineConfig engine;
  Partition whole, cascading;
};

// Networks with and without residual connections, fused poolings and concatenations, on a small and on larger engines.
const std::vector<Pair>& shipped() {
  static const std::vector<Pair> pairs = [] {
    std::vector<Pair> out;
    for (const char* model : {"mobilenet_v2", "resnet50", "efficientnet_b0", "squeezenet1_1", "shufflenet_v2_x1_0"}) {
      const network::Graph graph = network::import_network("models/" + std::string(model) + ".onnx");
      for (const char* name : {"ne-64", "ne-256", "ne-1024", "ne-4096"}) {
        for (const char* goal : {"latency", "energy", "dram"}) {
          const engine::EngineConfig plain = engine_of(name, {{"mapping.plan_for", goal}});
          const engine::EngineConfig engine = engine::with_overrides(plain, {{"mapping.cascade", "true"}});
          out.push_back({std::string(model) + " on " + name + " for " + goal, engine,
                         partition_with_memory(graph, plain), partition_with_memory(graph, engine)});
        }
      }
    }
    return out;
  }();
  return pairs;
}

// Returns the number of cascades.
std::size_t for_shipped(const Check& check) {
  std::size_t cascades = 0;
  for (const Pair& pair : shipped()) {
    SCOPED_TRACE(pair.text);
    check(pair.whole, pair.cascading, pair.engine);
    cascades += pair.cascading.cascades.size();
  }
  return cascades;
}

TEST(Cascades, off_there_are_none_and_no_key_names_one) {
  for_shipped([](const Partition& whole, const Partition&, const engine::EngineConfig&) {
    EXPECT_TRUE(whole.cascades.empty());
    EXPECT_EQ(whole.memory.striped_tensors(), 0);
    for (const Subgraph& subgraph : whole.subgraphs) {
      EXPECT_EQ(subgraph.part.cascade, -1);
      EXPECT_EQ(subgraph_key(subgraph).find("weights="), std::string::npos);
    }
    const std::vector<WholeSubgraph> all = whole_subgraphs(whole);
    ASSERT_EQ(all.size(), whole.subgraphs.size());
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].parts, std::vector<std::size_t>{i});
  });
}

TEST(Cascades, cut_the_subgraphs_and_leave_the_network_as_it_is) {
  const std::size_t cascades =
      for_shipped([](const Partition& whole, const Partition& cascading, const engine::EngineConfig&) {
        const std::vector<WholeSubgraph> all = whole_subgraphs(cascading);
        ASSERT_EQ(all.size(), whole.subgraphs.size());
        std::size_t parts = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
          EXPECT_EQ(all[i].whole->name, whole.subgraphs[i].name);
          EXPECT_EQ(shape_key(all[i].whole->shape), shape_key(whole.subgraphs[i].shape));
          ASSERT_FALSE(all[i].parts.empty());
          EXPECT_TRUE(std::is_sorted(all[i].parts.begin(), all[i].parts.end()));
          parts += all[i].parts.size();
        }
        EXPECT_EQ(parts, cascading.subgraphs.size());
        EXPECT_EQ(cascading.memory.subgraphs.size(), whole.subgraphs.size());
        EXPECT_EQ(cascading.memory.tensors.size(), whole.memory.tensors.size());
      });
  EXPECT_GE(cascades, 100u);
}

TEST(Cascades, parts_run_stripe_by_stripe_and_write_each_row_of_the_last_output_once) {
  for_shipped([](const Partition&, const Partition& cascading, const engine::EngineConfig&) {
    for (std::size_t c = 0; c < cascading.cascades.size(); ++c) {
      const Cascade& cascade = cascading.cascades[c];
      EXPECT_GE(cascade.stripes, 2);
      std::int64_t stripe = 0, row = 0;
      std::size_t place = 0;
      for (const Subgraph& part : cascading.subgraphs) {
        if (part.part.cascade != static_cast<int>(c)) continue;
        EXPECT_TRUE(part.part.stripe == stripe ? part.part.place >= place : part.part.stripe == stripe + 1);
        stripe = part.part.stripe;
        place = part.part.place;
        EXPECT_EQ(part.context.input_on_chip, place > 0 || cascade.subgraphs[0].context.input_on_chip);
        if (place + 1 < cascade.subgraphs.size()) {
          EXPECT_TRUE(part.context.output_on_chip);
          continue;
        }
        EXPECT_EQ(part.part.first_row, row);
        row += part.shape.out_height;
      }
      EXPECT_EQ(stripe, cascade.stripes - 1);
      EXPECT_EQ(row, cascade.subgraphs.back().shape.out_height);
    }
  });
}

TEST(Cascades, never_take_more_banks_than_there_are) {
  for_shipped([](const Partition&, const Partition& cascading, const engine::EngineConfig& engine) {
    for (const Subgraph& part : cascading.subgraphs) {
      EXPECT_LE(part.context.resident_banks, engine.memory.activation_banks);
      EXPECT_LE(part.context.resident_weight_banks, engine.memory.weight_banks);
      const bool streams = !part.context.input_on_chip || !part.context.output_on_chip;
      if (streams) {
        EXPECT_LT(part.context.resident_banks, engine.memory.activation_banks) << part.name;
      }
    }
    for (const SubgraphMemory& use : cascading.memory.subgraphs) {
      EXPECT_EQ(use.streaming + use.striped + use.kept + use.free, engine.memory.activation_banks);
      EXPECT_GE(use.streaming, 0);
    }
  });
}

TEST(Cascades, whatever_a_cascade_reads_or_writes_on_chip_is_there_for_all_its_stripes) {
  for_shipped([](const Partition&, const Partition& cascading, const engine::EngineConfig&) {
    const std::vector<PlacedTensor>& tensors = cascading.memory.tensors;
    for (const Cascade& cascade : cascading.cascades) {
      const std::size_t last = cascade.first + cascade.subgraphs.size() - 1;
      std::int64_t kept = 0;
      for (std::size_t a = 0; a < tensors.size(); ++a) {
        const PlacedTensor& x = tensors[a];
        if (x.residence != Residence::kOnChip || x.last_subgraph < cascade.first || x.first_subgraph > last) continue;
        kept += x.banks;
        EXPECT_LE(x.first_subgraph, cascade.first) << x.name;
        EXPECT_GE(x.last_subgraph, last) << x.name;
        for (std::size_t b = 0; b < a; ++b) {
          const PlacedTensor& y = tensors[b];
          if (y.residence != Residence::kOnChip || y.last_subgraph < cascade.first || y.first_subgraph > last) continue;
          EXPECT_TRUE(x.first_bank + x.banks <= y.first_bank || y.first_bank + y.banks <= x.first_bank)
              << x.name << " and " << y.name;
        }
      }
      for (const Subgraph& subgraph : cascade.subgraphs) EXPECT_EQ(subgraph.context.resident_banks, kept);
      for (std::size_t i = 0; i + 1 < cascade.subgraphs.size(); ++i) {
        const std::string& between = cascade.subgraphs[i].output;
        const auto tensor =
            std::find_if(tensors.begin(), tensors.end(), [&](const PlacedTensor& t) { return t.name == between; });
        ASSERT_NE(tensor, tensors.end());
        EXPECT_EQ(tensor->residence, Residence::kStriped);
        EXPECT_FALSE(is_spill(tensor->residence));
      }
    }
  });
}

TEST(Cascades, activations_that_exist_at_once_count_striped_tensors_by_their_buffers) {
  MemoryMap map;
  map.bank_size = Bytes(1024);
  map.subgraphs.resize(3);
  PlacedTensor tensor;
  tensor.bytes = Bytes(5000);
  tensor.banks = 5;
  tensor.residence = Residence::kTooLarge;
  tensor.first_subgraph = 0;
  tensor.last_subgraph = 1;
  map.tensors.push_back(tensor);
  tensor.residence = Residence::kStriped;
  tensor.banks = 2;
  tensor.first_subgraph = 1;
  tensor.last_subgraph = 2;
  map.tensors.push_back(tensor);
  EXPECT_EQ(map.peak_activations().count(), 5000 + 2 * 1024);
  EXPECT_EQ(map.striped_buffer_bytes().count(), 2 * 1024);
}

TEST(Cascades, engines_that_stream_or_keep_nothing_have_none) {
  const network::Graph graph = network::import_network("models/mobilenet_v2.onnx");
  const engine::Override cascade{"mapping.cascade", "true"};
  EXPECT_TRUE(partition_with_memory(graph, engine_of("nvdla-small", {cascade})).cascades.empty());
  EXPECT_TRUE(partition_with_memory(graph, engine_of("ne-256", {cascade, {"memory.keep_activations", "false"}}))
                  .cascades.empty());
}

TEST(Cascades, chains_that_cannot_be_cut_are_refused) {
  Cascade cascade;
  cascade.stripe_rows = 1;
  cascade.subgraphs.resize(1);
  const engine::EngineConfig engine = engine_of("ne-256", {});
  EXPECT_THROW(parts_of(cascade, engine, 0), InternalError);
  cascade.subgraphs.resize(2);
  cascade.subgraphs[1].shape.family = SubgraphFamily::kReduction;
  EXPECT_THROW(parts_of(cascade, engine, 0), InternalError);
}

}  // namespace
}  // namespace lanewise::mapping
