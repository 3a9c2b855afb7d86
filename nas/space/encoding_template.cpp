// SPDX-License-Identifier: Apache-2.0
#include "nas/space/encoding_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

bool is_literal(const EncodingPiece& piece) { return piece.setting.rule == nullptr; }

bool may_stand(char c) {
  return c > ' ' && c < 0x7f && std::string("\"',@`$\\&|;<>()*?!#~[]{}").find(c) == std::string::npos;
}

// Every text that a setting may be written as, and the genes that it reads.
void collect(const Setting& setting, std::vector<std::string>& texts, std::set<int>& deciding, std::set<int>& written) {
  if (setting.gene == Setting::kNoGene) {
    if (setting.formula && setting.option.text.empty()) throw Error("a formula has no text that could be written");
    texts.push_back(setting.option.text);
    return;
  }
  const bool leaf = std::all_of(setting.by_value.begin(), setting.by_value.end(), [](const Setting& value) {
    return value.gene == Setting::kNoGene && (!value.formula || !value.option.text.empty());
  });
  std::set<std::string> different;
  if (leaf) {
    for (const Setting& value : setting.by_value) different.insert(value.option.text);
  }
  // A gene is written where each of its values has a text of its own.
  const bool tells = leaf && different.size() == setting.by_value.size();
  (tells ? written : deciding).insert(setting.gene);
  for (const Setting& value : setting.by_value) collect(value, texts, deciding, written);
}

// Whether one text is the beginning of another one.
bool prefixes(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  for (std::size_t i = 0; i + 1 < texts.size(); ++i) {
    if (texts[i + 1].compare(0, texts[i].size(), texts[i]) == 0) return true;
  }
  return false;
}

// Whether whatever follows piece `at` shows where a value ends.
bool ends_clearly(const std::vector<EncodingPiece>& pieces, std::size_t at, const std::vector<std::string>& texts) {
  for (std::size_t next = at + 1; next < pieces.size(); ++next) {
    if (!is_literal(pieces[next])) return false;
    const char first = pieces[next].literal.front();
    for (const std::string& text : texts) {
      if (text.find(first) != std::string::npos) return false;
    }
    // A piece of the same stage, or of none, is there whenever this one is.
    if (pieces[next].stage < 0 || pieces[next].stage == pieces[at].stage) return true;
  }
  return true;
}

}  // namespace

std::vector<TemplatePart> template_parts(const std::string& text) {
  std::vector<TemplatePart> parts;
  const auto refuse = [&](const std::string& rule) { throw Error(fmt::format("'{}' {}", text, rule)); };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string::npos) refuse("has '{' without '}'");
      if (end == at + 1) refuse("has an empty placeholder");
      parts.push_back({text.substr(at + 1, end - at - 1), true});
      at = end + 1;
      continue;
    }
    if (!may_stand(text[at])) refuse(fmt::format("must not hold '{}'", printable(text.substr(at, 1))));
    if (parts.empty() || parts.back().is_name) parts.push_back({"", false});
    parts.back().text += text[at++];
  }
  if (parts.empty()) refuse("must hold a placeholder");
  return parts;
}

void require_readable(const std::vector<SpaceGene>& genes, const std::vector<EncodingPiece>& pieces) {
  std::set<int> known;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (is_literal(pieces[i])) continue;
    std::vector<std::string> texts;
    std::set<int> deciding, written;
    collect(pieces[i].setting, texts, deciding, written);
    for (const int gene : deciding) {
      if (known.count(gene) > 0) continue;
      throw Error(fmt::format("'{{{}}}' depends on gene '{}', which must be written before it", pieces[i].name,
                              genes[static_cast<std::size_t>(gene)].gene.name));
    }
    known.insert(written.begin(), written.end());
    const bool empty = std::any_of(texts.begin(), texts.end(), [](const std::string& text) { return text.empty(); });
    if (empty || (prefixes(texts) && !ends_clearly(pieces, i, texts))) {
      throw Error(
          fmt::format("'{{{}}}' must be followed by a character that none of its values has: where it ends "
                      "is not clear otherwise",
                      pieces[i].name));
    }
  }
  for (std::size_t gene = 0; gene < genes.size(); ++gene) {
    if (known.count(static_cast<int>(gene)) > 0) continue;
    throw Error(fmt::format("gene '{}' is never written", genes[gene].gene.name));
  }
}

