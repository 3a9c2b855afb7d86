// SPDX-License-Identifier: Apache-2.0
// Tiles that a person fixes, and rows that were measured with tiles: `simulate --tiles` and `validate`.
#include <cmath>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const char* const kGemmini = "hwconfigs/gemmini.yaml";
const char* const kRows = "benchmarks/validation/gemmini_rtl.csv";

// The header and the first rows of the measured table.
std::string first_rows(int rows) {
  std::istringstream all(text_of(kRows));
  std::string text, line;
  for (int i = 0; i <= rows && std::getline(all, line); ++i) text += line + '\n';
  return text;
}

std::int64_t cycles(const Json& answer) { return answer.at("total").at("latency_cycles").get<std::int64_t>(); }

TEST(Tiles, rows_of_both_tilings_are_two_engines) {
  const ScratchFolder folder;
  const std::string rows = folder.write("rows.csv", first_rows(12));
  const Json answer = run_json({"validate", rows, "--hw", kGemmini});
  ASSERT_EQ(answer.at("engines").size(), 2u);
  for (const char* const name : {"gemmini-16x16/own_tiling", "gemmini-16x16/this_mapping"}) {
    const Json& engine = answer.at("engines").at(name);
    EXPECT_EQ(engine.at("rows"), 12);
    EXPECT_GE(engine.at("within_10_percent").get<double>(), 0);
    EXPECT_LT(engine.at("mape_percent").get<double>(), 60) << name;
  }
  EXPECT_LT(answer.at("engines").at("gemmini-16x16/this_mapping").at("mape_percent").get<double>(), 15);
}

TEST(Tiles, sizes_of_a_row_change_its_engine) {
  const ScratchFolder folder;
  const std::string text = first_rows(1);
  const std::string small =
      text.substr(0, text.find('\n') + 1) +
      "gemmini-16x16,64,110592,768,768,128,1,1,1,1,1,L3[WIO] K48 - L2[WI] N1 K16X - L1[O] C48 P16 C16X - L0[W] "
      "P8,370440,566626\n";
  const Json whole = run_json({"validate", folder.write("a.csv", text), "--hw", kGemmini});
  EXPECT_TRUE(whole.at("failed_rows").empty());
  const Finished refused = run({"validate", folder.write("b.csv", small), "--hw", kGemmini});
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.err.find("accumulators.size"), std::string::npos) << refused.err;
}

TEST(Tiles, a_table_fixes_the_tiles_of_a_network) {
  const ScratchFolder folder;
  const std::string tiles = folder.write("tiles.csv", "layer,rows,columns,out_channels,order\n*,4,8,16,rows columns\n");
  const Json given = run_json({"simulate", kSqueezeNet, "--hw", kGemmini, "--tiles", tiles});
  const Json half = run_json({"simulate", kSqueezeNet, "--hw", kGemmini, "--tiles", "auto:half"});
  EXPECT_EQ(given.at("total").at("macs"), half.at("total").at("macs"));
  EXPECT_GT(cycles(given), cycles(half)) << "small tiles load their inputs more often and are more to issue";
}

TEST(Tiles, half_tiles_are_a_key_of_every_engine_of_tiles) {
  const Json option = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--tiles", "auto:half"});
  const Json key = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--set", "mapping.half_tiles=true"});
  const Json searched = run_json({"simulate", kSqueezeNet, "--hw", kEngine});
  EXPECT_EQ(cycles(option), cycles(key));
  EXPECT_LT(cycles(searched), cycles(option)) << "a search is worth something";
}

TEST(Tiles, what_is_wrong_is_said_in_a_line) {
  const ScratchFolder folder;
  const auto refusal = [&](const std::string& text, const std::string& engine = kGemmini) {
    const Finished finished = run({"simulate", kSqueezeNet, "--hw", engine, "--tiles", folder.write("t.csv", text)});
    EXPECT_NE(finished.status, 0) << text;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
    return finished.err;
  };
  const auto says = [](const std::string& error, const std::string& what) {
    EXPECT_NE(error.find(what), std::string::npos) << error;
  };
  says(refusal("rows\n4\n"), "column 'layer': missing");
  says(refusal("layer,rows\n*,0\n"), "t.csv:2: column 'rows': value '0'");
  says(refusal("layer,order\n*,rows deep\n"), "t.csv:2: column 'order'");
  says(refusal("layer,depth\n*,1\n"), "column 'depth': unknown");
  says(refusal("layer,rows\n*,1\n*,2\n"), "has a row already");
  says(refusal("layer,rows\nno_such_layer,1\n"), "is no layer of the network");
  says(refusal("layer,mapping\n*,L3[WIO] K2\n"), "mapping 'L3[WIO] K2'");
  says(refusal("layer,rows,mapping\n*,1,L3[WIO] K2 - L2[WI] K16X\n"), "gives sizes and order");
  says(refusal("layer\n*\n"), "accumulators.size");
  says(refusal("layer\n*\n", kEngine), "memory.");
}

}  // namespace
}  // namespace lanewise::cli::testing
