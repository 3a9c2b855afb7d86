// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/mapping_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/mapping/given_plan.hpp"

namespace lanewise::mapping {
namespace {

constexpr std::int64_t kMostTurns = 1'000'000;

struct Loop {
  char letter = 'N';
  std::int64_t turns = 1;
};

[[noreturn]] void refuse(const std::string& text, const std::string& rule) {
  constexpr std::size_t kShown = 60;
  throw Error(fmt::format("mapping '{}': {}", printable(text.substr(0, kShown)), rule));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(' '); at != std::string_view::npos;
       at = text.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

bool is_level(std::string_view word) {
  return word.size() >= 4 && word[0] == 'L' && word[1] >= '0' && word[1] <= '9' && word[2] == '[' && word.back() == ']';
}

Loop loop_of(const std::string& text, std::string_view word) {
  Loop loop;
  if (!word.empty() && word.back() == 'X') word.remove_suffix(1);
  const std::string_view digits = word.empty() ? word : word.substr(1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), loop.turns);
  if (word.empty() || std::string_view("NQPKSRC").find(word[0]) == std::string_view::npos || read.ec != std::errc() ||
      read.ptr != digits.data() + digits.size() || loop.turns < 1 || loop.turns > kMostTurns) {
    refuse(text, fmt::format("loop '{}' must be N, Q, P, K, S, R or C and a number from 1 to {}, X behind it where it "
                             "lies across the array",
                             printable(std::string(word.substr(0, 20))), kMostTurns));
  }
  loop.letter = word[0];
  return loop;
}

}  // namespace

GivenTiles parse_mapping(const std::string& text, const SubgraphShape& shape) {
  if (text.size() > kLongestMapping) refuse(text, fmt::format("must have at most {} characters", kLongestMapping));
  std::vector<std::vector<Loop>> levels;
  for (const std::string_view word : words_of(text)) {
    if (word == "-") continue;
    if (is_level(word)) {
      levels.emplace_back();
    } else if (levels.empty()) {
      refuse(text, "must begin with a level, as in 'L3[WIO] K2 - L2[WI] K16X'");
    } else {
      levels.back().push_back(loop_of(text, word));
    }
  }
  if (levels.size() < 2) refuse(text, "must have a level of loops over tiles and at least one within");

  const bool matrix = is_matrix(shape);
  const auto axis_of = [&](char letter) {
    switch (letter) {
      case 'Q':
        return TileAxis::kRows;
      case 'P':
        return matrix ? TileAxis::kRows : TileAxis::kColumns;
      case 'K':
        return TileAxis::kOutChannels;
      case 'S':
        return TileAxis::kKernelRows;
      case 'R':
        return TileAxis::kKernelColumns;
      default:
        return TileAxis::kInChannels;
    }
  };
  GivenTiles tiles;
  tiles.size.fill(1);
  std::array<std::int64_t, kTileAxisCount> turns{};
  turns.fill(1);
  const auto multiply = [&](std::int64_t& product, std::int64_t by) {
    product *= by;
    if (product > kMostTurns) refuse(text, fmt::format("loops over an axis must run at most {} times", kMostTurns));
  };
  for (std::size_t level = 1; level < levels.size(); ++level) {
    for (const Loop& loop : levels[level]) {
      if (loop.letter != 'N') multiply(tiles.of(axis_of(loop.letter)), loop.turns);
    }
  }
  std::vector<TileAxis> order;
  for (const Loop& loop : levels.front()) {
    if (loop.letter == 'N') continue;
    const TileAxis axis = axis_of(loop.letter);
    if (std::find(order.begin(), order.end(), axis) != order.end()) {
      refuse(text, fmt::format("two loops over tiles go along {}", to_string(axis)));
    }
    order.push_back(axis);
    multiply(turns[static_cast<std::size_t>(axis)], loop.turns);
  }
  // Loops that are not named have one turn, whose place does not matter.
  std::size_t place = 0;
  for (const TileAxis axis : GivenTiles().order) {
    if (std::find(order.begin(), order.end(), axis) == order.end()) tiles.order[place++] = axis;
  }
  for (const TileAxis axis : order) tiles.order[place++] = axis;
  const GivenTiles whole = whole_sizes(shape, GivenTiles());
  for (const TileAxis axis : tiles.order) {
    const std::int64_t covered = tiles.of(axis) * turns[static_cast<std::size_t>(axis)];
    if (covered < whole.of(axis)) {
      refuse(text, fmt::format("its loops cover {} of {} {}", covered, whole.of(axis), to_string(axis)));
    }
  }
  return tiles;
}

}  // namespace lanewise::mapping
