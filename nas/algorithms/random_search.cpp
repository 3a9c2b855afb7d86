// SPDX-License-Identifier: Apache-2.0
// Random search: every gene uniform, nothing twice. What every other algorithm is held against.
#include "nas/algorithms/archive.hpp"

namespace lanewise::nas {
namespace {

class RandomSearch : public Algorithm {
 public:
  RandomSearch(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
      : archive_(problem, options, seeds), options_(options), random_(options.seed) {}

  std::vector<Genotype> ask() override {
    const auto count = static_cast<std::size_t>(options_.batch > 0 ? options_.batch : options_.population);
    std::vector<Genotype> batch = archive_.first_batch(0, random_);
    while (batch.size() < count && archive_.offer_new(batch, archive_.uniform_genotype(random_), random_)) {
    }
    return batch;
  }

  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) override {
    archive_.tell(batch, evaluations);
  }

  const std::vector<Individual>& told() const override { return archive_.all(); }

  std::string save() const override {
    StateWriter out;
    out.text("algorithm", "random");
    out.random("random", random_);
    archive_.save(out);
    return out.str();
  }

  void load(const std::string& state) override {
    StateReader in(state);
    in.expect("algorithm", "random");
    random_ = in.random("random");
    archive_.load(in);
    in.end();
  }

 private:
  Archive archive_;
  SearchOptions options_;
  Random random_;
};

}  // namespace

std::unique_ptr<Algorithm> make_random_search(const Problem& problem, const SearchOptions& options,
                                              const std::vector<Genotype>& seeds) {
  return std::make_unique<RandomSearch>(problem, options, seeds);
}

}  // namespace lanewise::nas
