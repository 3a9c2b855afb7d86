// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "report/chart_axis.hpp"
#include "report/profile.hpp"
#include "report/roofline_scale.hpp"
#include "report/svg_sheet.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

constexpr double kWidth = 1080, kHeight = 600;
constexpr double kLeft = 80, kRight = 740, kTop = 60, kBottom = 530;  // of the plot; the legend is right of it
constexpr double kLargest = 26;                                       // radius of a subgraph that takes all the time
constexpr std::size_t kNamed = 12;

constexpr const char* kRooflineStyle =
    "  .ground { fill: #ffffff } text { fill: #1a1a1a } .grid { stroke: #dddddd } .frame { fill: none; stroke: #444444 "
    "}\n"
    "  .roof { fill: none; stroke: #1a1a1a; stroke-width: 2 } .mark { fill: #1a1a1a }\n"
    "  .ceiling { stroke: #444444; stroke-width: 1.2; stroke-dasharray: 7 4 }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    .ground { fill: #16181c } text { fill: #e8e8e8 } .grid { stroke: #33363c } .frame { stroke: #8a8a8a }\n"
    "    .roof { stroke: #ffffff } .mark { fill: #ffffff } .ceiling { stroke: #b0b0b0 }\n"
    "  }\n";

// The end of a name says more than its beginning.
std::string tail(const std::string& name, std::size_t length) {
  return name.size() <= length ? name : "..." + name.substr(name.size() - length + 3);
}

class Drawing {
 public:
  explicit Drawing(const study::Profile& profile) : p_(profile), scale_(profile) {
    for (const study::SubgraphProfile& subgraph : p_.subgraphs) {
      if (subgraph.macs == 0) continue;
      if (colours_.count(subgraph.bound_by) == 0)
        colours_.emplace(subgraph.bound_by, kPalette[colours_.size() % kPalette.size()]);
    }
  }

  std::string draw(const std::string& title) {
    out_ = svg_head(kWidth, kHeight, title, description(), kRooflineStyle);
    text(kLeft, 28, title, "start", 16);
    axes();
    roof_line();
    ceilings();
    points();
    ceiling_labels();
    legend();
    return out_ + "</svg>\n";
  }

 private:
  std::string description() const {
    return fmt::format(
        "Roofline of {} subgraphs: MACs per cycle over MACs per byte of DRAM traffic. The peak is {} MACs per cycle, "
        "the "
        "ridge at {} MACs per byte; the whole network reaches {} MACs per cycle.",
        p_.subgraphs.size(), compact(p_.peak_macs_per_cycle), compact(p_.ridge()), compact(p_.total.macs_per_cycle));
  }
  double x(double value) const { return kLeft + scale_.x.place(value) * (kRight - kLeft); }
  double y(double value) const { return kBottom - scale_.y.place(value) * (kBottom - kTop); }
  double share(const study::SubgraphProfile& subgraph) const {
    return p_.total.latency_cycles > 0
               ? static_cast<double>(subgraph.latency_cycles) / static_cast<double>(p_.total.latency_cycles)
               : 0;
  }

