// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/measured_rows.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study {
namespace {

constexpr const char* kRtl = "benchmarks/validation/rtl_layers.csv";

TEST(MeasuredRows, takes_the_rows_of_one_engine) {
  const MeasuredRows rows = read_measured_rows(kRtl, "nvdla-large");
  EXPECT_EQ(rows.file, "rtl_layers.csv");
  EXPECT_EQ(rows.rows.size(), 37u);
  EXPECT_EQ(rows.of_other_engines, 602 - 37);
  EXPECT_TRUE(rows.all_set("dram.latency"));
  EXPECT_FALSE(rows.any_sets("dram.bandwidth"));
  EXPECT_THROW(read_measured_rows(kRtl, "nvdla-huge"), Error);
  EXPECT_THROW(read_measured_rows("benchmarks/validation/rtl_back_to_back.csv", "nvdla-small"), Error);
}

TEST(MeasuredRows, engines_are_the_description_with_the_rows_own_columns) {
  const engine::EngineConfig small = engine::load_engine("hwconfigs/nvdla-small.yaml").config;
  const MeasuredRows rows = read_measured_rows(kRtl, "nvdla-small");
  const std::vector<engine::EngineConfig> engines = rows.engines(small);
  ASSERT_EQ(engines.size(), rows.engine_sets);
  EXPECT_LT(engines.size(), rows.rows.size());
  std::set<std::int64_t> banks;
  for (const MeasuredRow& row : rows.rows) banks.insert(engines[row.engine_set].memory.weight_banks);
  EXPECT_GT(banks.size(), 5u);
}

TEST(MeasuredRows, folds_keep_shapes_together_and_depend_on_no_measurement) {
  const MeasuredRows rows = read_measured_rows(kRtl, "nvdla-small");
  const std::vector<std::size_t> folds = folds_by_shape(rows.rows, 5, 1);
  std::map<std::string, std::size_t> fold_of;
  std::map<std::size_t, int> sizes;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    EXPECT_EQ(fold_of.emplace(rows.rows[i].shape, folds[i]).first->second, folds[i]);
    ++sizes[folds[i]];
  }
  EXPECT_EQ(sizes.size(), 5u);
  std::vector<MeasuredRow> other = rows.rows;
  for (MeasuredRow& row : other) row.cycles += 1000;
  EXPECT_EQ(folds_by_shape(other, 5, 1), folds);
  EXPECT_NE(folds_by_shape(rows.rows, 5, 2), folds);
}

TEST(MeasuredRows, a_share_of_the_shapes_is_left_out_but_never_all) {
  const MeasuredRows rows = read_measured_rows(kRtl, "nvdla-small");
  for (const double share : {0.0, 0.25, 0.9}) {
    const std::vector<bool> out = left_out_by_shape(rows.rows, share, 1);
    std::set<std::string> left, kept;
    for (std::size_t i = 0; i < out.size(); ++i) (out[i] ? left : kept).insert(rows.rows[i].shape);
    for (const std::string& shape : left) EXPECT_EQ(kept.count(shape), 0u);
    const double shapes = static_cast<double>(left.size() + kept.size());
    EXPECT_NEAR(static_cast<double>(left.size()) / shapes, share, 1 / shapes);
    EXPECT_FALSE(kept.empty());
  }
}

}  // namespace
}  // namespace lanewise::study
