// SPDX-License-Identifier: Apache-2.0
#include "study/curation/landscape_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "nas/algorithms/algorithm.hpp"
#include "nas/design_problem.hpp"
#include "nas/kept_problem.hpp"
#include "nas/search_trials.hpp"

namespace lanewise::study {
namespace {

// Evaluates each design once, however many searches ask for it.
class RememberedProblem : public nas::Problem {
 public:
  explicit RememberedProblem(nas::Problem& problem) : problem_(problem) {}
  const std::vector<nas::Gene>& genes() const override { return problem_.genes(); }
  nas::Genotype canonical(const nas::Genotype& genotype) const override { return problem_.canonical(genotype); }
  std::vector<bool> free_objectives() const override { return problem_.free_objectives(); }
  std::vector<nas::Evaluation> known_beforehand(const std::vector<nas::Genotype>& genotypes) const override {
    return problem_.known_beforehand(genotypes);
  }
  std::vector<std::vector<double>> features(const std::vector<nas::Genotype>& genotypes) const override {
    return problem_.features(genotypes);
  }
  // The same design may be asked for by genotypes that are canonical in a part of the space alone.
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Genotype> same, missing;
    for (const nas::Genotype& genotype : genotypes) {
      same.push_back(problem_.canonical(genotype));
      if (known_.emplace(same.back(), nas::Evaluation{}).second) missing.push_back(same.back());
    }
    const std::vector<nas::Evaluation> answers = problem_.evaluate(missing);
    for (std::size_t i = 0; i < missing.size(); ++i) known_[missing[i]] = answers[i];
    std::vector<nas::Evaluation> out;
    for (const nas::Genotype& genotype : same) out.push_back(known_[genotype]);
    return out;
  }

 private:
  nas::Problem& problem_;
  std::map<nas::Genotype, nas::Evaluation> known_;
};

double final_best(const nas::Trial& trial) {
  return trial.best.empty() ? std::numeric_limits<double>::infinity() : trial.best.back();
}

// Samples to the target by trial, infinite where it was not reached, and how many did not.
std::vector<double> samples_of(const std::vector<nas::Trial>& trials, double target, std::int64_t& failed) {
  std::vector<double> samples;
  for (const nas::Trial& trial : trials) {
    const std::int64_t taken = nas::samples_to(trial.best, target);
    if (taken == 0) ++failed;
    samples.push_back(taken == 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(taken));
  }
  return samples;
}

SearchSide side_of(const std::vector<nas::Trial>& trials, double target, double hard) {
  SearchSide out;
  std::vector<double> finite;
  for (const nas::Trial& trial : trials) {
    out.best_ms.push_back(final_best(trial));
    if (std::isfinite(out.best_ms.back())) finite.push_back(out.best_ms.back());
    out.samples.push_back(nas::samples_to(trial.best, target));
  }
  const std::vector<double> samples = samples_of(trials, target, out.failed);
  out.median_samples_to_best = nas::quantile_of(samples_of(trials, hard, out.failed_of_best), 0.5);
  out.best = nas::spread_of(finite);
  out.median_samples = nas::quantile_of(samples, 0.5);
  out.ninetieth_samples = nas::quantile_of(samples, 0.9);
  return out;
}

}  // namespace

double SearchSide::failed_share() const {
  return samples.empty() ? 0 : static_cast<double>(failed) / static_cast<double>(samples.size());
}

std::vector<SearchMeasures> search_both(LandscapePricing& pricing, nas::AccuracyOracle& quality,
                                        const nas::AllowedValues& whole, const nas::AllowedValues& curated,
                                        const nas::Genotype& defaults, const LandscapeOptions& options) {
  const Progress& progress = pricing.progress();
  nas::DesignGoals goals;
  goals.objectives = {nas::Metric::kLatency};
  nas::DesignProblem designs(
      pricing.space(), pricing.costs(), quality, goals, [](const std::string&) { return true; },
      [&progress] {
        if (progress.stopped && progress.stopped()) throw Interrupted();
      });
  RememberedProblem remembered(designs);
  std::vector<SearchMeasures> out;
  for (const std::string& algorithm : options.algorithms) {
    SearchMeasures measures;
    measures.algorithm = algorithm;
    measures.seeds = options.seeds;
    measures.samples = options.samples;
    nas::TrialOptions trials;
    trials.algorithm = algorithm;
    trials.seeds = options.seeds;
    trials.samples = options.samples;
    trials.threads = options.threads;
    const auto run = [&](const nas::AllowedValues& values, const nas::Genotype& first, const char* name) {
      nas::KeptProblem problem(remembered, values, first);
      const std::string phase = std::string("searching the ") + name + " space by " + algorithm;
      trials.progress = [&progress, phase](std::int64_t done, std::int64_t of) { progress(phase, done, of); };
      return nas::search_trials(problem, trials);
    };
    const std::vector<nas::Trial> raw = run(whole, pricing.space().defaults(), "raw");
    std::vector<double> ends;
    for (const nas::Trial& trial : raw) ends.push_back(final_best(trial));
    measures.target_ms = nas::quantile_of(ends, 0.5);
    measures.best_raw_ms = *std::min_element(ends.begin(), ends.end());
    measures.raw = side_of(raw, measures.target_ms, measures.best_raw_ms);
    measures.curated = side_of(run(curated, defaults, "curated"), measures.target_ms, measures.best_raw_ms);
    out.push_back(std::move(measures));
  }
  return out;
}

}  // namespace lanewise::study
