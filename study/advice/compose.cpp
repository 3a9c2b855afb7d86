// SPDX-License-Identifier: Apache-2.0
#include "study/advice/compose.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "study/advice/knapsack.hpp"

namespace lanewise::study {
namespace {

using nas::Genotype;

// What a limit that is missed by its whole bound costs at first, as a share of the start's latency. Where an optimum
// misses limits nevertheless, it costs ten times as much from there on.
constexpr double kMissed = 3, kMissedGrows = 10, kMissedAtMost = 1e5;
constexpr double kBetter = 1e-9;
constexpr double kHolds = 1e-12;
constexpr double kWorst = std::numeric_limits<double>::infinity();
constexpr std::size_t kSets = 12;  // solutions of the additive model that are priced at each point

struct Point {
  Genotype genotype;
  nas::PricedDesign priced;
  double latency = kWorst;   // over the start's
  std::vector<double> uses;  // by how much each limit is missed, relative to its bound; below 0: what is left of it
  double violation = kWorst;
  int changes = 0;  // genes that differ from the start

  bool is_design() const { return priced.failure.empty(); }
};

// A value that a gene could take instead, and what it does by itself.
struct Change {
  std::size_t gene = 0;
  int value = 0;
  double latency = 0;
  std::vector<double> uses;
  int told = 0;  // -1, 0, 1: by how many the changes from the start grow
};

class Composer {
 public:
  Composer(const ComposeProblem& problem, const ComposeOptions& options, std::size_t wanted)
      : problem_(problem), options_(options), wanted_(wanted), random_(options.seed) {
    for (const nas::Limit& limit : problem.limits) bounds_.push_back(limit.bound_for(problem.baseline));
  }

  Composition run() {
    const std::vector<nas::PricedDesign> first = problem_.price({problem_.start});
    if (!first.front().failure.empty()) throw Error(first.front().failure);
    start_latency_ = first.front().metrics[nas::Metric::kLatency];
    const Genotype start = problem_.canonical(problem_.start);
    std::vector<Genotype> begins = {start};
    for (const std::size_t gene : options_.branches) {
      for (int value = 0; value < static_cast<int>(problem_.genes[gene].values.size()); ++value) {
        if (value == start[gene] || !problem_.may(gene, value)) continue;
        begins.push_back(start);
        begins.back()[gene] = value;
      }
    }
    std::vector<Genotype> ends;
    for (const Genotype& begin : begins) ends.push_back(descend(begin));
    // The best of them is disturbed; what is found from there may be the best in turn.
    std::stable_sort(ends.begin(), ends.end(),
                     [&](const Genotype& a, const Genotype& b) { return score(a) < score(b); });
    Genotype best = ends.front();
    for (int kick = 0; kick < options_.kicks && !spent(); ++kick) {
      const Genotype end = descend(disturbed(best));
      if (score(end) < score(best) - kBetter) best = end;
    }
    return result();
  }

 private:
  const ComposeProblem& problem_;
  const ComposeOptions& options_;
  const std::size_t wanted_;
  Random random_;
  std::vector<double> bounds_;
  double start_latency_ = 0;
  double missed_ = kMissed;
  std::map<Genotype, Point> known_;  // by canonical genotype

  // What is minimised.
  double score(const Point& point) const {
    return point.is_design() ? point.latency + options_.worth * point.changes + missed_ * point.violation : kWorst;
  }
  double score(const Genotype& genotype) const { return score(known_.at(genotype)); }

  bool spent() const { return static_cast<std::int64_t>(known_.size()) >= options_.evaluations; }

  int changes_of(const Genotype& genotype) const {
    int count = 0;
    for (std::size_t g = 0; g < genotype.size(); ++g) count += genotype[g] != problem_.start[g] ? 1 : 0;
    return count;
  }

