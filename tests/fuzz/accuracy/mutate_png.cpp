// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "tests/fuzz/accuracy/targets.hpp"
#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

constexpr std::size_t kSignature = 8, kWord = 4;

struct Chunk {
  std::string name, data;
};

std::string word(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xffU);
  return out;
}

std::uint32_t crc_of(const std::string& bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xedb88320U : crc >> 1U;
  }
  return ~crc;
}

// As far as they make sense.
std::vector<Chunk> chunks_of(const std::string& png) {
  std::vector<Chunk> out;
  for (std::size_t at = kSignature; at + 3 * kWord <= png.size();) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < kWord; ++i) size = size << 8U | static_cast<unsigned char>(png[at + i]);
    if (size > png.size() - at - 3 * kWord) break;
    out.push_back({png.substr(at + kWord, kWord), png.substr(at + 2 * kWord, size)});
    at += size + 3 * kWord;
  }
  return out;
}

void change_header(Chunk& header, Random& random) {
  constexpr std::size_t kBits = 8, kColour = 9, kInterlace = 12, kHeader = 13;
  if (header.data.size() != kHeader) return;
  switch (random.below(4)) {
    case 0:
      header.data.replace(
          random.chance(0.5) ? 0 : kWord, kWord,
          word(static_cast<std::uint32_t>(random.chance(0.7) ? random.below(70) : odd_integer(random))));
      return;
    case 1:
      header.data[kBits] = static_cast<char>(1U << random.below(6));
      return;
    case 2:
      header.data[kColour] = static_cast<char>(random.below(8));
      return;
    default:
      header.data[kInterlace] = static_cast<char>(random.below(3));
  }
}

void change(std::vector<Chunk>& chunks, const std::vector<Chunk>& others, const Inputs& corpus, Random& random) {
  if (chunks.empty()) return;
  const std::size_t at = static_cast<std::size_t>(random.below(chunks.size()));
  switch (random.below(6)) {
    case 0:
    case 1:
      change_header(chunks.front(), random);
      return;
    case 2:
      change_bytes(chunks[at].data, corpus, random);
      return;
    case 3:
      chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    case 4:
      std::swap(chunks[at], chunks[static_cast<std::size_t>(random.below(chunks.size()))]);
      return;
    default:
      if (!others.empty()) chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(at), random.pick(others));
  }
}

}  // namespace

std::string mutate_png(const Inputs& corpus, Random& random) {
  if (random.chance(0.15)) return mutate_bytes(corpus, random);
  const std::string& png = random.pick(corpus);
  std::vector<Chunk> chunks = chunks_of(png);
  const std::vector<Chunk> others = chunks_of(random.pick(corpus));
  for (int n = changes(random); n > 0; --n) change(chunks, others, corpus, random);
  std::string out = png.substr(0, kSignature);
  for (const Chunk& chunk : chunks) {
    out += word(static_cast<std::uint32_t>(chunk.data.size())) + chunk.name + chunk.data;
    out += word(crc_of(chunk.name + chunk.data));
  }
  return out;
}

}  // namespace lanewise::fuzz
