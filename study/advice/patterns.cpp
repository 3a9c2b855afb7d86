// SPDX-License-Identifier: Apache-2.0
#include "study/advice/patterns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "study/advice/pattern_conditions.hpp"
#include "study/advice/pattern_words.hpp"

namespace lanewise::study {
namespace {

// A mean of what is known.
class Mean {
 public:
  void add(double value) {
    if (std::isfinite(value)) sum_ += value, ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : std::nan(""); }

 private:
  double sum_ = 0;
  int count_ = 0;
};

void add_once(std::vector<std::string>& texts, const std::string& text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
}

// The worst of a pattern among the strides, the kernels and the octaves of channels of its places.
struct Weakest {
  double held = 1;
  double in_front_percent = std::numeric_limits<double>::infinity();
};

// What can be said of the sites of a mask.
Pattern measure(const std::vector<const PatternSite*>& sites, const Mask& mask, Weakest& weakest) {
  struct Front {
    Mean held, tried;
    const PatternSite* first = nullptr;
  };
  std::map<std::size_t, Front> fronts;
  std::map<double, std::pair<Mean, Mean>> strides, kernels, octaves;  // held, saved in fronts
  Mean alone, in_front, parameters, held, tried;
  Pattern pattern;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (!mask[i]) continue;
    const PatternSite& site = *sites[i];
    ++pattern.places;
    Front& front = fronts[site.search];
    front.held.add(site.held);
    front.tried.add(site.tried);
    if (front.first == nullptr) front.first = &site;
    const double octave = site.place.channels > 0 ? std::floor(std::log2(site.place.channels)) : 0;
    for (auto* part :
         {&strides[site.place.at_stride], &kernels[static_cast<double>(site.place.kernel)], &octaves[octave]}) {
      part->first.add(site.held);
      if (site.held > 0) part->second.add(site.in_front_percent);
    }
    if (site.held <= 0) continue;
    alone.add(site.alone_percent);
    in_front.add(site.in_front_percent);
    parameters.add(site.parameters_percent);
  }
  for (const auto& [search, front] : fronts) {
    ++pattern.of_fronts;
    held.add(front.held.value());
    tried.add(front.tried.value());
    if (front.held.value() < 0.5) continue;
    ++pattern.fronts;
    add_once(pattern.engines, front.first->engine);
    add_once(pattern.networks, front.first->network);
  }
  pattern.held = pattern.of_fronts > 0 ? held.value() : 0;
  pattern.tried = tried.value();
  pattern.alone_percent = alone.value();
  pattern.in_front_percent = in_front.value();
  pattern.parameters_percent = parameters.value();
  for (const auto* parts : {&strides, &kernels, &octaves}) {
    for (const auto& [value, part] : *parts) {
      weakest.held = std::min(weakest.held, part.first.value());
      if (std::isfinite(part.second.value())) {
        weakest.in_front_percent = std::min(weakest.in_front_percent, part.second.value());
      }
    }
  }
  return pattern;
}

class Miner {
 public:
  Miner(std::vector<const PatternSite*> sites, const PatternOptions& options, bool has_capacity)
      : sites_(std::move(sites)),
        options_(options),
        has_capacity_(has_capacity),
        conditions_(conditions_among(sites_)),
        left_(sites_.size(), true) {}

  void mine(std::vector<Pattern>& out) {
    for (const bool filling : {false, true}) {
      if (filling && !(has_capacity_ && gives_parameters())) return;
      // Each takes at least one place from what is left.
      while (auto found = widest(filling)) out.push_back(std::move(*found));
    }
  }

 private:
  std::vector<const PatternSite*> sites_;
  const PatternOptions& options_;
  const bool has_capacity_;
  std::vector<Condition> conditions_;
  Mask left_;

  const PatternSite& any() const { return *sites_.front(); }
  bool gives_parameters() const { return any().place.move == "fuse" || any().way == "wider" || any().way == "larger"; }

  bool holds(const Pattern& pattern, const Weakest& weakest, bool filling) const {
    const double least = filling ? options_.min_filling_support : options_.min_support;
    std::set<std::size_t> searches;
    for (const PatternSite* site : sites_) searches.insert(site->search);
    const int fronts = std::min(options_.min_fronts, static_cast<int>(searches.size()));
    if (pattern.of_fronts < fronts || pattern.support() < least || pattern.held < least) return false;
    if (filling) return !(pattern.parameters_percent <= 0);
    return weakest.held >= 0.5 && !(pattern.lift() < 1) && weakest.in_front_percent > 0;
  }

