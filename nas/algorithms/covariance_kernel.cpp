// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/covariance_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lanewise::nas {
namespace {

using Prior = CovarianceKernel::Prior;
constexpr Prior kAdditive{-0.3, 1.0};   // amplitude of all genes' own parts together
constexpr Prior kJoint{-0.7, 1.0};      // amplitude of the product
constexpr Prior kNoise{-2.5, 1.0};      // standard deviation
constexpr Prior kContrast{0.7, 1.0};    // how much further apart values are in a gene's own part
constexpr Prior kStep{-1.6, 1.2};       // weight of a gene whose values differ
constexpr Prior kDistance{-1.0, 1.2};   // weight of a gene's squared distance
constexpr Prior kTrend{-0.7, 1.0};      // amplitude along a number
constexpr Prior kTrendRate{-1.6, 1.2};  // weight of the squared distance along it
constexpr Prior kNumber{-1.6, 1.2};     // the same in the product

}  // namespace

void Inputs::add(const int* code, const double* value) {
  codes.insert(codes.end(), code, code + genes);
  values.insert(values.end(), value, value + numbers);
  ++count;
}

CovarianceKernel::CovarianceKernel(const std::vector<int>& values_of, Positions positions, std::size_t numbers)
    : values_of_(values_of), positions_(std::move(positions)), numbers_(numbers) {
  for (std::size_t i = 0; i < values_of_.size(); ++i) {
    offsets_.push_back(table_size_);
    table_size_ += static_cast<std::size_t>(values_of_[i]) * static_cast<std::size_t>(values_of_[i]);
    if (values_of_[i] > 1) open_.push_back(i);
  }
  priors_ = {kAdditive, kJoint, kNoise, kContrast};
  priors_.insert(priors_.end(), values_of_.size(), kStep);
  priors_.insert(priors_.end(), values_of_.size(), kDistance);
  priors_.insert(priors_.end(), numbers_, kTrend);
  priors_.insert(priors_.end(), numbers_, kTrendRate);
  priors_.insert(priors_.end(), numbers_, kNumber);
  for (const Prior& prior : priors_) parameters_.push_back(prior.mean);
  set(parameters_);
}

void CovarianceKernel::set(const std::vector<double>& parameters) {
  parameters_ = parameters;
  const std::size_t genes = values_of_.size();
  const double open = static_cast<double>(std::max<std::size_t>(open_.size(), 1));
  additive_ = std::exp(2 * parameters_[0]) / open;
  joint_ = std::exp(2 * parameters_[1]);
  noise_ = std::exp(2 * parameters_[2]) + kJitter;
  contrast_ = std::exp(parameters_[3]);
  table_.assign(table_size_, Entry());
  for (std::size_t i = 0; i < genes; ++i) {
    const double step = std::exp(parameters_[4 + i]), slope = std::exp(parameters_[4 + genes + i]);
    for (int a = 0; a < values_of_[i]; ++a) {
      for (int b = 0; b < values_of_[i]; ++b) {
        const double distance = (a != b ? step : 0) + slope * squared(i, a, b);
        table_[at(i, a, b)] = {additive_ * std::exp(-contrast_ * distance), distance};
      }
    }
  }
  const double* const first = parameters_.data() + 4 + 2 * genes;
  trend_.resize(numbers_);
  rate_.resize(numbers_);
  weight_.resize(numbers_);
  for (std::size_t j = 0; j < numbers_; ++j) {
    trend_[j] = std::exp(2 * first[j]);
    rate_[j] = std::exp(first[numbers_ + j]);
    weight_[j] = std::exp(first[2 * numbers_ + j]);
  }
}

inline double CovarianceKernel::with_numbers(Entry sum, const double* x, const double* y, double* parts) const {
  for (std::size_t j = 0; j < numbers_; ++j) {
    const double square = (x[j] - y[j]) * (x[j] - y[j]);
    const double part = trend_[j] * std::exp(-rate_[j] * square);
    if (parts != nullptr) parts[1 + j] = part;
    sum += {part, weight_[j] * square};
  }
  const double joint = joint_ * std::exp(-sum.distance);
  if (parts != nullptr) parts[0] = joint;
  return sum.own + joint;
}

