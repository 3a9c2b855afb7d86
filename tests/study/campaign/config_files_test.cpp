// SPDX-License-Identifier: Apache-2.0
// Engines, families, search spaces and campaigns are read by one reader: the same mistakes of form get the same answer.
#include <gtest/gtest.h>

#include "nas/space/space.hpp"
#include "study/campaign/campaign_file.hpp"
#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise {
namespace {

using engine::error_of;
using engine::replaced;
using engine::ScratchFolder;
using engine::text_of_file;

// A valid file of each kind, and what loads it. The key `name` stands at the beginning of a line in each.
struct Kind {
  const char* name;
  const char* shipped;
  const char* path;  // in the scratch folder
};
const Kind kKinds[] = {{"engine", "hwconfigs/ne-256.yaml", "ne-256.yaml"},
                       {"family", "hwconfigs/families/ne.yaml", "families/ne.yaml"},
                       {"space", "spaces/both.yaml", "both.yaml"},
                       {"campaign", "campaigns/ne.yaml", "campaign.yaml"}};

class ConfigFile : public testing::TestWithParam<Kind> {
 protected:
  // The message without the folder, or "no error".
  std::string message(const std::string& text) {
    const std::string kind = GetParam().name;
    const std::string path = scratch_.write(GetParam().path, text);
    std::string what = error_of([&] {
      if (kind == "engine") engine::load_engine(path);
      if (kind == "family") {
        engine::load_family(scratch_.write("ne-256.yaml", text_of_file("hwconfigs/ne-256.yaml")));
      }
      if (kind == "space") nas::load_space(path);
      if (kind == "campaign") study::load_campaign_file(path);
    });
    for (std::size_t at = what.find(path); at != std::string::npos; at = what.find(path)) {
      what.replace(at, path.size(), "FILE");
    }
    return what;
  }

  // The shipped file without its format; paths to networks lead back to the repository.
  std::string valid() const {
    std::string text = text_of_file(GetParam().shipped);
    if (text.find("format: 1\n") != std::string::npos) text = replaced(text, "format: 1\n", "");
    for (std::size_t at = text.find("../"); at != std::string::npos; at = text.find("../", at)) {
      text.replace(at, 2, LANEWISE_SOURCE_DIR);
    }
    return text;
  }
  static int lines(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

  ScratchFolder scratch_;
};

TEST_P(ConfigFile, may_name_its_format_or_leave_it_out) {
  EXPECT_EQ(message(valid()), "no error");
  EXPECT_EQ(message("format: 1\n" + valid()), "no error");
}

TEST_P(ConfigFile, of_another_format_is_refused) {
  EXPECT_EQ(message("format: 2\n" + valid()), "FILE:1: key 'format': '2' is an unknown format: must be 1");
  EXPECT_EQ(message("format: [1]\n" + valid()), "FILE:1: key 'format': must be a single value, not a list");
}

TEST_P(ConfigFile, with_a_second_document_is_refused) {
  EXPECT_EQ(message(valid() + "---\nname: second\n"), "FILE: holds several YAML documents, must be one");
}

TEST_P(ConfigFile, with_a_key_twice_is_refused) {
  const std::string text = valid();
  const std::string what = message(text + "name: again\n");
  EXPECT_EQ(what.rfind("FILE:" + std::to_string(lines(text) + 1) + ": key 'name': given twice, first on line ", 0), 0U)
      << what;
}

TEST_P(ConfigFile, with_an_unknown_key_is_refused) {
  const std::string what = message("zebras: 1\n" + valid());
  EXPECT_EQ(what.rfind("FILE:1: key 'zebras': unknown key", 0), 0U) << what;
}

TEST_P(ConfigFile, that_is_no_map_of_keys_is_refused) {
  EXPECT_EQ(message(""), "FILE: is empty");
  EXPECT_EQ(message("- a\n"), "FILE: is not a configuration: must be YAML keys and values");
  EXPECT_EQ(message("name:\n\t- a\n").rfind("FILE:2: is not YAML: ", 0), 0U) << "a tab is no indentation";
  EXPECT_EQ(message(std::string(2 << 20, ' ')), "FILE: is larger than 1 MiB, too large for a configuration");
}

INSTANTIATE_TEST_SUITE_P(EveryKind, ConfigFile, testing::ValuesIn(kKinds),
                         [](const testing::TestParamInfo<Kind>& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace lanewise
