// SPDX-License-Identifier: Apache-2.0
#include "estimator/smooth.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/error.hpp"
#include "estimator/features.hpp"

namespace lanewise::estimator {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr const char* kMagic = "lanewise-smooth 1\n";

// What a column of inputs is of a feature.
enum class Form { kLogarithm, kShare, kIs };
struct Input {
  std::size_t feature = 0;
  Form form = Form::kShare;
  float value = 0;  // kIs: 1 where the feature has it
};

std::size_t place_of(const char* name) {
  const std::vector<std::string>& names = feature_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw InternalError(std::string("there is no feature ") + name);
  return static_cast<std::size_t>(found - names.begin());
}

// Sizes multiply in what a subgraph costs, so that their logarithms add. Shares say which bound is near.
const std::vector<Input>& inputs() {
  static const std::vector<Input> all = [] {
    std::vector<Input> made;
    for (int family = 0; family < mapping::kSubgraphFamilyCount; ++family) {
      made.push_back({place_of("pass_family"), Form::kIs, static_cast<float>(family)});
    }
    for (const float operand : {1.0F, 2.0F}) made.push_back({place_of("fused_operand"), Form::kIs, operand});
    for (const char* name : {"batch",
                             "in_channels",
                             "in_height",
                             "in_width",
                             "out_channels",
                             "out_height",
                             "out_width",
                             "kernel_height",
                             "kernel_width",
                             "stride_height",
                             "in_channels_per_group",
                             "pool_kernel",
                             "input_tensors",
                             "input_bits",
                             "weight_bits",
                             "parallelism_factor",
                             "dot_product_lanes",
                             "bank_size_bytes",
                             "activation_banks",
                             "weight_banks",
                             "dram_bytes_per_cycle",
                             "dram_latency_cycles",
                             "groups_of_outputs",
                             "blocks",
                             "stripes",
                             "steps",
                             "input_times",
                             "weight_times"}) {
      made.push_back({place_of(name), Form::kLogarithm, 0});
    }
    for (const char* name : {"input_on_chip", "operand_on_chip", "output_on_chip", "log_reference_cycles", "mac_share",
                             "array_bound_share", "post_share", "dram_share", "array_share", "last_lanes_use",
                             "last_group_use", "last_stripe_use", "compute_share", "tile_dma_share", "write_share"}) {
      made.push_back({place_of(name), Form::kShare, 0});
    }
    return made;
  }();
  return all;
}

double value_of(const Input& input, const float* features) {
  const float value = features[input.feature];
  switch (input.form) {
    case Form::kLogarithm:
      return std::log(std::max(1.0, static_cast<double>(value)));
    case Form::kShare:
      return static_cast<double>(value);
    case Form::kIs:
      return value == input.value ? 1 : 0;
  }
  throw InternalError("a form of inputs without a value");
}

// Cycles step where sizes pass a multiple of something, which no smooth function follows: 1 % of them at least.
constexpr double kLeastNoise = 1e-4;

// Places of the hyperparameters' logarithms; a length for each column follows.
constexpr Eigen::Index kAmplitude = 0, kLinear = 1, kNoise = 2, kLengths = 3;

Vector as_vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Eigen::Index>(values.size()));
}

// Logarithms of hyperparameters with one length for all columns.
Vector hyperparameters(double amplitude, double linear, double noise, double length, std::size_t columns) {
  std::vector<double> values = {amplitude, linear, noise};
  values.resize(values.size() + columns, length);
  return as_vector(values);
}

// A Matern kernel of order 5/2 with a length for each column, and a linear one with the same lengths.
struct Covariance {
  Matrix rough, linear;
};
Covariance covariance(const Matrix& a, const Matrix& b, const Vector& logs) {
  const Vector inverse = (-logs.tail(logs.size() - kLengths)).array().exp();
  const Matrix x = a * inverse.asDiagonal(), y = b * inverse.asDiagonal();
  Matrix product = x * y.transpose();
  Matrix squares = -2 * product;
  squares.colwise() += x.rowwise().squaredNorm();
  squares.rowwise() += y.rowwise().squaredNorm().transpose();
  const Eigen::ArrayXXd r = (5 * squares.array().max(0.0)).sqrt();
  Covariance out;
  out.rough = std::exp(logs[kAmplitude]) * (1 + r + r.square() / 3) * (-r).exp();
  out.linear = std::exp(logs[kLinear]) * (product.array() + 1);
  return out;
}

