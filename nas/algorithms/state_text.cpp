// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/state_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <iterator>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

// More than any search keeps: text that names more is no state.
constexpr std::int64_t kMostItems = 100'000'000;

void append_genotype(std::string& out, const Genotype& genotype) {
  for (const int value : genotype) fmt::format_to(std::back_inserter(out), " {}", value);
}

}  // namespace

void StateWriter::text(const char* key, std::string_view value) {
  out_ += key;
  out_ += ' ';
  out_ += value;
  out_ += '\n';
}

void StateWriter::count(const char* key, std::int64_t value) { counts(key, {value}); }

void StateWriter::number(const char* key, double value) { numbers(key, {value}); }

void StateWriter::numbers(const char* key, const std::vector<double>& values) {
  out_ += key;
  for (const double value : values) fmt::format_to(std::back_inserter(out_), " {:a}", value);
  out_ += '\n';
}

void StateWriter::counts(const char* key, const std::vector<std::int64_t>& values) {
  out_ += key;
  for (const std::int64_t value : values) fmt::format_to(std::back_inserter(out_), " {}", value);
  out_ += '\n';
}

void StateWriter::random(const char* key, const Random& random) {
  out_ += key;
  for (const std::uint64_t word : random.state()) fmt::format_to(std::back_inserter(out_), " {:016x}", word);
  out_ += '\n';
}

void StateWriter::genotypes(const char* key, const std::vector<Genotype>& genotypes) {
  count(key, static_cast<std::int64_t>(genotypes.size()));
  for (const Genotype& genotype : genotypes) {
    out_ += "genotype";
    append_genotype(out_, genotype);
    out_ += '\n';
  }
}

void StateWriter::individuals(const char* key, const std::vector<Individual>& individuals) {
  const std::size_t objectives = individuals.empty() ? 0 : individuals.front().evaluation.objectives.size();
  counts(key, {static_cast<std::int64_t>(individuals.size()), static_cast<std::int64_t>(objectives)});
  for (const Individual& individual : individuals) {
    fmt::format_to(std::back_inserter(out_), "individual {:a}", individual.evaluation.violation);
    for (const double value : individual.evaluation.objectives)
      fmt::format_to(std::back_inserter(out_), " {:a}", value);
    append_genotype(out_, individual.genotype);
    out_ += '\n';
  }
}

void StateReader::refuse(const std::string& rule) const {
  throw Error(fmt::format("state of a search, line {}: {}", line_, rule));
}

// The words after the key of the next line.
std::vector<std::string_view> StateReader::line(const char* key) {
  ++line_;
  if (rest_.empty()) refuse(fmt::format("'{}' is missing", key));
  const std::size_t end = rest_.find('\n');
  if (end == std::string_view::npos) refuse("the last line is cut off");
  std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    if (blank != 0) words.push_back(text.substr(0, blank));
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  }
  if (words.empty() || words.front() != key) refuse(fmt::format("must hold '{}'", key));
  words.erase(words.begin());
  return words;
}

std::int64_t StateReader::integer(std::string_view word) const {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (problem != std::errc() || end != word.data() + word.size()) {
    refuse(fmt::format("'{}' must be a whole number", word));
  }
  return value;
}

double StateReader::real(std::string_view word) const {
  const std::string text(word);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size()) refuse(fmt::format("'{}' must be a number", word));
  return value;
}

std::string StateReader::text(const char* key) {
  const std::vector<std::string_view> words = line(key);
  if (words.size() != 1) refuse(fmt::format("'{}' must have one value", key));
  return std::string(words.front());
}

void StateReader::expect(const char* key, std::string_view value) {
  const std::string found = text(key);
  if (found != value) refuse(fmt::format("{} is '{}', must be '{}'", key, found, value));
}

std::int64_t StateReader::count(const char* key) {
  const std::vector<std::int64_t> values = counts(key);
  if (values.size() != 1) refuse(fmt::format("'{}' must have one value", key));
  return values.front();
}

double StateReader::number(const char* key) {
  const std::vector<double> values = numbers(key);
  if (values.size() != 1) refuse(fmt::format("'{}' must have one value", key));
  return values.front();
}

std::vector<double> StateReader::numbers(const char* key) {
  std::vector<double> values;
  for (const std::string_view word : line(key)) values.push_back(real(word));
  return values;
}

std::vector<std::int64_t> StateReader::counts(const char* key) {
  std::vector<std::int64_t> values;
  for (const std::string_view word : line(key)) values.push_back(integer(word));
  return values;
}

Random StateReader::random(const char* key) {
  const std::vector<std::string_view> words = line(key);
  Random::State state{};
  if (words.size() != state.size()) refuse(fmt::format("'{}' must have four values", key));
  for (std::size_t i = 0; i < state.size(); ++i) {
    const char* end = words[i].data() + words[i].size();
    const auto [stop, problem] = std::from_chars(words[i].data(), end, state[i], 16);
    if (problem != std::errc() || stop != end) refuse(fmt::format("'{}' must be hexadecimal", words[i]));
  }
  return Random(state);
}

Genotype StateReader::genotype(const std::vector<std::string_view>& words, const std::vector<Gene>& genes) const {
  if (words.size() != genes.size()) {
    refuse(fmt::format("a genotype has {} genes, the space {}", words.size(), genes.size()));
  }
  Genotype genotype;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::int64_t value = integer(words[i]);
    const auto values = static_cast<std::int64_t>(genes[i].values.size());
    if (value < 0 || value >= values) {
      refuse(fmt::format("value {} of gene {} must lie in [0, {})", value, genes[i].name, values));
    }
    genotype.push_back(static_cast<int>(value));
  }
  return genotype;
}

std::vector<Genotype> StateReader::genotypes(const char* key, const std::vector<Gene>& genes) {
  const std::int64_t items = count(key);
  if (items < 0 || items > kMostItems) refuse(fmt::format("{} items are no state", items));
  std::vector<Genotype> genotypes;
  for (std::int64_t i = 0; i < items; ++i) genotypes.push_back(genotype(line("genotype"), genes));
  return genotypes;
}

std::vector<Individual> StateReader::individuals(const char* key, const std::vector<Gene>& genes) {
  const std::vector<std::int64_t> sizes = counts(key);
  if (sizes.size() != 2 || sizes[0] < 0 || sizes[0] > kMostItems || sizes[1] < 0 || sizes[1] > 1000) {
    refuse(fmt::format("'{}' must say how many individuals and objectives there are", key));
  }
  const auto objectives = static_cast<std::size_t>(sizes[1]);
  std::vector<Individual> individuals;
  for (std::int64_t i = 0; i < sizes[0]; ++i) {
    const std::vector<std::string_view> words = line("individual");
    if (words.size() < 1 + objectives) refuse("an individual lacks objectives");
    Individual individual;
    individual.evaluation.violation = real(words[0]);
    for (std::size_t k = 0; k < objectives; ++k) individual.evaluation.objectives.push_back(real(words[1 + k]));
    const auto first_gene = words.begin() + 1 + static_cast<std::ptrdiff_t>(objectives);
    individual.genotype = genotype({first_gene, words.end()}, genes);
    individuals.push_back(std::move(individual));
  }
  return individuals;
}

void StateReader::end() const {
  if (!rest_.empty()) throw Error(fmt::format("state of a search, line {}: must end here", line_ + 1));
}

}  // namespace lanewise::nas
