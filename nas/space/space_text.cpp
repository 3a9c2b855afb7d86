// SPDX-License-Identifier: Apache-2.0
// Works on the entries of the file as written, so that every notation comes back as it was: only lists of values,
// defaults and what speaks of values that are gone change.
#include "nas/space/space_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"
#include "nas/space/gene_places.hpp"
#include "nas/space/yaml_text.hpp"

namespace lanewise::nas {
namespace {

namespace fs = std::filesystem;
using engine::RawConfig;
using engine::RawEntry;

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

RawEntry entry_of(std::string key, std::vector<std::string> values, bool is_list) {
  RawEntry entry;
  entry.key = std::move(key);
  entry.values = std::move(values);
  entry.is_list = is_list;
  return entry;
}

class Editor {
 public:
  Editor(const SpaceDescription& space, RawConfig raw, const SpaceEdit& edit)
      : space_(space), raw_(std::move(raw)), edit_(edit) {}

  std::string run() {
    if (!edit_.name.empty()) set("name", {edit_.name}, false);
    if (space_.blocks != nullptr) {
      edit_blocks();
    } else {
      edit_moves();
    }
    edit_capacity();
    move_paths();
    return yaml_text(raw_.entries, edit_.head, comments_);
  }

 private:
  const KeptValues* edit_of(const std::string& gene) const {
    const auto found = edit_.genes.find(gene);
    return found == edit_.genes.end() ? nullptr : &found->second;
  }

  // In place where the key is there, behind the others where it is not.
  void set(const std::string& key, std::vector<std::string> values, bool is_list) {
    RawEntry entry = entry_of(key, std::move(values), is_list);
    const auto found =
        std::find_if(raw_.entries.begin(), raw_.entries.end(), [&](const RawEntry& e) { return e.key == key; });
    if (found == raw_.entries.end()) {
      raw_.entries.push_back(std::move(entry));
    } else {
      *found = std::move(entry);
    }
  }

  void erase(const std::string& key) {
    raw_.entries.erase(std::remove_if(raw_.entries.begin(), raw_.entries.end(),
                                      [&](const RawEntry& e) { return e.key == key || begins(e.key, key + "."); }),
                       raw_.entries.end());
  }

  const SpaceGene& gene_of(const std::string& name) const {
    const auto& genes = space_.blocks->genes;
    const auto found =
        std::find_if(genes.begin(), genes.end(), [&](const SpaceGene& g) { return g.gene.name == name; });
    if (found == genes.end()) throw Error(fmt::format("space '{}': has no gene '{}'", space_.name, name));
    return *found;
  }

  // Whether something else of the file asks for the gene by its name.
  bool is_named(const std::string& gene) const {
    const std::string condition = ".when." + gene;
    for (const RawEntry& entry : raw_.entries) {
      const bool by_condition =
          entry.key.size() > condition.size() &&
          entry.key.compare(entry.key.size() - condition.size(), condition.size(), condition) == 0;
      if (by_condition) return true;
      if (!begins(entry.key, "network.")) continue;
      for (const std::string& value : entry.values) {
        if (value.find(gene) == std::string::npos) continue;
        const std::string last = entry.key.substr(entry.key.rfind('.') + 1);
        if (last == "gene" || last == "formula" || last == "times") return true;
      }
    }
    return false;
  }

  // Writes the values that are left where the gene is described.
  void edit_gene(const GenePlace& place, const KeptValues& kept) {
    const std::vector<std::string>& old = gene_of(place.gene).gene.values;
    if (kept.values.size() == old.size() && kept.default_value == old.front()) return;
    const bool same_default = kept.default_value == old.front();
    std::vector<RawEntry> entries;
    const bool plain = kept.values.size() == 1 && same_default && !place.shared && !is_named(place.gene);
    const RawEntry* const times = raw_.find(place.key + ".times");
    if (plain && times == nullptr) {
      entries.push_back(entry_of(place.key, kept.values, false));
    } else if (kept.values.front() == kept.default_value && same_default && times == nullptr &&
               kept.values.size() > 1 && raw_.find(place.key) != nullptr) {
      entries.push_back(entry_of(place.key, kept.values, true));
    } else {
      entries.push_back(entry_of(place.key + ".values", kept.values, true));
      if (kept.values.size() > 1) entries.push_back(entry_of(place.key + ".default", {kept.default_value}, false));
      if (times != nullptr) entries.push_back(*times);
      for (const RawEntry& entry : raw_.entries) {
        if (begins(entry.key, place.key + ".when.") || entry.key == place.key + ".unused") entries.push_back(entry);
      }
      if (!same_default) {
        entries.push_back(entry_of(place.key + ".written", {"always"}, false));
      } else if (kept.values.size() == 1 && !plain) {
        entries.push_back(entry_of(place.key + ".written", {"changed"}, false));
      }
    }
    replace(place.key, entries);
  }

  void replace(const std::string& key, const std::vector<RawEntry>& entries) {
    const auto first = std::find_if(raw_.entries.begin(), raw_.entries.end(),
                                    [&](const RawEntry& e) { return e.key == key || begins(e.key, key + "."); });
    const auto at = first - raw_.entries.begin();
    erase(key);
    raw_.entries.insert(raw_.entries.begin() + at, entries.begin(), entries.end());
  }

