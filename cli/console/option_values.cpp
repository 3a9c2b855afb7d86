// SPDX-License-Identifier: Apache-2.0
#include "cli/console/option_values.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <type_traits>

#include "core/base/installation.hpp"
#include "core/base/precision.hpp"
#include "core/engine/parameter_table.hpp"

namespace lanewise::cli {
namespace {

namespace fs = std::filesystem;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// "simulate", "estimate" of the type name "TEXT:{simulate,estimate}".
std::vector<Candidate> choices(const std::string& type) {
  std::vector<Candidate> words;
  const std::size_t begin = type.find('{'), end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return words;
  for (std::size_t at = begin + 1; at < end;) {
    const std::size_t comma = std::min(type.find(',', at), end);
    words.push_back({type.substr(at, comma - at), ""});
    at = comma + 1;
  }
  return words;
}

const std::map<std::string, const char*> kKinds = {{"hwconfigs", "engine"},
                                                   {"models", "network"},
                                                   {"spaces", "search space"},
                                                   {"campaigns", "campaign"},
                                                   {"workloads", "workload"}};

// Bare names of the files of a data folder; where two differ in their suffix alone, with it.
void add_data_names(const std::string& kind, Completion& completion) {
  std::map<std::string, std::set<std::string>> files;  // by name without suffix
  for (const std::string& folder : data_folders()) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / kind, failed)) {
      const fs::path name = entry.path().filename();
      const std::string suffix = name.extension().string();
      if (suffix != ".yaml" && suffix != ".onnx" && suffix != ".tflite") continue;
      files[name.stem().string()].insert(name.string());
    }
  }
  for (const auto& [stem, names] : files) {
    if (names.size() == 1) completion.words.push_back({stem, kKinds.at(kind)});
    if (names.size() == 1) continue;
    for (const std::string& name : names) completion.words.push_back({name, kKinds.at(kind)});
  }
}

// What follows "a name of" in an option's help.
bool add_names_of_help(const std::string& help, Completion& completion) {
  static const std::regex named("([a-z]+)/");
  if (!contains(help, "name of ") && !contains(help, "names of ")) return false;
  bool found = false;
  for (std::sregex_iterator at(help.begin(), help.end(), named), end; at != end; ++at) {
    if (kKinds.count((*at)[1]) == 0) continue;
    add_data_names((*at)[1], completion);
    found = true;
  }
  return found;
}

// The words that a parameter may be, where these are few.
std::vector<std::string> words_of(const engine::Parameter& parameter) {
  engine::EngineConfig config;
  const bool few = std::visit(
      [](const auto* slot) {
        using Type = std::decay_t<decltype(*slot)>;
        return std::is_enum_v<Type> || std::is_same_v<Type, bool>;
      },
      parameter.slot(config));
  std::vector<std::string> words;
  if (!few) return words;
  const std::string all = engine::notation(parameter);
  static const std::regex word("[A-Za-z0-9_:]+");
  for (std::sregex_iterator at(all.begin(), all.end(), word), end; at != end; ++at) {
    // N:M stands for many words.
    if (at->str() != "or" && !contains(at->str(), ":")) words.push_back(at->str());
  }
  return words;
}

std::vector<Candidate> engine_keys(const char* behind) {
  std::vector<Candidate> keys;
  for (const engine::Parameter& parameter : engine::parameter_table()) {
    keys.push_back({std::string(parameter.key) + behind, parameter.meaning});
  }
  return keys;
}

// KEY=VALUE, or with `several` KEY=v1,v2.
void add_assignment(const std::string& typed, bool several, Completion& completion) {
  const std::size_t equals = typed.find('=');
  if (equals == std::string::npos) {
    completion.open = true;
    for (Candidate& key : engine_keys("=")) completion.words.push_back(std::move(key));
    if (several) completion.words.push_back({"batch=", "first dimension of the network's inputs"});
    if (several) completion.words.push_back({"dim.", "size of the network's inputs by its name"});
    return;
  }
  const engine::Parameter* parameter = engine::find_parameter(typed.substr(0, equals));
  if (parameter == nullptr) return;
  const std::size_t comma = typed.rfind(',');
  const std::size_t begin = several && comma != std::string::npos && comma > equals ? comma : equals;
  for (const std::string& word : words_of(*parameter)) {
    completion.words.push_back({typed.substr(0, begin + 1) + word, ""});
  }
}

void add_words_of(const char* key, Completion& completion) {
  for (const std::string& word : words_of(engine::require_parameter(key))) completion.words.push_back({word, ""});
}

void add_precisions(const std::string& typed, Completion& completion) {
  const std::size_t begin = std::max(typed.rfind('=') + 1, typed.rfind(',') + 1);
  std::vector<std::string> words;
  for (int i = 0; i < kPrecisionCount; ++i) words.emplace_back(to_string(static_cast<Precision>(i)));
  if (begin == 0 || typed[begin - 1] == ',') words.insert(words.end(), {"weights=", "activations="});
  for (const std::string& word : words) completion.words.push_back({typed.substr(0, begin) + word, ""});
}

// By the type of the value, as the help shows it.
void add_by_type(const std::string& type, const std::string& help, const std::string& typed, Completion& completion) {
  // Keys of recipes are no keys of engines.
  if (contains(type, "KEY") && contains(help, "recipe")) return;
  static const std::regex file("FILE|STORE|ROWS|RESULT|\\b(IN|OUT)\\b|\\.(lwm|csv|yaml|onnx|svg)");
  if (contains(type, "KEY=v1")) return add_assignment(typed, true, completion);
  if (contains(type, "KEY=VALUE")) return add_assignment(typed, false, completion);
  if (contains(type, "KEY")) return add_list(engine_keys(""), typed, completion);
  if (contains(type, "FOLDER") || contains(type, "DIR")) completion.folders = true;
  if (std::regex_search(type, file)) completion.files = true;
}

}  // namespace

void add_list(const std::vector<Candidate>& words, const std::string& typed, Completion& completion) {
  const std::size_t begin = typed.rfind(',') + 1;  // 0 where there is none
  for (const Candidate& word : words) completion.words.push_back({typed.substr(0, begin) + word.word, word.meaning});
}

void add_values(const CLI::Option& option, const std::string& typed, Completion& completion) {
  const std::string type = option.get_type_name(), name = option.get_name();
  const std::vector<Candidate> few = choices(type);
  if (!few.empty()) {
    completion.words.insert(completion.words.end(), few.begin(), few.end());
    return;
  }
  if (name == "--plan-for") return add_words_of("mapping.plan_for", completion);
  if (name == "--effort") {
    const engine::Parameter& effort = engine::require_parameter("mapping.effort");
    for (int i = std::stoi(effort.low); i <= std::stoi(effort.high); ++i) {
      completion.words.push_back({std::to_string(i), ""});
    }
    return;
  }
  if (name == "--precision") {
    completion.files = contains(type, "FILE");
    return add_precisions(typed, completion);
  }
  if (add_names_of_help(option.get_description(), completion)) completion.files = true;
  // An argument is named by what it is.
  add_by_type(option.get_positional() ? name : type, option.get_description(), typed, completion);
}

}  // namespace lanewise::cli
