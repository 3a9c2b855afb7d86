// SPDX-License-Identifier: Apache-2.0
#include "cli/console/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/engine/suggestion.hpp"

namespace lanewise::cli {
namespace {

// Options that other tools have, and what they are called here.
constexpr std::pair<const char*, const char*> kElsewhere[] = {
    {"--output", "--out"},
    {"-o", "--out"},
    {"--engine", "--hw"},
    {"--config", "--hw"},
    {"--hwconfig", "--hw"},
    {"--threads", "--jobs"},
    {"-j", "--jobs"},
    {"--workers", "--jobs"},
    {"--batch-size", "--batch"},
    {"--dtype", "--precision"},
    {"--random-seed", "--seed"},
    {"--override", "--set"},
    {"--param", "--set"},
};

// CLI11 writes some of its messages on several lines.
std::string on_one_line(std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  message.erase(message.find_last_not_of(' ') + 1);
  return message;
}

// The verb that was called, or the innermost group of verbs that the command line got to.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

// "lanewise", "lanewise network show".
std::string full_name(const CLI::App& app) {
  std::string name = app.get_name();
  for (const CLI::App* parent = app.get_parent(); parent != nullptr; parent = parent->get_parent()) {
    name = parent->get_name() + " " + name;
  }
  return name;
}

std::string help_of(const CLI::App& verb) { return fmt::format("`{} --help` explains it", full_name(verb)); }

std::vector<std::string> option_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& group) {
  return group.get_subcommands([](const CLI::App*) { return true; });
}

// Verbs, groups of verbs looked into, that have the option.
void verbs_with(const CLI::App& group, const std::string& option, std::vector<std::string>& found) {
  for (const CLI::App* verb : verbs_of(group)) {
    const std::vector<std::string> names = option_names(*verb);
    if (std::find(names.begin(), names.end(), option) != names.end()) {
      found.push_back(full_name(*verb).substr(full_name(group).size() + 1));
    }
    if (!verbs_of(*verb).empty() && found.size() < 20) {
      std::vector<std::string> below;
      verbs_with(*verb, option, below);
      for (const std::string& name : below) found.push_back(verb->get_name() + " " + name);
    }
  }
}

std::string unknown_option(const CLI::App& app, const CLI::App& verb, const std::string& word) {
  const std::string option = word.substr(0, word.find('='));
  const std::vector<std::string> names = option_names(verb);
  std::string hint;
  for (const auto& [elsewhere, here] : kElsewhere) {
    if (option == elsewhere && std::find(names.begin(), names.end(), here) != names.end()) {
      hint = fmt::format(" (did you mean '{}'?)", here);
    }
  }
  if (hint.empty()) hint = engine::suggestion(option, names);
  if (hint.empty()) {
    std::vector<std::string> others;
    verbs_with(app, option, others);
    constexpr std::size_t kMany = 5;
    if (option == "--csv") {
      hint = " (--json is what programs read)";
    } else if (!others.empty() && others.size() <= kMany) {
      hint = fmt::format(" (an option of {})", fmt::join(others, ", "));
    }
  }
  return fmt::format("{}: unknown option '{}'{}; {}", full_name(verb), option, hint, help_of(verb));
}

std::string unknown_verb(const CLI::App& group, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs_of(group)) names.push_back(verb->get_name());
  const std::string hint = engine::suggestion(word, names);
  if (group.get_parent() == nullptr) {
    return fmt::format("unknown verb '{}'{}; `lanewise --help` lists them", word, hint);
  }
  return fmt::format("{}: unknown verb '{}'{}; it has {}", full_name(group), word, hint, fmt::join(names, ", "));
}

// A group of verbs was named and none of its verbs.
std::string missing_verb(const CLI::App& group, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs_of(group)) names.push_back(verb->get_name());
  // What stands behind the group's name was meant to be one of its verbs.
  auto at = words.begin();
  if (group.get_parent() != nullptr) at = std::find(words.begin(), words.end(), group.get_name());
  if (at != words.end() && group.get_parent() != nullptr) ++at;
  if (at != words.end()) {
    if (at->rfind('-', 0) != 0) return unknown_verb(group, *at);
    return fmt::format("{}: a verb stands before its options: {}", full_name(group), fmt::join(names, ", "));
  }
  return fmt::format("{} needs a verb: {}", full_name(group), fmt::join(names, ", "));
}

