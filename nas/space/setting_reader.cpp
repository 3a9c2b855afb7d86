// SPDX-License-Identifier: Apache-2.0
#include "nas/space/setting_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/space/block_settings.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/gene_text.hpp"
#include "nas/space/value_range.hpp"

namespace lanewise::nas {

using engine::RawConfig;
using engine::RawEntry;

namespace {

constexpr std::size_t kLongestWord = 40;

// What may stand in an encoding.
bool is_word(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '+';
  };
  return !text.empty() && text.size() <= kLongestWord && std::all_of(text.begin(), text.end(), allowed);
}

bool is_below(const RawEntry& entry, const std::string& key) {
  return entry.key.size() > key.size() && entry.key.compare(0, key.size(), key) == 0 && entry.key[key.size()] == '.';
}

std::vector<double> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const std::string& text : texts) {
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size()) return {};
    numbers.push_back(value);
  }
  return numbers;
}

}  // namespace

const Branch* Branch::child(const std::string& child_name) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const Branch& branch) { return branch.name == child_name; });
  return found == children.end() ? nullptr : &*found;
}

Branch branch_of(const std::string& name, const std::string& key, std::vector<const RawEntry*> leaves) {
  Branch branch;
  branch.name = name;
  branch.key = key;
  std::vector<std::pair<std::string, std::vector<const RawEntry*>>> parts;
  for (const RawEntry* leaf : leaves) {
    if (leaf->key == key) {
      branch.entry = leaf;
      continue;
    }
    const std::string rest = leaf->key.substr(key.size() + 1);
    const std::string part = rest.substr(0, rest.find('.'));
    auto found = std::find_if(parts.begin(), parts.end(), [&](const auto& p) { return p.first == part; });
    if (found == parts.end()) found = parts.insert(parts.end(), {part, {}});
    found->second.push_back(leaf);
  }
  for (auto& [part, below] : parts) branch.children.push_back(branch_of(part, key + "." + part, std::move(below)));
  branch.leaves = std::move(leaves);
  return branch;
}

SettingReader::SettingReader(const RawConfig& raw, std::vector<SpaceGene>& genes, std::vector<std::string>& engine_keys)
    : raw_(raw), genes_(genes), engine_keys_(engine_keys) {}

void SettingReader::fail(const RawEntry& entry, const std::string& what) const {
  throw Error(raw_.place(entry) + what);
}

int SettingReader::find(const std::string& gene) const {
  const auto found =
      std::find_if(genes_.begin(), genes_.end(), [&](const SpaceGene& g) { return g.gene.name == gene; });
  return found == genes_.end() ? Setting::kNoGene : static_cast<int>(found - genes_.begin());
}

int SettingReader::require_gene(const RawEntry& entry, const std::string& name) const {
  const int gene = find(name);
  if (gene != Setting::kNoGene) return gene;
  std::vector<std::string> names;
  for (const SpaceGene& g : genes_) names.push_back(g.gene.name);
  refuse(raw_, entry, name, "is no gene that stands before" + engine::suggestion(name, names));
}

int SettingReader::require_value(const RawEntry& entry, int gene, const std::string& value) const {
  const std::vector<std::string>& known = genes_[static_cast<std::size_t>(gene)].gene.values;
  const auto found = std::find(known.begin(), known.end(), value);
  if (found == known.end()) {
    refuse(raw_, entry, value,
           fmt::format("is no value of gene '{}': must be one of: {}", genes_[static_cast<std::size_t>(gene)].gene.name,
                       some_of(known)));
  }
  return static_cast<int>(found - known.begin());
}

void SettingReader::require_known(const Branch& branch, const std::vector<std::string>& known) const {
  for (const Branch& child : branch.children) {
    if (std::find(known.begin(), known.end(), child.name) != known.end()) continue;
    std::vector<std::string> keys;
    for (const std::string& name : known) keys.push_back(branch.key + "." + name);
    RawEntry unknown = child.first();
    unknown.key = child.key;
    refuse_unknown_key(raw_, unknown, keys);
  }
}

