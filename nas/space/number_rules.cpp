// SPDX-License-Identifier: Apache-2.0
#include "nas/space/number_rules.hpp"

#include <algorithm>
#include <cctype>

#include "core/base/error.hpp"
#include "core/network/layer_numbers.hpp"
#include "nas/space/entry_values.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;

constexpr const char* kSection = "numbers.";
constexpr std::size_t kMostRules = 64;

const std::vector<std::string>& properties() {
  static const std::vector<std::string> all = {"layers", "per", "prune", "cluster", "weights", "activations"};
  return all;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return (std::isalnum(c) != 0 && c < 128) || c == '_'; });
}

// The values as they are written back, each once. `read` gives that text, and throws Error for what is none.
template <class Read>
std::vector<std::string> texts(const RawConfig& raw, const RawEntry& entry, const Read& read) {
  std::vector<std::string> out;
  if (entry.values.empty()) throw Error(raw.place(entry) + "must hold a value");
  for (const std::string& value : entry.values) {
    const std::string text = engine::placed(raw, entry, [&] { return read(value); });
    if (std::find(out.begin(), out.end(), text) != out.end()) refuse(raw, entry, value, "is given twice");
    out.push_back(text);
  }
  return out;
}

std::string clusters_text(const std::string& text) {
  return std::to_string(*network::parse_layer_numbers(text + " clusters").clusters);
}

void read_property(const RawConfig& raw, const RawEntry& entry, const std::string& property, NumberRule& rule) {
  const auto precision = [](const std::string& text) { return std::string(to_string(parse_precision(text))); };
  if (property == "layers") {
    rule.layers = texts(raw, entry, [](const std::string& text) {
      if (text.empty()) throw Error("must be names of layers");
      return text;
    });
  } else if (property == "per") {
    rule.per = static_cast<NumberRule::Per>(choice(raw, entry, {"network", "stage", "block", "layer"}));
  } else if (property == "prune") {
    rule.prune = texts(raw, entry, [](const std::string& text) {
      network::LayerNumbers numbers;
      numbers.prune = network::parse_prune(text);
      return network::to_string(numbers);
    });
  } else if (property == "cluster") {
    rule.cluster = texts(raw, entry, clusters_text);
  } else if (property == "weights") {
    rule.weights = texts(raw, entry, precision);
  } else {
    rule.activations = texts(raw, entry, precision);
  }
}

}  // namespace

bool is_number_entry(const RawEntry& entry) { return entry.key.rfind(kSection, 0) == 0; }

std::vector<std::string> number_keys() {
  std::vector<std::string> keys;
  for (const std::string& property : properties()) keys.push_back(std::string(kSection) + "<rule>." + property);
  return keys;
}

std::vector<NumberRule> read_number_rules(const RawConfig& raw) {
  std::vector<NumberRule> rules;
  std::vector<const RawEntry*> first;
  for (const RawEntry& entry : raw.entries) {
    if (!is_number_entry(entry)) continue;
    const std::string rest = entry.key.substr(std::string(kSection).size());
    const std::size_t dot = rest.find('.');
    const std::string name = rest.substr(0, dot);
    const std::string property = dot == std::string::npos ? "" : rest.substr(dot + 1);
    if (std::find(properties().begin(), properties().end(), property) == properties().end()) {
      refuse_unknown_key(raw, entry, number_keys());
    }
    if (!is_name(name)) refuse(raw, entry, name, "is no name of a rule: must be letters, digits and '_'");
    auto rule = std::find_if(rules.begin(), rules.end(), [&](const NumberRule& r) { return r.name == name; });
    if (rule == rules.end()) {
      if (rules.size() == kMostRules) throw Error(raw.place(entry) + "more than 64 rules");
      rules.emplace_back();
      rules.back().name = name;
      first.push_back(&entry);
      rule = std::prev(rules.end());
    }
    read_property(raw, entry, property, *rule);
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const NumberRule& rule = rules[i];
    if (rule.prune.empty() && rule.cluster.empty() && rule.weights.empty() && rule.activations.empty()) {
      throw Error(raw.place(*first[i]) + "rule '" + rule.name +
                  "' says none of prune, cluster, weights and activations");
    }
  }
  return rules;
}

}  // namespace lanewise::nas
