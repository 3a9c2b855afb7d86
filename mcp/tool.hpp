// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: what a tool is. A new tool is a function in tools/ that makes one, and a line of
// the table in tools.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mcp/json.hpp"
#include "mcp/paths.hpp"

namespace lanewise::mcp {

// What a client may say, how it is checked, and which words of a command line it becomes.
struct Parameter {
  enum class Kind {
    kFile,      // of the current folder, of an allowed one, or one that comes with the tool
    kFiles,     // up to eight of them
    kFolder,    // that may be made, below the current folder or an allowed one
    kSettings,  // an object: engine keys and their values, OPTION KEY=VALUE each
    kSizes,     // an object: names and whole numbers, OPTION NAME=N each
    kVaried,    // an object: keys and lists of values, OPTION KEY=V,V each
    kText,
    kTexts,   // up to 16, OPTION TEXT each
    kChoice,  // one of `choices`
    kWhole,   // low to high
    kNumber,  // low to high
  };
  const char* name;
  Kind kind;
  const char* option;  // "--hw"; "": stands by itself; nullptr: not handed on, but for the digest
  const char* about;
  bool required = false;
  double low = 0, high = 0;
  std::vector<const char*> choices = {};
  const char* data = "";  // of a file: the folder of those that come with the tool, "models"
};

struct Tool {
  const char* name;
  const char* title;
  const char* about;
  std::vector<const char*> verb;  // "engine", "show"; empty: no program is run
  std::vector<Parameter> parameters;
  Json output;  // JSON Schema of what `digest` makes
  // The answer that a client gets of the verb's own, whose JSON is `answer`. `known` is what `engine show --json` says
  // of the engine where `asks_engine` is set, else null.
  Json (*digest)(const Json& answer, const Json& arguments, const Json& known);
  bool asks_engine = false;        // of the parameter `engine` with `set`
  bool several_processes = false;  // takes --jobs
  bool long_job = false;           // may take hours, reports its progress, and writes files
  int fair_status = 0;             // an exit status beside 0 with which the answer is one
  // Words of the command line that no client gives; may be nullptr.
  std::vector<std::string> (*more_words)() = nullptr;
};

// In the order in which clients see them.
const std::vector<Tool>& tools();
// nullptr where there is none of that name.
const Tool* find_tool(const std::string& name);

// What a client may give, as JSON Schema.
Json input_schema(const Tool& tool);
// The words of the command line behind the program, --json among them. Throws Error, naming the argument and the rule,
// where arguments are not of the tool's schema, or a file lies where calls may not read.
std::vector<std::string> command_line(const Tool& tool, const Json& arguments, const Paths& paths, int processes);
// Those of `engine show` for the same engine. Empty where the arguments name none.
std::vector<std::string> engine_command_line(const Tool& tool, const Json& arguments, const Paths& paths);

// Parameters and parts of answers that several tools share.
Parameter network_parameter();
Parameter engine_parameter(bool required = true);
std::vector<Parameter> engine_change_parameters();   // set, plan_for
std::vector<Parameter> network_change_parameters();  // batch, dims, precision
Parameter rows_parameter();
std::size_t rows_of(const Json& arguments);

Json error_schema();
// How far simulated numbers can be trusted: the simulator against RTL of the engine's family. `check` is rtl_check.
Json simulator_error(const Json& check);
// The same of estimated ones: `of` has unseen_engine_error, `networks` networks_like_this.
Json estimator_error(const Json& of, const Json& networks);
Json interval_schema();
// {"level", "low_ms", "high_ms"} of what has "interval" and latencies in cycles and ms; null where there is none.
Json interval_ms(const Json& of);
Json left_out_schema();
Json left_out(std::size_t count, const std::string& how);
// "5.38", "0.0123": four digits, for sentences.
std::string short_number(double value);

}  // namespace lanewise::mcp
