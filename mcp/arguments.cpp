// SPDX-License-Identifier: Apache-2.0
// From a client's arguments to the words of a command line. Every option is handed over as one word, OPTION=VALUE,
// behind what stands by itself, so that no value can be taken for another option.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "mcp/tool.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

constexpr std::size_t kMostFiles = 8, kMostTexts = 16, kMostKeys = 64, kMostValues = 64, kLongestText = 2000;

[[noreturn]] void refuse(const std::string& argument, const std::string& rule) {
  throw Error(fmt::format("argument '{}': {}", argument, rule));
}

const std::string& text_of(const std::string& argument, const Json& value) {
  if (!value.is_string()) refuse(argument, "must be a string");
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) refuse(argument, "must not be empty");
  if (text.size() > kLongestText) refuse(argument, fmt::format("must have at most {} bytes", kLongestText));
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    refuse(argument, "must have no control characters");
  }
  return text;
}

// Keys of engines and names of sizes.
const std::string& key_of(const std::string& argument, const std::string& key) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '/' || c == ':';
  };
  if (key.empty() || key.size() > 200 || !std::all_of(key.begin(), key.end(), fits)) {
    refuse(argument,
           fmt::format("'{}' is no key: letters, digits, '_', '.', '/' and ':'", printable(key.substr(0, 200))));
  }
  return key;
}

// A value of a key: a text such as "6.4 GB/s", or a number or a switch as JSON has them.
std::string scalar_of(const std::string& argument, const Json& value) {
  if (value.is_string()) return text_of(argument, value);
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  if (value.is_number_float() && std::isfinite(value.get<double>())) return fmt::format("{}", value.get<double>());
  refuse(argument, "a value must be a string, a number, true or false");
}

const Json& object_of(const std::string& argument, const Json& value) {
  if (!value.is_object()) refuse(argument, "must be an object");
  if (value.empty()) refuse(argument, "must have a key");
  if (value.size() > kMostKeys) refuse(argument, fmt::format("must have at most {} keys", kMostKeys));
  return value;
}

const Json& list_of(const std::string& argument, const Json& value, std::size_t most) {
  if (!value.is_array() || value.empty() || value.size() > most) {
    refuse(argument, fmt::format("must be a list of 1 to {}", most));
  }
  return value;
}

std::string number_of(const Parameter& parameter, const Json& value) {
  const bool whole = parameter.kind == Kind::kWhole;
  const char* const kind = whole ? "whole number" : "number";
  // 3.0 is a whole number in JSON Schema.
  const bool fits = value.is_number() && (!whole || std::trunc(value.get<double>()) == value.get<double>());
  if (!fits || !(value.get<double>() >= parameter.low && value.get<double>() <= parameter.high)) {
    refuse(parameter.name, fmt::format("must be a {} from {} to {}", kind, parameter.low, parameter.high));
  }
  return whole ? fmt::format("{}", static_cast<std::int64_t>(value.get<double>()))
               : fmt::format("{}", value.get<double>());
}

std::string choice_of(const Parameter& parameter, const Json& value) {
  for (const char* choice : parameter.choices) {
    if (value == choice) return choice;
  }
  refuse(parameter.name, fmt::format("must be one of {}", fmt::join(parameter.choices, ", ")));
}

std::string joined_values(const std::string& argument, const Json& values) {
  std::string text;
  for (const Json& value : list_of(argument, values, kMostValues)) {
    const std::string one = scalar_of(argument, value);
    if (one.find(',') != std::string::npos) refuse(argument, fmt::format("'{}': a value must have no comma", one));
    text += (text.empty() ? "" : ",") + one;
  }
  return text;
}

struct Words {
  std::vector<std::string> own;      // that stand by themselves
  std::vector<std::string> options;  // OPTION=VALUE
};

void add(const Parameter& parameter, const Json& value, const Paths& paths, Words& words) {
  const std::string argument = parameter.name;
  const auto give = [&](const std::string& text) {
    if (parameter.option == nullptr) return;
    if (*parameter.option == '\0') {
      words.own.push_back(text);
    } else {
      words.options.push_back(std::string(parameter.option) + "=" + text);
    }
  };
  const std::string named = "argument '" + argument + "'";
  switch (parameter.kind) {
    case Kind::kFile:
      return give(paths.input(named, parameter.data, text_of(argument, value)));
    case Kind::kFiles:
      for (const Json& one : list_of(argument, value, kMostFiles)) {
        give(paths.input(named, parameter.data, text_of(argument, one)));
      }
      return;
    case Kind::kFolder:
      return give(paths.output_folder(named, text_of(argument, value)));
    case Kind::kSettings:
      for (const auto& [key, one] : object_of(argument, value).items()) {
        give(key_of(argument, key) + "=" + scalar_of(argument, one));
      }
      return;
    case Kind::kSizes:
      for (const auto& [key, one] : object_of(argument, value).items()) {
        if (!one.is_number_integer() || one < 0) refuse(argument, "a size must be a whole number of at least 0");
        give(key_of(argument, key) + "=" + one.dump());
      }
      return;
    case Kind::kVaried:
      for (const auto& [key, one] : object_of(argument, value).items()) {
        give(key_of(argument, key) + "=" + joined_values(argument, one));
      }
      return;
    case Kind::kText:
      return give(text_of(argument, value));
    case Kind::kTexts:
      for (const Json& one : list_of(argument, value, kMostTexts)) give(text_of(argument, one));
      return;
    case Kind::kChoice:
      return give(choice_of(parameter, value));
    case Kind::kWhole:
    case Kind::kNumber:
      return give(number_of(parameter, value));
  }
}

