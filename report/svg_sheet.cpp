// SPDX-License-Identifier: Apache-2.0
#include "report/svg_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/chart_axis.hpp"

namespace lanewise::report {

std::string svg_head(double width, double height, const std::string& title, const std::string& description,
                     const std::string& style) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
      "aria-labelledby=\"title description\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<title id=\"title\">{2}</title>\n<desc id=\"description\">{3}</desc>\n<style>\n{4}</style>\n"
      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n",
      width, height, svg_text(title), svg_text(description), style);
}

std::string svg_words(double x, double y, const std::string& words, const char* anchor, int size, const char* kind,
                      const std::string& more) {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\"{}>{}</text>\n",
                     kind, x, y, anchor, size, more, svg_text(words));
}

std::string svg_line(const char* kind, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, x1, y1, x2,
                     y2);
}

std::string viridis(double share) {
  constexpr std::array<std::array<double, 3>, 9> kStops = {{{68, 1, 84},
                                                            {71, 44, 122},
                                                            {59, 81, 139},
                                                            {44, 113, 142},
                                                            {33, 144, 141},
                                                            {39, 173, 129},
                                                            {92, 200, 99},
                                                            {170, 220, 50},
                                                            {253, 231, 37}}};
  const double at = std::clamp(share, 0.0, 1.0) * (kStops.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
  const double beyond = at - static_cast<double>(low);
  std::array<int, 3> mixed{};
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    mixed[i] = static_cast<int>(std::lround(kStops[low][i] + beyond * (kStops[low + 1][i] - kStops[low][i])));
  }
  return fmt::format("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2]);
}

const char* distinct_colour(std::size_t number) {
  constexpr std::array<const char*, kDistinctColours> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                                  "#e69f00", "#56b4e9", "#8c6bb1"};
  return kColours[number % kColours.size()];
}

}  // namespace lanewise::report
