// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/sobol.hpp"

#include <fmt/format.h>

#include <boost/random/sobol.hpp>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

// More bits than a range has values, and as many as tell a million points apart.
constexpr int kBits = 32;
constexpr std::size_t kMostDimensions = boost::random::default_sobol_table::max_dimension;

// SplitMix64's last step: every bit of the result depends on every bit of `x`.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Nested uniform scrambling: whether a bit is turned over depends on all bits above it, so that intervals are swapped
// as wholes.
std::uint32_t scrambled(std::uint32_t x, std::uint64_t seed) {
  std::uint32_t out = 0;
  for (int bit = kBits - 1; bit >= 0; --bit) {
    const std::uint64_t above = bit == kBits - 1 ? 0 : x >> (bit + 1);
    const std::uint64_t turn = mixed(seed ^ mixed(above * kBits + static_cast<std::uint64_t>(bit))) >> 63;
    out |= static_cast<std::uint32_t>(((x >> bit) & 1U) ^ turn) << bit;
  }
  return out;
}

}  // namespace

struct SobolSequence::Generator {
  explicit Generator(std::size_t dimensions) : engine(dimensions) {}
  boost::random::sobol_engine<std::uint32_t, kBits> engine;
};

SobolSequence::SobolSequence(std::size_t dimensions, std::uint64_t seed) : dimensions_(dimensions), seed_(seed) {
  if (dimensions > kMostDimensions) {
    throw Error(
        fmt::format("{} dimensions cannot be sampled by a Sobol sequence: at most {}", dimensions, kMostDimensions));
  }
  if (dimensions > 0) generator_ = std::make_unique<Generator>(dimensions);
}

SobolSequence::~SobolSequence() = default;

std::vector<double> SobolSequence::next() {
  // The library's sequence begins after the point 0, which makes the first 2^k even.
  const bool zero = first_;
  first_ = false;
  std::vector<double> point;
  for (std::size_t d = 0; d < dimensions_; ++d) {
    const std::uint32_t raw = zero ? 0 : generator_->engine();
    point.push_back(scrambled(raw, mixed(seed_ ^ mixed(d))) * 0x1p-32);
  }
  return point;
}

}  // namespace lanewise::study
