// SPDX-License-Identifier: Apache-2.0
#include "report/number_advice.hpp"

#include <fmt/format.h>

#include "core/base/printable.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using study::DesignCost;
using study::NumberAdvice;
using study::NumberMove;

const char* unit_of(const NumberAdvice& a) { return a.metric == nas::Metric::kEnergy ? "uJ" : "ms"; }

double given_of(const NumberAdvice& a) { return study::value_of(a.given, a.metric); }

std::string share_saved(const NumberAdvice& a, double saved) { return fixed(100 * saved / given_of(a), 1); }

std::string loss_words(const std::optional<double>& loss) { return loss ? fmt::format("{:.6g}", *loss) : "unknown"; }

Json number_cost_json(const DesignCost& cost) {
  return {{"latency_cycles", cost.latency_cycles}, {"latency_ms", cost.latency_ms}, {"energy_uj", cost.energy_uj}};
}

Json number_move_json(const NumberMove& move) {
  Json json = {{"layer", move.layer},
               {"form", network::to_string(move.numbers)},
               {"saved", move.failure.empty() ? Json(move.saved) : Json(nullptr)},
               {"loss", move.loss ? Json(*move.loss) : Json(nullptr)},
               {"taken", move.taken}};
  if (!move.failure.empty()) json["failure"] = move.failure;
  return json;
}

std::string plan_words(const NumberAdvice& a) {
  if (!a.plan) {
    return "\nNo plan: what the layers lose is unknown. Measure it (lanewise-fit compress --sensitivity --csv) and "
           "give "
           "--sensitivity FILE --max-loss X\n";
  }
  const study::NumberPlan& plan = *a.plan;
  const double after = study::value_of(plan.cost, a.metric);
  std::string text = fmt::format(
      "\nPlan: {} layers changed, {} -> {} {} simulated ({} %), {} {} by its moves' own gains; losses added: {} of "
      "{}\n",
      plan.moves, fixed(given_of(a), 3), fixed(after, 3), unit_of(a),
      fixed(100 * (after - given_of(a)) / given_of(a), 1), fixed(given_of(a) - plan.expected, 3), unit_of(a),
      loss_words(plan.loss), loss_words(plan.most_loss));
  text += plan.bound > plan.expected
              ? fmt::format("  by their own gains no choice saves more than {} {}, this one {}\n", fixed(plan.bound, 4),
                            unit_of(a), fixed(plan.expected, 4))
              : std::string("  by their own gains no choice within that loss saves more\n");
  text += "  gains and losses of layers are added as if none changed another's: measure the whole before you ship it\n";
  return text;
}

}  // namespace

std::string to_text(const NumberAdvice& a, std::size_t top) {
  std::string text = fmt::format("{} on {}: {} ms, {} uJ simulated\n", a.network, a.engine,
                                 fixed(a.given.latency_ms, 3), fixed(a.given.energy_uj, 1));
  text += fmt::format("\nForms and precisions of single layers: {} of {} pay, by what they save; accuracy lost: {}\n\n",
                      a.moves.size(), a.tried, a.losses.empty() ? "unknown" : "by " + a.losses);
  Table table({{"layer", Table::Align::kLeft},
               {"becomes", Table::Align::kLeft},
               {std::string("saves ") + unit_of(a)},
               {"%"},
               {"loss"},
               {"plan", Table::Align::kLeft}});
  std::size_t shown = 0;
  for (const NumberMove& move : a.moves) {
    if (!move.taken && shown >= top) continue;
    if (!move.taken) ++shown;
    table.add({printable(move.layer), network::to_string(move.numbers), fixed(move.saved, 4),
               share_saved(a, move.saved), loss_words(move.loss), move.taken ? "taken" : ""});
  }
  text += table.text();
  if (a.do_not_pay > 0) text += fmt::format("\n{} save less than 0.05 % on this engine\n", a.do_not_pay);
  if (!a.cannot_run.empty()) {
    text += fmt::format("{} cannot be run, such as {} in {}: {}\n", a.cannot_run.size(),
                        network::to_string(a.cannot_run.front().numbers), printable(a.cannot_run.front().layer),
                        a.cannot_run.front().failure);
  }
  if (!a.losses.empty() && a.unknown_losses > 0) {
    text += fmt::format("{} that pay have no loss in {} and are in no plan\n", a.unknown_losses, a.losses);
  }
  return text + plan_words(a);
}

std::string to_json(const NumberAdvice& a) {
  Json out = {{"network", a.network}, {"engine", a.engine}};
  add_identity(out, a.identity);
  out["tool_version"] = a.tool_version;
  out["saves"] = nas::traits_of(a.metric).name;
  out["losses"] = a.losses.empty() ? Json(nullptr) : Json(a.losses);
  out["given"] = number_cost_json(a.given);
  out["tried"] = a.tried;
  out["do_not_pay"] = a.do_not_pay;
  out["unknown_losses"] = a.unknown_losses;
  out["moves"] = Json::array();
  for (const NumberMove& move : a.moves) out["moves"].push_back(number_move_json(move));
  out["cannot_run"] = Json::array();
  for (const NumberMove& move : a.cannot_run) out["cannot_run"].push_back(number_move_json(move));
  out["plan"] = nullptr;
  if (a.plan) {
    out["plan"] = {{"most_loss", a.plan->most_loss}, {"loss", a.plan->loss},
                   {"layers", a.plan->moves},        {"saved_by_themselves", a.plan->expected},
                   {"bound", a.plan->bound},         {"simulated", number_cost_json(a.plan->cost)}};
  }
  return dump(out);
}

}  // namespace lanewise::report
