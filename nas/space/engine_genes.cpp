// SPDX-License-Identifier: Apache-2.0
#include "nas/space/engine_genes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/value_range.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;

constexpr const char* kVary = "engine.vary.";
constexpr const char* kTogether = "engine.together.";
constexpr const char* kDerive = "engine.derive.";
constexpr std::size_t kMostEngineGenes = 64;

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

// What a key of the hwconfig is given: a list, or the parts of a range by their names.
struct Given {
  const RawEntry* first = nullptr;
  const RawEntry* list = nullptr;
  std::map<std::string, const RawEntry*> range;
};

class EngineGeneReader {
 public:
  EngineGeneReader(const RawConfig& raw, EngineSettings& settings) : raw_(raw), settings_(settings) {
    for (const std::string& key : engine::parameter_keys()) {
      if (key != "name" && key != "family" && key != "description") known_.push_back(key);
    }
  }

  void run() {
    read_vary();
    read_together();
    read_derived();
    if (settings_.genes.size() > kMostEngineGenes) {
      throw Error(fmt::format("{}: key 'engine.vary': more than {} genes", raw_.path, kMostEngineGenes));
    }
  }

 private:
  [[noreturn]] void fail(const RawEntry& entry, const std::string& what) const {
    throw Error(raw_.place(entry) + what);
  }
  std::string origin(const RawEntry& entry) const { return fmt::format("{}:{}", raw_.path, entry.line); }

  const std::string& require_key(const RawEntry& entry, const std::string& key, const std::string& rule) const {
    const auto found = std::find(known_.begin(), known_.end(), key);
    if (found == known_.end()) refuse(raw_, entry, key, rule + engine::suggestion(key, known_));
    return *found;
  }

  // The key that `rest` is, or begins with where a part of a range follows.
  std::pair<std::string, std::string> split(const RawEntry& entry, const std::string& rest) const {
    for (const char* part : {"from", "to", "step", "factor"}) {
      const std::string tail = std::string(".") + part;
      if (rest.size() <= tail.size() || rest.compare(rest.size() - tail.size(), tail.size(), tail) != 0) continue;
      const std::string key = rest.substr(0, rest.size() - tail.size());
      return {require_key(entry, key, "is no key of an engine that may vary"), part};
    }
    return {require_key(entry, rest, "is no key of an engine that may vary"), ""};
  }

  void take(const RawEntry& entry, const std::string& part, Given& given) const {
    if (given.first == nullptr) given.first = &entry;
    if (!part.empty()) {
      given.range[part] = &entry;
      return;
    }
    if (!entry.is_list || entry.values.empty()) fail(entry, "must be a list of values");
    for (auto value = entry.values.begin(); value != entry.values.end(); ++value) {
      if (std::find(entry.values.begin(), value, *value) != value) refuse(raw_, entry, *value, "is given twice");
    }
    given.list = &entry;
  }

  // A quantity in the unit in which the engine stores the key.
  double quantity(const RawEntry& entry) const {
    const std::string& text = single(raw_, entry);
    const Formula formula = engine::placed(raw_, entry, [&] { return Formula::parse(text); });
    if (!formula.names().empty()) refuse(raw_, entry, text, "must be a number");
    return engine::placed(raw_, entry, [&] { return formula.evaluate({}); });
  }

  std::vector<std::string> values(const std::string& key, const Given& given) const {
    if (given.list != nullptr) return given.list->values;
    const engine::NumericParameter bounds =
        engine::placed(raw_, *given.first, [&] { return engine::numeric_parameter(key); });
    std::map<std::string, double> numbers;
    for (const auto& [part, entry] : given.range) numbers[part] = quantity(*entry);
    const auto optional = [&](const char* part) {
      const auto found = numbers.find(part);
      return found == numbers.end() ? std::nullopt : std::optional<double>(found->second);
    };
    if (!optional("from") || !optional("to")) fail(*given.first, "a range needs 'from' and 'to'");
    std::vector<std::string> texts;
    for (const double value : engine::placed(raw_, *given.first, [&] {
           return value_range(numbers["from"], numbers["to"], optional("step"), optional("factor"));
         })) {
      const double whole = bounds.whole ? std::round(value) : value;
      if (!(whole >= bounds.low && whole <= bounds.high)) {
        fail(*given.first, fmt::format("a range must stay within {} and {}", engine::numeric_text(key, bounds.low),
                                       engine::numeric_text(key, bounds.high)));
      }
      const std::string text = engine::numeric_text(key, whole);
      if (texts.empty() || texts.back() != text) texts.push_back(text);
    }
    return texts;
  }

