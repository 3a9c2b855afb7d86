// SPDX-License-Identifier: Apache-2.0
// docs/schema: one JSON Schema for every verb that answers in JSON, and nothing else. That answers are as their schemas
// say is tested wherever a test runs the program (command.hpp).
#include <functional>
#include <set>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = LANEWISE_SOURCE_DIR "/docs/schema";

Json read(const fs::path& path) { return Json::parse(text_of(path)); }

// The verbs that a help lists, and for those that have verbs of their own these, with the words that lead to them.
void add_verbs(const Arguments& words, std::vector<Arguments>& verbs) {
  Arguments asked = words;
  asked.emplace_back("--help");
  std::istringstream help(run(asked).out);
  bool listed = false, any = false;
  for (std::string line; std::getline(help, line);) {
    if (line == "Subcommands:") {
      listed = true;
    } else if (listed && line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ') {
      Arguments verb = words;
      verb.push_back(line.substr(2, line.find(' ', 2) - 2));
      add_verbs(verb, verbs);
      any = true;
    } else if (listed && line.empty()) {
      break;
    }
  }
  if (!any && !words.empty()) verbs.push_back(words);
}

std::set<std::string> verbs_with_json() {
  std::vector<Arguments> verbs;
  add_verbs({}, verbs);
  std::set<std::string> names;
  for (Arguments verb : verbs) {
    const std::string name = schema::schema_of("lanewise", verb);
    verb.emplace_back("--help");
    if (run(verb).out.find("--json") != std::string::npos) names.insert(name);
  }
  return names;
}

// Every schema in `schema`, those of properties, items and so on, with the way to it.
void visit(const Json& schema, const std::string& way,
           const std::function<void(const Json&, const std::string&)>& see) {
  if (!schema.is_object()) return;
  see(schema, way);
  for (const char* several : {"properties", "$defs"}) {
    if (!schema.contains(several)) continue;
    for (const auto& [name, inner] : schema.at(several).items()) visit(inner, way + "/" + name, see);
  }
  for (const char* single : {"items", "additionalProperties"}) {
    if (schema.contains(single)) visit(schema.at(single), way + "/" + single, see);
  }
  if (schema.contains("anyOf")) {
    for (const Json& inner : schema.at("anyOf")) visit(inner, way, see);
  }
}

TEST(Schemas, every_verb_that_answers_in_json_has_one_and_every_one_a_verb) {
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".json" && entry.path().filename() != "common.json") {
      there.insert(entry.path().filename().string());
    }
  }
  EXPECT_GT(there.size(), 20u);
  EXPECT_EQ(there, verbs_with_json());
}

TEST(Schemas, say_what_every_field_means_and_let_no_other_pass) {
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json") continue;
    const Json schema = read(entry.path());
    EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema") << entry.path();
    EXPECT_EQ(schema.at("$id"), entry.path().filename().string());
    visit(schema, entry.path().filename().string(), [&](const Json& one, const std::string& way) {
      if (!one.contains("properties")) return;
      EXPECT_TRUE(one.contains("additionalProperties")) << way;
      for (const auto& [name, field] : one.at("properties").items()) {
        const bool told = field.contains("description") || field.value("$ref", "") == "common.json#/$defs/setting";
        EXPECT_TRUE(told && field.value("description", "x") != "") << way << "/" << name;
      }
    });
  }
}

TEST(Schemas, references_lead_somewhere) {
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json") continue;
    const Json own = read(entry.path());
    visit(own, entry.path().filename().string(), [&](const Json& one, const std::string& way) {
      if (!one.contains("$ref")) return;
      const std::string reference = one.at("$ref");
      const std::size_t mark = reference.find('#');
      const Json document = mark == 0 ? own : read(entry.path().parent_path() / reference.substr(0, mark));
      EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(mark + 1)))) << way << ": " << reference;
    });
  }
}

// What the schemas are for: a field that is added, renamed or of another kind is found out, wherever it stands.
TEST(Schemas, find_out_what_is_not_as_they_say) {
  const Json answer = run_json({"simulate", kSqueezeNet, "--hw", kEngine});
  const auto wrong = [](const Json& changed) { return !schema::violations("simulate.json", changed.dump()).empty(); };
  EXPECT_FALSE(wrong(answer));
  EXPECT_FALSE(wrong(Json::array({answer, answer})));
  for (const char* place : {"", "/total", "/between", "/memory", "/subgraphs/0", "/rtl_check",
                            "/total/energy_breakdown_uj", "/subgraphs/3/units/dram"}) {
    Json changed = answer;
    changed[Json::json_pointer(std::string(place) + "/no_such_field")] = 1;
    EXPECT_TRUE(wrong(changed)) << place;
  }
  for (const char* place : {"/total/latency_ms", "/engine_hash", "/subgraphs/0/bound_by", "/memory/kept_bytes"}) {
    Json without = answer, other = answer;
    const Json::json_pointer at(place);
    without[at.parent_pointer()].erase(at.back());
    EXPECT_TRUE(wrong(without)) << place;
    other[at] = true;
    EXPECT_TRUE(wrong(other)) << place;
  }
  EXPECT_TRUE(wrong(Json::object()));
  EXPECT_EQ(schema::violations("no_such_verb.json", "{}").size(), 1u);
}

TEST(Schemas, are_linked_from_the_reference) {
  const std::string page = text_of(LANEWISE_SOURCE_DIR "/docs/cli.md"), index = text_of(kFolder / "README.md");
  EXPECT_NE(page.find("(schema/README.md)"), std::string::npos);
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().filename().string();
    EXPECT_NE(index.find("(" + name + ")"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
