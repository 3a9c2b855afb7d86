// SPDX-License-Identifier: Apache-2.0
#include "study/advice/form_choice.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

constexpr std::size_t kNoChoice = static_cast<std::size_t>(-1);

// A set of choices among the groups so far.
struct Set {
  double loss = 0, gain = 0;
  std::size_t before = 0;  // the set among the groups before, by its place
  std::size_t choice = kNoChoice;
};

// By loss, then the larger gain first, then in the order in which they were made, so that ties are decided alike.
bool goes_first(const Set& a, const Set& b) { return a.loss != b.loss ? a.loss < b.loss : a.gain > b.gain; }

// Leaves those that no other has both more gain and less loss than.
std::vector<Set> undominated(std::vector<Set> sets) {
  std::stable_sort(sets.begin(), sets.end(), goes_first);
  std::vector<Set> out;
  for (const Set& set : sets) {
    if (out.empty() || set.gain > out.back().gain) out.push_back(set);
  }
  return out;
}

// Of all sets whose loss lies in the same of `most` equal steps up to `most_loss` the one with the most gain. The first
// has no loss to speak of, so that the set of nothing stays.
std::vector<Set> thinned(const std::vector<Set>& sets, double most_loss, std::size_t most) {
  std::vector<Set> out;
  double step = -1;
  for (const Set& set : sets) {
    const double now = std::floor(set.loss / most_loss * static_cast<double>(most));
    // Gains ascend with losses, so that the last of a step is its best.
    if (now == step && out.size() > 1) {
      out.back() = set;
    } else {
      out.push_back(set);
    }
    step = now;
  }
  return out;
}

using Groups = std::vector<std::vector<std::size_t>>;

// What a multiplier on the loss says that no set can gain more than; convex in it.
double bound_at(const std::vector<FormChoice>& choices, const Groups& groups, double most_loss, double multiplier) {
  double bound = multiplier * most_loss;
  for (const auto& group : groups) {
    double best = 0;
    for (const std::size_t i : group) best = std::max(best, choices[i].gain - multiplier * choices[i].loss);
    bound += best;
  }
  return bound;
}

double least_bound(const std::vector<FormChoice>& choices, const Groups& groups, double most_loss) {
  double high = 0;
  for (const FormChoice& choice : choices) {
    if (choice.loss > 0) high = std::max(high, choice.gain / choice.loss);
  }
  double low = 0;
  constexpr int kSteps = 200;
  for (int step = 0; step < kSteps; ++step) {
    const double a = low + (high - low) / 3, b = high - (high - low) / 3;
    (bound_at(choices, groups, most_loss, a) < bound_at(choices, groups, most_loss, b) ? high : low) =
        bound_at(choices, groups, most_loss, a) < bound_at(choices, groups, most_loss, b) ? b : a;
  }
  return bound_at(choices, groups, most_loss, (low + high) / 2);
}

}  // namespace

ChosenForms choose_forms(const std::vector<FormChoice>& choices, double most_loss, std::size_t most_sets) {
  std::map<std::size_t, std::size_t> place;
  Groups groups;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!(choices[i].loss >= 0)) throw InternalError("a form with a negative loss");
    const auto [found, is_new] = place.emplace(choices[i].group, groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(i);
  }
  std::vector<std::vector<Set>> all = {{Set{}}};
  bool exact = true;
  for (const auto& group : groups) {
    const std::vector<Set>& before = all.back();
    std::vector<Set> sets;
    for (std::size_t s = 0; s < before.size(); ++s) {
      sets.push_back({before[s].loss, before[s].gain, s, kNoChoice});
      for (const std::size_t i : group) {
        const double loss = before[s].loss + choices[i].loss;
        if (choices[i].gain > 0 && loss <= most_loss) sets.push_back({loss, before[s].gain + choices[i].gain, s, i});
      }
    }
    sets = undominated(std::move(sets));
    if (sets.size() > most_sets) {
      exact = false;
      sets = thinned(sets, most_loss, most_sets);
    }
    all.push_back(std::move(sets));
  }
  ChosenForms out;
  std::size_t at = all.back().size() - 1;  // gains ascend
  out.gain = all.back()[at].gain;
  out.loss = all.back()[at].loss;
  for (std::size_t g = groups.size(); g > 0; --g) {
    const Set& set = all[g][at];
    if (set.choice != kNoChoice) out.taken.push_back(set.choice);
    at = set.before;
  }
  std::sort(out.taken.begin(), out.taken.end());
  out.bound = exact ? out.gain : std::max(out.gain, least_bound(choices, groups, most_loss));
  return out;
}

}  // namespace lanewise::study