  Point judged(const Genotype& genotype, nas::PricedDesign priced) const {
    Point point;
    point.genotype = genotype;
    if (priced.failure.empty()) {
      point.latency = priced.metrics[nas::Metric::kLatency] / start_latency_;
      point.violation = 0;
      for (std::size_t k = 0; k < bounds_.size(); ++k) {
        const nas::Limit& limit = problem_.limits[k];
        const double value = priced.metrics[limit.metric];
        const double missed = limit.at_most ? value - bounds_[k] : bounds_[k] - value;
        point.uses.push_back(bounds_[k] != 0 ? missed / std::abs(bounds_[k]) : missed);
        if (point.uses.back() > kHolds) point.violation += point.uses.back();
      }
      point.changes = changes_of(genotype);
    }
    point.priced = std::move(priced);
    return point;
  }

  // Prices what is not known yet, all together. The genotypes become canonical.
  void price(std::vector<Genotype>& genotypes) {
    std::vector<Genotype> fresh;
    std::set<Genotype> seen;
    for (Genotype& genotype : genotypes) {
      genotype = problem_.canonical(genotype);
      if (known_.count(genotype) == 0 && seen.insert(genotype).second) fresh.push_back(genotype);
    }
    std::vector<nas::PricedDesign> priced = problem_.price(fresh);
    for (std::size_t i = 0; i < fresh.size(); ++i) known_[fresh[i]] = judged(fresh[i], std::move(priced[i]));
    if (options_.progress) options_.progress(static_cast<std::int64_t>(known_.size()));
  }

  std::vector<std::pair<std::size_t, int>> alternatives(const Genotype& at) const {
    std::vector<std::pair<std::size_t, int>> out;
    for (std::size_t g = 0; g < at.size(); ++g) {
      for (int value = 0; value < static_cast<int>(problem_.genes[g].values.size()); ++value) {
        if (value != at[g] && (value == problem_.start[g] || problem_.may(g, value))) out.emplace_back(g, value);
      }
    }
    return out;
  }

  // All single changes of a point, priced; those that change nothing or cannot be are left out.
  std::vector<Change> singles(const Point& at) {
    const std::vector<std::pair<std::size_t, int>> all = alternatives(at.genotype);
    std::vector<Genotype> genotypes;
    for (const auto& [gene, value] : all) {
      genotypes.push_back(at.genotype);
      genotypes.back()[gene] = value;
    }
    price(genotypes);
    std::vector<Change> changes;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Point& point = known_.at(genotypes[i]);
      if (genotypes[i] == at.genotype || !point.is_design()) continue;
      Change change{all[i].first, all[i].second, point.latency - at.latency, {}, point.changes - at.changes};
      for (std::size_t k = 0; k < bounds_.size(); ++k) change.uses.push_back(point.uses[k] - at.uses[k]);
      changes.push_back(std::move(change));
    }
    return changes;
  }

  double cost_of(const Change& change) const { return change.latency + options_.worth * change.told; }

  // What a set of changes would score if their effects added up.
  template <class Set>
  double added_up(const Point& at, const std::vector<Change>& changes, const Set& set) const {
    double sum = at.latency + options_.worth * at.changes;
    std::vector<double> uses = at.uses;
    for (const std::size_t i : set) {
      sum += cost_of(changes[i]);
      for (std::size_t k = 0; k < uses.size(); ++k) uses[k] += changes[i].uses[k];
    }
    for (const double use : uses) sum += missed_ * std::max(0.0, use);
    return sum;
  }

  template <class Set>
  static Genotype with(const Point& at, const std::vector<Change>& changes, const Set& set) {
    Genotype genotype = at.genotype;
    for (const std::size_t i : set) genotype[changes[i].gene] = changes[i].value;
    return genotype;
  }

