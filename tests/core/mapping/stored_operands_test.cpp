// SPDX-License-Identifier: Apache-2.0
// Caches, repeated heads and vectors: what a matrix product reads where it lies, and what has to be moved for it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/mapping/partition.hpp"
#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::mapping {
namespace {

using network::testing::OnnxFile;

const engine::EngineConfig& ne256() {
  static const engine::EngineConfig engine = engine::load_engine("hwconfigs/ne-256.yaml").config;
  return engine;
}

std::vector<Subgraph> subgraphs_of(const network::Graph& graph) { return partition(graph, ne256()); }

std::int64_t element_product(const std::vector<std::int64_t>& sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) product *= size;
  return product;
}

// Bytes that subgraphs which only move read and write.
std::int64_t moved(const std::vector<Subgraph>& subgraphs) {
  std::int64_t bytes = 0;
  for (const Subgraph& s : subgraphs) {
    const bool moves = s.shape.family == SubgraphFamily::kMove || s.shape.family == SubgraphFamily::kResize;
    if (moves) bytes += s.shape.input_bytes().count() + s.shape.output_bytes().count();
  }
  return bytes;
}

std::vector<SubgraphShape> products(const std::vector<Subgraph>& subgraphs) {
  std::vector<SubgraphShape> shapes;
  for (const Subgraph& s : subgraphs) {
    if (s.shape.family == SubgraphFamily::kMatMul) shapes.push_back(s.shape);
  }
  return shapes;
}

// New keys and values of two heads behind 95 cached ones, for eight query heads. `shared` names the values that the
// products read and how they come from the caches.
OnnxFile decode_step(const std::string& shared) {
  OnnxFile file(
      "(float[1,1,256] x, float[1,2,95,32] past_k, float[1,2,95,32] past_v) =>"
      " (float[1,8,1,32] y, float[1,2,96,32] k, float[1,2,96,32] v) {"
      " heads = Constant <value = int64[4] {1,8,1,32}> () narrow = Constant <value = int64[4] {1,2,1,32}> ()"
      " q0 = MatMul(x, wq) q = Reshape(q0, heads) k0 = MatMul(x, wk) k1 = Reshape(k0, narrow) v0 = MatMul(x, wv)"
      " v1 = Reshape(v0, narrow) k = Concat <axis = 2> (past_k, k1) v = Concat <axis = 2> (past_v, v1) " +
      shared +
      " kt = Transpose <perm = [0,1,3,2]> (ke) s = MatMul(q, kt) p = Softmax <axis = -1> (s) y = MatMul(p, ve) }");
  return file.weight("wq", {256, 256}).weight("wk", {256, 64}).weight("wv", {256, 64});
}

const char* const kExpanded =
    "two = Constant <value = int64[1] {2}> () often = Constant <value = int64[5] {1,2,4,96,32}> ()"
    " all = Constant <value = int64[4] {1,8,96,32}> () ku = Unsqueeze(k, two) kx = Expand(ku, often)"
    " ke = Reshape(kx, all) vu = Unsqueeze(v, two) vx = Expand(vu, often) ve = Reshape(vx, all)";
const char* const kGathered =
    "at = Constant <value = int64[8] {0,0,0,0,1,1,1,1}> () ke = Gather <axis = 1> (k, at) ve = Gather <axis = 1> (v, "
    "at)";
const char* const kTiled =
    "two = Constant <value = int64[1] {2}> () often = Constant <value = int64[5] {1,1,4,1,1}> ()"
    " all = Constant <value = int64[4] {1,8,96,32}> () ku = Unsqueeze(k, two) kx = Tile(ku, often)"
    " ke = Reshape(kx, all) vu = Unsqueeze(v, two) vx = Tile(vu, often) ve = Reshape(vx, all)";
