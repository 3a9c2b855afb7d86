// SPDX-License-Identifier: Apache-2.0
// A sweep as a picture: what the engines cost in the first two objectives, a panel for each network.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "report/answer.hpp"
#include "report/chart_axis.hpp"
#include "report/svg_sheet.hpp"
#include "report/sweep.hpp"
#include "report/sweep_parts.hpp"
#include "report/table.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::report {
namespace {

constexpr double kSheet = 1000, kLegend = 232, kHeadHeight = 70, kFootHeight = 16;
constexpr double kLeftOf = 84, kBelow = 54, kAbove = 30, kBetween = 16;  // room around a panel
constexpr std::size_t kMostPanels = 12, kMostNamed = 14, kShapes = 6;
constexpr double kLetter = 5.6;  // width of one at ten points, on average

constexpr const char* kPlotStyle =
    "  .ground { fill: #ffffff } .ink { fill: #1a1a1a } .soft { fill: #595959 }\n"
    "  .grid { stroke: #dddddd } .frame { fill: none; stroke: #444444 }\n"
    "  .front { fill: none; stroke: #1a1a1a; stroke-width: 1.2; stroke-dasharray: 5 3 } .best { stroke: #1a1a1a }\n"
    "  .interval { stroke: #8a8a8a }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .ground { fill: #16181c } .ink { fill: #e8e8e8 } .soft { fill: #b0b0b0 }\n"
    "    .grid { stroke: #33363c } .frame { stroke: #8a8a8a } .front { stroke: #e8e8e8 } .best { stroke: #ffffff }\n"
    "  }\n";

struct Area {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool meets(const Area& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

// Values of one varied key, in the order in which rows have them.
struct VariedKey {
  std::string name;
  std::vector<std::string> values;
  std::size_t number_of(const std::string& value) const {
    return static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin());
  }
};

class SweepChart {
 public:
  explicit SweepChart(const study::SweepTable& table) : t_(table), single_(table.wishes.objectives.size() < 2) {
    for (const study::SweepRow& row : t_.rows) {
      if (std::find(networks_.begin(), networks_.end(), row.network) == networks_.end())
        networks_.push_back(row.network);
      for (std::size_t i = 0; i < row.settings.size(); ++i) {
        if (keys_.size() <= i) keys_.push_back({row.settings[i].first, {}});
        std::vector<std::string>& values = keys_[i].values;
        if (std::find(values.begin(), values.end(), row.settings[i].second) == values.end()) {
          values.push_back(row.settings[i].second);
        }
      }
    }
    if (networks_.size() > kMostPanels) {
      left_out_ = networks_.size() - kMostPanels;
      networks_.resize(kMostPanels);
    }
    columns_ = networks_.size() > 1 ? 2 : 1;
    // There are few shapes, and any number of colours.
    if (keys_.size() > 1 && keys_[1].values.size() > kShapes && keys_[0].values.size() < keys_[1].values.size()) {
      colour_key_ = 1;
      shape_key_ = 0;
    }
  }

  std::string draw() {
    const std::size_t lines = (networks_.size() + columns_ - 1) / std::max<std::size_t>(columns_, 1);
    const double panel_height = columns_ == 1 ? 470 : 300;
    const double height =
        std::max(kHeadHeight + static_cast<double>(lines) * (panel_height + kAbove + kBelow) + kFootHeight,
                 kHeadHeight + legend_height());
    const std::string title =
        fmt::format("{} around {}",
                    networks_.size() == 1 ? networks_.front() : fmt::format("{} networks on engines", networks_.size()),
                    t_.identity.title(t_.engine));
    out_ = svg_head(kSheet, height, title, description(), kPlotStyle);
    text(kLeftOf, 30, title, "start", 16);
    text(kLeftOf, 50, subtitle(), "start", 12, "soft");
    const double room = kSheet - kLegend, pitch = room / static_cast<double>(columns_);
    for (std::size_t i = 0; i < networks_.size(); ++i) {
      const double left = static_cast<double>(i % columns_) * pitch + kLeftOf;
      const double top = kHeadHeight + static_cast<double>(i / columns_) * (panel_height + kAbove + kBelow) + kAbove;
      panel(networks_[i], {left, top, left + pitch - kLeftOf - kBetween, top + panel_height});
    }
    legend();
    return out_ + "</svg>\n";
  }

