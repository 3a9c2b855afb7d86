// SPDX-License-Identifier: Apache-2.0
// The model file: one line of magic, sizes and checksum, one line of JSON, then the boosters' bytes.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/version.hpp"
#include "estimator/adaptation_json.hpp"
#include "estimator/features.hpp"
#include "estimator/model.hpp"
#include "record/file.hpp"

namespace lanewise::estimator {
namespace {

using Json = nlohmann::json;

constexpr const char* kMagic = "lanewise-estimator";
constexpr int kFileVersion = 1;

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
    {"latency", &SplitReport::latency},       {"bound", &SplitReport::bound},
    {"reference", &SplitReport::reference},   {"outside_ranges", &SplitReport::outside_ranges},
    {"weighted", &SplitReport::weighted},     {"energy", &SplitReport::energy},
    {"dram_bytes", &SplitReport::dram_bytes}, {"peak_sram", &SplitReport::peak_sram}};

Json to_json(const SplitReport& report) {
  Json json;
  for (const auto& [name, member] : kAccuracies) json[name] = to_json(report.*member);
  json["by_family"] = Json::object();
  for (const auto& [family, accuracy] : report.by_family) json["by_family"][family] = to_json(accuracy);
  json["training_rows"] = report.training_rows;
  json["training_engines"] = report.training_engines;
  json["engines"] = report.engines;
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
    refuse(path, fmt::format("has file version {}, this version of the tool reads {}", version, kFileVersion));
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

Adaptation adaptation_of(const Json& header, const std::string& path) {
  try {
    return adaptation_from(header.at("adaptation"));
  } catch (const Error& error) {
    refuse(path, std::string("is damaged: ") + error.what());
  }
}

Json targets_json() {
  Json targets = Json::array();
  for (const Target target : kTargets) targets.push_back({{"name", name_of(target)}, {"unit", unit_of(target)}});
  return targets;
}

}  // namespace

std::string model_schema_hash() {
  std::string schema = fmt::format("{} reference {}\n", version(), kReferenceVersion);
  for (const std::string& name : feature_names()) schema += name + "\n";
  for (const Target target : kTargets) schema += fmt::format("{} {}\n", name_of(target), unit_of(target));
  return hex_hash(schema);
}

std::string Estimator::Model::to_text() const {
  Json header;
  header["tool_version"] = version();
  header["schema_hash"] = model_schema_hash();
  header["features"] = feature_names();
  header["targets"] = targets_json();
  header["family"] = family;
  header["training_rows"] = rows;
  header["training_engines"] = engines;
  header["engine_ranges"] = Json::object();
  for (const auto& [key, range] : engine_ranges) header["engine_ranges"][key] = {range.first, range.second};
  header["seed"] = options.seed;
  header["trees"] = options.trees;
  header["depth"] = options.depth;
  header["learning_rate"] = options.learning_rate;
  header["reports"] = Json::object();
  for (const auto& [split, report] : reports) header["reports"][split] = to_json(report);
  if (adaptation) header["adaptation"] = estimator::to_json(*adaptation);
  std::string payload;
  header["booster_bytes"] = Json::array();
  for (const Booster& booster : boosters) {
    const std::string bytes = booster.to_bytes();
    header["booster_bytes"].push_back(bytes.size());
    payload += bytes;
  }
  const std::string header_line = header.dump() + "\n";
  const std::string content = header_line + payload;
  return fmt::format("{} {} {} {} {}\n", kMagic, kFileVersion, header_line.size(), payload.size(), hex_hash(content)) +
         content;
}

std::unique_ptr<Estimator::Model> Estimator::Model::parse(const std::string& text, const std::string& path) {
  const Frame frame = open_frame(text, path);
  auto model = std::make_unique<Model>();
  try {
    const Json header = Json::parse(frame.header);
    const std::string tool = header.at("tool_version");
    if (tool != version()) {
      refuse(path, "was trained by version " + tool + " of the tool, this is " + version() + ": train it again");
    }
    if (header.at("schema_hash") != model_schema_hash()) {
      refuse(path, "has other features, targets or units than this version of the tool: train it again");
    }
    header.at("family").get_to(model->family);
    header.at("training_rows").get_to(model->rows);
    header.at("training_engines").get_to(model->engines);
    for (const auto& [key, range] : header.at("engine_ranges").items()) {
      model->engine_ranges[key] = {range.at(0).get<double>(), range.at(1).get<double>()};
    }
    header.at("seed").get_to(model->options.seed);
    header.at("trees").get_to(model->options.trees);
    header.at("depth").get_to(model->options.depth);
    header.at("learning_rate").get_to(model->options.learning_rate);
    for (const auto& [split, report] : header.at("reports").items()) model->reports[split] = report_from(report);
    if (header.contains("adaptation")) model->adaptation = adaptation_of(header, path);
    std::size_t at = 0;
    for (std::size_t i = 0; i < kTargetCount; ++i) {
      const std::size_t size = header.at("booster_bytes").at(i);
      if (size > frame.payload.size() - at) refuse(path, "is damaged: its boosters are longer than the file");
      model->boosters[i] = Booster::from_bytes(frame.payload.substr(at, size));
      at += size;
    }
  } catch (const Json::exception& error) {
    refuse(path, std::string("is damaged: ") + error.what());
  }
  return model;
}

Estimator Estimator::load(const std::string& path) { return Estimator(Model::parse(record::read_file(path), path)); }

void Estimator::save(const std::string& path) const { record::write_file(path, model_->to_text()); }

}  // namespace lanewise::estimator
