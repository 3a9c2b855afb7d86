// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/classification.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(part) / static_cast<double>(whole);
}

double mean_of(const std::vector<double>& values, AbsentClasses absent) {
  double sum = 0;
  int used = 0;
  for (const double value : values) {
    if (std::isnan(value) && absent == AbsentClasses::kLeftOut) continue;
    sum += std::isnan(value) ? 0 : value;
    ++used;
  }
  return used == 0 ? 0 : sum / used;
}

}  // namespace

double top1_accuracy(const std::vector<int>& predicted, const std::vector<int>& labels) {
  if (predicted.size() != labels.size()) throw InternalError("as many predictions as labels are needed");
  if (labels.empty()) throw Error("there is no image to measure accuracy on");
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predicted[i] == labels[i] ? 1U : 0U;
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

double top_k_accuracy(const std::vector<float>& scores, const std::vector<int>& labels, int classes, int k) {
  if (classes < 1 || scores.size() != labels.size() * static_cast<std::size_t>(classes)) {
    throw InternalError("a score for every class of every image is needed");
  }
  if (labels.empty()) throw Error("there is no image to measure accuracy on");
  if (k < 1) throw InternalError("the best k classes are at least one");
  std::size_t right = 0;
  for (std::size_t image = 0; image < labels.size(); ++image) {
    const int label = labels[image];
    if (label < 0 || label >= classes) throw InternalError("a label is out of range");
    const float* row = scores.data() + image * static_cast<std::size_t>(classes);
    const auto value = [&](int i) { return std::isnan(row[i]) ? -std::numeric_limits<float>::infinity() : row[i]; };
    int better = 0;
    for (int i = 0; i < classes; ++i) {
      if (value(i) > value(label) || (value(i) == value(label) && i < label)) ++better;
    }
    right += better < k ? 1U : 0U;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

ConfusionMatrix::ConfusionMatrix(int classes) : classes_(classes) {
  if (classes < 1) throw InternalError("a confusion matrix needs a class");
  counts_.resize(static_cast<std::size_t>(classes) * static_cast<std::size_t>(classes));
}

std::size_t ConfusionMatrix::index(int label, int predicted) const {
  if (label < 0 || label >= classes_ || predicted < 0 || predicted >= classes_) {
    throw InternalError("a class is out of range");
  }
  return static_cast<std::size_t>(label) * static_cast<std::size_t>(classes_) + static_cast<std::size_t>(predicted);
}

void ConfusionMatrix::add(int label, int predicted, std::int64_t count) { counts_[index(label, predicted)] += count; }

void ConfusionMatrix::add(const std::uint8_t* labels, const std::uint8_t* predicted, std::int64_t count, int ignored) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (labels[i] == ignored) {
      ++ignored_;
    } else {
      ++counts_[index(labels[i], predicted[i])];
    }
  }
}

std::int64_t ConfusionMatrix::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts_) sum += count;
  return sum;
}

std::int64_t ConfusionMatrix::labelled(int label) const {
  std::int64_t sum = 0;
  for (int i = 0; i < classes_; ++i) sum += count(label, i);
  return sum;
}

std::int64_t ConfusionMatrix::predicted_as(int label) const {
  std::int64_t sum = 0;
  for (int i = 0; i < classes_; ++i) sum += count(i, label);
  return sum;
}

double ConfusionMatrix::accuracy() const {
  std::int64_t right = 0;
  for (int i = 0; i < classes_; ++i) right += count(i, i);
  return total() == 0 ? 0 : share(right, total());
}

std::vector<double> ConfusionMatrix::recall() const {
  std::vector<double> out;
  for (int i = 0; i < classes_; ++i) out.push_back(share(count(i, i), labelled(i)));
  return out;
}

std::vector<double> ConfusionMatrix::precision() const {
  std::vector<double> out;
  for (int i = 0; i < classes_; ++i) out.push_back(share(count(i, i), predicted_as(i)));
  return out;
}

std::vector<double> ConfusionMatrix::iou() const {
  std::vector<double> out;
  for (int i = 0; i < classes_; ++i) out.push_back(share(count(i, i), labelled(i) + predicted_as(i) - count(i, i)));
  return out;
}

double mean_iou(const ConfusionMatrix& matrix, AbsentClasses absent) { return mean_of(matrix.iou(), absent); }

double mean_recall(const ConfusionMatrix& matrix, AbsentClasses absent) { return mean_of(matrix.recall(), absent); }

}  // namespace lanewise::accuracy
