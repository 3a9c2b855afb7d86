// SPDX-License-Identifier: Apache-2.0
#include "accuracy/fit/space_networks.hpp"

#include <fmt/format.h>

#include <set>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/record/csv.hpp"
#include "nas/space/space.hpp"

namespace lanewise::fit {

SpaceNetworks::SpaceNetworks(const std::string& space)
    : description_(nas::load_space(find_data("spaces", space))),
      networks_(nas::make_networks_without_engine(description_)) {}

network::Graph SpaceNetworks::graph(const std::string& encoding) const {
  return networks_->build(networks_->decode(encoding), engine::EngineConfig{});
}

std::string SpaceNetworks::canonical(const std::string& encoding) const {
  return networks_->encode(networks_->decode(encoding));
}

std::vector<std::string> read_encodings(const std::string& path) {
  const record::CsvTable table = record::read_csv(path);
  const auto column = table.find("encoding");
  if (!column) throw Error(path + ": has no column 'encoding'");
  std::vector<std::string> encodings;
  std::set<std::string> seen;
  for (const record::CsvRow& row : table.rows) {
    const std::string& cell = row.cells[*column];
    if (cell.empty()) throw Error(fmt::format("{}:{}: the encoding is empty", path, row.line));
    if (seen.insert(cell).second) encodings.push_back(cell);
  }
  return encodings;
}

}  // namespace lanewise::fit
