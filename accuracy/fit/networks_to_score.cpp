// SPDX-License-Identifier: Apache-2.0
#include "accuracy/fit/networks_to_score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/suggestion.hpp"
#include "core/network/import.hpp"
#include "core/record/csv.hpp"
#include "nas/space/space.hpp"

namespace lanewise::fit {
namespace {

using accuracy::NetworkToScore;
using accuracy::ScorableNetwork;

bool is_table(const std::string& input) {
  const std::string ending = input.size() < 4 ? "" : input.substr(input.size() - 4);
  return ending == ".csv" || ending == ".CSV" || ending == ".tsv";
}

// A space with what its networks are built of.
struct Networks {
  std::unique_ptr<network::Graph> moved;  // null where the space has networks of its own
  std::unique_ptr<nas::NetworkSpace> space;
  engine::LoadedEngine engine;
};

std::shared_ptr<const Networks> open_space(const std::string& given, const std::string& model, const std::string& hw) {
  const auto out = std::make_shared<Networks>();
  const nas::SpaceDescription description = nas::load_space(find_data("spaces", given));
  if (!model.empty())
    out->moved = std::make_unique<network::Graph>(network::import_network(find_data("models", model)));
  if (description.blocks == nullptr && out->moved == nullptr) {
    throw Error(
        fmt::format("space '{}': is one of moves: name the network, too, that they are made on", description.name));
  }
  out->space = nas::make_network_space(description, out->moved.get());
  if (!hw.empty()) {
    out->engine = engine::load_engine(find_data("hwconfigs", hw));
  } else if (!out->space->engine_keys().empty()) {
    throw Error(fmt::format("space '{}': its networks follow {} of an engine: give --hw FILE", description.name,
                            fmt::join(out->space->engine_keys(), ", ")));
  }
  return out;
}

NetworkToScore of_encoding(const std::shared_ptr<const Networks>& networks, const std::string& encoding) {
  const nas::Genotype genotype = networks->space->decode(encoding);
  return {encoding, [networks, genotype] {
            return ScorableNetwork{networks->space->build(genotype, networks->engine.config), nullptr};
          }};
}

void add_table(const std::string& path, const std::string& name, const std::shared_ptr<const Networks>& networks,
               std::vector<NetworkToScore>& out) {
  const record::CsvTable table = record::read_csv(path);
  const auto column = table.find(name);
  if (!column) {
    throw Error(fmt::format("{}: column '{}', for the encodings, is missing{}; the columns are {}", path,
                            printable(name), engine::suggestion(name, table.columns), fmt::join(table.columns, ", ")));
  }
  for (const record::CsvRow& row : table.rows) {
    const std::string& encoding = row.cells[*column];
    try {
      if (encoding.empty()) throw Error("must hold an encoding");
      out.push_back(of_encoding(networks, encoding));
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: column '{}': {}", path, row.line, name, error.what()));
    }
  }
}

NetworkToScore of_file(const std::string& given) {
  const std::string path = find_data("models", given);
  return {given, [path] {
            ScorableNetwork out{network::import_network(path), nullptr};
            out.file = std::make_shared<network::FileDetails>(network::read_file_details(out.graph, path));
            return out;
          }};
}

}  // namespace

void NetworkOptions::add(CLI::App& verb) {
  verb.add_option("NETWORKS", inputs,
                  "Tables of encodings (.csv, with --space), or networks: files or names of models/");
  CLI::Option* const file =
      verb.add_option("--space", space, "Search space of the encodings, a file or a name of spaces/")
          ->type_name("FILE");
  verb.add_option("--encoding", encodings, "A network of the space; may be given several times")
      ->type_name("TEXT")
      ->needs(file);
  verb.add_option("--column", column, "Column of the tables that holds the encodings; no other is read")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option("--hw", hw,
                  "Engine that the networks of the space follow, where they follow one, a file or a name of hwconfigs/")
      ->type_name("FILE");
}

std::vector<NetworkToScore> NetworkOptions::load() const {
  std::vector<NetworkToScore> out;
  std::vector<std::string> tables, models;
  for (const std::string& input : inputs) (is_table(input) ? tables : models).push_back(input);
  if (space.empty()) {
    if (!tables.empty()) throw Error(fmt::format("{}: give --space FILE, whose encodings it holds", tables.front()));
    for (const std::string& model : models) out.push_back(of_file(model));
    if (out.empty()) throw CLI::RequiredError("NETWORKS");
    return out;
  }
  if (models.size() > 1) throw Error("--space takes one network that moves are made on, or none");
  const auto networks = open_space(space, models.empty() ? "" : models.front(), hw);
  for (const std::string& table : tables) add_table(table, column, networks, out);
  for (const std::string& encoding : encodings) out.push_back(of_encoding(networks, encoding));
  if (out.empty()) throw Error("--space needs encodings: a table of them, or --encoding TEXT");
  return out;
}

}  // namespace lanewise::fit
