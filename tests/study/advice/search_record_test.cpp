// SPDX-License-Identifier: Apache-2.0
// What codesigns leave, read back.
#include "study/advice/search_record.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/base/error.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study {
namespace {

const std::string kResult = R"({"network": "n", "engine": "e", "engine_overrides": {"dram.bandwidth": "1 GB/s"},
  "objectives": ["latency"], "limits": ["parameters>=0.9*baseline", "macs>=0.8*baseline", "latency_ms<=5"],
  "finalists": [{"genes": {"fuse.ibn0": "fused_ibn"}, "missed_limits": []},
                {"genes": {"channels": "aligned"}, "missed_limits": [{"limit": "latency_ms<=5"}]}]})";

std::string refusal(const std::string& text) {
  try {
    parse_search("r.json", text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  return text.replace(text.find(part), part.size(), by);
}

TEST(SearchRecord, designs_that_miss_their_limits_are_no_part_of_the_front) {
  const SearchRecord record = parse_search("r.json", kResult);
  EXPECT_EQ(record.network, "n");
  EXPECT_TRUE(record.finalists_only);
  ASSERT_EQ(record.front.size(), 1u);
  EXPECT_EQ(record.front[0], (ChangedGenes{{"fuse.ibn0", "fused_ibn"}}));
  EXPECT_DOUBLE_EQ(record.share_of("parameters"), 0.9);
  EXPECT_DOUBLE_EQ(record.share_of("macs"), 0.8);
  EXPECT_DOUBLE_EQ(record.share_of("dram_bytes"), 0);
  ASSERT_EQ(record.overrides.size(), 1u);
  EXPECT_EQ(record.overrides[0].value, "1 GB/s");
}

TEST(SearchRecord, what_is_no_result_is_refused_by_its_key) {
  EXPECT_EQ(refusal("{"), "r.json: is no JSON: must be the result.json of a codesign");
  EXPECT_EQ(refusal("[]"), "r.json: must be the result.json of a codesign");
  EXPECT_EQ(refusal(R"({"network": 1})"), "r.json: key 'network' must be a text");
  EXPECT_EQ(refusal(R"({"networks": []})"),
            "r.json: is the result of a workload: patterns are of searches of one network");
  EXPECT_EQ(refusal(replaced(kResult, "\"engine\": \"e\", ", "")),
            "r.json: has no key 'engine': must be the result.json of a codesign");
  EXPECT_EQ(refusal(replaced(kResult, "\"fused_ibn\"", "3")),
            "r.json: key 'finalists[0].genes.fuse.ibn0' must be a text");
  EXPECT_NE(refusal(replaced(kResult, "latency_ms<=5", "speed<=5")).find("r.json: key 'limits'"), std::string::npos);
}

TEST(SearchRecord, a_folder_is_read_with_its_front_and_its_history) {
  const testing::ScratchFolder folder;
  std::ofstream(folder.file("result.json")) << kResult;
  const std::string long_genes = "channels=aligned; kernel.conv1=" + std::string(3000, '5');
  std::ofstream(folder.file("front.csv")) << "genes,failure,missed_limits\nfuse.ibn0=fused_ibn; channels=aligned,,\n"
                                          << "channels=even,no such engine,\nchannels=even,,latency_ms<=5\n"
                                          << long_genes << ",,\n";
  std::ofstream(folder.file("history.csv")) << "search,genes\nbaseline,\nnetwork,channels=aligned\n"
                                            << "network,channels=aligned; fuse.ibn0=fused_ibn\nnetwork,channels=even\n";
  const SearchRecord record = read_search(folder.file(""));
  EXPECT_FALSE(record.finalists_only);
  ASSERT_EQ(record.front.size(), 2u);
  EXPECT_EQ(record.front[0][1].first, "channels");
  EXPECT_EQ(record.candidates, 3);
  EXPECT_EQ(record.tried.at("channels").at("aligned"), 2);
  EXPECT_EQ(record.settings, "");
  EXPECT_EQ(read_search(folder.file("result.json")).front, record.front);
  std::ofstream(folder.file("front.csv")) << "genes,failure,missed_limits\nchannels,,\n";
  try {
    read_search(folder.file("result.json"));
    FAIL() << "a gene without a value was read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("front.csv:2: column 'genes': 'channels' must be NAME=VALUE"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace lanewise::study
