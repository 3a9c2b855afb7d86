// SPDX-License-Identifier: Apache-2.0
#include "study/training/active_learning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/mapping/subgraph.hpp"
#include "estimator/subgraph_pool.hpp"

namespace lanewise::study {
namespace {

// How much rather a point is drawn that is expected to be twice as wrong: 2 to this power. A draw, not a ranking: the
// points expected to be the worst are much alike, and measuring all of them teaches little.
constexpr double kGreed = 2.0;

// In (0, 1), from the text alone.
double uniform_of(const std::string& text) { return (static_cast<double>(stable_hash(text) >> 11U) + 0.5) * 0x1.0p-53; }

class Learner {
 public:
  Learner(const Campaign& campaign, const LearningSettings& settings, record::Store& store, Truth& truth,
          const Progress& progress)
      : campaign_(campaign),
        record_(record_of(campaign.record, settings)),
        settings_(settings),
        store_(store),
        truth_(truth),
        progress_(progress),
        samples_(samples_of(campaign)),
        points_(samples_, settings.split, settings.exploring.threads),
        latency_(samples_.size()) {
    divide();
  }

  LearningOutcome run() {
    most_ = static_cast<std::int64_t>(open_.size());
    if (settings_.most_rows > 0) most_ = std::min(most_, settings_.most_rows);
    state_ = "hold-out";
    measure(outcome_.frozen, 0, static_cast<std::int64_t>(outcome_.frozen.size()));
    std::vector<std::size_t> truth;
    for (const std::size_t i : outcome_.frozen) {
      if (latency_[i].count() > 0) truth.push_back(i);
    }
    if (truth.empty()) throw Error("no point that is held out could be measured");

    const std::int64_t first = std::min(most_, settings_.first_rows);
    std::vector<std::size_t> batch = dear_rows() ? choose(first, 0) : random_points(first);
    for (int round = 1;; ++round) {
      take(batch);
      outcome_.rounds.push_back(look(truth, exploring()));
      const estimator::Accuracy& accuracy = outcome_.rounds.back().accuracy;
      state_ = fmt::format("round {}, {} {:.4g}", round, metric_name(settings_.target),
                           metric_of(settings_.target, accuracy));
      tell(0);
      if (meets(settings_.target, accuracy) && confirmed(truth)) return finish(LearningEnd::kReached);
      if (open_.empty()) return finish(LearningEnd::kExhausted);
      const auto chosen = static_cast<std::int64_t>(outcome_.chosen.size());
      if (chosen >= most_) return finish(LearningEnd::kMostRows);
      batch = choose(std::min(most_ - chosen, settings_.batch_rows), round);
    }
  }

 private:
  static std::vector<estimator::Sample> samples_of(const Campaign& campaign) {
    std::vector<estimator::Sample> samples(campaign.jobs.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const SampledEngine& engine = campaign.engines[campaign.jobs[i].engine];
      samples[i].engine = &engine.config;
      samples[i].subgraph = mapping::parse_subgraph_key(campaign.jobs[i].subgraph_key);
      samples[i].outside_ranges = engine.outside_ranges;
    }
    return samples;
  }

  std::string key_of(std::size_t point) const {
    return campaign_.engines[campaign_.jobs[point].engine].hash + " " + campaign_.jobs[point].subgraph_key;
  }

  // Frozen, refused and open points. Which are frozen depends on what they are, not on the seed.
  void divide() {
    const std::vector<bool> held = estimator::held_out(samples_, settings_.split);
    std::vector<std::pair<std::uint64_t, std::size_t>> candidates;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (held[i]) {
        candidates.emplace_back(stable_hash("frozen:" + key_of(i)), i);
      } else if (samples_[i].outside_ranges) {
        outcome_.refused.push_back(i);
      } else {
        open_.push_back(i);
      }
    }
    if (candidates.empty() || open_.empty()) {
      throw Error(
          fmt::format("of the {} points of this campaign the split {} holds out {}: there must be points on "
                      "both sides",
                      samples_.size(), estimator::to_string(settings_.split), candidates.size()));
    }
    std::sort(candidates.begin(), candidates.end());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const bool frozen = static_cast<std::int64_t>(i) < settings_.hold_out_rows;
      (frozen ? outcome_.frozen : outcome_.refused).push_back(candidates[i].second);
    }
    std::sort(outcome_.frozen.begin(), outcome_.frozen.end());
    std::sort(outcome_.refused.begin(), outcome_.refused.end());
  }

