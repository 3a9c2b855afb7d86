// SPDX-License-Identifier: Apache-2.0
#include "nas/space/yaml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nas/space/setting_reader.hpp"

namespace lanewise::nas {
namespace {

constexpr std::size_t kWidth = 118;

// Whether the text stands for itself without quotes wherever a value may stand.
bool is_plain(const std::string& text) {
  const auto first = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/' ||
           c == '_';
  };
  const auto next = [&](char c) { return first(c) || c == '-' || c == '+' || c == '*'; };
  if (text.empty() || !first(text.front())) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool blank = text[i] == ' ' && text[i - 1] != ' ' && i + 1 < text.size();
    if (!blank && !next(text[i])) return false;
  }
  return text != "null" && text != "Null" && text != "NULL";
}

std::string scalar(const std::string& text) {
  if (is_plain(text)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string value_text(const engine::RawEntry& entry) {
  if (!entry.is_list) return scalar(entry.values.front());
  std::vector<std::string> values;
  for (const std::string& value : entry.values) values.push_back(scalar(value));
  return fmt::format("[{}]", fmt::join(values, ", "));
}

class Writer {
 public:
  explicit Writer(const std::map<std::string, std::string>& comments) : comments_(comments) {}

  void section(const std::vector<Branch>& branches, int depth) {
    for (const Branch& branch : branches) {
      if (depth == 0 && !text_.empty()) text_ += '\n';
      node(branch, branch.name, depth);
    }
  }
  void comment(const std::string& text, int depth) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      text_ += indent(depth) + (line.empty() ? "#" : "# " + line) + "\n";
      begin = end + 1;
    }
  }
  std::string take() { return std::move(text_); }

 private:
  static std::string indent(int depth) { return std::string(static_cast<std::size_t>(depth) * 2, ' '); }

  bool has_comments(const Branch& branch) const {
    const auto below = comments_.lower_bound(branch.key + ".");
    return below != comments_.end() && below->first.rfind(branch.key + ".", 0) == 0;
  }

  // A key that has a value of its own and others below it, "1" beside "1.5", cannot be a map: then the keys are joined.
  static bool splits(const Branch& branch) { return branch.entry != nullptr && !branch.children.empty(); }

  std::string flow(const Branch& branch) const {
    if (branch.entry != nullptr) return value_text(*branch.entry);
    std::vector<std::string> parts;
    add_parts(branch.children, "", parts);
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  void add_parts(const std::vector<Branch>& branches, const std::string& prefix,
                 std::vector<std::string>& parts) const {
    for (const Branch& branch : branches) {
      const std::string name = prefix + branch.name;
      // "1.5" is one name, not a level more.
      const bool digits = branch.name.find_first_not_of("0123456789") == std::string::npos;
      if (digits && branch.entry == nullptr && branch.children.size() == 1) {
        add_parts(branch.children, name + ".", parts);
        continue;
      }
      if (splits(branch)) {
        parts.push_back(name + ": " + value_text(*branch.entry));
        add_parts(branch.children, name + ".", parts);
      } else {
        parts.push_back(name + ": " + flow(branch));
      }
    }
  }

  void node(const Branch& branch, const std::string& name, int depth) {
    const auto own = comments_.find(branch.key);
    if (own != comments_.end()) comment(own->second, depth);
    if (splits(branch)) {
      text_ += fmt::format("{}{}: {}\n", indent(depth), name, value_text(*branch.entry));
      for (const Branch& child : branch.children) node(child, name + "." + child.name, depth);
      return;
    }
    const std::string line = fmt::format("{}{}: {}", indent(depth), name, flow(branch));
    const bool is_section = depth == 0 || branch.key == "network.stages" || branch.key == "network.genes";
    if (branch.entry != nullptr || (!is_section && !has_comments(branch) && line.size() <= kWidth)) {
      text_ += line + "\n";
      return;
    }
    text_ += fmt::format("{}{}:\n", indent(depth), name);
    for (const Branch& child : branch.children) node(child, child.name, depth + 1);
  }

  const std::map<std::string, std::string>& comments_;
  std::string text_;
};

}  // namespace

std::string yaml_text(const std::vector<engine::RawEntry>& entries, const std::string& head,
                      const std::map<std::string, std::string>& comments) {
  std::vector<std::pair<std::string, std::vector<const engine::RawEntry*>>> sections;
  for (const engine::RawEntry& entry : entries) {
    const std::string name = entry.key.substr(0, entry.key.find('.'));
    auto found = std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.first == name; });
    if (found == sections.end()) found = sections.insert(sections.end(), {name, {}});
    found->second.push_back(&entry);
  }
  std::vector<Branch> branches;
  for (auto& [name, leaves] : sections) branches.push_back(branch_of(name, name, std::move(leaves)));
  Writer writer(comments);
  writer.comment(head, 0);
  std::string text = writer.take();
  Writer body(comments);
  body.section(branches, 0);
  return text + body.take();
}

}  // namespace lanewise::nas
