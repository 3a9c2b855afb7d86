// SPDX-License-Identifier: Apache-2.0
#include "estimator/network_report_json.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace lanewise::estimator {
namespace {

using Json = nlohmann::json;

Json errors_json(const NetworkErrors& errors) {
  return {{"networks", errors.networks},
          {"within_5_percent", errors.within_5_percent},
          {"within_10_percent", errors.within_10_percent},
          {"median_percent", errors.median_percent},
          {"worst_percent", errors.worst_percent}};
}

NetworkErrors errors_from(const Json& json) {
  NetworkErrors errors;
  json.at("networks").get_to(errors.networks);
  json.at("within_5_percent").get_to(errors.within_5_percent);
  json.at("within_10_percent").get_to(errors.within_10_percent);
  json.at("median_percent").get_to(errors.median_percent);
  json.at("worst_percent").get_to(errors.worst_percent);
  return errors;
}

Json accuracy_json(const NetworkAccuracy& accuracy) {
  Json json = {{"engines", accuracy.engines},
               {"latency", errors_json(accuracy.latency)},
               {"energy", errors_json(accuracy.energy)},
               {"peak_sram", errors_json(accuracy.peak_sram)},
               {"intervals", Json::array()}};
  for (const Coverage& c : accuracy.intervals) {
    json["intervals"].push_back({{"level", c.level},
                                 {"count", c.count},
                                 {"covered_percent", c.covered_percent},
                                 {"median_width_percent", c.median_width_percent}});
  }
  return json;
}

NetworkAccuracy accuracy_from(const Json& json) {
  NetworkAccuracy accuracy;
  json.at("engines").get_to(accuracy.engines);
  accuracy.latency = errors_from(json.at("latency"));
  accuracy.energy = errors_from(json.at("energy"));
  accuracy.peak_sram = errors_from(json.at("peak_sram"));
  for (const Json& row : json.at("intervals")) {
    accuracy.intervals.push_back({row.at("level").get<double>(), row.at("count").get<std::int64_t>(),
                                  row.at("covered_percent").get<double>(),
                                  row.at("median_width_percent").get<double>()});
  }
  return accuracy;
}

}  // namespace

Json to_json(const NetworkReport& report) {
  Json json = {{"held_out", accuracy_json(report.held_out)},
               {"left_out", accuracy_json(report.left_out)},
               {"families", Json::array()},
               {"mixes", Json::object()}};
  for (const NetworkFamily& family : report.families) {
    json["families"].push_back({{"name", family.name},
                                {"members", family.members},
                                {"held_out", accuracy_json(family.held_out)},
                                {"left_out", accuracy_json(family.left_out)}});
  }
  for (const auto& [name, mix] : report.mixes) json["mixes"][name] = mix.shares();
  return json;
}

NetworkReport network_report_from(const Json& json) {
  NetworkReport report;
  report.held_out = accuracy_from(json.at("held_out"));
  report.left_out = accuracy_from(json.at("left_out"));
  for (const Json& one : json.at("families")) {
    NetworkFamily family;
    one.at("name").get_to(family.name);
    one.at("members").get_to(family.members);
    family.held_out = accuracy_from(one.at("held_out"));
    family.left_out = accuracy_from(one.at("left_out"));
    report.families.push_back(std::move(family));
  }
  for (const auto& [name, shares] : json.at("mixes").items()) {
    report.mixes.emplace(name, NetworkMix(shares.get<std::map<std::string, double>>()));
  }
  return report;
}

}  // namespace lanewise::estimator
