// SPDX-License-Identifier: Apache-2.0
// The table as a picture: the fronts of the shipped engines, and what is lost where one engine's front is used on
// another.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include "benchmarks/engine_table/table_summary.hpp"

namespace lanewise {

class TableSvg {
 public:
  TableSvg(const study::EngineTable& table, const TableSummary& summary) : table_(table), summary_(summary) {
    for (std::size_t e = 0; e < table.engines.size(); ++e) {
      if (table.engines[e].origin == "shipped") shown_.push_back(e);
    }
    std::stable_sort(shown_.begin(), shown_.end(), [&](std::size_t a, std::size_t b) {
      return table.engines[a].family < table.engines[b].family ||
             (table.engines[a].family == table.engines[b].family &&
              table.engines[a].area_mm2 < table.engines[b].area_mm2);
    });
  }

  std::string text() {
    out_ =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1180 560\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n"
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
        "<rect width=\"1180\" height=\"560\" fill=\"#ffffff\"/>\n";
    label(20, 24, "NAS-Bench-Macro on " + std::to_string(table_.engines.size()) + " engines, simulated", "start", 16);
    fronts();
    losses();
    return out_ + "</svg>\n";
  }

 private:
  static constexpr double kLeft = 60, kRight = 560, kTop = 70, kBottom = 500;
  static constexpr double kSquare = 30, kGridLeft = 740, kGridTop = 110;

  void add(const char* format, ...) __attribute__((format(printf, 2, 3))) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    out_ += text;
  }
  void label(double x, double y, const std::string& text, const char* anchor, int size,
             const char* colour = "#1a1a1a") {
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\">%s</text>\n", x, y, anchor, size,
        colour, text.c_str());
  }
  // Colours of Okabe and Ito (2008), one a family.
  const char* colour(std::size_t e) const {
    const std::string& family = table_.engines[e].family;
    return family == "ne" ? "#0072b2" : family == "nvdla" ? "#d55e00" : "#009e73";
  }

  void fronts() {
    label(kLeft, 52, "Exact fronts of the shipped engines", "start", 13);
    double fastest = HUGE_VAL, slowest = 0;
    for (const std::size_t e : shown_) {
      for (const std::size_t n : summary_.front(e)) {
        if (table_.networks[n].accuracy_percent < 86) continue;
        fastest = std::min(fastest, summary_.latencies(e)[n]), slowest = std::max(slowest, summary_.latencies(e)[n]);
      }
    }
    fastest /= 1.1, slowest *= 1.1;
    const auto x = [&](double ms) {
      return kLeft + (kRight - kLeft) * std::log(ms / fastest) / std::log(slowest / fastest);
    };
    const auto y = [&](double accuracy) { return kBottom - (kBottom - kTop) * (accuracy - 86) / (93.5 - 86); };
    for (int accuracy = 86; accuracy <= 93; ++accuracy) {
      add("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n", kLeft, kRight, y(accuracy),
          y(accuracy));
      label(kLeft - 6, y(accuracy) + 4, std::to_string(accuracy), "end", 11);
    }
    for (double decade = 0.01; decade <= slowest; decade *= 10) {
      for (const double ms : {decade, 2 * decade, 5 * decade}) {
        if (ms < fastest || ms > slowest) continue;
        add("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#eeeeee\"/>\n", x(ms), x(ms), kTop,
            kBottom);
        char tick[24];
        std::snprintf(tick, sizeof tick, "%g", ms);
        label(x(ms), kBottom + 16, tick, "middle", 11);
      }
    }
    label((kLeft + kRight) / 2, kBottom + 36, "latency, ms", "middle", 12);
    label(kLeft, kTop - 6, "CIFAR-10 accuracy, %", "start", 11, "#595959");
    std::size_t number = 0;
    for (const std::size_t e : shown_) {
      std::vector<std::array<double, 2>> points;
      for (const std::size_t n : summary_.front(e)) {
        if (table_.networks[n].accuracy_percent >= 86) {
          points.push_back({summary_.latencies(e)[n], table_.networks[n].accuracy_percent});
        }
      }
      std::sort(points.begin(), points.end());
      add("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"", colour(e));
      for (const auto& [ms, accuracy] : points) add("%.1f,%.1f ", x(ms), y(accuracy));
      out_ += "\"/>\n";
      for (const auto& [ms, accuracy] : points) {
        add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.8\" fill=\"%s\"/>\n", x(ms), y(accuracy), colour(e));
      }
      // Numbered where the line ends, as in the table beside.
      const std::size_t at = points.size() - 1;
      ++number;
      add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"8\" fill=\"%s\"/>\n", x(points[at][0]), y(points[at][1]), colour(e));
      label(x(points[at][0]), y(points[at][1]) + 4, std::to_string(number), "middle", 10, "#ffffff");
    }
  }

  void losses() {
    label(600, 52, "Hypervolume lost where the front of one engine (row) is used on another (column), %", "start", 13);
    for (std::size_t r = 0; r < shown_.size(); ++r) {
      const double top = kGridTop + kSquare * static_cast<double>(r);
      char name[96];
      std::snprintf(name, sizeof name, "%zu  %s", r + 1, table_.engines[shown_[r]].name.c_str());
      label(kGridLeft - 8, top + 20, name, "end", 12, colour(shown_[r]));
      label(kGridLeft + kSquare * (static_cast<double>(r) + 0.5), kGridTop - 8, std::to_string(r + 1), "middle", 12,
            colour(shown_[r]));
      for (std::size_t c = 0; c < shown_.size(); ++c) {
        const double lost = 100 * summary_.hypervolume_lost(shown_[r], shown_[c]);
        const double left = kGridLeft + kSquare * static_cast<double>(c);
        // White where nothing is lost; the eye tells tenths from whole percents by the root.
        const int shade = 255 - static_cast<int>(std::min(1.0, std::sqrt(std::max(0.0, lost) / 10)) * 190);
        add("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"rgb(255,%d,%d)\" stroke=\"#cccccc\"/>\n",
            left, top, kSquare, kSquare, shade, shade);
        char text[16];
        std::snprintf(text, sizeof text, lost < 9.95 ? "%.1f" : "%.0f", lost);
        if (r != c) label(left + kSquare / 2, top + 19, text, "middle", 10);
      }
    }
    label(600, kGridTop + kSquare * static_cast<double>(shown_.size()) + 24,
          "Below each engine's slowest latency and above 80 % of accuracy.", "start", 11, "#595959");
  }

  const study::EngineTable& table_;
  const TableSummary& summary_;
  std::vector<std::size_t> shown_;
  std::string out_;
};

}  // namespace lanewise
