// SPDX-License-Identifier: Apache-2.0
// Weights pruned and clustered, against counting and against every other choice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "accuracy/compression/cluster.hpp"
#include "accuracy/compression/form_options.hpp"
#include "accuracy/compression/prune.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy::testing {
namespace {

TEST(MagnitudeMask, exactly_the_density_stays_and_nothing_larger_goes) {
  torch::manual_seed(3);
  const torch::Tensor weights = torch::randn({7, 5, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
  for (const double density : {0.01, 0.1, 0.5, 0.77, 1.0}) {
    const torch::Tensor mask = magnitude_mask(weights, density);
    EXPECT_EQ(mask.sum().item<double>(), std::round(density * 315)) << density;
    const double smallest_kept = weights.abs().masked_select(mask == 1).min().item<double>();
    if (density == 1.0) continue;
    EXPECT_GE(smallest_kept, weights.abs().masked_select(mask == 0).max().item<double>());
  }
  EXPECT_EQ(magnitude_mask(weights, 1e-6).sum().item<double>(), 1) << "one weight stays at least";
}

TEST(MagnitudeMask, of_equal_magnitudes_the_first_stay) {
  EXPECT_TRUE(
      magnitude_mask(torch::tensor({{1.0F, -1.0F, 1.0F, -1.0F}}), 0.5).equal(torch::tensor({{1.F, 1.F, 0.F, 0.F}})));
}

TEST(StructureMask, of_each_group_along_the_input_channels_the_largest_stay) {
  torch::manual_seed(5);
  const torch::Tensor weights = torch::randn({3, 10, 3, 2}).contiguous(at::MemoryFormat::ChannelsLast);
  const torch::Tensor mask = structure_mask(weights, 2, 4, 1);
  for (int o = 0; o < 3; ++o) {
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 2; ++x) {
        for (int first = 0; first < 10; first += 4) {
          const int count = std::min(4, 10 - first);
          std::vector<double> all, kept;
          for (int i = first; i < first + count; ++i) {
            const double value = std::abs(weights[o][i][y][x].item<double>());
            all.push_back(value);
            if (mask[o][i][y][x].item<double>() == 1) kept.push_back(value);
          }
          std::sort(all.rbegin(), all.rend());
          std::sort(kept.rbegin(), kept.rend());
          all.resize(2);
          EXPECT_EQ(kept, all);
        }
      }
    }
  }
}

TEST(StructureMask, the_axis_may_be_the_first) {
  const torch::Tensor weights = torch::tensor({{1.0F, 9.0F}, {2.0F, 8.0F}, {3.0F, 7.0F}, {4.0F, 6.0F}});
  EXPECT_TRUE(structure_mask(weights, 1, 2, 0).equal(torch::tensor({{0.F, 1.F}, {1.F, 0.F}, {0.F, 1.F}, {1.F, 0.F}})));
}

// The least squared error of all ways to cut sorted values into at most `count` runs.
double least_error(const std::vector<float>& sorted, std::size_t from, std::int64_t count) {
  if (from == sorted.size()) return 0;
  if (count == 0) return std::numeric_limits<double>::infinity();
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t to = from + 1; to <= sorted.size(); ++to) {
    double sum = 0, error = 0;
    for (std::size_t i = from; i < to; ++i) sum += sorted[i];
    for (std::size_t i = from; i < to; ++i) error += std::pow(sorted[i] - sum / static_cast<double>(to - from), 2);
    best = std::min(best, error + least_error(sorted, to, count - 1));
  }
  return best;
}

TEST(Clusters, no_other_choice_has_a_smaller_error) {
  Random random(11);
  for (int round = 0; round < 60; ++round) {
    std::vector<float> values;
    const auto size = 1 + random.below(9);
    for (std::uint64_t i = 0; i < size; ++i) values.push_back(static_cast<float>(random.below(40)) / 8.0F + 1000.0F);
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (std::int64_t count = 1; count <= 5; ++count) {
      const Clusters clusters = cluster_values(values, count);
      EXPECT_NEAR(clusters.squared_error, least_error(sorted, 0, count), 1e-7);
      EXPECT_LE(static_cast<std::int64_t>(clusters.centres.size()), count);
      EXPECT_TRUE(std::is_sorted(clusters.centres.begin(), clusters.centres.end()));
    }
  }
}

TEST(Clusters, values_no_more_than_the_clusters_stay_as_they_are) {
  const std::vector<float> values = {0.5F, -1, 0.5F, 3, -1};
  const Clusters clusters = cluster_values(values, 16);
  EXPECT_EQ(clusters.centres, (std::vector<double>{-1, 0.5, 3}));
  EXPECT_EQ(clusters.assigned, (std::vector<std::int64_t>{1, 0, 1, 2, 0}));
  EXPECT_EQ(clusters.squared_error, 0);
}

TEST(Clusters, many_values_are_joined_first_and_every_cluster_is_used) {
  Random random(2);
  std::vector<float> values;
  for (int i = 0; i < 100000; ++i) values.push_back(static_cast<float>(random.unit()));
  const Clusters clusters = cluster_values(values, 8);
  ASSERT_EQ(clusters.centres.size(), 8u);
  // Of an even spread over [0, 1) the best eight are eighths: each error 1/8 squared over 12.
  EXPECT_NEAR(clusters.squared_error / 100000, 1.0 / 64 / 12, 3e-5);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(clusters.centres[i], (static_cast<double>(i) + 0.5) / 8, 0.02);
}

TEST(FormOptions, texts_are_read_and_the_last_that_matches_holds) {
  const LayerForm two = parse_prune("stage*/conv=2:4");
  EXPECT_EQ(two.layer, "stage*/conv");
  EXPECT_EQ(two.form.kept, 2);
  EXPECT_EQ(two.form.of, 4);
  EXPECT_EQ(parse_prune("0.25").form.density, 0.25);
  EXPECT_TRUE(parse_prune("a=b=dense").form.plain());
  EXPECT_EQ(parse_prune("a=b=dense").layer, "a=b");
  EXPECT_EQ(parse_cluster("16").form.clusters, 16);
  const std::vector<LayerForm> forms = {parse_prune("0.5"), parse_prune("head=dense")};
  EXPECT_EQ(form_of(forms, "stem").density, 0.5);
  EXPECT_TRUE(form_of(forms, "head").plain());
}

TEST(FormOptions, what_is_no_form_is_refused_with_the_rule) {
  for (const char* text :
       {"", "4:2", "2:2", "0:4", "2:65", "1.5", "0", "-0.5", "half", "nan", "2:4:8", "1e", "x=", "0.5x"}) {
    EXPECT_THROW(parse_prune(text), Error) << text;
  }
  for (const char* text : {"", "1", "-3", "70000", "many", "16 "}) EXPECT_THROW(parse_cluster(text), Error) << text;
}

}  // namespace
}  // namespace lanewise::accuracy::testing
