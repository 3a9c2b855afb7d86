// SPDX-License-Identifier: Apache-2.0
#include "study/curation/rising_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/random.hpp"
#include "nas/neighbourhood.hpp"

namespace lanewise::study {
namespace {

constexpr std::size_t kContexts = 48;  // settings of the other genes in which steps are looked at
constexpr int kRounds = 3;             // what goes changes the designs that are drawn
constexpr std::uint64_t kSeed = 0x72697365;

class RisingSteps {
 public:
  RisingSteps(const nas::Space& space, CuratedCosts& costs, const CurationOptions& options, std::vector<bool> spared,
              const Progress& progress, Curation& curation)
      : space_(space),
        costs_(costs),
        options_(options),
        spared_(std::move(spared)),
        progress_(progress),
        curation_(curation),
        kept_(curation.kept()) {
    for (std::size_t g = space.network_genes(); g < kept_.size(); ++g) kept_[g] = {0};
  }

  void run() {
    bool any = true;
    for (int round = 0; round < kRounds && any; ++round) {
      any = false;
      const nas::Neighbourhood nearby(space_.genes(), kept_);
      Random random(options_.seed ^ kSeed);
      std::vector<nas::Genotype> contexts = {curation_.defaults()};
      while (contexts.size() < kContexts) contexts.push_back(nearby.draw(random));
      for (std::size_t g = 0; g < space_.network_genes(); ++g) {
        progress_("looking at steps", static_cast<std::int64_t>(g), static_cast<std::int64_t>(space_.network_genes()));
        if (spared_[g] || !curation_.genes[g].left_as_it_is.empty()) continue;
        while (kept_[g].size() > 1 && drop_one(g, contexts)) any = true;
      }
    }
    // What stood for a value may have gone itself.
    for (GeneChoices& gene : curation_.genes) {
      for (Choice& choice : gene.choices) {
        while (!choice.kept && choice.dominator >= 0 && !choice_at(gene, choice.dominator).kept) {
          choice.dominator = choice_at(gene, choice.dominator).dominator;
        }
      }
    }
  }

 private:
  static Choice& choice_at(GeneChoices& gene, int value) { return gene.choices[static_cast<std::size_t>(value)]; }

  // A gene that does not matter, given the others, is at its own default in the canonical genotype.
  bool matters(std::size_t g, nas::Genotype genotype) const {
    genotype[g] = 1;
    return space_.canonical(genotype)[g] != 0;
  }

  bool must_stay(std::size_t g, int value) const {
    const std::vector<std::string>& names = options_.keep_default;
    if (value == curation_.genes[g].default_value) return true;
    return value == 0 && std::find(names.begin(), names.end(), space_.genes()[g].name) != names.end();
  }

  bool drop_one(std::size_t g, const std::vector<nas::Genotype>& contexts) {
    const nas::Neighbourhood nearby(space_.genes(), kept_);
    for (const nas::Genotype& context : contexts) {
      if (!matters(g, context)) continue;
      std::vector<nas::Genotype> designs;
      for (const int value : kept_[g]) {
        designs.push_back(context);
        designs.back()[g] = value;
      }
      const std::vector<const PricedNetwork*> networks = costs_.price(designs, {{}, progress_.stopped});
      for (std::size_t a = 0; a < networks.size(); ++a) {
        for (const int other : nearby.steps(g, kept_[g][a])) {
          const auto b =
              static_cast<std::size_t>(std::find(kept_[g].begin(), kept_[g].end(), other) - kept_[g].begin());
          if (drop_between(g, kept_[g][a], *networks[a], other, *networks[b])) return true;
        }
      }
    }
    return false;
  }

  // Whether the step from the larger to the smaller value raises the cost, and one of the two could go for it.
  bool drop_between(std::size_t g, int larger, const PricedNetwork& from, int smaller, const PricedNetwork& to) {
    if (!from.failure.empty() || !to.failure.empty()) return false;
    const LocalSize more = whole_size(from), fewer = whole_size(to);
    if (fewer.macs >= more.macs || fewer.cycles <= more.cycles) return false;
    if (must_stay(g, smaller) && must_stay(g, larger)) return false;
    const int gone = must_stay(g, smaller) ? larger : smaller, stands = gone == smaller ? larger : smaller;
    const auto text = [&](int value) { return space_.genes()[g].values[static_cast<std::size_t>(value)]; };
    const auto share = [](std::int64_t part, std::int64_t of) {
      return 100 * (static_cast<double>(part) / static_cast<double>(of) - 1);
    };
    Choice& choice = choice_at(curation_.genes[g], gone);
    choice.kept = false;
    choice.dominator = stands;
    choice.reason =
        fmt::format("from {} to {} the network costs {:.2g} % more with {:.2g} % fewer MACs: a step that misleads",
                    text(larger), text(smaller), share(fewer.cycles, more.cycles), -share(fewer.macs, more.macs));
    kept_[g].erase(std::find(kept_[g].begin(), kept_[g].end(), gone));
    return true;
  }

  const nas::Space& space_;
  CuratedCosts& costs_;
  const CurationOptions& options_;
  std::vector<bool> spared_;
  const Progress& progress_;
  Curation& curation_;
  nas::AllowedValues kept_;
};

}  // namespace

void drop_rising_steps(const nas::Space& space, CuratedCosts& costs, const CurationOptions& options,
                       const std::vector<bool>& spared, const Progress& progress, Curation& curation) {
  RisingSteps(space, costs, options, spared, progress, curation).run();
}

}  // namespace lanewise::study
