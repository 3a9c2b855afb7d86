// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/keep_bound.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace lanewise::mapping {
namespace {

constexpr std::size_t kMostAlive = 7;  // tensors at once; all sets of them are looked at
constexpr std::size_t kMostStates = std::size_t{1} << kMostAlive;

// The best that is known of a set of tensors that are kept now, one bit each.
struct State {
  std::int64_t saved = -1;  // -1: the set has no room
  std::int64_t bank_subgraphs = 0;

  bool operator<(const State& other) const {
    return saved != other.saved ? saved < other.saved : bank_subgraphs > other.bank_subgraphs;
  }
};

class Walk {
 public:
  explicit Walk(const std::vector<std::int64_t>& room) : room_(room) { states_[0].saved = 0; }

  // False where too many tensors live at once.
  bool add(const Lifetime& life) {
    for (std::size_t i = alive_; i-- > 0;) {
      if (lives_[i]->last_subgraph < life.first_subgraph) forget(i);
    }
    if (alive_ == kMostAlive) return false;
    const std::size_t mine = std::size_t{1} << alive_;
    const auto subgraphs = static_cast<std::int64_t>(life.last_subgraph - life.first_subgraph) + 1;
    for (std::size_t set = 0; set < mine; ++set) {
      State& with = states_[set | mine];
      with.saved = -1;
      if (states_[set].saved < 0 || !fits(set, life)) continue;
      with = {states_[set].saved + life.saved_bytes, states_[set].bank_subgraphs + life.banks * subgraphs};
    }
    lives_[alive_++] = &life;
    return true;
  }

  KeepBound best() const {
    const State& most = *std::max_element(states_.begin(), states_.begin() + (std::ptrdiff_t{1} << alive_));
    return {most.saved, most.bank_subgraphs};
  }

 private:
  bool fits(std::size_t set, const Lifetime& life) const {
    for (std::size_t at = life.first_subgraph; at <= life.last_subgraph; ++at) {
      std::int64_t banks = life.banks;
      for (std::size_t i = 0; i < alive_; ++i) {
        if ((set >> i & 1) != 0 && lives_[i]->last_subgraph >= at) banks += lives_[i]->banks;
      }
      if (banks > room_[at]) return false;
    }
    return true;
  }

  // Sets that differ in tensor i alone become one, the better of them.
  void forget(std::size_t i) {
    const std::size_t bit = std::size_t{1} << i, below = bit - 1;
    for (std::size_t set = 0; set < std::size_t{1} << (alive_ - 1); ++set) {
      const std::size_t wide = (set & below) | ((set & ~below) << 1);
      states_[set] = std::max(states_[wide], states_[wide | bit]);  // neither lies below `set`
    }
    std::copy(lives_.begin() + static_cast<std::ptrdiff_t>(i) + 1, lives_.begin() + static_cast<std::ptrdiff_t>(alive_),
              lives_.begin() + static_cast<std::ptrdiff_t>(i));
    --alive_;
  }

  const std::vector<std::int64_t>& room_;
  std::array<const Lifetime*, kMostAlive> lives_{};
  std::size_t alive_ = 0;
  std::array<State, kMostStates> states_{};
};

}  // namespace

std::optional<KeepBound> keep_bound(const std::vector<Lifetime>& lifetimes, const std::vector<bool>& possible,
                                    const std::vector<std::int64_t>& room) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    if (possible[i]) order.push_back(i);
  }
  const auto by_start = [&](std::size_t a, std::size_t b) {
    return lifetimes[a].first_subgraph < lifetimes[b].first_subgraph;
  };
  if (!std::is_sorted(order.begin(), order.end(), by_start)) std::stable_sort(order.begin(), order.end(), by_start);
  Walk walk(room);
  for (const std::size_t i : order) {
    if (!walk.add(lifetimes[i])) return std::nullopt;
  }
  return walk.best();
}

}  // namespace lanewise::mapping
