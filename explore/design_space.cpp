// SPDX-License-Identifier: Apache-2.0
#include "explore/design_space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/space/space.hpp"

namespace lanewise::explore {
namespace {

constexpr std::size_t kMostBuilt = 64;

bool is_gene(const std::vector<nas::Gene>& genes, const std::string& name) {
  return std::any_of(genes.begin(), genes.end(), [&](const nas::Gene& gene) { return gene.name == name; });
}

// The engine half of a space counts where a person named it; otherwise all keys are dials of their own.
nas::EngineSettings settings_of(const Subject& subject) {
  if (subject.space_given) return subject.space.engine;
  nas::EngineSettings none;
  none.vary = nas::EngineSettings::Vary::kNone;
  return none;
}

// In the order of the reference, so that equal engines are described alike.
std::vector<engine::Override> in_reference_order(const std::vector<engine::Override>& changes) {
  std::vector<engine::Override> out;
  for (const std::string& key : engine::parameter_keys()) {
    const auto last = std::find_if(changes.rbegin(), changes.rend(),
                                   [&](const engine::Override& change) { return change.key == key; });
    if (last != changes.rend()) out.push_back(*last);
  }
  return out;
}

}  // namespace

DesignSpace::DesignSpace(const Subject& subject) : subject_(subject), settings_(settings_of(subject)) {
  engines_ = std::make_unique<nas::EngineSpace>(settings_, subject.engine, subject.family.ranges,
                                                settings_.follow ? subject.rules : std::vector<engine::FollowRule>());
  TrainedRanges trained;
  if (subject.estimator->family() == subject.engine.family) trained = subject.estimator->engine_ranges();
  engine_dials_ =
      explore::engine_dials(subject.engine, subject.family, settings_, *engines_, subject.space_given, trained);
  for (const Subject::Network& network : subject.networks) {
    Network entry;
    entry.space = nas::make_network_space(subject.space, network.graph.get());
    entry.dials = explore::network_dials(entry.space->genes());
    networks_.push_back(std::move(entry));
  }
}

std::vector<std::string> DesignSpace::left_out(std::size_t network) const {
  std::vector<std::string> out;
  for (const nas::LeftOut& move : networks_.at(network).space->left_out())
    out.push_back(move.gene + ": " + move.reason);
  out.insert(out.end(), engines_->left_out().begin(), engines_->left_out().end());
  return out;
}

nas::Genotype DesignSpace::genotype(const std::vector<nas::Gene>& genes,
                                    const std::map<std::string, std::string>& values) const {
  nas::Genotype out(genes.size(), 0);
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const auto chosen = values.find(genes[i].name);
    if (chosen == values.end()) continue;
    const auto value = std::find(genes[i].values.begin(), genes[i].values.end(), chosen->second);
    if (value == genes[i].values.end()) {
      throw Error(fmt::format("{}={}: '{}' is no value of it: must be one of {}", genes[i].name,
                              printable(chosen->second), printable(chosen->second), fmt::join(genes[i].values, ", ")));
    }
    out[i] = static_cast<int>(value - genes[i].values.begin());
  }
  return out;
}

void DesignSpace::add_engine(Design& design) const {
  const std::vector<nas::Gene>& genes = engines_->genes();
  std::vector<engine::Override> plain;  // of keys that are no genes of the space
  for (const auto& [key, value] : design.choice.keys) {
    if (is_gene(genes, key)) continue;
    const bool dial = std::any_of(engine_dials_.begin(), engine_dials_.end(),
                                  [&, name = key](const Dial& each) { return each.name == name; });
    if (!dial) {
      std::vector<std::string> known;
      for (const Dial& each : engine_dials_) known.push_back(each.name);
      throw Error(
          fmt::format("{}: is no key that can be changed here{}", printable(key), engine::suggestion(key, known)));
    }
    const std::string written = written_value(subject_.engine, key, value);
    if (written != engine::value_text(subject_.engine, key)) plain.push_back({key, written, "slider"});
  }
  const nas::Genotype genotype = this->genotype(genes, design.choice.keys);
  try {
    design.changes = engines_->overrides(genotype);
    design.changes.insert(design.changes.end(), plain.begin(), plain.end());
    const bool leads = std::any_of(design.changes.begin(), design.changes.end(), [&](const engine::Override& change) {
      return std::any_of(subject_.rules.begin(), subject_.rules.end(),
                         [&](const engine::FollowRule& rule) { return rule.leader == change.key; });
    });
    if (design.choice.follow && leads) {
      // What a person holds at its value does not follow, whatever leads.
      std::vector<engine::Override> leaders = design.changes;
      for (const auto& [key, value] : design.choice.keys) {
        if (engine::find_parameter(key) != nullptr && !is_gene(genes, key)) leaders.push_back({key, value, "slider"});
      }
      design.followers = engine::followers_of(subject_.engine, leaders, {subject_.rules, {}});
    }
    std::vector<engine::Override> all = design.changes;
    all.insert(all.end(), design.followers.begin(), design.followers.end());
    design.engine = engine::with_overrides(subject_.engine, all);
    // With what was changed before it came here, so that answers say what engine they are of.
    std::vector<engine::Override> said = subject_.engine.overrides;
    said.insert(said.end(), all.begin(), all.end());
    design.engine.overrides = in_reference_order(said);
  } catch (const Error& error) {
    design.refusal = error.what();
  }
}

void DesignSpace::add_network(Design& design) const {
  const nas::NetworkSpace& space = *networks_.at(design.choice.network).space;
  for (const auto& [name, value] : design.choice.genes) {
    if (is_gene(space.genes(), name)) continue;
    std::vector<std::string> known;
    for (const nas::Gene& gene : space.genes()) known.push_back(gene.name);
    throw Error(fmt::format("{}: is no gene of this network{}", printable(name), engine::suggestion(name, known)));
  }
  const nas::Genotype genotype = this->genotype(space.genes(), design.choice.genes);
  if (!design.refusal.empty()) return;
  try {
    const nas::Genotype canonical = space.canonical(genotype);
    design.encoding = space.encode(canonical);
    std::string key = fmt::format("{}\n{}", design.choice.network, design.encoding);
    for (const std::string& read : space.engine_keys()) key += "\n" + engine::value_text(design.engine, read);
    {
      const std::lock_guard<std::mutex> lock(guard_);
      const auto known = built_.find(key);
      if (known != built_.end()) {
        design.graph = known->second;
        return;
      }
    }
    auto graph = std::make_shared<const network::Graph>(space.build(canonical, design.engine));
    const std::lock_guard<std::mutex> lock(guard_);
    if (built_.size() >= kMostBuilt) built_.clear();
    design.graph = built_.emplace(key, std::move(graph)).first->second;
  } catch (const Error& error) {
    design.refusal = error.what();
  }
}

Design DesignSpace::design(const Choice& choice) const {
  if (choice.network >= networks_.size()) {
    throw Error(fmt::format("network {}: there are {}, counted from 0", choice.network, networks_.size()));
  }
  Design design;
  design.choice = choice;
  add_engine(design);
  add_network(design);
  return design;
}

std::string DesignSpace::identity(const Design& design) const {
  std::string key =
      fmt::format("{}\n{}\n{}", design.choice.network, design.encoding, engine::engine_hash(design.engine));
  for (const std::string& read : networks_.at(design.choice.network).space->engine_keys()) {
    key += "\n" + engine::value_text(design.engine, read);
  }
  return key;
}

}  // namespace lanewise::explore
