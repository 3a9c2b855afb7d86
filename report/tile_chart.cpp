// SPDX-License-Identifier: Apache-2.0
#include "report/tile_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/units.hpp"
#include "report/table.hpp"
#include "report/timeline_view.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

constexpr int kChartColumns = 78;
constexpr std::size_t kUnitsATable = 4;  // more do not fit into 100 columns

std::string bytes_or_none(std::int64_t bytes) { return bytes == 0 ? "-" : bytes_text(bytes); }

// "6 x 16 output channels": what one loop counts.
struct Loop {
  std::int64_t count = 0;
  std::string text;
};

std::vector<Loop> loops_of(const mapping::SubgraphShape& shape, const mapping::TilePlan& plan) {
  const auto loop = [](std::int64_t count, const char* kind, const std::string& size) {
    return Loop{count, fmt::format("{} {}tile{} of {}", grouped(count), kind, count == 1 ? "" : "s", size)};
  };
  const auto tiles = [](std::int64_t whole, std::int64_t tile) { return tile > 0 ? ceil_div(whole, tile) : 1; };
  const Loop pixels =
      loop(shape.batch * tiles(shape.out_height, plan.tile_rows) * tiles(shape.out_width, plan.tile_columns), "pixel ",
           fmt::format("{}x{}", plan.tile_rows, plan.tile_columns));
  const Loop out = loop(tiles(shape.out_channels, plan.tile_out_channels), "",
                        fmt::format("{} output channels", plan.tile_out_channels));
  const Loop in = loop(tiles(shape.in_channels, plan.tile_in_channels), "",
                       fmt::format("{} input channels", plan.tile_in_channels));
  if (plan.order == mapping::LoopOrder::kWeightsOutside) return {out, pixels, in};
  return {pixels, out, in};
}

std::string buffers_text(const mapping::TilePlan& plan) {
  const std::pair<const char*, int> buffers[] = {{"input", plan.input_slots},
                                                 {"weights", plan.weight_slots},
                                                 {"operand", plan.operand_slots},
                                                 {"output", plan.output_slots}};
  std::vector<std::string> held, none;
  for (const auto& [what, slots] : buffers) {
    if (slots > 0) {
      held.push_back(fmt::format("{} of {}", slots, what));
    } else {
      none.emplace_back(what);
    }
  }
  std::string text = fmt::format("{}", fmt::join(held, ", "));
  if (!none.empty()) text += fmt::format("{}none for {}", held.empty() ? "" : "; ", fmt::join(none, ", "));
  return text;
}

// What a column of the chart shows of a unit: what took most of it.
class ChartRow {
 public:
  ChartRow() : spent_(kChartColumns) {}
  void add(char state, double begin, double end, double column_cycles) {
    for (auto c = static_cast<std::size_t>(begin / column_cycles); c < spent_.size(); ++c) {
      const double from = std::max(begin, static_cast<double>(c) * column_cycles);
      const double to = std::min(end, static_cast<double>(c + 1) * column_cycles);
      if (to <= from) return;
      spent_[c][state] += to - from;
    }
  }
  std::string text(double column_cycles) const {
    std::string out;
    for (const std::map<char, double>& states : spent_) {
      double idle = column_cycles;
      for (const auto& [state, cycles] : states) idle -= cycles;
      char shown = '.';
      double most = idle;
      for (const auto& [state, cycles] : states) {
        if (cycles <= most) continue;
        shown = state;
        most = cycles;
      }
      out += shown;
    }
    return out;
  }

 private:
  std::vector<std::map<char, double>> spent_;
};

// Cycles under the columns where they are.
std::string chart_scale(double column_cycles) {
  constexpr int kMarks = 4;
  std::string out(kChartColumns + 12, ' ');
  for (int mark = 0; mark < kMarks; ++mark) {
    const int column = mark * kChartColumns / kMarks;
    const std::string text = "|" + grouped(std::llround(column * column_cycles));
    out.replace(static_cast<std::size_t>(column), text.size(), text);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

}  // namespace

std::vector<std::vector<std::optional<TileSpan>>> tile_spans(const record::Timeline& timeline, std::size_t tiles) {
  std::vector<std::vector<std::optional<TileSpan>>> spans(timeline.units.size(),
                                                          std::vector<std::optional<TileSpan>>(tiles));
  for (const record::Slice& slice : timeline.slices) {
    if (slice.stall || slice.tile < 0 || static_cast<std::size_t>(slice.tile) >= tiles) continue;
    std::optional<TileSpan>& span = spans[static_cast<std::size_t>(slice.unit)][static_cast<std::size_t>(slice.tile)];
    if (!span) span = TileSpan{slice.begin, slice.end};
    span->begin = std::min(span->begin, slice.begin);
    span->end = std::max(span->end, slice.end);
  }
  return spans;
}

std::string plan_lines(const mapping::SubgraphShape& shape, const mapping::TilePlan& plan) {
  std::string out;
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<9} {}\n", label, text);
  };
  const std::vector<Loop> loops = loops_of(shape, plan);
  std::int64_t product = 1;
  for (const Loop& loop : loops) product *= loop.count;
  line("order", fmt::format("{}, outermost loop first", mapping::to_string(plan.order)));
  for (const Loop& loop : loops) line("", loop.text);
  const auto tiles = static_cast<std::int64_t>(plan.steps.size());
  line("tiles", product == tiles ? fmt::format("{} = {} x {} x {}", grouped(tiles), grouped(loops[0].count),
                                               grouped(loops[1].count), grouped(loops[2].count))
                                 : grouped(tiles));
  line("buffers", fmt::format("tiles held on chip: {}", buffers_text(plan)));
  if (plan.stripe_pixels > 0) {
    line("stripes", plan.patches
                        ? fmt::format("patches of {} pixels, side by side", grouped(plan.stripe_pixels))
                        : fmt::format("{} pixels at once, {} where more than one but less than two of them are left",
                                      grouped(plan.stripe_pixels), grouped(plan.second_stripe)));
  }
  line("on chip", fmt::format("{} at most", bytes_text(plan.peak_sram.count())));
  line("DRAM",
       fmt::format("{} read, {} written", bytes_text(plan.dram_read.count()), bytes_text(plan.dram_write.count())));
  return out;
}

