// SPDX-License-Identifier: Apache-2.0
#include "report/tile_chart.hpp"

#include "tests/report/timelines.hpp"

namespace lanewise::report::testing {
namespace {

// Columns of a unit's row.
std::string row_of(const std::string& chart, const std::string& unit) {
  const std::size_t at = chart.find("\n" + unit);
  EXPECT_NE(at, std::string::npos) << chart;
  const std::string line = chart.substr(at + 1, chart.find('\n', at + 1) - at - 1);
  return line.substr(line.size() - 78);
}

TEST(TileChart, a_column_shows_what_took_most_of_it) {
  record::Timeline t;
  t.units = {"array", "other"};
  t.subgraphs = {"p"};
  t.clock_hz = 1e9;
  // 78 columns of ten cycles.
  t.slices = {{0, 0, 0, 0, 100, Cause::kInput},
              {0, 0, 0, 100, 404, {}},
              {0, 0, 11, 404, 500, {}},
              {1, 0, -1, 700, 780, {}},
              {0, 0, 1, 500, 780, {}}};
  const std::string chart = tile_chart(t, 12);
  EXPECT_EQ(row_of(chart, "array"), std::string(10, 'i') + std::string(30, '0') + std::string(38, '1'));
  EXPECT_EQ(row_of(chart, "other"), std::string(70, '.') + std::string(8, '#'));
  EXPECT_NE(chart.find("A column is 10.0 cycles"), std::string::npos);
  EXPECT_NE(chart.find("i input"), std::string::npos);
}

TEST(TileChart, ends_with_the_first_tiles) {
  record::Timeline t;
  t.units = {"array"};
  t.subgraphs = {"p"};
  for (std::int32_t tile = 0; tile < 100; ++tile) t.slices.push_back({0, 0, tile, tile * 10.0, tile * 10.0 + 10, {}});
  const std::string row = row_of(tile_chart(t, 100), "array");
  EXPECT_EQ(row.front(), '0');
  EXPECT_EQ(row.back(), static_cast<char>('0' + kFirstTiles - 1));
  EXPECT_TRUE(tile_chart({}, 5).empty());
}

TEST(TileSpans, reach_from_the_first_to_the_last_busy_cycle) {
  record::Timeline t;
  t.units = {"array", "idle"};
  t.subgraphs = {"p"};
  t.slices = {{0, 0, 0, 0, 5, Cause::kInput},
              {0, 0, 0, 5, 10, {}},
              {0, 0, 0, 10, 15, Cause::kAccumulators},
              {0, 0, 0, 15, 20, {}},
              {0, 0, 1, 20, 25, Cause::kWeights}};
  const auto spans = tile_spans(t, 2);
  ASSERT_TRUE(spans[0][0].has_value());
  EXPECT_EQ(spans[0][0]->begin, 5);
  EXPECT_EQ(spans[0][0]->end, 20);
  EXPECT_FALSE(spans[0][1].has_value()) << "only waited";
  EXPECT_FALSE(spans[1][0].has_value());
}

}  // namespace
}  // namespace lanewise::report::testing
