// SPDX-License-Identifier: Apache-2.0
// Recurrent operators: a step after another along the first axis.
#include <fmt/format.h>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

std::int64_t gates_of(const Query& query) { return query.type() == "LSTM" ? 4 : query.type() == "GRU" ? 3 : 1; }

// X [steps, batch, inputs], W [directions, gates x hidden, inputs], R [directions, gates x hidden, hidden]; with the
// batch in front where `layout` is 1. Y, the last state and, of an LSTM, the last cell.
void recurrent(Query& query) {
  const Shape& x = query.ranked(0, 3, 3);
  const Shape& w = query.ranked(1, 3, 3);
  const Shape& r = query.ranked(2, 3, 3);
  const std::string direction = query.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional") {
    query.fail(fmt::format("direction is '{}'", direction));
  }
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  const std::int64_t hidden = query.integer("hidden_size", r[2]);
  const std::int64_t rows = query.times(gates_of(query), hidden);
  if (hidden < 1 || w != Shape{directions, rows, x[2]} || r != Shape{directions, rows, hidden}) {
    query.fail(fmt::format("weights [{}] and [{}] do not fit {} inputs and {} hidden units in {} directions",
                           fmt::join(w, ", "), fmt::join(r, ", "), x[2], hidden, directions));
  }
  const bool batch_first = query.integer("layout", 0) != 0;
  const std::int64_t steps = x[batch_first ? 1 : 0];
  const std::int64_t batch = x[batch_first ? 0 : 1];
  const Shape state = batch_first ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
  query.give(0, batch_first ? Shape{batch, steps, directions, hidden} : Shape{steps, directions, batch, hidden},
             query.element_type(0));
  query.give(1, state, query.element_type(0));
  query.give(2, state, query.element_type(0));
}

}  // namespace

const std::vector<Rule>& recurrent_rules() {
  static const std::vector<Rule> table = {
      {"GRU", 3, 6, 2, recurrent, Reach::kProducts},
      {"LSTM", 3, 8, 3, recurrent, Reach::kProducts},
      {"RNN", 3, 6, 2, recurrent, Reach::kProducts},
  };
  return table;
}

}  // namespace lanewise::network::importing
