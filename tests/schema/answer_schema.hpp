// SPDX-License-Identifier: Apache-2.0
// The JSON that the programs answer with, held against docs/schema.
#pragma once

#include <string>
#include <vector>

namespace lanewise::schema {

// The verb that a command line names: {"network", "show"} of `network show MODEL --json`. Empty where it names none.
std::vector<std::string> verb_of(const std::vector<std::string>& words);

// The path of the verb's schema, below docs/schema: "network_show.json" of `network show`, "fit/score.json" of
// `lanewise-fit score`.
std::string schema_of(const std::string& program, const std::vector<std::string>& verb);

// What of the JSON in `text` is not as the schema at `path`, below docs/schema, says; one line each, the place first. A
// schema that is not there is said so.
std::vector<std::string> violations(const std::string& path, const std::string& text);

}  // namespace lanewise::schema
