// SPDX-License-Identifier: Apache-2.0
#include "report/campaign_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/printable.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

constexpr const char* kRangesOfEngines = "engines.ranges.";
constexpr const char* kInside = ".values";
constexpr const char* kOutside = ".outside_values";

// Grouped where it is a whole number, as it is written elsewhere.
std::string count_text(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc() && end == text.data() + text.size() ? grouped(number) : printable(text);
}

// "" where `text` does not begin and end so.
std::string between(const std::string& text, const std::string& head, const std::string& tail) {
  if (text.size() <= head.size() + tail.size() || text.compare(0, head.size(), head) != 0) return "";
  if (text.compare(text.size() - tail.size(), tail.size(), tail) != 0) return "";
  return text.substr(head.size(), text.size() - head.size() - tail.size());
}

std::string without_brackets(const std::string& list) {
  const bool bracketed = list.size() >= 2 && list.front() == '[' && list.back() == ']';
  return bracketed ? list.substr(1, list.size() - 2) : list;
}

std::string ranges_text(const record::CampaignRecord& campaign) {
  Table table({{"engine key", Table::Align::kLeft},
               {"values", Table::Align::kLeft},
               {"beyond the range", Table::Align::kLeft}});
  bool any = false;
  for (const auto& [name, values] : campaign.values) {
    if (!between(name, kRangesOfEngines, kOutside).empty()) continue;
    const std::string key = between(name, kRangesOfEngines, kInside);
    if (key.empty()) continue;
    table.add({key, without_brackets(values), without_brackets(campaign.value(kRangesOfEngines + key + kOutside))});
    any = true;
  }
  return any ? table.text() : "";
}

}  // namespace

Json campaigns_json(const std::vector<record::CampaignRecord>& campaigns) {
  Json out = Json::array();
  for (const record::CampaignRecord& campaign : campaigns) {
    Json values = Json::object();
    for (const auto& [key, value] : campaign.values) values[key] = value;
    out.push_back({{"hash", campaign.hash()}, {"values", values}});
  }
  return out;
}

std::string campaign_line(const record::CampaignRecord& campaign) {
  const std::string name = campaign.value("name");
  const bool members = campaign.value("engines.members") != "false";
  std::string line =
      fmt::format("{}: {} rows, {} engines by {}{}, seed {}", name.empty() ? "without a file" : printable(name),
                  count_text(campaign.value("rows")), count_text(campaign.value("engines.count")),
                  printable(campaign.value("engines.sampling")),
                  members ? " with the family's members" : " from the ranges alone", printable(campaign.value("seed")));
  if (!campaign.value("learning.until").empty()) {
    line += fmt::format("; of it what was chosen until {}", printable(campaign.value("learning.until")));
  }
  return line + fmt::format(" ({})", campaign.hash());
}

std::string campaigns_text(const std::vector<record::CampaignRecord>& campaigns) {
  std::string out;
  for (const record::CampaignRecord& campaign : campaigns) {
    out += fmt::format("{}Campaign {}; drawn from\n\n", out.empty() ? "" : "\n", campaign_line(campaign));
    const std::string ranges = ranges_text(campaign);
    out += ranges.empty() ? "no ranges of keys of its own\n" : ranges;
  }
  return out;
}

}  // namespace lanewise::report
