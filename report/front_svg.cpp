// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "report/chart_axis.hpp"
#include "report/codesign.hpp"
#include "report/svg_sheet.hpp"
#include "report/table.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::report {
namespace {

constexpr double kWidth = 960, kHeight = 600;
constexpr double kLeft = 90, kRight = 720, kTop = 60, kBottom = 530;  // of the plot; the legend is right of it

// Colours of Okabe and Ito (2008), on light ground and, where the viewer asks for it, on dark.
constexpr const char* kStyle =
    "  .ground { fill: #ffffff } .ink { fill: #1a1a1a } .soft { fill: #595959 }\n"
    "  .grid { stroke: #dddddd } .frame { fill: none; stroke: #444444 }\n"
    "  .candidate { fill: #777777; fill-opacity: 0.28 } .missing { fill: none; stroke: #999999; stroke-opacity: 0.35 "
    "}\n"
    "  .line { fill: none; stroke: #0072b2; stroke-width: 1.6 } .front { fill: #0072b2 }\n"
    "  .finalist { fill: #d55e00; stroke: #ffffff } .error { stroke: #d55e00; stroke-width: 1.4 }\n"
    "  .baseline { fill: #1a1a1a; stroke: #ffffff }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .ground { fill: #16181c } .ink { fill: #e8e8e8 } .soft { fill: #b0b0b0 }\n"
    "    .grid { stroke: #33363c } .frame { stroke: #8a8a8a }\n"
    "    .candidate { fill: #b8b8b8; fill-opacity: 0.25 } .missing { stroke: #8a8a8a }\n"
    "    .line { stroke: #56b4e9 } .front { fill: #56b4e9 }\n"
    "    .finalist { fill: #e69f00; stroke: #16181c } .error { stroke: #e69f00 }\n"
    "    .baseline { fill: #ffffff; stroke: #16181c }\n"
    "  }\n";

// "energy of one inference" of "energy_uj: …": what the axis says beside the metric's own name.
std::string axis_title(nas::Metric metric) {
  const nas::MetricTraits& traits = nas::traits_of(metric);
  return fmt::format("{}: {}", traits.name, traits.meaning);
}

// Numbers of designs over the first two objectives; over one, against the number of the candidate.
class FrontChart {
 public:
  explicit FrontChart(const study::CodesignResult& result)
      : r_(result), single_(result.objective_metrics.size() < 2), x_(values(true)), y_(values(false)) {}

  std::string draw() {
    const std::string title = fmt::format("Codesign of {} around {}", r_.network, r_.identity.title(r_.engine));
    out_ = svg_head(kWidth, kHeight, title, description(), kStyle);
    text(kLeft, 30, title, "start", 16);
    axes();
    candidates();
    front();
    finalists();
    baseline();
    legend();
    return out_ + "</svg>\n";
  }

 private:
  struct Spot {
    double x = 0, y = 0;
  };

  std::string description() const {
    return fmt::format(
        "{} candidates priced by an estimator, {} of them on the predicted front; {} finalists simulated.",
        r_.history.size(), r_.front.size(), r_.finalists.size());
  }

  double of(const nas::Metrics& metrics, bool horizontal, double number) const {
    if (single_ && horizontal) return number;
    return metrics[r_.objective_metrics.at(single_ || horizontal ? 0 : 1)];
  }
  static nas::Metrics metrics_of(const study::Totals& totals, const std::optional<double>& accuracy) {
    nas::Metrics metrics = study::metrics_of(totals);
    if (accuracy) metrics[nas::Metric::kAccuracy] = *accuracy;
    return metrics;
  }
  static nas::Metrics predicted(const study::Design& d) { return metrics_of(d.predicted, d.accuracy); }
  static nas::Metrics simulated(const study::Design& d) { return metrics_of(d.simulated, d.accuracy); }
  static bool is_simulated(const study::Design& d) { return d.is_simulated && d.failure.empty(); }

  // Where the candidate of a design stands in the history: its place on a chart of one objective.
  double number_of(const study::Design& design) const {
    for (std::size_t i = 0; i < r_.history.size(); ++i) {
      if (r_.history[i].encoding == design.encoding) return static_cast<double>(i + 1);
    }
    return 0;
  }

  // What the axis must show: front, finalists, baseline, and candidates but for the worst twentieth.
  std::vector<double> values(bool horizontal) const {
    std::vector<double> out, all;
    const auto add = [&](const study::Design& d) {
      const double number = single_ ? number_of(d) : 0;
      out.push_back(of(predicted(d), horizontal, number));
      if (is_simulated(d)) out.push_back(of(simulated(d), horizontal, number));
    };
    add(r_.baseline);
    for (const study::Design& design : r_.front) add(design);
    for (std::size_t i = 0; i < r_.history.size(); ++i) {
      if (r_.history[i].failure.empty())
        all.push_back(of(r_.history[i].metrics, horizontal, static_cast<double>(i + 1)));
    }
    std::sort(all.begin(), all.end());
    if (!all.empty()) {
      out.push_back(all[all.size() / 40]);
      out.push_back(all[all.size() - 1 - all.size() / 20]);
    }
    out.erase(std::remove_if(out.begin(), out.end(), [](double v) { return !std::isfinite(v); }), out.end());
    return out;
  }

  bool spot(const nas::Metrics& metrics, double number, Spot& spot) const {
    const double x = of(metrics, true, number), y = of(metrics, false, number);
    if (!std::isfinite(x) || !std::isfinite(y) || !x_.shows(x) || !y_.shows(y)) return false;
    spot = {kLeft + x_.place(x) * (kRight - kLeft), kBottom - y_.place(y) * (kBottom - kTop)};
    return true;
  }

