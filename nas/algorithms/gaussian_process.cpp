// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/gaussian_process.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

constexpr double kRange = 6;  // logarithms stay so close to the means of their priors

// Eight sums side by side, which compilers turn into vector instructions; the order of additions is always the same.
double dot(const double* a, const double* b, std::size_t count) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  }
  double rest = 0;
  for (; i < count; ++i) rest += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest;
}

// Two numbers that one instruction adds or multiplies on every processor that Lanewise runs on.
using Pair = double __attribute__((vector_size(16)));
Pair pair_at(const double* place) {
  Pair pair;
  std::memcpy(&pair, place, sizeof pair);
  return pair;
}

// The same for rows that lie `stride` apart, which spares reading `b` anew for each.
constexpr std::size_t kRowsAtOnce = 4;
void dots(const double* rows, std::size_t stride, const double* b, std::size_t count, double* out) {
  Pair low[kRowsAtOnce] = {}, high[kRowsAtOnce] = {};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const Pair first = pair_at(b + i), second = pair_at(b + i + 2);
    for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
      low[r] += pair_at(rows + r * stride + i) * first;
      high[r] += pair_at(rows + r * stride + i + 2) * second;
    }
  }
  for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
    const Pair sum = low[r] + high[r];
    out[r] = sum[0] + sum[1];
    for (std::size_t k = i; k < count; ++k) out[r] += rows[r * stride + k] * b[k];
  }
}

// The lower triangle; with what parts() of the kernel says of it, by rows, where `parts` is given.
Matrix covariance(const CovarianceKernel& kernel, const Inputs& inputs, std::vector<double>* parts = nullptr) {
  const std::size_t count = inputs.size();
  Matrix matrix(static_cast<Index>(count), static_cast<Index>(count));
  std::vector<double> row(count);
  if (parts != nullptr) parts->resize(count * count * kernel.parts());
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<Index>(i);
    kernel.row(inputs.code(i), inputs.value(i), inputs, 0, i, row.data(),
               parts == nullptr ? nullptr : parts->data() + i * count * kernel.parts());
    for (Index j = 0; j < at; ++j) matrix(at, j) = row[static_cast<std::size_t>(j)];
    matrix(at, at) = kernel.diagonal() + kernel.noise();
  }
  return matrix;
}

// The lower triangle of the inverse, a block of columns at a time: a triangle's inverse is a triangle, which spares two
// thirds of what solving for every column takes.
Matrix inverse_of(const Eigen::LLT<Matrix>& factor) {
  constexpr Index kBlock = 32;
  const Matrix& lower = factor.matrixLLT();
  const Index count = lower.rows();
  Matrix triangle = Matrix::Identity(count, count), inverse(count, count);
  for (Index begin = 0; begin < count; begin += kBlock) {
    const Index rest = count - begin, width = std::min(kBlock, rest);
    auto block = triangle.block(begin, begin, rest, width);
    lower.bottomRightCorner(rest, rest).triangularView<Eigen::Lower>().solveInPlace(block);
  }
  for (Index begin = 0; begin < count; begin += kBlock) {
    const Index rest = count - begin, width = std::min(kBlock, rest);
    inverse.block(begin, begin, rest, width).noalias() =
        triangle.bottomRightCorner(rest, rest).triangularView<Eigen::Lower>().transpose() *
        triangle.block(begin, begin, rest, width);
  }
  return inverse;
}

