// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/move_values.hpp"

#include <charconv>
#include <vector>

#include "nas/moves/moves_file.hpp"

namespace lanewise::nas {
namespace {

constexpr std::int64_t kMostChannels = 4096, kMostBlocks = 10000, kMostEdge = 65536;

template <class Number>
std::optional<Number> parsed(const std::string& text, Number low, Number high) {
  Number value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high))
    return std::nullopt;
  return value;
}

struct Rule {
  const char* move;
  bool (*fits)(const std::string& value);
  const char* rule;
};

const std::vector<Rule>& rules() {
  using Text = const std::string&;
  static const std::vector<Rule> table = {
      {"fuse", [](Text v) { return v == kFused; }, "must be fused_ibn"},
      {"depth_multiplier", [](Text v) { return number_of(v, 0.05, 8).has_value(); }, "must be a number from 0.05 to 8"},
      {"channels", [](Text v) { return v == kAligned || v == kEven || whole_of(v, 2, kMostChannels); },
       "must be aligned, even, or a whole number from 2 to 4096 of which channels are multiples"},
      {"kernel", [](Text v) { return v == "3" || v == "5" || v == "7"; }, "must be 3, 5 or 7"},
      {"groups", [](Text v) { return v == kLanes || v == kStandard || whole_of(v, 2, kMostChannels); },
       "must be a whole number of channels from 2 to 4096, lanes or standard"},
      {"drop", [](Text v) { return whole_of(v, 1, kMostBlocks).has_value(); },
       "must be a whole number of blocks from 1 to 10000"},
      {"input_resolution", [](Text v) { return number_of(v, 0.05, 1) || size_of(v); },
       "must be a share of the edges from 0.05 to 1, or a size such as 192x192"},
      {"output_resolution", [](Text v) { return number_of(v, 0.01, 1).has_value(); },
       "must be a share of the edges from 0.01 to 1"},
      {kEngineMove, [](Text v) { return !v.empty(); }, "must be a value of the key"},
  };
  return table;
}

}  // namespace

const std::vector<std::string>& move_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const Rule& rule : rules()) out.emplace_back(rule.move);
    return out;
  }();
  return names;
}

bool is_of_whole_network(const std::string& move) {
  return move == "channels" || move == "input_resolution" || move == "output_resolution";
}

std::string value_rule(const std::string& move, const std::string& value) {
  for (const Rule& rule : rules()) {
    if (move == rule.move) return rule.fits(value) ? "" : rule.rule;
  }
  return "is of an unknown move";
}

std::optional<double> number_of(const std::string& text, double low, double high) { return parsed(text, low, high); }
std::optional<std::int64_t> whole_of(const std::string& text, std::int64_t low, std::int64_t high) {
  return parsed(text, low, high);
}

std::optional<std::pair<std::int64_t, std::int64_t>> size_of(const std::string& text) {
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) return std::nullopt;
  const auto height = whole_of(text.substr(0, cross), 1, kMostEdge),
             width = whole_of(text.substr(cross + 1), 1, kMostEdge);
  if (!height || !width) return std::nullopt;
  return std::make_pair(*height, *width);
}

MoveEntry entry_of(const std::string& gene, const std::string& value) {
  MoveEntry entry;
  entry.value = value;
  const std::size_t dot = gene.find('.');
  const std::string move = gene.substr(0, dot);
  const std::string place = dot == std::string::npos ? "" : gene.substr(dot + 1);
  bool of_network = false;
  for (const Rule& rule : rules()) of_network = of_network || (move == rule.move && move != kEngineMove);
  if (of_network) {
    entry.move = move;
    if (!place.empty()) entry.places = {place};
  } else {
    entry.move = kEngineMove;
    entry.places = {gene};
  }
  entry.name = gene;
  for (char& c : entry.name) {
    if (c == '.') c = '-';
  }
  return entry;
}

std::string gene_of(const std::string& move, const std::string& place) {
  if (move == kEngineMove) return place;
  return place.empty() ? move : move + "." + place;
}

}  // namespace lanewise::nas