Option SettingReader::option(const RawEntry& entry, const PropertyRule& rule, const std::string& text) const {
  const std::optional<Option> read = read_option(rule, text);
  if (!read) refuse(raw_, entry, text, rule.rule());
  return *read;
}

std::vector<std::string> SettingReader::range(const Branch& branch) const {
  const auto bound = [&](const char* name, bool required) {
    const Branch* const child = branch.child(name);
    if (child == nullptr && required) fail(branch.first(), fmt::format("a range needs '{}'", name));
    if (child == nullptr) return std::optional<double>();
    if (child->entry == nullptr) fail(child->first(), "must be a number");
    return std::optional<double>(number(raw_, *child->entry, single(raw_, *child->entry), -1e12, 1e12));
  };
  const double from = *bound("from", true);
  const double to = *bound("to", true);
  return engine::placed(raw_, branch.first(),
                        [&] { return texts_of(value_range(from, to, bound("step", false), bound("factor", false))); });
}

std::vector<std::string> SettingReader::values(const Branch& branch) const {
  const Branch* const listed = branch.entry != nullptr ? &branch : branch.child("values");
  if (listed != nullptr && (listed->entry == nullptr || !listed->entry->is_list)) {
    fail(listed->first(), "must be a list of values");
  }
  std::vector<std::string> texts = listed != nullptr ? listed->entry->values : range(branch);
  if (texts.empty()) fail(branch.first(), "must hold a value");
  const Branch* const first = branch.child("default");
  if (first == nullptr) return texts;
  if (first->entry == nullptr) fail(first->first(), "must be a value");
  const std::string& text = single(raw_, *first->entry);
  const auto found = std::find(texts.begin(), texts.end(), text);
  if (found == texts.end()) refuse(raw_, *first->entry, text, fmt::format("must be one of: {}", some_of(texts)));
  std::rotate(texts.begin(), found, found + 1);
  return texts;
}

int SettingReader::add_gene(const RawEntry& entry, const std::string& name, const std::vector<std::string>& texts) {
  if (find(name) != Setting::kNoGene) refuse(raw_, entry, name, "is the name of two genes");
  if (genes_.size() >= kMostGenes) fail(entry, fmt::format("more than {} genes", kMostGenes));
  if (texts.size() > kMostValues) fail(entry, fmt::format("more than {} values", kMostValues));
  for (auto text = texts.begin(); text != texts.end(); ++text) {
    if (!is_word(*text)) {
      refuse(raw_, entry, *text,
             fmt::format("must be letters, digits, '_', '.', '-' and '+', at most {} of them", kLongestWord));
    }
    if (std::find(texts.begin(), text, *text) != text) refuse(raw_, entry, *text, "is given twice");
  }
  genes_.push_back({{name, texts}, numbers_of(texts), {}});
  return static_cast<int>(genes_.size() - 1);
}

void SettingReader::shared_gene(const Branch& branch) {
  if (branch.entry == nullptr)
    require_known(branch, {"values", "from", "to", "step", "factor", "default", "written", "when", "unused"});
  if (branch.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
      std::string::npos) {
    refuse(raw_, branch.first(), branch.name, "is no name of a gene: must be letters, digits and '_'");
  }
  const int gene = add_gene(branch.first(), branch.name, values(branch));
  genes_[static_cast<std::size_t>(gene)].always_written = always_written(branch);
  if (const Branch* unused = branch.child("unused")) {
    if (unused->entry == nullptr) fail(unused->first(), "must be a single value");
    genes_[static_cast<std::size_t>(gene)].unused = choice(raw_, *unused->entry, {"false", "true"}) == 1;
  }
  if (const Branch* when = branch.child("when")) {
    genes_[static_cast<std::size_t>(gene)].when = conditions(*when);
    for (const SpaceGene::Condition& condition : genes_[static_cast<std::size_t>(gene)].when) {
      if (condition.gene == gene) fail(when->first(), "a gene cannot depend on itself");
    }
  }
}

