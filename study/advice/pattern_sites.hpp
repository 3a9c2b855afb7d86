// SPDX-License-Identifier: Apache-2.0
// Where the searches at hand could make moves, how many designs of their fronts do, and what that is worth there.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/moves/places.hpp"
#include "nas/space/space.hpp"
#include "study/advice/search_record.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// A search with what its designs are made of.
struct SearchSubject {
  SearchRecord record;
  // What its moves were made on; null where its space has networks of its own.
  std::shared_ptr<const network::Graph> graph;
  engine::EngineConfig engine;  // of its baseline
  std::string engine_path;      // the file that it was loaded from
  engine::Family family;
  nas::SpaceDescription space;
};

// A space that offers whatever the designs of a record show, for a search whose own space is not known.
nas::SpaceDescription shown_space(const SearchRecord& record, const engine::EngineConfig& engine);

// A place of one search's network, or a key of its engine, and a way in which its gene could go.
struct PatternSite {
  std::size_t search = 0;  // index of the subject
  std::string network, engine, family;
  std::int64_t array = 0;  // MACs a cycle of the baseline's engine
  nas::MovePlace place;    // the key, where the move is "engine"
  // "fuse", "narrower", "wider", "aligned", "even", "smaller", "larger", "group", "drop"; of keys "lower", "higher",
  // "other"
  std::string way;
  double held = 0;                                          // share of the front's designs that go this way here
  double tried = std::numeric_limits<double>::quiet_NaN();  // of all candidates; NaN: not known
  std::vector<std::string> values;                          // of the designs that do, in the order of the front
  // Latency saved, in percent of what it is without the move, by the move alone on the baseline, and on average by it
  // among the others of designs of the front. Parameters that it adds to the baseline, in percent. NaN: not priced.
  double alone_percent = std::numeric_limits<double>::quiet_NaN();
  double in_front_percent = std::numeric_limits<double>::quiet_NaN();
  double parameters_percent = std::numeric_limits<double>::quiet_NaN();
};

struct PatternSites {
  std::vector<PatternSite> sites;
  std::vector<std::string> not_read;  // one line each: designs and genes that say nothing here, with the reason
  std::int64_t priced = 0;            // designs that were priced for the gains
};

// Who prices designs of a subject.
using PricedBy = std::function<MeasurementSource&(const SearchSubject& subject)>;

// In the order of the subjects and their genes. Without `priced_by` gains stay unknown. Throws Error where a subject's
// space does not fit its network or engine.
PatternSites pattern_sites(const std::vector<SearchSubject>& subjects, const PricedBy& priced_by,
                           const Progress& progress = {});

}  // namespace lanewise::study
