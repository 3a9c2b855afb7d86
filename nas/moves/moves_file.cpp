// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/moves_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"
#include "core/network/graph.hpp"
#include "nas/moves/move_values.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;

constexpr const char* kMoves = "moves.";
constexpr const char* kNotes = "notes.";
// Of raw_config.hpp: the most keys of a file; name, notes of the file and format take a few.
constexpr std::size_t kMostKeys = 2000, kKeysOfFile = 50;

bool begins_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

std::int64_t whole(const RawConfig& raw, const RawEntry& entry, const std::string& text, double low, double high) {
  const double value = number(raw, entry, text, low, high);
  if (value != std::floor(value)) refuse(raw, entry, text, "must be a whole number");
  return static_cast<std::int64_t>(value);
}

// The values of a list that may not be empty, nor hold the same twice.
const std::vector<std::string>& list_of(const RawConfig& raw, const RawEntry& entry) {
  if (entry.values.empty()) throw Error(raw.place(entry) + "must not be an empty list");
  for (std::size_t i = 0; i < entry.values.size(); ++i) {
    if (entry.values[i].empty()) refuse(raw, entry, "", "must hold a value");
    if (std::count(entry.values.begin(), entry.values.end(), entry.values[i]) > 1) {
      refuse(raw, entry, entry.values[i], "is given twice");
    }
  }
  return entry.values;
}

struct Field {
  const char* name;
  std::function<void(const RawConfig&, const RawEntry&, MoveEntry&)> read;
};

std::vector<std::int64_t> whole_list(const RawConfig& raw, const RawEntry& entry, double low, double high) {
  std::vector<std::int64_t> out;
  for (const std::string& text : list_of(raw, entry)) out.push_back(whole(raw, entry, text, low, high));
  return out;
}

constexpr double kMostChannels = 1e9, kMostStride = 1e6, kMostKernel = 1e4, kMostExpansion = 1000;

// What conditions on a place may say, and what the range that an entry is known to hold in may: only what has one.
struct PlaceField {
  const char* name;
  bool of_range;
  std::function<void(const RawConfig&, const RawEntry&, PlacePattern&)> read;
};

const std::vector<PlaceField>& place_fields() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Place = PlacePattern&;
  static const std::vector<PlaceField> table = {
      {"block", false,
       [](Raw r, Entry e, Place p) {
         for (const std::string& kind : list_of(r, e)) {
           const auto& known = pattern_blocks();
           if (std::find(known.begin(), known.end(), kind) == known.end()) {
             refuse(r, e, kind, fmt::format("must be one of: {}", fmt::join(known, ", ")));
           }
           p.blocks.push_back(kind);
         }
       }},
      {"at_stride", false,
       [](Raw r, Entry e, Place p) {
         for (const std::string& text : list_of(r, e)) p.at_strides.push_back(number(r, e, text, 0.01, kMostStride));
       }},
      {"map_from", true, [](Raw r, Entry e, Place p) { p.map_from = whole(r, e, single(r, e), 1, kMostStride); }},
      {"map_to", true, [](Raw r, Entry e, Place p) { p.map_to = whole(r, e, single(r, e), 1, kMostStride); }},
      {"stride", true, [](Raw r, Entry e, Place p) { p.strides = whole_list(r, e, 1, kMostKernel); }},
      {"kernel", true, [](Raw r, Entry e, Place p) { p.kernels = whole_list(r, e, 1, kMostKernel); }},
      {"channels_from", true,
       [](Raw r, Entry e, Place p) { p.channels_from = whole(r, e, single(r, e), 1, kMostChannels); }},
      {"channels_to", true,
       [](Raw r, Entry e, Place p) { p.channels_to = whole(r, e, single(r, e), 1, kMostChannels); }},
      {"depth_from", false, [](Raw r, Entry e, Place p) { p.depth_from = number(r, e, single(r, e), 0, 1); }},
      {"depth_to", false, [](Raw r, Entry e, Place p) { p.depth_to = number(r, e, single(r, e), 0, 1); }},
      {"residual", false,
       [](Raw r, Entry e, Place p) {
         p.residual = choice(r, e, {"false", "true"}) == 1;
       }},
      {"expansion_from", true,
       [](Raw r, Entry e, Place p) { p.expansion_from = number(r, e, single(r, e), 0.01, kMostExpansion); }},
      {"expansion_to", true,
       [](Raw r, Entry e, Place p) { p.expansion_to = number(r, e, single(r, e), 0.01, kMostExpansion); }},
  };
  return table;
}

