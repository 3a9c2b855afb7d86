// SPDX-License-Identifier: Apache-2.0
// Keys that should change together. A family file says which keys follow which: with twice the dot products their
// weights must be loaded twice as fast, and so on. docs/hwconfig.md has the format.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// Where its leader is r times as large, the follower is scaled by r to the power of `exponent`.
struct Follower {
  std::string key;
  double exponent = 1;
};
struct FollowRule {
  std::string leader;
  std::vector<Follower> followers;  // in the order of the file
};

// The section `follow` of the family file of the engine at `hwconfig_path`; empty where there is no such file or
// section. Throws Error naming file, line and key where the section is malformed.
std::vector<FollowRule> load_follow_rules(const std::string& hwconfig_path, const std::string& family);

// Who follows the keys that somebody changes.
struct Scaling {
  std::vector<FollowRule> rules;  // the family's
  std::vector<Follower> named;    // these alone, where any is; empty: all that `rules` name
};

// "accumulators.size" or "accumulators.size^0.5" as a follower. Throws Error naming the text.
Follower parse_follower(const std::string& text);

// The keys that follow when the keys of `changes` change on `base`: each scaled by the product of its leaders' ratios,
// each to the power of its exponent, and rounded to the nearest legal value. A key that `changes` itself gives does not
// follow, nor does one whose leaders keep their values; a leader that is 0 before or after leads nothing. Of several
// changes of one key the last counts. Throws Error for a value that its key refuses, where no changed key has a
// follower, and for a named follower whose leader is not clear.
std::vector<Override> followers_of(const EngineConfig& base, const std::vector<Override>& changes,
                                   const Scaling& scaling);
// The keys that may follow when the keys `leaders` change, in the order of the table. Throws Error as followers_of.
std::vector<std::string> follower_keys(const std::vector<std::string>& leaders, const Scaling& scaling);

}  // namespace lanewise::engine
