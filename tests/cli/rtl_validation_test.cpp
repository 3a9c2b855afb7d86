// SPDX-License-Identifier: Apache-2.0
// The simulator held to the cycles that were measured on RTL: benchmarks/validation, provenance beside it.
#include <cmath>
#include <map>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kLayers = "benchmarks/validation/rtl_layers.csv";

// The header and every `step`th row.
std::string every(const std::string& path, int step) {
  std::istringstream lines(text_of(path));
  std::string line, out;
  for (int i = 0; std::getline(lines, line); ++i) {
    if (i == 0 || (i - 1) % step == 0) out += line + "\n";
  }
  return out;
}

TEST(RtlValidation, every_engine_keeps_its_bounds) {
  const ScratchFolder folder;
  const Json answer = run_json({"validate", folder.write("rows.csv", every(kLayers, 7))});
  ASSERT_TRUE(answer.is_object());
  ASSERT_EQ(answer.at("engines").size(), 4u);
  EXPECT_EQ(answer.at("all").at("rows"), 86);
  EXPECT_EQ(answer.at("all").at("failed"), 0);
  for (const auto& [name, engine] : answer.at("engines").items()) {
    SCOPED_TRACE(name);
    EXPECT_LE(engine.at("mape_percent"), 0.5);
    EXPECT_LE(engine.at("worst_long_percent"), 2.5);
    if (!engine.at("worst_short_cycles").is_null()) {
      EXPECT_LE(engine.at("worst_short_cycles"), 30);
    }
  }
}

// The claim that `simulate` makes is the one that the rows support, rounded to the last digit it shows.
TEST(RtlValidation, the_family_says_what_the_rows_say) {
  const Json all = run_json({"validate", kLayers}).at("all");
  const Json check = run_json({"simulate", kSqueezeNet, "--hw", "hwconfigs/nvdla-small.yaml"}).at("rtl_check");
  ASSERT_GT(check.at("rows"), 0) << check.at("text");
  EXPECT_EQ(check.at("rows"), all.at("rows"));
  EXPECT_EQ(check.at("engine_differs"), false);
  EXPECT_NEAR(check.at("mape_percent"), all.at("mape_percent"), 0.05);
  EXPECT_NEAR(check.at("worst_percent"), all.at("worst_percent"), 0.05);
  EXPECT_NE(check.at("source").get<std::string>().find(kLayers), std::string::npos) << check.at("source");
}

// An engine of another kind, from the same format.
TEST(RtlValidation, neureka_keeps_its_bound) {
  const Json all =
      run_json({"validate", "benchmarks/validation/neureka_rtl.csv", "--cycles", "cycles_latest"}).at("all");
  EXPECT_EQ(all.at("rows"), 14);
  EXPECT_EQ(all.at("failed"), 0);
  EXPECT_LE(all.at("mape_percent"), 4);
  EXPECT_LE(all.at("worst_percent"), 10);
  const Json check = run_json({"simulate", kSqueezeNet, "--hw", "hwconfigs/neureka.yaml"}).at("rtl_check");
  EXPECT_EQ(check.at("rows"), all.at("rows"));
  EXPECT_NEAR(check.at("mape_percent"), all.at("mape_percent"), 0.05);
  EXPECT_NEAR(check.at("worst_percent"), all.at("worst_percent"), 0.05);
}

// The 3x3 rows read as naming the input, which no padding surrounds: docs/engine/neureka.md says why one may.
TEST(RtlValidation, neureka_of_smaller_patches_fits_the_rows_read_as_inputs) {
  const ScratchFolder folder;
  std::string text = text_of("benchmarks/validation/neureka_rtl.csv");
  int changed = 0;
  for (const std::string size : {",32,32,6,6,", ",64,64,6,6,"}) {
    for (std::size_t at = text.find(size); at != std::string::npos; at = text.find(size, at)) {
      text.replace(at + size.size() - 5, 5, ",4,4,");
      ++changed;
    }
  }
  EXPECT_EQ(changed, 3);
  const Json all = run_json({"validate", folder.write("rows.csv", text), "--cycles", "cycles_latest", "--hw",
                             "hwconfigs/neureka-4x4.yaml"})
                       .at("all");
  EXPECT_EQ(all.at("failed"), 0);
  EXPECT_LE(all.at("mape_percent"), 1.5);
  EXPECT_LE(all.at("worst_percent"), 4);
}

}  // namespace
}  // namespace lanewise::cli::testing
