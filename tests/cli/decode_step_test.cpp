// SPDX-License-Identifier: Apache-2.0
// A decode step moves its cache once: grouped queries of com.microsoft over a cache that grows, and over a buffer.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

double dram_bytes(const std::string& name, const std::string& engine, double macs) {
  const Json total = run_json({"simulate", "tests/core/network/cases/" + name + ".onnx", "--hw", engine}).at("total");
  EXPECT_EQ(total.at("macs").get<double>(), macs);
  return total.at("dram_bytes").get<double>();
}

TEST(DecodeStep, moves_its_cache_once) {
  constexpr double kHeads = 8, kKeyHeads = 2, kDepth = 128;
  constexpr double kMost = 1.15;
  for (const char* engine : {"hwconfigs/nvdla-large.yaml", "hwconfigs/ne-256.yaml"}) {
    for (const auto& [name, seen] : {std::pair{"gqa_append", 2048.0}, {"gqa_buffer", 1000.0}}) {
      const double cache = 2 * kKeyHeads * seen * kDepth;
      EXPECT_LE(dram_bytes(name, engine, 2 * kHeads * seen * kDepth), kMost * cache) << name << " " << engine;
    }
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
