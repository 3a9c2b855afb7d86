// SPDX-License-Identifier: Apache-2.0
#include "report/network_moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "report/table.hpp"

namespace lanewise::report {
namespace {

// Frozen channel groups come as "NAME: reason".
std::vector<network::MoveLeftOut> all_left_out(const network::MoveSites& sites) {
  std::vector<network::MoveLeftOut> all = sites.left_out;
  for (const std::string& line : sites.frozen) {
    const std::size_t end = std::min(line.size(), line.find(": "));
    all.push_back({"channels", line.substr(0, end), line.substr(std::min(line.size(), end + 2))});
  }
  return all;
}

std::string size_text(std::int64_t height, std::int64_t width) { return fmt::format("{}x{}", height, width); }

template <class Sites, class Name>
std::string names_of(const Sites& sites, Name name) {
  std::vector<std::string> names;
  for (const auto& site : sites) names.push_back(name(site));
  return fmt::format("{}", fmt::join(names, " "));
}

}  // namespace

Json moves_json(const network::MoveSites& sites) {
  Json fusions = Json::array(), stages = Json::array(), kernels = Json::array(), groups = Json::array(),
       runs = Json::array();
  for (const network::FusionSite& site : sites.fusions) fusions.push_back(site.block);
  for (const network::Stage& stage : sites.stages) {
    stages.push_back(
        {{"name", stage.name}, {"height", stage.height}, {"width", stage.width}, {"free_groups", stage.free_groups}});
  }
  for (const network::KernelSite& site : sites.kernels) {
    kernels.push_back({{"name", site.name}, {"layer", site.layer}, {"kernel", site.kernel}});
  }
  for (const network::GroupSite& site : sites.groups) {
    groups.push_back({{"name", site.name}, {"layer", site.layer}, {"channels", site.channels}});
  }
  for (const network::RepeatRun& run : sites.runs) {
    Json blocks = Json::array();
    for (const network::Repeat& repeat : run.repeats) blocks.push_back(repeat.block);
    runs.push_back({{"name", run.name}, {"blocks", blocks}});
  }
  Json all = {{"fuse", fusions}, {"depth_multiplier", stages}, {"kernel", kernels}, {"groups", groups}, {"drop", runs}};
  if (sites.input_height > 0) all["input_resolution"] = {sites.input_height, sites.input_width};
  if (sites.output_height > 0) all["output_resolution"] = {sites.output_height, sites.output_width};
  return all;
}

Json left_out_json(const network::MoveSites& sites) {
  Json list = Json::array();
  for (const network::MoveLeftOut& left : all_left_out(sites)) {
    list.push_back({{"move", left.move}, {"place", left.place}, {"reason", left.reason}});
  }
  return list;
}

std::string moves_text(const network::MoveSites& sites) {
  using Align = Table::Align;
  Table moves({{"move", Align::kLeft}, {"places"}, {"which", Align::kLeft}});
  const auto row = [&](const char* move, std::size_t places, const std::string& which) {
    if (places > 0) moves.add({move, fmt::format("{}", places), which});
  };
  row("fuse", sites.fusions.size(), names_of(sites.fusions, [](const auto& site) { return site.block; }));
  row("depth_multiplier", sites.stages.size(), names_of(sites.stages, [](const auto& stage) {
        return fmt::format("{} ({})", stage.name, size_text(stage.height, stage.width));
      }));
  row("kernel", sites.kernels.size(), names_of(sites.kernels, [](const auto& site) { return site.name; }));
  row("groups", sites.groups.size(), names_of(sites.groups, [](const auto& site) { return site.name; }));
  row("drop", sites.runs.size(),
      names_of(sites.runs, [](const auto& run) { return fmt::format("{} (up to {})", run.name, run.repeats.size()); }));
  row("input_resolution", sites.input_height > 0 ? 1 : 0, size_text(sites.input_height, sites.input_width));
  row("output_resolution", sites.output_height > 0 ? 1 : 0, size_text(sites.output_height, sites.output_width));
  std::string text = "Moves that a search may make\n\n" + moves.text();
  const std::vector<network::MoveLeftOut> left = all_left_out(sites);
  if (left.empty()) return text;
  Table out({{"not allowed", Align::kLeft}, {"place", Align::kLeft}, {"because", Align::kLeft}});
  for (const network::MoveLeftOut& entry : left) out.add({entry.move, entry.place, entry.reason});
  return text + "\n" + out.text();
}

}  // namespace lanewise::report