  bool is_gone(const std::string& gene, const std::string& value) const {
    const KeptValues* const kept = edit_of(gene);
    return kept != nullptr && std::find(kept->values.begin(), kept->values.end(), value) == kept->values.end();
  }

  // Takes what speaks of values that are gone out of maps and conditions.
  void edit_mentions() {
    for (const GeneMention& mention : gene_mentions(*space_.blocks, raw_)) {
      if (edit_of(mention.gene) == nullptr) continue;
      if (mention.kind == GeneMention::Kind::kMap) {
        for (const std::string& value : gene_of(mention.gene).gene.values) {
          if (is_gone(mention.gene, value)) erase_value(mention.key, value, mention.gene);
        }
        continue;
      }
      const auto entry = std::find_if(raw_.entries.begin(), raw_.entries.end(),
                                      [&](const RawEntry& e) { return e.key == mention.key; });
      if (entry == raw_.entries.end()) continue;
      auto& values = entry->values;
      values.erase(std::remove_if(values.begin(), values.end(),
                                  [&](const std::string& value) { return is_gone(mention.gene, value); }),
                   values.end());
      if (values.empty()) {
        throw Error(fmt::format("gene '{}': key '{}' needs a value that goes", mention.gene, mention.key));
      }
    }
  }

  // Of a map over the values of a gene. "1" stands before "1.5", too, whose entries stay.
  void erase_value(const std::string& map, const std::string& value, const std::string& gene) {
    const std::string key = map + "." + value;
    const std::vector<std::string>& all = gene_of(gene).gene.values;
    const auto of_another = [&](const std::string& entry) {
      return std::any_of(all.begin(), all.end(), [&](const std::string& other) {
        const std::string longer = map + "." + other;
        return other.size() > value.size() && (entry == longer || begins(entry, longer + ".")) &&
               begins(longer, key + ".");
      });
    };
    raw_.entries.erase(std::remove_if(raw_.entries.begin(), raw_.entries.end(),
                                      [&](const RawEntry& e) {
                                        return (e.key == key || begins(e.key, key + ".")) && !of_another(e.key);
                                      }),
                       raw_.entries.end());
  }

  void edit_blocks() {
    const std::vector<GenePlace> places = gene_places(*space_.blocks, raw_);
    for (const auto& [gene, kept] : edit_.genes) {
      const auto place =
          std::find_if(places.begin(), places.end(), [&, name = gene](const GenePlace& p) { return p.gene == name; });
      if (place == places.end()) throw Error(fmt::format("space '{}': has no gene '{}'", space_.name, gene));
      if (kept.values.empty()) throw InternalError("a gene loses all its values");
    }
    edit_mentions();
    for (const GenePlace& place : places) {
      if (const KeptValues* kept = edit_of(place.gene)) edit_gene(place, *kept);
      const auto comment = edit_.comments.find(place.gene);
      if (comment != edit_.comments.end()) comments_[place.key] = comment->second;
    }
  }

  // Keys of moves that are lists: the edit speaks of keys.
  void edit_moves() {
    for (const auto& [key, kept] : edit_.genes) {
      // A key that the file leaves out has its default, which a switch may change.
      const RawEntry* const old = raw_.find(key);
      set(key, kept.values, old != nullptr && old->is_list);
    }
    for (const auto& [key, text] : edit_.comments) comments_[key] = text;
  }

  void edit_capacity() {
    if (!edit_.least_parameters && !edit_.least_macs) return;
    erase("capacity");
    if (edit_.least_parameters) {
      set("capacity.least_parameters", {fmt::format("{}", *edit_.least_parameters)}, false);
    }
    if (edit_.least_macs) set("capacity.least_macs", {fmt::format("{}", *edit_.least_macs)}, false);
  }

  // Files that the space names are relative to its folder.
  void move_paths() {
    if (edit_.folder.empty()) return;
    const fs::path parent = fs::path(raw_.path).parent_path();
    const fs::path old = fs::absolute(parent.empty() ? fs::path(".") : parent).lexically_normal();
    const fs::path now = fs::absolute(fs::path(edit_.folder)).lexically_normal();
    if (old == now) return;
    for (const char* key : {"accuracy.table", "accuracy.cache"}) {
      const RawEntry* const entry = raw_.find(key);
      if (entry == nullptr || fs::path(entry->values.front()).is_absolute()) continue;
      set(key, {(old / entry->values.front()).lexically_normal().lexically_relative(now).string()}, false);
    }
  }

  const SpaceDescription& space_;
  RawConfig raw_;
  const SpaceEdit& edit_;
  std::map<std::string, std::string> comments_;  // by key
};

}  // namespace

std::string space_text(const SpaceDescription& space, const std::string& path, const SpaceEdit& edit) {
  if (space.source.empty()) throw Error(fmt::format("space '{}': has no file to write back", space.name));
  return Editor(space, engine::parse_raw_config(path, space.source), edit).run();
}

}  // namespace lanewise::nas