Words words_of(const Tool& tool, const Json& arguments, const Paths& paths) {
  Words words;
  for (const Parameter& parameter : tool.parameters) {
    if (arguments.contains(parameter.name)) {
      add(parameter, arguments.at(parameter.name), paths, words);
    } else if (parameter.required) {
      refuse(parameter.name, fmt::format("is required: {}", parameter.about));
    }
  }
  return words;
}

void expect_known(const Tool& tool, const Json& arguments) {
  for (const auto& item : arguments.items()) {
    const auto same = [&](const Parameter& parameter) { return item.key() == parameter.name; };
    if (std::any_of(tool.parameters.begin(), tool.parameters.end(), same)) continue;
    std::vector<std::string> names;
    for (const Parameter& parameter : tool.parameters) names.emplace_back(parameter.name);
    refuse(printable(item.key().substr(0, 100)),
           names.empty() ? fmt::format("{} takes none", tool.name)
                         : fmt::format("is unknown; {} takes {}", tool.name, fmt::join(names, ", ")));
  }
}

Json parameter_schema(const Parameter& parameter) {
  const Json scalar = {{"type", {"string", "number", "boolean"}}};
  const char* const about = parameter.about;
  switch (parameter.kind) {
    case Kind::kFile:
    case Kind::kFolder:
    case Kind::kText: {
      Json schema = text_schema(about);
      schema["minLength"] = 1;
      return schema;
    }
    case Kind::kFiles:
    case Kind::kTexts: {
      Json schema = list_schema(about, {{"type", "string"}, {"minLength", 1}});
      schema["minItems"] = 1;
      schema["maxItems"] = parameter.kind == Kind::kFiles ? kMostFiles : kMostTexts;
      return schema;
    }
    case Kind::kSettings:
      return map_schema(about, scalar);
    case Kind::kSizes:
      return map_schema(about, {{"type", "integer"}, {"minimum", 0}});
    case Kind::kVaried:
      return map_schema(about, {{"type", "array"}, {"items", scalar}, {"minItems", 1}, {"maxItems", kMostValues}});
    case Kind::kChoice: {
      Json schema = text_schema(about);
      schema["enum"] = parameter.choices;
      return schema;
    }
    case Kind::kWhole: {
      Json schema = whole_schema(about);
      schema["minimum"] = static_cast<std::int64_t>(parameter.low);
      schema["maximum"] = static_cast<std::int64_t>(parameter.high);
      return schema;
    }
    case Kind::kNumber: {
      Json schema = number_schema(about);
      schema["minimum"] = parameter.low;
      schema["maximum"] = parameter.high;
      return schema;
    }
  }
  return {};
}

}  // namespace

Json input_schema(const Tool& tool) {
  std::vector<Field> fields;
  for (const Parameter& parameter : tool.parameters) {
    fields.push_back({parameter.name, parameter_schema(parameter), !parameter.required});
  }
  return object_schema("", fields);
}

std::vector<std::string> command_line(const Tool& tool, const Json& arguments, const Paths& paths, int processes) {
  expect_known(tool, arguments);
  const Words words = words_of(tool, arguments, paths);
  std::vector<std::string> line(tool.verb.begin(), tool.verb.end());
  line.insert(line.end(), words.own.begin(), words.own.end());
  if (tool.more_words != nullptr) {
    for (std::string& word : tool.more_words()) line.push_back(std::move(word));
  }
  line.insert(line.end(), words.options.begin(), words.options.end());
  if (tool.several_processes) line.push_back(fmt::format("--jobs={}", processes));
  line.emplace_back("--json");
  return line;
}

std::vector<std::string> engine_command_line(const Tool& tool, const Json& arguments, const Paths& paths) {
  if (!tool.asks_engine || !arguments.contains("engine")) return {};
  Words words;
  for (const Parameter& parameter : tool.parameters) {
    const std::string name = parameter.name;
    if (name != "engine" && name != "set") continue;
    if (!arguments.contains(name)) continue;
    Parameter own = parameter;
    if (name == "engine") own.option = "";
    add(own, arguments.at(name), paths, words);
  }
  std::vector<std::string> line = {"engine", "show"};
  line.insert(line.end(), words.own.begin(), words.own.end());
  line.insert(line.end(), words.options.begin(), words.options.end());
  line.emplace_back("--json");
  return line;
}

}  // namespace lanewise::mcp
