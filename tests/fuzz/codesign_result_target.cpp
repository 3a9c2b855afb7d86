// SPDX-License-Identifier: Apache-2.0
// Results of codesigns, as `patterns` reads several of them.
#include <cmath>

#include "study/advice/patterns.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_codesign_result(const std::string& path, const std::string&) {
  study::SearchSubject subject;
  subject.record = study::read_search(path);
  subject.engine = shipped_engine("ne-256");
  subject.family = engine::load_family(source_folder() + "/hwconfigs/ne-256.yaml");
  subject.graph = std::make_shared<const network::Graph>(small_network());
  subject.space = study::shown_space(subject.record, subject.engine);
  const study::Patterns patterns = study::find_patterns({subject}, {}, {}, "");
  for (const study::Pattern& pattern : patterns.patterns) {
    require_sane("the share of fronts", pattern.support(), 1);
    require_sane("the share of designs", pattern.held, 1 + 1e-9);
  }
  nas::parse_moves("patterns.yaml", nas::moves_text(patterns.file()));
}

}  // namespace lanewise::fuzz
