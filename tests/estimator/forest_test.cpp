// SPDX-License-Identifier: Apache-2.0
#include "estimator/forest.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "estimator/booster.hpp"
#include "estimator/features.hpp"
#include "estimator/saved_forest.hpp"

using namespace lanewise;
using namespace lanewise::estimator;

namespace {

constexpr std::size_t kColumns = 7;

struct Rows {
  std::vector<float> features, labels;
  std::size_t size() const { return labels.size(); }
};

// Numbers of several kinds a column, so that trees have something to decide: whole, fractions, few values, large, zeros
// of both signs.
Rows random_rows(std::size_t rows, std::uint64_t seed) {
  Random random(seed);
  Rows table;
  for (std::size_t i = 0; i < rows; ++i) {
    const double x[kColumns] = {static_cast<double>(random.between(0, 500)),
                                random.unit(),
                                random.chance(0.3) ? 1.0 : 0.0,
                                std::exp(random.normal() * 8),
                                random.normal(),
                                random.chance(0.5) ? -0.0 : 0.0,
                                static_cast<double>(random.between(-3, 3))};
    for (const double value : x) table.features.push_back(static_cast<float>(value));
    table.labels.push_back(
        static_cast<float>(std::sin(x[0] / 20) + x[1] * x[2] + std::tanh(x[4]) * x[6] + x[3] * 1e-9));
  }
  return table;
}

Booster trained(const Rows& rows, int trees, int depth) {
  return Booster::train(rows.features, rows.labels, {3, trees, depth, 0.1});
}

std::vector<float> by_xgboost(const Booster& booster, const Rows& rows) {
  return XgboostModel::from_bytes(booster.to_bytes()).predict(rows.features, rows.size());
}

// Bit by bit: 0 and -0 differ.
void expect_same(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(std::memcmp(&a[i], &b[i], sizeof(float)), 0) << "row " << i << ": " << a[i] << " and " << b[i];
  }
}

class ForestOfDepth : public ::testing::TestWithParam<int> {};

TEST_P(ForestOfDepth, answers_as_xgboost_does) {
  const Rows rows = random_rows(3000, 1);
  const Booster booster = trained(rows, 60, GetParam());
  EXPECT_EQ(booster.forest().trees(), 60U);
  EXPECT_EQ(booster.forest().depth(), GetParam());
  expect_same(booster.predict(rows.features, rows.size()), by_xgboost(booster, rows));
  const Rows others = random_rows(1000, 2);
  expect_same(booster.predict(others.features, others.size()), by_xgboost(booster, others));
}

// 9 and more: deeper than rows are taken side by side.
INSTANTIATE_TEST_SUITE_P(Forest, ForestOfDepth, ::testing::Values(1, 2, 5, 8, 9, 12));

TEST(Forest, answers_a_row_the_same_whatever_the_batch) {
  const Rows rows = random_rows(400, 4);
  const Booster booster = trained(rows, 50, 8);
  const std::vector<float> all = booster.predict(rows.features, rows.size());
  for (const std::size_t count : {1U, 2U, 7U, 8U, 9U, 31U, 32U, 33U, 40U, 96U, 97U, 127U, 128U, 129U, 255U, 257U}) {
    for (const std::size_t first : {0U, 5U, 100U}) {
      const auto from = rows.features.begin() + static_cast<std::ptrdiff_t>(first * kColumns);
      const std::vector<float> some(from, from + static_cast<std::ptrdiff_t>(count * kColumns));
      const auto answers = all.begin() + static_cast<std::ptrdiff_t>(first);
      expect_same(booster.predict(some, count),
                  std::vector<float>(answers, answers + static_cast<std::ptrdiff_t>(count)));
    }
  }
}

TEST(Forest, answers_as_xgboost_does_on_and_beside_every_threshold) {
  // Whole numbers as labels' only cause: thresholds fall on the values themselves.
  Rows rows;
  for (int i = 0; i < 1000; ++i) {
    for (std::size_t c = 0; c < kColumns; ++c) rows.features.push_back(static_cast<float>((i * (c + 1)) % 40));
    rows.labels.push_back(static_cast<float>((i * 7) % 13));
  }
  const Booster booster = trained(rows, 40, 6);
  Rows probes;
  for (int value = -1; value <= 41; ++value) {
    const float exact = static_cast<float>(value);
    for (const float x : {exact, std::nextafter(exact, -100.0F), std::nextafter(exact, 100.0F), -exact}) {
      for (std::size_t c = 0; c < kColumns; ++c) probes.features.push_back(x);
      probes.labels.push_back(0);
    }
  }
  for (const float x : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()}) {
    for (std::size_t c = 0; c < kColumns; ++c) probes.features.push_back(x);
    probes.labels.push_back(0);
  }
  expect_same(booster.predict(probes.features, probes.size()), by_xgboost(booster, probes));
}

