// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/searches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/record/file.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "study/codesign/candidate_history.hpp"

namespace lanewise::study {
namespace {

// What the search goes on with after the estimator has learned: the region is known by then.
constexpr double kLaterRoundShare = 0.5;

// Answers from the log, and prices and logs what is not there.
class LoggedProblem : public nas::Problem {
 public:
  LoggedProblem(const Designs& designs, const Freedom& freedom, int round, CandidateLog& log, nas::CostOracle& costs,
                CodesignCost& cost, const Progress& progress)
      : designs_(designs),
        freedom_(freedom),
        round_(round),
        log_(log),
        baseline_(log.find(round, designs.space().defaults())->metrics),
        cost_(cost),
        problem_(designs.problem(freedom, costs, baseline_)),
        pricer_(designs.space(), costs, {}, [&progress] {
          if (progress.stopped && progress.stopped()) throw Interrupted();
        }) {}

  const std::vector<nas::Gene>& genes() const override { return problem_.genes(); }
  nas::Genotype canonical(const nas::Genotype& genotype) const override { return problem_.canonical(genotype); }
  std::vector<bool> free_objectives() const override { return problem_.free_objectives(); }
  std::vector<nas::Evaluation> known_beforehand(const std::vector<nas::Genotype>& genotypes) const override {
    return problem_.known_beforehand(genotypes);
  }
  std::vector<std::vector<double>> features(const std::vector<nas::Genotype>& genotypes) const override {
    return problem_.features(genotypes);
  }

  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Genotype> missing;
    for (const nas::Genotype& genotype : genotypes) {
      if (log_.find(round_, genotype) == nullptr) missing.push_back(genotype);
    }
    if (!missing.empty()) {
      log_.append({round_, freedom_.name, "", designs_.price(missing, pricer_)});
      cost_.estimates += static_cast<std::int64_t>(missing.size());
    }
    std::vector<nas::Evaluation> evaluations;
    evaluations.reserve(genotypes.size());
    for (const nas::Genotype& genotype : genotypes)
      evaluations.push_back(designs_.judge(*log_.find(round_, genotype), baseline_));
    return evaluations;
  }

 private:
  const Designs& designs_;
  const Freedom& freedom_;
  int round_;
  CandidateLog& log_;
  const nas::Metrics baseline_;
  CodesignCost& cost_;
  nas::DesignProblem problem_;
  nas::DesignPricer pricer_;
};

// The state behind its first line, which says what it is of; "" where it is of another search or there is none.
std::string kept_state(const std::string& path, const std::string& description) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) return "";
  const std::string text = record::read_file(path);
  const std::string first = hex_hash(description) + "\n";
  return text.compare(0, first.size(), first) == 0 ? text.substr(first.size()) : "";
}

}  // namespace

Searches::Searches(const CodesignJob& job, JobFolder& folder, const Designs& designs, CandidateLog& log,
                   nas::CostOracle& costs, CodesignCost& cost, const Progress& progress)
    : job_(job), folder_(folder), designs_(designs), log_(log), costs_(costs), cost_(cost), progress_(progress) {}

void Searches::price_baseline(int round) {
  const nas::Genotype defaults = designs_.space().defaults();
  if (log_.find(round, defaults) != nullptr) return;
  nas::DesignPricer pricer(designs_.space(), costs_);
  log_.append({round, "baseline", "", designs_.price({defaults}, pricer)});
  ++cost_.estimates;
}

void Searches::warm_start() {
  if (job_.warm_start.empty()) return;
  const std::string starts = hex_hash(record::read_file(history_path(job_.warm_start)));
  if (log_.begun(0, "warm_start", starts)) return;
  const WarmCandidates warm = read_history(job_.warm_start, designs_.space(), folder_.file("settings.yaml"));
  CandidateBatch batch{0, "warm_start", starts, {}};
  std::vector<nas::Genotype> unpriced;
  for (const PricedCandidate& candidate : warm.candidates) {
    if (log_.find(0, candidate.genotype) != nullptr) continue;
    warm.same_prices ? batch.candidates.push_back(candidate) : unpriced.push_back(candidate.genotype);
  }
  constexpr std::size_t kAtOnce = 64;
  nas::DesignPricer pricer(designs_.space(), costs_);
  for (std::size_t first = 0; first < unpriced.size(); first += kAtOnce) {
    progress_("pricing the warm start", static_cast<std::int64_t>(first), static_cast<std::int64_t>(unpriced.size()));
    const auto begin = unpriced.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = unpriced.begin() + static_cast<std::ptrdiff_t>(std::min(unpriced.size(), first + kAtOnce));
    for (PricedCandidate& candidate : designs_.price({begin, end}, pricer)) {
      batch.candidates.push_back(std::move(candidate));
    }
  }
  cost_.estimates += static_cast<std::int64_t>(unpriced.size());
  log_.append(std::move(batch));
}