 private:
  struct Spot {
    const study::SweepRow* row = nullptr;
    double x = 0, y = 0;       // in the metrics' units, then on the sheet
    double low = 0, high = 0;  // of the latency's interval, in the same; equal where there is none
  };

  nas::Metric objective(std::size_t i) const {
    return t_.wishes.objectives.at(std::min(i, t_.wishes.objectives.size() - 1));
  }
  std::string axis_title(bool horizontal) const {
    if (single_ && horizontal) return keys_.empty() ? "engine" : keys_.front().name;
    const nas::MetricTraits& traits = nas::traits_of(objective(horizontal ? 0 : 1));
    // Names have their unit; there is no room for more beside small panels.
    return columns_ > 1 ? std::string(traits.name) : fmt::format("{}: {}", traits.name, traits.meaning);
  }
  const char* source() const { return estimated(t_) ? "estimated" : "simulated"; }

  std::string subtitle() const {
    std::string varied;
    for (const VariedKey& key : keys_) varied += (varied.empty() ? "" : ", ") + key.name;
    std::string words = fmt::format("one mark per engine, {}", source());
    if (!varied.empty()) words += "; varied: " + varied;
    constexpr std::size_t kMost = 110;
    return words.size() <= kMost ? words
                                 : fmt::format("one mark per engine, {}; {} keys are varied", source(), keys_.size());
  }

  std::string description() const {
    std::size_t failed = 0, best = 0;
    for (const study::SweepRow& row : t_.rows) {
      failed += row.failure.empty() ? 0 : 1;
      best += row.pareto ? 1 : 0;
    }
    return fmt::format("{} of {} rows are Pareto-optimal in {}; {} engines cannot run the network. {} by lanewise {}.",
                       best, t_.rows.size(), objectives(), failed, estimated(t_) ? "Estimated" : "Simulated",
                       t_.tool_version);
  }

  std::string objectives() const {
    std::string names;
    for (const nas::Metric metric : t_.wishes.objectives)
      names += (names.empty() ? "" : ", ") + std::string(nas::traits_of(metric).name);
    return names;
  }

  void text(double x, double y, const std::string& words, const char* anchor, int size = 12, const char* kind = "ink",
            const std::string& more = "") {
    out_ += svg_words(x, y, words, anchor, size, kind, more);
  }
  void line(const char* kind, double x1, double y1, double x2, double y2) { out_ += svg_line(kind, x1, y1, x2, y2); }

  // Few values are told apart by colours far from each other, many by their order.
  std::string colour_of(std::size_t value) const {
    const std::size_t values = keys_.empty() ? 1 : keys_[colour_key_].values.size();
    if (values <= kDistinctColours) return distinct_colour(value);
    return viridis(0.05 + 0.87 * static_cast<double>(value) / static_cast<double>(values - 1));
  }

  static std::string shape_path(std::size_t shape, double x, double y, double r) {
    switch (shape % kShapes) {
      case 0:
        return fmt::format("M{:.1f} {:.1f} a{r} {r} 0 1 0 {d} 0 a{r} {r} 0 1 0 -{d} 0 z", x - r, y, fmt::arg("r", r),
                           fmt::arg("d", 2 * r));
      case 1:
        return fmt::format("M{:.1f} {:.1f} h{s} v{s} h-{s} z", x - 0.9 * r, y - 0.9 * r, fmt::arg("s", 1.8 * r));
      case 2:
        return fmt::format("M{:.1f} {:.1f} l{a} {b} h-{c} z", x, y - 1.15 * r, fmt::arg("a", 1.1 * r),
                           fmt::arg("b", 2 * r), fmt::arg("c", 2.2 * r));
      case 3:
        return fmt::format("M{:.1f} {:.1f} l{s} {s} l-{s} {s} l-{s} -{s} z", x, y - 1.25 * r, fmt::arg("s", 1.25 * r));
      case 4:
        return fmt::format("M{:.1f} {:.1f} l{a} -{b} h-{c} z", x, y + 1.15 * r, fmt::arg("a", 1.1 * r),
                           fmt::arg("b", 2 * r), fmt::arg("c", 2.2 * r));
      default:
        return fmt::format("M{:.1f} {:.1f} h{t} v{s} h{s} v{t} h-{s} v{s} h-{t} v-{s} h-{s} v-{t} h{s} z", x - 0.4 * r,
                           y - 1.2 * r, fmt::arg("t", 0.8 * r), fmt::arg("s", 0.8 * r));
    }
  }

