// SPDX-License-Identifier: Apache-2.0
// Constrained NSGA-II on lists of choices: feasibility first, then rank, then crowding. What is added for choices, of
// which a search could draw the same twice: every child is new, and of members with equal objectives one counts.
//
// Source: Deb, Pratap, Agarwal and Meyarivan, A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE
// Transactions on Evolutionary Computation 6(2), 2002.
#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/population.hpp"

namespace lanewise::nas {
namespace {

class Nsga2 : public Algorithm {
 public:
  Nsga2(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
      : archive_(problem, options, seeds), options_(options), random_(options.seed) {}

  // A generation: as many new genotypes as the population has members.
  std::vector<Genotype> ask() override {
    if (population_.empty() || archive_.has_first()) return archive_.first_batch(population_size(), random_);
    std::vector<Genotype> children;
    while (children.size() < population_size() && !archive_.exhausted()) {
      Genotype child = archive_.all()[parent()].genotype;
      if (random_.chance(options_.crossover)) archive_.cross(child, archive_.all()[parent()].genotype, random_);
      archive_.mutate(child, random_);
      archive_.offer_new(children, std::move(child), random_);
    }
    return children;
  }

  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) override {
    const std::size_t before = archive_.all().size();
    archive_.tell(batch, evaluations);
    for (std::size_t i = before; i < archive_.all().size(); ++i) candidates_.push_back(i);
    select();
  }

  const std::vector<Individual>& told() const override { return archive_.all(); }

  std::string save() const override {
    StateWriter out;
    out.text("algorithm", "nsga2");
    out.random("random", random_);
    archive_.save(out);
    std::vector<std::int64_t> members, ranks;
    std::vector<double> crowding;
    for (const Ranked& ranked : population_) {
      members.push_back(static_cast<std::int64_t>(ranked.member));
      ranks.push_back(static_cast<std::int64_t>(ranked.rank));
      crowding.push_back(ranked.crowding);
    }
    out.counts("members", members);
    out.counts("ranks", ranks);
    out.numbers("crowding", crowding);
    return out.str();
  }

  void load(const std::string& state) override {
    StateReader in(state);
    in.expect("algorithm", "nsga2");
    random_ = in.random("random");
    archive_.load(in);
    const std::vector<std::int64_t> members = in.counts("members"), ranks = in.counts("ranks");
    const std::vector<double> crowding = in.numbers("crowding");
    if (ranks.size() != members.size() || crowding.size() != members.size()) in.refuse("members lack ranks");
    population_.clear();
    candidates_.clear();
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto individuals = static_cast<std::int64_t>(archive_.all().size());
      if (members[i] < 0 || members[i] >= individuals || ranks[i] < 0) in.refuse("no such individual");
      candidates_.push_back(static_cast<std::size_t>(members[i]));
      population_.push_back({candidates_.back(), static_cast<std::size_t>(ranks[i]), crowding[i]});
    }
    in.end();
  }

 private:
  std::size_t population_size() const { return static_cast<std::size_t>(options_.population); }

  void select() {
    population_ = select_population(archive_.all(), candidates_, population_size());
    candidates_.clear();
    for (const Ranked& ranked : population_) candidates_.push_back(ranked.member);
  }

  std::size_t parent() { return tournament(population_, random_); }

  Archive archive_;
  SearchOptions options_;
  Random random_;
  std::vector<std::size_t> candidates_;  // the population, and its children until they are selected
  std::vector<Ranked> population_;
};

}  // namespace

std::unique_ptr<Algorithm> make_nsga2(const Problem& problem, const SearchOptions& options,
                                      const std::vector<Genotype>& seeds) {
  return std::make_unique<Nsga2>(problem, options, seeds);
}

}  // namespace lanewise::nas
