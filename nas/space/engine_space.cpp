// SPDX-License-Identifier: Apache-2.0
#include "nas/space/engine_space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "core/engine/parameter_table.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

// Stores the value without asking whether the engine as a whole takes it: more changes follow.
void set_unchecked(engine::EngineConfig& config, const engine::Override& change) {
  const engine::Parameter& parameter = engine::require_parameter(change.key);
  engine::store(parameter, engine::parse_value(parameter, change.value), config);
}

// The value as the engine writes it, so that "0.5 MiB" and "512 KiB" are one.
std::string written(const engine::EngineConfig& base, const std::string& key, const std::string& value) {
  engine::EngineConfig changed = base;
  try {
    set_unchecked(changed, {key, value});
  } catch (const Error& error) {
    throw Error(fmt::format("{}={}: {}", key, value, error.what()));
  }
  return engine::value_text(changed, key);
}

}  // namespace

std::vector<DerivedKey> in_order(std::vector<DerivedKey> derived) {
  std::vector<DerivedKey> out;
  const auto waits = [&](const DerivedKey& key) {
    return std::any_of(derived.begin(), derived.end(), [&](const DerivedKey& other) {
      const std::vector<std::string>& names = key.formula.names();
      return std::find(names.begin(), names.end(), other.key) != names.end();
    });
  };
  while (!derived.empty()) {
    const auto next = std::find_if(derived.begin(), derived.end(), [&](const DerivedKey& key) { return !waits(key); });
    if (next == derived.end()) {
      std::vector<std::string> keys;
      for (const DerivedKey& key : derived) keys.push_back(key.key);
      throw Error(fmt::format("{}: key 'engine.derive.{}': formulas go round in a circle: {}", derived.front().origin,
                              keys.front(), fmt::join(keys, ", ")));
    }
    out.push_back(std::move(*next));
    derived.erase(next);
  }
  return out;
}

EngineSpace::EngineSpace(const EngineSettings& settings, const engine::EngineConfig& base,
                         const std::vector<engine::FamilyRange>& family_ranges, std::vector<engine::FollowRule> follow)
    : base_(base), derived_(in_order(settings.derived)) {
  if (settings.follow) {
    if (follow.empty()) {
      throw Error(fmt::format("{}: key 'engine.follow': the family '{}' says of no key that it follows another",
                              settings.follow_origin, base.family));
    }
    follow_.rules = std::move(follow);
  }
  if (settings.vary == EngineSettings::Vary::kFamily) add_family_genes(family_ranges);
  for (const EngineGene& listed : settings.genes) {
    const bool coupled = listed.keys.size() > 1 || listed.name != listed.keys.at(0).first;
    if (coupled || settings.vary == EngineSettings::Vary::kListed) add_listed_gene(listed);
  }
}

void EngineSpace::add_family_genes(const std::vector<engine::FamilyRange>& ranges) {
  for (const engine::FamilyRange& range : ranges) {
    EngineGene gene{range.key, {{range.key, {}}}, "", false};
    for (const std::string& value : range.values) {
      try {
        gene.keys[0].second.push_back(written(base_, range.key, value));
      } catch (const Error& error) {
        left_out_.push_back(error.what());
      }
    }
    add_gene(gene, [&](const std::string& value, const Error& error) {
      left_out_.push_back(fmt::format("{}={}: {}", range.key, value, error.what()));
    });
  }
}

void EngineSpace::add_listed_gene(const EngineGene& listed) {
  const auto refuse = [&](const std::string& value, const Error& error) {
    if (listed.range) {
      left_out_.push_back(fmt::format("{}={}: {}", listed.name, value, error.what()));
      return;
    }
    throw Error(fmt::format("{}: engine.vary: {}", listed.origin, error.what()));
  };
  EngineGene gene = listed;
  for (auto& [key, values] : gene.keys) {
    for (std::string& value : values) {
      try {
        value = written(base_, key, value);
      } catch (const Error& error) {
        refuse(value, error);
      }
    }
  }
  add_gene(gene, refuse);
}

