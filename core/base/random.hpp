// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers and stable hashes whose values are the same on every machine and library version
// (the standard's distributions are not).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lanewise {

// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64.
class Random {
 public:
  using State = std::array<std::uint64_t, 4>;
  explicit Random(std::uint64_t seed);
  // Where the sequence stands: a generator made from it goes on with the same numbers.
  const State& state() const { return state_; }
  explicit Random(const State& state) : state_(state) {}
  std::uint64_t next();
  // Uniform in [0, bound), without modulo bias. bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  // Uniform in [0, 1).
  double unit();
  // Standard normal (Box and Muller).
  double normal();
  bool chance(double probability) { return unit() < probability; }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(items.size()))];
  }
  // Fisher-Yates.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
  }

 private:
  State state_;
};

// FNV-1a over the bytes of `text`, finished with SplitMix64 so that every bit depends on every byte.
std::uint64_t stable_hash(std::string_view text);
// Sixteen lower-case hexadecimal digits of stable_hash.
std::string hex_hash(std::string_view text);

}  // namespace lanewise
