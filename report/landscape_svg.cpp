// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "report/chart_axis.hpp"
#include "report/landscape.hpp"
#include "report/svg_sheet.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

constexpr double kSheetWidth = 1240, kSheetHeight = 690;
constexpr double kFirstLeft = 74, kPanelWidth = 270, kPitch = 402;
constexpr double kMapTop = 104, kMapBottom = 330;      // cost by colour
constexpr double kLinesTop = 408, kLinesBottom = 590;  // cost by height, a line for each depth
constexpr double kBarWidth = 12;

// Colours of Okabe and Ito (2008) for marks, on light ground and, where the viewer asks for it, on dark.
constexpr const char* kSheetStyle =
    "  .ground { fill: #ffffff } .ink { fill: #1a1a1a } .soft { fill: #595959 }\n"
    "  .grid { stroke: #dddddd } .frame { fill: none; stroke: #444444 } .gone { fill: #ececec }\n"
    "  .rise { stroke: #d55e00; stroke-width: 2.6 } .minimum { fill: #ffffff; stroke: #1a1a1a; stroke-width: 1.2 }\n"
    "  .line { fill: none; stroke-width: 1.7 }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .ground { fill: #16181c } .ink { fill: #e8e8e8 } .soft { fill: #b0b0b0 }\n"
    "    .grid { stroke: #33363c } .frame { stroke: #8a8a8a } .gone { fill: #26292f }\n"
    "    .rise { stroke: #e69f00 }\n"
    "  }\n";

// One of the three: which cost, of which points.
struct Panel {
  std::string title, unit;
  std::function<double(const study::LandscapePoint&)> cost;
  bool curated = false, marks_rises = true;
  const study::GridMeasures* grid = nullptr;
  std::int64_t minima = 0;
};

class LandscapeChart {
 public:
  explicit LandscapeChart(const study::Landscape& landscape)
      : l_(landscape),
        x_(landscape.x.numbers),
        macs_(values([](const auto& p) { return static_cast<double>(p.macs) / 1e6; })),
        latency_(values([](const auto& p) { return p.latency_ms; })) {}

  std::string draw() {
    const bool simulated = l_.source == record::Source::kSimulated;
    const std::string title = fmt::format("Landscape of {} on {}", l_.space, l_.identity.title(l_.engine));
    out_ = svg_head(
        kSheetWidth, kSheetHeight, title,
        fmt::format("Cost over {} and {}: by FLOPs, by {} latency, and the same of the curated space. {} of {} "
                    "steps raise the latency while FLOPs fall; {} of {} do in the curated space.",
                    l_.x.title, l_.y.title, simulated ? "simulated" : "estimated", l_.grid_raw.steps.rising,
                    l_.grid_raw.steps.steps, l_.grid_curated.steps.rising, l_.grid_curated.steps.steps),
        kSheetStyle);
    text(kFirstLeft, 30, title, "start", 16);
    text(kFirstLeft, 50,
         fmt::format("cost of one inference over {} and {}; all else as in the default; latency {}", l_.x.title,
                     l_.y.title, simulated ? "simulated" : "estimated"),
         "start", 12, "soft");
    const std::string source = simulated ? "simulated latency" : "estimated latency";
    const auto macs = [](const study::LandscapePoint& p) { return static_cast<double>(p.macs) / 1e6; };
    const auto latency = [](const study::LandscapePoint& p) { return p.latency_ms; };
    panel(0, {"by FLOPs", "million MACs", macs, false, false, &l_.grid_raw, l_.grid_raw.minima_by_macs}, macs_);
    panel(1, {"by " + source, "ms", latency, false, true, &l_.grid_raw, l_.grid_raw.minima}, latency_);
    panel(2, {"curated, by " + source, "ms", latency, true, true, &l_.grid_curated, l_.grid_curated.minima}, latency_);
    legend();
    return out_ + "</svg>\n";
  }

 private:
  using Places = std::vector<std::size_t>;