  std::size_t covers(const Mask& mask) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < mask.size(); ++i) count += mask[i] && left_[i] ? 1 : 0;
    return count;
  }

  std::optional<Pattern> widest(bool filling) {
    const std::vector<Condition>& all = conditions_;
    std::optional<Pattern> best;
    std::vector<const Condition*> best_conditions;
    Mask best_mask;
    std::size_t most = 0;
    const auto attempt = [&](const Mask& mask, const std::vector<const Condition*>& conditions) {
      const std::size_t covered = covers(mask);
      if (covered == 0 || covered < most || (covered == most && best_conditions.size() < conditions.size())) return;
      Weakest weakest;
      Pattern pattern = measure(sites_, mask, weakest);
      // Half of its places at least are new: what is left of others makes no pattern of its own.
      if (2 * covered < pattern.places || !holds(pattern, weakest, filling)) return;
      if (covered == most && best && pattern.held <= best->held) return;
      best = std::move(pattern);
      best_conditions = conditions;
      best_mask = mask;
      most = covered;
    };
    const auto both = [](const Mask& a, const Mask& b) {
      Mask out(a.size());
      for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] && b[i];
      return out;
    };
    attempt(Mask(sites_.size(), true), {});
    // At most two conditions on the place and one on the engine: more would describe single places.
    std::vector<std::pair<Mask, std::vector<const Condition*>>> places = {{Mask(sites_.size(), true), {}}};
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].of_engine()) continue;
      places.push_back({all[i].mask, {&all[i]}});
      for (std::size_t k = i + 1; k < all.size(); ++k) {
        if (all[k].of_engine() || all[k].feature == all[i].feature) continue;
        places.push_back({both(all[i].mask, all[k].mask), {&all[i], &all[k]}});
      }
    }
    for (const auto& [mask, conditions] : places) {
      attempt(mask, conditions);
      if (covers(mask) < most) continue;
      for (const Condition& engine : all) {
        if (!engine.of_engine()) continue;
        std::vector<const Condition*> more = conditions;
        more.push_back(&engine);
        attempt(both(mask, engine.mask), more);
      }
    }
    if (!best) return std::nullopt;
    for (std::size_t i = 0; i < left_.size(); ++i) left_[i] = left_[i] && !best_mask[i];
    describe(*best, best_conditions, best_mask, filling);
    return best;
  }

  void describe(Pattern& pattern, const std::vector<const Condition*>& conditions, const Mask& mask, bool filling) {
    nas::MoveEntry& entry = pattern.entry;
    pattern.way = any().way;
    entry.move = any().place.move;
    entry.value = usual_value(mask);
    for (const Condition* condition : conditions) condition->set(entry);
    const bool has_place = entry.move != "engine" && !any().place.place.empty();
    if (entry.move == "engine") entry.places = {any().place.place};
    if (has_place && entry.where.empty()) entry.places = {"all"};
    if (filling) entry.for_capacity = nas::ForCapacity::kAdds;
    const bool cuts = pattern.way == "narrower" || entry.move == "drop";
    if (!filling && has_capacity_ && cuts) entry.for_capacity = nas::ForCapacity::kYields;
    if (has_place) entry.within = range_of(mask);
    entry.take = entry.move != "engine";
    pattern.text = pattern_text(entry, pattern.way);
  }

  // Where fronts show the move: what its places have at which half of a front's designs make it. A selector says less
  // than it was seen to hold for: "at stride 4" is any map there. On larger maps a subgraph's weights and what it costs
  // once serve more pixels, and smaller windows have fewer weights, so that moves pay no less: the range is open there.
  nas::PlacePattern range_of(const Mask& mask) const {
    nas::PlacePattern range;
    const auto widen = [](auto& from, auto& to, auto value) {
      if (value <= 0) return;
      from = from ? std::min(*from, value) : value;
      to = to ? std::max(*to, value) : value;
    };
    std::set<std::int64_t> kernels, strides;
    std::optional<std::int64_t> largest_map;  // which bounds nothing
    for (std::size_t i = 0; i < sites_.size(); ++i) {
      if (!mask[i] || sites_[i]->held < 0.5) continue;
      const nas::MovePlace& place = sites_[i]->place;
      widen(range.map_from, largest_map, place.map);
      widen(range.channels_from, range.channels_to, place.channels);
      // A file has three digits of it.
      widen(range.expansion_from, range.expansion_to, std::floor(place.expansion * 100) / 100);
      widen(range.expansion_from, range.expansion_to, std::ceil(place.expansion * 100) / 100);
      for (std::int64_t kernel = place.kernel; kernel >= std::min<std::int64_t>(3, place.kernel) && kernel > 0;
           kernel -= 2) {
        kernels.insert(kernel);
      }
      if (place.stride > 0) strides.insert(place.stride);
    }
    range.kernels.assign(kernels.begin(), kernels.end());
    range.strides.assign(strides.begin(), strides.end());
    return range;
  }

  // Of numbers the median over all designs that hold it, of words the most frequent.
  std::string usual_value(const Mask& mask) const {
    std::vector<double> numbers;
    std::map<std::string, int> words;
    for (std::size_t i = 0; i < sites_.size(); ++i) {
      if (!mask[i]) continue;
      for (const std::string& value : sites_[i]->values) {
        ++words[value];
        double number = 0;
        const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (status == std::errc() && end == value.data() + value.size()) numbers.push_back(number);
      }
    }
    std::size_t values = 0;
    for (const auto& [word, count] : words) values += static_cast<std::size_t>(count);
    if (!words.empty() && numbers.size() == values) {
      std::sort(numbers.begin(), numbers.end());
      return fmt::format("{:.10g}", numbers[(numbers.size() - 1) / 2]);
    }
    std::string best;
    int most = 0;
    for (const auto& [word, count] : words) {
      if (count > most) best = word, most = count;
    }
    return best;
  }
};

