// SPDX-License-Identifier: Apache-2.0
// Whether the networks of a space have the parameters and MACs that a table says.
//   space_counts SPACE.yaml TABLE.csv [ENCODING PARAMETERS MACS] [COLUMN=VALUE]
// Names of the table's columns, and which rows of it count.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "nas/space/space.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 20;

// The first of the names that the table has as a column.
std::size_t column(const record::CsvTable& table, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const auto found = table.find(name)) return *found;
  }
  throw Error(table.path + ": has no column '" + names.front() + "'");
}

// The rows whose column has the value, "task=det"; all where nothing is asked.
std::vector<const record::CsvRow*> rows_of(const record::CsvTable& table, const std::string& condition) {
  std::vector<const record::CsvRow*> rows;
  const std::size_t mark = condition.find('=');
  const std::size_t at = condition.empty() ? 0 : column(table, {condition.substr(0, mark)});
  for (const record::CsvRow& row : table.rows) {
    if (condition.empty() || row.cells[at] == condition.substr(mark + 1)) rows.push_back(&row);
  }
  if (rows.empty()) throw Error(table.path + ": has no row" + (condition.empty() ? "" : " with " + condition));
  return rows;
}

Json judge(const std::string& space_path, const std::string& table_path, const std::vector<std::string>& columns,
           const std::string& condition) {
  const nas::SpaceDescription description = nas::load_space(space_path);
  const auto space = nas::make_network_space(description, nullptr);
  const record::CsvTable table = record::read_csv(table_path);
  const bool named = columns.size() == 3;
  using Names = std::vector<std::string>;
  const std::size_t encoding = column(table, named ? Names{columns[0]} : Names{"encoding", "arch"});
  const std::size_t parameters = column(table, named ? Names{columns[1]} : Names{"parameters", "params"});
  const std::size_t macs = column(table, named ? Names{columns[2]} : Names{"macs", "flops"});
  const std::vector<const record::CsvRow*> rows = rows_of(table, condition);
  std::map<std::string, const record::CsvRow*> networks;
  for (const record::CsvRow* row : rows) networks.emplace(row->cells[encoding], row);
  std::size_t equal_parameters = 0, equal_macs = 0, written_alike = 0;
  Json different = Json::array();
  for (const auto& [text, row] : networks) {
    const nas::Genotype genotype = space->decode(text);
    const network::Graph graph = space->build(genotype, {});
    const bool same_parameters = std::to_string(network::parameters(graph)) == row->cells[parameters];
    const bool same_macs = std::to_string(network::macs(graph)) == row->cells[macs];
    equal_parameters += same_parameters ? 1 : 0;
    equal_macs += same_macs ? 1 : 0;
    written_alike += space->encode(genotype) == text ? 1 : 0;
    if ((same_parameters && same_macs) || different.size() >= kMostShown) continue;
    different.push_back({{"encoding", text},
                         {"parameters", network::parameters(graph)},
                         {"parameters_given", row->cells[parameters]},
                         {"macs", network::macs(graph)},
                         {"macs_given", row->cells[macs]}});
  }
  return {{"space", description.name},
          {"rows", rows.size()},
          {"networks", networks.size()},
          {"parameters_equal", equal_parameters},
          {"macs_equal", equal_macs},
          {"encoding_equal", written_alike},
          {"all_equal", equal_parameters == networks.size() && equal_macs == networks.size()},
          {"different", different}};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    std::string condition;
    if (words.size() > 2 && words.back().find('=') != std::string::npos) {
      condition = words.back();
      words.pop_back();
    }
    if (words.size() != 2 && words.size() != 5) {
      throw Error("usage: space_counts SPACE.yaml TABLE.csv [ENCODING PARAMETERS MACS] [COLUMN=VALUE]");
    }
    const Json result = judge(words[0], words[1], {words.begin() + 2, words.end()}, condition);
    std::cout << result.dump(2) << '\n';
    return result.at("all_equal") ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