std::string write_encoding(const BlockSettings& settings, const Genotype& canonical) {
  Resolver resolver(settings.genes, canonical, nullptr);
  std::string text;
  for (const EncodingPiece& piece : settings.encoding) {
    if (piece.stage >= 0 && !resolver.holds(settings.stages[static_cast<std::size_t>(piece.stage)].when)) continue;
    text += is_literal(piece) ? piece.literal : resolver.text(piece.setting);
  }
  return text;
}

namespace {

class EncodingReader {
 public:
  EncodingReader(const BlockSettings& settings, const std::string& text)
      : settings_(settings), text_(text), genotype_(settings.genes.size(), 0), given_(settings.genes.size(), false) {}

  Genotype run() {
    for (const EncodingPiece& piece : settings_.encoding) {
      if (piece.stage >= 0) {
        Resolver resolver(settings_.genes, genotype_, nullptr);
        if (!resolver.holds(settings_.stages[static_cast<std::size_t>(piece.stage)].when)) continue;
      }
      is_literal(piece) ? literal(piece) : value(piece);
    }
    if (at_ != text_.size())
      fail(fmt::format("ends with '{}', which belongs to nothing", beginning_of(text_.substr(at_))));
    return std::move(genotype_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("encoding '{}': {}", beginning_of(text_), what));
  }
  std::string found() const {
    return at_ == text_.size() ? "at its end" : fmt::format("at '{}'", beginning_of(text_.substr(at_)));
  }

  void literal(const EncodingPiece& piece) {
    if (text_.compare(at_, piece.literal.size(), piece.literal) != 0) {
      fail(fmt::format("must have '{}' {}", piece.literal, found()));
    }
    at_ += piece.literal.size();
  }

  void value(const EncodingPiece& piece) {
    const Setting* setting = &piece.setting;
    Resolver resolver(settings_.genes, genotype_, nullptr);
    // Down to what the text itself decides.
    while (setting->gene != Setting::kNoGene && decided(*setting)) {
      setting = &setting->by_value[static_cast<std::size_t>(resolver.value(setting->gene))];
    }
    std::vector<const Setting*> options;
    if (setting->gene == Setting::kNoGene) {
      options.push_back(setting);
    } else {
      for (const Setting& option : setting->by_value) options.push_back(&option);
    }
    std::size_t longest = options.size();
    for (std::size_t i = 0; i < options.size(); ++i) {
      const std::string& candidate = options[i]->option.text;
      if (text_.compare(at_, candidate.size(), candidate) != 0) continue;
      if (longest == options.size() || candidate.size() > options[longest]->option.text.size()) longest = i;
    }
    if (longest == options.size()) refuse(piece, options);
    at_ += options[longest]->option.text.size();
    if (setting->gene == Setting::kNoGene) return;
    genotype_[static_cast<std::size_t>(setting->gene)] = static_cast<int>(longest);
    given_[static_cast<std::size_t>(setting->gene)] = true;
  }

  // Whether the setting's gene is known from what was read.
  bool decided(const Setting& setting) const {
    return given_[static_cast<std::size_t>(setting.gene)] ||
           std::any_of(setting.by_value.begin(), setting.by_value.end(),
                       [](const Setting& value) { return value.gene != Setting::kNoGene; });
  }

  [[noreturn]] void refuse(const EncodingPiece& piece, const std::vector<const Setting*>& options) const {
    std::vector<std::string> texts;
    for (const Setting* option : options) texts.push_back(option->option.text);
    fail(fmt::format("'{}' must be one of {} {}", piece.name, some_of(texts), found()));
  }

  const BlockSettings& settings_;
  const std::string& text_;
  Genotype genotype_;
  std::vector<bool> given_;
  std::size_t at_ = 0;
};

}  // namespace

Genotype read_encoding(const BlockSettings& settings, const std::string& text) {
  return EncodingReader(settings, text).run();
}

}  // namespace lanewise::nas
