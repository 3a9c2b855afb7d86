// SPDX-License-Identifier: Apache-2.0
// How often a classifier is right, and what it takes for what.
#pragma once

#include <cstdint>
#include <vector>

namespace lanewise::accuracy {

// Share of images whose predicted class is their label, in [0, 1]. Throws Error where there are no images,
// InternalError where the lengths differ.
double top1_accuracy(const std::vector<int>& predicted, const std::vector<int>& labels);

// Share of images whose label is among the `k` classes of the highest scores, in [0, 1]. `scores` holds
// [images, classes]. Of equal scores that of the lower class counts as the higher, and one that is not a number as the
// lowest, so that a network that says the same of all classes is not always right. With k at or above the number of
// classes it is 1.
double top_k_accuracy(const std::vector<float>& scores, const std::vector<int>& labels, int classes, int k);

// Counts by true class (rows) and predicted class (columns), of images or pixels.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int classes);

  // Throws InternalError for a class out of range.
  void add(int label, int predicted, std::int64_t count = 1);
  // Predictions and labels of `count` items; those whose label is `ignored` are counted apart.
  void add(const std::uint8_t* labels, const std::uint8_t* predicted, std::int64_t count, int ignored);

  int classes() const { return classes_; }
  std::int64_t count(int label, int predicted) const { return counts_[index(label, predicted)]; }
  std::int64_t total() const;  // without what was ignored
  std::int64_t ignored() const { return ignored_; }
  std::int64_t labelled(int label) const;      // of this true class
  std::int64_t predicted_as(int label) const;  // of this predicted class

  // Share of all that is right: of images top-1, of pixels pixel accuracy. 0 where there is nothing.
  double accuracy() const;
  // By class; NaN where nothing is of it (recall), was taken for it (precision), or either (IoU).
  std::vector<double> recall() const;     // right / labelled: the accuracy of each class
  std::vector<double> precision() const;  // right / predicted as
  std::vector<double> iou() const;        // right / (labelled + predicted − right)

 private:
  std::size_t index(int label, int predicted) const;

  int classes_;
  std::vector<std::int64_t> counts_;
  std::int64_t ignored_ = 0;
};

// What becomes of a class that neither labels nor predictions have.
enum class AbsentClasses {
  kLeftOut,  // the mean is over the others: what most programs do
  kZero,     // it counts as 0: the mean is over all classes, whatever the images hold
};

// mIoU: the mean of the classes' intersections over unions, over all pixels together (not image by image). 0 where
// every class is absent.
double mean_iou(const ConfusionMatrix& matrix, AbsentClasses absent = AbsentClasses::kLeftOut);
// Mean of the classes' recall, which rare classes weigh in as frequent ones do ("mean accuracy").
double mean_recall(const ConfusionMatrix& matrix, AbsentClasses absent = AbsentClasses::kLeftOut);

}  // namespace lanewise::accuracy
