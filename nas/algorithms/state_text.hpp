// SPDX-License-Identifier: Apache-2.0
// The state of a search as text: one line per item, a key and its values. Floating-point values are written in
// hexadecimal, so that they read back bit by bit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

class StateWriter {
 public:
  void text(const char* key, std::string_view value);  // without white space
  void count(const char* key, std::int64_t value);
  void number(const char* key, double value);
  void numbers(const char* key, const std::vector<double>& values);
  void counts(const char* key, const std::vector<std::int64_t>& values);
  void random(const char* key, const Random& random);
  void genotypes(const char* key, const std::vector<Genotype>& genotypes);
  void individuals(const char* key, const std::vector<Individual>& individuals);
  const std::string& str() const { return out_; }

 private:
  std::string out_;
};

// Reads the same items in the same order. Each throws Error naming the line and the rule where the text does not hold
// what is asked for.
class StateReader {
 public:
  explicit StateReader(std::string_view text) : rest_(text) {}
  void expect(const char* key, std::string_view value);
  std::string text(const char* key);
  std::int64_t count(const char* key);
  double number(const char* key);
  std::vector<double> numbers(const char* key);
  std::vector<std::int64_t> counts(const char* key);
  Random random(const char* key);
  std::vector<Genotype> genotypes(const char* key, const std::vector<Gene>& genes);
  std::vector<Individual> individuals(const char* key, const std::vector<Gene>& genes);
  // What was not read.
  std::string_view rest() const { return rest_; }
  void end() const;
  [[noreturn]] void refuse(const std::string& rule) const;

 private:
  std::vector<std::string_view> line(const char* key);
  std::int64_t integer(std::string_view word) const;
  double real(std::string_view word) const;
  Genotype genotype(const std::vector<std::string_view>& words, const std::vector<Gene>& genes) const;

  std::string_view rest_;
  int line_ = 0;
};

}  // namespace lanewise::nas
