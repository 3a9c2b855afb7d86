// SPDX-License-Identifier: Apache-2.0
// The covariance of two candidates is a sum of three parts: one per gene, for what each choice adds by itself; one per
// number known beforehand, for smooth trends along it; and a product over all genes and numbers, for how they act
// together. Genes differ by a step where their values differ and, where the values are numbers, by how far these are
// apart. All amplitudes and lengths are fitted to the marginal likelihood under weak priors.
#pragma once

#include <cstddef>
#include <vector>

namespace lanewise::nas {

// Candidates as a process reads them: a code per gene, and numbers of about unit scale.
struct Inputs {
  std::size_t genes = 0, numbers = 0;
  std::vector<int> codes;      // size() x genes
  std::vector<double> values;  // size() x numbers
  std::size_t size() const { return count; }
  void add(const int* code, const double* value);
  const int* code(std::size_t i) const { return codes.data() + i * genes; }
  const double* value(std::size_t i) const { return values.data() + i * numbers; }
  std::size_t count = 0;
};

// Per gene where its values lie in [0, 1]; empty: they have no order.
using Positions = std::vector<std::vector<double>>;

// The covariance function with tables for its genes, one entry per pair of values.
class CovarianceKernel {
 public:
  // Where a logarithm is expected to lie, and how far from there it may well be.
  struct Prior {
    double mean, deviation;
  };
  static constexpr double kJitter = 1e-8;  // of the variance, so that covariances can be factored

  // `values_of` says how many values each gene has.
  CovarianceKernel(const std::vector<int>& values_of, Positions positions, std::size_t numbers);

  const std::vector<double>& parameters() const { return parameters_; }
  const std::vector<Prior>& priors() const { return priors_; }
  double noise() const { return noise_; }

  void set(const std::vector<double>& parameters);

  // Parts of covariances that their derivatives need again: the product, then what each number adds.
  std::size_t parts() const { return 1 + numbers_; }

  // The covariances of one candidate with others from `begin` to before `end`; `parts` has room for parts() numbers for
  // each of these, or is null.
  void row(const int* a, const double* x, const Inputs& others, std::size_t begin, std::size_t end, double* out,
           double* parts = nullptr) const;

  double diagonal() const;

  // Adds `factor` times the derivatives of a candidate's covariance with itself, noise included.
  void add_diagonal_gradient(double factor, double* gradient) const;

  // What derivatives by a gene's parameters are made of, per pair of its values: sums over pairs of candidates of
  // factors, and of factors times products.
  struct Share {
    double factor = 0, joint = 0;
  };
  std::vector<Share> no_shares() const { return std::vector<Share>(table_size_); }

  // Adds `factors[b]` times the derivatives of the covariances of one candidate with the first `count` of others: those
  // by numbers and by the product's amplitude to `gradient`, those by genes to `shares`.
  void add_gradient(const int* a, const double* x, const Inputs& others, std::size_t count, const double* factors,
                    const double* parts, double* gradient, std::vector<Share>& shares) const;

  // Adds what the shares say of the genes' parameters.
  void add_shares(const std::vector<Share>& shares, double* gradient) const;

 private:
  // Of a pair of values: what the gene adds by itself, and how far these are apart in the product.
  struct Entry {
    double own = 0, distance = 0;
    void operator+=(const Entry& other) {
      own += other.own;
      distance += other.distance;
    }
  };

  double with_numbers(Entry sum, const double* x, const double* y, double* parts) const;

  std::size_t at(std::size_t gene, int a, int b) const {
    return offsets_[gene] + static_cast<std::size_t>(a) * static_cast<std::size_t>(values_of_[gene]) +
           static_cast<std::size_t>(b);
  }
  double squared(std::size_t gene, int a, int b) const {
    if (positions_[gene].empty()) return 0;
    const double apart = positions_[gene][static_cast<std::size_t>(a)] - positions_[gene][static_cast<std::size_t>(b)];
    return apart * apart;
  }

  std::vector<int> values_of_;
  Positions positions_;
  std::size_t numbers_;
  std::vector<std::size_t> offsets_, open_;
  std::size_t table_size_ = 0;
  std::vector<Prior> priors_;
  std::vector<double> parameters_;
  double additive_ = 0, joint_ = 0, noise_ = 0, contrast_ = 0;
  std::vector<Entry> table_;
  std::vector<double> trend_, rate_, weight_;
};

}  // namespace lanewise::nas
