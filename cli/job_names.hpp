// SPDX-License-Identifier: Apache-2.0
// Files that a person named, as a settings.yaml names them so that it can be run from anywhere: what comes with the
// tool by its bare name, everything else by its path from the folder that the settings are in.
#pragma once

#include <string>

namespace lanewise::cli {

// `path` is a file or folder that exists, `kind` the data folder that it may have come from ("models"; "": none, for
// options that take paths alone), `folder` where the settings are written. Paths that share nothing but the root are
// absolute.
std::string portable_name(const std::string& kind, const std::string& path, const std::string& folder);

}  // namespace lanewise::cli
