// SPDX-License-Identifier: Apache-2.0
#include "study/advice/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "nas/moves/settle.hpp"
#include "study/advice/advised_space.hpp"
#include "study/advice/judge.hpp"
#include "study/advice/key_advice.hpp"
#include "study/advice/planner.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

double rate_of(double saved, double added) {
  if (added > 0) return saved / added;
  return saved > 0 ? kInfinite : 0;
}

template <class Gain>
bool is_better(const Gain& a, const Gain& b) {
  const double rate_a = a.rate(), rate_b = b.rate();
  if (rate_a != rate_b) return rate_a > rate_b;
  return a.saved_ms() > b.saved_ms();
}

class Adviser {
 public:
  Adviser(const AdviceJob& job, const estimator::Estimator* estimator, MeasurementSource& simulator,
          const Progress& progress)
      : job_(job),
        estimator_(estimator),
        simulator_(simulator),
        progress_(progress),
        space_(job),
        judge_(estimator, simulator) {}

  Advice run(const AdviceParts& parts) {
    out_.network = job_.graph->name();
    out_.engine = job_.engine.name;
    out_.identity = engine::identity_of(job_.engine);
    out_.tool_version = version();
    out_.space = job_.space.name;
    out_.ranked_by = judge_.estimates() ? record::Source::kEstimated : record::Source::kSimulated;
    for (const nas::Limit& limit : space_.limits()) out_.limits.push_back(limit.text);
    out_.skipped = space_.decided().skipped;
    out_.taken = space_.decided().moves;
    out_.left_out = space_.space().left_out();
    look_at_start();
    if (parts.moves) advise_moves();
    if (parts.plan) {
      out_.plan = Planner({job_, space_, estimator_, simulator_, judge_, given_simulated_}, progress_).plan();
    }
    out_.settles_alike = settles_alike();
    if (parts.keys) {
      advise_keys({job_, space_.decided(), space_.engine(), estimator_, simulator_, judge_, *start_, start_answer_},
                  progress_, out_);
    }
    return std::move(out_);
  }

 private:
  const AdviceJob& job_;
  const estimator::Estimator* estimator_;
  MeasurementSource& simulator_;
  const Progress& progress_;
  const AdvisedSpace space_;
  const Judge judge_;
  Advice out_;
  std::unique_ptr<WholeDesign> start_;
  NetworkAnswer start_answer_;  // simulated
  nas::Metrics given_predicted_, given_simulated_;

  WholeDesign design(const nas::Genotype& genotype) const {
    return whole_design(std::make_shared<const network::Graph>(space_.space().graph(genotype)), space_.engine());
  }

  // The person's file with the plan behind it, as it would be applied.
  bool settles_alike() const {
    nas::MovesFile file = job_.moves;
    using Said = std::set<std::tuple<std::string, std::string, std::string>>;
    Said said, made;
    for (const nas::PlacedMove& move : out_.taken) said.insert({move.move, move.place, move.value});
    for (const PlanStep& step : out_.plan.steps) {
      if (step.accepted) continue;
      said.insert({step.move, step.place, step.value});
      file.entries.push_back(nas::entry_of(nas::gene_of(step.move, step.place), step.value));
      file.entries.back().name = fmt::format("plan-{}", file.entries.size());
    }
    for (const nas::PlacedMove& move : nas::settle_moves(file, *job_.graph, job_.engine).moves.moves) {
      made.insert({move.move, move.place, move.value});
    }
    return said == made;
  }

  static NetworkAnswer required(const Answered& answered) {
    if (!answered.failure.empty()) throw Error(answered.failure);
    return answered.answer;
  }

  void look_at_start() {
    progress_("simulating the network as it is", 0, 0);
    const WholeDesign given = whole_design(std::make_shared<const network::Graph>(*job_.graph), job_.engine);
    start_ = std::make_unique<WholeDesign>(design(space_.start()));
    const std::vector<const WholeDesign*> both = {&given, start_.get()};
    const std::vector<Answered> predicted = judge_.predicted(both), simulated = judge_.simulated(both, {});
    const NetworkAnswer given_predicted = required(predicted[0]), given_simulated = required(simulated[0]);
    given_predicted_ = metrics_of(given_predicted.total);
    given_simulated_ = metrics_of(given_simulated.total);
    out_.given_predicted = cost_of(given_predicted);
    out_.given_simulated = cost_of(given_simulated);
    out_.start_predicted = cost_of(required(predicted[1]));
    start_answer_ = required(simulated[1]);
    out_.start_simulated = cost_of(start_answer_);
  }