  void mark(const study::SweepRow& row, double x, double y) {
    const auto value_of = [&](std::size_t key) {
      return row.settings.size() <= key ? 0 : keys_[key].number_of(row.settings[key].second);
    };
    const std::size_t colour = value_of(colour_key_), shape = value_of(shape_key_);
    std::string words = row.network;
    for (const auto& [key, value] : row.settings) words += fmt::format(", {} {}", key, value);
    words += fmt::format(": {} ms, {} uJ, {} mm2, {}", fixed(row.total.latency_ms, 3), fixed(row.total.energy_uj, 1),
                         fixed(row.total.area_mm2, 3), source());
    if (row.pareto) words += ", Pareto-optimal";
    if (row.violation() > 0) words += ", misses a limit";
    const std::string hue = colour_of(colour);
    const char* const look = row.violation() > 0 ? "fill-opacity=\"0\" stroke-dasharray=\"2 2\""
                             : row.pareto        ? "fill-opacity=\"0.95\""
                                                 : "fill-opacity=\"0.3\"";
    out_ += fmt::format("<path{} d=\"{}\" fill=\"{}\" {} {}><title>{}</title></path>\n",
                        row.pareto ? " class=\"best\"" : "", shape_path(shape, x, y, row.pareto ? 6 : 4.5), hue, look,
                        row.pareto ? "stroke-width=\"1.2\"" : fmt::format("stroke=\"{}\"", hue), svg_text(words));
  }

  std::vector<Spot> spots_of(const std::string& network) const {
    std::vector<Spot> spots;
    for (const study::SweepRow& row : t_.rows) {
      if (row.network != network || !row.failure.empty()) continue;
      const nas::Metrics metrics = study::metrics_of(row.total);
      const double across =
          single_ ? (row.settings.empty() ? 0 : static_cast<double>(keys_[0].number_of(row.settings[0].second)))
                  : metrics[objective(0)];
      Spot spot{&row, across, metrics[objective(1)], 0, 0};
      if (row.reliability && row.reliability->interval && row.total.latency_cycles > 0) {
        const double ms = row.total.latency_ms / static_cast<double>(row.total.latency_cycles);
        spot.low = ms * static_cast<double>(row.reliability->interval->low_cycles);
        spot.high = ms * static_cast<double>(row.reliability->interval->high_cycles);
      }
      if (std::isfinite(spot.x) && std::isfinite(spot.y)) spots.push_back(spot);
    }
    return spots;
  }

  void panel(const std::string& network, const Area& area) {
    std::vector<Spot> spots = spots_of(network);
    if (networks_.size() > 1) text(area.left, area.top - 10, network, "start", 13);
    std::vector<double> across, up;
    const bool latency_across = !single_ && objective(0) == nas::Metric::kLatency;
    const bool latency_up = objective(1) == nas::Metric::kLatency;
    for (const Spot& spot : spots) {
      across.push_back(spot.x);
      up.push_back(spot.y);
      if (spot.high <= 0) continue;
      if (latency_across) across.insert(across.end(), {spot.low, spot.high});
      if (latency_up) up.insert(up.end(), {spot.low, spot.high});
    }
    const ChartAxis x(across), y(up);
    const auto x_at = [&](double value) { return area.left + x.place(value) * (area.right - area.left); };
    const auto y_at = [&](double value) { return area.bottom - y.place(value) * (area.bottom - area.top); };
    axes(area, x, y);
    if (spots.empty())
      text((area.left + area.right) / 2, (area.top + area.bottom) / 2, "no engine runs it", "middle", 12, "soft");
    for (Spot& spot : spots) {
      if (spot.high > 0 && latency_across)
        line("interval", x_at(spot.low), y_at(spot.y), x_at(spot.high), y_at(spot.y));
      if (spot.high > 0 && latency_up) line("interval", x_at(spot.x), y_at(spot.low), x_at(spot.x), y_at(spot.high));
      spot.x = x_at(spot.x), spot.y = y_at(spot.y);
    }
    front(spots);
    // The best lie on top.
    std::stable_sort(spots.begin(), spots.end(),
                     [](const Spot& a, const Spot& b) { return a.row->pareto < b.row->pareto; });
    for (const Spot& spot : spots) mark(*spot.row, spot.x, spot.y);
    names(spots, area);
  }