TEST(Forest, rows_that_lack_values_go_where_xgboost_sends_them) {
  Rows rows = random_rows(2000, 5);
  Random random(6);
  for (std::size_t i = 0; i < rows.features.size(); ++i) {
    if (random.chance(0.1)) rows.features[i] = std::numeric_limits<float>::quiet_NaN();
  }
  for (const int depth : {6, 10}) {
    const Booster booster = trained(rows, 40, depth);
    expect_same(booster.predict(rows.features, rows.size()), by_xgboost(booster, rows));
  }
}

TEST(Forest, answers_as_xgboost_does_on_subgraphs_of_a_network) {
  Rows rows;
  std::size_t columns = 0;
  for (const char* hw : {"ne-64", "ne-1024", "nvdla-large"}) {
    const engine::EngineConfig engine = engine::load_engine("hwconfigs/" + std::string(hw) + ".yaml").config;
    for (const mapping::Subgraph& s : mapping::partition(network::import_network("models/mobilenet_v2.onnx"), engine)) {
      const std::vector<float> row = feature_vector(s, engine);
      columns = row.size();
      rows.features.insert(rows.features.end(), row.begin(), row.end());
      rows.labels.push_back(static_cast<float>(std::log(static_cast<double>(s.shape.macs() + 1))));
    }
  }
  ASSERT_EQ(columns, feature_names().size());
  const Booster booster = trained(rows, 100, 8);
  expect_same(booster.predict(rows.features, rows.size()), by_xgboost(booster, rows));
}

TEST(Forest, a_tree_without_decisions_is_its_answer) {
  Forest forest(0.5F);
  forest.add_tree({{0, 0, false, 2}});
  forest.add_tree({{1, 0, false, 10}, {0, 0, false, -1}, {0, 0, false, 1}});
  forest.finish();
  EXPECT_EQ(forest.predict(std::vector<float>{9, 10, 11}.data(), 3, 1), (std::vector<float>{1.5, 3.5, 3.5}));
  EXPECT_TRUE(forest.predict(nullptr, 0, 1).empty());
  Forest constant(1);
  constant.add_tree({{0, 0, false, 2}});
  constant.finish();
  EXPECT_EQ(constant.predict(std::vector<float>(40).data(), 40, 1), std::vector<float>(40, 3.0F));
  EXPECT_THROW(forest.predict(nullptr, 1, 0), InternalError);
}

TEST(Forest, more_thresholds_than_ranks_are_answered_too) {
  // A chain of 600 thresholds on one feature, three a tree.
  Forest forest;
  std::vector<float> values;
  for (int t = 0; t < 200; ++t) {
    const float low = static_cast<float>(3 * t);
    forest.add_tree({{1, 0, false, low + 1},
                     {3, 0, false, low},
                     {5, 0, false, low + 2},
                     {0, 0, false, 0},
                     {0, 0, false, 1},
                     {0, 0, false, 2},
                     {0, 0, false, 3}});
  }
  forest.finish();
  for (int x = -1; x < 601; ++x) values.push_back(static_cast<float>(x));
  const std::vector<float> sums = forest.predict(values.data(), values.size(), 1);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(sums[i], static_cast<float>(std::min<std::size_t>(i, 600)));
}

TEST(SavedForest, what_is_no_model_of_trees_is_refused) {
  const std::string good = trained(random_rows(200, 7), 5, 3).to_bytes();
  EXPECT_EQ(read_forest(good).trees(), 5U);
  EXPECT_THROW(read_forest(""), Error);
  EXPECT_THROW(read_forest("{}"), Error);
  EXPECT_THROW(read_forest("no model"), Error);
  for (std::size_t keep = 0; keep < good.size(); keep += 101) {
    EXPECT_THROW(read_forest(good.substr(0, keep)), Error) << keep;
  }
  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    const std::size_t at = bytes.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return bytes.replace(at, from.size(), to);
  };
  EXPECT_THROW(read_forest(edited("gbtree}", "gblinr}")), Error);
  EXPECT_THROW(read_forest(edited("base_score", "base_scare")), Error);
  EXPECT_THROW(read_forest(edited("right_children", "right_childrun")), Error);
}

TEST(SavedForest, a_tree_that_is_none_is_refused) {
  const std::string good = trained(random_rows(200, 7), 5, 3).to_bytes();
  // The first child of the first tree: its number stands big-endian behind name, type and count.
  std::size_t at = good.find("left_children");
  ASSERT_NE(at, std::string::npos);
  at += std::string("left_children").size() + std::string("[$l#L").size() + 8;
  for (const char child : {'\x7f', '\x00'}) {
    std::string bytes = good;
    bytes[at + 3] = child;
    EXPECT_THROW(read_forest(bytes), Error) << static_cast<int>(child);
  }
}

}  // namespace
