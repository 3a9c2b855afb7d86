// SPDX-License-Identifier: Apache-2.0
#include "tests/schema/answer_schema.hpp"

#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace lanewise::schema {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

const std::string kFolder = LANEWISE_SOURCE_DIR "/docs/schema/";
// Verbs that have verbs of their own.
const std::set<std::string> kGroups = {"store", "estimator", "engine", "network", "space"};

std::unique_ptr<json> read(const std::string& path) {
  std::ifstream file(kFolder + path);
  if (!file) return nullptr;
  return std::make_unique<json>(json::parse(file));
}

// A schema with the documents that it was made of, which it refers to.
struct Loaded {
  std::unique_ptr<json> document;
  valijson::Schema schema;
};

// nullptr where there is no such file. Read once in a process.
const valijson::Schema* load(const std::string& path) {
  static std::map<std::string, std::unique_ptr<Loaded>> known;
  const auto found = known.find(path);
  if (found != known.end()) return found->second ? &found->second->schema : nullptr;
  auto loaded = std::make_unique<Loaded>();
  loaded->document = read(path);
  if (!loaded->document) return nullptr;
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  valijson::SchemaParser parser;
  parser.populateSchema(Adapter(*loaded->document), loaded->schema,
                        std::function<const json*(const std::string&)>(
                            [&](const std::string& name) -> const json* { return read(folder + name).release(); }),
                        std::function<void(const json*)>([](const json* document) { delete document; }));
  return &known.emplace(path, std::move(loaded)).first->second->schema;
}

}  // namespace

std::vector<std::string> verb_of(const std::vector<std::string>& words) {
  if (words.empty() || words[0].empty() || words[0][0] == '-') return {};
  if (kGroups.count(words[0]) == 0) return {words[0]};
  if (words.size() < 2 || words[1].empty() || words[1][0] == '-') return {};
  return {words[0], words[1]};
}

std::string schema_of(const std::string& program, const std::vector<std::string>& verb) {
  std::string name;
  for (const std::string& word : verb) name += (name.empty() ? "" : "_") + word;
  return (program == "lanewise-fit" ? "fit/" : "") + name + ".json";
}

std::vector<std::string> violations(const std::string& path, const std::string& text) {
  const valijson::Schema* const schema = load(path);
  if (schema == nullptr) return {"docs/schema/" + path + " is not there: every answer in JSON has a schema"};
  const json answer = json::parse(text, nullptr, false);
  if (answer.is_discarded()) return {"is no JSON"};
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(*schema, Adapter(answer), &results)) return {};
  std::vector<std::string> out;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    std::string place;
    for (const std::string& step : error.context) place += step;
    out.push_back(place + ": " + error.description);
  }
  if (out.empty()) out.emplace_back("is not as docs/schema/" + path + " says");
  return out;
}

}  // namespace lanewise::schema
