// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "report/campaign_record.hpp"
#include "report/store.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

// Text in a cell of a Markdown table, which a bar or the end of a line would end.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

// "a", or "a … b (n values)" of sorted ones.
std::string span_text(const std::vector<std::string>& values) {
  if (values.empty()) return "";
  if (values.size() == 1) return values.front();
  return fmt::format("{} … {} ({} values)", values.front(), values.back(), values.size());
}

std::string only(const std::map<std::string, std::int64_t>& counts) {
  return counts.empty() ? "-" : counts.begin()->first;
}

// What hosts of datasets read before the text.
std::string front_matter(const study::StoreSummary& summary) {
  return fmt::format(
      "---\n"
      "license: apache-2.0\n"
      "pretty_name: Passes of neural networks on engines of the family {}\n"
      "task_categories: [tabular-regression]\n"
      "tags: [latency, energy, npu, accelerator, hardware-aware-nas]\n"
      "configs:\n"
      "- config_name: default\n"
      "  data_files: measurements.csv\n"
      "---\n\n",
      only(summary.engine_families));
}

std::string contents(const study::StoreSummary& summary, const study::DatasetOptions& options) {
  std::string out = fmt::format(
      "# Passes of neural networks on engines of the family {0}\n\n"
      "{1} rows: what one pass of a neural network (a layer with what is fused to it, and where its tensors lie) costs "
      "on "
      "one neural engine, in cycles, energy and memory traffic. {10}; for "
      "training and comparing estimators of latency.\n\n"
      "| | |\n| --- | --- |\n"
      "| rows | {1}, of which {3} measured and {4} failed |\n"
      "| engines | {5}, of which {6} beyond the ranges of their family |\n"
      "| shapes of passes | {7} |\n"
      "| tool version | {2} |\n"
      "| licence | Apache-2.0 |\n\n"
      "| file | what |\n| --- | --- |\n"
      "| `measurements.csv` | a row a measurement, its side in every split, its engine's values |\n"
      "{8}"
      "| `measurements.sqlite` | the same rows as a store of Lanewise: `lanewise train` and `lanewise store` read it; "
      "the "
      "table `splits` has the sides |\n"
      "| `dictionary.csv` | every column of `measurements.csv` with unit and meaning |\n"
      "{9}",
      only(summary.engine_families), grouped(summary.rows), only(summary.tool_versions),
      grouped(summary.rows - summary.failed), grouped(summary.failed), grouped(summary.engines),
      grouped(summary.outside_engines), grouped(summary.shapes),
      options.form == record::CsvForm::kTexts
          ? ""
          : "| `measurements.constants.csv` | columns that have one value in all rows, once: with unit, value and "
            "meaning |\n",
      options.features
          ? "| `features.csv` | what Lanewise's regressor sees of each measured row: features (`f_…`), labels, what it "
            "holds out |\n| `features_dictionary.csv` | every column of `features.csv` with unit and meaning |\n"
          : "",
      summary.source.empty()
          ? fmt::format("Simulated by the SystemC model of Lanewise {}", only(summary.tool_versions))
          : fmt::format("Measured by {}, not by the simulator of Lanewise; what it did not tell is empty",
                        cell(summary.source)));
  if (!summary.campaigns.empty()) {
    out +=
        "\n## Campaigns\n\nWhat was planned, with its seed; the table `campaigns` of the SQLite file has every "
        "key.\n\n";
    for (const record::CampaignRecord& campaign : summary.campaigns) out += "- " + cell(campaign_line(campaign)) + "\n";
  }
  return out;
}

std::string networks(const study::StoreSummary& summary) {
  std::string out =
      "\n## What was sampled\n\n"
      "Passes of networks as given, of variants of them (other widths, channels aligned to the engine, fused blocks), "
      "of "
      "neighbours of theirs at the engine's limits (a lane or a row more than fits), and of shapes drawn from ranges "
      "where "
      "the campaign names such. Each in a context: which tensors are on chip when it starts, and how many banks others "
      "occupy.\n";
  if (!summary.networks.empty()) {
    out +=
        "\nNetworks as given. Where a network is complete on an engine, the sums over its rows of `occurrences` in it "
        "× "
        "latency, energy or traffic are the whole network's, pass after pass.\n\n"
        "| network | rows | engines | complete on |\n| --- | ---: | ---: | ---: |\n";
    for (const study::NetworkRows& network : summary.networks) {
      out += fmt::format("| {} | {} | {} | {} |\n", cell(network.network), grouped(network.rows),
                         grouped(network.engines), grouped(network.complete_engines));
    }
  }
  out +=
      "\n| pass family | rows | shapes | fewest cycles | median | most |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: |\n";
  for (const study::FamilyRows& family : summary.subgraph_families) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", family.family, grouped(family.rows), grouped(family.shapes),
                       grouped(family.fewest_cycles), grouped(family.median_cycles), grouped(family.most_cycles));
  }
  return out;
}

