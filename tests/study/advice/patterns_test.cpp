// SPDX-License-Identifier: Apache-2.0
// Patterns among made-up sites whose support and gain are known.
#include "study/advice/patterns.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

// A fusible block of a search, as a front would have it.
PatternSite block(std::size_t search, double at_stride, std::int64_t kernel, std::int64_t channels, double held,
                  double saved = 2) {
  PatternSite site;
  site.search = search;
  site.network = search % 2 == 0 ? "a" : "b";
  site.engine = search < 2 ? "small" : "large";
  site.family = search < 2 ? "ne" : "nvdla";
  site.array = search < 2 ? 256 : 2048;
  site.place.move = "fuse";
  site.place.place = "ibn";
  site.place.at_stride = at_stride;
  site.place.kernel = kernel;
  site.place.stride = 1;
  site.place.channels = channels;
  site.place.expansion = 6;
  site.way = "fuse";
  site.held = held;
  site.tried = 0.4;
  if (held > 0) site.values = {"fused_ibn"};
  site.alone_percent = site.in_front_percent = saved;
  site.parameters_percent = 3;
  return site;
}

const Pattern& only(const std::vector<Pattern>& patterns) {
  EXPECT_EQ(patterns.size(), 1u);
  if (patterns.empty()) throw Error("no pattern");
  return patterns.front();
}

TEST(Patterns, what_every_front_holds_everywhere_needs_no_condition) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    for (const double stride : {4.0, 8.0, 16.0}) sites.push_back(block(search, stride, 3, 24, 1, stride / 4));
  }
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, false);
  const Pattern& pattern = only(patterns);
  EXPECT_TRUE(pattern.entry.where.empty());
  EXPECT_EQ(pattern.entry.places, (std::vector<std::string>{"all"}));
  EXPECT_EQ(pattern.fronts, 4);
  EXPECT_EQ(pattern.of_fronts, 4);
  EXPECT_EQ(pattern.places, 12u);
  EXPECT_DOUBLE_EQ(pattern.held, 1);
  EXPECT_DOUBLE_EQ(pattern.lift(), 2.5);
  EXPECT_NEAR(pattern.in_front_percent, (1 + 2 + 4) / 3.0, 1e-9);
  EXPECT_EQ(pattern.engines, (std::vector<std::string>{"small", "large"}));
}

TEST(Patterns, hold_within_what_fronts_show) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    for (const std::int64_t channels : {24, 40}) {
      sites.push_back(block(search, 8, 5, channels, 1));
      sites.back().place.map = search < 2 ? 28 : 40;
    }
    // Where the move could be made and fronts do not make it, they show nothing.
    sites.push_back(block(search, 8, 5, 60, 0.4));
    sites.back().place.map = 14;
  }
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, false);
  const nas::PlacePattern& range = only(patterns).entry.within;
  EXPECT_EQ(range.map_from, 28);
  EXPECT_FALSE(range.map_to.has_value());
  EXPECT_EQ(range.channels_from, 24);
  EXPECT_EQ(range.channels_to, 40);
  EXPECT_EQ(range.kernels, (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(range.strides, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(range.expansion_from, 6);
  EXPECT_EQ(range.expansion_to, 6);
}

TEST(Patterns, strides_at_which_fronts_do_not_make_the_move_are_left_out) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    for (const double stride : {4.0, 8.0, 16.0}) sites.push_back(block(search, stride, 3, 24, 1));
    sites.push_back(block(search, 32, 3, 160, 0.1));
  }
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, false);
  const Pattern& pattern = only(patterns);
  // Strides finer than any that was seen are as good as the finest.
  EXPECT_EQ(pattern.entry.where.at_strides, (std::vector<double>{1, 2, 4, 8, 16}));
  EXPECT_EQ(pattern.places, 12u);
}

TEST(Patterns, the_widest_selector_that_holds_is_taken) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    for (const std::int64_t channels : {16, 24, 40, 80}) {
      for (const std::int64_t kernel : {3, 5}) sites.push_back(block(search, 8, kernel, channels, channels <= 40));
    }
  }
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, false);
  const Pattern& pattern = only(patterns);
  ASSERT_TRUE(pattern.entry.where.channels_to.has_value());
  EXPECT_EQ(*pattern.entry.where.channels_to, 40);
  EXPECT_TRUE(pattern.entry.where.kernels.empty());
  EXPECT_EQ(pattern.places, 24u);
  EXPECT_NE(pattern.text.find("that read at most 40 channels"), std::string::npos) << pattern.text;
}