std::vector<Searches::Part> Searches::parts(int round) const {
  if (round > 0) return {{kEverything, kLaterRoundShare}};
  std::vector<Part> parts;
  // Budgets in generations are of each part, one in evaluations is of all together.
  const bool shared = job_.evaluations > 0 || job_.seconds > 0;
  const bool both = designs_.open_genes(kParts[0]) > 0 && designs_.open_genes(kParts[1]) > 0;
  if (job_.ablation) {
    for (const Freedom& subset : kSubsets) {
      if (designs_.open_genes(subset) > 0) parts.push_back({subset, shared ? 0.1 : 1});
    }
  }
  const double left = shared ? 1 - 0.1 * static_cast<double>(parts.size()) : 1;
  if (both) {
    for (const Freedom& part : kParts) parts.push_back({part, shared ? 0.25 * left : 1});
  }
  parts.push_back({kEverything, shared && both ? 0.5 * left : left});
  return parts;
}

nas::SearchBudget Searches::budget(const Part& part, int round) const {
  nas::SearchBudget budget;
  const double all = job_.evaluations > 0 ? static_cast<double>(job_.evaluations)
                                          : static_cast<double>(job_.population) * (job_.generations + 1);
  const double share = round > 0 ? kLaterRoundShare : part.share;
  budget.evaluations = std::max<std::int64_t>(1, static_cast<std::int64_t>(all * share));
  budget.seconds = job_.seconds * share;
  budget.no_gain_batches = job_.patience;
  return budget;
}

// All that decides what a search asks for, its budget apart.
std::string Searches::description(const Part& part, int round, const std::vector<nas::Genotype>& seeds) const {
  std::string text = fmt::format("{} of round {} by {}, seed {}, population {}; {}", part.freedom.name, round,
                                 job_.algorithm, job_.seed, job_.population, fmt::join(job_.objective_names, ","));
  for (const nas::Limit& limit : designs_.limits()) text += "; " + limit.text;
  std::string genes;
  for (const nas::Genotype& seed : seeds) genes += fmt::format("{};", fmt::join(seed, ","));
  if (!genes.empty()) text += "; seeds " + hex_hash(genes);
  return text;
}

nas::SearchResult Searches::search(const Part& part, int round, const std::vector<nas::Genotype>& seeds) {
  const std::string what = description(part, round, seeds);
  std::optional<std::size_t> begun = log_.begun(round, part.freedom.name, what);
  if (!begun) {
    begun = log_.batches().size();
    log_.append({round, part.freedom.name, what, {}});
  }
  LoggedProblem problem(designs_, part.freedom, round, log_, costs_, cost_, progress_);
  nas::SearchOptions options;
  options.seed = job_.seed;
  options.population = job_.population;
  const auto algorithm = nas::make_algorithm(job_.algorithm, problem, options, seeds);
  const std::string path = folder_.work(fmt::format("search-{}-{}.state", round, part.freedom.name));
  nas::SearchStart start;
  start.state = kept_state(path, what);
  if (start.state.empty()) start.known = judged(log_, designs_, round, part.freedom, *begun);
  const nas::SearchBudget limits = budget(part, round);
  nas::SearchHooks hooks;
  const std::string head = hex_hash(what) + "\n";
  hooks.after_batch = [&](const nas::SearchBatch& batch) {
    record::write_file(path, head + batch.state());
    progress_(fmt::format("searching {}: {} on the front", part.freedom.name, batch.point.front),
              batch.point.evaluations, limits.evaluations);
  };
  progress_(fmt::format("searching {}", part.freedom.name), 0, limits.evaluations);
  return nas::search(problem, *algorithm, limits, start, hooks);
}

std::string Searches::run(int round, const std::vector<nas::Genotype>& seeds) {
  std::string ended;
  for (const Part& part : parts(round)) {
    if (designs_.open_genes(part.freedom) == 0 && designs_.open_genes(kEverything) > 0) continue;
    ended = to_string(search(part, round, seeds).end);
  }
  return ended;
}

std::vector<nas::Individual> judged(const CandidateLog& log, const Designs& designs, int round, const Freedom& freedom,
                                    std::size_t batches) {
  std::vector<nas::Individual> out;
  const PricedCandidate* const baseline = log.find(round, designs.space().defaults());
  if (baseline == nullptr) return out;
  std::set<nas::Genotype> seen;
  for (std::size_t b = 0; b < std::min(batches, log.batches().size()); ++b) {
    if (log.batches()[b].round != round) continue;
    for (const PricedCandidate& candidate : log.batches()[b].candidates) {
      if (!designs.lies_in(freedom, candidate.genotype) || !seen.insert(candidate.genotype).second) continue;
      out.push_back({candidate.genotype, designs.judge(candidate, baseline->metrics)});
    }
  }
  return out;
}

std::vector<nas::Individual> judged(const CandidateLog& log, const Designs& designs, int round,
                                    const Freedom& freedom) {
  return judged(log, designs, round, freedom, log.batches().size());
}

}  // namespace lanewise::study
