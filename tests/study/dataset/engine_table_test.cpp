// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/engine_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

// By definition: whom nobody dominates.
template <std::size_t N>
std::vector<std::size_t> undominated(const std::vector<std::array<double, N>>& points) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const std::array<double, N>& other) {
      for (std::size_t k = 0; k < N; ++k) {
        if (other[k] > points[i][k]) return false;
      }
      return other != points[i];
    });
    if (!beaten) front.push_back(i);
  }
  return front;
}

template <std::size_t N>
void expect_exact(std::uint64_t values) {
  Random random(values);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::array<double, N>> points(1 + random.below(120));
    for (std::array<double, N>& point : points) {
      for (double& value : point) value = static_cast<double>(random.below(values));
    }
    EXPECT_EQ(exact_front(points), undominated<N>(points)) << round;
  }
}

TEST(EngineTable, fronts_are_those_of_the_definition_with_many_ties_and_with_few) {
  for (const std::uint64_t values : {2u, 5u, 1000u}) {
    expect_exact<2>(values);
    expect_exact<3>(values);
  }
}

TEST(EngineTable, equal_points_are_all_on_the_front_or_none) {
  using Two = std::vector<std::array<double, 2>>;
  using Three = std::vector<std::array<double, 3>>;
  using Indices = std::vector<std::size_t>;
  EXPECT_EQ(exact_front(Two{{1, 2}, {1, 2}, {1, 3}, {2, 1}, {2, 1}, {0, 9}}), (Indices{0, 1, 3, 4, 5}));
  EXPECT_EQ(exact_front(Three{{1, 1, 1}, {1, 1, 1}, {1, 1, 2}, {0, 1, 2}}), (Indices{0, 1, 3}));
  EXPECT_EQ(exact_front(Two{}), Indices{});
}

// Kendall's definition, pair by pair.
double tau_by_pairs(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0, in_a = 0, in_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double x = a[i] > a[j] ? 1 : a[i] < a[j] ? -1 : 0, y = b[i] > b[j] ? 1 : b[i] < b[j] ? -1 : 0;
      sum += x * y, in_a += x * x, in_b += y * y;
    }
  }
  return in_a * in_b > 0 ? sum / std::sqrt(in_a * in_b) : 0;
}

TEST(EngineTable, kendalls_tau_is_that_of_all_pairs) {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<double> a(1 + random.below(80)), b(a.size());
    for (double& value : a) value = static_cast<double>(random.below(6));
    for (double& value : b) value = static_cast<double>(random.below(round % 2 == 0 ? 5 : 1000));
    EXPECT_NEAR(kendall_tau(a, b), tau_by_pairs(a, b), 1e-12);
  }
  EXPECT_EQ(kendall_tau({1, 2, 3}, {5, 6, 9}), 1);
  EXPECT_EQ(kendall_tau({1, 2, 3}, {9, 6, 5}), -1);
  EXPECT_EQ(kendall_tau({1, 2, 3}, {4, 4, 4}), 0);
  EXPECT_THROW(kendall_tau({1}, {1, 2}), InternalError);
}

TEST(EngineTable, the_volume_of_a_front_is_the_area_of_its_steps) {
  EXPECT_DOUBLE_EQ(front_volume({{2, 90}, {1, 85}, {3, 88}}, 4, 80), 3 * 5 + 2 * 5);
  EXPECT_DOUBLE_EQ(front_volume({{5, 90}, {1, 70}}, 4, 80), 0);
}

EngineTable made_table() {
  EngineTable table;
  Random random(11);
  for (std::size_t n = 0; n < 400; ++n) {
    // Every third network is the one before in another spelling.
    const std::size_t structure = n % 3 == 2 ? n - 1 : n;
    table.networks.push_back({"n" + std::to_string(n), 80 + 10 * random.unit(), 1000, 1000, structure});
  }
  for (std::size_t e = 0; e < 60; ++e) {
    TableEngine engine;
    engine.name = "e" + std::to_string(e);
    engine.group = std::to_string(e / 2);
    engine.area_mm2 = 1 + static_cast<double>(e % 7);
    for (const TableNetwork& network : table.networks) {
      TableCell cell;
      cell.latency_cycles = static_cast<std::int64_t>(100 + network.structure % 50 * (e + 1));
      cell.latency_ms = static_cast<double>(cell.latency_cycles) / 1e3;
      cell.energy_uj = 1 + random.unit();
      engine.cells.push_back(cell);
    }
    table.engines.push_back(std::move(engine));
  }
  return table;
}

TEST(EngineTable, no_graph_and_no_group_of_engines_stands_on_two_sides) {
  const EngineTable table = made_table();
  const std::vector<SplitSide> networks = network_sides(table), engines = engine_sides(table);
  std::map<std::size_t, std::set<SplitSide>> of_structure;
  std::map<std::string, std::set<SplitSide>> of_group;
  for (std::size_t n = 0; n < networks.size(); ++n) of_structure[table.networks[n].structure].insert(networks[n]);
  for (std::size_t e = 0; e < engines.size(); ++e) of_group[table.engines[e].group].insert(engines[e]);
  for (const auto& [structure, sides] : of_structure) EXPECT_EQ(sides.size(), 1u) << structure;
  for (const auto& [group, sides] : of_group) EXPECT_EQ(sides.size(), 1u) << group;
  for (const SplitSide side : {SplitSide::kTrain, SplitSide::kValidation, SplitSide::kTest}) {
    EXPECT_GT(std::count(networks.begin(), networks.end(), side), 0) << to_string(side);
    EXPECT_GT(std::count(engines.begin(), engines.end(), side), 0) << to_string(side);
  }
}

TEST(EngineTable, sides_follow_from_what_a_row_is_and_from_nothing_else) {
  EngineTable table = made_table();
  const std::vector<SplitSide> before = network_sides(table);
  for (TableEngine& engine : table.engines) {
    for (TableCell& cell : engine.cells) cell.latency_cycles *= 7;
  }
  for (TableNetwork& network : table.networks) network.accuracy_percent = 1;
  table.engines.resize(3);
  EXPECT_EQ(network_sides(table), before);
  EXPECT_EQ(engine_sides(table), (std::vector<SplitSide>{engine_sides(made_table())[0], engine_sides(made_table())[1],
                                                         engine_sides(made_table())[2]}));
}

TEST(EngineTable, the_front_of_all_engines_is_that_of_every_design) {
  const EngineTable table = made_table();
  std::vector<std::array<double, 3>> points;
  std::vector<TableDesign> designs;
  for (std::size_t e = 0; e < table.engines.size(); ++e) {
    for (std::size_t n = 0; n < table.networks.size(); ++n) {
      designs.push_back({e, n});
      points.push_back(
          {table.engines[e].cells[n].latency_ms, -table.networks[n].accuracy_percent, table.engines[e].area_mm2});
    }
  }
  std::vector<TableDesign> expected;
  for (const std::size_t i : exact_front(points)) expected.push_back(designs[i]);
  EXPECT_EQ(front_of_all(table), expected);
  EXPECT_GT(expected.size(), 5u);
}

}  // namespace
}  // namespace lanewise::study