TEST(Patterns, a_pattern_of_one_family_says_so) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    for (const double stride : {4.0, 8.0}) sites.push_back(block(search, stride, 3, 24, search < 2 ? 1 : 0));
  }
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, false);
  const Pattern& pattern = only(patterns);
  EXPECT_EQ(pattern.entry.on.families, (std::vector<std::string>{"ne"}));
  EXPECT_EQ(pattern.engines, (std::vector<std::string>{"small"}));
  EXPECT_EQ(pattern.of_fronts, 2);
  EXPECT_NE(pattern.text.find("on engines of the family ne"), std::string::npos) << pattern.text;
}

TEST(Patterns, what_is_tried_more_often_than_held_is_no_pattern) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    sites.push_back(block(search, 8, 3, 24, 0.8));
    sites.back().tried = 0.9;
  }
  EXPECT_TRUE(mine_patterns(sites, {}, false).empty());
}

TEST(Patterns, what_costs_latency_is_a_pattern_only_where_it_pays_for_capacity) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) sites.push_back(block(search, 32, 3, 160, 0.5, -1));
  EXPECT_TRUE(mine_patterns(sites, {}, false).empty());
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, true);
  const Pattern& pattern = only(patterns);
  EXPECT_EQ(pattern.entry.for_capacity, nas::ForCapacity::kAdds);
}

TEST(Patterns, minimum_support_is_kept) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) sites.push_back(block(search, 8, 3, 24, search == 0 ? 0 : 1));
  PatternOptions options;
  options.min_support = 0.75;
  EXPECT_EQ(only(mine_patterns(sites, options, false)).fronts, 3);
  options.min_support = 0.9;
  // Two fronts of one family hold it without exception.
  const std::vector<Pattern> strict = mine_patterns(sites, options, false);
  EXPECT_EQ(only(strict).entry.on.families, (std::vector<std::string>{"nvdla"}));
}

TEST(Patterns, multipliers_have_the_median_of_their_fronts_and_yield_to_capacity) {
  std::vector<PatternSite> sites;
  const char* const values[] = {"0.5", "0.5", "0.625", "0.75"};
  for (std::size_t search = 0; search < 4; ++search) {
    PatternSite site = block(search, 8, 0, 0, 1);
    site.place.move = "depth_multiplier";
    site.place.place = "stage2";
    site.way = "narrower";
    site.values = {values[search]};
    site.parameters_percent = -10;
    sites.push_back(site);
  }
  const std::vector<Pattern> patterns = mine_patterns(sites, {}, true);
  const Pattern& pattern = only(patterns);
  EXPECT_EQ(pattern.entry.value, "0.5");
  EXPECT_EQ(pattern.entry.for_capacity, nas::ForCapacity::kYields);
}

TEST(Patterns, a_file_of_patterns_reads_back) {
  std::vector<PatternSite> sites;
  for (std::size_t search = 0; search < 4; ++search) {
    for (const double stride : {4.0, 8.0, 16.0}) sites.push_back(block(search, stride, 3, 24, 1));
    sites.push_back(block(search, 32, 3, 160, 0.45));
  }
  Patterns found;
  found.capacity_parameters = found.capacity_macs = 0.9;
  found.searches = {{"x/result.json", "a", "small", 1, 10, false}};
  found.patterns = mine_patterns(sites, found.options, true);
  ASSERT_EQ(found.patterns.size(), 2u);
  const std::string text = nas::moves_text(found.file());
  const nas::MovesFile back = nas::parse_moves("moves.yaml", text);
  EXPECT_EQ(nas::moves_text(back), text);
  ASSERT_EQ(back.entries.size(), 2u);
  EXPECT_EQ(back.entries[1].for_capacity, nas::ForCapacity::kAdds);
  EXPECT_DOUBLE_EQ(back.capacity_macs, 0.9);
  ASSERT_NE(back.entries[0].note("fronts"), nullptr);
  EXPECT_EQ(*back.entries[0].note("fronts"), "4 of 4");
}

}  // namespace
}  // namespace lanewise::study