std::string tile_work_table(const mapping::TilePlan& plan) {
  Table table({{"tile"},
               {"input"},
               {"weights"},
               {"operand"},
               {"kMACs"},
               {"groups"},
               {"pixels"},
               {"blocks"},
               {"stripes"},
               {"post-processed"},
               {"store"}});
  for (std::size_t t = 0; t < std::min(kFirstTiles, plan.steps.size()); ++t) {
    const mapping::TileStep& step = plan.steps[t];
    const std::int64_t stripes = plan.stripe_pixels > 0 ? step.groups * ceil_div(step.pixels, plan.stripe_pixels) : 0;
    const std::int64_t post = !plan.uses_array      ? step.post_elements
                              : step.last_reduction ? step.pixels * step.outputs
                                                    : 0;
    const auto number = [&](std::int64_t value) { return plan.uses_array ? grouped(value) : std::string("-"); };
    table.add({grouped(static_cast<std::int64_t>(t)), bytes_or_none(step.input_load.bytes),
               bytes_or_none(step.weight_load.bytes), bytes_or_none(step.operand_load.bytes),
               plan.uses_array ? thousands_text(step.macs) : "-", number(step.groups), number(step.pixels),
               number(step.blocks), number(stripes), grouped(post), bytes_or_none(step.store.bytes)});
  }
  std::string out = table.text();
  if (plan.steps.size() > kFirstTiles) {
    out += fmt::format("and {} more\n", grouped(static_cast<std::int64_t>(plan.steps.size() - kFirstTiles)));
  }
  return out;
}

std::string tile_time_table(const record::Timeline& timeline, std::size_t tiles) {
  const std::size_t shown = std::min(kFirstTiles, tiles);
  const auto spans = tile_spans(timeline, shown);
  std::vector<std::size_t> units;
  for (std::size_t u = 0; u < spans.size(); ++u) {
    if (std::any_of(spans[u].begin(), spans[u].end(), [](const auto& span) { return span.has_value(); })) {
      units.push_back(u);
    }
  }
  std::string out;
  for (std::size_t first = 0; first < units.size(); first += kUnitsATable) {
    const std::size_t last = std::min(units.size(), first + kUnitsATable);
    std::vector<Table::Column> columns{{"tile"}};
    for (std::size_t u = first; u < last; ++u) columns.push_back({timeline.units[units[u]]});
    Table table(columns);
    for (std::size_t t = 0; t < shown; ++t) {
      std::vector<std::string> cells{grouped(static_cast<std::int64_t>(t))};
      for (std::size_t u = first; u < last; ++u) {
        const std::optional<TileSpan>& span = spans[units[u]][t];
        cells.push_back(
            span ? fmt::format("{} - {}", grouped(std::llround(span->begin)), grouped(std::llround(span->end))) : "-");
      }
      table.add(std::move(cells));
    }
    out += (out.empty() ? "" : "\n") + table.text();
  }
  return out;
}

std::string tile_chart(const record::Timeline& timeline, std::size_t tiles) {
  double until = 0;
  for (const auto& unit : tile_spans(timeline, std::min(kFirstTiles, tiles))) {
    for (const std::optional<TileSpan>& span : unit) {
      if (span) until = std::max(until, span->end);
    }
  }
  if (until == 0) {  // nobody works by tiles
    for (const record::Slice& slice : timeline.slices) until = std::max(until, slice.end);
  }
  if (until == 0) return "";
  const double column_cycles = until / kChartColumns;
  const std::vector<record::StallCause> causes = stall_causes(timeline);
  std::vector<ChartRow> rows(timeline.units.size());
  for (const record::Slice& slice : timeline.slices) {
    if (slice.begin >= until) continue;
    char state = slice.tile >= 0 ? static_cast<char>('0' + slice.tile % 10) : '#';
    if (slice.stall) state = record::name_of(*slice.stall).letter;
    rows[static_cast<std::size_t>(slice.unit)].add(state, slice.begin, slice.end, column_cycles);
  }
  std::size_t width = 0;
  for (const std::string& unit : timeline.units) width = std::max(width, unit.size());
  std::string out = fmt::format("{:<{}}  {}\n", "cycle", width, chart_scale(column_cycles));
  for (std::size_t u = 0; u < rows.size(); ++u) {
    out += fmt::format("{:<{}}  {}\n", timeline.units[u], width, rows[u].text(column_cycles));
  }
  out += fmt::format(
      "A column is {} cycles and shows what took most of it: 0-9 busy with the tile that ends in this\n"
      "digit, # busy, . idle",
      compact(column_cycles));
  if (!causes.empty()) out += "; stalled by:";
  for (std::size_t c = 0; c < causes.size(); ++c) {
    const std::string entry = fmt::format("{} {}{}", record::name_of(causes[c]).letter, record::to_string(causes[c]),
                                          c + 1 < causes.size() ? "," : "");
    const std::size_t at = out.size() - out.rfind('\n');
    out += (at + entry.size() > 96 ? "\n  " : " ") + entry;
  }
  return out + '\n';
}

}  // namespace lanewise::report
