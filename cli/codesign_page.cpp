// SPDX-License-Identifier: Apache-2.0
#include "cli/codesign_page.hpp"

#include "cli/network_argument.hpp"
#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/import.hpp"
#include "core/record/file.hpp"
#include "report/answer.hpp"
#include "report/codesign.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::cli {
namespace {

// The network of a finalist as its file has it: sizes are fixed there, forms and precisions of weights lie beside it.
network::Graph finalist_graph(const study::JobFolder& at, const report::StoredFinalist& finalist,
                              const ImportSettings& import) {
  ImportSettings read = finalist.forms_file.empty() ? import : import.uncompressed();
  read.batch.reset();
  read.dims.clear();
  read.inputs.clear();
  if (!finalist.forms_file.empty()) read.compression = at.file(finalist.forms_file);
  if (!finalist.precisions_file.empty()) read.layer_precision = at.file(finalist.precisions_file);
  return network::import_network(at.file(finalist.network_file), read.options());
}

// The job is done and its result stands, whatever becomes of its files: the page says what it cannot draw.
template <class Ask>
std::string answer_or_failure(const Ask& ask) {
  try {
    return report::to_json({ask()});
  } catch (const Error& error) {
    return "{\"failure\":" + report::json_string(error.what()) + "}";
  }
}

}  // namespace

std::vector<report::PageData> codesign_page_data(const study::JobFolder& at, const study::CodesignJob& job,
                                                 const std::string& space, const ImportSettings& import,
                                                 const EngineOptions& engine) {
  const std::string path = at.file("result.json");
  const report::StoredResult stored = report::stored_result(path, record::read_file(path));
  const auto simulator = study::make_simulator();
  std::vector<std::string> finalists;
  for (const report::StoredFinalist& finalist : stored.finalists) {
    if (finalist.network_file.empty()) {
      finalists.emplace_back("null");
      continue;
    }
    finalists.push_back(answer_or_failure([&] {
      const engine::LoadedEngine loaded = engine::load_engine(at.file(finalist.engine_file));
      return study::answer_one(finalist_graph(at, finalist, import), loaded.config, *simulator);
    }));
  }
  const std::string baseline = answer_or_failure([&] {
    if (job.graph) return study::answer_one(*job.graph, job.engine, *simulator);
    NetworkArgument own;
    own.space = space;
    own.encoding = stored.baseline;
    return study::answer_one(load_networks(own, import, engine).front(), job.engine, *simulator);
  });
  return {{"front", report::json_string(record::read_file(at.file("front.csv")))},
          {"history", report::json_string(record::read_file(at.file("history.csv")))},
          {"baseline", baseline},
          {"finalists", report::json_array(finalists)}};
}

}  // namespace lanewise::cli
