// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/supernet_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

constexpr char kRecipeKey[] = "recipe key ";
constexpr char kArchitecture[] = "architecture ";
constexpr char kWeight[] = "weight ";
constexpr Bytes kLargest{std::int64_t{1} << 34};

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw Error(fmt::format("{}: the supernet is damaged: {}", path, what));
}

const std::string& text(const std::string& path, const Checkpoint::Texts& texts, const std::string& key) {
  for (const auto& [name, value] : texts) {
    if (name == key) return value;
  }
  refuse(path, "it has no " + key);
}

template <class Number>
Number number(const std::string& path, const Checkpoint::Texts& texts, const std::string& key) {
  const std::string& value = text(path, texts, key);
  Number out = 0;
  const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (status != std::errc() || end != value.data() + value.size() || value[0] == '-') {
    refuse(path, fmt::format("its {} is '{}'", key, printable(value)));
  }
  return out;
}

}  // namespace

Checkpoint::Texts supernet_identity(const SupernetFile& file) {
  Checkpoint::Texts texts = {{"kind", "supernet"},
                             {"space", hex_hash(file.space)},
                             {"data", file.data},
                             {"images", file.images},
                             {"seed", std::to_string(file.seed)}};
  for (auto& [key, value] : supernet_recipe_values(file.recipe)) texts.emplace_back(kRecipeKey + key, std::move(value));
  for (const auto& [key, value] : file.architecture) texts.emplace_back(kArchitecture + key, value);
  return texts;
}

std::string supernet_bytes(const SupernetFile& file, const Checkpoint::Texts& more_texts,
                           const std::vector<Checkpoint::Array>& more) {
  Checkpoint out;
  out.identity = supernet_identity(file);
  out.progress = {{"space", file.space}, {"steps", std::to_string(file.steps)}, {"curve", file.curve}};
  out.progress.insert(out.progress.end(), more_texts.begin(), more_texts.end());
  for (const Checkpoint::Array& array : file.weights) {
    out.arrays.push_back(array);
    out.arrays.back().name = kWeight + array.name;
  }
  out.arrays.insert(out.arrays.end(), more.begin(), more.end());
  return checkpoint_bytes(out);
}

SupernetFile parse_supernet(const std::string& path, const std::string& bytes) {
  Checkpoint read = parse_checkpoint(path, bytes);
  if (read.identity.empty() || read.identity.front() != Checkpoint::Texts::value_type{"kind", "supernet"}) {
    throw Error(path + ": holds no supernet: it is the checkpoint of a training");
  }
  SupernetFile out;
  out.space = text(path, read.progress, "space");
  if (hex_hash(out.space) != text(path, read.identity, "space")) refuse(path, "its space is another one's");
  out.data = text(path, read.identity, "data");
  out.images = text(path, read.identity, "images");
  out.seed = number<std::uint64_t>(path, read.identity, "seed");
  out.steps = number<std::int64_t>(path, read.progress, "steps");
  out.curve = text(path, read.progress, "curve");
  const std::string prefix = kRecipeKey, architecture = kArchitecture;
  for (const auto& [key, value] : read.identity) {
    if (key.compare(0, architecture.size(), architecture) == 0) {
      out.architecture.emplace_back(key.substr(architecture.size()), value);
    }
    if (key.compare(0, prefix.size(), prefix) != 0) continue;
    try {
      set_supernet_key(out.recipe, key.substr(prefix.size()), value);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", path, printable(error.what())));
    }
  }
  std::set<std::string> names;
  const std::string weight = kWeight;
  for (Checkpoint::Array& array : read.arrays) {
    if (array.name.compare(0, weight.size(), weight) != 0) continue;
    array.name.erase(0, weight.size());
    if (array.type != Checkpoint::Type::kFloat || !names.insert(array.name).second) {
      refuse(path, fmt::format("its weight '{}'", printable(array.name)));
    }
    out.weights.push_back(std::move(array));
  }
  return out;
}

SupernetFile read_supernet(const std::string& path) {
  return parse_supernet(path, read_input(path, kLargest, "a supernet"));
}

}  // namespace lanewise::accuracy
