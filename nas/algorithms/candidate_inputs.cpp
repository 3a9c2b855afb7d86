// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/candidate_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>

#include "core/base/random.hpp"

namespace lanewise::nas {
namespace {

constexpr std::size_t kSample = 256;
constexpr double kFarthest = 6;  // numbers of designs that cannot be may be anything

// "512 KiB" is 524288; NaN where the text does not begin with a number.
double number_of(const std::string& text) {
  char* end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return std::nan("");
  while (*end == ' ') ++end;
  static const std::string kPrefixes = "kKMGT";
  const std::size_t prefix = *end == '\0' ? std::string::npos : kPrefixes.find(*end);
  if (prefix != std::string::npos && *(end + 1) != '\0') {
    const double base = *(end + 1) == 'i' ? 1024 : 1000;
    value *= std::pow(base, static_cast<double>(prefix == 0 ? 1 : prefix));
  }
  return value;
}

bool spans(const std::vector<double>& values, double factor) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return *least > 0 && *most > factor * *least;
}

}  // namespace

std::vector<double> positions_of(const std::vector<std::string>& values) {
  std::vector<double> numbers;
  for (const std::string& value : values) numbers.push_back(number_of(value));
  if (!std::all_of(numbers.begin(), numbers.end(), [](double v) { return std::isfinite(v); })) return {};
  if (std::set<double>(numbers.begin(), numbers.end()).size() != numbers.size() || numbers.size() < 2) return {};
  if (spans(numbers, 3)) {
    for (double& number : numbers) number = std::log(number);
  }
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  const double low = *least, extent = *most - *least;
  for (double& number : numbers) number = (number - low) / extent;
  return numbers;
}

CandidateInputs::CandidateInputs(const Problem& problem) : problem_(problem), free_(problem.free_objectives()) {
  for (const Gene& gene : problem.genes()) positions_.push_back(positions_of(gene.values));
}

// Not before they are needed: a sample may take longer than a search that has nothing to learn.
const std::vector<CandidateInputs::Scale>& CandidateInputs::scales() const {
  if (scales_) return *scales_;
  scales_.emplace();
  Random random(0x5eed);
  std::vector<Genotype> sample;
  for (std::size_t i = 0; i < kSample; ++i) {
    Genotype genotype;
    for (const Gene& gene : problem_.genes()) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    sample.push_back(problem_.canonical(genotype));
  }
  std::vector<Evaluation> known;
  if (!free_.empty()) known = problem_.known_beforehand(sample);
  const std::vector<std::vector<double>> rows = raw_numbers(sample, known);
  for (std::size_t j = 0; !rows.empty() && j < rows.front().size(); ++j) {
    std::vector<double> column;
    for (const std::vector<double>& row : rows) {
      if (std::abs(row[j]) < 1e300) column.push_back(row[j]);
    }
    Scale scale;
    if (!column.empty()) {
      scale.logarithmic = spans(column, 3);
      if (scale.logarithmic) {
        for (double& value : column) value = std::log(value);
      }
      const auto count = static_cast<double>(column.size());
      for (const double value : column) scale.centre += value / count;
      double square = 0;
      for (const double value : column) square += (value - scale.centre) * (value - scale.centre) / count;
      scale.spread = square > 0 ? std::sqrt(square) : 1;
    }
    scales_->push_back(scale);
  }
  return *scales_;
}

std::vector<int> CandidateInputs::values_of() const {
  std::vector<int> counts;
  for (const Gene& gene : problem_.genes()) counts.push_back(static_cast<int>(gene.values.size()));
  return counts;
}

// The problem's features, then its free objectives.
std::vector<std::vector<double>> CandidateInputs::raw_numbers(const std::vector<Genotype>& genotypes,
                                                              const std::vector<Evaluation>& known) const {
  std::vector<std::vector<double>> rows = problem_.features(genotypes);
  rows.resize(genotypes.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    for (std::size_t k = 0; k < free_.size(); ++k) {
      if (free_[k]) rows[i].push_back(known[i].objectives[k]);
    }
  }
  return rows;
}

Known CandidateInputs::of(const std::vector<Genotype>& genotypes) const {
  Known known;
  known.inputs.genes = positions_.size();
  known.inputs.numbers = scales().size();
  if (genotypes.empty()) return known;
  if (!free_.empty()) known.evaluations = problem_.known_beforehand(genotypes);
  std::vector<std::vector<double>> rows = raw_numbers(genotypes, known.evaluations);
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    for (std::size_t j = 0; j < scales().size(); ++j) {
      const Scale& scale = scales()[j];
      const double value = scale.logarithmic ? std::log(std::max(rows[i][j], 1e-300)) : rows[i][j];
      rows[i][j] = std::clamp((value - scale.centre) / scale.spread, -kFarthest, kFarthest);
    }
    known.inputs.add(genotypes[i].data(), rows[i].data());
  }
  return known;
}

}  // namespace lanewise::nas