  // Progress counts rows, whatever is done between them, so that its pace tells when the last of them is there.
  void tell(std::int64_t more) const {
    progress_("learning: " + state_, static_cast<std::int64_t>(outcome_.chosen.size()) + more, most_);
  }

  void measure(const std::vector<std::size_t>& batch, std::int64_t before, std::int64_t of) {
    Campaign part;
    part.record = record_;
    part.engines = campaign_.engines;
    std::vector<std::size_t> ordered = batch;
    std::sort(ordered.begin(), ordered.end());
    for (const std::size_t i : ordered) part.jobs.push_back(campaign_.jobs[i]);
    Progress inner;
    inner.stopped = progress_.stopped;
    inner.report = [&](const std::string&, std::int64_t done, std::int64_t) {
      if (progress_.report) progress_.report("learning: " + state_, before + done, of);
    };
    run_campaign(part, store_, truth_, inner);
    read(ordered);
  }

  void read(const std::vector<std::size_t>& batch) {
    std::unordered_map<std::string, std::size_t> wanted;
    for (const std::size_t i : batch) wanted.emplace(key_of(i), i);
    store_.for_each([&](const record::Row& row) {
      if (row.tool_version != version()) return;
      const auto found = wanted.find(row.engine_hash + " " + row.subgraph_key);
      if (found != wanted.end() && row.failure.empty()) latency_[found->second] = row.measurement.latency;
    });
  }

  void take(const std::vector<std::size_t>& batch) {
    measure(batch, static_cast<std::int64_t>(outcome_.chosen.size()), most_);
    std::vector<bool> taken(samples_.size());
    for (const std::size_t i : batch) {
      taken[i] = true;
      outcome_.chosen.push_back(i);
      if (latency_[i].count() > 0) {
        known_.push_back({i, latency_[i]});
      } else {
        ++outcome_.failed;
      }
    }
    open_.erase(std::remove_if(open_.begin(), open_.end(), [&](std::size_t i) { return taken[i]; }), open_.end());
  }

  LearningRound look(const std::vector<std::size_t>& truth, const estimator::TrainOptions& training) const {
    LearningRound round;
    round.rows = static_cast<std::int64_t>(known_.size());
    if (known_.empty()) return round;
    std::vector<double> measured;
    measured.reserve(truth.size());
    for (const std::size_t i : truth) measured.push_back(static_cast<double>(latency_[i].count()));
    round.accuracy = estimator::accuracy(points_.predict(known_, truth, training), measured);
    return round;
  }

  bool confirmed(const std::vector<std::size_t>& truth) const {
    return !settings_.final_training || meets(settings_.target, look(truth, *settings_.final_training).accuracy);
  }

  estimator::TrainOptions exploring() const {
    estimator::TrainOptions options = settings_.exploring;
    options.seed = settings_.seed;
    return options;
  }

