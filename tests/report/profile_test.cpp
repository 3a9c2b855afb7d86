// SPDX-License-Identifier: Apache-2.0
#include "report/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
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

// Four ceilings so close to each other that their labels have to make room.
study::Profile crowded() {
  study::Profile profile = two_subgraphs();
  const std::pair<study::Ceiling, double> heights[] = {{study::Ceiling::kLaneFill, 100},
                                                       {study::Ceiling::kDepthwiseLanes, 98},
                                                       {study::Ceiling::kWeightLoad, 96},
                                                       {study::Ceiling::kPostProcessor, 94}};
  for (const auto& [ceiling, height] : heights) {
    study::SubgraphProfile bound = subgraph(2000, 10, 100, 256, 4);
    bound.family = "convolution";
    bound.ceilings = {{study::Ceiling::kPeak, 256}, {ceiling, height}};
    profile.subgraphs.push_back(bound);
  }
  profile.ceilings = study::network_ceilings(profile);
  return profile;
}

TEST(Ceilings, the_lowest_binds_and_of_equals_the_first) {
  study::SubgraphProfile p = subgraph(1000, 100, 50, 256, 4);
  EXPECT_EQ(p.lowest().macs_per_cycle, 0);
  p.ceilings = {{study::Ceiling::kPeak, 256}, {study::Ceiling::kLaneFill, 256}};
  EXPECT_EQ(p.lowest().ceiling, study::Ceiling::kPeak);
  p.ceilings.push_back({study::Ceiling::kWeightLoad, 12});
  EXPECT_EQ(p.lowest().ceiling, study::Ceiling::kWeightLoad);
  const study::Profile profile = crowded();
  ASSERT_EQ(profile.ceilings.size(), 4u);
  for (const study::NetworkCeiling& ceiling : profile.ceilings) {
    EXPECT_EQ(ceiling.subgraphs, 1);
    EXPECT_NEAR(ceiling.latency_percent, 100.0 * 100 / 205, 1e-9);
  }
}

TEST(RooflinePlot, ceilings_are_dashed_and_their_labels_do_not_run_through_each_other) {
  const std::string svg = roofline_svg(crowded(), "crowded");
  struct Label {
    double left, right, y;
  };
  std::vector<Label> labels;
  std::istringstream lines(svg);
  std::size_t dashed = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("<line class=\"ceiling\"") != std::string::npos) ++dashed;
    double x = 0, y = 0;
    const std::size_t words = line.find("font-size=\"10\">"), end = line.find(" convolution)</text>");
    if (words == std::string::npos || end == std::string::npos) continue;
    ASSERT_EQ(std::sscanf(line.c_str(), "<text x=\"%lf\" y=\"%lf\"", &x, &y), 2) << line;
    const double width = 5.5 * static_cast<double>(end + 12 - words - 15);
    labels.push_back({x - width, x, y});
  }
  EXPECT_EQ(dashed, 4u);
  ASSERT_EQ(labels.size(), 4u) << svg;
  for (std::size_t a = 0; a < labels.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const bool apart = labels[a].left >= labels[b].right || labels[b].left >= labels[a].right ||
                         std::abs(labels[a].y - labels[b].y) >= 10;
      EXPECT_TRUE(apart) << a << " and " << b;
    }
  }
  const std::string text = roofline_text(crowded());
  EXPECT_NE(text.find('~'), std::string::npos);
  EXPECT_NE(text.find("weight_load 96.0 (convolution)"), std::string::npos) << text;
}

}  // namespace
}  // namespace lanewise::report
