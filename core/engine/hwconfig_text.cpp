// SPDX-License-Identifier: Apache-2.0
#include "core/engine/hwconfig_text.hpp"

#include <map>
#include <regex>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::engine {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
    if (!lines.back().empty() && lines.back().back() == '\r') lines.back().pop_back();
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

std::string section_of(const std::string& key) { return key.substr(0, key.rfind('.')); }
std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }
// Texts that YAML might read as something else than one scalar do not occur among numbers with units.
std::string line_for(const std::string& indent, const std::string& name, const ChangedValue& change) {
  return indent + name + ": " + change.value + "  # " + change.comment;
}

class Editor {
 public:
  Editor(const RawConfig& raw, std::vector<std::string> lines) : raw_(raw), lines_(std::move(lines)) {}

  // Indices of lines stay those of the file until text(): what is added waits behind its line.
  void change(const ChangedValue& change) {
    if (const RawEntry* entry = raw_.find(change.key)) {
      replace(*entry, change);
    } else {
      add(change);
    }
  }

  std::string text(const std::vector<std::string>& head) const {
    std::string out;
    bool told = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::size_t first = lines_[i].find_first_not_of(" \t");
      if (!told && first != std::string::npos && lines_[i][first] != '#') {
        for (const std::string& line : head) out += "# " + line + "\n";
        told = true;
      }
      const auto before = before_.find(i);
      if (before != before_.end()) out += before->second;
      out += lines_[i] + "\n";
    }
    return out + appended_;
  }

 private:
  void replace(const RawEntry& entry, const ChangedValue& change) {
    // Key, colon, a plain or quoted scalar, and perhaps a comment: anything else is not told apart from its neighbours.
    static const std::regex kLine(
        R"re(^(\s*)([A-Za-z0-9_.-]+)(\s*:\s+)("[^"]*"|'[^']*'|[^#"'\[\]{}&*!|>,]+?)(\s*)(\s#.*)?$)re");
    std::string& line = lines_.at(static_cast<std::size_t>(entry.line - 1));
    std::smatch match;
    if (!std::regex_match(line, match, kLine) || (match[2] != last_part(change.key) && match[2] != change.key)) {
      throw Error(raw_.place(entry) + "must stand on a line of its own, so that its value can be replaced");
    }
    const std::string old_comment = match[6].matched ? "; " + trimmed(match[6].str()) : "";
    line = line_for(match[1], match[2], {change.key, change.value, change.comment + old_comment});
  }

  static std::string trimmed(const std::string& comment) {
    const std::size_t first = comment.find_first_not_of(" #\t");
    return first == std::string::npos ? "" : comment.substr(first);
  }

  void add(const ChangedValue& change) {
    const std::string section = section_of(change.key) + ".";
    for (const RawEntry& entry : raw_.entries) {
      if (entry.key.compare(0, section.size(), section) != 0) continue;
      const auto at = static_cast<std::size_t>(entry.line - 1);
      const std::string& line = lines_.at(at);
      const std::size_t indent = line.find_first_not_of(' ');
      const bool nested = entry.key.find('.', section.size()) != std::string::npos;
      if (nested || indent == std::string::npos) continue;
      const std::string rest = line.substr(indent);
      if (rest.rfind(last_part(entry.key) + ":", 0) == 0) {
        before_[at] += line_for(line.substr(0, indent), last_part(change.key), change) + "\n";
        return;
      }
      if (rest.rfind(entry.key + ":", 0) == 0) {
        before_[at] += line_for(line.substr(0, indent), change.key, change) + "\n";
        return;
      }
      throw Error(raw_.place(entry) + "must stand on a line of its own, so that '" + change.key +
                  "' can be written beside it");
    }
    // No key of the section stands there: the dotted spelling needs none.
    appended_ += line_for("", change.key, change) + "\n";
  }

  const RawConfig& raw_;
  std::vector<std::string> lines_;
  std::map<std::size_t, std::string> before_;
  std::string appended_;
};

}  // namespace

std::string with_changed_values(const std::string& path, const std::vector<ChangedValue>& changes,
                                const std::vector<std::string>& head) {
  const std::string text = read_config_text(path);
  const RawConfig raw = parse_raw_config(path, text);
  Editor editor(raw, lines_of(text));
  std::vector<Override> overrides;
  for (const ChangedValue& change : changes) {
    editor.change(change);
    overrides.push_back({change.key, change.value});
  }
  std::string changed = editor.text(head);
  const EngineConfig wanted = load_engine(raw, overrides).config;
  const EngineConfig written = load_engine(parse_raw_config(path, changed), {}).config;
  for (const std::string& key : parameter_keys()) {
    if (value_text(written, key) != value_text(wanted, key)) {
      throw InternalError("key '" + key + "' does not survive being written into " + path);
    }
  }
  return changed;
}

}  // namespace lanewise::engine