std::string engines(const study::StoreSummary& summary, const study::DatasetOptions& options) {
  if (summary.keys.empty()) return "";
  std::string out = fmt::format(
      "\n## Engines\n\n"
      "Values that differ between engines; all others are the same in every row and stand in `measurements{}.csv`. "
      "Engines "
      "beyond the ranges (`campaign.outside_ranges`) are there to test extrapolation.\n\n"
      "| key | engines within the ranges | engines beyond them |\n| --- | --- | --- |\n",
      options.form == record::CsvForm::kTexts ? "" : ".constants");
  for (const study::KeyValues& key : summary.keys) {
    out += fmt::format("| `{}` | {} | {} |\n", key.key, span_text(key.inside), span_text(key.outside));
  }
  return out;
}

std::string splits(const study::StoreSummary& summary) {
  std::string out =
      "\n## Splits\n\n"
      "Three columns, each a split of its own for a question of its own: does an estimator know passes like these "
      "(`split_row`), an engine that it never saw (`split_engine`), a shape that it never saw on any engine and in any "
      "context (`split_shape`)?\n\n"
      "| column | train | validation | test | outside |\n| --- | ---: | ---: | ---: | ---: |\n";
  for (const study::SplitSizes& split : summary.splits) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", split.column, grouped(split.train), grouped(split.validation),
                       grouped(split.test), grouped(split.outside));
  }
  out +=
      "\nA row's side follows from what the row is, never from its measurement: H(prefix + key) mod 10000 below a "
      "threshold, where H is FNV-1a over the bytes, 64 bits wide, finished with SplitMix64.\n\n"
      "| column | key | test | validation, of what is not test |\n| --- | --- | --- | --- |\n"
      "| `split_row` | engine hash, space, subgraph key | `random:`, 10 % | `validation:split_row:`, 10 % |\n"
      "| `split_engine` | `engine.parallelism_factor`, `engine.dot_product_lanes` and bytes of on-chip memory, "
      "separated "
      "by spaces | `unseen_engine:`, 20 %; and engines beyond the ranges, with all that share such a key with one | "
      "`validation:split_engine:`, 10 % |\n"
      "| `split_shape` | the subgraph key without its context | `unseen_shape:`, 15 % | `validation:split_shape:`, 10 "
      "% |\n\n"
      "Test sides are those that Lanewise's own estimator is tested on, so that figures compare. `outside`: rows of "
      "engines "
      "beyond the ranges, which belong to no side of `split_row` and `split_shape`. Failed rows have no side.\n";
  return out;
}

std::string failures(const study::StoreSummary& summary) {
  if (summary.failures.empty()) return "";
  std::string out = "\n## Failed rows\n\n| rows | because |\n| ---: | --- |\n";
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < summary.failures.size() && i < kShown; ++i) {
    out += fmt::format("| {} | {} |\n", grouped(summary.failures[i].second), summary.failures[i].first);
  }
  if (summary.failures.size() > kShown) {
    out += fmt::format("\n{} reasons more stand in the column `failure`.\n", summary.failures.size() - kShown);
  }
  return out;
}

constexpr const char* kLimits =
    "\n## Known limits\n\n"
    "- Every number comes from a simulator, none from silicon. How far its engines were checked against RTL is told by "
    "`lanewise simulate` (`checked`) and by Lanewise's `docs/engine/README.md`.\n"
    "- A row is one pass by itself. What overlaps between passes in a network, and weights fetched ahead of one, is "
    "not in "
    "it.\n"
    "- Energy comes from a table of actions and their energies (the `energy.*` columns), not from a layout.\n"
    "- Rows are not independent: one shape occurs on many engines and in many contexts, one engine in many rows. A "
    "random "
    "split flatters an estimator; that is what the other two are for.\n"
    "- The weight of shapes follows the networks above. Other kinds of networks may look different.\n"
    "- Passes of the family `host` run beside the engine and are modelled coarsely.\n";

constexpr const char* kUse =
    "\n## Use\n\n"
    "```python\n"
    "import pandas\n"
    "rows = pandas.read_csv(\"measurements.csv\", dtype={\"engine_hash\": str, \"failure\": str, \"networks\": str})\n"
    "rows = rows[rows.failure.isna()]\n"
    "train, test = (rows[rows.split_engine == side] for side in (\"train\", \"test\"))\n"
    "```\n";

constexpr const char* kUseFeatures =
    "\nA regressor on the features learns what is left of the latency when the analytical model has had its say:\n\n"
    "```python\n"
    "import numpy, pandas, xgboost\n"
    "rows = pandas.read_csv(\"features.csv\", dtype={\"engine_hash\": str})\n"
    "features = [name for name in rows.columns if name.startswith(\"f_\")]\n"
    "test = rows.held_out_unseen_engine == 1\n"
    "train = ~test & (rows.outside_ranges == 0)\n"
    "model = xgboost.XGBRegressor(n_estimators=500, max_depth=8, learning_rate=0.08)\n"
    "model.fit(rows[train][features], rows[train].log_latency_ratio)\n"
    "cycles = rows[test].analytical_latency_cycles * numpy.exp(model.predict(rows[test][features]))\n"
    "cycles = numpy.maximum(cycles, rows[test].least_latency_cycles)\n"
    "```\n";

}  // namespace

std::string dataset_card(const study::StoreSummary& summary, const study::DatasetOptions& options) {
  return front_matter(summary) + contents(summary, options) + networks(summary) + engines(summary, options) +
         splits(summary) + failures(summary) + kLimits + kUse + (options.features ? kUseFeatures : "");
}

}  // namespace lanewise::report
