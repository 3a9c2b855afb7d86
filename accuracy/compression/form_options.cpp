// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/form_options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "core/base/error.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::accuracy {

namespace {

// "LAYER=FORM" apart; names may hold '='.
std::string split_layer(const std::string& text, LayerForm& into) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) return text;
  into.layer = text.substr(0, equals);
  return text.substr(equals + 1);
}

bool read_integer(const std::string& text, std::int64_t& into) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, into);
  return error == std::errc() && stop == end && !text.empty();
}

}  // namespace

LayerForm parse_prune(const std::string& text) {
  LayerForm out;
  const std::string form = split_layer(text, out);
  if (form == "dense") return out;
  const auto refuse = [&] {
    throw Error(
        fmt::format("pruning '{}': N:M with 1 <= N < M <= {}, a density above 0 and below 1, or dense is needed", text,
                    network::kLargestStructure));
  };
  const std::size_t colon = form.find(':');
  if (colon != std::string::npos) {
    network::WeightForm& to = out.form;
    if (!read_integer(form.substr(0, colon), to.kept) || !read_integer(form.substr(colon + 1), to.of)) refuse();
    if (to.kept < 1 || to.kept >= to.of || to.of > network::kLargestStructure) refuse();
    to.density = static_cast<double>(to.kept) / static_cast<double>(to.of);
    return out;
  }
  char* end = nullptr;
  const bool is_number = !form.empty() && form.find_first_not_of("0123456789.e-") == std::string::npos;
  out.form.density = is_number ? std::strtod(form.c_str(), &end) : 0;
  if (!is_number || *end != '\0' || !(out.form.density > 0 && out.form.density < 1)) refuse();
  return out;
}

LayerForm parse_cluster(const std::string& text) {
  LayerForm out;
  const std::string count = split_layer(text, out);
  if (!read_integer(count, out.form.clusters) ||
      (out.form.clusters != 0 && (out.form.clusters < 2 || out.form.clusters > network::kLargestPalette))) {
    throw Error(
        fmt::format("clusters '{}': a number of values from 2 to {}, or 0 for a layer that keeps its own, is needed",
                    text, network::kLargestPalette));
  }
  return out;
}

network::WeightForm form_of(const std::vector<LayerForm>& forms, const std::string& layer) {
  for (auto form = forms.rbegin(); form != forms.rend(); ++form) {
    if (network::matches(form->layer, layer)) return form->form;
  }
  return {};
}

}  // namespace lanewise::accuracy
