// SPDX-License-Identifier: Apache-2.0
#include "estimator/adaptation_json.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

using Json = nlohmann::json;

Json term_json(const CorrectionTerm& term) {
  return {{"feature", term.feature}, {"coefficient", term.coefficient},
          {"centre", term.centre},   {"spread", term.spread},
          {"low", term.low},         {"high", term.high}};
}

CorrectionTerm term_from(const Json& json) {
  CorrectionTerm term;
  json.at("feature").get_to(term.feature);
  json.at("coefficient").get_to(term.coefficient);
  json.at("centre").get_to(term.centre);
  json.at("spread").get_to(term.spread);
  json.at("low").get_to(term.low);
  json.at("high").get_to(term.high);
  const std::vector<std::string>& known = correction_features();
  const bool usable =
      std::count(known.begin(), known.end(), term.feature) == 1 && term.spread > 0 && term.low <= term.high;
  if (!usable) throw Error("its adaptation has a term that no pass can have: '" + term.feature + "'");
  return term;
}

void require_known(const std::string& key) {
  const std::vector<std::string> known = engine::parameter_keys();
  if (std::count(known.begin(), known.end(), key) == 0) {
    throw Error("its adaptation has the unknown key '" + key + "'");
  }
}

}  // namespace

Json to_json(const Adaptation& a) {
  Json effective = Json::array();
  for (const auto& [key, value] : a.effective) effective.push_back({key, value});
  Json correction = Json::array();
  for (const CorrectionTerm& term : a.correction) correction.push_back(term_json(term));
  return {{"engine", a.engine},
          {"described", a.described},
          {"row_keys", a.row_keys},
          {"effective", effective},
          {"correction", correction},
          {"rows_file", a.rows_file},
          {"rows_hash", a.rows_hash},
          {"rows", a.rows},
          {"before_mape_percent", a.before_mape_percent},
          {"after_mape_percent", a.after_mape_percent},
          {"before_worst_percent", a.before_worst_percent},
          {"after_worst_percent", a.after_worst_percent}};
}

Adaptation adaptation_from(const Json& json) {
  Adaptation a;
  json.at("engine").get_to(a.engine);
  json.at("described").get_to(a.described);
  json.at("row_keys").get_to(a.row_keys);
  for (const Json& pair : json.at("effective")) {
    a.effective.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
    require_known(a.effective.back().first);
  }
  for (const auto& [key, value] : a.described) require_known(key);
  for (const Json& term : json.at("correction")) a.correction.push_back(term_from(term));
  json.at("rows_file").get_to(a.rows_file);
  json.at("rows_hash").get_to(a.rows_hash);
  json.at("rows").get_to(a.rows);
  json.at("before_mape_percent").get_to(a.before_mape_percent);
  json.at("after_mape_percent").get_to(a.after_mape_percent);
  json.at("before_worst_percent").get_to(a.before_worst_percent);
  json.at("after_worst_percent").get_to(a.after_worst_percent);
  return a;
}

}  // namespace lanewise::estimator