// The negative logarithm of the posterior of the hyperparameters, and its gradient.
class Objective {
 public:
  Objective(const Matrix& inputs, const Vector& labels) : inputs_(inputs), labels_(labels) {
    for (Eigen::Index c = 0; c < inputs.cols(); ++c) {
      const Vector column = inputs.col(c);
      distances_.push_back((column.replicate(1, column.size()) - column.transpose().replicate(column.size(), 1))
                               .array()
                               .square()
                               .matrix());
    }
  }

  double at(const Vector& logs, Vector& gradient) const {
    const Eigen::Index rows = labels_.size(), columns = inputs_.cols();
    const Vector inverse_squares = (-2 * logs.tail(columns)).array().exp();
    Matrix squares = Matrix::Zero(rows, rows);
    for (Eigen::Index c = 0; c < columns; ++c) squares += inverse_squares[c] * distances_[index(c)];
    const Eigen::ArrayXXd r = (5 * squares.array()).sqrt();
    const Eigen::ArrayXXd decay = (-r).exp();
    const Matrix rough = std::exp(logs[kAmplitude]) * (1 + r + r.square() / 3) * decay;
    const Matrix slope = std::exp(logs[kAmplitude]) * (5.0 / 3) * (1 + r) * decay;
    const Matrix scaled = inputs_ * (-logs.tail(columns)).array().exp().matrix().asDiagonal();
    const double linear_size = std::exp(logs[kLinear]), noise = std::exp(logs[kNoise]);
    Matrix sum = rough + linear_size * ((scaled * scaled.transpose()).array() + 1).matrix();
    const Matrix linear = sum - rough;
    sum.diagonal().array() += noise;
    const Eigen::LLT<Matrix> factor(sum);
    const Vector alpha = factor.solve(labels_);
    const Matrix inverse = factor.solve(Matrix::Identity(rows, rows));
    const Matrix w = inverse - alpha * alpha.transpose();
    double value = 0.5 * labels_.dot(alpha);
    const Matrix lower = factor.matrixL();
    value += lower.diagonal().array().log().sum();
    gradient.resize(logs.size());
    gradient[kAmplitude] = 0.5 * w.cwiseProduct(rough).sum();
    gradient[kLinear] = 0.5 * w.cwiseProduct(linear).sum();
    gradient[kNoise] = 0.5 * noise * w.trace();
    const Matrix weighted = w.cwiseProduct(slope), spread = w * scaled;
    for (Eigen::Index c = 0; c < columns; ++c) {
      const double length = logs[kLengths + c] - kUsualLength;
      value += 0.5 * length * length;
      gradient[kLengths + c] = 0.5 * inverse_squares[c] * weighted.cwiseProduct(distances_[index(c)]).sum() -
                               linear_size * scaled.col(c).dot(spread.col(c)) + length;
    }
    return value;
  }

  // Lengths are as likely to be e times longer or shorter than this many spreads of their column, in logarithms.
  static constexpr double kUsualLength = 1.79;

 private:
  static std::size_t index(Eigen::Index c) { return static_cast<std::size_t>(c); }
  const Matrix& inputs_;
  const Vector& labels_;
  std::vector<Matrix> distances_;  // squared, of each column
};

// Rprop (Riedmiller and Braun, ICNN 1993) goes by the signs of the gradient alone, which need no step size to be found.
Vector most_likely(const Objective& objective, const Vector& start, const Vector& least, const Vector& most) {
  constexpr int kSteps = 80;
  Vector logs = start, best = start, gradient, before = Vector::Zero(start.size());
  Vector step = Vector::Constant(start.size(), 0.1);
  double lowest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kSteps; ++i) {
    const double value = objective.at(logs, gradient);
    if (!std::isfinite(value)) break;
    if (value < lowest) {
      lowest = value;
      best = logs;
    }
    for (Eigen::Index k = 0; k < logs.size(); ++k) {
      const double turn = gradient[k] * before[k];
      step[k] = std::clamp(turn > 0 ? step[k] * 1.2 : turn < 0 ? step[k] * 0.5 : step[k], 1e-3, 0.6);
      if (turn < 0) gradient[k] = 0;
      const double way = gradient[k] > 0 ? -step[k] : gradient[k] < 0 ? step[k] : 0;
      logs[k] = std::clamp(logs[k] + way, least[k], most[k]);
    }
    before = gradient;
  }
  return best;
}

Matrix as_matrix(const std::vector<double>& values, std::size_t rows, std::size_t columns) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(values.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
}

std::vector<double> as_values(const Vector& vector) { return {vector.data(), vector.data() + vector.size()}; }

}  // namespace

