// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/dataset_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

const char* counted_by_class(Task task) {
  switch (task) {
    case Task::kClassification:
      return "images";
    case Task::kDetection:
      return "objects";
    case Task::kSegmentation:
      return "pixels";
  }
  return "";
}

// "least rare 12 (cat), most 431 (dog)": a data set out of balance is seen at a glance, whatever the number of classes.
std::string balance(const DatasetReport& report, const DatasetReport::Split& split) {
  if (split.by_class.empty()) return "";
  const auto [least, most] = std::minmax_element(split.by_class.begin(), split.by_class.end());
  const auto name = [&](auto found) {
    return printable(report.classes[static_cast<std::size_t>(found - split.by_class.begin())]);
  };
  return fmt::format("; {} of a class: {} ({}) to {} ({})", counted_by_class(report.task), *least, name(least), *most,
                     name(most));
}

void count_boxes(const Dataset& dataset, DatasetReport::Split& split) {
  for (const std::vector<Box>& boxes : dataset.boxes) {
    bool any = false;
    for (const Box& box : boxes) {
      if (box.is_crowd) {
        ++split.crowds;
      } else {
        ++split.by_class[static_cast<std::size_t>(box.label)];
        any = true;
      }
    }
    if (!any) ++split.empty;
  }
}

}  // namespace

void DatasetReport::leave_out(const std::string& what, const std::string& example, std::int64_t count) {
  if (count <= 0) return;
  for (Count& known : left_out) {
    if (known.what == what) {
      known.count += count;
      return;
    }
  }
  left_out.push_back({what, count, example});
}

std::string to_text(const DatasetReport& report) {
  std::string out = fmt::format("{}: {}, {}, {} classes, images of {}x{}x{} (channels, rows, columns)\n",
                                printable(report.source), report.format, to_string(report.task), report.classes.size(),
                                report.channels, report.height, report.width);
  for (const DatasetReport::Split& split : report.splits) {
    out += fmt::format("  {:<10} {:>8} images", split.name, split.images);
    if (!split.origin.empty()) out += ", " + printable(split.origin);
    if (split.images > 0) out += balance(report, split);
    if (split.empty > 0) out += fmt::format("; {} without objects", split.empty);
    if (split.crowds > 0) out += fmt::format("; {} crowd regions", split.crowds);
    if (split.ignored > 0) out += fmt::format("; {} pixels ignored", split.ignored);
    out += '\n';
  }
  for (const DatasetReport::Count& count : report.left_out) {
    out += fmt::format("  left out: {} {}", count.count, printable(count.what));
    if (!count.example.empty()) out += fmt::format(", such as {}", printable(count.example));
    out += '\n';
  }
  for (const std::string& note : report.notes) out += "  note: " + printable(note) + '\n';
  return out;
}

std::string to_json(const DatasetReport& report) {
  using Json = nlohmann::ordered_json;
  Json json = {{"source", printable(report.source)}, {"format", report.format}, {"task", to_string(report.task)},
               {"channels", report.channels},        {"height", report.height}, {"width", report.width}};
  json["classes"] = Json::array();
  for (const std::string& name : report.classes) json["classes"].push_back(printable(name));
  json["splits"] = Json::array();
  for (const DatasetReport::Split& split : report.splits) {
    json["splits"].push_back({{"name", split.name},
                              {"origin", printable(split.origin)},
                              {"images", split.images},
                              {std::string(counted_by_class(report.task)) + "_by_class", split.by_class},
                              {"images_without_objects", split.empty},
                              {"crowd_regions", split.crowds},
                              {"ignored_pixels", split.ignored}});
  }
  json["left_out"] = Json::array();
  for (const DatasetReport::Count& count : report.left_out) {
    json["left_out"].push_back(
        {{"what", printable(count.what)}, {"count", count.count}, {"example", printable(count.example)}});
  }
  json["notes"] = Json::array();
  for (const std::string& note : report.notes) json["notes"].push_back(printable(note));
  return json.dump();
}

DatasetReport::Split summarise(const std::string& name, const std::string& origin, const Dataset& dataset) {
  DatasetReport::Split split;
  split.name = name;
  split.origin = origin;
  split.images = dataset.images();
  split.by_class.assign(dataset.classes.size(), 0);
  for (const int label : dataset.labels) ++split.by_class[static_cast<std::size_t>(label)];
  if (dataset.task == Task::kDetection) count_boxes(dataset, split);
  for (const std::uint8_t value : dataset.masks) {
    if (value == Dataset::kIgnored) {
      ++split.ignored;
    } else {
      ++split.by_class[value];
    }
  }
  return split;
}

}  // namespace lanewise::accuracy
