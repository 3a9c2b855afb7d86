// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/successive_halving.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::nas {
namespace {

using Indices = std::vector<std::size_t>;

// An oracle that counts what it is asked.
struct Oracle {
  std::vector<Evaluation> truth;
  std::vector<Indices> asked;

  Rung rung(const std::string& name, std::size_t size) {
    return {name, size, [this](const Indices& candidates) {
              asked.push_back(candidates);
              std::vector<Evaluation> out;
              for (const std::size_t i : candidates) out.push_back(truth[i]);
              return out;
            }};
  }
};

double share(Random& random) { return static_cast<double>(random.below(1'000'000)) / 1e6; }

// One objective, in an order that no index knows.
std::vector<Evaluation> shuffled(std::size_t count, double scale) {
  std::vector<Evaluation> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back({{scale * static_cast<double>((i * 37 + 11) % count)}, 0});
  return all;
}

TEST(SuccessiveHalving, the_best_survives_where_the_oracles_agree_in_rank) {
  constexpr std::size_t kCount = 64;
  Oracle cheap{shuffled(kCount, 1), {}}, middle{shuffled(kCount, 10), {}}, dear{shuffled(kCount, 100), {}};
  const SuccessiveHalving halving(
      {cheap.rung("estimator", 64), middle.rung("simulation", 16), dear.rung("program", 4)});
  const HalvingResult result = halving.run(kCount);
  ASSERT_EQ(result.candidates.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(result.evaluations[i].objectives[0], 100.0 * static_cast<double>(i));  // exactly the four best, in order
    EXPECT_EQ(dear.truth[result.candidates[i]].objectives[0], 100.0 * static_cast<double>(i));
  }
}

TEST(SuccessiveHalving, every_rung_is_asked_once_about_exactly_as_many_as_it_has_room_for) {
  Oracle cheap{shuffled(100, 1), {}}, middle{shuffled(100, 1), {}}, dear{shuffled(100, 1), {}};
  cheap.truth[3].violation = 1;
  const HalvingResult result =
      SuccessiveHalving({cheap.rung("a", 64), middle.rung("b", 16), dear.rung("c", 4)}).run(100);
  ASSERT_EQ(cheap.asked.size(), 1u);
  ASSERT_EQ(middle.asked.size(), 1u);
  ASSERT_EQ(dear.asked.size(), 1u);
  EXPECT_EQ(cheap.asked[0].size(), 64u);
  EXPECT_EQ(middle.asked[0].size(), 16u);
  EXPECT_EQ(dear.asked[0].size(), 4u);
  ASSERT_EQ(result.rungs.size(), 3u);
  EXPECT_EQ(result.rungs[0].entered, 64);
  EXPECT_EQ(result.rungs[0].left_out, 36);
  EXPECT_EQ(result.rungs[0].infeasible, 1);
  EXPECT_EQ(result.rungs[1].entered, 16);
  EXPECT_EQ(result.rungs[1].left_out, 48);
  EXPECT_EQ(result.rungs[2].entered, 4);
  EXPECT_EQ(result.rungs[2].left_out, 12);
}

TEST(SuccessiveHalving, fewer_candidates_than_room_all_reach_the_end) {
  Oracle cheap{shuffled(3, 1), {}}, dear{shuffled(3, -1), {}};
  const HalvingResult result = SuccessiveHalving({cheap.rung("a", 64), dear.rung("b", 16)}).run(3);
  EXPECT_EQ(result.candidates.size(), 3u);
  EXPECT_EQ(result.rungs[1].left_out, 0);
  EXPECT_EQ(result.evaluations[0].objectives[0], -2);  // the last rung has the last word
  const HalvingResult none = SuccessiveHalving({cheap.rung("a", 64)}).run(0);
  EXPECT_TRUE(none.candidates.empty());
  EXPECT_EQ(none.rungs[0].entered, 0);
  EXPECT_EQ(cheap.asked.size(), 1u);
}

TEST(SuccessiveHalving, infeasible_ones_go_first_and_the_least_violating_stay) {
  Oracle cheap{{{{1}, 2}, {{9}, 0}, {{2}, 1}, {{8}, 0}}, {}};
  Oracle dear = cheap;
  const HalvingResult result = SuccessiveHalving({cheap.rung("a", 4), dear.rung("b", 3)}).run(4);
  EXPECT_EQ(result.candidates, (Indices{3, 1, 2}));
}

TEST(BestOf, keeps_the_front_and_of_a_front_its_extent) {
  // A front of five on a line, of which the middle is crowded, and a dominated one.
  const std::vector<Evaluation> all = {{{0, 10}, 0}, {{5, 5}, 0}, {{5.1, 4.9}, 0},
                                       {{10, 0}, 0}, {{2, 8}, 0}, {{9, 9}, 0}};
  EXPECT_EQ(best_of(all, 6).back(), 5u);
  Indices three = best_of(all, 3);
  std::sort(three.begin(), three.end());
  EXPECT_EQ(three[0], 0u);
  EXPECT_EQ(three.back() == 3u || three[1] == 3u, true);
  EXPECT_EQ(best_of(all, 0), Indices{});
}

TEST(SuccessiveHalving, of_noise_a_larger_first_rung_loses_the_best_less_often) {
  const auto found = [](std::size_t kept) {
    int hits = 0;
    Random random(7);
    for (int trial = 0; trial < 300; ++trial) {
      std::vector<Evaluation> noisy, truth;
      for (int i = 0; i < 64; ++i) {
        const double value = share(random);
        truth.push_back({{value}, 0});
        noisy.push_back({{value + 0.2 * share(random)}, 0});
      }
      Oracle cheap{noisy, {}}, dear{truth, {}};
      const HalvingResult result = SuccessiveHalving({cheap.rung("a", 64), dear.rung("b", kept)}).run(64);
      const auto best = std::min_element(truth.begin(), truth.end(), [](const Evaluation& a, const Evaluation& b) {
        return a.objectives < b.objectives;
      });
      hits += result.candidates.front() == static_cast<std::size_t>(best - truth.begin()) ? 1 : 0;
    }
    return hits;
  };
  const int one = found(1), four = found(4), all = found(64);
  EXPECT_LT(one, four);
  EXPECT_LT(four, all);
  EXPECT_EQ(all, 300);
}

TEST(HalvingSizes, keep_one_in_eta) {
  EXPECT_EQ(halving_sizes(64, 4, 3), (Indices{64, 16, 4}));
  EXPECT_EQ(halving_sizes(10, 3, 4), (Indices{10, 3, 1, 1}));
  EXPECT_EQ(halving_sizes(27, 3, 4), (Indices{27, 9, 3, 1}));
  EXPECT_THROW(halving_sizes(0, 4, 3), Error);
  EXPECT_THROW(halving_sizes(8, 1, 3), Error);
  EXPECT_THROW(halving_sizes(8, NAN, 3), Error);
  EXPECT_THROW(halving_sizes(8, 2, 0), Error);
}

TEST(HalvingSizes, are_read_and_refused_in_one_line) {
  EXPECT_EQ(parse_halving("64,16,4"), (Indices{64, 16, 4}));
  EXPECT_EQ(parse_halving(" 8 , 8 "), (Indices{8, 8}));
  const auto refusal = [](const std::string& text) {
    try {
      parse_halving(text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  const std::string rule = ": must be how many candidates each oracle judges, as in 64,16,4";
  EXPECT_EQ(refusal(""), "halving '': a whole number is missing" + rule);
  EXPECT_EQ(refusal("64,,4"), "halving '64,,4': a whole number is missing" + rule);
  EXPECT_EQ(refusal("64,-4"), "halving '64,-4': a whole number is missing" + rule);
  EXPECT_EQ(refusal("4,16"), "halving '4,16': 16 is more than the 4 before it" + rule);
  EXPECT_EQ(refusal("4,0"), "halving '4,0': 0 judges none" + rule);
  EXPECT_EQ(refusal("4 2"), "halving '4 2': numbers stand between commas" + rule);
}

TEST(SuccessiveHalving, rungs_that_cannot_be_are_refused) {
  Oracle oracle;
  EXPECT_THROW(SuccessiveHalving({}), Error);
  EXPECT_THROW(SuccessiveHalving({oracle.rung("a", 0)}), Error);
  EXPECT_THROW(SuccessiveHalving({oracle.rung("a", 4), oracle.rung("b", 5)}), Error);
}

}  // namespace
}  // namespace lanewise::nas