const char* const kJoined =
    "two = Constant <value = int64[1] {2}> () all = Constant <value = int64[4] {1,8,96,32}> ()"
    " ku = Unsqueeze(k, two) kx = Concat <axis = 2> (ku, ku, ku, ku) ke = Reshape(kx, all)"
    " vu = Unsqueeze(v, two) vx = Concat <axis = 2> (vu, vu, vu, vu) ve = Reshape(vx, all)";

TEST(StoredOperands, heads_that_share_keys_are_rows_of_one_product) {
  for (const char* shared : {kExpanded, kGathered, kTiled, kJoined}) {
    SCOPED_TRACE(shared);
    const network::Graph graph = decode_step(shared).import();
    EXPECT_EQ(network::parameters(graph), 256 * 256 + 2 * 256 * 64) << "a cache is no parameter";
    const std::vector<Subgraph> subgraphs = subgraphs_of(graph);
    const std::vector<SubgraphShape> two = products(subgraphs);
    ASSERT_EQ(two.size(), 2u);
    for (const SubgraphShape& s : two) {
      EXPECT_EQ(s.groups, 2);
      EXPECT_EQ(s.in_height, 4);
      EXPECT_EQ(s.macs(), 8 * 96 * 32);
      EXPECT_EQ(s.weight_elements(), 2 * 96 * 32) << "each head of the cache once";
    }
    // The new values are written one by one, each in a burst of its own; the new keys by the product that makes them.
    const std::int64_t burst = ne256().dram.burst.count();
    EXPECT_EQ(moved(subgraphs), 2 * 32 + 2 * 32 * burst);
  }
}

TEST(StoredOperands, a_cache_of_keys_and_values_in_one_tensor_is_read_in_place) {
  OnnxFile file(
      "(float[1,1,64] x, float[2,1,2,95,32] past) => (float[1,2,1,32] y, float[2,1,2,96,32] present) {"
      " heads = Constant <value = int64[4] {1,2,1,32}> () first = Constant <value = int64[1] {0}> ()"
      " i0 = Constant <value = int64 {0}> () i1 = Constant <value = int64 {1}> ()"
      " q0 = MatMul(x, wq) q = Reshape(q0, heads) k0 = MatMul(x, wk) k1 = Reshape(k0, heads) v0 = MatMul(x, wv)"
      " v1 = Reshape(v0, heads) pk = Gather <axis = 0> (past, i0) pv = Gather <axis = 0> (past, i1)"
      " k = Concat <axis = 2> (pk, k1) v = Concat <axis = 2> (pv, v1) ku = Unsqueeze(k, first)"
      " vu = Unsqueeze(v, first) present = Concat <axis = 0> (ku, vu) kt = Transpose <perm = [0,1,3,2]> (k)"
      " s = MatMul(q, kt) p = Softmax <axis = -1> (s) y = MatMul(p, v) }");
  const network::Graph graph = file.weight("wq", {64, 64}).weight("wk", {64, 64}).weight("wv", {64, 64}).import();
  EXPECT_LE(moved(subgraphs_of(graph)), 64 + 64 * ne256().dram.burst.count());
}

TEST(StoredOperands, what_two_products_read_in_different_orders_is_moved_once) {
  const network::Graph graph = OnnxFile(
                                   "(float[1,96,32] x) => (float[1,96,32] y) { t = Transpose <perm = [0,2,1]> (x)"
                                   " s = MatMul(x, t) p = Softmax <axis = -1> (s) y = MatMul(p, x) }")
                                   .import();
  EXPECT_EQ(moved(subgraphs_of(graph)), 2 * 96 * 32);
}