void CovarianceKernel::row(const int* a, const double* x, const Inputs& others, std::size_t begin, std::size_t end,
                           double* out, double* parts) const {
  constexpr std::size_t kSideBySide = 4;  // as each of these sums waits for its last addition
  std::size_t b = begin;
  for (; b + kSideBySide <= end; b += kSideBySide) {
    const int* const codes = others.code(b);
    Entry sums[kSideBySide];
    for (const std::size_t i : open_) {
      const Entry* const entries = table_.data() + at(i, a[i], 0);
      for (std::size_t c = 0; c < kSideBySide; ++c) sums[c] += entries[codes[c * others.genes + i]];
    }
    for (std::size_t c = 0; c < kSideBySide; ++c) {
      out[b + c - begin] = with_numbers(sums[c], x, others.value(b + c), parts);
      if (parts != nullptr) parts += this->parts();
    }
  }
  for (; b < end; ++b) {
    Entry sum;
    for (const std::size_t i : open_) sum += table_[at(i, a[i], others.code(b)[i])];
    out[b - begin] = with_numbers(sum, x, others.value(b), parts);
    if (parts != nullptr) parts += this->parts();
  }
}

double CovarianceKernel::diagonal() const {
  double sum = joint_ + additive_ * static_cast<double>(open_.size());
  for (const double trend : trend_) sum += trend;
  return sum;
}

void CovarianceKernel::add_diagonal_gradient(double factor, double* gradient) const {
  gradient[0] += 2 * factor * additive_ * static_cast<double>(open_.size());
  gradient[1] += 2 * factor * joint_;
  gradient[2] += 2 * factor * (noise_ - kJitter);
  double* const trends = gradient + 4 + 2 * values_of_.size();
  for (std::size_t j = 0; j < numbers_; ++j) trends[j] += 2 * factor * trend_[j];
}

void CovarianceKernel::add_gradient(const int* a, const double* x, const Inputs& others, std::size_t count,
                                    const double* factors, const double* parts, double* gradient,
                                    std::vector<Share>& shares) const {
  std::vector<Share*> rows;
  for (const std::size_t i : open_) rows.push_back(shares.data() + at(i, a[i], 0));
  double* const trends = gradient + 4 + 2 * values_of_.size();
  double* const rates = trends + numbers_;
  double* const weights = rates + numbers_;
  for (std::size_t b = 0; b < count; ++b, parts += this->parts()) {
    const double factor = factors[b], joint = factor * parts[0];
    const int* const codes = others.code(b);
    gradient[1] += 2 * joint;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      Share& share = rows[k][codes[open_[k]]];
      share.factor += factor;
      share.joint += joint;
    }
    const double* const y = others.value(b);
    for (std::size_t j = 0; j < numbers_; ++j) {
      const double square = (x[j] - y[j]) * (x[j] - y[j]);
      const double trend = factor * parts[1 + j];
      trends[j] += 2 * trend;
      rates[j] -= trend * rate_[j] * square;
      weights[j] -= joint * weight_[j] * square;
    }
  }
}

void CovarianceKernel::add_shares(const std::vector<Share>& shares, double* gradient) const {
  const std::size_t genes = values_of_.size();
  for (const std::size_t i : open_) {
    const double weight = std::exp(parameters_[4 + genes + i]);
    for (int a = 0; a < values_of_[i]; ++a) {
      for (int b = 0; b < values_of_[i]; ++b) {
        const Share& share = shares[at(i, a, b)];
        const Entry& entry = table_[at(i, a, b)];
        const double part = share.factor * entry.own;
        gradient[0] += 2 * part;
        if (a == b) continue;
        const double slope = weight * squared(i, a, b);
        const double along = share.joint + contrast_ * part;
        gradient[4 + i] -= along * (entry.distance - slope);
        gradient[4 + genes + i] -= along * slope;
        gradient[3] -= contrast_ * entry.distance * part;
      }
    }
  }
}

}  // namespace lanewise::nas
