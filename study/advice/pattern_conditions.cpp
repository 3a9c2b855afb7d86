// SPDX-License-Identifier: Apache-2.0
#include "study/advice/pattern_conditions.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace lanewise::study {
namespace {

// Every condition that tells some sites from others, one of those that tell the same ones.
class Conditions {
 public:
  explicit Conditions(const std::vector<const PatternSite*>& sites) : sites_(sites) {
    add_strides();
    add_lists(
        Feature::kKernel, [](const PatternSite& s) { return s.place.kernel; },
        [](nas::PlacePattern& where, std::vector<std::int64_t> values) { where.kernels = std::move(values); });
    add_channels();
    add_expansions();
    add_lists(
        Feature::kWindow, [](const PatternSite& s) { return s.place.stride; },
        [](nas::PlacePattern& where, std::vector<std::int64_t> values) { where.strides = std::move(values); });
    for (const bool residual : {true, false}) {
      add(
          Feature::kResidual, [residual](nas::MoveEntry& e) { e.where.residual = residual; },
          [residual](const PatternSite& s) { return s.place.residual == residual; });
    }
    add_engines();
    for (const double share : {0.25, 0.5, 0.75}) {
      add(
          Feature::kDepth, [share](nas::MoveEntry& e) { e.where.depth_to = share; },
          [share](const PatternSite& s) { return s.place.depth <= share; });
      add(
          Feature::kDepth, [share](nas::MoveEntry& e) { e.where.depth_from = share; },
          [share](const PatternSite& s) { return s.place.depth >= share; });
    }
  }

  std::vector<Condition> all() && { return std::move(conditions_); }

 private:
  const std::vector<const PatternSite*>& sites_;
  std::vector<Condition> conditions_;
  std::set<Mask> seen_;

  void add(Feature feature, std::function<void(nas::MoveEntry&)> set,
           const std::function<bool(const PatternSite&)>& fits) {
    // A move of the whole network, or a key, has no place.
    const std::string& move = sites_.front()->place.move;
    const bool placeless = move == "engine" || sites_.front()->place.place.empty();
    const bool of_engine = feature == Feature::kArray || feature == Feature::kFamily;
    if (placeless && !of_engine) return;
    Mask mask;
    for (const PatternSite* site : sites_) mask.push_back(fits(*site));
    const auto count = std::count(mask.begin(), mask.end(), true);
    if (count == 0 || count == static_cast<std::ptrdiff_t>(mask.size()) || !seen_.insert(mask).second) return;
    conditions_.push_back({feature, std::move(set), std::move(mask)});
  }

  template <class Value, class Get>
  std::vector<Value> values_of(const Get& get) const {
    std::set<Value> values;
    for (const PatternSite* site : sites_) {
      if (get(*site) > 0) values.insert(get(*site));
    }
    return {values.begin(), values.end()};
  }

  // Strides from one to another, with the powers of two between them, whether some network has a map there or not.
  void add_strides() {
    const auto get = [](const PatternSite& s) { return s.place.at_stride; };
    const std::vector<double> seen = values_of<double>(get);
    for (std::size_t from = 0; from < seen.size(); ++from) {
      for (std::size_t to = from; to < seen.size(); ++to) {
        std::set<double> strides(seen.begin() + static_cast<std::ptrdiff_t>(from),
                                 seen.begin() + static_cast<std::ptrdiff_t>(to) + 1);
        for (double power = 1; power <= seen[to]; power *= 2) {
          // From the finest stride on the pattern says nothing of finer ones, and takes them as they come.
          if (power >= seen[from] || from == 0) strides.insert(power);
        }
        const std::vector<double> list(strides.begin(), strides.end());
        const double low = seen[from], high = seen[to];
        add(
            Feature::kStride, [list](nas::MoveEntry& e) { e.where.at_strides = list; },
            [get, low, high](const PatternSite& s) { return get(s) >= low && get(s) <= high; });
      }
    }
  }

  template <class Get, class Set>
  void add_lists(Feature feature, const Get& get, const Set& set) {
    const std::vector<std::int64_t> seen = values_of<std::int64_t>(get);
    for (std::size_t from = 0; from < seen.size(); ++from) {
      for (std::size_t to = from; to < seen.size(); ++to) {
        const std::vector<std::int64_t> list(seen.begin() + static_cast<std::ptrdiff_t>(from),
                                             seen.begin() + static_cast<std::ptrdiff_t>(to) + 1);
        add(
            feature, [set, list](nas::MoveEntry& e) { set(e.where, list); },
            [get, list](const PatternSite& s) { return get(s) >= list.front() && get(s) <= list.back(); });
      }
    }
  }

  void add_channels() {
    for (const std::int64_t bound : values_of<std::int64_t>([](const PatternSite& s) { return s.place.channels; })) {
      add(
          Feature::kChannels, [bound](nas::MoveEntry& e) { e.where.channels_to = bound; },
          [bound](const PatternSite& s) { return s.place.channels > 0 && s.place.channels <= bound; });
      add(
          Feature::kChannels, [bound](nas::MoveEntry& e) { e.where.channels_from = bound; },
          [bound](const PatternSite& s) { return s.place.channels >= bound; });
    }
  }

  void add_expansions() {
    for (const double bound : values_of<double>([](const PatternSite& s) { return s.place.expansion; })) {
      // A file has three digits of it.
      const double most = std::ceil(bound * 100) / 100, least = std::floor(bound * 100) / 100;
      add(
          Feature::kExpansion, [most](nas::MoveEntry& e) { e.where.expansion_to = most; },
          [most](const PatternSite& s) { return s.place.expansion > 0 && s.place.expansion <= most; });
      add(
          Feature::kExpansion, [least](nas::MoveEntry& e) { e.where.expansion_from = least; },
          [least](const PatternSite& s) { return s.place.expansion >= least; });
    }
  }

  void add_engines() {
    std::set<std::string> families;
    for (const PatternSite* site : sites_) families.insert(site->family);
    for (const std::string& family : families) {
      add(
          Feature::kFamily, [family](nas::MoveEntry& e) { e.on.families = {family}; },
          [family](const PatternSite& s) { return s.family == family; });
    }
    for (const std::int64_t bound : values_of<std::int64_t>([](const PatternSite& s) { return s.array; })) {
      add(
          Feature::kArray, [bound](nas::MoveEntry& e) { e.on.array_from = bound; },
          [bound](const PatternSite& s) { return s.array >= bound; });
      add(
          Feature::kArray, [bound](nas::MoveEntry& e) { e.on.array_to = bound; },
          [bound](const PatternSite& s) { return s.array <= bound; });
    }
  }
};

}  // namespace

std::vector<Condition> conditions_among(const std::vector<const PatternSite*>& sites) {
  return Conditions(sites).all();
}

}  // namespace lanewise::study