  void axes(const Area& area, const ChartAxis& x, const ChartAxis& y) {
    if (single_) {
      const std::size_t values = keys_.empty() ? 0 : keys_.front().values.size();
      const std::size_t step = std::max<std::size_t>(1, values / (columns_ == 1 ? 12 : 6));
      for (std::size_t i = 0; i < values; i += step) {
        text(area.left + x.place(static_cast<double>(i)) * (area.right - area.left), area.bottom + 18,
             keys_.front().values[i], "middle", 11);
      }
    } else {
      std::vector<double> ticks = x.ticks();
      // Numbers of five digits or so need their room.
      const double room = (area.right - area.left) / 52;
      const auto every = static_cast<std::size_t>(std::ceil(static_cast<double>(ticks.size()) / room));
      for (std::size_t i = 0; i < ticks.size(); ++i) {
        const double at = area.left + x.place(ticks[i]) * (area.right - area.left);
        line("grid", at, area.top, at, area.bottom);
        if (i % every == 0) text(at, area.bottom + 18, fmt::format("{:.6g}", ticks[i]), "middle", 11);
      }
    }
    for (const double tick : y.ticks()) {
      const double at = area.bottom - y.place(tick) * (area.bottom - area.top);
      line("grid", area.left, at, area.right, at);
      text(area.left - 7, at + 4, fmt::format("{:.6g}", tick), "end", 11);
    }
    out_ += fmt::format("<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
                        area.left, area.top, area.right - area.left, area.bottom - area.top);
    const int size = columns_ == 1 ? 13 : 11;
    text((area.left + area.right) / 2, area.bottom + 40, axis_title(true), "middle", size);
    const double beside = area.left - 64, middle = (area.top + area.bottom) / 2;
    text(beside, middle, axis_title(false), "middle", size, "ink",
         fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", beside, middle));
  }

  // With three objectives or more the front is no line over two of them.
  void front(std::vector<Spot> spots) {
    if (t_.wishes.objectives.size() != 2) return;
    spots.erase(std::remove_if(spots.begin(), spots.end(), [](const Spot& spot) { return !spot.row->pareto; }),
                spots.end());
    if (spots.size() < 2) return;
    std::sort(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) { return a.x < b.x; });
    std::string path;
    // Between two engines of a front nothing better is known than the step.
    for (const Spot& at : spots)
      path += path.empty() ? fmt::format("M{:.1f} {:.1f}", at.x, at.y) : fmt::format(" H{:.1f} V{:.1f}", at.x, at.y);
    out_ += "<path class=\"front\" d=\"" + path + "\"/>\n";
  }

  // Names the best by what is varied, where there is room beside them.
  void names(const std::vector<Spot>& spots, const Area& panel) {
    std::vector<Area> taken;
    std::size_t best = 0;
    for (const Spot& spot : spots) {
      taken.push_back({spot.x - 5, spot.y - 5, spot.x + 5, spot.y + 5});
      best += spot.row->pareto ? 1 : 0;
    }
    if (keys_.empty() || best > kMostNamed) return;
    for (const Spot& spot : spots) {
      if (!spot.row->pareto) continue;
      std::string words;
      for (const auto& setting : spot.row->settings) words += (words.empty() ? "" : ", ") + setting.second;
      const double wide = kLetter * static_cast<double>(words.size());
      const Area places[] = {{spot.x + 9, spot.y - 15, spot.x + 9 + wide, spot.y - 4},
                             {spot.x + 9, spot.y + 4, spot.x + 9 + wide, spot.y + 15},
                             {spot.x - 9 - wide, spot.y - 15, spot.x - 9, spot.y - 4},
                             {spot.x - 9 - wide, spot.y + 4, spot.x - 9, spot.y + 15},
                             {spot.x - wide / 2, spot.y - 20, spot.x + wide / 2, spot.y - 9},
                             {spot.x - wide / 2, spot.y + 9, spot.x + wide / 2, spot.y + 20}};
      for (const Area& place : places) {
        const bool inside = place.left > panel.left && place.right < panel.right && place.top > panel.top &&
                            place.bottom < panel.bottom;
        if (!inside || std::any_of(taken.begin(), taken.end(), [&](const Area& other) { return place.meets(other); }))
          continue;
        text(place.left, place.bottom - 2, words, "start", 10);
        taken.push_back(place);
        break;
      }
    }
  }

