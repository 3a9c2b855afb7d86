// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <limits>

#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20;  // inputs stay small, so that many are tried

// A place in the bytes, the end included.
std::size_t place(const std::string& bytes, Random& random) {
  return static_cast<std::size_t>(random.below(bytes.size() + 1));
}

// A piece of `bytes`, short ones more often.
std::string piece(const std::string& bytes, Random& random) {
  if (bytes.empty()) return "";
  const std::size_t begin = static_cast<std::size_t>(random.below(bytes.size()));
  const std::size_t most = random.chance(0.7) ? 16 : bytes.size();
  return bytes.substr(begin, 1 + static_cast<std::size_t>(random.below(most)));
}

void write_integer(std::string& bytes, Random& random) {
  const std::int64_t value = odd_integer(random);
  const std::size_t width = std::size_t{1} << random.below(4);
  if (bytes.size() < width) return;
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  if (random.chance(0.3)) std::reverse(raw, raw + width);
  bytes.replace(static_cast<std::size_t>(random.below(bytes.size() - width + 1)), width, raw, width);
}

}  // namespace

std::int64_t odd_integer(Random& random) {
  static const std::vector<std::int64_t> odd = {0,
                                                1,
                                                -1,
                                                2,
                                                3,
                                                7,
                                                63,
                                                127,
                                                128,
                                                255,
                                                256,
                                                1000,
                                                4096,
                                                32767,
                                                65535,
                                                65536,
                                                1 << 20,
                                                10'000'000,
                                                std::numeric_limits<std::int32_t>::max(),
                                                std::int64_t{1} << 31,
                                                std::numeric_limits<std::int32_t>::min(),
                                                std::int64_t{1} << 32,
                                                std::int64_t{1} << 40,
                                                std::int64_t{1} << 62,
                                                std::numeric_limits<std::int64_t>::max(),
                                                std::numeric_limits<std::int64_t>::min()};
  return random.chance(0.2) ? random.between(-16, 600) : random.pick(odd);
}

double odd_real(Random& random) {
  static const std::vector<double> odd = {0.0,
                                          -0.0,
                                          1.0,
                                          -1.0,
                                          0.5,
                                          1e-9,
                                          1e-308,
                                          5e-324,
                                          1e9,
                                          1e18,
                                          1e19,
                                          1e308,
                                          -1e308,
                                          std::numeric_limits<double>::infinity(),
                                          -std::numeric_limits<double>::infinity(),
                                          std::numeric_limits<double>::quiet_NaN()};
  return random.pick(odd);
}

int changes(Random& random) {
  int count = 1;
  while (count < 12 && random.chance(0.45)) ++count;
  return count;
}

void change_bytes(std::string& bytes, const Inputs& corpus, Random& random) {
  switch (random.below(9)) {
    case 0:
    case 1:
      if (bytes.empty()) return;
      bytes[static_cast<std::size_t>(random.below(bytes.size()))] ^= static_cast<char>(1U << random.below(8));
      return;
    case 2:
      if (bytes.empty()) return;
      bytes[static_cast<std::size_t>(random.below(bytes.size()))] = static_cast<char>(random.below(256));
      return;
    case 3:
      bytes.insert(place(bytes, random), piece(random.pick(corpus), random));
      return;
    case 4:
      if (!bytes.empty()) bytes.erase(static_cast<std::size_t>(random.below(bytes.size())), 1 + random.below(32));
      return;
    case 5:
      bytes.insert(place(bytes, random), piece(bytes, random));
      return;
    case 6:
      write_integer(bytes, random);
      return;
    case 7:
      bytes.insert(place(bytes, random), std::string(1 + random.below(8), static_cast<char>(random.below(256))));
      return;
    default:
      if (random.chance(0.3)) {
        bytes.resize(place(bytes, random));  // cut off
      } else {
        const std::string& other = random.pick(corpus);  // one part of each
        bytes = bytes.substr(0, place(bytes, random)) + other.substr(place(other, random));
      }
  }
  if (bytes.size() > kLargest) bytes.resize(kLargest);
}

std::string mutate_bytes(const Inputs& corpus, Random& random) {
  std::string bytes = random.pick(corpus);
  for (int i = changes(random); i > 0; --i) change_bytes(bytes, corpus, random);
  return bytes;
}

}  // namespace lanewise::fuzz
