// SPDX-License-Identifier: Apache-2.0
// Chooses layers for fewer bits and gathers what the script beside measured.
//   model_compression mixed SENSITIVITY.csv COMPRESSED.json   a list of precisions: int4 in the layers that lose least
//                                                             by it, half of all weights in sum
//   model_compression summary NAME=FOLDER...                  a JSON
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
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

struct Layer {
  std::string name;
  double weights = 0, more = 0;  // loss with int4 less that with int8
};

// Names hold what would end a word of a list of precisions.
std::string as_pattern(std::string name) {
  for (char& c : name) {
    if (c == ' ' || c == '\t' || c == '#') c = '*';
  }
  return name;
}

// Layers in the order of the loss that they add per weight, as long as half of all weights are not exceeded.
std::string mixed(const std::string& table, const std::string& compressed) {
  std::map<std::string, double> four, eight;
  std::istringstream lines(record::read_file(table));
  std::string line;
  std::getline(lines, line);
  if (line != "layer,form,loss") throw Error(table + ": no table of sensitivity");
  while (std::getline(lines, line)) {
    const std::size_t loss = line.rfind(','), form = line.rfind(',', loss - 1);
    const std::string name = line.substr(0, form), kind = line.substr(form + 1, loss - form - 1);
    if (kind == "int4") four[name] = std::atof(line.c_str() + loss + 1);
    if (kind == "int8") eight[name] = std::atof(line.c_str() + loss + 1);
  }
  std::vector<Layer> layers;
  double all = 0;
  for (const Json& layer : read_json(compressed).at("layers")) {
    const std::string name = layer.at("layer");
    const double weights = layer.at("weights");
    all += weights;
    if (four.count(name) > 0 && eight.count(name) > 0) layers.push_back({name, weights, four[name] - eight[name]});
  }
  std::stable_sort(layers.begin(), layers.end(),
                   [](const Layer& a, const Layer& b) { return a.more / a.weights < b.more / b.weights; });
  std::string text = "* int8\n";
  double taken = 0;
  for (const Layer& layer : layers) {
    if (taken + layer.weights > all / 2) continue;
    taken += layer.weights;
    text += as_pattern(layer.name) + " int4\n";
  }
  return text;
}

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
    if (words.size() == 3 && words[0] == "mixed") {
      std::fputs(mixed(words[1], words[2]).c_str(), stdout);
      return 0;
    }
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
  std::fputs("usage: model_compression mixed SENSITIVITY.csv COMPRESSED.json | summary NAME=FOLDER...\n", stderr);
  return 2;
}
