// SPDX-License-Identifier: Apache-2.0
// Local search: from a candidate to the best of its neighbours, which differ in one gene, along objectives weighted at
// random, until none is better; then anew with other weights, from a member of the front or from anywhere.
//
// Source: White, Nolen and Savani, Exploring the loss landscape in neural architecture search, UAI 2021, with the
// weights of ParEGO for several objectives.
#include <algorithm>
#include <map>

#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/scalarisation.hpp"

namespace lanewise::nas {
namespace {

class LocalSearch : public Algorithm {
 public:
  LocalSearch(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
      : archive_(problem, options, seeds), options_(options), random_(options.seed) {}

  std::vector<Genotype> ask() override {
    if (archive_.all().empty() || archive_.has_first()) {
      std::vector<Genotype> first = archive_.first_batch(batch_size(), random_);
      // The answers say where the first climb begins.
      at_ = first.front();
      weights_.clear();
      return first;
    }
    if (weights_.empty()) turn();
    std::vector<Genotype> batch;
    constexpr int kFrontStarts = 4;  // climbs in a row that begin on the front, where all neighbours may be known
    for (int starts = 0; starts < kFrontStarts && !archive_.exhausted(); ++starts) {
      climb();
      offer_neighbours(batch);
      if (!batch.empty()) return batch;
      turn();
      const std::vector<Individual> front = front_of(archive_.all());
      if (!front.empty()) at_ = random_.pick(front).genotype;
    }
    archive_.offer_new(batch, archive_.uniform_genotype(random_), random_);
    if (!batch.empty()) at_ = batch.front();
    return batch;
  }

  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) override {
    const std::size_t before = archive_.all().size();
    archive_.tell(batch, evaluations);
    take(before);
  }

  const std::vector<Individual>& told() const override { return archive_.all(); }

  std::string save() const override {
    StateWriter out;
    out.text("algorithm", "local");
    out.random("random", random_);
    archive_.save(out);
    out.numbers("weights", weights_);
    out.genotypes("at", at_.empty() ? std::vector<Genotype>{} : std::vector<Genotype>{at_});
    return out.str();
  }

  void load(const std::string& state) override {
    StateReader in(state);
    in.expect("algorithm", "local");
    random_ = in.random("random");
    archive_.load(in);
    weights_ = in.numbers("weights");
    const std::vector<Genotype> at = in.genotypes("at", archive_.genes());
    at_ = at.empty() ? Genotype{} : at.front();
    in.end();
    worth_.clear();
    extent_ = Extent();
    take(0);
  }

 private:
  std::size_t batch_size() const {
    return static_cast<std::size_t>(options_.batch > 0 ? options_.batch : (options_.population + 7) / 8);
  }

  void take(std::size_t from) {
    for (std::size_t i = from; i < archive_.all().size(); ++i) {
      const Individual& individual = archive_.all()[i];
      worth_[individual.genotype] = i;
      extent_.take(individual.evaluation);
    }
  }

  void turn() { weights_ = draw_weights(archive_.all().front().evaluation.objectives.size(), random_); }

  double value(const Genotype& genotype) const {
    return scalarised(archive_.all()[worth_.at(genotype)].evaluation, extent_, weights_);
  }

  std::vector<Genotype> neighbours() const {
    std::vector<Genotype> all;
    for (std::size_t gene = 0; gene < at_.size(); ++gene) {
      for (int v = 0; v < archive_.values_of(gene); ++v) {
        if (v == at_[gene]) continue;
        Genotype neighbour = at_;
        neighbour[gene] = v;
        all.push_back(archive_.problem().canonical(neighbour));
      }
    }
    return all;
  }

  // As long as a neighbour that is known is better; where the budget ended before the start was known, from the last.
  void climb() {
    if (worth_.count(at_) == 0) at_ = archive_.all().back().genotype;
    for (;;) {
      double best = value(at_);
      Genotype next = at_;
      for (const Genotype& neighbour : neighbours()) {
        if (worth_.count(neighbour) == 0 || !(value(neighbour) < best)) continue;
        best = value(neighbour);
        next = neighbour;
      }
      if (next == at_) return;
      at_ = next;
    }
  }

  void offer_neighbours(std::vector<Genotype>& batch) {
    std::vector<Genotype> all = neighbours();
    random_.shuffle(all);
    for (const Genotype& neighbour : all) {
      if (batch.size() >= batch_size()) return;
      archive_.offer(batch, neighbour);
    }
  }

  Archive archive_;
  SearchOptions options_;
  Random random_;
  std::map<Genotype, std::size_t> worth_;  // where each told genotype stands
  Extent extent_;
  std::vector<double> weights_;  // of this climb; empty before the first
  Genotype at_;
};

}  // namespace

std::unique_ptr<Algorithm> make_local_search(const Problem& problem, const SearchOptions& options,
                                             const std::vector<Genotype>& seeds) {
  return std::make_unique<LocalSearch>(problem, options, seeds);
}

}  // namespace lanewise::nas