// The model as matrices, for as long as somebody asks.
struct SmoothModel::Kernel {
  explicit Kernel(const SmoothModel& model)
      : taught(as_matrix(model.inputs_, model.rows_, model.columns_)), logs(as_vector(model.logs_)) {}

  // What is asked about, in the units of the rows that were taught.
  static Matrix scaled(const SmoothModel& model, const float* features, std::size_t rows, std::size_t columns) {
    Matrix out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(model.columns_));
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < model.columns_; ++c) {
        out(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(c)) =
            (value_of(inputs()[c], features + row * columns) - model.centre_[c]) / model.spread_[c];
      }
    }
    return out;
  }

  Matrix taught;
  Vector logs;
};

// Sets centre and spread of each column.
void SmoothModel::scale_by(const std::vector<float>& features, std::size_t rows) {
  const std::size_t columns = features.size() / rows;
  columns_ = inputs().size();
  for (const Input& input : inputs()) {
    double sum = 0, squares = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const double value = value_of(input, features.data() + row * columns);
      sum += value;
      squares += value * value;
    }
    const auto count = static_cast<double>(rows);
    const double variance = squares / count - (sum / count) * (sum / count);
    centre_.push_back(sum / count);
    // What the rows do not vary says nothing, however much the asked ones do.
    constexpr double kLeastSpread = 1e-3;
    spread_.push_back(variance > kLeastSpread * kLeastSpread ? std::sqrt(variance) : 1.0);
  }
}

SmoothModel SmoothModel::train(const std::vector<float>& features, const std::vector<float>& labels) {
  SmoothModel model;
  model.rows_ = labels.size();
  if (labels.empty() || labels.size() > kMostSmoothRows) throw InternalError("too many rows, or none, to be smooth");
  const std::size_t columns = features.size() / labels.size();
  model.scale_by(features, model.rows_);
  Vector targets(static_cast<Eigen::Index>(model.rows_));
  for (std::size_t row = 0; row < model.rows_; ++row) targets[static_cast<Eigen::Index>(row)] = labels[row];
  model.mean_ = targets.mean();
  targets.array() -= model.mean_;
  const Matrix scaled = Kernel::scaled(model, features.data(), model.rows_, columns);
  for (Eigen::Index row = 0; row < scaled.rows(); ++row) {
    for (Eigen::Index c = 0; c < scaled.cols(); ++c) model.inputs_.push_back(scaled(row, c));
  }

  constexpr double kLeastVariance = 1e-6;
  const double size = std::log(std::max(targets.squaredNorm() / static_cast<double>(model.rows_), kLeastVariance));
  const double least_noise = std::log(kLeastNoise);
  Vector start = hyperparameters(size, size, size - std::log(100.0), std::log(5.0), model.columns_);
  const Vector least = hyperparameters(size - 6, size - 8, least_noise, std::log(0.5), model.columns_),
               most = hyperparameters(size + 4, size + 4, std::max(size, least_noise), std::log(200.0), model.columns_);
  start = start.cwiseMax(least).cwiseMin(most);
  const Vector logs = most_likely(Objective(scaled, targets), start, least, most);
  model.logs_ = as_values(logs);
  const Covariance own = covariance(scaled, scaled, logs);
  Matrix sum = own.rough + own.linear;
  sum.diagonal().array() += std::exp(logs[kNoise]);
  model.weights_ = as_values(sum.llt().solve(targets));
  return model;
}

std::vector<float> SmoothModel::predict(const float* features, std::size_t rows, std::size_t columns) const {
  const Kernel kernel(*this);
  const Vector weights = as_vector(weights_);
  std::vector<float> out;
  out.reserve(rows);
  // Row by row, so that a prediction does not depend on the others asked for.
  for (std::size_t row = 0; row < rows; ++row) {
    const Covariance with =
        covariance(Kernel::scaled(*this, features + row * columns, 1, columns), kernel.taught, kernel.logs);
    out.push_back(static_cast<float>(mean_ + (with.rough + with.linear).row(0).dot(weights)));
  }
  return out;
}

namespace {

// One after the other the point that lowers the summed variance most. `left`: the covariance of all points.
std::vector<std::size_t> lowering_most(Matrix left, double noise, std::size_t count) {
  std::vector<std::size_t> chosen;
  std::vector<bool> taken(static_cast<std::size_t>(left.rows()));
  while (chosen.size() < std::min(count, taken.size())) {
    const Vector gains = left.colwise().squaredNorm().transpose().array() / (left.diagonal().array().max(0.0) + noise);
    Eigen::Index best = -1;
    for (Eigen::Index i = 0; i < gains.size(); ++i) {
      if (!taken[static_cast<std::size_t>(i)] && (best < 0 || gains[i] > gains[best])) best = i;
    }
    taken[static_cast<std::size_t>(best)] = true;
    chosen.push_back(static_cast<std::size_t>(best));
    const Vector column = left.col(best);
    left -= column * column.transpose() / (std::max(0.0, column[best]) + noise);
  }
  return chosen;
}

}  // namespace