  std::vector<double> values(const std::function<double(const study::LandscapePoint&)>& cost) const {
    std::vector<double> out;
    for (const study::LandscapePoint& point : l_.points) {
      if (point.failure.empty()) out.push_back(cost(point));
    }
    return out;
  }
  const study::LandscapePoint& at(std::size_t column, std::size_t row) const {
    return l_.points[row * l_.x.values.size() + column];
  }
  static Places shown(const std::vector<bool>& kept, bool curated) {
    Places out;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!curated || kept[i]) out.push_back(i);
    }
    return out;
  }

  void text(double x, double y, const std::string& words, const char* anchor, int size = 12, const char* kind = "ink",
            const std::string& more = "") {
    out_ += svg_words(x, y, words, anchor, size, kind, more);
  }
  void line(const char* kind, double x1, double y1, double x2, double y2) { out_ += svg_line(kind, x1, y1, x2, y2); }
  void frame(double left, double top, double bottom) {
    out_ += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", left, top,
                        kPanelWidth, bottom - top);
  }

  // Rows lie at even heights, the shallowest one at the bottom.
  double row_height() const { return (kMapBottom - kMapTop) / static_cast<double>(l_.y.values.size()); }
  double row_middle(std::size_t row) const { return kMapBottom - (static_cast<double>(row) + 0.5) * row_height(); }
  double x_at(double left, std::size_t column) const { return left + x_.place(l_.x.numbers[column]) * kPanelWidth; }
  // What is nearer to a shown column than to its neighbours, so that the surface is closed.
  double edge(double left, const Places& columns, std::size_t i) const {
    if (i == 0) return left;
    if (i == columns.size()) return left + kPanelWidth;
    return (x_at(left, columns[i - 1]) + x_at(left, columns[i])) / 2;
  }

  void panel(int number, const Panel& p, const ChartAxis& cost) {
    const double left = kFirstLeft + number * kPitch;
    text(left, kMapTop - 28, p.title, "start", 14);
    std::string caption = p.marks_rises ? fmt::format("{} of {} steps rise while FLOPs fall, ",
                                                      grouped(p.grid->steps.rising), grouped(p.grid->steps.steps))
                                        : "";
    caption += fmt::format("{} local {}", grouped(p.minima), p.minima == 1 ? "minimum" : "minima");
    text(left, kMapTop - 11, caption, "start", 11, "soft");
    const Places columns = shown(l_.x.kept, p.curated), rows = shown(l_.y.kept, p.curated);
    map(left, p, columns, rows, cost);
    bar(left + kPanelWidth + 10, p, cost);
    lines(left, p, columns, rows, cost);
  }

  void map(double left, const Panel& p, const Places& columns, const Places& rows, const ChartAxis& cost) {
    out_ += fmt::format("<rect class=\"gone\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", left, kMapTop,
                        kPanelWidth, kMapBottom - kMapTop);
    for (const std::size_t row : rows) {
      for (std::size_t i = 0; i < columns.size(); ++i) cell(left, p, columns, i, row, cost);
    }
    if (p.marks_rises) rises(left, p, columns, rows);
    minima(left, p, columns, rows);
    frame(left, kMapTop, kMapBottom);
    ticks(left, kMapBottom);
    for (std::size_t row = 0; row < l_.y.values.size(); ++row) {
      text(left - 7, row_middle(row) + 4, fmt::format("{:.6g}", l_.y.numbers[row]), "end", 11);
    }
    const double middle = (kMapTop + kMapBottom) / 2;
    text(left - 34, middle, axis_title(l_.y), "middle", 12, "ink",
         fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", left - 34, middle));
  }

  void cell(double left, const Panel& p, const Places& columns, std::size_t i, std::size_t row, const ChartAxis& cost) {
    const study::LandscapePoint& point = at(columns[i], row);
    if (!point.failure.empty()) return;
    const double from = edge(left, columns, i), to = edge(left, columns, i + 1);
    const double top = row_middle(row) - row_height() / 2;
    out_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"><title>{}</title></rect>\n",
        from, top, to - from + 0.3, row_height() + 0.3, viridis(cost.place(p.cost(point))),
        svg_text(fmt::format("{} {:.6g}, {} {:.6g}: {} {}, {} MACs", l_.x.title, l_.x.numbers[columns[i]], l_.y.title,
                             l_.y.numbers[row], compact(p.cost(point)), p.unit, grouped(point.macs))));
  }

  static bool rising(const study::LandscapePoint& a, const study::LandscapePoint& b) {
    nas::StepCounts counts;
    if (!a.failure.empty() || !b.failure.empty()) return false;
    nas::count_step(static_cast<double>(a.macs), a.latency_ms, static_cast<double>(b.macs), b.latency_ms, counts);
    return counts.rising > 0;
  }

  // A mark on the edge between two points of which the one of fewer FLOPs costs more.
  void rises(double left, const Panel& p, const Places& columns, const Places& rows) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const study::LandscapePoint& here = at(columns[i], rows[r]);
        const double y = row_middle(rows[r]), half = row_height() / 2;
        if (i + 1 < columns.size() && rising(here, at(columns[i + 1], rows[r]))) {
          const double x = edge(left, columns, i + 1);
          line("rise", x, y - half * 0.7, x, y + half * 0.7);
        }
        if (r + 1 < rows.size() && rising(here, at(columns[i], rows[r + 1]))) {
          line("rise", edge(left, columns, i) + 2, y - half, edge(left, columns, i + 1) - 2, y - half);
        }
      }
    }
    (void)p;
  }

  void minima(double left, const Panel& p, const Places& columns, const Places& rows) {
    std::vector<double> costs;
    for (const std::size_t row : rows) {
      for (const std::size_t column : columns) {
        const study::LandscapePoint& point = at(column, row);
        costs.push_back(point.failure.empty() ? p.cost(point) : std::nan(""));
      }
    }
    for (const std::size_t i : nas::local_minima(costs, nas::grid_neighbours(columns.size(), rows.size()))) {
      const std::size_t column = i % columns.size();
      const double x = (edge(left, columns, column) + edge(left, columns, column + 1)) / 2;
      out_ += fmt::format("<circle class=\"minimum\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.4\"/>\n", x,
                          row_middle(rows[i / columns.size()]));
    }
  }

  // The scale of colours, right of the map.
  void bar(double left, const Panel& p, const ChartAxis& cost) {
    constexpr int kPieces = 48;
    const double height = (kMapBottom - kMapTop) / kPieces;
    for (int i = 0; i < kPieces; ++i) {
      out_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.2f}\" width=\"{}\" height=\"{:.2f}\" fill=\"{}\"/>\n", left,
                          kMapBottom - (i + 1) * height, kBarWidth, height + 0.3, viridis((i + 0.5) / kPieces));
    }
    for (const double tick : cost.ticks()) {
      const double y = kMapBottom - cost.place(tick) * (kMapBottom - kMapTop);
      text(left + kBarWidth + 4, y + 4, fmt::format("{:.6g}", tick), "start", 11);
    }
    text(left, kMapBottom + 17, p.unit, "start", 11, "soft");
  }

  void ticks(double left, double bottom) {
    for (const double tick : x_.ticks()) {
      const double x = left + x_.place(tick) * kPanelWidth;
      line("frame", x, bottom, x, bottom + 4);
      text(x, bottom + 17, fmt::format("{:.6g}", tick), "middle", 11);
    }
    text(left + kPanelWidth / 2, bottom + 36, axis_title(l_.x), "middle");
  }

  static std::string axis_title(const study::LandscapeAxis& axis) {
    if (axis.unit.empty() || axis.title.find(axis.unit) != std::string::npos) return axis.title;
    return fmt::format("{} of {}", axis.unit, axis.title);
  }

  // Height tells small steps that colour hides.
  void lines(double left, const Panel& p, const Places& columns, const Places& rows, const ChartAxis& cost) {
    const auto y_at = [&](double value) { return kLinesBottom - cost.place(value) * (kLinesBottom - kLinesTop); };
    for (const double tick : cost.ticks()) {
      line("grid", left, y_at(tick), left + kPanelWidth, y_at(tick));
      text(left - 7, y_at(tick) + 4, fmt::format("{:.6g}", tick), "end", 11);
    }
    text(left - 44, (kLinesTop + kLinesBottom) / 2, p.unit, "middle", 12, "ink",
         fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", left - 44, (kLinesTop + kLinesBottom) / 2));
    double labelled = kSheetHeight;
    for (const std::size_t row : rows) {
      std::string path;
      double end = 0, last_x = left;
      for (const std::size_t column : columns) {
        const study::LandscapePoint& point = at(column, row);
        if (!point.failure.empty()) continue;
        end = y_at(p.cost(point));
        last_x = x_at(left, column);
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", last_x, end);
        if (columns.size() <= 16) {
          out_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.4\" fill=\"{}\"/>\n", last_x, end,
                              row_colour(row));
        }
      }
      if (path.empty()) continue;
      out_ += fmt::format("<path class=\"line\" stroke=\"{}\" d=\"{}\"/>\n", row_colour(row), path);
      if (std::abs(labelled - end) < 11) continue;
      labelled = end;
      text(std::max(last_x, left) + 5, end + 4, fmt::format("{:.6g}", l_.y.numbers[row]), "start", 11);
    }
    frame(left, kLinesTop, kLinesBottom);
    ticks(left, kLinesBottom);
  }

  // The line of each depth, told apart on either ground.
  static std::string row_colour(std::size_t row) { return distinct_colour(row); }

  void legend() {
    const double y = kSheetHeight - 22;
    line("rise", kFirstLeft, y - 10, kFirstLeft, y + 2);
    text(kFirstLeft + 10, y, "a step that raises the cost while FLOPs fall", "start", 11);
    out_ += fmt::format("<circle class=\"minimum\" cx=\"{}\" cy=\"{}\" r=\"3.4\"/>\n", kFirstLeft + 290, y - 4);
    text(kFirstLeft + 300, y, "local minimum", "start", 11);
    text(kFirstLeft + 400, y,
         fmt::format("lines below: one for each number of {}, named at its end; scales of latency are the same",
                     l_.y.unit.empty() ? "the vertical axis" : l_.y.unit),
         "start", 11);
  }

  const study::Landscape& l_;
  ChartAxis x_, macs_, latency_;
  std::string out_;
};

}  // namespace

std::string landscape_svg(const study::Landscape& landscape) { return LandscapeChart(landscape).draw(); }

}  // namespace lanewise::report
