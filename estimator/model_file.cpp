// SPDX-License-Identifier: Apache-2.0
// The model file: one line of magic, sizes and checksum, one line of JSON, then the boosters' bytes.
#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/record/file.hpp"
#include "estimator/adaptation_json.hpp"
#include "estimator/features.hpp"
#include "estimator/model.hpp"
#include "estimator/model_check.hpp"
#include "estimator/network_report_json.hpp"

namespace lanewise::estimator {
namespace {

using Json = nlohmann::json;

constexpr const char* kMagic = "lanewise-estimator";
constexpr int kFileVersion = 2;

Json to_json(const Accuracy& a) {
  return {{"rows", a.rows},
          {"mape_percent", a.mape_percent},
          {"rmspe_percent", a.rmspe_percent},
          {"within_5_percent", a.within_5_percent},
          {"within_10_percent", a.within_10_percent},
          {"spearman", a.spearman}};
}

Accuracy accuracy_from(const Json& json) {
  Accuracy a;
  json.at("rows").get_to(a.rows);
  json.at("mape_percent").get_to(a.mape_percent);
  json.at("rmspe_percent").get_to(a.rmspe_percent);
  json.at("within_5_percent").get_to(a.within_5_percent);
  json.at("within_10_percent").get_to(a.within_10_percent);
  json.at("spearman").get_to(a.spearman);
  return a;
}

// Every Accuracy of a report by its name in the file.
constexpr std::pair<const char*, Accuracy SplitReport::*> kAccuracies[] = {
    {"latency", &SplitReport::latency},
    {"bound", &SplitReport::bound},
    {"reference", &SplitReport::analytical_model},
    {"without_bound", &SplitReport::without_bound},
    {"outside_ranges", &SplitReport::outside_ranges},
    {"weighted", &SplitReport::weighted},
    {"energy", &SplitReport::energy},
    {"dram_bytes", &SplitReport::dram_bytes},
    {"peak_sram", &SplitReport::peak_sram}};

// Every table of an IntervalReport by its name in the file.
constexpr std::pair<const char*, std::vector<Coverage> IntervalReport::*> kCoverages[] = {
    {"passes", &IntervalReport::subgraphs},
    {"passes_outside", &IntervalReport::subgraphs_outside},
    {"networks", &IntervalReport::networks},
    {"networks_outside", &IntervalReport::networks_outside}};

Json to_json(const IntervalReport& report) {
  Json json = {{"complete_networks", report.complete_networks}};
  for (const auto& [name, member] : kCoverages) {
    json[name] = Json::array();
    for (const Coverage& c : report.*member) {
      json[name].push_back({{"level", c.level},
                            {"count", c.count},
                            {"covered_percent", c.covered_percent},
                            {"median_width_percent", c.median_width_percent}});
    }
  }
  return json;
}

IntervalReport interval_report_from(const Json& json) {
  IntervalReport report;
  json.at("complete_networks").get_to(report.complete_networks);
  for (const auto& [name, member] : kCoverages) {
    for (const Json& row : json.at(name)) {
      (report.*member)
          .push_back({row.at("level").get<double>(), row.at("count").get<std::int64_t>(),
                      row.at("covered_percent").get<double>(), row.at("median_width_percent").get<double>()});
    }
  }
  return report;
}

Json to_json(const ScoreQuantiles& quantiles) { return {{"engines", quantiles.groups}, {"values", quantiles.values}}; }

ScoreQuantiles quantiles_from(const Json& json) {
  ScoreQuantiles quantiles;
  json.at("engines").get_to(quantiles.groups);
  json.at("values").get_to(quantiles.values);
  if (quantiles.values.size() != ScoreQuantiles::kSteps + 1) throw Error("its intervals have other levels");
  return quantiles;
}

Json to_json(const SplitReport& report) {
  Json json;
  for (const auto& [name, member] : kAccuracies) json[name] = to_json(report.*member);
  json["by_family"] = Json::object();
  for (const auto& [family, accuracy] : report.by_family) json["by_family"][family] = to_json(accuracy);
  json["training_rows"] = report.training_rows;
  json["training_engines"] = report.training_engines;
  json["engines"] = report.engines;
  json["intervals"] = to_json(report.intervals);
  return json;
}

SplitReport report_from(const Json& json) {
  SplitReport report;
  for (const auto& [name, member] : kAccuracies) report.*member = accuracy_from(json.at(name));
  for (const auto& [family, accuracy] : json.at("by_family").items())
    report.by_family[family] = accuracy_from(accuracy);
  json.at("training_rows").get_to(report.training_rows);
  json.at("training_engines").get_to(report.training_engines);
  json.at("engines").get_to(report.engines);
  report.intervals = interval_report_from(json.at("intervals"));
  return report;
}

[[noreturn]] void refuse(const std::string& path, const std::string& rule) {
  throw Error("model '" + path + "': " + rule);
}

// The file cut at its two line ends, once sizes and checksum have proved it whole.
struct Frame {
  std::string header;
  std::string payload;
};

Frame open_frame(const std::string& text, const std::string& path) {
  const std::string magic = std::string(kMagic) + " ";
  if (text.compare(0, magic.size(), magic) != 0) refuse(path, "is no estimator of this tool");
  const std::size_t line_end = text.find('\n');
  int version = 0;
  unsigned long long header_bytes = 0, payload_bytes = 0;
  char checksum[17] = {};
  const std::string first_line = text.substr(0, std::min(line_end, text.size()));
  const int fields = std::sscanf(first_line.c_str() + magic.size(), "%d %llu %llu %16[0-9a-f]", &version, &header_bytes,
                                 &payload_bytes, checksum);
  if (fields >= 1 && version != kFileVersion) {
    refuse(path, fmt::format("has file version {}, lanewise {} reads {}: train it again", version, lanewise::version(),
                             kFileVersion));
  }
  if (fields != 4 || line_end == std::string::npos) refuse(path, "is truncated or damaged in its first line");
  const std::size_t rest = text.size() - line_end - 1;
  if (rest != header_bytes + payload_bytes || header_bytes > rest) {
    refuse(path, fmt::format("is truncated or damaged: {} bytes follow its first line, {} must", rest,
                             header_bytes + payload_bytes));
  }
  if (hex_hash(std::string_view(text).substr(line_end + 1)) != checksum) {
    refuse(path, "is damaged: its checksum does not match its content");
  }
  return {text.substr(line_end + 1, header_bytes), text.substr(line_end + 1 + header_bytes)};
}

Json targets_json() {
  Json targets = Json::array();
  for (const Target target : kTargets) targets.push_back({{"name", name_of(target)}, {"unit", unit_of(target)}});
  return targets;
}

// What of the schema differs, once its hash does.
std::string schema_difference(const Json& header) {
  const int analytical = header.at("reference_version");
  if (analytical != kReferenceVersion) {
    return fmt::format("its analytical model is version {}, here {}", analytical, kReferenceVersion);
  }
  const std::vector<std::string> theirs = header.at("features");
  const std::vector<std::string>& ours = feature_names();
  for (std::size_t i = 0; i < std::max(theirs.size(), ours.size()); ++i) {
    const std::string there = i < theirs.size() ? theirs[i] : "missing", here = i < ours.size() ? ours[i] : "missing";
    if (there != here) return fmt::format("its feature {} is {}, here {}", i + 1, there, here);
  }
  if (header.at("targets") != targets_json()) return "its targets or their units are others";
  return "its schema hash is not that of its features, targets and analytical model";
}

// "" or why a model of this header would not mean here what it was trained to mean.
std::string other_schema(const std::string& text) {
  const Json header = Json::parse(text);
  if (header.at("schema_hash") == model_schema_hash()) return "";
  return fmt::format("was trained by lanewise {} and would mean something else to lanewise {}: {}; train it again",
                     header.at("tool_version").get<std::string>(), version(), schema_difference(header));
}

}  // namespace

std::string model_schema_hash() {
  std::string schema = fmt::format("reference {}\n", kReferenceVersion);
  for (const std::string& name : feature_names()) schema += name + "\n";
  for (const Target target : kTargets) schema += fmt::format("{} {}\n", name_of(target), unit_of(target));
  return hex_hash(schema);
}

std::string Estimator::Model::to_text() const {
  Json header;
  header["tool_version"] = tool_version;
  header["schema_hash"] = model_schema_hash();
  header["reference_version"] = kReferenceVersion;
  header["features"] = feature_names();
  header["targets"] = targets_json();
  header["family"] = family;
  if (!options.measured_by.empty()) header["measured_by"] = options.measured_by;
  header["training_rows"] = rows;
  header["training_engines"] = engines;
  header["networks"] = networks;
  if (!campaigns.empty()) {
    header["campaigns"] = Json::array();
    for (const record::CampaignRecord& campaign : campaigns) header["campaigns"].push_back(campaign.values);
  }
  header["engine_ranges"] = ranges.engine;
  header["engine_range_texts"] = ranges.engine_texts;
  header["pass_ranges"] = ranges.subgraphs;
  header["seed"] = options.seed;
  header["trees"] = options.trees;
  header["depth"] = options.depth;
  header["learning_rate"] = options.learning_rate;
  header["folds"] = options.folds;
  header["reports"] = Json::object();
  for (const auto& [split, report] : reports) header["reports"][split] = to_json(report);
  if (!network_report.empty()) header["network_report"] = estimator::to_json(network_report);
  if (adaptation) header["adaptation"] = estimator::to_json(*adaptation);
  std::vector<std::string> parts;
  for (const Booster& booster : boosters) parts.push_back(booster.to_bytes());
  if (intervals.folds > 0) {
    header["intervals"] = {{"folds", intervals.folds},
                           {"hardest", intervals.hardest},
                           {"correlation", intervals.correlation},
                           {"complete_networks", intervals.complete_networks},
                           {"drawn_networks", intervals.drawn_networks},
                           {"passes", to_json(intervals.subgraphs)},
                           {"networks", to_json(intervals.networks)}};
    parts.push_back(intervals.difficulty.to_bytes());
  }
  parts.push_back(neighbour_index);
  std::string payload;
  header["part_bytes"] = Json::array();
  for (const std::string& part : parts) {
    header["part_bytes"].push_back(part.size());
    payload += part;
  }
  const std::string header_line = header.dump() + "\n";
  const std::string content = header_line + payload;
  return fmt::format("{} {} {} {} {}\n", kMagic, kFileVersion, header_line.size(), payload.size(), hex_hash(content)) +
         content;
}

void Estimator::Model::read_header(const std::string& text) {
  const Json header = Json::parse(text);
  header.at("tool_version").get_to(tool_version);
  header.at("family").get_to(family);
  if (header.contains("measured_by")) {
    header.at("measured_by").get_to(options.measured_by);
    record::require_possible_source(options.measured_by);
  }
  header.at("training_rows").get_to(rows);
  header.at("training_engines").get_to(engines);
  header.at("networks").get_to(networks);
  if (header.contains("campaigns")) {
    for (const Json& values : header.at("campaigns")) {
      campaigns.emplace_back();
      values.get_to(campaigns.back().values);
      record::require_possible_campaign(campaigns.back());
    }
  }
  header.at("engine_ranges").get_to(ranges.engine);
  header.at("engine_range_texts").get_to(ranges.engine_texts);
  header.at("pass_ranges").get_to(ranges.subgraphs);
  header.at("seed").get_to(options.seed);
  header.at("trees").get_to(options.trees);
  header.at("depth").get_to(options.depth);
  header.at("learning_rate").get_to(options.learning_rate);
  header.at("folds").get_to(options.folds);
  for (const auto& [split, report] : header.at("reports").items()) reports[split] = report_from(report);
  if (header.contains("network_report")) network_report = network_report_from(header.at("network_report"));
  if (header.contains("adaptation")) adaptation = adaptation_from(header.at("adaptation"));
  header.at("part_bytes").get_to(part_bytes);
  require_possible_training(rows, engines, options);
  require_possible_ranges(ranges);
  require_possible_reports(reports, network_report);
  if (!header.contains("intervals")) return;
  const Json& json = header.at("intervals");
  json.at("folds").get_to(intervals.folds);
  json.at("hardest").get_to(intervals.hardest);
  json.at("correlation").get_to(intervals.correlation);
  json.at("complete_networks").get_to(intervals.complete_networks);
  json.at("drawn_networks").get_to(intervals.drawn_networks);
  intervals.subgraphs = quantiles_from(json.at("passes"));
  intervals.networks = quantiles_from(json.at("networks"));
  require_possible_intervals(intervals);
}

void Estimator::Model::read_parts(const std::string& payload) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  for (const std::size_t size : part_bytes) {
    if (size > payload.size() - at) throw Error("its parts are longer than the file");
    parts.push_back(payload.substr(at, size));
    at += size;
  }
  if (parts.size() != kTargetCount + (intervals.folds > 0 ? 2 : 1)) throw Error("it has another number of parts");
  for (std::size_t i = 0; i < kTargetCount; ++i) boosters[i] = Booster::from_bytes(parts[i]);
  if (intervals.folds > 0) intervals.difficulty = Booster::from_bytes(parts[kTargetCount]);
  neighbour_index = parts.back();
}

std::unique_ptr<Estimator::Model> Estimator::Model::parse(const std::string& text, const std::string& path) {
  const Frame frame = open_frame(text, path);
  auto model = std::make_unique<Model>();
  std::string damage;
  try {
    const std::string other = other_schema(frame.header);
    if (!other.empty()) refuse(path, other);
    try {
      model->read_header(frame.header);
      model->read_parts(frame.payload);
    } catch (const Error& error) {
      damage = error.what();
    }
  } catch (const Json::exception&) {
    damage = "its header lacks a value, or has one of another kind";
  }
  if (!damage.empty()) refuse(path, "is damaged: " + damage);
  return model;
}

Estimator Estimator::load(const std::string& path) {
  return Estimator(Model::parse(read_input(path, kLargestModel, "an estimator"), path));
}

void Estimator::save(const std::string& path) const { record::write_file(path, model_->to_text()); }

}  // namespace lanewise::estimator
