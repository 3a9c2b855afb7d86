// SPDX-License-Identifier: Apache-2.0
// Bars in groups, as SVG: the one chart of the article's results.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace lanewise::article {

struct Bar {
  std::string name;  // below it
  double value = 0;  // the median over the seeds
  double least = 0, most = 0;
  std::string kind;               // entry of the legend; bars of one kind have one colour
  std::optional<double> article;  // the reference, drawn as a line across
};
struct BarGroup {
  std::string name;
  std::vector<Bar> bars;
};
struct BarChart {
  std::string title, axis;  // of the vertical axis, with its unit
  std::vector<BarGroup> groups;
  std::string reference = "the article";  // what the lines across bars are
};

namespace detail {

// Colours of Okabe and Ito (2008), on light ground and, where the viewer asks for it, on dark.
constexpr const char* kStyle =
    "<style>\n"
    "  .ground { fill: #ffffff } .ink { fill: #1a1a1a } .soft { fill: #595959 }\n"
    "  .grid { stroke: #dddddd } .zero { stroke: #444444 } .spread { stroke: #1a1a1a; stroke-width: 1.4 }\n"
    "  .article { stroke: #cc0000; stroke-width: 2; stroke-dasharray: 5 3 }\n"
    "  .kind0 { fill: #0072b2 } .kind1 { fill: #999999 } .kind2 { fill: #e69f00 } .kind3 { fill: #009e73 }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .ground { fill: #16181c } .ink { fill: #e8e8e8 } .soft { fill: #b0b0b0 }\n"
    "    .grid { stroke: #33363c } .zero { stroke: #8a8a8a } .spread { stroke: #e8e8e8 }\n"
    "    .article { stroke: #ff7070 }\n"
    "    .kind0 { fill: #56b4e9 } .kind1 { fill: #777777 } .kind2 { fill: #e69f00 } .kind3 { fill: #2fc99b }\n"
    "  }\n"
    "</style>\n";
constexpr double kTop = 64, kBottom = 400, kHeight = 480, kLeft = 76, kBarWidth = 58, kGap = 24, kGroupGap = 46;

inline std::string text(double x, double y, const std::string& words, const char* anchor, int size, const char* kind) {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\">{}</text>\n",
                     kind, x, y, anchor, size, words);
}
inline std::string line(const char* kind, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, x1, y1, x2,
                     y2);
}

struct Scale {
  double low = 0, high = 0, step = 10;
  double y(double value) const { return kBottom - (value - low) / (high - low) * (kBottom - kTop); }
};

// From what must be seen and zero, in round steps.
inline Scale scale_of(const BarChart& chart) {
  Scale scale;
  for (const BarGroup& group : chart.groups) {
    for (const Bar& bar : group.bars) {
      scale.low = std::min({scale.low, bar.least, bar.article.value_or(0)});
      scale.high = std::max({scale.high, bar.most, bar.article.value_or(0)});
    }
  }
  const double raw = std::max(scale.high - scale.low, 1.0) / 7, power = std::pow(10, std::floor(std::log10(raw)));
  scale.step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
  // Room for the number that stands at the end of each bar.
  scale.low = scale.step * std::floor(scale.low / scale.step - (scale.low < 0 ? 0.4 : 0));
  scale.high = scale.step * std::ceil(scale.high / scale.step + (scale.high > 0 ? 0.4 : 0));
  return scale;
}

inline std::string draw_bar(const Bar& bar, std::size_t kind, double x, const Scale& scale) {
  const double zero = scale.y(0), end = scale.y(bar.value), middle = x + kBarWidth / 2;
  std::string out = fmt::format(
      "<rect class=\"kind{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}: {:+.1f}, from "
      "{:+.1f} to "
      "{:+.1f}</title></rect>\n",
      kind, x, std::min(zero, end), kBarWidth, std::abs(end - zero), bar.name, bar.value, bar.least, bar.most);
  if (bar.most > bar.least) out += line("spread", middle, scale.y(bar.least), middle, scale.y(bar.most));
  if (bar.article) out += line("article", x - 6, scale.y(*bar.article), x + kBarWidth + 6, scale.y(*bar.article));
  // Beyond whatever reaches furthest, so that nothing is written over.
  const bool down = bar.value < 0;
  double edge = scale.y(down ? bar.least : bar.most);
  if (bar.article && std::abs(scale.y(*bar.article) - edge) < 16) {
    edge = down ? std::max(edge, scale.y(*bar.article)) : std::min(edge, scale.y(*bar.article));
  }
  out += text(middle, edge + (down ? 15 : -6), fmt::format("{:+.1f}", bar.value), "middle", 12, "ink");
  return out + text(middle, kBottom + 18, bar.name, "middle", 12, "ink");
}

}  // namespace detail

inline std::string bar_chart_svg(const BarChart& chart) {
  using namespace detail;
  std::vector<std::string> kinds;
  bool of_article = false;
  double width = kLeft;
  for (const BarGroup& group : chart.groups) {
    width += static_cast<double>(group.bars.size()) * (kBarWidth + kGap) + kGroupGap;
    for (const Bar& bar : group.bars) {
      of_article = of_article || bar.article;
      if (std::find(kinds.begin(), kinds.end(), bar.kind) == kinds.end()) kinds.push_back(bar.kind);
    }
  }
  width = std::max(width, 640.0);
  const Scale scale = scale_of(chart);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\">\n{2}<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n",
      width, kHeight, kStyle);
  out += text(kLeft, 26, chart.title, "start", 16, "ink");
  double legend = kLeft;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    out += fmt::format("<rect class=\"kind{}\" x=\"{:.1f}\" y=\"38\" width=\"12\" height=\"12\"/>\n", i, legend);
    out += text(legend + 17, 49, kinds[i], "start", 12, "ink");
    legend += 36 + 6.6 * static_cast<double>(kinds[i].size());
  }
  if (of_article) {
    out += line("article", legend, 44, legend + 22, 44) + text(legend + 28, 49, chart.reference, "start", 12, "ink");
  }
  for (int i = static_cast<int>(std::round(scale.low / scale.step)); i * scale.step <= scale.high + 1e-9; ++i) {
    const double y = scale.y(i * scale.step);
    out += line(i == 0 ? "zero" : "grid", kLeft, y, width - 12, y);
    out += text(kLeft - 8, y + 4, fmt::format("{:g}", i * scale.step), "end", 12, "ink");
  }
  out += fmt::format(
      "<text class=\"ink\" x=\"22\" y=\"{0:.1f}\" text-anchor=\"middle\" font-size=\"13\" transform=\"rotate(-90 22 "
      "{0:.1f})\">{1}</text>\n",
      (kTop + kBottom) / 2, chart.axis);
  double x = kLeft + kGap;
  for (const BarGroup& group : chart.groups) {
    const double begin = x;
    for (const Bar& bar : group.bars) {
      const auto kind = std::find(kinds.begin(), kinds.end(), bar.kind) - kinds.begin();
      out += draw_bar(bar, static_cast<std::size_t>(kind), x, scale);
      x += kBarWidth + kGap;
    }
    out += text((begin + x - kGap) / 2, kBottom + 44, group.name, "middle", 14, "ink");
    x += kGroupGap;
  }
  out += text(kLeft, kHeight - 10, "Bars: median of the seeds, simulated; thin lines: least and most.", "start", 11,
              "soft");
  return out + "</svg>\n";
}

}  // namespace lanewise::article