std::vector<std::size_t> SmoothModel::most_telling(const std::vector<float>& candidates, std::size_t rows,
                                                   std::size_t count) const {
  if (rows == 0) return {};
  const Kernel kernel(*this);
  const double noise = std::exp(kernel.logs[kNoise]);
  const Matrix asked = Kernel::scaled(*this, candidates.data(), rows, candidates.size() / rows);
  const Covariance own = covariance(kernel.taught, kernel.taught, kernel.logs);
  Matrix sum = own.rough + own.linear;
  sum.diagonal().array() += noise;
  const Covariance with = covariance(kernel.taught, asked, kernel.logs), among = covariance(asked, asked, kernel.logs);
  const Matrix half = sum.llt().matrixL().solve(with.rough + with.linear);
  return lowering_most(among.rough + among.linear - half.transpose() * half, noise, count);
}

std::vector<std::size_t> SmoothModel::most_spread(const std::vector<float>& candidates, std::size_t rows,
                                                  std::size_t count) {
  if (rows == 0) return {};
  SmoothModel model;
  model.scale_by(candidates, rows);
  constexpr double kUsualVariance = 0.05, kUsualNoise = 5e-4;
  const Vector logs = hyperparameters(std::log(kUsualVariance), std::log(kUsualVariance / 30), std::log(kUsualNoise),
                                      Objective::kUsualLength, model.columns_);
  model.logs_ = as_values(logs);
  const Matrix asked = Kernel::scaled(model, candidates.data(), rows, candidates.size() / rows);
  const Covariance among = covariance(asked, asked, logs);
  return lowering_most(among.rough + among.linear, kUsualNoise, count);
}

bool SmoothModel::is_one(const std::string& bytes) { return bytes.rfind(kMagic, 0) == 0; }

namespace {

// Numbers as this machine holds them, as XGBoost's own format does: files are read where they were written, or by
// machines of the same byte order.
void append(std::string& bytes, const std::vector<double>& values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
}

std::vector<double> take(const std::string& bytes, std::size_t& at, std::size_t count) {
  if (count > (bytes.size() - at) / sizeof(double)) throw Error("a Gaussian process is cut short");
  std::vector<double> values(count);
  std::memcpy(values.data(), bytes.data() + at, count * sizeof(double));
  at += count * sizeof(double);
  for (const double value : values) {
    if (!std::isfinite(value)) throw Error("a Gaussian process has a number that is not finite");
  }
  return values;
}

}  // namespace

std::string SmoothModel::to_bytes() const {
  std::string bytes = kMagic;
  append(bytes, {static_cast<double>(rows_), static_cast<double>(columns_), mean_});
  for (const std::vector<double>* part : {&centre_, &spread_, &logs_, &weights_, &inputs_}) append(bytes, *part);
  return bytes;
}

SmoothModel SmoothModel::from_bytes(const std::string& bytes) {
  if (!is_one(bytes)) throw Error("a Gaussian process does not begin as one");
  SmoothModel model;
  std::size_t at = std::strlen(kMagic);
  const std::vector<double> head = take(bytes, at, 3);
  model.columns_ = inputs().size();
  if (!(head[0] >= 1 && head[0] <= static_cast<double>(kMostSmoothRows)) || head[0] != std::floor(head[0]) ||
      head[1] != static_cast<double>(model.columns_)) {
    throw Error("a Gaussian process has another number of rows or columns");
  }
  model.rows_ = static_cast<std::size_t>(head[0]);
  model.mean_ = head[2];
  model.centre_ = take(bytes, at, model.columns_);
  model.spread_ = take(bytes, at, model.columns_);
  model.logs_ = take(bytes, at, static_cast<std::size_t>(kLengths) + model.columns_);
  model.weights_ = take(bytes, at, model.rows_);
  model.inputs_ = take(bytes, at, model.rows_ * model.columns_);
  if (at != bytes.size()) throw Error("a Gaussian process is followed by something else");
  for (const double spread : model.spread_) {
    if (spread <= 0) throw Error("a Gaussian process has a column without spread");
  }
  return model;
}

}  // namespace lanewise::estimator