  // The `count` of `points` with the largest rank; of equal ranks the first.
  static std::vector<std::size_t> best(const std::vector<std::size_t>& points, const std::vector<double>& ranks,
                                       std::int64_t count) {
    std::vector<std::size_t> order(points.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::size_t wanted = std::min(points.size(), static_cast<std::size_t>(count));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted), order.end(),
                      [&](std::size_t a, std::size_t b) {
                        return ranks[a] != ranks[b] ? ranks[a] > ranks[b] : points[a] < points[b];
                      });
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < wanted; ++i) chosen.push_back(points[order[i]]);
    return chosen;
  }

  // One order of the pool for all rounds and strategies: what is drawn at random first is the same for all of them.
  std::vector<std::size_t> random_points(std::int64_t count) const {
    std::vector<double> ranks;
    ranks.reserve(open_.size());
    for (const std::size_t i : open_)
      ranks.push_back(uniform_of(fmt::format("random:{}:{}", settings_.seed, key_of(i))));
    return best(open_, ranks, count);
  }

  // Rows of a program are few: the next ones are chosen by what they would tell about all others.
  bool dear_rows() const {
    return settings_.strategy == LearningStrategy::kActive && !settings_.exploring.measured_by.empty();
  }

  std::vector<std::size_t> choose(std::int64_t count, int round) const {
    if (settings_.strategy == LearningStrategy::kRandom || (known_.empty() && !dear_rows())) {
      return random_points(count);
    }
    const auto at_random = static_cast<std::int64_t>(std::llround(settings_.random_share * static_cast<double>(count)));
    std::vector<std::size_t> chosen = random_points(at_random);
    std::vector<bool> taken(samples_.size());
    for (const std::size_t i : chosen) taken[i] = true;
    std::vector<std::size_t> rest;
    std::copy_if(open_.begin(), open_.end(), std::back_inserter(rest), [&](std::size_t i) { return !taken[i]; });
    if (dear_rows()) {
      const std::vector<std::size_t> telling =
          points_.most_telling(known_, rest, static_cast<std::size_t>(count) - chosen.size());
      chosen.insert(chosen.end(), telling.begin(), telling.end());
      return chosen;
    }
    const std::vector<double> errors = points_.expected_errors(known_, rest, exploring());
    // Sampling without replacement, proportional to a power of the expected error: the largest of its logarithm plus
    // Gumbel noise (Efraimidis and Spirakis, 2006, in logarithms).
    std::vector<double> ranks;
    ranks.reserve(rest.size());
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const double u = uniform_of(fmt::format("draw:{}:{}:{}", settings_.seed, round, key_of(rest[i])));
      ranks.push_back(kGreed * std::log(errors[i]) - std::log(-std::log(u)));
    }
    const std::vector<std::size_t> drawn = best(rest, ranks, count - static_cast<std::int64_t>(chosen.size()));
    chosen.insert(chosen.end(), drawn.begin(), drawn.end());
    return chosen;
  }

  LearningOutcome finish(LearningEnd end) {
    outcome_.end = end;
    return std::move(outcome_);
  }

  // What the store keeps: which rows of the campaign are there depends on how they were chosen.
  static record::CampaignRecord record_of(record::CampaignRecord record, const LearningSettings& settings) {
    if (record.values.empty()) return record;
    const auto add = [&](const char* key, const std::string& value) { record.values.emplace_back(key, value); };
    add("learning.until", to_string(settings.target));
    add("learning.split", estimator::to_string(settings.split));
    add("learning.strategy", to_string(settings.strategy));
    add("learning.first_rows", std::to_string(settings.first_rows));
    add("learning.batch_rows", std::to_string(settings.batch_rows));
    add("learning.most_rows", std::to_string(settings.most_rows));
    add("learning.hold_out_rows", std::to_string(settings.hold_out_rows));
    add("learning.seed", std::to_string(settings.seed));
    return record;
  }

  const Campaign& campaign_;
  record::CampaignRecord record_;
  const LearningSettings& settings_;
  record::Store& store_;
  Truth& truth_;
  const Progress& progress_;
  std::vector<estimator::Sample> samples_;  // of the jobs, without measurements
  estimator::SubgraphPool points_;
  std::vector<Cycles> latency_;    // of the jobs; 0: not measured, or failed
  std::vector<std::size_t> open_;  // may be chosen
  std::vector<estimator::KnownPoint> known_;
  std::int64_t most_ = 0;
  std::string state_;
  LearningOutcome outcome_;
};

}  // namespace

const char* to_string(LearningStrategy strategy) { return strategy == LearningStrategy::kActive ? "active" : "random"; }

const char* to_string(LearningEnd end) {
  switch (end) {
    case LearningEnd::kReached:
      return "reached";
    case LearningEnd::kExhausted:
      return "pool_exhausted";
    case LearningEnd::kMostRows:
      return "most_rows";
  }
  throw InternalError("an end without a name");
}

estimator::TrainOptions quick_training() {
  estimator::TrainOptions options;
  options.trees = 150;
  options.depth = 8;
  options.learning_rate = 0.1;
  return options;
}

LearningSettings settings_of_dear_rows() {
  LearningSettings settings;
  settings.first_rows = 20;
  settings.batch_rows = 10;
  settings.hold_out_rows = 60;
  settings.random_share = 0;  // what tells most lies in every corner
  return settings;
}

LearningOutcome learn(const Campaign& campaign, const LearningSettings& settings, record::Store& store, Truth& truth,
                      const Progress& progress) {
  return Learner(campaign, settings, store, truth, progress).run();
}

LearningOutcome learn(const Campaign& campaign, const LearningSettings& settings, record::Store& store,
                      sim::WorkerPool& pool, const Progress& progress) {
  SimulatedTruth truth(pool);
  return learn(campaign, settings, store, truth, progress);
}

}  // namespace lanewise::study
