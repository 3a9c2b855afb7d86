// SPDX-License-Identifier: Apache-2.0
#include "report/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace lanewise::report {
namespace {

study::SubgraphProfile subgraph(std::int64_t macs, std::int64_t dram_bytes, std::int64_t cycles, double peak,
                                double bandwidth) {
  study::SubgraphProfile p;
  p.name = "a & <b>";
  p.macs = macs;
  p.dram_bytes = dram_bytes;
  p.latency_cycles = cycles;
  p.peak_macs_per_cycle = peak;
  p.bound_by = "dram";
  study::place_under_roofline(p, bandwidth);
  return p;
}

TEST(Roofline, left_of_the_ridge_dram_is_the_roof) {
  // 10 MACs a byte x 4 B/cycle = 40 of 256 MACs a cycle; 1000 MACs take 25 cycles, and took 50.
  const study::SubgraphProfile p = subgraph(1000, 100, 50, 256, 4);
  EXPECT_DOUBLE_EQ(*p.macs_per_dram_byte, 10);
  EXPECT_DOUBLE_EQ(p.attainable_macs_per_cycle, 40);
  EXPECT_DOUBLE_EQ(p.macs_per_cycle, 20);
  EXPECT_DOUBLE_EQ(p.percent_of_roofline, 50);
  EXPECT_TRUE(p.memory_side());
}

TEST(Roofline, right_of_the_ridge_the_array_is) {
  const study::SubgraphProfile p = subgraph(25600, 100, 125, 256, 4);
  EXPECT_DOUBLE_EQ(p.attainable_macs_per_cycle, 256);
  EXPECT_DOUBLE_EQ(p.percent_of_roofline, 80);
  EXPECT_FALSE(p.memory_side());
}

TEST(Roofline, without_dram_traffic_the_array_is_the_roof) {
  const study::SubgraphProfile p = subgraph(25600, 0, 200, 256, 4);
  EXPECT_FALSE(p.macs_per_dram_byte.has_value());
  EXPECT_DOUBLE_EQ(p.attainable_macs_per_cycle, 256);
  EXPECT_DOUBLE_EQ(p.percent_of_roofline, 50);
  EXPECT_FALSE(p.memory_side());
}

TEST(Roofline, without_macs_only_bytes_count) {
  const study::SubgraphProfile p = subgraph(0, 400, 200, 0, 4);
  EXPECT_DOUBLE_EQ(p.percent_of_roofline, 50);
  EXPECT_DOUBLE_EQ(p.attainable_macs_per_cycle, 0);
  EXPECT_TRUE(p.memory_side());
  EXPECT_DOUBLE_EQ(subgraph(0, 0, 200, 0, 4).percent_of_roofline, 0);
}

study::Profile two_subgraphs() {
  study::Profile profile;
  profile.peak_macs_per_cycle = 256;
  profile.dram_bytes_per_cycle = 4;
  profile.subgraphs = {subgraph(1000, 100, 50, 256, 4), subgraph(25600, 0, 150, 256, 4), subgraph(0, 10, 5, 0, 4)};
  profile.total = subgraph(26600, 110, 205, 256, 4);
  profile.total.units = {
      {record::Unit::kDotProductArray,
       Cycles(100),
       Cycles(55),
       {{record::StallCause::kInput, Cycles(41)}, {record::StallCause::kWeights, Cycles(0)}}},
      {record::Unit::kPostProcessor, Cycles(5), Cycles(77), {{record::StallCause::kAccumulators, Cycles(123)}}}};
  return profile;
}

TEST(Profile, stalls_are_sorted_by_what_they_cost) {
  const std::vector<study::StallCost> costs = study::stall_costs(two_subgraphs());
  ASSERT_EQ(costs.size(), 2u);
  EXPECT_EQ(costs[0].unit, record::Unit::kPostProcessor);
  EXPECT_DOUBLE_EQ(costs[0].percent, 60);
  EXPECT_EQ(costs[1].cause, record::StallCause::kInput);
  EXPECT_DOUBLE_EQ(costs[1].percent, 20);
}

// Lines of the plot itself: from the axis' unit down to the axis.
std::vector<std::string> plot_of(const study::Profile& profile) {
  std::istringstream text(roofline_text(profile));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(RooflinePlot, points_never_stand_above_the_roof) {
  const std::vector<std::string> lines = plot_of(two_subgraphs());
  ASSERT_GT(lines.size(), 10u);
  std::size_t width = 0;
  for (const std::string& line : lines) width = std::max(width, line.size());
  EXPECT_LE(width, 110u);
  // Down each column the roof comes before any point that is not on it.
  for (std::size_t column = 10; column < width; ++column) {
    bool roof = false;
    for (std::size_t r = 1; r + 3 < lines.size(); ++r) {
      const char c = column < lines[r].size() ? lines[r][column] : ' ';
      if (c == '/' || c == '-') roof = true;
      const bool point = c == 'O' || c == 'o' || c == '.' || c == '@';
      EXPECT_TRUE(roof || !point) << "column " << column << " line " << r;
    }
  }
}

TEST(RooflinePlot, the_svg_names_every_subgraph_with_macs_and_escapes_names) {
  const std::string svg = roofline_svg(two_subgraphs(), "a < b");
  EXPECT_EQ(svg.rfind("<svg", 0), 0u);
  EXPECT_NE(svg.find("</svg>\n"), std::string::npos);
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  EXPECT_EQ(svg.find("a & <b>"), std::string::npos);
  std::size_t points = 0;
  for (std::size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1)) ++points;
  EXPECT_EQ(points, 3u) << "two passes and the network";
  EXPECT_NE(svg.find("ridge 64.0 MACs/B"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::report
