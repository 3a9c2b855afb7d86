// SPDX-License-Identifier: Apache-2.0
#include "core/engine/raw_config.hpp"

#include <algorithm>
#include <map>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/engine/suggestion.hpp"
#include "core/engine/yaml_tree.hpp"

namespace lanewise::engine {
namespace {

constexpr std::size_t kMostEntries = 2000;
constexpr std::size_t kLongestKey = 100;
constexpr int kDeepest = 8;
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

  void section(const YamlNode& node, const std::string& prefix, int depth) {
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      const YamlNode& name = node.items[i];
      const YamlNode& value = node.items[i + 1];
      if (name.kind != YamlNode::Kind::kScalar || !is_plain_word(name.text)) {
        throw Error(raw_.path + ":" + std::to_string(name.line) +
                    ": a key must be letters, digits, '_', '.' and '-', at most " + std::to_string(kLongestKey) +
                    " of them");
      }
      const std::string key = prefix + name.text;
      const auto [first, is_new] = lines_.emplace(key, name.line);
      if (!is_new) fail(name.line, key, "given twice, first on line " + std::to_string(first->second));
      if (value.kind == YamlNode::Kind::kMap) {
        if (depth >= kDeepest) fail(name.line, key, "nested too deep");
        if (value.items.empty()) fail(name.line, key, "has no value");
        section(value, key + ".", depth + 1);
      } else {
        leaf(value, key, name.line);
      }
    }
  }

 private:
  [[noreturn]] void fail(int line, const std::string& key, const std::string& what) const {
    throw Error(raw_.path + ":" + std::to_string(line) + ": key '" + key + "': " + what);
  }

  const std::string& checked(const YamlNode& node, const std::string& key, int line) const {
    if (!is_short_line(node.text)) {
      fail(line, key, "must be one line of at most " + std::to_string(kLongestLine) + " bytes");
    }
    return node.text;
  }

  void leaf(const YamlNode& node, const std::string& key, int line) {
    RawEntry entry;
    entry.key = key;
    entry.line = line;
    if (node.kind == YamlNode::Kind::kList) {
      entry.is_list = true;
      for (const YamlNode& item : node.items) {
        if (item.kind != YamlNode::Kind::kScalar) fail(line, key, "every item of the list must be a single value");
        entry.values.push_back(checked(item, key, line));
      }
    } else if (node.kind == YamlNode::Kind::kScalar) {
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
  return read_input(path, kLargestConfiguration, "a configuration");
}

RawConfig read_raw_config(const std::string& path) { return parse_raw_config(path, read_config_text(path)); }

RawConfig parse_raw_config(const std::string& path, const std::string& text) {
  const YamlNode root = parse_yaml(path, text);
  if (root.kind != YamlNode::Kind::kMap) {
    throw Error(path + ": is not a configuration: must be YAML keys and values");
  }
  RawConfig raw;
  raw.path = path;
  Flattener(raw).section(root, "", 0);
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
