// SPDX-License-Identifier: Apache-2.0
#include "core/network/weight_form.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/base/error.hpp"

namespace lanewise::network {
namespace {

// The whole text as a number of type T.
template <class T>
bool read(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && !text.empty();
}

}  // namespace

std::string to_string(const WeightForm& form) {
  if (form.plain()) return "dense";
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " + ") + part; };
  if (form.structured()) add(fmt::format("{}:{}", form.kept, form.of));
  if (form.density != 1) add(fmt::format("{:.4g}", form.density));
  if (form.clusters > 0) add(fmt::format("{} clusters", form.clusters));
  return text;
}

std::string form_text(const WeightForm& form) {
  const std::string structure = form.structured() ? fmt::format("{}:{}", form.kept, form.of) : "-";
  return fmt::format("{}/{:.4f}/{}", structure, form.density, form.clusters);
}

WeightForm parse_form_text(const std::string& text) {
  const auto fail = [&] {
    throw Error("weights '" + text + "': expected N:M/DENSITY/CLUSTERS, as in 2:4/0.5000/16 or -/1.0000/16");
  };
  WeightForm form;
  const std::size_t first = text.find('/'), second = text.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos) fail();
  const std::string structure = text.substr(0, first);
  if (structure != "-") {
    const std::size_t colon = structure.find(':');
    if (colon == std::string::npos || !read(structure.substr(0, colon), form.kept) ||
        !read(structure.substr(colon + 1), form.of)) {
      fail();
    }
    if (form.of == 0) fail();
  }
  if (!read(text.substr(first + 1, second - first - 1), form.density)) fail();
  if (!read(text.substr(second + 1), form.clusters)) fail();
  require_valid(form);
  return form;
}

void require_valid(const WeightForm& form) {
  if (form.of != 0 || form.kept != 0) {
    if (form.kept < 1 || form.kept >= form.of || form.of > kLargestStructure) {
      throw Error(
          fmt::format("structure {}:{}: N:M must have 1 <= N < M <= {}", form.kept, form.of, kLargestStructure));
    }
  }
  if (!(form.density > 0 && form.density <= 1)) {
    throw Error(fmt::format("density {:g}: must be above 0 and at most 1", form.density));
  }
  if (form.density != rounded_density(form.density)) {
    throw Error(fmt::format("density {:g}: must be a multiple of {:g}", form.density, kDensityStep));
  }
  if (form.structured()) {
    const double most = static_cast<double>(form.kept) / static_cast<double>(form.of);
    if (form.density > most + kDensityStep / 2) {
      throw Error(fmt::format("density {:g}: {}:{} leaves {:.4g} at most", form.density, form.kept, form.of, most));
    }
  }
  if (form.clusters != 0 && (form.clusters < 2 || form.clusters > kLargestPalette)) {
    throw Error(fmt::format("{} clusters: must be 2 to {}", form.clusters, kLargestPalette));
  }
}

double rounded_density(double density) { return std::max(1.0, std::round(density * kDensitySteps)) / kDensitySteps; }

}  // namespace lanewise::network
