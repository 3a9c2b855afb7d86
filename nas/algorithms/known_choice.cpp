// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/known_choice.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>
#include <utility>

#include "nas/algorithms/hypervolume_gain.hpp"
#include "nas/algorithms/surrogate_model.hpp"

namespace lanewise::nas {
namespace {

constexpr std::size_t kSelectedAfter = 48;  // individuals told between two selections of the population
constexpr double kLeastMissed = 1e-9;       // below it what is missed is rounding

// The worst of each objective and a tenth of the extent beyond it, so that the ends of the front count too.
Point reference_of(const std::vector<Point>& front) {
  Point reference;
  for (std::size_t k = 0; k < front.front().size(); ++k) {
    double least = front.front()[k], worst = least;
    for (const Point& point : front) {
      least = std::min(least, point[k]);
      worst = std::max(worst, point[k]);
    }
    reference.push_back(worst + 0.1 * (worst > least ? worst - least : std::max(std::abs(worst), 1.0)));
  }
  return reference;
}

// Sums of the objectives, each over its extent among those that can be.
std::vector<double> sums_of(const std::vector<Individual>& individuals) {
  std::vector<double> sums(individuals.size(), 0.0);
  for (std::size_t k = 0; !individuals.empty() && k < individuals.front().evaluation.objectives.size(); ++k) {
    double least = HUGE_VAL, worst = -HUGE_VAL;
    for (const Individual& individual : individuals) {
      if (!can_be(individual.evaluation)) continue;
      least = std::min(least, individual.evaluation.objectives[k]);
      worst = std::max(worst, individual.evaluation.objectives[k]);
    }
    for (std::size_t i = 0; i < sums.size() && worst > least; ++i) {
      sums[i] += (individuals[i].evaluation.objectives[k] - least) / (worst - least);
    }
  }
  return sums;
}

std::size_t changed(const Genotype& genotype) {
  return static_cast<std::size_t>(
      std::count_if(genotype.begin(), genotype.end(), [](int value) { return value != 0; }));
}

// Picks points one by one, each adding the most hypervolume to those before; what adds nothing is not picked.
class Picker {
 public:
  explicit Picker(const std::vector<Point>& front) : reference_(reference_of(front)) {}

  std::vector<std::size_t> pick(std::vector<Point> chosen, const std::vector<Point>& offered, std::size_t count) {
    struct Entry {
      double gain;
      std::size_t at, picks;
      bool operator<(const Entry& other) const { return gain != other.gain ? gain < other.gain : at > other.at; }
    };
    HypervolumeGain gain(chosen, reference_, offered.size());
    const auto gain_of = [&](std::size_t i) {
      std::vector<Belief> beliefs;
      for (const double value : offered[i]) beliefs.push_back({nullptr, value, 0});
      return gain.expected(beliefs);
    };
    std::priority_queue<Entry> queue;
    for (std::size_t i = 0; i < offered.size(); ++i) queue.push({gain_of(i), i, 0});
    std::vector<std::size_t> picked;
    // Gains only fall while points are chosen: those from before the last pick are found anew when they come first.
    while (picked.size() < count && !queue.empty()) {
      Entry top = queue.top();
      queue.pop();
      if (top.picks < picked.size()) {
        queue.push({gain_of(top.at), top.at, picked.size()});
        continue;
      }
      if (!(top.gain > 0)) break;
      picked.push_back(top.at);
      chosen.push_back(offered[top.at]);
      gain = HypervolumeGain(chosen, reference_, offered.size());
    }
    return picked;
  }