// Keys that an entry has beside those of its places, before and behind these.
const std::vector<Field>& fields() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Move = MoveEntry&;
  static const std::vector<Field> table = {
      {"move", [](Raw r, Entry e, Move m) { m.move = move_names()[choice(r, e, move_names())]; }},
      {"place", [](Raw r, Entry e, Move m) { m.places = list_of(r, e); }},
      {"value", [](Raw r, Entry e, Move m) { m.value = single(r, e); }},
      {"take",
       [](Raw r, Entry e, Move m) {
         m.take = choice(r, e, {"false", "true"}) == 1;
       }},
      {"veto",
       [](Raw r, Entry e, Move m) {
         m.veto = choice(r, e, {"false", "true"}) == 1;
       }},
      {"on.family", [](Raw r, Entry e, Move m) { m.on.families = list_of(r, e); }},
      {"on.array_from", [](Raw r, Entry e, Move m) { m.on.array_from = whole(r, e, single(r, e), 1, kMostChannels); }},
      {"on.array_to", [](Raw r, Entry e, Move m) { m.on.array_to = whole(r, e, single(r, e), 1, kMostChannels); }},
      {"for_capacity",
       [](Raw r, Entry e, Move m) {
         m.for_capacity = choice(r, e, {"adds", "yields"}) == 0 ? ForCapacity::kAdds : ForCapacity::kYields;
       }},
  };
  return table;
}

constexpr const char* kWhere = "where.";
constexpr const char* kWithin = "within.";

// "move", "where.kernel", "within.map_from" …: the keys of an entry but for its notes.
std::vector<std::string> entry_keys() {
  std::vector<std::string> keys;
  for (const Field& field : fields()) {
    // Conditions stand behind what says which move it is.
    if (std::string(field.name) == "on.family") {
      for (const PlaceField& place : place_fields()) keys.push_back(std::string(kWhere) + place.name);
      for (const PlaceField& place : place_fields()) {
        if (place.of_range) keys.push_back(std::string(kWithin) + place.name);
      }
    }
    keys.emplace_back(field.name);
  }
  return keys;
}

// Whether the key is one of `where` or `within`; then it is read.
bool read_place_key(const RawConfig& raw, const RawEntry& given, const std::string& field, MoveEntry& entry) {
  const bool within = begins_with(field, kWithin);
  if (!within && !begins_with(field, kWhere)) return false;
  const std::string name = field.substr(std::string(within ? kWithin : kWhere).size());
  for (const PlaceField& known : place_fields()) {
    if (name != known.name || (within && !known.of_range)) continue;
    known.read(raw, given, within ? entry.within : entry.where);
    return true;
  }
  return false;
}

