// SPDX-License-Identifier: Apache-2.0
// A moves file: the moves that a person or a tool makes on networks and engines, in order, to be edited, vetoed and
// repeated. docs/advice.md explains every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/raw_config.hpp"

namespace lanewise::nas {

// Which places of a network an entry means, without naming one: those that fulfil all conditions that are set. Then the
// entry says the same of any network.
struct PlacePattern {
  std::vector<std::string> blocks;  // kinds of blocks that the place is, or lies in ("ibn"); any of them will do
  std::vector<double> at_strides;   // edge of the image over edge of the place's map; any of them will do
  std::optional<std::int64_t> map_from, map_to;  // edge of the place's map, both included
  std::vector<std::int64_t> strides;             // of the place's own window, 1 or 2 mostly; any of them will do
  std::vector<std::int64_t> kernels;             // edges of the place's window; any of them will do
  std::optional<std::int64_t> channels_from, channels_to;  // that the place reads, both included
  // Where the place stands among all places of the move, in the order of the network: 0 is before the first, 1 behind
  // the last.
  std::optional<double> depth_from, depth_to;
  std::optional<bool> residual;                        // whether the place's block adds its input to its output
  std::optional<double> expansion_from, expansion_to;  // channels inside the place's block over those that it reads
  bool empty() const;
};

// On which engines an entry is made: those that fulfil all conditions that are set.
struct EnginePattern {
  std::vector<std::string> families;                 // any of them will do
  std::optional<std::int64_t> array_from, array_to;  // MACs a cycle: parallelism factor times lanes, both included
  bool empty() const { return families.empty() && !array_from && !array_to; }
};

// What an entry has to do with the capacity that its file asks for (settle.hpp).
enum class ForCapacity {
  kNothing,
  kAdds,    // "adds": made place by place, the last one first, only until the network has the capacity
  kYields,  // "yields": taken back as far as the capacity asks, the last place first; multipliers move towards 1
};

struct MoveEntry {
  std::string name;  // of the entry, unique in its file: letters, digits, '_' and '-'
  // "fuse", "depth_multiplier", "channels", "kernel", "groups", "drop", "input_resolution", "output_resolution", or
  // "engine"
  std::string move;
  // Names of places as `network show` has them, keys of the engine where the move is "engine"; none for moves of a
  // whole network. "all" stands for all of them.
  std::vector<std::string> places;
  PlacePattern where;  // where `places` is empty
  // Of an entry that names no place: what it is known to hold for. Places that `where` means and that lie outside are
  // skipped, and said.
  PlacePattern within;
  EnginePattern on;  // the engines that it is for; none of its conditions: all
  ForCapacity for_capacity = ForCapacity::kNothing;
  // As of the gene: "1.25", "aligned", "5", "lanes". Channels may be a number, too, what they are multiples of, and
  // resolutions a share of the given edges. "" of an entry that is vetoed: whatever the value.
  std::string value;
  bool take = true;   // whether it is made; others are remembered for whoever edits the file
  bool veto = false;  // never to be made, and never to be proposed again
  // What a tool wrote down of it: "latency_saved_ms", "parameters_added", "source". Nothing reads them back but who
  // shows them.
  std::vector<std::pair<std::string, std::string>> notes;
  int line = 0;  // of the file; 0: of none

  // Whether it is for places that it does not name.
  bool is_pattern() const;
  const std::string* note(const std::string& key) const;  // nullptr: none of that name
};

struct MovesFile {
  std::string path;                                        // for messages
  std::string name;                                        // "" where it has none
  std::vector<std::pair<std::string, std::string>> notes;  // of the whole file
  // Fewest parameters and MACs after all moves, as shares of the network's; 0: no bound. What entries for_capacity go
  // by.
  double capacity_parameters = 0, capacity_macs = 0;
  std::vector<MoveEntry> entries;  // in order: the first says more than those behind it
};

// Throws Error naming file:line, key, value and rule.
MovesFile load_moves(const std::string& path);
MovesFile parse_moves(const std::string& path, const std::string& text);
// The text of a file that reads back equal, one line an entry. `head`: lines that stand before it as comments.
std::string moves_text(const MovesFile& file, const std::vector<std::string>& head = {});
// The most keys that the entries of a file can have together, and at most so many an entry has.
std::size_t most_entry_keys();
std::size_t keys_of(const MoveEntry& entry);

// Every key of the format, in the reference's order; "<name>" stands for what a file names.
std::vector<std::string> moves_file_keys();
// The moves that an entry may name.
const std::vector<std::string>& move_names();
// "ibn", "fused_ibn" …: the kinds of blocks that a pattern may name.
const std::vector<std::string>& pattern_blocks();

// The entry that sets a gene of a space of moves to a value, or a key of an engine: "fuse.ibn3", "fused_ibn".
MoveEntry entry_of(const std::string& gene, const std::string& value);
// The gene that a move at a place sets: "fuse.ibn3", "channels", "engine.parallelism_factor".
std::string gene_of(const std::string& move, const std::string& place);

}  // namespace lanewise::nas