std::string number_text(double value) { return std::isfinite(value) ? fmt::format("{:.1f}", value) : "unknown"; }

// What a front holds without any cost and in every place says more than what it holds here and there.
bool goes_before(const Pattern& a, const Pattern& b) {
  const auto rank = [](const Pattern& p) { return static_cast<int>(p.entry.for_capacity == nas::ForCapacity::kAdds); };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (rank(a) == 1) {
    // What gives most parameters for the latency that it takes; what saves some takes none.
    const auto price = [](const Pattern& p) {
      const double cost = std::isfinite(p.alone_percent) ? std::max(0.0, -p.alone_percent) : 0;
      return cost / std::max(1e-9, std::isfinite(p.parameters_percent) ? p.parameters_percent : 1);
    };
    if (price(a) != price(b)) return price(a) < price(b);
  }
  if (a.support() != b.support()) return a.support() > b.support();
  return a.places > b.places;
}

}  // namespace

double Pattern::lift() const { return tried > 0 ? held / tried : std::nan(""); }

std::vector<Pattern> mine_patterns(const std::vector<PatternSite>& sites, const PatternOptions& options,
                                   bool has_capacity) {
  std::map<std::string, std::vector<const PatternSite*>> kinds;
  std::vector<std::string> order;
  for (const PatternSite& site : sites) {
    const bool keyed = site.place.move == "engine";
    const std::string kind = site.place.move + " " + (keyed ? site.place.place : "") + " " + site.way;
    if (kinds.count(kind) == 0) order.push_back(kind);
    kinds[kind].push_back(&site);
  }
  std::vector<Pattern> out;
  for (const std::string& kind : order) Miner(kinds[kind], options, has_capacity).mine(out);
  std::stable_sort(out.begin(), out.end(), goes_before);
  std::map<std::string, int> names;
  for (Pattern& pattern : out) {
    const std::string base = pattern.entry.move + "_" + pattern.way;
    const std::string name = pattern.entry.move == pattern.way ? pattern.way : base;
    pattern.entry.name = fmt::format("{}_{}", name, ++names[name]);
  }
  return out;
}

nas::MovesFile Patterns::file() const {
  nas::MovesFile file;
  file.name = "patterns";
  file.capacity_parameters = capacity_parameters;
  file.capacity_macs = capacity_macs;
  std::vector<std::string> texts;
  for (const SearchSummary& search : searches) texts.push_back(search.network + " on " + search.engine);
  file.notes = {{"searches", fmt::format("{}", searches.size())},
                {"gains_by", priced_by.empty() ? "nothing" : priced_by}};
  for (std::size_t i = 0; i < texts.size() && i < 20; ++i) {
    file.notes.emplace_back(fmt::format("search_{}", i + 1), texts[i]);
  }
  for (const Pattern& pattern : patterns) {
    file.entries.push_back(pattern.entry);
    auto& notes = file.entries.back().notes;
    notes = {{"fronts", fmt::format("{} of {}", pattern.fronts, pattern.of_fronts)},
             {"designs_percent", number_text(100 * pattern.held)},
             {"tried_percent", number_text(100 * pattern.tried)},
             {"alone_saves_percent", number_text(pattern.alone_percent)},
             {"in_fronts_saves_percent", number_text(pattern.in_front_percent)},
             {"parameters_percent", number_text(pattern.parameters_percent)}};
    if (pattern.engines.size() == 1) notes.emplace_back("one_engine_only", pattern.engines.front());
  }
  return file;
}

bool Patterns::knows(const std::string& network) const {
  return std::any_of(searches.begin(), searches.end(), [&](const SearchSummary& s) { return s.network == network; });
}

Patterns find_patterns(const std::vector<SearchSubject>& subjects, const PatternOptions& options,
                       const PricedBy& priced_by, const std::string& priced_by_name, const Progress& progress) {
  Patterns out;
  out.options = options;
  out.priced_by = priced_by ? priced_by_name : "";
  for (const SearchSubject& subject : subjects) {
    const SearchRecord& record = subject.record;
    out.searches.push_back(
        {record.path, record.network, record.engine, record.front.size(), record.candidates, record.finalists_only});
    out.capacity_parameters = std::max(out.capacity_parameters, std::min(1.0, record.share_of("parameters")));
    out.capacity_macs = std::max(out.capacity_macs, std::min(1.0, record.share_of("macs")));
  }
  PatternSites sites = pattern_sites(subjects, priced_by, progress);
  out.not_read = std::move(sites.not_read);
  out.priced = sites.priced;
  out.patterns = mine_patterns(sites.sites, options, out.capacity_parameters > 0 || out.capacity_macs > 0);
  return out;
}

}  // namespace lanewise::study