// What an entry must have, and what does not go together.
void check(const RawConfig& raw, const MoveEntry& entry, bool has_capacity) {
  const auto key = [&](const char* field) { return raw.find(kMoves + entry.name + "." + field); };
  const auto fail = [&](const std::string& rule) {
    throw Error(fmt::format("{}:{}: entry 'moves.{}': {}", raw.path, entry.line, entry.name, rule));
  };
  if (entry.move.empty()) fail(fmt::format("'move' is missing: one of {}", fmt::join(move_names(), ", ")));
  const bool whole_network = is_of_whole_network(entry.move);
  if (whole_network && !entry.places.empty()) {
    refuse(raw, *key("place"), entry.places.front(),
           fmt::format("is not needed: '{}' is a move of the whole network", entry.move));
  }
  if (whole_network && !entry.where.empty())
    fail(fmt::format("'where' is not for '{}', a move of the whole network", entry.move));
  if (!entry.places.empty() && !entry.where.empty()) fail("has both 'place' and 'where'");
  if (!whole_network && entry.places.empty() && entry.where.empty()) {
    fail("says neither 'place' nor 'where' it is made; 'place: all' means everywhere");
  }
  if (entry.move == kEngineMove) {
    if (!entry.where.empty()) fail("'where' is not for keys of the engine");
    for (const std::string& place : entry.places) {
      const std::vector<std::string> known = engine::parameter_keys();
      if (std::find(known.begin(), known.end(), place) == known.end()) {
        refuse(raw, *key("place"), place, "is no key of an engine" + engine::suggestion(place, known));
      }
    }
  }
  const auto in_order = [&](const std::string& field, const auto& from, const auto& to) {
    if (!from || !to || *from <= *to) return;
    const std::string name = field.substr(field.find('.') + 1);
    refuse(raw, *key((field + "_to").c_str()), fmt::format("{:.10g}", static_cast<double>(*to)),
           fmt::format("is below {}_from", name));
  };
  for (const auto& [name, place] : {std::pair(kWhere, &entry.where), std::pair(kWithin, &entry.within)}) {
    in_order(std::string(name) + "map", place->map_from, place->map_to);
    in_order(std::string(name) + "channels", place->channels_from, place->channels_to);
    in_order(std::string(name) + "depth", place->depth_from, place->depth_to);
    in_order(std::string(name) + "expansion", place->expansion_from, place->expansion_to);
  }
  in_order("on.array", entry.on.array_from, entry.on.array_to);
  if (!entry.within.empty() && !entry.is_pattern()) fail("'within' is for places that it does not name");
  if (entry.for_capacity != ForCapacity::kNothing) {
    if (entry.veto) fail("'for_capacity' is not for a veto");
    if (entry.move == kEngineMove) fail("'for_capacity' is not for keys of the engine, which change no network");
    if (!has_capacity) fail("'for_capacity' needs 'capacity.parameters' or 'capacity.macs' of the file");
  }
  if (entry.value.empty() && !entry.veto && entry.move != "fuse")
    fail("'value' is missing: only a veto may leave it out");
  if (entry.value.empty()) return;
  const std::string rule = value_rule(entry.move, entry.value);
  if (!rule.empty()) refuse(raw, *key("value"), entry.value, rule);
}

bool is_entry_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void read_entry(const RawConfig& raw, const RawEntry& given, MovesFile& file) {
  const std::string rest = given.key.substr(std::string(kMoves).size());
  const std::size_t dot = rest.find('.');
  const std::string name = rest.substr(0, dot), field = dot == std::string::npos ? "" : rest.substr(dot + 1);
  if (field.empty()) throw Error(raw.place(given) + "must be a map with 'move', 'place' and 'value'");
  if (!is_entry_name(name)) throw Error(raw.place(given) + "the name of an entry must be letters, digits, '_' and '-'");
  auto entry =
      std::find_if(file.entries.begin(), file.entries.end(), [&](const MoveEntry& e) { return e.name == name; });
  if (entry == file.entries.end()) {
    file.entries.emplace_back();
    entry = file.entries.end() - 1;
    entry->name = name;
    entry->line = given.line;
  }
  if (begins_with(field, kNotes)) {
    entry->notes.emplace_back(field.substr(std::string(kNotes).size()), engine::single_value(raw, given));
    return;
  }
  for (const Field& known : fields()) {
    if (field == known.name) return known.read(raw, given, *entry);
  }
  if (read_place_key(raw, given, field, *entry)) return;
  std::vector<std::string> known;
  for (const std::string& key : entry_keys()) known.push_back(kMoves + name + "." + key);
  refuse_unknown_key(raw, given, known);
}