 private:
  Point reference_;
};

}  // namespace

KnownChoice::KnownChoice(Archive& archive, const SearchOptions& options) : archive_(archive), options_(options) {
  const std::vector<bool> free = archive.problem().free_objectives();
  all_free_ = !free.empty() && std::find(free.begin(), free.end(), false) == free.end();
}

bool KnownChoice::applies() {
  if (!all_free_ || learns_) return false;
  const std::vector<Individual>& told = archive_.all();
  std::vector<Genotype> missing;
  std::vector<double> missed;
  for (; looked_at_ < told.size(); ++looked_at_) {
    const Evaluation& evaluation = told[looked_at_].evaluation;
    if (!(evaluation.violation > kLeastMissed) || !can_be(evaluation)) continue;
    missing.push_back(told[looked_at_].genotype);
    missed.push_back(evaluation.violation);
  }
  if (missing.empty()) return true;
  const std::vector<Evaluation> known = archive_.problem().known_beforehand(missing);
  for (std::size_t i = 0; i < known.size(); ++i) learns_ = learns_ || missed[i] - known[i].violation > kLeastMissed;
  return !learns_;
}

std::size_t KnownChoice::batch_size() const {
  return static_cast<std::size_t>(options_.batch > 0 ? options_.batch : options_.population);
}

std::vector<Genotype> KnownChoice::choose(Random& random) { return whole() ? of_whole() : children(random); }

std::vector<Genotype> KnownChoice::of_whole() {
  if (space_.empty()) {
    const std::vector<Genotype> all = archive_.enumerate();
    const std::vector<Evaluation> known = archive_.problem().known_beforehand(all);
    for (std::size_t i = 0; i < all.size(); ++i) space_.push_back({all[i], known[i]});
    // Of candidates that tie the plainest is asked for first.
    std::stable_sort(space_.begin(), space_.end(), [](const Individual& a, const Individual& b) {
      return changed(a.genotype) < changed(b.genotype);
    });
  }
  // What was told counts as it turned out, for some that were promising cannot be.
  std::map<Genotype, const Evaluation*> told;
  for (const Individual& individual : archive_.all()) told[individual.genotype] = &individual.evaluation;
  std::vector<Evaluation> evaluations;
  std::vector<bool> open;
  for (const Individual& individual : space_) {
    const auto found = told.find(individual.genotype);
    open.push_back(found == told.end());
    evaluations.push_back(found == told.end() ? individual.evaluation : *found->second);
  }
  std::vector<Point> front, chosen, offered;
  std::vector<std::size_t> offered_at;
  for (const std::size_t i : pareto_front(evaluations)) {
    if (evaluations[i].violation > 0 || !can_be(evaluations[i])) continue;
    front.push_back(evaluations[i].objectives);
    (open[i] ? offered : chosen).push_back(evaluations[i].objectives);
    if (open[i]) offered_at.push_back(i);
  }
  std::vector<Genotype> batch;
  if (!offered.empty()) {
    for (const std::size_t at : Picker(front).pick(chosen, offered, batch_size())) {
      archive_.offer(batch, space_[offered_at[at]].genotype);
    }
  }
  // The rest of the front, which ties with or is crowded by what was chosen, then whatever misses limits by the least
  // and is the best on the whole.
  std::vector<bool> on_front(space_.size(), false);
  for (const std::size_t i : offered_at) on_front[i] = true;
  if (batch.size() >= batch_size()) return batch;
  const std::vector<double> sums = sums_of(space_);
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < space_.size(); ++i) {
    if (open[i]) rest.push_back(i);
  }
  std::stable_sort(rest.begin(), rest.end(), [&](std::size_t a, std::size_t b) {
    if (on_front[a] != on_front[b]) return static_cast<bool>(on_front[a]);
    if (evaluations[a].violation != evaluations[b].violation)
      return evaluations[a].violation < evaluations[b].violation;
    return sums[a] < sums[b];
  });
  for (std::size_t i = 0; i < rest.size() && batch.size() < batch_size(); ++i) {
    archive_.offer(batch, space_[rest[i]].genotype);
  }
  return batch;
}

// The best of everything told, selected each time that so many have been added: it depends on the order in which they
// were told alone, so a search that goes on from its state has the same.
std::vector<Ranked> KnownChoice::population() {
  const std::vector<Individual>& all = archive_.all();
  const auto size = static_cast<std::size_t>(options_.population);
  const auto with = [&](std::size_t end) {
    std::vector<std::size_t> candidates;
    for (const Ranked& ranked : selected_) candidates.push_back(ranked.member);
    for (std::size_t i = selected_of_; i < end; ++i) candidates.push_back(i);
    return select_population(all, candidates, size);
  };
  while (selected_of_ + kSelectedAfter <= all.size()) {
    selected_ = with(selected_of_ + kSelectedAfter);
    selected_of_ += kSelectedAfter;
  }
  return selected_of_ == all.size() ? selected_ : with(all.size());
}

std::vector<Genotype> KnownChoice::children(Random& random) {
  const std::vector<Ranked> parents = population();
  const auto parent = [&]() -> const Genotype& { return archive_.all()[tournament(parents, random)].genotype; };
  std::vector<Genotype> drawn;
  while (drawn.size() < 2 * batch_size() && !archive_.exhausted()) {
    Genotype child = parent();
    if (random.chance(options_.crossover)) archive_.cross(child, parent(), random);
    archive_.mutate(child, random);
    archive_.offer_new(drawn, std::move(child), random);
  }
  const std::vector<Evaluation> known = archive_.problem().known_beforehand(drawn);
  std::vector<Individual> individuals;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    individuals.push_back({drawn[i], known[i]});
    all.push_back(i);
  }
  std::vector<Genotype> batch;
  for (const Ranked& ranked : select_population(individuals, all, batch_size())) batch.push_back(drawn[ranked.member]);
  return batch;
}

}  // namespace lanewise::nas
