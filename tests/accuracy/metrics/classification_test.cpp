// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/classification.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

TEST(Classification, top_1_is_the_share_that_is_right) {
  EXPECT_DOUBLE_EQ(top1_accuracy({0, 1, 2, 2}, {0, 1, 1, 2}), 0.75);
  EXPECT_THROW(top1_accuracy({}, {}), Error);
}

TEST(Classification, top_k_looks_among_the_best) {
  const std::vector<float> scores = {0.1F, 0.7F, 0.2F,   // label 2: second
                                     0.5F, 0.3F, 0.2F,   // label 0: first
                                     0.5F, 0.3F, 0.2F};  // label 2: third
  const std::vector<int> labels = {2, 0, 2};
  EXPECT_DOUBLE_EQ(top_k_accuracy(scores, labels, 3, 1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(top_k_accuracy(scores, labels, 3, 2), 2.0 / 3);
  EXPECT_DOUBLE_EQ(top_k_accuracy(scores, labels, 3, 5), 1);
}

TEST(Classification, a_network_that_says_the_same_of_all_classes_is_right_by_chance) {
  const std::vector<float> even(4 * 4, 0.25F);
  EXPECT_DOUBLE_EQ(top_k_accuracy(even, {0, 1, 2, 3}, 4, 1), 0.25);
  EXPECT_DOUBLE_EQ(top_k_accuracy(even, {0, 1, 2, 3}, 4, 2), 0.5);
  const std::vector<float> broken(4 * 4, std::numeric_limits<float>::quiet_NaN());
  EXPECT_DOUBLE_EQ(top_k_accuracy(broken, {0, 1, 2, 3}, 4, 1), 0.25);
}

TEST(Classification, confusion_counts_true_by_predicted_classes) {
  ConfusionMatrix matrix(3);
  matrix.add(0, 0, 8);
  matrix.add(0, 1, 2);
  matrix.add(1, 1, 5);
  EXPECT_EQ(matrix.count(0, 1), 2);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 13.0 / 15);
  EXPECT_DOUBLE_EQ(matrix.recall()[0], 0.8);
  EXPECT_DOUBLE_EQ(matrix.precision()[1], 5.0 / 7);
  EXPECT_TRUE(std::isnan(matrix.recall()[2]));
  EXPECT_DOUBLE_EQ(mean_recall(matrix), 0.9);
  EXPECT_THROW(matrix.add(0, 3), InternalError);
}

// Eight pixels, one of them ignored: class 0 has 2 right of a union of 4, class 1 has 3 right of 5, class 2 is nowhere.
TEST(Segmentation, mean_iou_of_a_worked_example) {
  const std::vector<std::uint8_t> labels = {0, 0, 0, 1, 1, 1, 1, 255}, predicted = {0, 0, 1, 1, 1, 1, 0, 2};
  ConfusionMatrix matrix(3);
  matrix.add(labels.data(), predicted.data(), 8, 255);
  EXPECT_EQ(matrix.ignored(), 1);
  EXPECT_EQ(matrix.total(), 7);
  EXPECT_DOUBLE_EQ(matrix.iou()[0], 2.0 / 4);
  EXPECT_DOUBLE_EQ(matrix.iou()[1], 3.0 / 5);
  EXPECT_TRUE(std::isnan(matrix.iou()[2]));
  EXPECT_DOUBLE_EQ(mean_iou(matrix, AbsentClasses::kLeftOut), (0.5 + 0.6) / 2);
  EXPECT_DOUBLE_EQ(mean_iou(matrix, AbsentClasses::kZero), (0.5 + 0.6) / 3);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 5.0 / 7);
}

// A class that is predicted where it is not has an IoU of 0 and is not absent.
TEST(Segmentation, a_class_that_is_only_predicted_counts) {
  const std::vector<std::uint8_t> labels = {0, 0}, predicted = {0, 1};
  ConfusionMatrix matrix(2);
  matrix.add(labels.data(), predicted.data(), 2, 255);
  EXPECT_DOUBLE_EQ(mean_iou(matrix), 0.25);
}

}  // namespace
}  // namespace lanewise::accuracy