bool SettingReader::always_written(const Branch& branch) const {
  const Branch* const written = branch.child("written");
  if (written == nullptr) return false;
  if (written->entry == nullptr) fail(written->first(), "must be a single value");
  return choice(raw_, *written->entry, {"changed", "always"}) == 1;
}

std::vector<SpaceGene::Condition> SettingReader::conditions(const Branch& branch) const {
  if (branch.entry != nullptr) fail(*branch.entry, "must be a map from genes to values");
  std::vector<SpaceGene::Condition> all;
  for (const RawEntry* leaf : branch.leaves) {
    SpaceGene::Condition condition;
    condition.gene = require_gene(*leaf, leaf->key.substr(branch.key.size() + 1));
    for (const std::string& value : leaf->values) {
      condition.values.push_back(require_value(*leaf, condition.gene, value));
    }
    all.push_back(std::move(condition));
  }
  return all;
}

Setting SettingReader::fixed(const PropertyRule& rule, const std::string& text) {
  const std::optional<Option> read = read_option(rule, text);
  if (!read) throw InternalError(fmt::format("the default '{}' of '{}' breaks its rule", text, rule.name));
  Setting setting;
  setting.rule = &rule;
  setting.option = *read;
  return setting;
}

Setting SettingReader::of_gene(int gene) const {
  static const PropertyRule kText{"gene", PropertyRule::Kind::kWord, 0, 0, {}};
  Setting setting;
  setting.rule = &kText;
  setting.gene = gene;
  for (const std::string& text : genes_[static_cast<std::size_t>(gene)].gene.values) {
    Setting value;
    value.rule = &kText;
    value.option.text = text;
    setting.by_value.push_back(std::move(value));
  }
  return setting;
}

void SettingReader::set_formula(const RawEntry& entry, Setting& setting) {
  const std::string& text = single(raw_, entry);
  if (setting.rule->kind == PropertyRule::Kind::kWord || setting.rule->kind == PropertyRule::Kind::kPair) {
    refuse(raw_, entry, text, "is a formula: " + setting.rule->rule());
  }
  Formula formula = engine::placed(raw_, entry, [&] { return Formula::parse(text); });
  for (const std::string& name : formula.names()) {
    const int gene = find(name);
    setting.formula_genes.push_back(gene);
    setting.formula_keys.push_back(0);
    if (gene != Setting::kNoGene) {
      if (!genes_[static_cast<std::size_t>(gene)].numbers.empty()) continue;
      refuse(raw_, entry, name, "is a gene whose values are no numbers");
    }
    if (name.find('.') == std::string::npos) require_gene(entry, name);
    engine::placed(raw_, entry, [&] { return engine::numeric_parameter(name); });
    const auto found = std::find(engine_keys_.begin(), engine_keys_.end(), name);
    setting.formula_keys.back() = static_cast<std::size_t>(found - engine_keys_.begin());
    if (found == engine_keys_.end()) engine_keys_.push_back(name);
  }
  setting.formula = std::move(formula);
}

Setting SettingReader::own_gene(const Branch& branch, const PropertyRule& rule, const std::string& gene) {
  if (branch.entry == nullptr)
    require_known(branch, {"values", "from", "to", "step", "factor", "default", "written", "times"});
  const Branch* const times = branch.child("times");
  Setting setting;
  setting.rule = &rule;
  std::vector<Setting> options;
  const std::vector<std::string> texts = values(branch);
  for (const std::string& text : texts) {
    Setting value;
    value.rule = &rule;
    value.place = fmt::format("{}:{}: key '{}'", raw_.path, branch.first().line, branch.key);
    if (times == nullptr) {
      value.option = option(branch.first(), rule, text);
    } else {
      static const PropertyRule kFactor{"times", PropertyRule::Kind::kNumber, 0, 1e6, {}};
      value.option = option(branch.first(), kFactor, text);
      if (times->entry == nullptr) fail(times->first(), "must be a formula");
      set_formula(*times->entry, value);
    }
    options.push_back(std::move(value));
  }
  if (options.size() == 1 && branch.child("written") == nullptr) return options.front();
  setting.gene = add_gene(branch.first(), gene, texts);
  genes_.back().always_written = always_written(branch);
  setting.by_value = std::move(options);
  return setting;
}