// The log of the posterior density of the parameters, up to a constant, and its gradient. `parts` is room that calls
// share.
double density(const CovarianceKernel& kernel, const Inputs& inputs, const Vector& targets,
               std::vector<double>& gradient, std::vector<double>& parts) {
  const Eigen::LLT<Matrix> factor(covariance(kernel, inputs, &parts));
  gradient.assign(kernel.parameters().size(), 0.0);
  if (factor.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  const Index count = targets.size();
  const Vector weights = factor.solve(targets);
  double value = -0.5 * targets.dot(weights);
  for (Index i = 0; i < count; ++i) value -= std::log(factor.matrixLLT()(i, i));
  const Matrix inverse = inverse_of(factor);
  std::vector<CovarianceKernel::Share> shares = kernel.no_shares();
  std::vector<double> factors(inputs.size());
  double diagonal = 0;
  for (Index i = 0; i < count; ++i) {
    const auto a = static_cast<std::size_t>(i);
    for (Index j = 0; j < i; ++j) factors[static_cast<std::size_t>(j)] = weights(i) * weights(j) - inverse(i, j);
    kernel.add_gradient(inputs.code(a), inputs.value(a), inputs, a, factors.data(),
                        parts.data() + a * inputs.size() * kernel.parts(), gradient.data(), shares);
    diagonal += 0.5 * (weights(i) * weights(i) - inverse(i, i));
  }
  kernel.add_shares(shares, gradient.data());
  kernel.add_diagonal_gradient(diagonal, gradient.data());
  for (std::size_t p = 0; p < gradient.size(); ++p) {
    const CovarianceKernel::Prior& prior = kernel.priors()[p];
    const double away = (kernel.parameters()[p] - prior.mean) / prior.deviation;
    value -= 0.5 * away * away;
    gradient[p] -= away / prior.deviation;
  }
  return value;
}

}  // namespace

struct GaussianProcess::State {
  explicit State(CovarianceKernel k) : kernel(std::move(k)) {}
  CovarianceKernel kernel;
  Inputs inputs;
  // The Cholesky factor by rows, each `stride` long, its diagonal, and the targets whitened by it.
  std::size_t stride = 0;
  std::vector<double> factor, whitened;

  const double* row(std::size_t i) const { return factor.data() + i * stride; }
  double* row(std::size_t i) { return factor.data() + i * stride; }
  void reserve(std::size_t count) {
    if (count <= stride) return;
    const std::size_t wider = std::max<std::size_t>(count + count / 2, 64);
    std::vector<double> moved(wider * wider, 0.0);
    for (std::size_t i = 0; i < inputs.size(); ++i) std::copy(row(i), row(i) + i + 1, moved.data() + i * wider);
    factor = std::move(moved);
    stride = wider;
  }
};

GaussianProcess::GaussianProcess(const std::vector<int>& values_of, Positions positions, std::size_t numbers)
    : state_(std::make_unique<State>(CovarianceKernel(values_of, std::move(positions), numbers))) {
  state_->inputs.genes = values_of.size();
  state_->inputs.numbers = numbers;
}
GaussianProcess::~GaussianProcess() = default;
GaussianProcess::GaussianProcess(GaussianProcess&&) noexcept = default;
GaussianProcess& GaussianProcess::operator=(GaussianProcess&&) noexcept = default;

const std::vector<double>& GaussianProcess::parameters() const { return state_->kernel.parameters(); }

void GaussianProcess::set_parameters(const std::vector<double>& parameters) { state_->kernel.set(parameters); }

std::size_t GaussianProcess::size() const { return state_->inputs.size(); }

double GaussianProcess::noise() const { return state_->kernel.noise(); }

// Steps of their own length per parameter, longer while the sign of the slope holds and shorter where it turns: scales
// of parameters need not be known. Source: Igel and Huesken, Improving the Rprop learning algorithm, 2000.
double GaussianProcess::fit(const Inputs& inputs, const std::vector<double>& targets, int steps) {
  const Vector values = Eigen::Map<const Vector>(targets.data(), static_cast<Index>(targets.size()));
  CovarianceKernel kernel = state_->kernel;
  std::vector<double> at = kernel.parameters(), best = at;
  std::vector<double> length(at.size(), 0.15), last(at.size(), 0.0), gradient, parts;
  double highest = -std::numeric_limits<double>::infinity();
  for (int step = 0; step < steps; ++step) {
    kernel.set(at);
    const double value = density(kernel, inputs, values, gradient, parts);
    if (value > highest) {
      highest = value;
      best = at;
    }
    for (std::size_t p = 0; p < at.size(); ++p) {
      const double turn = gradient[p] * last[p];
      if (turn > 0) length[p] = std::min(length[p] * 1.2, 1.0);
      if (turn < 0) {
        length[p] = std::max(length[p] * 0.5, 1e-3);
        last[p] = 0;
        continue;
      }
      last[p] = gradient[p];
      if (gradient[p] == 0) continue;
      const double mean = kernel.priors()[p].mean;
      at[p] = std::clamp(at[p] + (gradient[p] > 0 ? length[p] : -length[p]), mean - kRange, mean + kRange);
    }
  }
  state_->kernel.set(best);
  return highest;
}

