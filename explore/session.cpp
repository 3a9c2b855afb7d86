// SPDX-License-Identifier: Apache-2.0
#include "explore/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/record/csv.hpp"
#include "explore/json.hpp"
#include "explore/views.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::explore {
namespace {

constexpr std::size_t kLongestName = 200, kLongestLabel = 80, kMostLimits = 20;

Json with_refusal(Json out, const std::string& refusal) {
  out["refusal"] = refusal.empty() ? Json(nullptr) : Json(refusal);
  return out;
}

const Dial& find_dial(const std::vector<Dial>& dials, const std::string& name) {
  const auto found = std::find_if(dials.begin(), dials.end(), [&](const Dial& dial) { return dial.name == name; });
  if (found == dials.end()) throw Error(fmt::format("request: field 'dial': '{}' is none of this design", name));
  return *found;
}

// Runs `call`, whatever it throws: a request never ends the program.
Reply guarded(const std::function<Reply()>& call) {
  try {
    return call();
  } catch (const Cancelled&) {
    return {200, "application/json", R"({"cancelled":true})", ""};
  } catch (const Busy& error) {
    return error_reply(409, error.what());
  } catch (const Interrupted&) {
    return {200, "application/json", R"({"cancelled":true})", ""};
  } catch (const Error& error) {
    return error_reply(400, error.what());
  } catch (const std::exception& error) {
    return error_reply(500, fmt::format("internal error: {}", error.what()));
  }
}

Reply json_reply(std::string body) { return {200, "application/json", std::move(body), ""}; }

}  // namespace

Reply error_reply(int status, const std::string& message) {
  return {status, "application/json", dump({{"error", "lanewise: error: " + printable(message)}}), ""};
}

Session::Session(const Subject& subject, std::unique_ptr<study::MeasurementSource> simulator, std::string folder)
    : subject_(subject),
      designs_(subject),
      answers_(subject, designs_, std::move(simulator)),
      basket_(subject, std::move(folder)) {}

Reply Session::get(const std::string& path, const std::map<std::string, std::string>& fields) {
  return guarded([&]() -> Reply {
    if (path == "/api/state") return json_reply(state());
    if (path == "/api/basket") return json_reply(basket());
    if (path == "/api/file") return file(fields);
    if (path == "/api/progress") {
      const Simulations::State now = answers_.simulations().state();
      return json_reply(dump({{"running", now.running}, {"done", now.done}, {"total", now.total}}));
    }
    return error_reply(404, fmt::format("{}: is nothing here", path));
  });
}

Reply Session::post(const std::string& path, const std::string& body) {
  return guarded([&]() -> Reply {
    if (path == "/api/estimate") return json_reply(estimate(body));
    if (path == "/api/along") return json_reply(along(body));
    if (path == "/api/simulate") return json_reply(simulate(body));
    if (path == "/api/limits") return json_reply(set_limits(body));
    if (path == "/api/basket/add") return json_reply(add_to_basket(body));
    if (path == "/api/basket/remove") return json_reply(remove_from_basket(body));
    if (path == "/api/basket/save") return json_reply(save_basket(body));
    if (path == "/api/cancel") {
      Fields(body).allow_only({});
      return json_reply(dump({{"cancelled", answers_.simulations().cancel()}}));
    }
    return error_reply(404, fmt::format("{}: is nothing here", path));
  });
}

std::string Session::state() const {
  Json networks = Json::array();
  for (std::size_t i = 0; i < subject_.networks.size(); ++i) {
    const SharedAnswer baseline = answers_.baseline(i);
    networks.push_back({{"name", subject_.networks[i].name},
                        {"dials", dials_json(designs_.network_dials(i))},
                        {"left_out", designs_.left_out(i)},
                        {"baseline", baseline == nullptr ? Json(nullptr) : metrics_json(*baseline)}});
  }
  Json rules = Json::object();
  for (const engine::FollowRule& rule : subject_.rules) {
    for (const engine::Follower& follower : rule.followers) rules[rule.leader].push_back(follower.key);
  }
  Json limits = Json::array();
  for (const nas::Limit& limit : answers_.limits()) limits.push_back(limit.text);
  return dump({{"version", version()},
               {"engine", engine::engine_title(subject_.engine)},
               {"family", subject_.engine.family},
               {"description", subject_.engine.description},
               {"space", subject_.space.name},
               {"estimator",
                {{"name", subject_.estimator_name},
                 {"family", subject_.estimator->family()},
                 {"rows", subject_.estimator->training_rows()},
                 {"engines", subject_.estimator->training_engines()},
                 {"intervals", subject_.estimator->has_intervals()}}},
               {"level", subject_.level},
               {"metrics", metrics_list_json()},
               {"dials", dials_json(designs_.engine_dials())},
               {"rules", rules},
               {"follow", subject_.follow},
               {"networks", networks},
               {"limits", limits},
               {"can_save", !basket_.folder().empty()},
               {"folder", basket_.folder()}});
}

