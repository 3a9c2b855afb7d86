// SPDX-License-Identifier: Apache-2.0
// Gathers what the script beside measured: model_compression summary NAME=FOLDER... prints a JSON.
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/record/file.hpp"

namespace {

using lanewise::Error;
using Json = nlohmann::ordered_json;
namespace record = lanewise::record;

constexpr const char* kForms[] = {"int8", "int4", "mixed", "2_4", "16_clusters"};

Json read_json(const std::string& path) { return Json::parse(record::read_file(path)); }

const Json* stage_of(const Json& answer, const std::string& name) {
  for (const Json& stage : answer.at("stages")) {
    if (stage.at("stage") == name) return &stage;
  }
  return nullptr;
}

Json engine_row(const Json& simulated) {
  const Json& total = simulated.at("total");
  return {{"latency_cycles", total.at("latency_cycles")},
          {"energy_uj", total.at("energy_uj")},
          {"dram_bytes", total.at("dram_bytes")},
          {"peak_sram_bytes", total.at("peak_sram_bytes")},
          {"parameter_bytes", total.at("parameter_bytes")}};
}

Json summary(const std::vector<std::pair<std::string, std::string>>& networks) {
  Json out;
  out["benchmark"] = "model_compression";
  out["networks"] = Json::array();
  for (const auto& [name, folder] : networks) {
    Json network = {{"name", name}};
    Json base;
    for (const char* form : kForms) {
      const std::string place = folder + "/" + form;
      const Json plain = read_json(place + "/plain.json"), engine = read_json(place + "/engine.json");
      if (!network.contains("before")) {
        network["task"] = plain.at("task");
        network["engine"] = engine.at("engine");
        network["before"] = *stage_of(plain, "before");
        network["forms"] = Json::array();
      }
      Json row = {{"form", form}, {"after", *stage_of(plain, "after")}};
      if (std::ifstream(place + "/tuned.json")) {
        const Json tuned = read_json(place + "/tuned.json");
        row["fine_tuned"] = *stage_of(tuned, "fine-tuned");
        row["epochs"] = tuned.at("fine_tuning").at("epochs");
        row["seconds"] = tuned.at("fine_tuning").at("seconds");
      }
      row["engine_overrides"] = engine.at("engine_overrides");
      row["engine"] = engine_row(engine);
      if (base.is_null()) base = row["engine"];
      for (const auto& [key, value] : row["engine"].items()) {
        row["of_int8"][key] = value.get<double>() / base.at(key).get<double>();
      }
      network["forms"].push_back(std::move(row));
    }
    out["networks"].push_back(std::move(network));
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() > 1 && words[0] == "summary") {
      std::vector<std::pair<std::string, std::string>> networks;
      for (std::size_t i = 1; i < words.size(); ++i) {
        const std::size_t end = words[i].find('=');
        if (end == std::string::npos) throw Error(words[i] + ": expected NAME=FOLDER");
        networks.emplace_back(words[i].substr(0, end), words[i].substr(end + 1));
      }
      std::puts(summary(networks).dump(2).c_str());
      return 0;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lanewise: error: %s\n", error.what());
    return 1;
  }
  std::fputs("usage: model_compression summary NAME=FOLDER...\n", stderr);
  return 2;
}
