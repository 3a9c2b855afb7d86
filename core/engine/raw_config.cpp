// SPDX-License-Identifier: Apache-2.0
#include "core/engine/raw_config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::engine {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::size_t kMostEntries = 2000;
constexpr std::size_t kLongestKey = 100;
constexpr int kDeepest = 8;  // an alias may close a circle
constexpr const char* kFormat = "1";

// What may stand in an error message as it is.
bool is_plain_word(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  return !text.empty() && text.size() <= kLongestKey && std::all_of(text.begin(), text.end(), allowed);
}

// Walks the YAML tree and writes each leaf down with its line.
class Flattener {
 public:
  explicit Flattener(RawConfig& raw) : raw_(raw) {}

  void section(const YAML::Node& node, const std::string& prefix, int depth) {
    for (const auto& child : node) {
      if (!child.first.IsScalar() || !is_plain_word(child.first.Scalar())) {
        throw Error(at(child.first) + "a key must be letters, digits, '_', '.' and '-', at most " +
                    std::to_string(kLongestKey) + " of them");
      }
      const std::string key = prefix + child.first.Scalar();
      const int line = line_of(child.first);
      const auto [first, is_new] = lines_.emplace(key, line);
      if (!is_new) fail(line, key, "given twice, first on line " + std::to_string(first->second));
      if (child.second.IsMap()) {
        if (depth >= kDeepest) fail(line, key, "nested too deep");
        if (child.second.size() == 0) fail(line, key, "has no value");
        section(child.second, key + ".", depth + 1);
      } else {
        leaf(child.second, key, line);
      }
    }
  }

 private:
  static int line_of(const YAML::Node& node) { return node.Mark().line + 1; }
  std::string at(const YAML::Node& node) const { return raw_.path + ":" + std::to_string(line_of(node)) + ": "; }
  [[noreturn]] void fail(int line, const std::string& key, const std::string& what) const {
    throw Error(raw_.path + ":" + std::to_string(line) + ": key '" + key + "': " + what);
  }

  const std::string& checked(const YAML::Node& node, const std::string& key, int line) const {
    if (!is_short_line(node.Scalar())) {
      fail(line, key, "must be one line of at most " + std::to_string(kLongestLine) + " bytes");
    }
    return node.Scalar();
  }

  void leaf(const YAML::Node& node, const std::string& key, int line) {
    RawEntry entry;
    entry.key = key;
    entry.line = line;
    if (node.IsSequence()) {
      entry.is_list = true;
      for (const auto& item : node) {
        if (!item.IsScalar()) fail(line, key, "every item of the list must be a single value");
        entry.values.push_back(checked(item, key, line));
      }
    } else if (node.IsScalar()) {
      entry.values.push_back(checked(node, key, line));
    } else {
      fail(line, key, "has no value");
    }
    if (raw_.entries.size() >= kMostEntries) fail(line, key, "more than " + std::to_string(kMostEntries) + " keys");
    raw_.entries.push_back(entry);
  }

  RawConfig& raw_;
  std::map<std::string, int> lines_;
};

// Checks the version of the format where the file names one, and drops the key: nobody else needs to know it.
void take_format(RawConfig& raw) {
  const RawEntry* format = raw.find("format");
  if (format == nullptr) return;
  const std::string& version = single_value(raw, *format);
  if (version != kFormat) refuse(raw, *format, version, std::string("is an unknown format: must be ") + kFormat);
  raw.entries.erase(raw.entries.begin() + (format - raw.entries.data()));
}

YAML::Node parse_document(const std::string& path, const std::string& text) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty() || documents.front().IsNull()) throw Error(path + ": is empty");
    if (documents.size() > 1) throw Error(path + ": holds several YAML documents, must be one");
    return documents.front();
  } catch (const YAML::Exception& error) {
    throw Error(path + ":" + std::to_string(error.mark.line + 1) + ": is not YAML: " + error.msg);
  }
}

}  // namespace

bool is_short_line(const std::string& text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.size() <= kLongestLine && std::none_of(text.begin(), text.end(), control);
}

const RawEntry* RawConfig::find(const std::string& key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const RawEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::string RawConfig::place(const RawEntry& entry) const {
  return path + ":" + std::to_string(entry.line) + ": key '" + entry.key + "': ";
}

std::string read_config_text(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) throw Error(path + ": no such file");
  if (std::filesystem::is_directory(status)) throw Error(path + ": is a folder, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be read");
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw Error(path + ": cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestFile) throw Error(path + ": is larger than 1 MiB, too large for a configuration");
  return text;
}

RawConfig read_raw_config(const std::string& path) { return parse_raw_config(path, read_config_text(path)); }

RawConfig parse_raw_config(const std::string& path, const std::string& text) {
  const YAML::Node root = parse_document(path, text);
  if (!root.IsMap()) throw Error(path + ": is not a configuration: must be YAML keys and values");
  RawConfig raw;
  raw.path = path;
  try {
    Flattener(raw).section(root, "", 0);
  } catch (const YAML::Exception& error) {
    throw Error(path + ":" + std::to_string(error.mark.line + 1) + ": is not YAML: " + error.msg);
  }
  take_format(raw);
  return raw;
}

const std::string& single_value(const RawConfig& raw, const RawEntry& entry) {
  if (entry.is_list) throw Error(raw.place(entry) + "must be a single value, not a list");
  return entry.values.front();
}

void refuse(const RawConfig& raw, const RawEntry& entry, const std::string& value, const std::string& rule) {
  throw Error(raw.place(entry) + "'" + value + "' " + rule);
}

void refuse_unknown_key(const RawConfig& raw, const RawEntry& entry, const std::vector<std::string>& known) {
  throw Error(raw.place(entry) + "unknown key" + suggestion(entry.key, known));
}

}  // namespace lanewise::engine
