// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/subgraph.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"

namespace lanewise::mapping {
namespace {

TEST(SubgraphKey, reads_back_as_it_was_written_for_every_subgraph_of_every_model) {
  const engine::EngineConfig engine = engine::load_engine("hwconfigs/ne-256.yaml").config;
  for (const char* model : {"mobilenet_v2", "resnet50", "efficientnet_b0", "shufflenet_v2_x1_0"}) {
    for (const Subgraph& s : partition(network::import_network("models/" + std::string(model) + ".onnx"), engine)) {
      const std::string key = subgraph_key(s);
      const Subgraph back = parse_subgraph_key(key);
      EXPECT_EQ(subgraph_key(back), key);
      EXPECT_EQ(back.shape.macs(), s.shape.macs());
      EXPECT_EQ(back.context.resident_banks, s.context.resident_banks);
      EXPECT_EQ(key.rfind(shape_key(s.shape), 0), 0u) << "the shape's key begins the subgraph's";
    }
  }
}

TEST(SubgraphKey, differs_with_every_part_of_shape_and_context) {
  const std::string base =
      "family=convolution b=1 in=8x8x8 out=8x8x8 w=3x3/1x1/1x1/1,1,1,1 g=1 bias=1 act=relu operand=none pool=- n=1 "
      "prec=int8/int8/int8 at=dram/dram/dram resident=0";
  EXPECT_EQ(subgraph_key(parse_subgraph_key(base)), base);
  Subgraph s = parse_subgraph_key(base);
  s.context.input_on_chip = true;
  EXPECT_NE(subgraph_key(s), base);
  EXPECT_EQ(shape_key(s.shape), shape_key(parse_subgraph_key(base).shape));
  for (const char* weights : {" weights=dram/5", " weights=chip/5"}) {
    EXPECT_EQ(subgraph_key(parse_subgraph_key(base + weights)), base + weights);
  }
  for (const char* weights : {" weights=chip/0", " weights=chip", " weights=chip/x"}) {
    EXPECT_THROW(parse_subgraph_key(base + weights), Error) << weights;
  }
  s = parse_subgraph_key(base);
  s.shape.weight_precision = Precision::kInt4;
  EXPECT_NE(shape_key(s.shape), shape_key(parse_subgraph_key(base).shape));
}

TEST(SubgraphIdentity, is_equal_exactly_when_the_keys_are) {
  std::vector<Subgraph> subgraphs;
  for (const char* hw : {"ne-64", "ne-1024"}) {
    const engine::EngineConfig engine = engine::load_engine("hwconfigs/" + std::string(hw) + ".yaml").config;
    for (const char* model : {"mobilenet_v2", "squeezenet1_1", "swin_t"}) {
      for (Subgraph& s : partition(network::import_network("models/" + std::string(model) + ".onnx"), engine)) {
        subgraphs.push_back(std::move(s));
      }
    }
  }
  std::vector<std::string> keys;
  std::vector<SubgraphIdentity> identities;
  for (const Subgraph& s : subgraphs) {
    keys.push_back(subgraph_key(s));
    identities.push_back(identity_of(s));
  }
  for (std::size_t a = 0; a < subgraphs.size(); ++a) {
    for (std::size_t b = 0; b < subgraphs.size(); ++b) {
      const bool same = keys[a] == keys[b];
      ASSERT_EQ(identities[a] == identities[b], same) << keys[a] << "\n" << keys[b];
      ASSERT_TRUE(!same || identities[a].hash() == identities[b].hash());
    }
  }
}

TEST(SubgraphIdentity, differs_with_every_field_that_the_key_has) {
  std::vector<std::function<void(Subgraph&)>> changes = {
      [](Subgraph& s) { s.shape.family = SubgraphFamily::kHost; },
      [](Subgraph& s) { s.shape.batch = 2; },
      [](Subgraph& s) { s.shape.in_channels = 2; },
      [](Subgraph& s) { s.shape.weight_form.density = 0.9999; },
      [](Subgraph& s) { s.shape.weight_form.density = 0.5; },
      [](Subgraph& s) { s.shape.weight_form = network::parse_form_text("2:4/0.5000/0"); },
      [](Subgraph& s) { s.shape.weight_form = network::parse_form_text("4:8/0.5000/0"); },
      [](Subgraph& s) { s.shape.weight_form.clusters = 16; },
      [](Subgraph& s) { s.shape.weight_form.clusters = 65536; },
      [](Subgraph& s) { s.shape.in_height = 2; },
      [](Subgraph& s) { s.shape.in_width = 2; },
      [](Subgraph& s) { s.shape.out_channels = 2; },
      [](Subgraph& s) { s.shape.out_height = 2; },
      [](Subgraph& s) { s.shape.out_width = 2; },
      [](Subgraph& s) { s.shape.groups = 2; },
      [](Subgraph& s) { s.shape.bias = true; },
      [](Subgraph& s) { s.shape.activation = network::ActivationFunction::kCast; },
      [](Subgraph& s) { s.shape.operand = FusedOperand::kPerChannel; },
      [](Subgraph& s) { s.shape.pooled = true; },
      [](Subgraph& s) { s.shape.inputs = 2; },
      [](Subgraph& s) { s.shape.input_precision = Precision::kFp32; },
      [](Subgraph& s) { s.shape.weight_precision = Precision::kFp32; },
      [](Subgraph& s) { s.shape.output_precision = Precision::kFp32; },
      [](Subgraph& s) { s.context.input_on_chip = true; },
      [](Subgraph& s) { s.context.operand_on_chip = true; },
      [](Subgraph& s) { s.context.output_on_chip = true; },
      [](Subgraph& s) { s.context.resident_banks = 2; },
      [](Subgraph& s) { s.context.resident_weight_banks = 2; },
      [](Subgraph& s) {
        s.context.resident_weight_banks = 2;
        s.context.weights_on_chip = true;
      }};
  for (const bool pool : {false, true}) {
    for (const auto member : {&network::Window::kernel, &network::Window::stride, &network::Window::dilation,
                              &network::Window::pad_begin, &network::Window::pad_end}) {
      for (const int axis : {0, 1}) {
        changes.emplace_back([=](Subgraph& s) {
          s.shape.pooled = pool;
          network::Window& window = pool ? s.shape.pool : s.shape.window;
          (window.*member)[axis] = 3;
        });
      }
    }
  }
  std::set<std::array<std::int64_t, SubgraphIdentity::kWords>> seen = {identity_of(Subgraph{}).words};
  std::set<std::uint64_t> hashes = {identity_of(Subgraph{}).hash()};
  std::set<std::string> keys = {subgraph_key(Subgraph{})};
  for (const auto& change : changes) {
    Subgraph s;
    change(s);
    EXPECT_TRUE(seen.insert(identity_of(s).words).second) << subgraph_key(s);
    EXPECT_TRUE(hashes.insert(identity_of(s).hash()).second) << subgraph_key(s);
    EXPECT_TRUE(keys.insert(subgraph_key(s)).second) << subgraph_key(s);
  }
  Subgraph named;
  named.name = "a name times nothing";
  named.shape.pool.kernel[0] = 7;  // nor does the window of a pooling that does not follow
  EXPECT_EQ(subgraph_key(named), subgraph_key(Subgraph{}));
  EXPECT_EQ(identity_of(named), identity_of(Subgraph{}));
}

TEST(SubgraphKey, refuses_what_is_malformed) {
  const std::string good =
      "family=convolution b=1 in=8x8x8 out=8x8x8 w=3x3/1x1/1x1/1,1,1,1 g=1 bias=1 act=relu operand=none pool=- n=1 "
      "prec=int8/int8/int8 at=dram/dram/dram resident=0";
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string key = good;
    key.replace(key.find(from), from.size(), to);
    try {
      parse_subgraph_key(key);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(broken("family=convolution", "family=magic").find("unknown value 'magic'"), std::string::npos);
  EXPECT_NE(broken("in=8x8x8", "in=8x8").find("must hold 3 numbers"), std::string::npos);
  EXPECT_NE(broken("in=8x8x8", "in=0x8x8").find("at least 1"), std::string::npos);
  EXPECT_NE(broken(" n=1", "").find("field 'n' is missing"), std::string::npos);
  EXPECT_NE(broken("prec=int8/int8/int8", "prec=int8/int3/int8").find("int3"), std::string::npos);
  EXPECT_THROW(parse_subgraph_key(""), Error);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    try {
      parse_subgraph_key(good.substr(0, cut));
    } catch (const Error&) {
    }
  }
}

TEST(SubgraphShape, input_ranges_follow_the_window) {
  SubgraphShape s;
  s.family = SubgraphFamily::kConvolution;
  s.in_height = s.in_width = 224;
  s.out_height = s.out_width = 112;
  s.window.kernel[0] = s.window.kernel[1] = 7;
  s.window.stride[0] = s.window.stride[1] = 2;
  s.window.pad_begin[0] = s.window.pad_begin[1] = 3;
  EXPECT_EQ(s.input_range(0, 0, 1).begin, 0);
  EXPECT_EQ(s.input_range(0, 0, 1).end, 4);  // rows -3..3, clipped
  EXPECT_EQ(s.input_range(0, 10, 12).begin, 17);
  EXPECT_EQ(s.input_range(0, 10, 12).end, 26);
  EXPECT_EQ(s.input_range(0, 111, 112).end, 224);
}

TEST(SubgraphShape, fused_pooling_needs_more_of_the_convolution) {
  SubgraphShape s;
  s.in_height = s.in_width = 112;
  s.out_height = s.out_width = 56;
  s.pooled = true;
  s.pool.kernel[0] = s.pool.kernel[1] = 3;
  s.pool.stride[0] = s.pool.stride[1] = 2;
  s.pool.pad_begin[0] = s.pool.pad_begin[1] = 1;
  EXPECT_EQ(s.conv_height(), 112);
  EXPECT_EQ(s.conv_range(0, 0, 1).size(), 2);  // rows -1..1, clipped
  EXPECT_EQ(s.conv_range(0, 5, 7).begin, 9);
  EXPECT_EQ(s.conv_range(0, 5, 7).end, 14);
}

}  // namespace
}  // namespace lanewise::mapping
