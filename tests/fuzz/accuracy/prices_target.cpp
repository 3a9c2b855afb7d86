// SPDX-License-Identifier: Apache-2.0
// Tables of latencies as `lanewise-fit converge --prices` reads them: a table that is taken prices its own networks as
// it says, and every other with a number above 0.
#include "accuracy/supernet/latency_prices.hpp"
#include "core/base/input_file.hpp"
#include "core/record/csv.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_prices(const std::string& path, const std::string&) {
  const std::string file = source_folder() + "/spaces/fm28.yaml";
  const accuracy::SupernetSpace space(file, read_input(file, Bytes{1 << 20}, "a space"));
  if (record::read_csv(path).rows.size() > 200) return;  // fitting takes the cube of these, and reading what it takes
  accuracy::LatencyPrices prices(path, space);
  require_sane("the median error of prices", prices.median_error_percent(), prices.worst_error_percent());
  const double other = prices.ms(space.canonical(nas::Genotype(space.genes().size(), 0)));
  if (!(other > 0)) throw Nonsense("a price that is not above 0");
}

}  // namespace lanewise::fuzz