std::string Session::estimate(const std::string& body) const {
  const Fields fields(body);
  fields.allow_only({"design"});
  const Design design = designs_.design(fields.choice("design"));
  const study::Answered answered = answers_.estimate(design);
  Json out = with_refusal({{"design", design_json(design)}}, answered.failure);
  if (!answered.failure.empty()) return dump(out);
  out["answer"] = answer_json(answered.answer);
  out["metrics"] = metrics_json(answered.answer);
  const SharedAnswer simulated = answers_.simulated(design);
  out["layers"] = layers_json(answered.answer, simulated.get());
  out["limits"] = limits_json(answers_.check(answered.answer, design.choice.network));
  // A design that was simulated before comes with what that said.
  if (simulated != nullptr) {
    out["simulated"] = {{"answer", answer_json(*simulated)},
                        {"metrics", metrics_json(*simulated)},
                        {"limits", limits_json(answers_.check(*simulated, design.choice.network))},
                        {"error", errors_json(errors_of(answered.answer, *simulated))}};
  }
  return dump(out);
}

std::string Session::along(const std::string& body) const {
  const Fields fields(body);
  fields.allow_only({"design", "dial"});
  const Choice choice = fields.choice("design");
  const std::string name = fields.text("dial", kLongestName);
  designs_.design(choice);  // what it refuses is refused before anything is priced
  const std::vector<Dial>& keys = designs_.engine_dials();
  const bool is_key = std::any_of(keys.begin(), keys.end(), [&](const Dial& dial) { return dial.name == name; });
  const Dial& dial = is_key ? find_dial(keys, name) : find_dial(designs_.network_dials(choice.network), name);
  std::vector<Design> designs;
  for (const std::string& value : dial.values) {
    Choice changed = choice;
    (is_key ? changed.keys : changed.genes)[name] = value;
    designs.push_back(designs_.design(changed));
  }
  const std::vector<study::Answered> answered = answers_.estimate(designs);
  Json points = Json::array();
  for (std::size_t i = 0; i < answered.size(); ++i) {
    Json point = with_refusal({{"value", dial.values[i]}}, answered[i].failure);
    if (answered[i].failure.empty()) {
      point["metrics"] = metrics_json(answered[i].answer);
      if (const auto& known = answered[i].answer.reliability) {
        point["in_range"] = known->in_range;
        const double cycles = static_cast<double>(answered[i].answer.total.latency_cycles);
        if (known->interval && cycles > 0) {
          const double ms = answered[i].answer.total.latency_ms / cycles;
          point["low_ms"] = static_cast<double>(known->interval->low_cycles) * ms;
          point["high_ms"] = static_cast<double>(known->interval->high_cycles) * ms;
        }
      }
    }
    points.push_back(std::move(point));
  }
  return dump({{"dial", name}, {"points", points}});
}

std::string Session::simulate(const std::string& body) {
  const Fields fields(body);
  fields.allow_only({"design"});
  const Design design = designs_.design(fields.choice("design"));
  const study::Answered answered = answers_.simulate(design);
  if (!answered.failure.empty()) return dump(with_refusal({{"design", design_json(design)}}, answered.failure));
  // The estimate beside it, of the very same design.
  return estimate(body);
}

std::string Session::set_limits(const std::string& body) {
  const Fields fields(body);
  fields.allow_only({"limits"});
  answers_.set_limits(nas::parse_limits(fields.texts("limits", kMostLimits)));
  Json limits = Json::array();
  for (const nas::Limit& limit : answers_.limits()) limits.push_back(limit.text);
  return dump({{"limits", limits}});
}

std::string Session::add_to_basket(const std::string& body) {
  const Fields fields(body);
  fields.allow_only({"design", "label"});
  BasketEntry entry;
  entry.label = fields.text("label", kLongestLabel, true);
  entry.design = designs_.design(fields.choice("design"));
  study::Answered answered = answers_.estimate(entry.design);
  entry.failure = answered.failure;
  if (answered.failure.empty()) {
    answered.answer.subgraphs.clear();
    entry.estimated = std::make_shared<const study::NetworkAnswer>(std::move(answered.answer));
  }
  basket_.add(std::move(entry));
  return basket();
}

std::string Session::remove_from_basket(const std::string& body) {
  const Fields fields(body);
  fields.allow_only({"number"});
  basket_.remove(fields.index("number"));
  return basket();
}

std::string Session::save_basket(const std::string& body) const {
  Fields(body).allow_only({});
  const Basket::Saved saved = basket_.save(basket_table());
  return dump({{"folder", basket_.folder()}, {"files", saved.files}, {"notes", saved.notes}});
}

