// SPDX-License-Identifier: Apache-2.0
// Matrix products as networks have them: what they multiply and move, counted by hand, on every shipped engine.
#include <filesystem>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kLargeNvdla = "hwconfigs/nvdla-large.yaml";

std::string case_file(const std::string& name) { return "tests/core/network/cases/" + name + ".onnx"; }

Json total(const std::string& file, const std::string& engine) {
  return run_json({"simulate", file, "--hw", engine}).at("total");
}

std::vector<std::string> engines() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  EXPECT_GE(paths.size(), 12u);
  return paths;
}

TEST(Products, vectors_are_matrices_of_one_row_or_column) {
  const std::pair<const char*, std::int64_t> macs[] = {{"mm_1d_1d", 64},      {"mv_512", 512 * 512},
                                                       {"mv_ref", 512 * 512}, {"vm3", 5 * 64 * 32},
                                                       {"mv_8x64", 8 * 64},   {"attn_pool", 196 * 384}};
  for (const auto& [name, expected] : macs) EXPECT_EQ(total(case_file(name), kEngine).at("macs"), expected) << name;
  for (const std::string& engine : engines()) {
    const Json vector = total(case_file("mv_512"), engine), column = total(case_file("mv_ref"), engine);
    EXPECT_EQ(vector.at("macs"), 512 * 512) << engine;
    EXPECT_EQ(vector.at("latency_cycles"), column.at("latency_cycles")) << engine;
    EXPECT_EQ(vector.at("dram_bytes"), column.at("dram_bytes")) << engine;
  }
}

TEST(Products, a_transposed_convolution_multiplies_nothing_where_no_tap_reaches) {
  EXPECT_EQ(total(case_file("ct_k2s3"), kEngine).at("macs"), 32768);
}

TEST(Products, an_input_with_its_channels_last_keeps_them_there) {
  const Json reference = total(case_file("nhwc_nchw_in_inner_pair"), kEngine);
  for (const char* name : {"nhwc_nhwc_in_inner_pair", "nhwc_nhwc_in_out_nchw", "nhwc_nhwc_inout"}) {
    EXPECT_EQ(total(case_file(name), kEngine).at("latency_cycles"), reference.at("latency_cycles")) << name;
    EXPECT_EQ(total(case_file(name), kEngine).at("dram_bytes"), reference.at("dram_bytes")) << name;
  }
}

// That they become one subgraph on every engine, core/mapping/stored_operands_test.cpp shows.
TEST(Products, the_same_product_costs_the_same_however_it_is_written) {
  for (const std::string& engine : {kLargeNvdla, std::string("hwconfigs/neureka.yaml")}) {
    const Json product = total(case_file("eq_mm"), engine);
    EXPECT_EQ(product.at("macs"), 4 * (std::int64_t{1} << 32)) << engine;
    for (const char* name : {"eq_conv1x1", "eq_conv1d"}) {
      EXPECT_EQ(total(case_file(name), engine).at("latency_cycles"), product.at("latency_cycles")) << name << engine;
      EXPECT_EQ(total(case_file(name), engine).at("dram_bytes"), product.at("dram_bytes")) << name << engine;
    }
  }
}

// 8 query heads of 128 over 2,048 tokens and 2 heads of keys, behind 11.27 million weights: 15,466,496 MACs.
TEST(Products, a_decode_step_moves_weights_and_cache) {
  const double weights = 2 * 1024 * 1024 + 2 * 1024 * 256 + 3 * 1024 * 2816 + 2 * 1024;
  const double cache = 2.0 * 2 * 2048 * 128;
  for (const std::string& engine : engines()) {
    const Json step = total(case_file("llm_dec_2k"), engine);
    EXPECT_EQ(step.at("macs"), 15466496) << engine;
    EXPECT_EQ(step.at("parameters"), static_cast<std::int64_t>(weights)) << engine;
    const double ratio = step.at("dram_bytes").get<double>() / (weights + cache);
    const bool near = engine == kEngine || engine == kLargeNvdla;
    EXPECT_LE(ratio, near ? 1.02 : 1.25) << engine;
    if (near) {
      EXPECT_GE(ratio, 1.0) << engine;
    }
  }
}

TEST(Products, grouped_queries_are_cheaper_than_full_heads) {
  for (const std::string& engine : engines()) {
    const Json grouped = total(case_file("llm_dec_gqa"), engine), full = total(case_file("llm_dec_mha"), engine);
    EXPECT_LT(grouped.at("latency_cycles"), full.at("latency_cycles")) << engine;
    EXPECT_LT(grouped.at("dram_bytes"), full.at("dram_bytes")) << engine;
  }
}

TEST(Products, many_heads_over_many_tokens_run_everywhere) {
  for (const std::string& engine : engines()) {
    EXPECT_EQ(total(case_file("mm_dec"), engine).at("macs"), 32 * 128 * 2048) << engine;
    EXPECT_EQ(total(case_file("mm_dec2"), engine).at("macs"), 32 * 128 * 2048) << engine;
    EXPECT_EQ(total(case_file("mm_bcast_gqa"), engine).at("macs"), 8 * 4 * 64 * 512) << engine;
  }
}

// Per layer and token 2 x 512 x 512 + 2 x 512 x 128 + 3 x 512 x 1408 MACs, and 2 x 8 x 64 for each token that it sees;
// the head 512 x 8192 for one token.
TEST(Products, the_shipped_decoder_multiplies_what_it_should) {
  const std::int64_t layer = 2 * 512 * 512 + 2 * 512 * 128 + 3 * 512 * 1408, seen = 2 * 8 * 64, head = 512 * 8192;
  const std::int64_t parameters = 4 * (layer + 2 * 512) + 512 + 2 * head;
  for (const std::string& engine : engines()) {
    const Json decode = total("models/decoder_decode.onnx", engine);
    EXPECT_EQ(decode.at("macs"), 4 * (layer + 512 * seen) + head) << engine;
    EXPECT_EQ(decode.at("parameters"), parameters) << engine;
  }
  const Json prefill = total("models/decoder_prefill.onnx", kLargeNvdla);
  EXPECT_EQ(prefill.at("macs"), 4 * 128 * (layer + 128 * seen) + head);
  EXPECT_EQ(prefill.at("parameters"), parameters);
}

}  // namespace
}  // namespace lanewise::cli::testing
