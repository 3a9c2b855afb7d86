// SPDX-License-Identifier: Apache-2.0
// Parameters and parts of answers that several tools share.
#include <fmt/format.h>

#include "mcp/tool.hpp"

namespace lanewise::mcp {

using Kind = Parameter::Kind;

constexpr double kUsualRows = 10, kMostRows = 50;

Parameter network_parameter() {
  return {"model", Kind::kFile, "", "The network: a name that list_networks gives, or a file (ONNX, TFLite)",
          true,    0,           0,  {},
          "models"};
}

Parameter engine_parameter(bool required) {
  return {"engine",   Kind::kFile, "--hw", "The engine: a name that list_engines gives, or an engine file (YAML)",
          required,   0,           0,      {},
          "hwconfigs"};
}

std::vector<Parameter> engine_change_parameters() {
  return {{"set", Kind::kSettings, "--set",
           "Engine keys that differ from the file and their values with units, such as {\"dram.bandwidth\": \"6.4 "
           "GB/s\"}; show_engine lists the keys"},
          {"plan_for",
           Kind::kChoice,
           "--plan-for",
           "What subgraphs are planned for; latency where it is not given",
           false,
           0,
           0,
           {"latency", "energy", "dram"}}};
}

std::vector<Parameter> network_change_parameters() {
  return {{"batch", Kind::kWhole, "--batch", "First dimension of the network's inputs", false, 1, 1e6},
          {"dims", Kind::kSizes, "--dim", "Sizes of the network's inputs by name, such as {\"height\": 320}"},
          {"precision", Kind::kText, "--precision",
           "Precision of a float network: int2, int4, int6, int8 (where it is not given), int16, fp16 or fp32, or "
           "weights=P,activations=P"}};
}

Parameter rows_parameter() {
  return {"rows", Kind::kWhole, nullptr, "Entries of each list in the answer at most; 10 where it is not given", false,
          1,      kMostRows};
}

std::size_t rows_of(const Json& arguments) {
  return static_cast<std::size_t>(arguments.contains("rows") ? arguments.at("rows").get<double>() : kUsualRows);
}

Json error_schema() {
  return object_schema(
      "How wrong the numbers may be",
      {{"of", text_schema("What was compared with what")},
       {"rows", whole_schema("Layers or subgraphs that were compared; 0: none, so that nothing is known")},
       {"mape_percent", or_null(number_schema("%, mean absolute error of the latency; null: not known"))},
       {"worst_percent", or_null(number_schema("%, largest absolute error; null: not known"))},
       {"text", text_schema("The same in words")}});
}

Json simulator_error(const Json& check) {
  const auto known = [&](const char* name) { return check.contains(name) ? check.at(name) : Json(nullptr); };
  return {{"of", "the simulator against RTL of the engine's family"},
          {"rows", check.at("rows")},
          {"mape_percent", known("mape_percent")},
          {"worst_percent", known("worst_percent")},
          {"text", check.at("text")}};
}

Json estimator_error(const Json& of, const Json& networks) {
  const Json error = of.contains("unseen_engine_error") ? of.at("unseen_engine_error") : Json(nullptr);
  Json out = {{"of", "the estimator against the simulator, on engines held out from training"},
              {"rows", error.is_null() ? Json(0) : error.at("rows")},
              {"mape_percent", error.is_null() ? Json(nullptr) : error.at("mape_percent")},
              {"worst_percent", nullptr},
              {"text", "nothing is known of the estimator's error on engines of this family"}};
  if (!error.is_null()) {
    out["text"] = fmt::format("single subgraphs: mean {} %, {} % within 10 %",
                              short_number(error.at("mape_percent").get<double>()),
                              short_number(error.at("within_10_percent").get<double>()));
  }
  if (networks.is_object() && networks.contains("text")) {
    out["worst_percent"] = networks.at("latency").at("worst_error_percent");
    out["text"] = networks.at("text").get<std::string>() + "; " + out["text"].get<std::string>();
  }
  return out;
}

Json interval_schema() {
  return or_null(object_schema("Between which the simulated latency lies with probability `level`; null: not known",
                               {{"level", number_schema("0 to 1, the probability")},
                                {"low_ms", number_schema("ms")},
                                {"high_ms", number_schema("ms")}}));
}

Json interval_ms(const Json& of) {
  if (!of.contains("interval") || of.at("interval").is_null() || of.at("latency_cycles") == 0) return nullptr;
  const Json& interval = of.at("interval");
  const double ms_a_cycle = of.at("latency_ms").get<double>() / of.at("latency_cycles").get<double>();
  return {{"level", interval.at("level")},
          {"low_ms", interval.at("low_cycles").get<double>() * ms_a_cycle},
          {"high_ms", interval.at("high_cycles").get<double>() * ms_a_cycle}};
}

Json left_out_schema() {
  return object_schema("What the answer does not show",
                       {{"count", whole_schema("Entries that are not shown; 0: all are")},
                        {"how", text_schema("How to see them; \"\" where all are shown")}});
}

Json left_out(std::size_t count, const std::string& how) {
  return {{"count", count}, {"how", count == 0 ? std::string() : how}};
}

std::string short_number(double value) { return fmt::format("{:.4g}", value); }

}  // namespace lanewise::mcp