  void require_free(const RawEntry& entry, const std::string& key) {
    if (!taken_.insert(key).second) refuse(raw_, entry, key, "is decided twice");
  }

  void read_vary() {
    std::vector<std::pair<std::string, Given>> keys;
    for (const RawEntry& entry : raw_.entries) {
      if (!begins(entry.key, kVary)) continue;
      const auto [key, part] = split(entry, entry.key.substr(std::string(kVary).size()));
      auto found = std::find_if(keys.begin(), keys.end(), [&, name = key](const auto& k) { return k.first == name; });
      if (found == keys.end()) found = keys.insert(keys.end(), {key, {}});
      take(entry, part, found->second);
    }
    for (const auto& [key, given] : keys) {
      settings_.vary = EngineSettings::Vary::kListed;
      require_free(*given.first, key);
      settings_.genes.push_back({key, {{key, values(key, given)}}, origin(*given.first), given.list == nullptr});
    }
  }

  void read_together() {
    std::vector<std::pair<std::string, std::vector<std::pair<std::string, Given>>>> groups;
    for (const RawEntry& entry : raw_.entries) {
      if (!begins(entry.key, kTogether)) continue;
      const std::string rest = entry.key.substr(std::string(kTogether).size());
      const std::size_t dot = rest.find('.');
      if (dot == std::string::npos) fail(entry, "must be a map from keys of an engine to their values");
      const std::string name = rest.substr(0, dot);
      const auto [key, part] = split(entry, rest.substr(dot + 1));
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == name; });
      if (group == groups.end()) group = groups.insert(groups.end(), {name, {}});
      auto found = std::find_if(group->second.begin(), group->second.end(),
                                [&, wanted = key](const auto& k) { return k.first == wanted; });
      if (found == group->second.end()) found = group->second.insert(group->second.end(), {key, {}});
      take_coupled(entry, part, found->second);
    }
    for (const auto& [name, keys] : groups) {
      EngineGene gene{name, {}, origin(*keys.front().second.first), false};
      for (const auto& [key, given] : keys) {
        require_free(*given.first, key);
        gene.range = gene.range || given.list == nullptr;
        gene.keys.emplace_back(key, values(key, given));
        if (gene.keys.back().second.size() != gene.keys.front().second.size()) {
          fail(*given.first,
               fmt::format("has {} values, '{}' has {}: keys of one gene must have as many",
                           gene.keys.back().second.size(), gene.keys.front().first, gene.keys.front().second.size()));
        }
      }
      settings_.genes.push_back(std::move(gene));
    }
  }

  // As `take`, but a value may come again beside another one of the other key.
  void take_coupled(const RawEntry& entry, const std::string& part, Given& given) const {
    if (part.empty() && entry.is_list && !entry.values.empty()) {
      if (given.first == nullptr) given.first = &entry;
      given.list = &entry;
    } else {
      take(entry, part, given);
    }
  }

  void read_derived() {
    for (const RawEntry& entry : raw_.entries) {
      if (!begins(entry.key, kDerive)) continue;
      const std::string key =
          require_key(entry, entry.key.substr(std::string(kDerive).size()), "is no key of an engine");
      require_free(entry, key);
      engine::placed(raw_, entry, [&] { return engine::numeric_parameter(key); });
      const std::string& text = single(raw_, entry);
      Formula formula = engine::placed(raw_, entry, [&] { return Formula::parse(text); });
      for (const std::string& name : formula.names()) {
        require_key(entry, name, "is no key of an engine");
        engine::placed(raw_, entry, [&] { return engine::numeric_value(engine::EngineConfig{}, name); });
        if (name == key) refuse(raw_, entry, text, "reads the key that it gives");
      }
      settings_.derived.push_back({key, std::move(formula), origin(entry)});
    }
    settings_.derived = in_order(std::move(settings_.derived));
  }

  const RawConfig& raw_;
  EngineSettings& settings_;
  std::vector<std::string> known_;
  std::set<std::string> taken_;
};

}  // namespace

std::vector<std::string> engine_gene_keys() {
  return {"engine.vary.<key>", "engine.together.<name>.<key>", "engine.derive.<key>"};
}

bool is_engine_gene_entry(const RawEntry& entry) {
  return begins(entry.key, kVary) || begins(entry.key, kTogether) || begins(entry.key, kDerive);
}

void read_engine_genes(const RawConfig& raw, EngineSettings& settings) { EngineGeneReader(raw, settings).run(); }

}  // namespace lanewise::nas
