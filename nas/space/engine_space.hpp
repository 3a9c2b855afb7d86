// SPDX-License-Identifier: Apache-2.0
// The engine half of a search space: which keys of an hwconfig are genes, which change together, which follow from
// others by a formula or by the rules of the engine's family.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/followers.hpp"
#include "nas/space/formula.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::nas {

// A gene of the engine: keys that are set together, and what each is set to by each value of the gene.
struct EngineGene {
  std::string name;  // the key itself where it sets one, else a name of its own
  std::vector<std::pair<std::string, std::vector<std::string>>> keys;
  std::string origin;  // "FILE:LINE", for messages
  bool range = false;  // its values are those of a range: one that the base engine refuses is left out, not an error
};

// A key that is computed from others.
struct DerivedKey {
  std::string key;
  Formula formula;     // of keys of an hwconfig
  std::string origin;  // "FILE:LINE", for messages
};

// Puts each behind those that it reads. Throws Error naming its place for one that is read by what it reads.
std::vector<DerivedKey> in_order(std::vector<DerivedKey> derived);

// The section `engine` of a space file.
struct EngineSettings {
  // engine.vary: which keys of the engine are genes by themselves. kListed: those of `genes`, with their values.
  enum class Vary { kNone, kFamily, kListed };
  Vary vary = Vary::kFamily;
  std::vector<EngineGene> genes;    // those of several keys (engine.together) are genes whatever `vary` says
  std::vector<DerivedKey> derived;  // engine.derive, each behind those that it reads
  bool follow = false;              // engine.follow: keys follow as the family's file says
  std::string follow_origin;        // "FILE:LINE", for messages
};

class EngineSpace {
 public:
  // `family_ranges` are the values that kFamily searches, `follow` the family's rules; values outside the ranges are
  // never searched. Throws Error where the base engine refuses a listed value, with all that follows from it. Two
  // values that it accepts one by one may still be refused together.
  EngineSpace(const EngineSettings& settings, const engine::EngineConfig& base,
              const std::vector<engine::FamilyRange>& family_ranges, std::vector<engine::FollowRule> follow);
  const std::vector<Gene>& genes() const { return genes_; }
  const engine::EngineConfig& base() const { return base_; }
  // What the genotype changes of the base engine: its genes that are not at their default, then what follows from them
  // by the family's rules, then what is derived. A key that is a gene does not follow, nor does a derived one. Formulas
  // hold where a key that they read has changed: the default genotype is the base engine as it is. Throws Error where a
  // formula gives what its key refuses.
  std::vector<engine::Override> overrides(const Genotype& genotype) const;
  // Throws Error where the engine refuses these values together.
  engine::EngineConfig engine(const Genotype& genotype) const;
  // "KEY=VALUE: reason" of the values of the family and of ranges that the base engine refuses.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  void add_family_genes(const std::vector<engine::FamilyRange>& ranges);
  void add_listed_gene(const EngineGene& listed);
  // What becomes of a value that the base engine refuses.
  using Refused = std::function<void(const std::string& value, const Error& error)>;
  void add_gene(const EngineGene& given, const Refused& refused);
  void add_followers(std::vector<engine::Override>& changes, const Genotype& genotype) const;
  void add_derived(std::vector<engine::Override>& changes) const;

  engine::EngineConfig base_;
  std::vector<Gene> genes_;
  std::vector<EngineGene> sets_;  // for each gene; values in the order of the gene's
  engine::Scaling follow_;        // no rules: nothing follows
  std::vector<DerivedKey> derived_;
  std::vector<std::string> left_out_;
};

}  // namespace lanewise::nas
