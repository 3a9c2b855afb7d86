// SPDX-License-Identifier: Apache-2.0
// Moves that the fronts of several searches share, by place in the network and by engine: how many fronts hold them,
// against how often they were tried, and what they are worth there.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "nas/moves/moves_file.hpp"
#include "study/advice/pattern_sites.hpp"

namespace lanewise::study {

struct PatternOptions {
  // Least share of fronts, and of their designs and places, that hold a pattern: in (0, 1].
  double min_support = 0.75;
  // The same for moves that give parameters back, which fronts make no more often than their limits ask for.
  double min_filling_support = 0.4;
  // Fewest fronts that could hold a pattern; one where there is but one search.
  int min_fronts = 2;
};

struct Pattern {
  nas::MoveEntry entry;    // as the moves file has it
  std::string way;         // as of its sites
  std::string text;        // "fuse inverted bottlenecks at strides 4 to 16 that read at most 80 channels"
  std::size_t places = 0;  // at which the searches could have made it
  int fronts = 0;          // that hold it at half of these at least, on average over their designs,
  int of_fronts = 0;       //   of so many that could
  double held = 0;         // share of places and designs, every front counting the same
  double tried = std::numeric_limits<double>::quiet_NaN();  // the same of all candidates; NaN: not known
  // Means over the places at which it was made, as of sites; NaN: not priced.
  double alone_percent = std::numeric_limits<double>::quiet_NaN();
  double in_front_percent = std::numeric_limits<double>::quiet_NaN();
  double parameters_percent = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> engines, networks;  // of the fronts that hold it, each once

  double support() const { return of_fronts > 0 ? static_cast<double>(fronts) / of_fronts : 0; }
  // How much more often the fronts hold it than candidates do; NaN: not known.
  double lift() const;
};

// What patterns are found among sites, the most widely held first. For each way of a move the widest conditions that
// hold are taken first, then the widest of what is left. A pattern holds where enough fronts and designs hold it, at
// no stride, kernel or octave of channels less than half of them do, the fronts hold it no less often than candidates
// do and, where gains are known, it saves latency at each of these, or gives parameters back.
std::vector<Pattern> mine_patterns(const std::vector<PatternSite>& sites, const PatternOptions& options,
                                   bool has_capacity);

struct SearchSummary {
  std::string path, network, engine;
  std::size_t designs = 0;  // of the front
  std::int64_t candidates = 0;
  bool finalists_only = false;
};

struct Patterns {
  std::vector<SearchSummary> searches;
  std::vector<Pattern> patterns;
  std::vector<std::string> not_read;  // one line each
  std::string priced_by;              // "" where gains are not known
  std::int64_t priced = 0;            // designs
  PatternOptions options;
  double capacity_parameters = 0, capacity_macs = 0;  // the most that the searches asked for; 0: nothing

  // The patterns as a moves file. Keys of the engine are written down and not taken: a network is moved, an engine is
  // decided on once.
  nas::MovesFile file() const;
  // Whether the network is among those searched.
  bool knows(const std::string& network) const;
};

// Throws Error as pattern_sites. `priced_by_name` says who prices.
Patterns find_patterns(const std::vector<SearchSubject>& subjects, const PatternOptions& options,
                       const PricedBy& priced_by, const std::string& priced_by_name, const Progress& progress = {});

}  // namespace lanewise::study
