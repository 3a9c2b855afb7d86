// SPDX-License-Identifier: Apache-2.0
#include "mapping/subgraph.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "engine/engine_config.hpp"
#include "mapping/partition.hpp"
#include "network/import.hpp"

namespace lanewise::mapping {
namespace {

TEST(SubgraphKey, reads_back_as_it_was_written_for_every_pass_of_every_model) {
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
  s = parse_subgraph_key(base);
  s.shape.weight_precision = Precision::kInt4;
  EXPECT_NE(shape_key(s.shape), shape_key(parse_subgraph_key(base).shape));
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

TEST(PassShape, input_ranges_follow_the_window) {
  PassShape s;
  s.family = PassFamily::kConvolution;
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

TEST(PassShape, fused_pooling_needs_more_of_the_convolution) {
  PassShape s;
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
