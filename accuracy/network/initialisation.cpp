// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/initialisation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {

namespace {

struct Row {
  Initialisation kind;
  const char* name;
};

constexpr Row kRows[] = {{Initialisation::kFm28, "fm28"},
                         {Initialisation::kKaiming, "kaiming"},
                         {Initialisation::kStandardNormal, "standard_normal"},
                         {Initialisation::kXavier, "xavier"},
                         {Initialisation::kOrthogonal, "orthogonal"}};

double deviation(Initialisation kind, WeightRole role, double fan_in, double fan_out) {
  switch (kind) {
    case Initialisation::kFm28:
      return std::sqrt((role == WeightRole::kConvolution ? 2.0 : 1.0) / fan_in);
    case Initialisation::kKaiming:
      return std::sqrt(2.0 / fan_in);
    case Initialisation::kXavier:
      return std::sqrt(2.0 / (fan_in + fan_out));
    case Initialisation::kStandardNormal:
    case Initialisation::kOrthogonal:
      return 1;
  }
  throw InternalError("an initialisation has no deviation");
}

// Rows by Gram and Schmidt, twice, which is as good as reflections at these sizes; of a matrix with more rows than
// columns its columns.
void make_orthonormal(std::vector<double>& numbers, std::size_t rows, std::size_t columns) {
  const bool tall = rows > columns;
  const std::size_t count = tall ? columns : rows, length = tall ? rows : columns;
  const auto at = [&](std::size_t vector, std::size_t i) -> double& {
    return tall ? numbers[i * columns + vector] : numbers[vector * columns + i];
  };
  for (std::size_t v = 0; v < count; ++v) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t other = 0; other < v; ++other) {
        double product = 0;
        for (std::size_t i = 0; i < length; ++i) product += at(v, i) * at(other, i);
        for (std::size_t i = 0; i < length; ++i) at(v, i) -= product * at(other, i);
      }
    }
    double norm = 0;
    for (std::size_t i = 0; i < length; ++i) norm += at(v, i) * at(v, i);
    norm = std::sqrt(norm);
    for (std::size_t i = 0; i < length; ++i) at(v, i) /= norm;
  }
}

void fill(const GraphModule::Weight& weight, double value) { weight.tensor.fill_(value); }

}  // namespace

const char* to_string(Initialisation kind) {
  for (const Row& row : kRows) {
    if (row.kind == kind) return row.name;
  }
  throw InternalError("an initialisation has no name");
}

Initialisation initialisation_from(const std::string& name) {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (row.name == name) return row.kind;
    names.push_back(row.name);
  }
  throw Error(fmt::format("there is no initialisation '{}'; there are {}", name, fmt::join(names, ", ")));
}

void initialise(const GraphModule::Weight& weight, Initialisation kind, std::uint64_t seed, std::size_t place) {
  torch::NoGradGuard no_gradients;
  constexpr double kSlope = 0.25;  // PyTorch's of a parametric ReLU
  switch (weight.role) {
    case WeightRole::kScale:
      return fill(weight, 1);
    case WeightRole::kShift:
    case WeightRole::kBias:
      return fill(weight, 0);
    case WeightRole::kOther:
      return fill(weight, kSlope);
    default:
      break;
  }
  const auto sizes = weight.tensor.sizes();
  const auto total = static_cast<std::size_t>(weight.tensor.numel());
  const auto rows = static_cast<std::size_t>(sizes.empty() ? 1 : sizes[0]);
  const std::size_t columns = total / std::max<std::size_t>(rows, 1);
  double window = 1;
  for (std::size_t i = 2; i < sizes.size(); ++i) window *= static_cast<double>(sizes[i]);
  const double scale = deviation(kind, weight.role, static_cast<double>(columns), static_cast<double>(rows) * window);
  Random random(stable_hash(fmt::format("initialisation {} {}", seed, place)));
  std::vector<double> numbers(total);
  for (double& number : numbers) number = random.normal();
  if (kind == Initialisation::kOrthogonal) make_orthonormal(numbers, rows, columns);
  std::vector<float> single(total);
  std::transform(numbers.begin(), numbers.end(), single.begin(),
                 [&](double number) { return static_cast<float>(number * scale); });
  weight.tensor.copy_(torch::from_blob(single.data(), sizes, torch::kFloat));
}

void initialise(GraphModule& module, Initialisation kind, std::uint64_t seed) {
  for (std::size_t i = 0; i < module.weights().size(); ++i) initialise(module.weights()[i], kind, seed, i);
}

}  // namespace lanewise::accuracy
