// SPDX-License-Identifier: Apache-2.0
// What any model of measured rows is held against: how far repetitions lie apart, and a roofline of three numbers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "core/mapping/bounds.hpp"
#include "study/calibration/repeatability.hpp"
#include "study/calibration/roofline_fit.hpp"

namespace lanewise::study {
namespace {

// Side of the map, channels in and out of a 1x1 convolution, and what it was measured to take.
using Layer = std::tuple<int, int, int, std::int64_t>;

MeasuredRows rows_of(const std::vector<Layer>& layers) {
  static int number = 0;
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("yardsticks_" + std::to_string(::getpid()) + "_" + std::to_string(++number) + ".csv");
  {
    std::ofstream file(path);
    file << "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles\n";
    for (const auto& [side, in, out, cycles] : layers) {
      file << side << "," << side << "," << in << "," << out << ",1,1," << cycles << "\n";
    }
  }
  const MeasuredRows rows = read_measured_rows(path.string(), "");
  std::filesystem::remove(path);
  return rows;
}

std::vector<bool> all(const MeasuredRows& rows) { return std::vector<bool>(rows.rows.size(), true); }

TEST(Repeatability, the_floor_is_what_one_answer_for_equal_layers_must_miss) {
  // Of 100 and 200 cycles 100 is the better answer: half off once, so a quarter of two rows.
  const MeasuredRows rows = rows_of({{8, 16, 16, 100}, {8, 16, 16, 200}, {8, 32, 16, 400}});
  const Repeatability found = repeatability(rows);
  EXPECT_EQ(found.rows, 2);
  EXPECT_EQ(found.shapes, 1);
  EXPECT_NEAR(found.floor_of_repeats_percent, 25, 1e-9);
  EXPECT_NEAR(found.floor_percent, 50.0 / 3, 1e-9);
  EXPECT_NEAR(found.scatter, std::log(2) / std::sqrt(2), 1e-9);  // of two: their distance over the root of two
  // No answer is better, whichever is tried.
  for (double answer = 90; answer <= 210; answer += 1) {
    EXPECT_GE(50 * (std::abs(answer - 100) / 100 + std::abs(answer - 200) / 200), 25 - 1e-9) << answer;
  }
}

TEST(Repeatability, rows_that_agree_all_count_whole) {
  const MeasuredRows rows = rows_of({{8, 16, 16, 100}, {8, 16, 16, 100}, {8, 32, 16, 400}});
  EXPECT_EQ(repeatability(rows).floor_percent, 0);
  EXPECT_EQ(repeatability(rows).rows, 2);
  EXPECT_EQ(repeatability_weights(rows, all(rows)), std::vector<double>(3, 1));
  EXPECT_EQ(repeatability(rows_of({{8, 16, 16, 100}, {8, 32, 16, 400}})).rows, 0);
}

TEST(Repeatability, a_layer_that_scatters_weighs_less_than_one_that_repeats) {
  const MeasuredRows rows = rows_of({{8, 16, 16, 100},
                                     {8, 16, 16, 180},
                                     {8, 16, 16, 130},
                                     {8, 32, 16, 400},
                                     {8, 32, 16, 402},
                                     {8, 32, 16, 398},
                                     {8, 64, 16, 800},
                                     {8, 64, 16, 801}});
  const std::vector<double> weights = repeatability_weights(rows, all(rows));
  ASSERT_EQ(weights.size(), 8u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_LT(weights[i], 0.8) << i;
  for (std::size_t i = 3; i < 6; ++i) EXPECT_EQ(weights[i], 1) << i;
  for (const double weight : weights) EXPECT_GT(weight, 0);
  // Of rows that are left out nothing is known.
  std::vector<bool> use = all(rows);
  use[1] = use[2] = false;
  EXPECT_EQ(repeatability_weights(rows, use).size(), 6u);
}

TEST(RooflineFit, finds_the_roofline_that_rows_were_made_by) {
  const engine::EngineConfig engine = engine::load_engine("hwconfigs/nvdla-large.yaml").config;
  std::vector<Layer> layers;
  for (const int side : {7, 14, 28, 56}) {
    for (const int in : {32, 64, 256, 512}) {
      for (const int out : {64, 512}) layers.emplace_back(side, in, out, 1000);
    }
  }
  const RooflineFit truth{0.5, 20, 40000};
  MeasuredRows rows = rows_of(layers);
  int compute_bound = 0;
  for (MeasuredRow& row : rows.rows) {
    const mapping::Bounds bounds = mapping::bounds(row.subgraph.subgraph, engine);
    const double compute = bounds.mac_cycles / truth.compute_share, memory = bounds.dram_bytes / truth.bytes_per_cycle;
    compute_bound += compute > memory ? 1 : 0;
    row.cycles = std::llround(std::max(compute, memory) + truth.launch_cycles);
  }
  ASSERT_GT(compute_bound, 3);
  ASSERT_LT(compute_bound, static_cast<int>(rows.rows.size()) - 3);
  const RooflineFit found = fit_roofline(engine, rows, all(rows));
  EXPECT_NEAR(found.compute_share, truth.compute_share, 0.01);
  EXPECT_NEAR(found.bytes_per_cycle, truth.bytes_per_cycle, 0.2);
  EXPECT_NEAR(found.launch_cycles, truth.launch_cycles, 400);
  EXPECT_LT(mean_error_percent(roofline_residuals(found, engine, rows, all(rows))), 0.2);
}

}  // namespace
}  // namespace lanewise::study
