// SPDX-License-Identifier: Apache-2.0
// lanewise-fit count
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "accuracy/fit/verbs.hpp"
#include "accuracy/network/module_counts.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/network/file_details.hpp"
#include "core/network/import.hpp"
#include "core/record/csv.hpp"
#include "nas/space/space.hpp"

namespace lanewise::fit {
namespace {

using accuracy::ModuleCounts;

struct Counted {
  std::string name;
  ModuleCounts counts;
};

struct Count {
  std::vector<std::string> networks;
  std::string space;
  cli::OutputOptions output;

  void run() const {
    output.check();
    std::vector<Counted> all;
    {
      cli::Terminal terminal;
      all = space.empty() ? of_files(terminal.progress()) : of_space(terminal.progress());
    }
    output.emit([&] { return as_json(all); }, [&] { return as_csv(all); }, [&] { return as_text(all); });
    const auto wrong = std::count_if(all.begin(), all.end(), [](const Counted& row) { return !row.counts.equal(); });
    if (wrong > 0) {
      throw Error(
          fmt::format("{} of {} networks have other parameters or MACs as modules than as graphs", wrong, all.size()));
    }
  }

 private:
  std::vector<Counted> of_files(const Progress& progress) const {
    std::vector<Counted> all;
    for (const std::string& given : networks) {
      const std::string path = find_data("models", given);
      const network::Graph graph = network::import_network(path);
      auto file = std::make_shared<network::FileDetails>(network::read_file_details(graph, path));
      all.push_back({graph.name(), accuracy::count_module(graph, std::move(file))});
      progress("networks counted", static_cast<std::int64_t>(all.size()), static_cast<std::int64_t>(networks.size()));
    }
    return all;
  }

  // The column `encoding`; each network once. Other columns are not looked at.
  std::vector<Counted> of_space(const Progress& progress) const {
    if (networks.size() != 1) throw Error("count --space takes one table of encodings");
    const record::CsvTable table = record::read_csv(networks.front());
    const std::optional<std::size_t> column = table.find("encoding");
    if (!column) throw Error(table.path + ": has no column 'encoding'");
    const nas::SpaceDescription description = nas::load_space(find_data("spaces", space));
    const auto built = nas::make_network_space(description, nullptr);
    if (!built->engine_keys().empty()) {
      throw Error(fmt::format("space '{}': its networks follow {} of an engine, and are not counted without one",
                              description.name, fmt::join(built->engine_keys(), ", ")));
    }
    std::vector<Counted> all;
    std::set<std::string> seen;
    std::int64_t done = 0;
    for (const record::CsvRow& row : table.rows) {
      progress("networks counted", done++, static_cast<std::int64_t>(table.rows.size()));
      const std::string& encoding = row.cells[*column];
      if (!seen.insert(encoding).second) continue;
      try {
        all.push_back({encoding, accuracy::count_module(built->build(built->decode(encoding), {}))});
      } catch (const Error& error) {
        throw Error(fmt::format("{}, line {}: {}", table.path, row.line, error.what()));
      }
    }
    return all;
  }

  static std::string as_json(const std::vector<Counted>& all) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    std::int64_t equal = 0;
    for (const auto& [name, c] : all) {
      rows.push_back({{"network", name},
                      {"parameters", c.module_parameters},
                      {"graph_parameters", c.graph_parameters},
                      {"macs", c.module_macs},
                      {"graph_macs", c.graph_macs},
                      {"statistics", c.statistics},
                      {"equal", c.equal()}});
      equal += c.equal() ? 1 : 0;
    }
    return nlohmann::ordered_json{{"networks", all.size()}, {"equal", equal}, {"rows", rows}}.dump(2) + "\n";
  }

  static std::string as_csv(const std::vector<Counted>& all) {
    std::string text = record::csv_line({"encoding", "parameters", "graph_parameters", "macs", "graph_macs", "equal"});
    for (const auto& [name, c] : all) {
      text += record::csv_line({name, std::to_string(c.module_parameters), std::to_string(c.graph_parameters),
                                std::to_string(c.module_macs), std::to_string(c.graph_macs), c.equal() ? "yes" : "no"});
    }
    return text;
  }

  static std::string as_text(const std::vector<Counted>& all) {
    std::size_t width = 7;
    for (const Counted& row : all) width = std::max(width, row.name.size());
    std::string text = fmt::format("{:<{}}  {:>12}  {:>12}  {:>15}  {:>15}  {}\n", "network", width, "parameters",
                                   "graph's", "MACs", "graph's", "equal");
    std::size_t equal = 0;
    for (const auto& [name, c] : all) {
      text += fmt::format("{:<{}}  {:>12}  {:>12}  {:>15}  {:>15}  {}\n", name, width, c.module_parameters,
                          c.graph_parameters, c.module_macs, c.graph_macs, c.equal() ? "yes" : "no");
      equal += c.equal() ? 1 : 0;
    }
    return text + fmt::format("{} of {} networks have the parameters and MACs of their graphs\n", equal, all.size());
  }
};

}  // namespace

void add_count(CLI::App& app) {
  const auto [verb, options] =
      add_command<Count>(app, "count", "Parameters and MACs of networks as they run, beside those of their graphs");
  verb->add_option("NETWORK", options->networks,
                   "Networks, files or names of models/; with --space a table with a column encoding (CSV)")
      ->required();
  verb->add_option("--space", options->space, "Search space of the encodings, a file or a name of spaces/")
      ->type_name("FILE");
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise-fit count mobilenet_v2 resnet18\n"
      "  lanewise-fit count encodings.csv --space fm28 --csv");
}

}  // namespace lanewise::fit
