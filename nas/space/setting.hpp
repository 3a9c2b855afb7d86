// SPDX-License-Identifier: Apache-2.0
// What a space file says of one property of a network: a value, a gene, a value for each value of a gene, or a formula.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nas/space/formula.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::nas {

// What the values of a property are.
struct PropertyRule {
  enum class Kind { kWhole, kNumber, kPair, kWord };  // kPair: "3", or "1x9" for height and width
  const char* name;                                   // "kernel"
  Kind kind = Kind::kWhole;
  double low = 0, high = 0;        // of numbers, both included
  std::vector<const char*> words;  // kWord
  // How it is said in messages: "must be a whole number from 1 to 31".
  std::string rule() const;
};

// A value as written and as read: of a pair height and width, of a word its index.
struct Option {
  std::string text;
  std::array<double, 2> numbers{0, 0};
};
// nullopt where the rule does not hold.
std::optional<Option> read_option(const PropertyRule& rule, const std::string& text);

struct Setting {
  static constexpr int kNoGene = -1;
  const PropertyRule* rule = nullptr;
  std::string place;              // "FILE:LINE: key 'network.stem.channels'", for messages when a network is built
  int gene = kNoGene;             // what decides between `by_value`
  std::vector<Setting> by_value;  // one for each value of the gene
  Option option;                  // where no gene decides; with a formula, what it is multiplied by
  std::optional<Formula> formula;
  std::vector<int> formula_genes;         // for each name of the formula: the gene, or kNoGene for a key of the engine
  std::vector<std::size_t> formula_keys;  // for each name of the formula: the index of the key of the engine
};

// How many settings it spells out, itself included.
std::size_t size_of(const Setting& setting);

// A gene with what a space needs to read it. A gene that is not asked for, given the others, does not matter.
struct SpaceGene {
  Gene gene;
  std::vector<double> numbers;  // of the values, for formulas; empty where one of them is none
  // The gene has its default unless all of these genes have one of these values.
  struct Condition {
    int gene = 0;
    std::vector<int> values;
  };
  std::vector<Condition> when;
  // Whether encodings write it also at its default: that of another space, whose encodings these are, is no value here.
  bool always_written = false;
  // Whether a template writes it though no network depends on it: encodings of another space, whose networks differ by
  // it, are read so.
  bool unused = false;
};

// Looks settings up for one genotype, and notes which genes it was asked for.
class Resolver {
 public:
  // All references must outlive the resolver. `engine` are the values of the keys that formulas read. nullptr: no
  // engine is known, and only the genes that are asked for matter; formulas then take 1 for its keys and break no rule.
  Resolver(const std::vector<SpaceGene>& genes, const Genotype& genotype, const std::vector<double>* engine);

  // The value of a gene: its default where its conditions do not hold.
  int value(int gene);
  bool holds(const std::vector<SpaceGene::Condition>& when);
  // What a setting says. Throws Error, naming its place, where a formula breaks the rule of the property.
  Option option(const Setting& setting);
  const std::string& text(const Setting& setting);  // not of formulas
  std::int64_t whole(const Setting& setting) { return static_cast<std::int64_t>(resolve(setting).numbers[0]); }
  double number(const Setting& setting) { return resolve(setting).numbers[0]; }
  std::array<std::int64_t, 2> pair(const Setting& setting);

  const std::vector<bool>& asked() const { return asked_; }

 private:
  struct Resolved {
    std::array<double, 2> numbers{0, 0};
    const Option* option = nullptr;
  };
  Resolved resolve(const Setting& setting);
  double evaluate(const Setting& setting);

  const std::vector<SpaceGene>& genes_;
  const Genotype& genotype_;
  const std::vector<double>* engine_;
  enum class Activity : char { kUnknown, kActive, kInactive };
  std::vector<Activity> activity_;  // of each gene: whether its conditions hold
  std::vector<bool> asked_;
};

}  // namespace lanewise::nas
