// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/yolo_file.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

constexpr Bytes kLargestConfig{std::int64_t{1} << 18};
constexpr std::size_t kMostClasses = 100000;

// Whole and finite, or nothing of it.
bool parse_real(const std::string& word, double& value) {
  const char* first = word.data();
  const char* last = first + word.size();
  if (first != last && *first == '+') ++first;
  const auto [end, code] = std::from_chars(first, last, value);
  return code == std::errc() && end == last && std::isfinite(value);
}

std::string scalar(const std::string& path, const YAML::Node& node, const char* what) {
  if (!node.IsScalar()) throw Error(fmt::format("{}:{}: {} must be a text", path, node.Mark().line + 1, what));
  return node.Scalar();
}

std::vector<std::string> places(const std::string& path, const YAML::Node& root, const char* key) {
  const YAML::Node node = root[key];
  std::vector<std::string> out;
  if (!node || node.IsNull()) return out;
  if (!node.IsSequence()) {
    out.push_back(scalar(path, node, key));
  } else {
    for (const YAML::Node& item : node) out.push_back(scalar(path, item, key));
  }
  for (const std::string& place : out) {
    if (place.empty() || place.find('\0') != std::string::npos) {
      throw Error(fmt::format("{}:{}: '{}' names no folder", path, node.Mark().line + 1, key));
    }
  }
  return out;
}

std::vector<std::string> names_of(const std::string& path, const YAML::Node& node) {
  std::vector<std::string> out;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) out.push_back(printable(scalar(path, item, "a name of a class")));
    return out;
  }
  if (!node.IsMap()) {
    throw Error(fmt::format("{}:{}: 'names' must be a list, or a map from numbers", path, node.Mark().line + 1));
  }
  std::map<std::size_t, std::string> by_number;
  for (const auto& entry : node) {
    const std::string word = scalar(path, entry.first, "the number of a class");
    double number = 0;
    if (!parse_real(word, number) || number != std::floor(number) || number < 0 ||
        number >= static_cast<double>(kMostClasses)) {
      throw Error(fmt::format("{}:{}: '{}' is no number of a class, must be 0 to {}", path, entry.first.Mark().line + 1,
                              printable(word), kMostClasses - 1));
    }
    by_number[static_cast<std::size_t>(number)] = printable(scalar(path, entry.second, "a name of a class"));
  }
  if (by_number.empty()) return out;
  for (std::size_t i = 0; i <= by_number.rbegin()->first; ++i) {
    const auto found = by_number.find(i);
    out.push_back(found != by_number.end() ? found->second : std::to_string(i));
  }
  return out;
}

YoloConfig config_of(const std::string& path, const YAML::Node& root) {
  if (!root.IsMap()) throw Error(path + ": is no data set of YOLO's: it must be a map with 'names' and 'train'");
  YoloConfig out;
  if (root["path"] && !root["path"].IsNull()) out.path = scalar(path, root["path"], "path");
  out.train = places(path, root, "train");
  out.val = places(path, root, "val");
  out.test = places(path, root, "test");
  if (!root["names"]) throw Error(path + ": has no 'names', the classes of the data set");
  out.names = names_of(path, root["names"]);
  if (out.names.empty() || out.names.size() > kMostClasses) {
    throw Error(fmt::format("{}: names {} classes, must name 1 to {}", path, out.names.size(), kMostClasses));
  }
  if (root["nc"] && !root["nc"].IsNull()) {
    double count = 0;
    const std::string word = scalar(path, root["nc"], "nc");
    if (!parse_real(word, count) || count != static_cast<double>(out.names.size())) {
      throw Error(fmt::format("{}: 'nc' is {}, but there are {} names", path, printable(word), out.names.size()));
    }
  }
  return out;
}

}  // namespace

YoloConfig read_yolo_config(const std::string& path) {
  const std::string text = read_input(path, kLargestConfig, "a data set's description");
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() != 1) throw Error(path + ": must hold one YAML document");
    return config_of(path, documents.front());
  } catch (const YAML::Exception& error) {
    throw Error(fmt::format("{}:{}: is not YAML: {}", path, error.mark.line + 1, printable(error.msg)));
  }
}

std::vector<YoloRow> read_yolo_labels(const std::string& path, int classes) {
  std::istringstream text(read_input(path, kLargestTable, "a label file"));
  std::vector<YoloRow> out;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    std::istringstream words(line);
    std::vector<double> values;
    for (std::string word; words >> word;) {
      double value = 0;
      if (!parse_real(word, value)) {
        constexpr std::size_t kShown = 40;
        throw Error(fmt::format("{}:{}: '{}' is no number", path, number, printable(word.substr(0, kShown))));
      }
      values.push_back(value);
    }
    if (values.empty()) continue;
    constexpr std::size_t kBox = 5, kTriangle = 7;
    const bool is_polygon = values.size() >= kTriangle && values.size() % 2 == 1;
    if (values.size() != kBox && !is_polygon) {
      throw Error(
          fmt::format("{}:{}: has {} numbers, a row has 5 (class, centre x and y, width, height) or a class and "
                      "the corners of a polygon",
                      path, number, values.size()));
    }
    if (values[0] != std::floor(values[0]) || values[0] < 0 || values[0] >= classes) {
      throw Error(
          fmt::format("{}:{}: the class {} must be a whole number from 0 to {}", path, number, values[0], classes - 1));
    }
    YoloRow row;
    row.label = static_cast<int>(values[0]);
    row.line = number;
    if (is_polygon) {
      row.left = row.right = values[1];
      row.top = row.bottom = values[2];
      for (std::size_t i = 1; i + 1 < values.size(); i += 2) {
        row.left = std::min(row.left, values[i]);
        row.right = std::max(row.right, values[i]);
        row.top = std::min(row.top, values[i + 1]);
        row.bottom = std::max(row.bottom, values[i + 1]);
      }
    } else {
      row.left = values[1] - values[3] / 2;
      row.right = values[1] + values[3] / 2;
      row.top = values[2] - values[4] / 2;
      row.bottom = values[2] + values[4] / 2;
    }
    constexpr double kPixels = 2;  // a share of the image beyond that is in pixels, not a share
    if (row.left < -kPixels || row.top < -kPixels || row.right > 1 + kPixels || row.bottom > 1 + kPixels) {
      throw Error(
          fmt::format("{}:{}: the box must be in shares of the image's width and height, from 0 to 1", path, number));
    }
    out.push_back(row);
  }
  return out;
}

}  // namespace lanewise::accuracy
