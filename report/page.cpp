// SPDX-License-Identifier: Apache-2.0
#include "report/page.hpp"

#include "core/base/printable.hpp"
#include "core/base/version.hpp"
#include "core/engine/resources.hpp"
#include "page/document.hpp"
#include "report/json.hpp"

namespace lanewise::report {
namespace {

// What the page of a verb is drawn with, in the order in which scripts run: what others build on first.
const std::vector<std::string_view> kCommon = {"page.js", "tables.js", "figures.js", "points.js"};
struct View {
  std::string_view verb;
  std::vector<std::string_view> scripts;
};
const std::vector<View> kViews = {{"simulate", {"layers.js", "simulate.js"}},
                                  {"sweep", {"sweep.js"}},
                                  {"compare", {"compare.js"}},
                                  {"codesign", {"finalists.js", "blocks.js", "codesign.js"}},
                                  {"evaluate", {"evaluate.js"}},
                                  {"validate", {"validate.js"}},
                                  {"landscape", {"landscape.js"}}};

std::vector<std::string_view> scripts_of(std::string_view verb) {
  std::vector<std::string_view> scripts = kCommon;
  for (const View& view : kViews) {
    if (view.verb == verb) scripts.insert(scripts.end(), view.scripts.begin(), view.scripts.end());
  }
  return scripts;
}

// Data of a page are not read by people: they need no indentation.
std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string page(std::string_view verb, const std::string& title, const std::string& answer,
                 const std::vector<PageData>& more) {
  Json about = {{"verb", verb}, {"title", printable(title)}, {"tool_version", version()}};
  for (const engine::ResourceName& name : engine::resource_names()) about["resources"][name.text] = name.description;
  std::vector<page::Data> data = {{"about", compact(about)}, {"answer", answer}};
  for (const PageData& entry : more) data.push_back({entry.id, entry.json});
  return page::document(printable(title) + " - Lanewise", data, scripts_of(verb));
}

std::string profiles_json(const std::vector<study::NetworkAnswer>& answers) {
  Json out = Json::array();
  for (const study::NetworkAnswer& answer : answers) out.push_back(profile_json(answer.profile.value()));
  return compact(out);
}

std::string json_array(const std::vector<std::string>& values) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? "," : "") + values[i];
  return out + "]";
}

std::string json_string(const std::string& text) { return string_json(text); }

}  // namespace lanewise::report
