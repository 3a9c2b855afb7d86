// SPDX-License-Identifier: Apache-2.0
// What comes with the tool: engines, their keys, networks.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/base/installation.hpp"
#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

namespace fs = std::filesystem;
using Kind = Parameter::Kind;

// Names of files in a folder of those that come with the tool, without their suffixes.
std::vector<std::string> shipped(const char* kind, const std::set<std::string>& suffixes) {
  std::set<std::string> names;
  for (const std::string& folder : installed_data_folders()) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / kind, failed)) {
      if (suffixes.count(entry.path().extension().string()) == 1) names.insert(entry.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> engine_names() { return shipped("hwconfigs", {".yaml"}); }

Json list_networks(const Json&, const Json&, const Json&) {
  const std::vector<std::string> names = shipped("models", {".onnx", ".tflite"});
  return {{"summary", fmt::format("{} networks come with the tool; simulate says what each costs", names.size())},
          {"networks", names}};
}

Json list_engines(const Json& answer, const Json&, const Json&) {
  Json engines = Json::array();
  for (const Json& engine : answer.is_array() ? answer : Json::array({answer})) {
    engines.push_back(picked(engine, {"engine", "family", "engine_hash"}));
  }
  return {{"summary", fmt::format("{} engines come with the tool; show_engine lists the keys of one", engines.size())},
          {"engines", engines}};
}

// Leaves of the nested sections, "dram.bandwidth" and so on.
void add_keys(const Json& section, const std::string& prefix, Json& keys) {
  for (const auto& [name, value] : section.items()) {
    if (!value.is_object()) continue;
    const std::string key = prefix + name;
    if (value.size() == 2 && value.contains("value") && value.contains("origin")) {
      keys.push_back({{"key", key}, {"value", value.at("value")}, {"origin", value.at("origin")}});
    } else {
      add_keys(value, key + ".", keys);
    }
  }
}

Json show_engine(const Json& answer, const Json& arguments, const Json&) {
  const std::string prefix = arguments.value("prefix", "");
  Json sections = answer;
  for (const char* other : {"engine_overrides", "area_breakdown_mm2", "rtl_check"}) sections.erase(other);
  Json all = Json::array(), keys = Json::array();
  add_keys(sections, "", all);
  for (const Json& key : all) {
    if (key.at("key").get_ref<const std::string&>().rfind(prefix, 0) == 0) keys.push_back(key);
  }
  const Json error = simulator_error(answer.at("rtl_check"));
  return {
      {"summary", fmt::format("{} keys, {} mm2; simulator: {}", keys.size(),
                              short_number(answer.at("area_mm2").get<double>()), error.at("text").get<std::string>())},
      {"engine_overrides", answer.at("engine_overrides")},
      {"engine_hash", answer.at("engine_hash")},
      {"area_mm2", answer.at("area_mm2")},
      {"area_breakdown_mm2", answer.at("area_breakdown_mm2")},
      {"keys", keys},
      {"error", error},
      {"warnings", answer.at("warnings")}};
}

}  // namespace

Tool list_networks_tool() {
  return {"list_networks",
          "List networks",
          "Names of the networks that come with the tool, for the argument `model`.",
          {},
          {},
          object_schema("", {{"summary", text_schema("The answer in one sentence")},
                             {"networks", list_schema("Names", {{"type", "string"}})}}),
          list_networks};
}

Tool list_engines_tool() {
  Tool tool{
      "list_engines",
      "List engines",
      "Names of the engines that come with the tool, for the argument `engine`.",
      {"engine", "validate"},
      {},
      object_schema(
          "", {{"summary", text_schema("The answer in one sentence")},
               {"engines",
                list_schema("Engines",
                            object_schema(
                                "", {{"engine", text_schema("Name")},
                                     {"family", text_schema("Name")},
                                     {"engine_hash",
                                      text_schema("The same exactly where no measurement of engines can differ")}}))}}),
      list_engines};
  tool.more_words = engine_names;
  return tool;
}

Tool show_engine_tool() {
  Parameter engine = engine_parameter();
  engine.option = "";
  Tool tool{
      "show_engine",
      "Show an engine's keys",
      "Every key of an engine with its value and where that comes from, its area, and how far its family was "
      "checked against RTL. Keys can be changed with `set` and varied with sweep.",
      {"engine", "show"},
      {engine,
       {"set", Kind::kSettings, "--set", "Engine keys that differ from the file, and their values with units"},
       {"prefix", Kind::kText, nullptr, "Only keys that begin with this, such as dram."}},
      object_schema(
          "", {{"summary", text_schema("The answer in one sentence")},
               {"engine_overrides", map_schema("Keys that were changed from the file", {{"type", "string"}})},
               {"engine_hash", text_schema("The same exactly where no measurement of engines can differ")},
               {"area_mm2", number_schema("mm2, by the area model")},
               {"area_breakdown_mm2", map_schema("mm2, by unit", {{"type", "number"}})},
               {"keys", list_schema("Keys in the order of the reference",
                                    object_schema("", {{"key", text_schema("As `set` takes it")},
                                                       {"value", text_schema("With its unit")},
                                                       {"origin", text_schema("File and line, or what set it")}}))},
               {"error", error_schema()},
               {"warnings", list_schema("Rules of scale that the engine breaks", {{"type", "string"}})}}),
      show_engine};
  return tool;
}

}  // namespace lanewise::mcp
