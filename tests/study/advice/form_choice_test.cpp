// SPDX-License-Identifier: Apache-2.0
#include "study/advice/form_choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

// The best sum of gains of all sets there are.
double best_of_all(const std::vector<FormChoice>& choices, double room, std::size_t groups, std::size_t group = 0,
                   double loss = 0, double gain = 0) {
  if (loss > room) return -1;
  if (group == groups) return gain;
  double best = best_of_all(choices, room, groups, group + 1, loss, gain);
  for (const FormChoice& choice : choices) {
    if (choice.group != group) continue;
    best = std::max(best, best_of_all(choices, room, groups, group + 1, loss + choice.loss, gain + choice.gain));
  }
  return best;
}

std::vector<FormChoice> drawn(Random& random, std::size_t groups, std::size_t most) {
  std::vector<FormChoice> choices;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t count = random.below(most + 1);
    for (std::size_t i = 0; i < count; ++i) {
      // Quarters: sums are exact, and ties happen. Some cost, some lose nothing.
      const double gain = static_cast<double>(random.below(24)) / 4 - 1,
                   loss = static_cast<double>(random.below(12)) / 4;
      choices.push_back({g, gain, loss});
    }
  }
  return choices;
}

void expect_allowed(const std::vector<FormChoice>& choices, const ChosenForms& chosen, double room) {
  double gain = 0, loss = 0;
  std::vector<std::size_t> groups;
  for (const std::size_t i : chosen.taken) {
    gain += choices[i].gain;
    loss += choices[i].loss;
    groups.push_back(choices[i].group);
  }
  std::sort(groups.begin(), groups.end());
  EXPECT_EQ(std::adjacent_find(groups.begin(), groups.end()), groups.end());
  EXPECT_NEAR(gain, chosen.gain, 1e-9);
  EXPECT_NEAR(loss, chosen.loss, 1e-9);
  EXPECT_LE(chosen.loss, room);
}

TEST(FormChoice, is_the_best_of_all_sets) {
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    const std::vector<FormChoice> choices = drawn(random, 6, 4);
    const double room = static_cast<double>(random.below(30)) / 4;
    const ChosenForms chosen = choose_forms(choices, room);
    expect_allowed(choices, chosen, room);
    EXPECT_EQ(chosen.gain, best_of_all(choices, room, 6)) << i;
    EXPECT_EQ(chosen.bound, chosen.gain);
  }
}

TEST(FormChoice, says_how_far_it_may_be_from_the_best_where_it_cannot_keep_all_sets) {
  Random random(12);
  int inexact = 0;
  for (int i = 0; i < 200; ++i) {
    const std::vector<FormChoice> choices = drawn(random, 7, 3);
    const double room = static_cast<double>(random.below(30)) / 4 + 1;
    const ChosenForms chosen = choose_forms(choices, room, 4);
    expect_allowed(choices, chosen, room);
    const double best = best_of_all(choices, room, 7);
    EXPECT_LE(chosen.gain, best);
    EXPECT_GE(chosen.bound, best - 1e-9);
    inexact += chosen.bound > chosen.gain ? 1 : 0;
  }
  EXPECT_GT(inexact, 20);
}

TEST(FormChoice, takes_what_costs_nothing_and_nothing_that_gains_nothing) {
  const ChosenForms chosen = choose_forms({{0, 1, 0}, {0, 2, 0.5}, {1, -1, 0}, {2, 0, 0}, {3, 3, 0}}, 0);
  EXPECT_EQ(chosen.taken, (std::vector<std::size_t>{0, 4}));
  EXPECT_EQ(chosen.gain, 4);
  EXPECT_TRUE(choose_forms({}, 1).taken.empty());
}

}  // namespace
}  // namespace lanewise::study