  void text(double at_x, double at_y, const std::string& words, const char* anchor, int size = 12,
            const char* more = "") {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\"{}>{}</text>\n", at_x, at_y,
                        anchor, size, more, svg_text(words));
  }
  void line(double x1, double y1, double x2, double y2, const char* kind) {
    out_ += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, x1, y1,
                        x2, y2);
  }

  void axes() {
    const char* const grid = "grid";
    for (const double decade : scale_.x.decades()) {
      line(x(decade), kTop, x(decade), kBottom, grid);
      text(x(decade), kBottom + 18, fmt::format("{:g}", decade), "middle");
    }
    for (const double decade : scale_.y.decades()) {
      line(kLeft, y(decade), kRight, y(decade), grid);
      text(kLeft - 8, y(decade) + 4, fmt::format("{:g}", decade), "end");
    }
    out_ += fmt::format("<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", kLeft,
                        kTop, kRight - kLeft, kBottom - kTop);
    text((kLeft + kRight) / 2, kBottom + 42, "arithmetic intensity, MACs / DRAM byte", "middle", 13);
    text(24, (kTop + kBottom) / 2, "MACs / cycle", "middle", 13,
         fmt::format(" transform=\"rotate(-90 24 {:.1f})\"", (kTop + kBottom) / 2).c_str());
  }

  void roof_line() {
    // Where the slope enters the plot: at its left edge, or at its bottom.
    const double entry = std::max(scale_.x.low, scale_.y.low / p_.dram_bytes_per_cycle);
    const double ridge = p_.ridge();
    const double peak = p_.peak_macs_per_cycle;
    out_ += fmt::format("<polyline class=\"roof\" points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\"/>\n", x(entry),
                        y(roof(p_, entry)), x(ridge), y(peak), kRight, y(peak));
    out_ += fmt::format("<circle class=\"mark\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", x(ridge), y(peak));
    // To the side where there is room: the legend stands on the right.
    // Words keep clear of the slope, which a few boxes stand for.
    constexpr int kSteps = 400;
    for (int step = 0; step < kSteps; ++step) {
      const double part = static_cast<double>(step) / kSteps, next = static_cast<double>(step + 1) / kSteps;
      const double left = x(entry) + part * (x(ridge) - x(entry)), right = x(entry) + next * (x(ridge) - x(entry));
      const double low = y(roof(p_, entry)) + part * (y(peak) - y(roof(p_, entry)));
      const double high = y(roof(p_, entry)) + next * (y(peak) - y(roof(p_, entry)));
      boxes_.push_back({left, high, right, low});
    }
    boxes_.push_back({x(ridge), y(peak) - 1, kRight, y(peak) + 1});
    const std::string words = fmt::format("ridge {} MACs/B, {} MACs/cycle", compact(ridge), compact(peak));
    const bool left = x(ridge) > (kLeft + kRight) / 2;
    text(x(ridge), y(peak) - 10, words, left ? "end" : "start");
    const double width = kLetter * 1.2 * static_cast<double>(words.size());
    boxes_.push_back({left ? x(ridge) - width : x(ridge), y(peak) - 22, left ? x(ridge) : x(ridge) + width, y(peak)});
  }

  void ceilings() {
    for (const study::NetworkCeiling& ceiling : drawn_ceilings(p_)) {
      const double at = y(ceiling.macs_per_cycle);
      line(x(ceiling.macs_per_cycle / p_.dram_bytes_per_cycle), at, kRight, at, "ceiling");
      boxes_.push_back({x(ceiling.macs_per_cycle / p_.dram_bytes_per_cycle), at - 0.5, kRight, at + 0.5});
    }
  }

  struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
  };
  // Area that the box shares with what is drawn already.
  double covered(const Box& box) const {
    double area = 0;
    for (const Box& other : boxes_) {
      const double wide = std::min(box.right, other.right) - std::max(box.left, other.left);
      const double high = std::min(box.bottom, other.bottom) - std::max(box.top, other.top);
      if (wide > 0 && high > 0) area += wide * high;
    }
    return area;
  }

  // Above or below its line, as far to the right as there is room, so that no words run through others or a point.
  void ceiling_labels() {
    for (const study::NetworkCeiling& ceiling : drawn_ceilings(p_)) {
      const std::string words = fmt::format("{} {} MACs/cycle ({} {})", study::to_string(ceiling.ceiling),
                                            compact(ceiling.macs_per_cycle), ceiling.subgraphs, ceiling.family);
      const double width = kLetter * static_cast<double>(words.size()), level = y(ceiling.macs_per_cycle);
      Box best;
      double least = -1;
      for (double right = kRight - 6; right - width > kLeft && least != 0; right -= 4) {
        for (const double base : {level - 3, level + 10}) {
          const Box box{right - width, base - 9, right, base + 2};
          const double area = covered(box);
          if (least >= 0 && area >= least) continue;
          least = area;
          best = box;
        }
      }
      boxes_.push_back(best);
      text(best.right, best.bottom - 2, words, "end", 10);
    }
  }

  // The longest first, so that small points lie on large ones.
  std::vector<std::size_t> by_latency() const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p_.subgraphs.size(); ++i) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return p_.subgraphs[a].latency_cycles > p_.subgraphs[b].latency_cycles;
    });
    return order;
  }

  struct Label {
    double x = 0, y = 0, radius = 0;  // of the point
    std::string words;
    int numbers = 0;
  };
  // One text for points that lie on each other, of a few numbers.
  void label(double at_x, double at_y, double radius, std::size_t number) {
    for (Label& l : labels_) {
      if (std::abs(l.x - at_x) > 16 || std::abs(l.y - at_y) > 9) continue;
      if (l.numbers < kNumbers) l.words += fmt::format(", {}", number);
      if (l.numbers == kNumbers) l.words += ", ...";
      l.radius = std::max(l.radius, radius);
      ++l.numbers;
      return;
    }
    labels_.push_back({at_x, at_y, radius, fmt::format("{}", number), 1});
  }

  // On the side of its point where least lies already.
  void place(const Label& l) {
    const double width = kLetter * static_cast<double>(l.words.size()), gap = l.radius + 3;
    const Box sides[] = {{l.x + gap, l.y - 6, l.x + gap + width, l.y + 5},
                         {l.x - gap - width, l.y - 6, l.x - gap, l.y + 5},
                         {l.x - width / 2, l.y - gap - 11, l.x + width / 2, l.y - gap},
                         {l.x - width / 2, l.y + gap, l.x + width / 2, l.y + gap + 11}};
    const Box* best = std::min_element(std::begin(sides), std::end(sides),
                                       [&](const Box& a, const Box& b) { return covered(a) < covered(b); });
    text(best->left, best->bottom - 2, l.words, "start", 10);
    boxes_.push_back(*best);
  }

  void points() {
    const std::vector<std::size_t> order = by_latency();
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      const study::SubgraphProfile& subgraph = p_.subgraphs[order[rank]];
      if (subgraph.macs == 0) continue;
      const double at_x = subgraph.macs_per_dram_byte ? x(*subgraph.macs_per_dram_byte) : kRight;
      const double radius = 3 + (kLargest - 3) * std::sqrt(share(subgraph));
      out_ += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\" fill-opacity=\"0.55\" stroke=\"{}\">"
          "<title>{} {}: {} cycles ({} %), {} MACs/cycle of {} attainable, under {} {}, bound by {}</title></circle>\n",
          at_x, y(subgraph.macs_per_cycle), radius, colours_.at(subgraph.bound_by), colours_.at(subgraph.bound_by),
          order[rank], svg_text(subgraph.name), grouped(subgraph.latency_cycles), fixed(100 * share(subgraph), 1),
          fixed(subgraph.macs_per_cycle, 1), fixed(subgraph.attainable_macs_per_cycle, 1),
          subgraph.ceilings.empty() ? "no ceiling" : study::to_string(subgraph.lowest().ceiling),
          fixed(subgraph.lowest().macs_per_cycle, 1), svg_text(subgraph.bound_by));
      const double at_y = y(subgraph.macs_per_cycle);
      boxes_.push_back({at_x - radius, at_y - radius, at_x + radius, at_y + radius});
      if (rank < kNamed) label(at_x, at_y, radius, order[rank]);
    }
    for (const Label& l : labels_) place(l);
    if (p_.total.macs == 0 || !p_.total.macs_per_dram_byte) return;
    const double at_x = x(*p_.total.macs_per_dram_byte), at_y = y(p_.total.macs_per_cycle);
    boxes_.push_back({at_x - 8, at_y - 8, at_x + 8, at_y + 8});
    out_ += fmt::format(
        "<path d=\"M{:.1f} {:.1f} l8 8 l-8 8 l-8 -8 z\" class=\"mark\"><title>whole network: {} MACs/cycle</title>"
        "</path>\n",
        at_x, at_y - 8, fixed(p_.total.macs_per_cycle, 1));
  }

  void legend() {
    const double left = kRight + 20;
    double at = kTop + 10;
    text(left, at, "bound by", "start", 13);
    for (const auto& [bound, colour] : colours_) {
      at += 20;
      out_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" fill=\"{}\" fill-opacity=\"0.55\"/>\n", left + 6,
                          at - 4, colour);
      text(left + 20, at, bound, "start");
    }
    at += 20;
    out_ += fmt::format("<path d=\"M{:.1f} {:.1f} l6 6 l-6 6 l-6 -6 z\" class=\"mark\"/>\n", left + 6, at - 10);
    text(left + 20, at, "whole network", "start");
    at += 34;
    text(left, at, "longest passes, % of latency", "start", 13);
    const std::vector<std::size_t> order = by_latency();
    for (std::size_t rank = 0; rank < std::min(kNamed, order.size()); ++rank) {
      const study::SubgraphProfile& subgraph = p_.subgraphs[order[rank]];
      at += 18;
      text(left + 16, at, fmt::format("{}", order[rank]), "end", 11);
      text(left + 48, at, fixed(100 * share(subgraph), 1), "end", 11);
      text(left + 56, at, tail(subgraph.name, 38) + (subgraph.macs == 0 ? " (no MACs)" : ""), "start", 11);
    }
    at += 24;
    text(left, at, "dashed: highest ceiling of the subgraphs that it binds", "start", 11);
    at += 16;
    text(left, at, "larger points: more latency; right edge: no DRAM traffic", "start", 11);
  }

  // Colours that people with colour vision deficiencies can tell apart (Okabe and Ito, 2008).
  static constexpr std::array<const char*, 7> kPalette{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                       "#e69f00", "#56b4e9", "#999999"};
  static constexpr int kNumbers = 5;      // of points that lie on each other
  static constexpr double kLetter = 5.2;  // width of one at ten points, on average
  std::vector<Box> boxes_;                // points and words
  const study::Profile& p_;
  const RooflineScale scale_;
  std::map<std::string, const char*> colours_;
  std::vector<Label> labels_;
  std::string out_;
};

}  // namespace

std::string roofline_svg(const study::Profile& profile, const std::string& title) {
  return Drawing(profile).draw(title);
}

}  // namespace lanewise::report
