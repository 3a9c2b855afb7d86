// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/tile_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/mapping/given_plan.hpp"
#include "core/mapping/mapping_text.hpp"
#include "core/record/csv.hpp"

namespace lanewise::study {
namespace {

using mapping::TileAxis;

constexpr std::int64_t kLargestTile = 1'000'000;
constexpr const char* kAllOthers = "*";

std::string refusal(const std::string& column, const std::string& value, const std::string& rule) {
  return fmt::format("column '{}': value '{}': {}", column, printable(value.substr(0, 60)), rule);
}

std::optional<TileAxis> axis_named(const std::string& name) {
  for (const TileAxis axis : mapping::GivenTiles().order) {
    if (name == to_string(axis)) return axis;
  }
  return std::nullopt;
}

class Cells {
 public:
  Cells(const record::CsvTable& table, const record::CsvRow& row) : table_(table), row_(row) {}

  std::string text(const std::string& column) const {
    const auto place = table_.find(column);
    return place ? row_.cells[*place] : "";
  }
  std::string place() const { return fmt::format("{}:{}: ", table_.path, row_.line); }
  [[noreturn]] void refuse(const std::string& column, const std::string& value, const std::string& rule) const {
    throw Error(place() + refusal(column, value, rule));
  }

  // 0 where the cell is empty.
  std::int64_t size(const std::string& column) const {
    const std::string cell = text(column);
    if (cell.empty()) return 0;
    std::int64_t value = 0;
    const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (read.ec != std::errc() || read.ptr != cell.data() + cell.size() || value < 1 || value > kLargestTile) {
      refuse(column, cell, fmt::format("must be a whole number from 1 to {}, or empty for all of it", kLargestTile));
    }
    return value;
  }

  // Axes that are not named follow within, in their usual order.
  void read_order(mapping::GivenTiles& tiles) const {
    const std::string cell = text("order");
    std::vector<TileAxis> order;
    std::istringstream words(cell);
    for (std::string word; words >> word;) {
      const auto axis = axis_named(word);
      if (!axis || std::find(order.begin(), order.end(), *axis) != order.end()) {
        refuse("order", cell,
               "must name rows, columns, out_channels, kernel_rows, kernel_columns and in_channels, each at most once");
      }
      order.push_back(*axis);
    }
    for (const TileAxis axis : mapping::GivenTiles().order) {
      if (std::find(order.begin(), order.end(), axis) == order.end()) order.push_back(axis);
    }
    std::copy(order.begin(), order.end(), tiles.order.begin());
  }

 private:
  const record::CsvTable& table_;
  const record::CsvRow& row_;
};

TileRow read_row(const Cells& cells, int line) {
  TileRow row;
  row.line = line;
  row.layer = cells.text("layer");
  if (row.layer.empty()) cells.refuse("layer", "", "must name a layer, or be * for all that no other row names");
  for (const TileAxis axis : row.tiles.order) row.tiles.of(axis) = cells.size(to_string(axis));
  cells.read_order(row.tiles);
  row.mapping = cells.text("mapping");
  if (row.mapping.size() > mapping::kLongestMapping) {
    cells.refuse("mapping", row.mapping, fmt::format("must have at most {} characters", mapping::kLongestMapping));
  }
  const bool sizes = std::any_of(row.tiles.size.begin(), row.tiles.size.end(), [](std::int64_t s) { return s > 0; });
  if (!row.mapping.empty() && (sizes || !cells.text("order").empty())) {
    cells.refuse("mapping", row.mapping, "gives sizes and order: the cells of both must be empty");
  }
  return row;
}

bool names(const TileRow& row, const mapping::Subgraph& subgraph) {
  return row.layer == subgraph.name ||
         std::find(subgraph.operators.begin(), subgraph.operators.end(), row.layer) != subgraph.operators.end();
}

void give(const TileTable& table, const TileRow& row, const engine::EngineConfig& engine, mapping::Subgraph& subgraph) {
  const auto refuse = [&](const std::string& why) {
    throw Error(fmt::format("{}:{}: layer '{}': {}", table.path, row.line, subgraph.name, why));
  };
  if (const std::string why = mapping::not_for_given_tiles(subgraph, engine); !why.empty()) refuse(why);
  mapping::GivenTiles tiles = row.tiles;
  if (!row.mapping.empty()) {
    try {
      tiles = mapping::parse_mapping(row.mapping, subgraph.shape);
    } catch (const Error& error) {
      refuse(error.what());
    }
  }
  if (const std::string why = mapping::refusal_of_given(subgraph, engine, tiles); !why.empty()) refuse(why);
  subgraph.tiles = tiles;
}

}  // namespace

TileTable read_tile_table(const std::string& path) {
  const record::CsvTable table = record::read_csv(path);
  if (!table.find("layer")) throw Error(path + ": column 'layer': missing");
  std::set<std::string> known = {"layer", "order", "mapping"};
  for (const TileAxis axis : mapping::GivenTiles().order) known.insert(to_string(axis));
  for (const std::string& column : table.columns) {
    if (known.count(column) > 0) continue;
    throw Error(
        fmt::format("{}: column '{}': unknown; known are layer, rows, columns, out_channels, in_channels, "
                    "kernel_rows, kernel_columns, order and mapping",
                    path, printable(column)));
  }
  TileTable tiles;
  tiles.path = path;
  std::set<std::string> layers;
  for (const record::CsvRow& csv : table.rows) {
    const Cells cells(table, csv);
    tiles.rows.push_back(read_row(cells, csv.line));
    const std::string& layer = tiles.rows.back().layer;
    if (!layers.insert(layer).second) cells.refuse("layer", layer, "has a row already");
  }
  return tiles;
}

void give_tiles(const TileTable& table, const engine::EngineConfig& engine, mapping::Partition& partition) {
  std::vector<bool> used(table.rows.size(), false);
  for (mapping::Subgraph& subgraph : partition.subgraphs) {
    const TileRow* chosen = nullptr;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      if (!names(table.rows[i], subgraph)) continue;
      chosen = &table.rows[i];
      used[i] = true;
    }
    if (chosen != nullptr) {
      give(table, *chosen, engine, subgraph);
      continue;
    }
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      if (table.rows[i].layer != kAllOthers) continue;
      used[i] = true;
      if (mapping::not_for_given_tiles(subgraph, engine).empty()) give(table, table.rows[i], engine, subgraph);
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) continue;
    throw Error(fmt::format("{}:{}: {}", table.path, table.rows[i].line,
                            refusal("layer", table.rows[i].layer,
                                    "is no layer of the network; `lanewise network "
                                    "partition` lists them")));
  }
}

}  // namespace lanewise::study