TEST(StoredOperands, keys_for_several_heads_are_transposed_once) {
  OnnxFile file(
      "(float[1,96,256] x) => (float[1,8,96,96] s) { heads = Constant <value = int64[4] {1,96,8,32}> ()"
      " narrow = Constant <value = int64[4] {1,96,2,32}> () two = Constant <value = int64[1] {2}> ()"
      " often = Constant <value = int64[5] {1,2,4,96,32}> () all = Constant <value = int64[4] {1,8,96,32}> ()"
      " q0 = MatMul(x, wq) q1 = Reshape(q0, heads) q = Transpose <perm = [0,2,1,3]> (q1) k0 = MatMul(x, wk)"
      " k1 = Reshape(k0, narrow) k = Transpose <perm = [0,2,1,3]> (k1) ku = Unsqueeze(k, two) kx = Expand(ku, often)"
      " ke = Reshape(kx, all) kt = Transpose <perm = [0,1,3,2]> (ke) s = MatMul(q, kt) }");
  const std::vector<Subgraph> subgraphs = subgraphs_of(file.weight("wq", {256, 256}).weight("wk", {256, 64}).import());
  EXPECT_EQ(moved(subgraphs), 2 * 96 * 64);
  EXPECT_EQ(products(subgraphs).at(0).weight_elements(), 2 * 96 * 32);
}

TEST(StoredOperands, what_is_repeated_for_others_too_is_written) {
  const network::Graph graph =
      OnnxFile(
          "(float[1,2,1,64] q, float[1,1,64,96] k) => (float[1,2,1,96] s, float[1,2,64,96] e) {"
          " often = Constant <value = int64[4] {1,2,64,96}> () e = Expand(k, often) s = MatMul(q, e) }")
          .import();
  EXPECT_EQ(moved(subgraphs_of(graph)), 64 * 96 + 2 * 64 * 96);
}

TEST(StoredOperands, a_mask_that_is_repeated_before_it_is_added_moves_what_it_holds) {
  const auto of = [](const std::string& mask) {
    return subgraphs_of(OnnxFile("(float[1,8,16,16] s, float[1,1,1,16] m) => (float[1,8,16,16] y) {"
                                 " all = Constant <value = int64[4] {1,8,16,16}> () " +
                                 mask + " }")
                            .import());
  };
  const std::vector<Subgraph> repeated = of("e = Expand(m, all) y = Add(s, e)"), broadcast = of("y = Add(s, m)");
  ASSERT_EQ(repeated.size(), 1u);
  EXPECT_EQ(subgraph_key(repeated[0]), subgraph_key(broadcast.at(0)));
}

TEST(StoredOperands, inputs_with_channels_last_are_transposed_for_free) {
  const struct {
    const char* text;
    std::vector<std::int64_t> kernel;
  } graphs[] = {
      {"(float[2,14,14,32] x) => (float[2,32,14,14] y) { t = Transpose <perm = [0,3,1,2]> (x) y = Conv(t, w) }",
       {32, 32, 1, 1}},
      {"(float[1,100,32] x) => (float[1,32,100] y) { t = Transpose <perm = [0,2,1]> (x) y = Conv(t, w) }", {32, 32, 1}},
      {"(float[14,12,32] x) => (float[1,32,14,12] y) { t = Transpose <perm = [2,0,1]> (x)"
       " first = Constant <value = int64[1] {0}> () u = Unsqueeze(t, first) y = Conv(u, w) }",
       {32, 32, 1, 1}},
      {"(float[1,14,14,32] x) => (float[1,14,14,32] y) { r = Relu(x) t = Transpose <perm = [0,3,1,2]> (r)"
       " c = Conv(t, w) y = Transpose <perm = [0,2,3,1]> (c) }",
       {32, 32, 1, 1}},
      {"(float[32,100] x) => (float[100,32] y) { t = Transpose <perm = [1,0]> (x) y = MatMul(t, w) }", {32, 32}},
  };
  for (const auto& graph : graphs) {
    SCOPED_TRACE(graph.text);
    EXPECT_EQ(moved(subgraphs_of(OnnxFile(graph.text).weight("w", graph.kernel).import())), 0);
  }
  // An image whose rows and columns change places is moved all the same.
  const OnnxFile turned(
      "(float[1,32,14,12] x) => (float[1,32,12,14] y) { t = Transpose <perm = [0,1,3,2]> (x) y = Relu(t) }");
  EXPECT_GT(moved(subgraphs_of(turned.import())), 0);
}

