// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/allocator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/keep_bound.hpp"

namespace lanewise::mapping {
namespace {

using Order = std::vector<std::size_t>;  // of bundles

bool overlap(const Lifetime& a, const Lifetime& b) {
  return a.first_subgraph <= b.last_subgraph && b.first_subgraph <= a.last_subgraph;
}

std::int64_t subgraphs_of(const Lifetime& life) {
  return static_cast<std::int64_t>(life.last_subgraph - life.first_subgraph) + 1;
}

// Where in the holes a tensor goes: the first from below; the smallest that takes it; from both ends in turn, as the
// tensors are written (what a chain of subgraphs needs); from above what lives long, or what does not.
enum class Fit { kFirst, kBest, kAlternate, kLongAbove, kShortAbove };
constexpr std::array<Fit, 5> kFits{Fit::kFirst, Fit::kBest, Fit::kAlternate, Fit::kLongAbove, Fit::kShortAbove};
constexpr std::int64_t kLongLife = 3;  // subgraphs: more than from one subgraph to the next

// Greedy runs after which bringing back what was left out stops: a bound on the time. More than twice as many save
// nothing more on the shipped networks.
constexpr int kMostRuns = 400;

// What bounds the time and the memory for networks of many tensors that live long: pairs of lifetimes that overlap
// among those considered, and how many of them all runs together look at. The shipped networks have a hundredth of
// either.
constexpr std::int64_t kMostPairs = 1'000'000;
constexpr std::int64_t kMostLooks = 300'000'000;

constexpr std::int64_t kWord = 64;  // bits

// Lists of numbers, one after the other in memory.
class Lists {
 public:
  struct List {
    const std::size_t *first = nullptr, *last = nullptr;
    const std::size_t* begin() const { return first; }
    const std::size_t* end() const { return last; }
    std::size_t size() const { return static_cast<std::size_t>(last - first); }
    std::size_t front() const { return *first; }
  };

  Lists() = default;
  // Entry i belongs to list whose[i]: i itself, or values[i].
  Lists(const std::vector<std::size_t>& whose, std::size_t lists, const std::vector<std::size_t>* values = nullptr)
      : ends_(lists + 1, 0), entries_(whose.size()) {
    for (const std::size_t list : whose) ++ends_[list + 1];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    std::vector<std::size_t> next(ends_.begin(), ends_.end() - 1);
    for (std::size_t i = 0; i < whose.size(); ++i) entries_[next[whose[i]]++] = values == nullptr ? i : (*values)[i];
  }
  std::size_t size() const { return ends_.empty() ? 0 : ends_.size() - 1; }
  List operator[](std::size_t list) const { return {entries_.data() + ends_[list], entries_.data() + ends_[list + 1]}; }

 private:
  std::vector<std::size_t> ends_;  // end of the list before
  std::vector<std::size_t> entries_;
};

class Allocator {
 public:
  Allocator(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room)
      : lives_(lifetimes), room_(room) {
    gather_bundles();
    find_limits();
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      spread_.push_back(sum_of(b, [](const Lifetime& life) { return life.banks * subgraphs_of(life); }));
    }
    choose_considered();
    find_neighbours();
    order_of_writing();
    narrow_ = std::all_of(limit_.begin(), limit_.end(), [](std::int64_t banks) { return banks <= kWord; });
    if (narrow_) find_narrow_lives();
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      worth_.push_back(sum_of(b, [](const Lifetime& life) { return life.saved_bytes; }));
      if (!considered_[b] || !fits_alone(b)) continue;
      possible_.push_back(b);
      most_ += worth_.back();
      all_save_ = all_save_ && worth_.back() > 0;
    }
  }

  Allocation run() {
    best_.first_bank.assign(lives_.size(), -1);
    best_.kept.assign(bundles_.size(), false);
    best_.left_out = possible_.size();
    for (int number = 0; number < kOrders; ++number) {
      if (is_unbeatable() || (runs_ > 0 && runs_ * looks_of_a_run_ > kMostLooks)) break;
      try_fits(order_by(number));
    }
    improve();
    return answer();
  }