Setting SettingReader::by_gene(const Branch& branch, const PropertyRule& rule, const std::string& gene) {
  const Branch& named = *branch.child("gene");
  if (named.entry == nullptr) fail(named.first(), "must be the name of a gene");
  Setting setting;
  setting.rule = &rule;
  setting.gene = require_gene(*named.entry, single(raw_, *named.entry));
  const std::vector<std::string> texts = genes_[static_cast<std::size_t>(setting.gene)].gene.values;
  const Branch* const otherwise = branch.child("else");
  for (const RawEntry* leaf : branch.leaves) {
    const std::string rest = leaf->key.substr(branch.key.size() + 1);
    if (rest == "gene" || rest == "else" || rest.rfind("else.", 0) == 0) continue;
    const bool known = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      return rest == text || rest.rfind(text + ".", 0) == 0;
    });
    if (!known) require_value(*leaf, setting.gene, rest);
  }
  // Values of the gene that share a setting share its gene too.
  std::optional<Setting> other;
  std::size_t size = 0;
  for (const std::string& text : texts) {
    const std::string key = branch.key + "." + text;
    std::vector<const RawEntry*> leaves;
    for (const RawEntry* leaf : branch.leaves) {
      if (leaf->key == key || is_below(*leaf, key)) leaves.push_back(leaf);
    }
    if (!leaves.empty()) {
      setting.by_value.push_back(this->setting(branch_of(text, key, leaves), rule, gene + "." + text));
    } else if (otherwise != nullptr) {
      if (!other) other = this->setting(*otherwise, rule, gene + ".else");
      setting.by_value.push_back(*other);
    } else if (branch.children.size() == 1) {
      Setting value;
      value.rule = &rule;
      value.option = option(*named.entry, rule, text);
      setting.by_value.push_back(std::move(value));
    } else {
      fail(*named.entry, fmt::format("says nothing for value '{}' of the gene", text));
    }
    size += size_of(setting.by_value.back());
    if (size > kMostSettings) {
      fail(*named.entry, fmt::format("spells out more than {} values, those below it included", kMostSettings));
    }
  }
  return setting;
}

Setting SettingReader::setting(const Branch& branch, const PropertyRule& rule, const std::string& gene) {
  Setting setting;
  setting.rule = &rule;
  setting.place = fmt::format("{}:{}: key '{}'", raw_.path, branch.first().line, branch.key);
  if (branch.entry != nullptr && !branch.entry->is_list) {
    setting.option = option(*branch.entry, rule, single(raw_, *branch.entry));
    return setting;
  }
  if (branch.child("gene") != nullptr) return by_gene(branch, rule, gene);
  if (const Branch* formula = branch.child("formula")) {
    require_known(branch, {"formula"});
    if (formula->entry == nullptr) fail(formula->first(), "must be a formula");
    set_formula(*formula->entry, setting);
    setting.option.numbers = {1, 1};
    return setting;
  }
  const bool gene_of_its_own =
      branch.entry != nullptr || branch.child("values") != nullptr || branch.child("from") != nullptr;
  if (!gene_of_its_own) {
    fail(branch.first(), "must be a value, a list, or a map with one of: values, from, gene, formula");
  }
  return own_gene(branch, rule, gene);
}

}  // namespace lanewise::nas
