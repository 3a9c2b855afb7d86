// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "report/profile.hpp"
#include "report/roofline_scale.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

constexpr int kColumns = 72, kRows = 18;

int column(const LogAxis& axis, double value) {
  return static_cast<int>(std::lround(axis.place(value) * (kColumns - 1)));
}
int row(const LogAxis& axis, double value) {
  return kRows - 1 - static_cast<int>(std::lround(axis.place(value) * (kRows - 1)));
}

// Larger for a larger share of the latency.
int weight_of(char mark) { return static_cast<int>(std::string(" ~/-.oO@").find(mark)); }
char mark_of(double share) { return share >= 0.05 ? 'O' : share >= 0.01 ? 'o' : '.'; }

}  // namespace

double LogAxis::place(double value) const {
  if (!(value > low)) return 0;
  return std::min(1.0, std::log(value / low) / std::log(high / low));
}

std::vector<double> LogAxis::decades() const {
  std::vector<double> out;
  for (int power = static_cast<int>(std::ceil(std::log10(low) - 1e-9)); std::pow(10.0, power) <= high * (1 + 1e-9);
       ++power) {
    out.push_back(std::pow(10.0, power));
  }
  return out;
}

RooflineScale::RooflineScale(const study::Profile& profile) {
  double left = profile.ridge(), right = profile.ridge();
  double bottom = profile.peak_macs_per_cycle;
  for (const study::SubgraphProfile& subgraph : profile.subgraphs) {
    if (subgraph.macs == 0 || subgraph.latency_cycles == 0) continue;
    bottom = std::min(bottom, subgraph.macs_per_cycle);
    if (!subgraph.macs_per_dram_byte) continue;
    left = std::min(left, *subgraph.macs_per_dram_byte);
    right = std::max(right, *subgraph.macs_per_dram_byte);
  }
  for (const study::NetworkCeiling& ceiling : profile.ceilings) bottom = std::min(bottom, ceiling.macs_per_cycle);
  // A margin, so that the ridge is not in a corner.
  x = {std::pow(10.0, std::floor(std::log10(left / 1.5))), std::pow(10.0, std::ceil(std::log10(right * 1.5)))};
  y = {std::pow(10.0, std::floor(std::log10(bottom / 1.5))), profile.peak_macs_per_cycle * 2};
}

std::vector<study::NetworkCeiling> drawn_ceilings(const study::Profile& profile) {
  std::vector<study::NetworkCeiling> drawn;
  for (const study::NetworkCeiling& ceiling : profile.ceilings) {
    if (ceiling.ceiling == study::Ceiling::kPeak || ceiling.ceiling == study::Ceiling::kDram) continue;
    if (ceiling.latency_percent < 1) continue;
    drawn.push_back(ceiling);
  }
  std::stable_sort(drawn.begin(), drawn.end(),
                   [](const auto& a, const auto& b) { return a.macs_per_cycle > b.macs_per_cycle; });
  return drawn;
}

std::string roofline_text(const study::Profile& profile) {
  if (!(profile.ridge() > 0)) return "";
  const RooflineScale scale(profile);
  std::vector<std::string> grid(kRows, std::string(kColumns, ' '));
  const auto put = [&](int at_row, int at_column, char mark) {
    char& cell = grid[static_cast<std::size_t>(at_row)][static_cast<std::size_t>(at_column)];
    if (weight_of(mark) >= weight_of(cell)) cell = mark;
  };
  for (int c = 0; c < kColumns; ++c) {
    const double intensity = scale.x.value(static_cast<double>(c) / (kColumns - 1));
    const double limit = roof(profile, intensity);
    if (limit < scale.y.low) continue;
    put(row(scale.y, limit), c, limit < profile.peak_macs_per_cycle ? '/' : '-');
  }
  // Ceilings below the roof, from the slope to the right edge, where their names stand.
  std::vector<std::string> names(kRows);
  for (const study::NetworkCeiling& ceiling : drawn_ceilings(profile)) {
    const int at = row(scale.y, ceiling.macs_per_cycle);
    const double from = ceiling.macs_per_cycle / profile.dram_bytes_per_cycle;
    for (int c = column(scale.x, from); c < kColumns; ++c) put(at, c, '~');
    std::string& words = names[static_cast<std::size_t>(at)];
    words += fmt::format("{}{} {} ({})", words.empty() ? " " : ", ", study::to_string(ceiling.ceiling),
                         compact(ceiling.macs_per_cycle), ceiling.family);
  }
  const auto put_subgraph = [&](const study::SubgraphProfile& subgraph, char mark) {
    if (subgraph.macs == 0) return;
    const int at = subgraph.macs_per_dram_byte ? column(scale.x, *subgraph.macs_per_dram_byte) : kColumns - 1;
    put(row(scale.y, subgraph.macs_per_cycle), at, mark);
  };
  const auto whole = static_cast<double>(std::max<std::int64_t>(1, profile.total.latency_cycles));
  for (const study::SubgraphProfile& subgraph : profile.subgraphs) {
    put_subgraph(subgraph, mark_of(static_cast<double>(subgraph.latency_cycles) / whole));
  }
  put_subgraph(profile.total, '@');

  constexpr int kLabel = 8;
  std::vector<std::string> labels(kRows);
  for (const double decade : scale.y.decades())
    labels[static_cast<std::size_t>(row(scale.y, decade))] = fmt::format("{:g}", decade);
  labels[static_cast<std::size_t>(row(scale.y, profile.peak_macs_per_cycle))] = compact(profile.peak_macs_per_cycle);
  std::string out = fmt::format("{:>{}} MACs/cycle\n", "", kLabel);
  for (int r = 0; r < kRows; ++r) {
    std::string& line = grid[static_cast<std::size_t>(r)];
    line.erase(line.find_last_not_of(' ') + 1);
    line += names[static_cast<std::size_t>(r)];
    const std::string& label = labels[static_cast<std::size_t>(r)];
    out += fmt::format("{:>{}} {}{}\n", label, kLabel, label.empty() ? '|' : '+', line);
  }
  std::string axis(kColumns, '-');
  std::string numbers(kColumns + 8, ' ');
  for (const double decade : scale.x.decades()) {
    const int at = column(scale.x, decade);
    axis[static_cast<std::size_t>(at)] = '+';
    const std::string text = fmt::format("{:g}", decade);
    numbers.replace(static_cast<std::size_t>(at), text.size(), text);
  }
  numbers.erase(numbers.find_last_not_of(' ') + 1);
  out += fmt::format("{:>{}} +{}\n{:>{}}  {}  MACs/DRAM byte\n", "", kLabel, axis, "", kLabel, numbers);
  out +=
      "  @ network; subgraphs: O 5 % of the latency or more, o 1 % or more, . less; without DRAM traffic: right edge\n"
      "  ~ lowest ceilings of 1 % of the latency or more: MACs/cycle of the family's highest subgraph that they bind\n";
  return out;
}

}  // namespace lanewise::report