// A text as a value of YAML's flow style: quoted where it holds more than what is plain there.
std::string quoted(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string("_.+/ ").find(c) != std::string::npos;
  };
  const auto inside = [&](char c) { return plain(c) || c == '-'; };
  const bool is_number = text.size() > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9';
  const bool as_is = !text.empty() && (plain(text.front()) || is_number) && text.front() != ' ' && text.back() != ' ' &&
                     std::all_of(text.begin(), text.end(), inside) && text != "null" && text != "~";
  if (as_is) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

template <class Values, class Text>
void add_list(std::vector<std::string>& parts, const char* key, const Values& values, const Text& text) {
  if (values.empty()) return;
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(text(value));
  parts.push_back(texts.size() == 1 ? fmt::format("{}: {}", key, texts[0])
                                    : fmt::format("{}: [{}]", key, fmt::join(texts, ", ")));
}

std::string notes_text(const std::vector<std::pair<std::string, std::string>>& notes) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : notes) parts.push_back(fmt::format("{}: {}", key, quoted(value)));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::vector<std::string> place_parts(const PlacePattern& where) {
  const auto whole_number = [](std::int64_t value) { return fmt::format("{}", value); };
  const auto real = [](double value) { return fmt::format("{}", value); };
  std::vector<std::string> parts;
  add_list(parts, "block", where.blocks, quoted);
  add_list(parts, "at_stride", where.at_strides, real);
  if (where.map_from) parts.push_back(fmt::format("map_from: {}", *where.map_from));
  if (where.map_to) parts.push_back(fmt::format("map_to: {}", *where.map_to));
  add_list(parts, "stride", where.strides, whole_number);
  add_list(parts, "kernel", where.kernels, whole_number);
  if (where.channels_from) parts.push_back(fmt::format("channels_from: {}", *where.channels_from));
  if (where.channels_to) parts.push_back(fmt::format("channels_to: {}", *where.channels_to));
  if (where.depth_from) parts.push_back(fmt::format("depth_from: {}", *where.depth_from));
  if (where.depth_to) parts.push_back(fmt::format("depth_to: {}", *where.depth_to));
  if (where.residual) parts.push_back(fmt::format("residual: {}", *where.residual));
  if (where.expansion_from) parts.push_back(fmt::format("expansion_from: {}", *where.expansion_from));
  if (where.expansion_to) parts.push_back(fmt::format("expansion_to: {}", *where.expansion_to));
  return parts;
}

std::vector<std::string> on_parts(const EnginePattern& on) {
  std::vector<std::string> parts;
  add_list(parts, "family", on.families, quoted);
  if (on.array_from) parts.push_back(fmt::format("array_from: {}", *on.array_from));
  if (on.array_to) parts.push_back(fmt::format("array_to: {}", *on.array_to));
  return parts;
}

std::string map_text(const std::vector<std::string>& parts) { return fmt::format("{{{}}}", fmt::join(parts, ", ")); }

std::string entry_text(const MoveEntry& entry) {
  std::vector<std::string> parts = {"move: " + entry.move};
  add_list(parts, "place", entry.places, quoted);
  if (!entry.where.empty()) parts.push_back("where: " + map_text(place_parts(entry.where)));
  if (!entry.within.empty()) parts.push_back("within: " + map_text(place_parts(entry.within)));
  if (!entry.value.empty() && !(entry.move == "fuse" && entry.value == kFused)) {
    parts.push_back("value: " + quoted(entry.value));
  }
  if (!entry.on.empty()) parts.push_back("on: " + map_text(on_parts(entry.on)));
  if (entry.for_capacity != ForCapacity::kNothing) {
    parts.push_back(entry.for_capacity == ForCapacity::kAdds ? "for_capacity: adds" : "for_capacity: yields");
  }
  if (entry.veto) parts.push_back("veto: true");
  if (!entry.veto || !entry.take) parts.push_back(fmt::format("take: {}", entry.take));
  if (!entry.notes.empty()) parts.push_back("notes: " + notes_text(entry.notes));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

}  // namespace