  void advise_moves() {
    std::vector<MoveGain> all;
    std::vector<nas::Genotype> genotypes;
    const std::vector<nas::Gene>& genes = space_.space().genes();
    for (std::size_t g = 0; g < genes.size(); ++g) {
      for (int value = 1; value < static_cast<int>(genes[g].values.size()); ++value) {
        if (space_.is_decided(g) || !space_.is_offered(g, value)) continue;
        if (space_.is_vetoed(g, value)) {
          ++out_.vetoed;
          continue;
        }
        nas::Genotype genotype = space_.start();
        genotype[g] = value;
        if (space_.space().canonical(genotype) == space_.space().canonical(space_.start())) continue;
        MoveGain gain;
        gain.move = space_.move_of(g);
        gain.place = space_.place_of(g);
        gain.value = space_.value_of(g, value);
        all.push_back(std::move(gain));
        genotypes.push_back(std::move(genotype));
      }
    }
    out_.tried = static_cast<std::int64_t>(all.size());
    predict(all, genotypes);
    confirm(all, genotypes);
    for (MoveGain& gain : all) {
      if (!gain.failure.empty()) {
        out_.cannot_run.push_back(std::move(gain));
      } else if (gain.saved_ms() > 0) {
        out_.moves.push_back(std::move(gain));
      } else {
        ++out_.do_not_pay;
      }
    }
    std::stable_sort(out_.moves.begin(), out_.moves.end(), is_better<MoveGain>);
  }

  void predict(std::vector<MoveGain>& all, const std::vector<nas::Genotype>& genotypes) {
    constexpr std::size_t kAtOnce = 32;  // whole networks in memory
    for (std::size_t first = 0; first < all.size(); first += kAtOnce) {
      progress_("trying each move by itself", static_cast<std::int64_t>(first), static_cast<std::int64_t>(all.size()));
      std::vector<WholeDesign> designs;
      for (std::size_t i = first; i < std::min(all.size(), first + kAtOnce); ++i)
        designs.push_back(design(genotypes[i]));
      std::vector<const WholeDesign*> asked;
      for (const WholeDesign& d : designs) asked.push_back(&d);
      const std::vector<Answered> answers = judge_.predicted(asked);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        MoveGain& gain = all[first + i];
        gain.failure = answers[i].failure;
        if (!gain.failure.empty()) continue;
        gain.predicted = cost_of(answers[i].answer);
        gain.latency_saved_ms = out_.start_predicted.latency_ms - gain.predicted.latency_ms;
        gain.parameters_added = static_cast<double>(gain.predicted.parameters - out_.start_predicted.parameters);
        gain.macs_added = static_cast<double>(gain.predicted.macs - out_.start_predicted.macs);
        const nas::Metrics metrics = metrics_of(answers[i].answer.total);
        for (const nas::Limit& limit : space_.limits()) {
          if (limit.violation(metrics, given_predicted_) > 0) gain.breaks.push_back(limit.text);
        }
      }
    }
  }

  // The best by prediction are simulated, and of each kind of move that is not among them the best.
  void confirm(std::vector<MoveGain>& all, const std::vector<nas::Genotype>& genotypes) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].failure.empty() && all[i].latency_saved_ms > 0) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return is_better(all[a], all[b]); });
    std::set<std::string> kinds;
    std::size_t kept = 0;
    for (std::size_t n = 0; job_.top > 0 && n < order.size(); ++n) {
      const bool is_first = kinds.insert(all[order[n]].move).second;
      if (n < job_.top || is_first) order[kept++] = order[n];
    }
    order.resize(kept);
    for (std::size_t n = 0; n < order.size(); ++n) {
      progress_("confirming the best moves", static_cast<std::int64_t>(n), static_cast<std::int64_t>(order.size()));
      MoveGain& gain = all[order[n]];
      const WholeDesign changed = design(genotypes[order[n]]);
      const Answered answered = std::move(judge_.simulated({&changed}, {}).front());
      gain.failure = answered.failure;
      if (!gain.failure.empty()) continue;
      gain.simulated = cost_of(answered.answer);
      gain.simulated_saved_ms = out_.start_simulated.latency_ms - gain.simulated->latency_ms;
      gain.explanation = explain_change(*start_, start_answer_, changed, answered.answer);
    }
  }
};

}  // namespace

double MoveGain::rate() const { return rate_of(saved_ms(), parameters_added); }
double EngineGain::rate() const { return rate_of(saved_ms(), area_added_mm2); }
bool better(const MoveGain& a, const MoveGain& b) { return is_better(a, b); }
bool better(const EngineGain& a, const EngineGain& b) { return is_better(a, b); }

Advice advise(const AdviceJob& job, const estimator::Estimator* estimator, MeasurementSource& simulator,
              const AdviceParts& parts, const Progress& progress) {
  return Adviser(job, estimator, simulator, progress).run(parts);
}

Advice advise(const AdviceJob& job, const estimator::Estimator* estimator, MeasurementSource& simulator,
              const Progress& progress) {
  return advise(job, estimator, simulator, {}, progress);
}

}  // namespace lanewise::study