void GaussianProcess::condition(const Inputs& inputs, const std::vector<double>& targets) {
  State& s = *state_;
  s.inputs.count = 0;
  s.reserve(inputs.size() + 1);
  s.inputs = inputs;
  const Eigen::LLT<Matrix> factor(covariance(s.kernel, inputs));
  if (factor.info() != Eigen::Success) throw InternalError("search: a covariance is not positive");
  const Matrix lower = factor.matrixL();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) s.row(i)[j] = lower(static_cast<Index>(i), static_cast<Index>(j));
  }
  s.whitened.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    s.whitened.push_back((targets[i] - dot(s.row(i), s.whitened.data(), i)) / s.row(i)[i]);
  }
}

void GaussianProcess::append(const int* code, const double* value, double target) {
  State& s = *state_;
  const std::size_t count = s.inputs.size();
  s.reserve(count + 1);
  double* const row = s.row(count);
  s.kernel.row(code, value, s.inputs, 0, count, row);
  for (std::size_t i = 0; i < count; ++i) row[i] = (row[i] - dot(row, s.row(i), i)) / s.row(i)[i];
  row[count] =
      std::sqrt(std::max(s.kernel.diagonal() + s.kernel.noise() - dot(row, row, count), CovarianceKernel::kJitter));
  s.whitened.push_back((target - dot(row, s.whitened.data(), count)) / row[count]);
  s.inputs.add(code, value);
}

void GaussianProcess::truncate(std::size_t count) {
  State& s = *state_;
  s.inputs.count = count;
  s.inputs.codes.resize(count * s.inputs.genes);
  s.inputs.values.resize(count * s.inputs.numbers);
  s.whitened.resize(count);
}

double GaussianProcess::log_likelihood(const std::vector<double>& targets) const {
  const State& s = *state_;
  const std::size_t count = s.inputs.size();
  std::vector<double> whitened;
  double square = 0;
  for (std::size_t i = 0; i < count; ++i) {
    whitened.push_back((targets[i] - dot(s.row(i), whitened.data(), i)) / s.row(i)[i]);
    square += whitened.back() * whitened.back();
  }
  const double n = static_cast<double>(count);
  return -0.5 * n * std::log(std::max(square / n, 1e-300));
}

struct Posterior::State {
  // Per candidate its covariances with what was measured, whitened: columns with room for `stride` rows. They keep
  // their place in memory when candidates change, and are not written before they are filled: both would take as long
  // as predicting.
  std::size_t stride = 0, room = 0;
  std::unique_ptr<double[]> columns;
  std::vector<double> mean, variance;
  std::vector<std::size_t> rows;  // taken in so far, per candidate
  std::vector<double> marked_mean, marked_variance;
  std::vector<std::size_t> marked_rows;

  std::size_t size() const { return mean.size(); }
  double* column(std::size_t i) { return columns.get() + i * stride; }
  void reserve(std::size_t count, std::size_t candidates) {
    if (count <= stride && candidates * stride <= room) return;
    const std::size_t longer = count <= stride ? stride : std::max<std::size_t>(count + count / 4 + 8, 32);
    if (size() > 0 || candidates * longer > room) {
      const std::size_t more = std::max(candidates * longer, room + room / 4);
      std::unique_ptr<double[]> moved(new double[more]);
      for (std::size_t i = 0; i < size(); ++i) std::copy(column(i), column(i) + rows[i], moved.get() + i * longer);
      columns = std::move(moved);
      room = more;
    }
    stride = longer;
  }
};

