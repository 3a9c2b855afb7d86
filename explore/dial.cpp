// SPDX-License-Identifier: Apache-2.0
#include "explore/dial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/engine/kinds/engine_kind.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "core/engine/parameter_table.hpp"

namespace lanewise::explore {
namespace {

std::string group_of(const std::string& name) { return name.substr(0, name.find('.')); }

double number_of(const engine::EngineConfig& base, const std::string& key, const std::string& value) {
  engine::EngineConfig changed = base;
  const engine::Parameter& parameter = engine::require_parameter(key);
  engine::store(parameter, engine::parse_value(parameter, value), changed);
  return engine::numeric_value(changed, key);
}

bool is_number(const engine::Parameter& parameter) { return parameter.low != nullptr; }

// Names that stand in the table and are no dials: texts, and the kind, which has keys of its own.
bool is_dial(const engine::EngineConfig& base, const engine::Parameter& parameter) {
  const std::string key = parameter.key;
  if (std::holds_alternative<std::string>(engine::fetch(parameter, base)) || key == "dma.kind") return false;
  return engine::reads_key(base.dma.kind, key);
}

// A slider of a key that no family file speaks of: halves and doubles of what is given, as far as the key allows; of a
// whole number that is 0, 0 and the first powers of two.
std::vector<std::string> ladder(const engine::EngineConfig& base, const std::string& key) {
  const engine::NumericParameter bounds = engine::numeric_parameter(key);
  const double given = engine::numeric_value(base, key);
  std::vector<double> wanted = {given};
  if (given > 0) {
    for (const double factor : {0.125, 0.25, 0.5, 2.0, 4.0, 8.0}) wanted.push_back(given * factor);
  } else if (bounds.whole) {
    for (const double value : {1.0, 2.0, 4.0, 8.0, 16.0}) wanted.push_back(value);
  }
  std::vector<std::string> values;
  for (const double value : wanted) {
    if (value >= bounds.low && value <= bounds.high) values.push_back(engine::numeric_text(key, value));
  }
  return values;
}

// Of a switch or an enumeration: the words of its notation that the key takes.
std::vector<std::string> words(const engine::EngineConfig& base, const engine::Parameter& parameter) {
  std::vector<std::string> values;
  const std::string all = engine::notation(parameter);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find(", ", begin), all.size());
    const std::string word = all.substr(begin, end - begin);
    begin = end + 2;
    try {
      values.push_back(written_value(base, parameter.key, word));
    } catch (const Error&) {
      continue;  // a word that describes values instead of being one
    }
  }
  return values;
}

void complete_key(const engine::EngineConfig& base, const TrainedRanges& trained, Dial& dial) {
  const engine::Parameter& parameter = engine::require_parameter(dial.name);
  dial.meaning = parameter.meaning;
  dial.notation = engine::notation(parameter);
  if (is_number(parameter)) {
    dial.low = parameter.low;
    dial.high = parameter.high;
  }
  const std::string given = engine::value_text(base, dial.name);
  std::vector<std::string> all = {given};
  for (const std::string& value : dial.values) {
    if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(value);
  }
  std::stable_sort(all.begin(), all.end(), [&](const std::string& a, const std::string& b) {
    return number_of(base, dial.name, a) < number_of(base, dial.name, b);
  });
  dial.values = all;
  dial.given = static_cast<std::size_t>(std::find(all.begin(), all.end(), given) - all.begin());
  const auto range = trained.find(dial.name);
  for (const std::string& value : all) {
    const double number = number_of(base, dial.name, value);
    dial.trained.push_back(range != trained.end() && number >= range->second.first && number <= range->second.second);
  }
}

// The place of a value among all when they are numbers: "1x3" and "ibn" are none.
std::optional<double> plain_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return std::nullopt;
  return value;
}

Dial dial_of_gene(const nas::Gene& gene) {
  Dial dial;
  dial.name = gene.name;
  dial.group = group_of(gene.name);
  dial.listed = true;
  dial.values = gene.values;
  const bool numbers = std::all_of(gene.values.begin(), gene.values.end(),
                                   [](const std::string& value) { return plain_number(value).has_value(); });
  if (numbers) {
    std::stable_sort(dial.values.begin(), dial.values.end(),
                     [](const std::string& a, const std::string& b) { return *plain_number(a) < *plain_number(b); });
  }
  dial.given = static_cast<std::size_t>(std::find(dial.values.begin(), dial.values.end(), gene.values.front()) -
                                        dial.values.begin());
  dial.trained.assign(dial.values.size(), true);
  return dial;
}

std::vector<std::string> family_values(const engine::EngineConfig& base, const engine::FamilyRange& range) {
  std::vector<std::string> values;
  for (const auto* list : {&range.values, &range.outside_values}) {
    for (const std::string& value : *list) {
      try {
        values.push_back(written_value(base, range.key, value));
      } catch (const Error&) {
        continue;  // of a family with engines of several kinds: this engine cannot have it
      }
    }
  }
  return values;
}

}  // namespace

std::string written_value(const engine::EngineConfig& base, const std::string& key, const std::string& value) {
  const engine::Parameter& parameter = engine::require_parameter(key);
  engine::EngineConfig changed = base;
  try {
    engine::store(parameter, engine::parse_value(parameter, value), changed);
  } catch (const Error& error) {
    throw Error(fmt::format("{}={}: {}", key, value, error.what()));
  }
  return engine::value_text(changed, key);
}

std::vector<Dial> engine_dials(const engine::EngineConfig& base, const engine::Family& family,
                               const nas::EngineSettings& settings, const nas::EngineSpace& space, bool space_given,
                               const TrainedRanges& trained) {
  std::vector<Dial> dials;
  std::set<std::string> taken;
  for (const nas::DerivedKey& derived : settings.derived) taken.insert(derived.key);
  for (const nas::EngineGene& gene : settings.genes) {
    if (gene.keys.size() < 2) continue;
    for (const auto& [key, values] : gene.keys) taken.insert(key);
  }
  for (const nas::Gene& gene : space.genes()) {
    Dial dial = dial_of_gene(gene);
    taken.insert(gene.name);
    if (engine::find_parameter(gene.name) != nullptr) {
      dial.trained.clear();
      complete_key(base, trained, dial);
    }
    dials.push_back(std::move(dial));
  }
  std::vector<Dial> more;
  for (const engine::Parameter& parameter : engine::parameter_table()) {
    if (!is_dial(base, parameter) || taken.count(parameter.key) > 0) continue;
    Dial dial;
    dial.name = parameter.key;
    dial.group = group_of(dial.name);
    const auto range = std::find_if(family.ranges.begin(), family.ranges.end(),
                                    [&](const engine::FamilyRange& each) { return each.key == dial.name; });
    const bool in_family = range != family.ranges.end();
    dial.first = in_family && !space_given;
    dial.values = in_family              ? family_values(base, *range)
                  : is_number(parameter) ? ladder(base, dial.name)
                                         : words(base, parameter);
    complete_key(base, trained, dial);
    (dial.first ? dials : more).push_back(std::move(dial));
  }
  dials.insert(dials.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return dials;
}

std::vector<Dial> network_dials(const std::vector<nas::Gene>& genes) {
  std::vector<Dial> dials;
  for (const nas::Gene& gene : genes) dials.push_back(dial_of_gene(gene));
  return dials;
}

}  // namespace lanewise::explore