std::string Session::basket() const {
  Json out = Json::array();
  for (const BasketEntry& entry : basket_.entries()) {
    Json row = with_refusal({{"number", entry.number},
                             {"label", entry.label},
                             {"network", subject_.networks.at(entry.design.choice.network).name},
                             {"design", design_json(entry.design)}},
                            entry.failure);
    if (entry.estimated != nullptr) {
      const study::NetworkAnswer& answer = *entry.estimated;
      row["estimated"] = {{"metrics", metrics_json(answer)},
                          {"interval", answer_json(answer)["total"]["interval"]},
                          {"in_range", answer.reliability && answer.reliability->in_range},
                          {"bound_by", answer.total.bound_by},
                          {"limits", limits_json(answers_.check(answer, entry.design.choice.network))}};
      if (const SharedAnswer simulated = answers_.simulated(entry.design)) {
        row["simulated"] = {{"metrics", metrics_json(*simulated)},
                            {"bound_by", simulated->total.bound_by},
                            {"limits", limits_json(answers_.check(*simulated, entry.design.choice.network))},
                            {"error", errors_json(errors_of(answer, *simulated))}};
      }
    }
    out.push_back(std::move(row));
  }
  return dump({{"designs", out}});
}

std::string Session::basket_table() const {
  std::vector<std::string> header = {"design", "label", "network", "source", "changes", "followers", "encoding"};
  for (const nas::MetricTraits& traits : nas::metrics()) {
    if (traits.metric != nas::Metric::kAccuracy) header.emplace_back(traits.name);
  }
  header.insert(header.end(), {"latency_low_ms", "latency_high_ms", "in_range", "latency_error_percent",
                               "energy_error_percent", "limits_missed", "refusal"});
  std::string out = record::csv_line(header);
  const auto overrides = [](const std::vector<engine::Override>& changes) {
    std::string text;
    for (const engine::Override& change : changes) text += (text.empty() ? "" : "; ") + change.key + "=" + change.value;
    return text;
  };
  const auto number = [](const std::optional<double>& value) { return value ? record::csv_number(*value) : ""; };
  for (const BasketEntry& entry : basket_.entries()) {
    const auto row = [&](const study::NetworkAnswer* answer, const EstimateErrors& errors) {
      const char* const source = answer == nullptr ? "" : record::to_string(answer->source);
      std::vector<std::string> cells = {std::to_string(entry.number),
                                        entry.label,
                                        subject_.networks.at(entry.design.choice.network).name,
                                        source,
                                        overrides(entry.design.changes),
                                        overrides(entry.design.followers),
                                        entry.design.encoding};
      const nas::Metrics metrics = answer == nullptr ? nas::Metrics() : study::metrics_of(answer->total);
      for (const nas::MetricTraits& traits : nas::metrics()) {
        if (traits.metric == nas::Metric::kAccuracy) continue;
        cells.push_back(answer == nullptr ? "" : record::csv_number(metrics[traits.metric]));
      }
      std::string low, high, in_range, missed;
      if (answer != nullptr && answer->reliability) {
        in_range = answer->reliability->in_range ? "true" : "false";
        if (const auto& interval = answer->reliability->interval) {
          const double ms = answer->total.latency_ms / static_cast<double>(answer->total.latency_cycles);
          low = record::csv_number(static_cast<double>(interval->low_cycles) * ms);
          high = record::csv_number(static_cast<double>(interval->high_cycles) * ms);
        }
      }
      if (answer != nullptr) {
        for (const auto& [limit, check] : answers_.check(*answer, entry.design.choice.network)) {
          if (check.violation > 0) missed += (missed.empty() ? "" : "; ") + limit.text;
        }
      }
      cells.insert(cells.end(), {low, high, in_range, number(errors.latency_percent), number(errors.energy_percent),
                                 missed, entry.failure});
      out += record::csv_line(cells);
    };
    const SharedAnswer simulated = answers_.simulated(entry.design);
    const bool both = entry.estimated != nullptr && simulated != nullptr;
    const EstimateErrors errors = both ? errors_of(*entry.estimated, *simulated) : EstimateErrors();
    row(entry.estimated.get(), errors);
    if (simulated != nullptr) row(simulated.get(), {});
  }
  return out;
}

Reply Session::file(const std::map<std::string, std::string>& fields) const {
  const auto field = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  const std::string kind = field("kind"), number = field("design");
  if (kind == "table") return {200, "text/csv; charset=utf-8", basket_table(), "basket.csv"};
  if (kind != "engine" && kind != "network") {
    throw Error(fmt::format("request: field 'kind': '{}' must be engine, network or table", printable(kind)));
  }
  const bool digits = !number.empty() && number.size() <= 9 &&
                      std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits)
    throw Error(fmt::format("request: field 'design': '{}' must be a number of the basket", printable(number)));
  const BasketEntry entry = basket_.entry(std::stoul(number));
  if (kind == "engine") {
    return {200, "application/yaml", basket_.engine_file(entry), fmt::format("design-{}.yaml", entry.number)};
  }
  return {200, "application/octet-stream", basket_.network_file(entry), fmt::format("design-{}.onnx", entry.number)};
}

}  // namespace lanewise::explore
