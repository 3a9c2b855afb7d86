// SPDX-License-Identifier: Apache-2.0
#include "sim/command_processor.hpp"

namespace lanewise::sim {

CommandProcessor::CommandProcessor(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_METHOD(issue);
  sensitive << next_;
  dont_initialize();
}

void CommandProcessor::begin(const Pass& pass) {
  pass_ = &pass;
  decoded_ = false;
  issued_ = 0;
  log_.reset(pass.start);
  log_.busy(pass.start);
  next_.notify(duration(ticks(pass.engine.command.per_pass)));
}

void CommandProcessor::issue() {
  const Ticks per_tile = ticks(pass_->engine.command.per_tile);
  if (!decoded_) {
    decoded_ = true;
    to_load.send(1);
    next_.notify(duration(per_tile));
    return;
  }
  // With nothing between two tiles, all are issued at once.
  const std::size_t left = pass_->plan.steps.size() - issued_;
  const std::size_t count = per_tile > 0 ? 1 : left;
  issued_ += count;
  if (pass_->plan.uses_array) to_array.send(static_cast<int>(count));
  to_post.send(static_cast<int>(count));
  if (done()) {
    log_.idle(now());
  } else {
    next_.notify(duration(per_tile));
  }
}

}  // namespace lanewise::sim