Posterior::Posterior() : state_(std::make_unique<State>()) {}
Posterior::~Posterior() = default;
Posterior::Posterior(Posterior&&) noexcept = default;
Posterior& Posterior::operator=(Posterior&&) noexcept = default;

double Posterior::mean(std::size_t candidate) const { return state_->mean[candidate]; }
double Posterior::variance(std::size_t candidate) const { return state_->variance[candidate]; }

void Posterior::clear() {
  state_->mean.clear();
  state_->variance.clear();
  state_->rows.clear();
}

void Posterior::reserve(std::size_t rows) { state_->reserve(rows, state_->size()); }

void Posterior::add(const GaussianProcess& process, const Inputs& candidates) {
  constexpr std::size_t kBlock = 256;  // candidates whitened at once
  State& s = *state_;
  const GaussianProcess::State& p = *process.state_;
  const std::size_t rows = p.inputs.size(), before = s.size();
  s.reserve(rows, before + candidates.size());
  s.mean.resize(before + candidates.size());
  s.variance.resize(before + candidates.size());
  s.rows.resize(before + candidates.size(), rows);
  using ByRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const ByRows, 0, Eigen::OuterStride<>> factor(p.factor.data(), static_cast<Index>(rows),
                                                                 static_cast<Index>(rows),
                                                                 Eigen::OuterStride<>(static_cast<Index>(p.stride)));
  for (std::size_t begin = 0; begin < candidates.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, candidates.size());
    Matrix block(static_cast<Index>(rows), static_cast<Index>(end - begin));
    for (std::size_t c = begin; c < end; ++c) {
      p.kernel.row(candidates.code(c), candidates.value(c), p.inputs, 0, rows, block.data() + (c - begin) * rows);
    }
    factor.triangularView<Eigen::Lower>().solveInPlace(block);
    for (std::size_t c = begin; c < end; ++c) {
      const double* const solved = block.data() + static_cast<std::size_t>(c - begin) * rows;
      std::copy(solved, solved + rows, s.column(before + c));
      s.mean[before + c] = dot(solved, p.whitened.data(), rows);
      s.variance[before + c] = p.kernel.diagonal() + p.kernel.noise() - dot(solved, solved, rows);
    }
  }
}

void Posterior::update(const GaussianProcess& process, const Inputs& pool, std::size_t candidate) {
  State& s = *state_;
  const GaussianProcess::State& p = *process.state_;
  s.reserve(p.inputs.size(), s.size());
  double* const column = s.column(candidate);
  const std::size_t end = p.inputs.size();
  std::size_t& i = s.rows[candidate];
  p.kernel.row(pool.code(candidate), pool.value(candidate), p.inputs, i, end, column + i);
  const auto take = [&](double known) {
    column[i] = (column[i] - known) / p.row(i)[i];
    s.mean[candidate] += column[i] * p.whitened[i];
    s.variance[candidate] -= column[i] * column[i];
    ++i;
  };
  while (i + kRowsAtOnce <= end) {
    const std::size_t begin = i;
    double known[kRowsAtOnce];
    dots(p.row(begin), p.stride, column, begin, known);
    for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
      for (std::size_t k = begin; k < i; ++k) known[r] += p.row(i)[k] * column[k];
      take(known[r]);
    }
  }
  while (i < end) take(dot(p.row(i), column, i));
}

void Posterior::update_all(const GaussianProcess& process, const Inputs& pool) {
  for (std::size_t i = 0; i < state_->size(); ++i) update(process, pool, i);
}

void Posterior::mark() {
  state_->marked_mean = state_->mean;
  state_->marked_variance = state_->variance;
  state_->marked_rows = state_->rows;
}

void Posterior::restore() {
  state_->mean = state_->marked_mean;
  state_->variance = state_->marked_variance;
  state_->rows = state_->marked_rows;
}

}  // namespace lanewise::nas