  // The end of a name says more than its beginning.
  static std::string shortened(const std::string& words) {
    constexpr std::size_t kMost = 30;
    return words.size() <= kMost ? words : "..." + words.substr(words.size() - kMost + 3);
  }

  static constexpr std::size_t kMostValues = 14;  // of a key, in the legend
  static std::size_t listed(const VariedKey& key) {
    return std::min(key.values.size(), kMostValues) + (key.values.size() > kMostValues ? 1 : 0);
  }
  double legend_height() const {
    double rows = 6;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, keys_.size()); ++i)
      rows += 2 + static_cast<double>(listed(keys_[i]));
    return 20 * rows + 40;
  }

  void legend() {
    const double left = kSheet - kLegend + 12;
    double at = kHeadHeight + kAbove + 6;
    const auto next = [&](const std::string& words, double step = 20) {
      text(left + 18, at + 4, words, "start", 11);
      at += step;
    };
    const auto sample = [&](std::size_t shape, const std::string& hue, const char* opacity) {
      out_ += fmt::format("<path d=\"{}\" fill=\"{}\" fill-opacity=\"{}\" stroke=\"{}\"/>\n",
                          shape_path(shape, left + 6, at, 5), hue, opacity, hue);
    };
    for (std::size_t i = 0; i < std::min<std::size_t>(2, keys_.size()); ++i) {
      const VariedKey& key = keys_[i];
      text(left, at + 4, shortened(key.name), "start", 12);
      at += 20;
      for (std::size_t v = 0; v < std::min(key.values.size(), kMostValues); ++v) {
        i == colour_key_ ? sample(0, colour_of(v), "0.95") : sample(v, "#8a8a8a", "0.6");
        next(key.values[v]);
      }
      if (key.values.size() > kMostValues) next(fmt::format("and {} more", key.values.size() - kMostValues));
      at += 12;
    }
    sample(0, "#8a8a8a", "0.95");
    next(single_ ? "the best" : fmt::format("Pareto-optimal in {} objectives", t_.wishes.objectives.size()));
    sample(0, "#8a8a8a", "0.3");
    next("another engine is better");
    if (t_.wishes.objectives.size() == 2) {
      line("front", left, at, left + 13, at);
      next("front");
    }
    if (!t_.wishes.limits.empty()) {
      sample(0, "#8a8a8a", "0");
      next("misses a limit");
    }
    const bool shows_latency =
        (!single_ && objective(0) == nas::Metric::kLatency) || objective(1) == nas::Metric::kLatency;
    if (estimated(t_) && shows_latency) {
      line("interval", left, at, left + 13, at);
      next("interval of the latency");
    }
    at += 6;
    if (keys_.size() > 2) {
      const std::size_t more = keys_.size() - 2;
      text(left, at,
           more == 1 ? "1 more key: named at the marks" : fmt::format("{} more keys: named at the marks", more),
           "start", 11, "soft");
      at += 16;
    }
    if (left_out_ > 0) text(left, at, fmt::format("{} more networks are in the table", left_out_), "start", 11, "soft");
  }

  const study::SweepTable& t_;
  bool single_;
  std::vector<std::string> networks_;
  std::vector<VariedKey> keys_;
  std::size_t columns_ = 1, left_out_ = 0, colour_key_ = 0, shape_key_ = 1;
  std::string out_;
};

}  // namespace

std::string sweep_svg(const study::SweepTable& table) { return SweepChart(table).draw(); }

}  // namespace lanewise::report