// "MODEL", "--hw FILE".
std::string with_value(const CLI::Option& option) {
  const std::string name = option.get_name();
  std::string type = option.get_type_name();
  type.resize(std::min(type.find(':'), type.size()));  // without the checks that CLI11 names behind it
  return option.get_positional() || type.empty() ? name : name + " " + type;
}

const CLI::Option* option_in(const CLI::App& verb, const std::string& name) {
  for (const CLI::Option* option : verb.get_options()) {
    if (option->check_name(name) || option->get_name() == name) return option;
  }
  return nullptr;
}

// "MODEL is required" and no more is little help to whoever asks for it the first time.
std::string required(const CLI::App& verb, const std::string& text) {
  const std::string name = text.substr(0, text.find(' '));
  const CLI::Option* option = option_in(verb, name);
  if (option == nullptr) return text;
  return fmt::format("{} is required: {}; {}", with_value(*option), option->get_description(), help_of(verb));
}

std::string missing_value(const CLI::App& verb, const std::string& text) {
  const CLI::Option* option = option_in(verb, text.substr(0, text.find(':')));
  if (option == nullptr) return text;
  return fmt::format("{} needs a value: {}; {}", with_value(*option), option->get_description(), help_of(verb));
}

bool takes_whole_numbers(const CLI::Option* option) {
  if (option == nullptr) return false;
  const std::string type = option->get_type_name();
  return type == "N" || type == "S" || type.rfind("N:", 0) == 0 || type.rfind("S:", 0) == 0;
}

// "Could not convert: --batch = 1.5".
std::string no_number(const CLI::App& verb, const std::string& text) {
  const std::size_t colon = text.find(": "), equals = text.find(" = ");
  if (colon == std::string::npos || equals == std::string::npos || equals < colon) return text;
  const std::string name = text.substr(colon + 2, equals - colon - 2);
  const CLI::Option* option = option_in(verb, name);
  if (option == nullptr) return text;
  const bool whole = takes_whole_numbers(option);
  return fmt::format("{}: '{}' is no {}number", name, text.substr(equals + 3), whole ? "whole " : "");
}

// "0.001000" as "0.001".
std::string short_number(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// "--batch: Value two not in range 0.000000 to 1797…": CLI11 writes the largest number there is with all its digits.
std::string out_of_range(const CLI::App& verb, const std::string& text) {
  const std::string value_mark = ": Value ", range_mark = " not in range ", to_mark = " to ";
  const std::size_t value = text.find(value_mark), range = text.find(range_mark);
  const std::size_t to = range == std::string::npos ? range : text.find(to_mark, range + range_mark.size());
  if (value == std::string::npos || to == std::string::npos || value > range) return text;
  const std::string name = text.substr(0, value);
  const std::string given = text.substr(value + value_mark.size(), range - value - value_mark.size());
  const std::string low = short_number(text.substr(range + range_mark.size(), to - range - range_mark.size()));
  const std::string high = text.substr(to + to_mark.size());
  constexpr std::size_t kAnyNumber = 30;  // digits of what is no limit
  const std::string rule =
      high.size() > kAnyNumber ? "above " + low : fmt::format("from {} to {}", low, short_number(high));
  const bool whole = takes_whole_numbers(option_in(verb, name));
  return fmt::format("{}: '{}' must be a {}number {}", name, given, whole ? "whole " : "", rule);
}

}  // namespace

std::string usage_message(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words) {
  const CLI::App& verb = innermost(app);
  const std::string text = on_one_line(error.what());
  // CLI11 asks for a subcommand before it says that it does not know this one.
  if (!verbs_of(verb).empty()) return missing_verb(verb, words);
  // What is missing may be what was misspelt.
  const bool extras = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (extras || error.get_name() == "RequiredError") {
    for (const std::string& word : app.remaining(true)) {
      if (word.rfind('-', 0) == 0) return unknown_option(app, verb, word);
    }
    return extras ? fmt::format("{}: {}; {}", full_name(verb), text, help_of(verb)) : required(verb, text);
  }
  if (error.get_name() == "ArgumentMismatch") return missing_value(verb, text);
  if (error.get_name() == "ConversionError") return no_number(verb, text);
  if (error.get_name() == "ValidationError") return out_of_range(verb, text);
  return text;
}

}  // namespace lanewise::cli
