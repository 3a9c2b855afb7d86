// SPDX-License-Identifier: Apache-2.0
// Regularised evolution: a population that forgets its oldest members, not its worst, and mutates the best of a small
// sample. Of a sample under several objectives the best is one that no other member of it dominates.
//
// Source: Real, Aggarwal, Huang and Le, Regularized evolution for image classifier architecture search, AAAI 2019.
#include <algorithm>

#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"

namespace lanewise::nas {
namespace {

class RegularisedEvolution : public Algorithm {
 public:
  RegularisedEvolution(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
      : archive_(problem, options, seeds), options_(options), random_(options.seed) {}

  // The first population at once, then few children at a time: each should know of those before it.
  std::vector<Genotype> ask() override {
    const auto size = static_cast<std::size_t>(options_.population);
    const std::size_t told = archive_.all().size();
    if (told < size || archive_.has_first()) return archive_.first_batch(size - std::min(size, told), random_);
    const auto count = static_cast<std::size_t>(options_.batch > 0 ? options_.batch : (options_.population + 7) / 8);
    std::vector<Genotype> children;
    while (children.size() < count && !archive_.exhausted()) {
      Genotype child = parent(told - size);
      // One gene of those that can change; nothing but that gene separates child and parent.
      std::size_t gene = 0;
      do {
        gene = static_cast<std::size_t>(random_.below(child.size()));
      } while (archive_.values_of(gene) < 2);
      archive_.change(child, gene, random_);
      archive_.offer_new(children, std::move(child), random_);
    }
    return children;
  }

  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) override {
    archive_.tell(batch, evaluations);
  }

  const std::vector<Individual>& told() const override { return archive_.all(); }

  std::string save() const override {
    StateWriter out;
    out.text("algorithm", "regularised_evolution");
    out.random("random", random_);
    archive_.save(out);
    return out.str();
  }

  void load(const std::string& state) override {
    StateReader in(state);
    in.expect("algorithm", "regularised_evolution");
    random_ = in.random("random");
    archive_.load(in);
    in.end();
  }

 private:
  // The youngest `population` individuals are the population: whoever is told pushes the oldest out.
  const Genotype& parent(std::size_t oldest) {
    const std::size_t size = archive_.all().size() - oldest;
    const Individual* best = nullptr;
    for (std::size_t i = 0; i < std::max<std::size_t>(2, size / 4); ++i) {
      const Individual& drawn = archive_.all()[oldest + static_cast<std::size_t>(random_.below(size))];
      if (best == nullptr || dominates(drawn.evaluation, best->evaluation)) best = &drawn;
    }
    return best->genotype;
  }

  Archive archive_;
  SearchOptions options_;
  Random random_;
};

}  // namespace

std::unique_ptr<Algorithm> make_regularised_evolution(const Problem& problem, const SearchOptions& options,
                                                      const std::vector<Genotype>& seeds) {
  return std::make_unique<RegularisedEvolution>(problem, options, seeds);
}

}  // namespace lanewise::nas