TEST(StoredOperands, the_same_product_is_one_subgraph_however_it_is_written) {
  struct Spelling {
    const char* text;
    std::vector<std::int64_t> weight;
  };
  // 96 pixels, 64 channels in and 48 out, for one image and for three.
  const std::vector<Spelling> one = {
      {"(float[1,64,8,12] x) => (float[1,48,8,12] y) { y = Conv(x, w) }", {48, 64, 1, 1}},
      {"(float[1,64,32,3] x) => (float[1,48,32,3] y) { y = Conv(x, w) }", {48, 64, 1, 1}},
      {"(float[1,64,96] x) => (float[1,48,96] y) { y = Conv(x, w) }", {48, 64, 1}},
      {"(float[1,96,64] x) => (float[1,96,48] y) { y = MatMul(x, w) }", {64, 48}},
      {"(float[96,64] x) => (float[96,48] y) { y = Gemm(x, w) }", {64, 48}},
      {"(float[64,96] x) => (float[48,96] y) { y = MatMul(w, x) }", {48, 64}},
      {"(float[64,96] x) => (float[48,96] y) { y = Gemm <transA = 1> (w, x) }", {64, 48}},
      {"(float[1,8,12,64] x) => (float[1,8,12,48] y) { y = MatMul(x, w) }", {1, 1, 64, 48}}};
  const std::vector<Spelling> three = {
      {"(float[3,64,8,12] x) => (float[3,48,8,12] y) { y = Conv(x, w) }", {48, 64, 1, 1}},
      {"(float[3,64,96] x) => (float[3,48,96] y) { y = Conv(x, w) }", {48, 64, 1}},
      {"(float[3,96,64] x) => (float[3,96,48] y) { y = MatMul(x, w) }", {64, 48}},
      {"(float[3,64,96] x) => (float[3,48,96] y) { y = MatMul(w, x) }", {48, 64}}};
  // Two groups: the same as two matrices of a batch.
  const std::vector<Spelling> groups = {
      {"(float[1,128,8,12] x) => (float[1,96,8,12] y) { y = Conv <group = 2> (x, w) }", {96, 64, 1, 1}},
      {"(float[2,96,64] x) => (float[2,96,48] y) { y = MatMul(x, w) }", {2, 64, 48}},
      {"(float[2,64,96] x) => (float[2,48,96] y) { y = MatMul(w, x) }", {2, 48, 64}}};
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    const engine::EngineConfig engine = engine::load_engine(entry.path().string()).config;
    for (const std::vector<Spelling>& spellings : {one, three, groups}) {
      std::string first;
      for (const Spelling& spelling : spellings) {
        SCOPED_TRACE(entry.path().string() + " " + spelling.text);
        const network::Graph graph = OnnxFile(spelling.text).weight("w", spelling.weight).import();
        EXPECT_EQ(network::parameters(graph), element_product(spelling.weight));
        std::vector<Subgraph> subgraphs = partition(graph, engine);
        ASSERT_EQ(subgraphs.size(), 1u);
        SubgraphShape& shape = subgraphs[0].shape;
        if (shape.family == SubgraphFamily::kFullyConnected) shape.family = SubgraphFamily::kConvolution;
        if (first.empty()) first = subgraph_key(subgraphs[0]);
        EXPECT_EQ(subgraph_key(subgraphs[0]), first);
      }
    }
  }
}

TEST(StoredOperands, square_maps_stay_as_they_are) {
  const network::Graph graph = OnnxFile("(float[1,64,14,14] x) => (float[1,48,14,14] y) { y = Conv(x, w) }")
                                   .weight("w", {48, 64, 1, 1})
                                   .import();
  const SubgraphShape shape = subgraphs_of(graph).at(0).shape;
  EXPECT_EQ(shape.in_height, 14);
  EXPECT_EQ(shape.in_width, 14);
}

}  // namespace
}  // namespace lanewise::mapping