 private:
  struct Packing {
    std::vector<std::int64_t> first_bank;  // by lifetime, -1: not kept
    std::vector<std::uint64_t> words;      // by lifetime, where rooms are narrow: its banks as bits, 0: not kept
    std::vector<bool> kept;                // by bundle
    std::size_t left_out = 0;              // possible bundles
    std::int64_t saved = 0;
    std::int64_t bank_subgraphs = 0;  // occupied banks summed over subgraphs: less leaves more to streaming
    Order order;
  };
  // What all ways to fit make of an order, as words by lifetime. Of the next order only what comes after others than
  // here, or where they lie elsewhere, has to be placed anew.
  struct Trial {
    std::uint64_t signature = 0;
    bool complete = false;
    std::uint64_t* words = nullptr;  // in words_: of each way to fit one after the other
  };
  static constexpr std::size_t kTrials = 8;  // the last ones: orders are tried in turn by three rules
  // What placing reads of a lifetime and of a bundle where rooms are narrow, side by side in memory.
  struct NarrowLife {
    std::uint64_t room = 0;  // the banks of its limit as bits
    std::int64_t banks = 0;
    unsigned above = 0;  // a bit for each way to fit: whether it goes in from above
  };
  struct NarrowBundle {
    std::uint64_t near = 0;  // bundles that it overlaps, as bits
    Lists::List lives;
    std::int64_t saved = 0, bank_subgraphs = 0;
  };