  // The pairs of changes that promise most; those of which one is all that it takes promise nothing more.
  void add_pairs(const Point& at, const std::vector<Change>& changes, std::vector<Genotype>& out) const {
    using Pair = std::array<std::size_t, 2>;
    std::vector<std::pair<double, Pair>> pairs;
    std::vector<double> alone;
    for (std::size_t i = 0; i < changes.size(); ++i) alone.push_back(added_up(at, changes, std::array{i}));
    for (std::size_t i = 0; i < changes.size(); ++i) {
      for (std::size_t j = i + 1; j < changes.size(); ++j) {
        if (changes[i].gene == changes[j].gene) continue;
        const double both = added_up(at, changes, Pair{i, j});
        if (both < score(at) - kBetter && both < std::min(alone[i], alone[j])) pairs.push_back({both, {i, j}});
      }
    }
    const std::size_t count = std::min(options_.pairs, pairs.size());
    std::partial_sort(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(count), pairs.end());
    for (std::size_t p = 0; p < count; ++p) out.push_back(with(at, changes, pairs[p].second));
  }

  // The sets that would be best if effects added up, and of each the half, the quarter … that does most.
  void add_sets(const Point& at, const std::vector<Change>& changes, std::vector<Genotype>& out) const {
    std::vector<KnapsackChoice> choices;
    for (const Change& change : changes) choices.push_back({change.gene, cost_of(change), change.uses});
    std::vector<double> room;
    for (const double use : at.uses) room.push_back(-use);
    for (std::vector<std::size_t> set : solve_knapsack(choices, room, kSets)) {
      out.push_back(with(at, changes, set));
      std::stable_sort(set.begin(), set.end(),
                       [&](std::size_t a, std::size_t b) { return cost_of(changes[a]) < cost_of(changes[b]); });
      for (std::size_t part = set.size() / 2; part >= 2; part /= 2) {
        set.resize(part);
        out.push_back(with(at, changes, set));
      }
    }
  }

  // To the local optimum that lies ahead; with limits at a higher price where it misses some.
  Genotype descend(const Genotype& begin) {
    Genotype end = descend_once(begin);
    while (!spent() && known_.at(end).violation > 0 && missed_ < kMissedAtMost) {
      missed_ *= kMissedGrows;
      end = descend_once(end);
    }
    return end;
  }

  Genotype descend_once(const Genotype& begin) {
    std::vector<Genotype> at = {begin};
    price(at);
    if (!known_.at(at.front()).is_design()) at = {problem_.canonical(problem_.start)};
    while (!spent()) {
      const Point here = known_.at(at.front());
      std::vector<Genotype> next;
      const std::vector<Change> changes = singles(here);
      for (std::size_t i = 0; i < changes.size(); ++i) next.push_back(with(here, changes, std::array{i}));
      add_pairs(here, changes, next);
      add_sets(here, changes, next);
      price(next);
      double best = score(here) - kBetter;
      const Genotype* found = nullptr;
      for (const Genotype& genotype : next) {
        if (score(genotype) >= best) continue;
        best = score(genotype);
        found = &genotype;
      }
      if (found == nullptr) break;
      at.front() = *found;
    }
    return at.front();
  }

  // A third of the changes taken back.
  Genotype disturbed(const Genotype& genotype) {
    Genotype out = genotype;
    for (std::size_t g = 0; g < out.size(); ++g) {
      if (out[g] != problem_.start[g] && random_.below(3) == 0) out[g] = problem_.start[g];
    }
    return out;
  }

  Composition result() const {
    std::vector<const Point*> points;
    for (const auto& [genotype, point] : known_) {
      if (point.is_design()) points.push_back(&point);
    }
    const std::size_t count = std::min(wanted_, points.size());
    const auto rank = [this](const Point* p) { return std::make_tuple(p->violation, score(*p), p->genotype); };
    std::partial_sort(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(count), points.end(),
                      [&](const Point* a, const Point* b) { return rank(a) < rank(b); });
    Composition out;
    out.evaluations = static_cast<std::int64_t>(known_.size());
    for (std::size_t i = 0; i < count; ++i) {
      out.best.push_back({points[i]->genotype, points[i]->priced, points[i]->violation, points[i]->changes});
    }
    return out;
  }
};

}  // namespace

Composition compose(const ComposeProblem& problem, const ComposeOptions& options, std::size_t wanted) {
  return Composer(problem, options, wanted).run();
}

}  // namespace lanewise::study