// Values of several keys are set, and checked, together, with all that follows from them.
void EngineSpace::add_gene(const EngineGene& given, const Refused& refused) {
  Gene gene{given.name, {}};
  EngineGene sets{given.name, {}, given.origin, given.range};
  std::vector<std::string> base;
  for (const auto& [key, values] : given.keys) {
    base.push_back(engine::value_text(base_, key));
    sets.keys.push_back({key, {base.back()}});
  }
  gene.values.push_back(fmt::format("{}", fmt::join(base, "+")));
  genes_.push_back(gene);
  sets_.push_back(sets);
  for (std::size_t i = 0; i < given.keys.at(0).second.size(); ++i) {
    std::vector<std::string> texts;
    for (const auto& [key, values] : given.keys) texts.push_back(values[i]);
    const std::string text = fmt::format("{}", fmt::join(texts, "+"));
    std::vector<std::string>& known = genes_.back().values;
    if (std::find(known.begin(), known.end(), text) != known.end()) continue;
    known.push_back(text);
    for (std::size_t k = 0; k < texts.size(); ++k) sets_.back().keys[k].second.push_back(texts[k]);
    Genotype alone(genes_.size(), 0);
    alone.back() = static_cast<int>(known.size() - 1);
    try {
      engine(alone);
    } catch (const Error& error) {
      known.pop_back();
      for (auto& [key, values] : sets_.back().keys) values.pop_back();
      refused(text, error);
    }
  }
  if (genes_.back().values.size() > 1) return;
  genes_.pop_back();
  sets_.pop_back();
}

// The genes' own keys are given, too, where they keep their values: a gene decides its key.
void EngineSpace::add_followers(std::vector<engine::Override>& changes, const Genotype& genotype) const {
  std::vector<engine::Override> given;
  for (std::size_t i = 0; i < genes_.size(); ++i) {
    for (const auto& [key, values] : sets_[i].keys) {
      given.push_back({key, values[static_cast<std::size_t>(genotype[i])]});
    }
  }
  const bool leads = std::any_of(changes.begin(), changes.end(), [&](const engine::Override& change) {
    return std::any_of(follow_.rules.begin(), follow_.rules.end(),
                       [&](const engine::FollowRule& rule) { return rule.leader == change.key; });
  });
  if (!leads) return;
  for (engine::Override& follower : engine::followers_of(base_, given, follow_)) {
    const bool derived =
        std::any_of(derived_.begin(), derived_.end(), [&](const DerivedKey& key) { return key.key == follower.key; });
    if (!derived) changes.push_back({follower.key, follower.value, "engine.follow"});
  }
}

void EngineSpace::add_derived(std::vector<engine::Override>& changes) const {
  if (changes.empty() || derived_.empty()) return;
  engine::EngineConfig unchecked = base_;
  for (const engine::Override& change : changes) set_unchecked(unchecked, change);
  for (const DerivedKey& derived : derived_) {
    std::vector<double> values;
    bool changed = false;
    for (const std::string& name : derived.formula.names()) {
      values.push_back(engine::numeric_value(unchecked, name));
      changed = changed || values.back() != engine::numeric_value(base_, name);
    }
    if (!changed) continue;
    const auto place = [&](const std::string& what) {
      return Error(fmt::format("{}: key 'engine.derive.{}': {}", derived.origin, derived.key, what));
    };
    double value = 0;
    try {
      value = derived.formula.evaluate(values);
    } catch (const Error& error) {
      throw place(error.what());
    }
    const engine::NumericParameter bounds = engine::numeric_parameter(derived.key);
    if (!(value >= bounds.low && value <= bounds.high)) {
      throw place(fmt::format("formula '{}' gives {}, must be {} to {}", derived.formula.text(), value,
                              engine::numeric_text(derived.key, bounds.low),
                              engine::numeric_text(derived.key, bounds.high)));
    }
    changes.push_back({derived.key, engine::numeric_text(derived.key, value), "engine.derive"});
    set_unchecked(unchecked, changes.back());
  }
}

std::vector<engine::Override> EngineSpace::overrides(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  std::vector<engine::Override> overrides;
  for (std::size_t i = 0; i < genes_.size(); ++i) {
    if (genotype[i] == 0) continue;
    for (const auto& [key, values] : sets_[i].keys) {
      const std::string& value = values[static_cast<std::size_t>(genotype[i])];
      if (value != values.front()) overrides.push_back({key, value, genes_[i].name});
    }
  }
  if (!follow_.rules.empty()) add_followers(overrides, genotype);
  add_derived(overrides);
  return overrides;
}

engine::EngineConfig EngineSpace::engine(const Genotype& genotype) const {
  return engine::with_overrides(base_, overrides(genotype));
}

}  // namespace lanewise::nas