bool PlacePattern::empty() const {
  return blocks.empty() && at_strides.empty() && strides.empty() && kernels.empty() && !map_from && !map_to &&
         !channels_from && !channels_to && !depth_from && !depth_to && !residual && !expansion_from && !expansion_to;
}

bool MoveEntry::is_pattern() const { return !where.empty() || (places.size() == 1 && places[0] == kEveryPlace); }

const std::string* MoveEntry::note(const std::string& key) const {
  const auto found = std::find_if(notes.begin(), notes.end(), [&](const auto& note) { return note.first == key; });
  return found == notes.end() ? nullptr : &found->second;
}

const std::vector<std::string>& pattern_blocks() {
  using network::BlockKind;
  static const std::vector<std::string> names = {
      to_string(BlockKind::kInvertedBottleneck), to_string(BlockKind::kFusedInvertedBottleneck),
      to_string(BlockKind::kDepthwiseSeparable), to_string(BlockKind::kResidual), to_string(BlockKind::kSqueezeExcite)};
  return names;
}

std::vector<std::string> moves_file_keys() {
  std::vector<std::string> keys = {"format", "name", "notes.<key>", "capacity.parameters", "capacity.macs"};
  for (const std::string& key : entry_keys()) keys.push_back("moves.<name>." + key);
  keys.emplace_back("moves.<name>.notes.<key>");
  return keys;
}

MovesFile parse_moves(const std::string& path, const std::string& text) {
  const RawConfig raw = engine::parse_raw_config(path, text);
  MovesFile file;
  file.path = path;
  for (const RawEntry& given : raw.entries) {
    if (given.key == "name") {
      file.name = single(raw, given);
    } else if (begins_with(given.key, kNotes)) {
      file.notes.emplace_back(given.key.substr(std::string(kNotes).size()), engine::single_value(raw, given));
    } else if (given.key == "capacity.parameters") {
      file.capacity_parameters = number(raw, given, single(raw, given), 0, 1);
    } else if (given.key == "capacity.macs") {
      file.capacity_macs = number(raw, given, single(raw, given), 0, 1);
    } else if (given.key == "moves" && given.is_list && given.values.empty()) {
      continue;  // no moves at all
    } else if (begins_with(given.key, kMoves)) {
      read_entry(raw, given, file);
    } else {
      refuse_unknown_key(raw, given, {"name", "notes", "capacity.parameters", "capacity.macs", "moves"});
    }
  }
  for (MoveEntry& entry : file.entries) {
    check(raw, entry, file.capacity_parameters > 0 || file.capacity_macs > 0);
    if (entry.move == "fuse" && !entry.veto && entry.value.empty()) entry.value = kFused;
  }
  return file;
}

MovesFile load_moves(const std::string& path) { return parse_moves(path, engine::read_config_text(path)); }

std::string moves_text(const MovesFile& file, const std::vector<std::string>& head) {
  std::string text;
  for (const std::string& line : head) text += line.empty() ? "#\n" : "# " + line + "\n";
  text += "format: 1\n";
  if (!file.name.empty()) text += "name: " + quoted(file.name) + "\n";
  if (!file.notes.empty()) text += "notes: " + notes_text(file.notes) + "\n";
  if (file.capacity_parameters > 0 || file.capacity_macs > 0) {
    text += fmt::format("capacity: {{parameters: {}, macs: {}}}\n", file.capacity_parameters, file.capacity_macs);
  }
  if (file.entries.empty()) return text + "moves: []\n";
  text += "moves:\n";
  for (const MoveEntry& entry : file.entries) text += fmt::format("  {}: {}\n", entry.name, entry_text(entry));
  return text;
}

std::size_t most_entry_keys() { return kMostKeys - kKeysOfFile; }

std::size_t keys_of(const MoveEntry& entry) {
  constexpr std::size_t kOwn = 6;  // move, place, value, for_capacity, veto, take
  return kOwn + place_parts(entry.where).size() + place_parts(entry.within).size() + on_parts(entry.on).size() +
         entry.notes.size();
}

}  // namespace lanewise::nas
