// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace lanewise {

// Calls work(i) once for every i below `count`, on `threads` threads of which the calling thread is one; indices are
// handed out in order. Returns when all calls have ended. After a call has thrown no further index is handed out, and
// the exception of the lowest index is rethrown: which one that is does not depend on the number of threads.
// `after` is called on the calling thread between its own calls, with the number of calls that have ended on any
// thread. What it throws ends the loop like a failure of the work, which takes precedence.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                  const std::function<void(std::size_t done)>& after = {});

}  // namespace lanewise
