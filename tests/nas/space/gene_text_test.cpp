// SPDX-License-Identifier: Apache-2.0
#include "nas/space/gene_text.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

const std::vector<Gene> kGenes = {{"kernel", {"3", "5", "7"}}, {"bank", {"8 KiB", "16 KiB"}}};

TEST(GeneText, holds_what_differs_from_the_default_and_reads_back) {
  EXPECT_EQ(encode_changes(kGenes, {0, 0}, '/'), "default");
  EXPECT_EQ(encode_changes(kGenes, {2, 1}, '/'), "kernel=7/bank=16KiB");
  for (int kernel = 0; kernel < 3; ++kernel) {
    for (int bank = 0; bank < 2; ++bank) {
      const Genotype genotype = {kernel, bank};
      EXPECT_EQ(decode_changes(kGenes, encode_changes(kGenes, genotype, '@'), '@'), genotype);
    }
  }
  EXPECT_EQ(decode_changes(kGenes, "bank=16KiB/kernel=5", '/'), (Genotype{1, 1}));
}

TEST(GeneText, errors_name_text_part_and_rule) {
  const auto message = [](const std::string& text) {
    try {
      decode_changes(kGenes, text, '/');
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("kernal=3"), "encoding 'kernal=3': 'kernal' is no gene of the space (did you mean 'kernel'?)");
  EXPECT_EQ(message("kernel=4"), "encoding 'kernel=4': gene 'kernel': '4' must be one of: 3, 5, 7");
  EXPECT_EQ(message("kernel=5/kernel=5"), "encoding 'kernel=5/kernel=5': gene 'kernel' is given twice");
  EXPECT_EQ(message("kernel"), "encoding 'kernel': 'kernel' must be GENE=VALUE");
  EXPECT_EQ(message(""), "encoding '': '' must be GENE=VALUE");
  EXPECT_THROW(encode_changes(kGenes, {0}, '/'), InternalError);
}

}  // namespace
}  // namespace lanewise::nas
