// SPDX-License-Identifier: Apache-2.0
// Reads genes and settings of a space file: the notations that every property of a network shares.
#pragma once

#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"
#include "nas/space/setting.hpp"

namespace lanewise::nas {

// Entries below one key, as a tree: the file's sections.
struct Branch {
  std::string name, key;                        // "kernel", "network.stages.a.kernel"
  const engine::RawEntry* entry = nullptr;      // of a value
  std::vector<const engine::RawEntry*> leaves;  // all values below or at it
  std::vector<Branch> children;
  const Branch* child(const std::string& child_name) const;  // nullptr where there is none
  const engine::RawEntry& first() const { return *leaves.front(); }
};
// `leaves` have keys that begin with `key`.
Branch branch_of(const std::string& name, const std::string& key, std::vector<const engine::RawEntry*> leaves);

class SettingReader {
 public:
  // All references must outlive the reader; found genes and engine keys are appended.
  SettingReader(const engine::RawConfig& raw, std::vector<SpaceGene>& genes, std::vector<std::string>& engine_keys);

  // A gene of the section `genes`, whose values may be any words. Throws Error naming file:line, key, value and rule,
  // as all below.
  void shared_gene(const Branch& branch);
  // What the branch says of a property; its own genes get the name `gene`.
  Setting setting(const Branch& branch, const PropertyRule& rule, const std::string& gene);
  // A property that is always `text`.
  static Setting fixed(const PropertyRule& rule, const std::string& text);
  // A setting that stands for a gene itself, by the texts of its values.
  Setting of_gene(int gene) const;
  std::vector<SpaceGene::Condition> conditions(const Branch& branch) const;
  // kNoGene where there is none of that name.
  int find(const std::string& gene) const;
  // Refuses children that are not among `known`.
  void require_known(const Branch& branch, const std::vector<std::string>& known) const;

 private:
  [[noreturn]] void fail(const engine::RawEntry& entry, const std::string& what) const;
  int require_gene(const engine::RawEntry& entry, const std::string& name) const;
  int require_value(const engine::RawEntry& entry, int gene, const std::string& value) const;
  Option option(const engine::RawEntry& entry, const PropertyRule& rule, const std::string& text) const;
  std::vector<std::string> range(const Branch& branch) const;
  // The values of a branch that is a list, a range, or a map with `values`; the default first.
  std::vector<std::string> values(const Branch& branch) const;
  bool always_written(const Branch& branch) const;
  Setting own_gene(const Branch& branch, const PropertyRule& rule, const std::string& gene);
  Setting by_gene(const Branch& branch, const PropertyRule& rule, const std::string& gene);
  void set_formula(const engine::RawEntry& entry, Setting& setting);
  int add_gene(const engine::RawEntry& entry, const std::string& name, const std::vector<std::string>& texts);

  const engine::RawConfig& raw_;
  std::vector<SpaceGene>& genes_;
  std::vector<std::string>& engine_keys_;
};

}  // namespace lanewise::nas