  void gather_bundles() {
    std::map<int, std::size_t> by_name;
    std::vector<std::size_t> bundle_of(lives_.size());
    std::size_t count = 0;
    int last = -1;  // the greatest name so far: mostly names ascend, and need no search
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      if (lives_[i].last_subgraph >= room_.size() || lives_[i].first_subgraph > lives_[i].last_subgraph ||
          lives_[i].banks < 1) {
        throw InternalError(fmt::format("allocator: lifetime {} lies outside of {} passes", i, room_.size()));
      }
      bundle_of[i] = count;
      if (lives_[i].bundle > last) {
        last = lives_[i].bundle;
      } else if (lives_[i].bundle >= 0) {
        if (by_name.empty()) {
          for (std::size_t k = 0; k < i; ++k) by_name.emplace(lives_[k].bundle, bundle_of[k]);
        }
        const auto found = by_name.find(lives_[i].bundle);
        if (found != by_name.end()) bundle_of[i] = found->second;
      }
      if (!by_name.empty()) by_name.emplace(lives_[i].bundle, bundle_of[i]);
      if (bundle_of[i] == count) ++count;
    }
    bundles_ = Lists(bundle_of, count);
  }

  void find_limits() {
    for (const Lifetime& life : lives_) {
      const auto begin = room_.begin() + static_cast<std::ptrdiff_t>(life.first_subgraph);
      limit_.push_back(*std::min_element(begin, begin + subgraphs_of(life)));
    }
  }

  // The bundles that save most for the room that they take, as many as kMostPairs allows.
  void choose_considered() {
    // Where even all pairs are few there is nothing to count.
    const auto most = static_cast<std::int64_t>(std::min(lives_.size(), std::size_t{1} << 20));
    considered_.assign(bundles_.size(), most * (most - 1) / 2 <= kMostPairs);
    if (most * (most - 1) / 2 <= kMostPairs) return;
    Order all(bundles_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const Order by_density = sorted(std::move(all), [&](std::size_t b) {
      return -static_cast<double>(sum_of(b, [](const Lifetime& life) { return life.saved_bytes; })) /
             static_cast<double>(bank_subgraphs(b));
    });
    std::vector<std::size_t> chosen;
    std::int64_t pairs = 0;
    for (const std::size_t bundle : by_density) {
      for (const std::size_t life : bundles_[bundle]) {
        pairs += std::count_if(chosen.begin(), chosen.end(),
                               [&](std::size_t other) { return overlap(lives_[life], lives_[other]); });
        chosen.push_back(life);
      }
      if (pairs > kMostPairs) return;
      considered_[bundle] = true;
    }
  }

  // In the order in which lives begin, beside those that have not ended by then.
  void find_neighbours() {
    std::vector<std::size_t> begun, whose, neighbours;
    begun.reserve(lives_.size());
    whose.reserve(8 * lives_.size());
    neighbours.reserve(8 * lives_.size());
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      if (!considered_[b]) continue;
      for (const std::size_t life : bundles_[b]) begun.push_back(life);
    }
    std::sort(begun.begin(), begun.end());
    sort_by_start(begun);
    std::vector<std::size_t> alive;
    for (const std::size_t i : begun) {
      alive.erase(std::remove_if(alive.begin(), alive.end(),
                                 [&](std::size_t j) { return lives_[j].last_subgraph < lives_[i].first_subgraph; }),
                  alive.end());
      for (const std::size_t j : alive) {
        if (!overlap(lives_[i], lives_[j])) continue;
        whose.push_back(i);
        whose.push_back(j);
        neighbours.push_back(j);
        neighbours.push_back(i);
        looks_of_a_run_ += 2;
      }
      alive.push_back(i);
    }
    neighbours_ = Lists(whose, lives_.size(), &neighbours);
  }

  void sort_by_start(std::vector<std::size_t>& lives) const {
    const auto earlier = [&](std::size_t a, std::size_t b) {
      return lives_[a].first_subgraph < lives_[b].first_subgraph;
    };
    if (!std::is_sorted(lives.begin(), lives.end(), earlier)) std::stable_sort(lives.begin(), lives.end(), earlier);
  }

  // Whether the work that is bounded is done; at least one run is made.
  bool is_exhausted() const { return runs_ >= kMostRuns || (runs_ > 0 && runs_ * looks_of_a_run_ > kMostLooks); }

  void order_of_writing() {
    std::vector<std::size_t> written(lives_.size());
    std::iota(written.begin(), written.end(), std::size_t{0});
    sort_by_start(written);
    odd_.resize(lives_.size());
    for (std::size_t i = 0; i < written.size(); ++i) odd_[written[i]] = i % 2 == 1;
  }

  void find_narrow_lives() {
    narrow_lives_.resize(lives_.size());
    for (std::size_t life = 0; life < lives_.size(); ++life) {
      narrow_lives_[life] = {ones(limit_[life]), lives_[life].banks, 0};
      for (const Fit fit : kFits) {
        if (from_above(life, fit)) narrow_lives_[life].above |= 1U << static_cast<unsigned>(fit);
      }
    }
  }

  bool all_kept() const { return best_.left_out == 0; }

  void find_bound() {
    std::vector<bool> possible(lives_.size(), false);
    for (const std::size_t b : possible_) {
      for (const std::size_t life : bundles_[b]) possible[life] = true;
    }
    bound_ = keep_bound(lives_, possible, room_);
  }

  // Whether no packing can take the place of the best so far.
  bool is_unbeatable() const { return meets_bound() || all_kept(); }
  bool meets_bound() const {
    return bound_ && best_.saved == bound_->saved_bytes && best_.bank_subgraphs == bound_->bank_subgraphs;
  }

  bool fits_alone(std::size_t bundle) {
    const Lists::List members = bundles_[bundle];
    if (members.size() == 1) return lives_[members.front()].banks <= limit_[members.front()];
    for (const Fit fit : kFits) {
      Packing empty;
      clear(empty);
      if (place(bundle, fit, empty)) return true;
    }
    return false;
  }

  bool from_above(std::size_t life, Fit fit) const {
    const bool lives_long = subgraphs_of(lives_[life]) >= kLongLife;
    return (fit == Fit::kAlternate && odd_[life]) || (fit == Fit::kLongAbove && lives_long) ||
           (fit == Fit::kShortAbove && !lives_long);
  }

  void clear(Packing& packing) const {
    packing.first_bank.assign(lives_.size(), -1);
    if (narrow_) packing.words.assign(lives_.size(), 0);
  }

  static std::uint64_t ones(std::int64_t count) {
    return count >= kWord ? ~std::uint64_t{0} : (std::uint64_t{1} << std::max<std::int64_t>(count, 0)) - 1;
  }

  // find_hole() where the banks of a subgraph are the bits of a word.
  std::int64_t find_narrow_hole(std::size_t life, Fit fit, const std::uint64_t* words) const {
    std::uint64_t taken = 0;
    for (const std::size_t other : neighbours_[life]) taken |= words[other];
    const NarrowLife& narrow = narrow_lives_[life];
    const std::uint64_t free = narrow.room & ~taken;
    // Afterwards the bits from which on enough banks are free.
    std::uint64_t starts = free;
    for (std::int64_t left = narrow.banks - 1, run = 1; left > 0 && starts != 0; run *= 2) {
      const std::int64_t step = std::min(left, run);
      starts = step >= kWord ? 0 : starts & (starts >> step);
      left -= step;
    }
    if (starts == 0) return -1;
    if ((narrow.above >> static_cast<unsigned>(fit) & 1U) != 0) return kWord - 1 - __builtin_clzll(starts);
    if (fit != Fit::kBest) return __builtin_ctzll(starts);
    std::int64_t found = -1, smallest = 0;
    while (starts != 0) {
      const std::int64_t begin = __builtin_ctzll(starts);
      const std::uint64_t above = ~(free >> begin);
      const std::int64_t size = above == 0 ? kWord : __builtin_ctzll(above);
      if (found < 0 || size < smallest) {
        found = begin;
        smallest = size;
      }
      starts &= ~ones(std::min(kWord, begin + size));
    }
    return found;
  }

  // The first bank for a tensor among those placed, or -1.
  std::int64_t find_hole(std::size_t life, Fit fit, const Packing& packing) {
    if (narrow_) return find_narrow_hole(life, fit, packing.words.data());
    taken_.clear();
    for (const std::size_t other : neighbours_[life]) {
      const std::int64_t at = packing.first_bank[other];
      if (at >= 0) taken_.emplace_back(at, at + lives_[other].banks);
    }
    std::sort(taken_.begin(), taken_.end());
    const std::int64_t banks = lives_[life].banks;
    const bool above = from_above(life, fit);
    std::int64_t found = -1, smallest = 0, begin = 0;
    const auto hole = [&](std::int64_t end) {
      const std::int64_t size = end - begin;
      if (size < banks) return;
      if (above) {
        found = end - banks;
      } else if (found < 0 || (fit == Fit::kBest && size < smallest)) {
        found = begin;
        smallest = size;
      }
    };
    for (const auto& [first, last] : taken_) {
      hole(std::min(first, limit_[life]));
      begin = std::max(begin, last);
    }
    hole(limit_[life]);
    return found;
  }

  bool place(std::size_t bundle, Fit fit, Packing& packing) {
    for (const std::size_t life : bundles_[bundle]) {
      const std::int64_t at = find_hole(life, fit, packing);
      if (at < 0) {
        for (const std::size_t placed : bundles_[bundle]) {
          packing.first_bank[placed] = -1;
          if (narrow_) packing.words[placed] = 0;
        }
        return false;
      }
      packing.first_bank[life] = at;
      if (narrow_) packing.words[life] = ones(lives_[life].banks) << at;
    }
    return true;
  }

  // place() where the banks of a subgraph are the bits of a word.
  void place_narrow(const Lists::List& lives, Fit fit, std::uint64_t* words) const {
    for (const std::size_t life : lives) {
      const std::int64_t at = find_narrow_hole(life, fit, words);
      if (at < 0) {
        for (const std::size_t placed : lives) words[placed] = 0;
        return;
      }
      words[life] = ones(narrow_lives_[life].banks) << at;
    }
  }

  // `order` holds all possible bundles.
  void pack(const Order& order, Fit fit, Packing& packing) {
    clear(packing);
    packing.kept.assign(bundles_.size(), false);
    packing.saved = most_;
    packing.bank_subgraphs = 0;
    packing.left_out = 0;
    for (const std::size_t bundle : order) {
      if (place(bundle, fit, packing)) {
        packing.kept[bundle] = true;
        packing.bank_subgraphs += bank_subgraphs(bundle);
        continue;
      }
      packing.saved -= saved(bundle);
      ++packing.left_out;
      if (packing.saved < best_.saved) break;  // no more than the best any more
    }
  }

  // Whether bundles that overlap have come in the same order before: then each went where it went then, and the best
  // so far is as good. Orders are remembered where pairs that overlap are few enough for the bits of a word.
  bool is_known(const Order& order) {
    if (!lists_pairs_) {
      lists_pairs_ = true;
      find_pairs();
    }
    if (pairs_.size() > static_cast<std::size_t>(kWord)) return false;
    rank_.resize(bundles_.size());
    for (std::size_t i = 0; i < order.size(); ++i) rank_[order[i]] = i;
    std::uint64_t signature = 0;
    for (const auto& [a, b] : pairs_) signature = signature << 1 | static_cast<std::uint64_t>(rank_[a] < rank_[b]);
    signature_ = signature;
    if (std::find(known_.begin(), known_.end(), signature) != known_.end()) return true;
    known_.push_back(signature);
    return false;
  }

  // Of possible bundles that overlap; one more than fit in a word stands for any number.
  void find_pairs() {
    std::vector<std::size_t> bundle_of(lives_.size(), bundles_.size());
    for (const std::size_t b : possible_) {
      for (const std::size_t life : bundles_[b]) bundle_of[life] = b;
    }
    for (std::size_t life = 0; life < lives_.size(); ++life) {
      for (const std::size_t other : neighbours_[life]) {
        if (other <= life || bundle_of[life] == bundles_.size() || bundle_of[other] == bundles_.size()) continue;
        if (bundle_of[life] != bundle_of[other]) pairs_.emplace_back(bundle_of[life], bundle_of[other]);
        if (pairs_.size() > static_cast<std::size_t>(kWord)) return;
      }
    }
    by_difference_ = narrow_ && bundles_.size() <= static_cast<std::size_t>(kWord);
    if (!by_difference_) return;
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      narrow_bundles_[b] = {0, bundles_[b], saved(b), bank_subgraphs(b)};
    }
    for (const auto& [a, b] : pairs_) {
      narrow_bundles_[a].near |= bit(b);
      narrow_bundles_[b].near |= bit(a);
    }
  }

  static std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }

  // The complete trial whose order differs least from the one at hand, or nullptr.
  const Trial* nearest_trial() const {
    const Trial* nearest = nullptr;
    int least = 0;
    for (const Trial& trial : trials_) {
      if (!trial.complete) continue;
      const int apart = __builtin_popcountll(trial.signature ^ signature_);
      if (nearest != nullptr && apart >= least) continue;
      nearest = &trial;
      least = apart;
    }
    return nearest;
  }

  // Bundles that come in another order than in the trial beside one that they overlap.
  std::uint64_t swapped_since(const Trial& trial) const {
    std::uint64_t swapped = 0;
    for (std::uint64_t left = trial.signature ^ signature_; left != 0; left &= left - 1) {
      const auto& [a, b] = pairs_[pairs_.size() - 1 - static_cast<std::size_t>(__builtin_ctzll(left))];
      swapped |= bit(a) | bit(b);
    }
    return swapped;
  }

  // Packs into `words` what pack() would, beginning with what the same way to fit made of an order before, and puts the
  // result's numbers into trial_. `swapped`: see above; all bundles where there is no order before.
  void pack_by_difference(const Order& order, Fit fit, const std::uint64_t* before, std::uint64_t swapped,
                          std::uint64_t* words) {
    std::fill(words, words + lives_.size(), std::uint64_t{0});
    std::int64_t saved = most_, bank_subgraphs = 0;
    std::size_t left_out = 0;
    std::uint64_t moved = 0;
    for (const std::size_t number : order) {
      const NarrowBundle& bundle = narrow_bundles_[number];
      if ((swapped & bit(number)) == 0 && (bundle.near & moved) == 0) {
        for (const std::size_t life : bundle.lives) words[life] = before[life];
      } else {
        place_narrow(bundle.lives, fit, words);
        for (const std::size_t life : bundle.lives) {
          if (before == nullptr || words[life] != before[life]) moved |= bit(number);
        }
      }
      if (words[bundle.lives.front()] != 0) {
        bank_subgraphs += bundle.bank_subgraphs;
      } else {
        saved -= bundle.saved;
        ++left_out;
      }
    }
    trial_.saved = saved;
    trial_.bank_subgraphs = bank_subgraphs;
    trial_.left_out = left_out;
  }

  bool try_by_difference(const Order& order) {
    bool better = false;
    const Trial* const before = nearest_trial();
    const std::uint64_t swapped = before == nullptr ? ~std::uint64_t{0} : swapped_since(*before);
    std::size_t slot = next_trial_;
    if (before == &trials_[slot]) slot = (slot + 1) % kTrials;
    next_trial_ = (slot + 1) % kTrials;
    Trial& trial = trials_[slot];
    trial.complete = false;
    trial.signature = signature_;
    const std::size_t lives = lives_.size();
    if (words_ == nullptr) words_.reset(new std::uint64_t[kTrials * kFits.size() * lives]);
    trial.words = words_.get() + slot * kFits.size() * lives;
    for (std::size_t f = 0; f < kFits.size(); ++f) {
      std::uint64_t* const words = trial.words + f * lives;
      pack_by_difference(order, kFits[f], before == nullptr ? nullptr : before->words + f * lives, swapped, words);
      if (is_better(trial_)) {
        take_words(words);
        trial_.order = order;
        std::swap(best_, trial_);
        better = true;
      }
      if (is_over(better)) return better;
    }
    trial.complete = true;
    return better;
  }

  // The banks and the bundles kept of trial_, from the words of its lifetimes.
  void take_words(const std::uint64_t* words) {
    trial_.first_bank.assign(lives_.size(), -1);
    trial_.kept.assign(bundles_.size(), false);
    for (std::size_t life = 0; life < lives_.size(); ++life) {
      if (words[life] != 0) trial_.first_bank[life] = __builtin_ctzll(words[life]);
    }
    for (const std::size_t b : possible_) trial_.kept[b] = words[bundles_[b].front()] != 0;
  }

  bool is_better(const Packing& packing) const {
    return packing.saved != best_.saved ? packing.saved > best_.saved : packing.bank_subgraphs < best_.bank_subgraphs;
  }

  // Counts a run, and says whether none can be better any more, where the order at hand was `better` so far. Where
  // something saves nothing another way to fit may leave it out.
  bool is_over(bool better) {
    if (++runs_ == 1 && !all_kept()) find_bound();
    return (better || runs_ == 1) && (meets_bound() || (all_kept() && all_save_));
  }

  // Whether one of the ways to fit beat the best so far, which it then is.
  bool try_fits(const Order& order) {
    bool better = false;
    Packing& packing = trial_;
    if (is_known(order)) {
      runs_ += static_cast<int>(kFits.size());
      return false;
    }
    if (by_difference_) return try_by_difference(order);
    for (const Fit fit : kFits) {
      pack(order, fit, packing);
      if (is_better(packing)) {
        packing.order = order;
        std::swap(best_, packing);
        better = true;
      }
      if (is_over(better)) return better;
    }
    return better;
  }

  template <class Number>
  std::int64_t sum_of(std::size_t bundle, const Number& number) const {
    std::int64_t sum = 0;
    for (const std::size_t life : bundles_[bundle]) sum += number(lives_[life]);
    return sum;
  }
  std::int64_t saved(std::size_t bundle) const { return worth_[bundle]; }
  std::int64_t bank_subgraphs(std::size_t bundle) const { return spread_[bundle]; }
  std::int64_t banks(std::size_t bundle) const {
    return sum_of(bundle, [](const Lifetime& life) { return life.banks; });
  }
  std::int64_t longest(std::size_t bundle) const {
    std::int64_t most = 0;
    for (const std::size_t life : bundles_[bundle]) most = std::max(most, subgraphs_of(lives_[life]));
    return most;
  }
  double first(std::size_t bundle) const {
    return static_cast<double>(lives_[bundles_[bundle].front()].first_subgraph);
  }

  struct SortKey {
    double key = 0, first = 0;
    std::size_t place = 0, bundle = 0;
    bool operator<(const SortKey& other) const {
      if (key != other.key) return key < other.key;
      return first != other.first ? first < other.first : place < other.place;
    }
  };

  // Smallest key first; equal ones as they are written.
  template <class Key>
  Order sorted(Order order, const Key& key) const {
    // The place makes all keys differ, so that equal ones stay in order.
    sort_keys_.clear();
    for (std::size_t i = 0; i < order.size(); ++i) sort_keys_.push_back({key(order[i]), first(order[i]), i, order[i]});
    std::sort(sort_keys_.begin(), sort_keys_.end());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = sort_keys_[i].bundle;
    return order;
  }

  Order by_writing(const Order& order) const {
    return sorted(order, [](std::size_t) { return 0.0; });
  }
  Order by_size(const Order& order) const {
    return sorted(order, [&](std::size_t b) { return -static_cast<double>(banks(b)); });
  }

  static constexpr int kOrders = 7;
  Order order_by(int number) const {
    const auto key = [](std::int64_t value) { return static_cast<double>(value); };
    switch (number) {
      case 0:
        return sorted(possible_, [&](std::size_t b) { return -key(saved(b)) / key(bank_subgraphs(b)); });
      case 1:
        return sorted(possible_, [&](std::size_t b) { return key(longest(b)); });
      case 2:
        return sorted(possible_, [&](std::size_t b) { return -key(saved(b)); });
      case 3:
        return sorted(possible_, [&](std::size_t b) { return -key(saved(b)) / key(banks(b)); });
      case 4:
        return sorted(possible_, [&](std::size_t b) { return -key(longest(b)); });
      case 5:
        return by_writing(possible_);
      default:
        return by_size(possible_);
    }
  }

  // Each bundle left out comes first once, before the others as they are, as written, and the largest first: it pushes
  // out what is worth less, or the same ones find better places. Then each one kept comes last once: what it stood in
  // the way of may be worth more. From the start again while that helps.
  void improve() {
    for (bool better = true; better && !is_exhausted() && !is_unbeatable();) {
      better = false;
      const Order by_worth = sorted(possible_, [&](std::size_t b) { return -static_cast<double>(saved(b)); });
      for (const std::size_t bundle : by_worth) {
        if (best_.kept[bundle] || is_exhausted() || is_unbeatable()) continue;
        const auto [kept, rest] = parted(best_.order, bundle);
        for (const bool strictly_first : {true, false}) {
          better = try_with(bundle, kept, rest, strictly_first) || better;
        }
      }
      for (auto last = by_worth.rbegin(); last != by_worth.rend(); ++last) {
        if (!best_.kept[*last] || is_exhausted() || is_unbeatable()) continue;
        auto [order, rest] = parted(best_.order, *last);
        for (const std::size_t b : by_worth) {
          if (!best_.kept[b]) order.push_back(b);
        }
        order.push_back(*last);
        better = try_fits(order) || better;
      }
    }
  }

  // An order without one bundle: those kept now, and the others.
  std::pair<Order, Order> parted(const Order& order, std::size_t without) const {
    std::pair<Order, Order> parts;
    parts.first.reserve(order.size());
    parts.second.reserve(order.size());
    for (const std::size_t b : order) {
      if (b != without) (best_.kept[b] ? parts.first : parts.second).push_back(b);
    }
    return parts;
  }

  bool try_with(std::size_t bundle, const Order& kept, const Order& rest, bool strictly_first) {
    const auto whole = [&](const Order& middle) {
      Order order;
      order.reserve(possible_.size());
      if (strictly_first) order.push_back(bundle);
      order.insert(order.end(), middle.begin(), middle.end());
      order.insert(order.end(), rest.begin(), rest.end());
      return order;
    };
    Order first = kept;
    if (!strictly_first) first.push_back(bundle);
    bool better = strictly_first && try_fits(whole(first));
    better = try_fits(whole(by_writing(first))) || better;
    return try_fits(whole(by_size(first))) || better;
  }

  Allocation answer() const {
    Allocation out;
    out.saved_bytes = best_.saved;
    out.places.resize(lives_.size());
    std::vector<std::int64_t> free = room_;
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      if (best_.first_bank[i] < 0) continue;
      for (std::size_t subgraph = lives_[i].first_subgraph; subgraph <= lives_[i].last_subgraph; ++subgraph)
        free[subgraph] -= lives_[i].banks;
    }
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      for (const std::size_t life : bundles_[b]) out.places[life] = {outcome(b, life, free), best_.first_bank[life]};
    }
    return out;
  }

  Outcome outcome(std::size_t bundle, std::size_t life, const std::vector<std::int64_t>& free) const {
    if (best_.kept[bundle]) return Outcome::kKept;
    if (lives_[life].banks > limit_[life]) return Outcome::kTooLarge;
    if (!considered_[bundle]) return Outcome::kNoRoom;
    if (std::find(possible_.begin(), possible_.end(), bundle) == possible_.end()) return Outcome::kBundle;
    std::vector<std::int64_t> left = free;
    for (const std::size_t member : bundles_[bundle]) {
      const Lifetime& m = lives_[member];
      for (std::size_t subgraph = m.first_subgraph; subgraph <= m.last_subgraph; ++subgraph) left[subgraph] -= m.banks;
    }
    const auto fits = [&](const Lifetime& m) {
      const auto begin = left.begin() + static_cast<std::ptrdiff_t>(m.first_subgraph);
      return std::all_of(begin, begin + subgraphs_of(m), [](std::int64_t banks) { return banks >= 0; });
    };
    const Lists::List members = bundles_[bundle];
    const bool by_count = std::all_of(members.begin(), members.end(), [&](std::size_t m) { return fits(lives_[m]); });
    return by_count ? Outcome::kFragmentation : Outcome::kNoRoom;
  }

  const std::vector<Lifetime>& lives_;
  const std::vector<std::int64_t>& room_;
  Lists bundles_;                    // lifetimes of each
  std::vector<std::int64_t> limit_;  // by lifetime: the least room of its subgraphs
  std::vector<bool> considered_;     // by bundle: the others are left out from the start
  Lists neighbours_;                 // of each lifetime: those that overlap it
  std::int64_t looks_of_a_run_ = 0;  // neighbours that a run over all bundles looks at
  std::vector<bool> odd_;            // by lifetime: every second in the order of writing
  Order possible_;                   // bundles that fit on an empty chip
  std::vector<std::int64_t> worth_;  // saved bytes by bundle
  std::int64_t most_ = 0;            // of all possible ones together
  bool all_save_ = true;             // whether each possible one saves something
  std::vector<std::pair<std::int64_t, std::int64_t>> taken_;
  std::vector<std::int64_t> spread_;  // bank_subgraphs by bundle
  bool narrow_ = false;               // no room has more than kWord banks
  std::optional<KeepBound> bound_;    // once it is known that not all stay
  bool lists_pairs_ = false;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;  // of bundles that overlap
  std::vector<std::size_t> rank_;                           // of bundles in the order at hand
  std::vector<std::uint64_t> known_;                        // orders tried, as the order within each pair
  std::uint64_t signature_ = 0;                             // of the order at hand, where pairs are few enough
  bool by_difference_ = false;                              // whether bundles, pairs and banks fit the bits of words
  std::vector<NarrowLife> narrow_lives_;
  std::array<NarrowBundle, kWord> narrow_bundles_;
  std::array<Trial, kTrials> trials_;
  std::unique_ptr<std::uint64_t[]> words_;  // of the trials
  std::size_t next_trial_ = 0;
  mutable std::vector<SortKey> sort_keys_;  // room for sorted()
  Packing best_, trial_;
  int runs_ = 0;
};

}  // namespace

Allocation allocate(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room) {
  return Allocator(lifetimes, room).run();
}

}  // namespace lanewise::mapping