  void text(double x, double y, const std::string& words, const char* anchor, int size = 12, const char* kind = "ink",
            const std::string& more = "") {
    out_ += svg_words(x, y, words, anchor, size, kind, more);
  }
  void line(const char* kind, double x1, double y1, double x2, double y2) { out_ += svg_line(kind, x1, y1, x2, y2); }
  void circle(const char* kind, double x, double y, double radius, const std::string& title = "") {
    out_ += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"", kind, x, y, radius);
    out_ += title.empty() ? "/>\n" : "><title>" + svg_text(title) + "</title></circle>\n";
  }
  void diamond(const char* kind, double x, double y, double size) {
    out_ += fmt::format("<path class=\"{0}\" d=\"M{1:.1f} {2:.1f} l{3} {3} l-{3} {3} l-{3} -{3} z\"/>\n", kind, x,
                        y - size, size);
  }

  void axes() {
    for (const double tick : x_.ticks()) {
      const double x = kLeft + x_.place(tick) * (kRight - kLeft);
      line("grid", x, kTop, x, kBottom);
      text(x, kBottom + 18, fmt::format("{:.6g}", tick), "middle");
    }
    for (const double tick : y_.ticks()) {
      const double y = kBottom - y_.place(tick) * (kBottom - kTop);
      line("grid", kLeft, y, kRight, y);
      text(kLeft - 8, y + 4, fmt::format("{:.6g}", tick), "end");
    }
    out_ += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", kLeft, kTop,
                        kRight - kLeft, kBottom - kTop);
    const nas::Metric vertical = r_.objective_metrics.at(single_ ? 0 : 1);
    text((kLeft + kRight) / 2, kBottom + 44,
         single_ ? "candidate, in the order in which they were priced" : axis_title(r_.objective_metrics.front()),
         "middle", 13);
    text(26, (kTop + kBottom) / 2, axis_title(vertical), "middle", 13, "ink",
         fmt::format(" transform=\"rotate(-90 26 {:.1f})\"", (kTop + kBottom) / 2));
  }

  // One mark for all that would lie on each other.
  void candidates() {
    std::set<std::pair<int, int>> drawn;
    for (std::size_t i = 0; i < r_.history.size(); ++i) {
      const study::HistoryRow& row = r_.history[i];
      Spot at;
      if (!row.failure.empty() || !spot(row.metrics, static_cast<double>(i + 1), at)) continue;
      if (!drawn.emplace(static_cast<int>(at.x / 2), static_cast<int>(at.y / 2)).second) continue;
      row.violation > 0 ? circle("missing", at.x, at.y, 1.8) : circle("candidate", at.x, at.y, 2.2);
    }
  }

  void front() {
    std::vector<Spot> spots;
    for (const study::Design& design : r_.front) {
      Spot at;
      if (spot(predicted(design), single_ ? number_of(design) : 0, at)) spots.push_back(at);
    }
    std::sort(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) { return a.x < b.x; });
    // With three objectives or more the front is no line over two of them.
    if (r_.objective_metrics.size() == 2 && spots.size() > 1) {
      std::string path;
      for (const Spot& at : spots) {
        // Between two designs of a front nothing better is known than the step.
        path += path.empty() ? fmt::format("M{:.1f} {:.1f}", at.x, at.y) : fmt::format(" H{:.1f} V{:.1f}", at.x, at.y);
      }
      out_ += "<path class=\"line\" d=\"" + path + "\"/>\n";
    }
    for (const Spot& at : spots) circle("front", at.x, at.y, 2.6);
  }

  void finalists() {
    for (const study::Design& design : r_.finalists) {
      const double number = single_ ? number_of(design) : 0;
      Spot promised, proven;
      const bool shown = spot(predicted(design), number, promised);
      if (!is_simulated(design) || !spot(simulated(design), number, proven)) continue;
      if (shown) line("error", promised.x, promised.y, proven.x, proven.y);
      circle("finalist", proven.x, proven.y, 6,
             fmt::format("finalist {}: predicted {} ms, simulated {} ms", design.finalist,
                         fixed(design.predicted.latency_ms, 3), fixed(design.simulated.latency_ms, 3)));
      text(proven.x + 9, proven.y - 5, fmt::format("{}", design.finalist), "start", 12);
    }
  }

  void baseline() {
    Spot at;
    if (spot(simulated(r_.baseline), 1, at)) diamond("baseline", at.x, at.y, 7);
  }

  void legend() {
    const double left = kRight + 24;
    double at = kTop + 12;
    const auto next = [&](const std::string& words) {
      text(left + 18, at + 4, words, "start");
      at += 22;
    };
    diamond("baseline", left + 4, at, 6);
    next("baseline, simulated");
    circle("finalist", left + 4, at, 6);
    next("finalist, simulated");
    line("error", left - 4, at, left + 12, at);
    next("from its prediction");
    circle("front", left + 4, at, 2.6);
    next(fmt::format("front, predicted ({})", r_.front.size()));
    circle("candidate", left + 4, at, 3);
    next("candidate, predicted");
    circle("missing", left + 4, at, 3);
    next("candidate beyond a limit");
    at += 12;
    text(left, at, fmt::format("{} candidates priced", grouped(static_cast<std::int64_t>(r_.history.size()))), "start",
         11, "soft");
    if (r_.all_infeasible) text(left, at + 16, "none keeps every limit", "start", 11, "soft");
  }

  const study::CodesignResult& r_;
  bool single_;
  ChartAxis x_, y_;
  std::string out_;
};

}  // namespace

std::string front_svg(const study::CodesignResult& result) { return FrontChart(result).draw(); }

}  // namespace lanewise::report
