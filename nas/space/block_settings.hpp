// SPDX-License-Identifier: Apache-2.0
// Networks of a space's own, as a file describes them: an input, a stem, stages of blocks and a head. docs/spaces.md
// explains every key.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"
#include "core/engine/raw_config.hpp"
#include "nas/space/setting.hpp"

namespace lanewise::nas {

enum class BlockType {
  kIbn,                 // 1x1 expand, KxK depthwise, 1x1 project
  kFusedIbn,            // KxK expand, 1x1 project
  kGroupedIbn,          // KxK grouped expand, 1x1 project
  kConvolution,         // KxK
  kDepthwiseSeparable,  // KxK depthwise, 1x1
  kTucker,              // 1x1 reduce, KxK, 1x1 project
  kIdentity,            // nothing, or a 1x1 projection where the shape changes
};
enum class ResidualRule { kAuto, kWhereEqual, kNone };
enum class PaddingRule { kSame, kCausal, kValid };
enum class HeadType { kClassification, kDetection, kLraspp, kDeeplab, kNone, kAnchorFree };
enum class NormalizationRule { kBatch, kFolded };

struct StageSettings {
  std::string name;
  std::vector<SpaceGene::Condition> when;  // the stage is left out unless they hold
  Setting type, expansion, kernel, channels, repeats, stride, dilation, groups, squeeze_excite, activation, residual,
      padding, depth_multiplier, input_ratio, output_ratio;
};

// The names of a file's stages as the words of a property. Settings point to the rule.
struct StageWords {
  std::vector<std::string> names;
  PropertyRule rule;
};

struct HeadSettings {
  Setting type, channels, hidden, classes, activation;
  std::vector<std::size_t> from;        // detectors: indices of the stages whose maps are read
  std::vector<std::int64_t> extra;      // detectors: channels of the layers behind the last stage
  Setting boxes;                        // detection: per position
  Setting layers;                       // anchor-free: depthwise-separable ones over each map
  Setting low;                          // segmentation: the stage of the finer map, as an index
  std::shared_ptr<const StageWords> stage_words;
  std::vector<std::int64_t> rates;      // DeepLab: dilations
  Setting output_height, output_width;  // segmentation; 0: as the input
};

// A piece of an encoding: a text, or a setting whose value is written.
struct EncodingPiece {
  std::string literal;  // used where `rule` of the setting is null
  Setting setting;
  std::string name;  // of the placeholder, for messages
  int stage = -1;    // written only where this stage is there
};

struct BlockSettings {
  std::string path;  // of the file
  std::vector<SpaceGene> genes;
  std::vector<std::string> engine_keys;           // that formulas read
  Precision precision = Precision::kInt8;         // of activations
  Precision weight_precision = Precision::kInt8;  // of weights
  NormalizationRule normalization = NormalizationRule::kBatch;
  Setting batch, input_channels, height, width;
  Setting activation, depth_multiplier, repeat_multiplier, channel_multiple;
  Setting stem_channels, stem_kernel, stem_stride, stem_activation, stem_padding;
  std::vector<StageSettings> stages;
  HeadSettings head;
  std::vector<EncodingPiece> encoding;  // empty: "GENE=VALUE" of what is not at its default
  std::string encoding_place;           // "FILE:LINE: key 'network.encoding'", for messages
};

// The keys of networks of a file's own, in the reference's order; "<stage>" and "<gene>" stand for names.
std::vector<std::string> block_keys();
// Whether an entry of a space file speaks of networks of the file's own.
bool is_block_entry(const engine::RawEntry& entry);
// The same networks, of another batch and in other precisions where they are given.
struct BlockChanges {
  std::optional<std::int64_t> batch = std::nullopt;
  std::optional<Precision> activations = std::nullopt, weights = std::nullopt;
};
BlockSettings with_changes(const BlockSettings& settings, const BlockChanges& changes);
// Reads those entries. Throws Error naming file:line, key, value and rule.
BlockSettings read_block_settings(const engine::RawConfig& raw);

// Most stages, blocks of all stages, genes, values of a gene, and values that a property or an encoding spells out.
inline constexpr std::size_t kMostStages = 64, kMostBlocks = 512, kMostGenes = 256, kMostValues = 1000,
                             kMostSettings = 10000;

}  // namespace lanewise::nas
