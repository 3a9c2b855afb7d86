// SPDX-License-Identifier: Apache-2.0
#include "nas/space/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

std::optional<double> read_number(const PropertyRule& rule, const std::string& text, bool whole) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = status == std::errc() && end == text.data() + text.size() && !text.empty();
  if (!read || !(value >= rule.low && value <= rule.high) || (whole && value != std::floor(value))) return std::nullopt;
  return value;
}

}  // namespace

std::string PropertyRule::rule() const {
  switch (kind) {
    case Kind::kWhole:
      return fmt::format("must be a whole number from {} to {}", low, high);
    case Kind::kNumber:
      return fmt::format("must be a number from {} to {}", low, high);
    case Kind::kPair:
      return fmt::format("must be a whole number from {} to {}, or HEIGHTxWIDTH of two of them", low, high);
    case Kind::kWord:
      break;
  }
  return fmt::format("must be one of: {}", fmt::join(words, ", "));
}

std::optional<Option> read_option(const PropertyRule& rule, const std::string& text) {
  Option option{text, {0, 0}};
  if (rule.kind == PropertyRule::Kind::kWord) {
    const auto found =
        std::find_if(rule.words.begin(), rule.words.end(), [&](const char* word) { return text == word; });
    if (found == rule.words.end()) return std::nullopt;
    option.numbers[0] = static_cast<double>(found - rule.words.begin());
    return option;
  }
  const bool whole = rule.kind != PropertyRule::Kind::kNumber;
  const std::size_t cross = rule.kind == PropertyRule::Kind::kPair ? text.find('x') : std::string::npos;
  const auto first = read_number(rule, text.substr(0, cross), whole);
  const auto second = cross == std::string::npos ? first : read_number(rule, text.substr(cross + 1), whole);
  if (!first || !second) return std::nullopt;
  option.numbers = {*first, *second};
  return option;
}

std::size_t size_of(const Setting& setting) {
  std::size_t size = 1;
  for (const Setting& value : setting.by_value) size += size_of(value);
  return size;
}

Resolver::Resolver(const std::vector<SpaceGene>& genes, const Genotype& genotype, const std::vector<double>* engine)
    : genes_(genes),
      genotype_(genotype),
      engine_(engine),
      activity_(genes.size(), Activity::kUnknown),
      asked_(genes.size(), false) {}

int Resolver::value(int gene) {
  const auto at = static_cast<std::size_t>(gene);
  // Looked up once: conditions may share conditions.
  if (activity_[at] == Activity::kUnknown) {
    activity_[at] = holds(genes_[at].when) ? Activity::kActive : Activity::kInactive;
  }
  if (activity_[at] == Activity::kInactive) return 0;
  asked_[at] = true;
  return genotype_[at];
}

bool Resolver::holds(const std::vector<SpaceGene::Condition>& when) {
  return std::all_of(when.begin(), when.end(), [&](const SpaceGene::Condition& condition) {
    const int now = value(condition.gene);
    return std::find(condition.values.begin(), condition.values.end(), now) != condition.values.end();
  });
}

double Resolver::evaluate(const Setting& setting) {
  std::vector<double> values;
  for (std::size_t i = 0; i < setting.formula_genes.size(); ++i) {
    const int gene = setting.formula_genes[i];
    if (gene == Setting::kNoGene) {
      values.push_back(engine_ == nullptr ? 1 : (*engine_)[setting.formula_keys[i]]);
    } else {
      values.push_back(genes_[static_cast<std::size_t>(gene)].numbers[static_cast<std::size_t>(value(gene))]);
    }
  }
  try {
    return setting.formula->evaluate(values);
  } catch (const Error& error) {
    if (engine_ == nullptr) return setting.rule->low;
    throw Error(setting.place + ": " + error.what());
  }
}

Resolver::Resolved Resolver::resolve(const Setting& setting) {
  const Setting* at = &setting;
  while (at->gene != Setting::kNoGene) at = &at->by_value[static_cast<std::size_t>(value(at->gene))];
  if (!at->formula) return {at->option.numbers, &at->option};
  double result = evaluate(*at) * at->option.numbers[0];
  if (at->rule->kind != PropertyRule::Kind::kNumber) result = std::round(result);
  if (engine_ == nullptr) result = std::clamp(result, at->rule->low, at->rule->high);
  if (!(result >= at->rule->low && result <= at->rule->high)) {
    throw Error(fmt::format("{}: formula '{}' gives {}: {}", at->place, at->formula->text(), result, at->rule->rule()));
  }
  return {{result, result}, &at->option};
}

Option Resolver::option(const Setting& setting) {
  const Resolved resolved = resolve(setting);
  return {resolved.option->text, resolved.numbers};
}

const std::string& Resolver::text(const Setting& setting) {
  const Setting* at = &setting;
  while (at->gene != Setting::kNoGene) at = &at->by_value[static_cast<std::size_t>(value(at->gene))];
  return at->option.text;
}

std::array<std::int64_t, 2> Resolver::pair(const Setting& setting) {
  const Resolved resolved = resolve(setting);
  return {static_cast<std::int64_t>(resolved.numbers[0]), static_cast<std::int64_t>(resolved.numbers[1])};
}

}  // namespace lanewise::nas
