# SPDX-License-Identifier: Apache-2.0
# What the benchmarks of the article's results share, to be sourced from the repository's root: the settings of every search,
# the same for all results, and how one is run. Nothing here or in a benchmark depends on what a search found.
ENGINES=(ne-256 nvdla-large)   # of two families; both shipped as they are
SEEDS=(1 2 3)                  # tables show the median and both ends
ALGORITHM=nsga2                # evolution, as in the article
EVALUATIONS=2000               # designs priced by each search, by latency or by multiply-accumulates
SETTINGS="algorithm=$ALGORITHM evaluations=$EVALUATIONS seeds=${SEEDS[*]}"

# Builds what benchmark $1 needs and writes its baseline, $2 of benchmarks/article, as an ONNX file into its folder.
article_begin() {
  scripts/install-packages
  [ -f build/release/build.ninja ] || cmake --preset release >/dev/null
  cmake --build --preset release --target lanewise lanewise-worker "$1"
  for family in ne nvdla; do
    [ -f "trained/$family.lwm" ] || { echo "trained/$family.lwm is missing: scripts/make-estimator makes it" >&2; exit 1; }
  done
  benchmark=$1
  work=build/benchmarks/$1
  rm -rf "$work"
  mkdir -p "$work" benchmarks/results
  build/release/lanewise network show --space "benchmarks/article/$2.yaml" --export "$work/baseline.onnx" >/dev/null
}

# article_search NAME SPACE OBJECTIVES, then options of `codesign`: on every engine, with every seed. Searches ask the
# family's default estimator and learn from nothing, so that budgets are equal; what they end in, FINALISTS designs of the
# front or 1, is simulated.
article_search() {
  local name=$1 space=$2 objectives=$3 engine seed status folder
  shift 3
  for engine in "${ENGINES[@]}"; do
    for seed in "${SEEDS[@]}"; do
      status=0
      folder=$work/$engine/$name/$seed
      mkdir -p "$(dirname "$folder")"
      build/release/lanewise codesign "$work/baseline.onnx" --hw "$engine" --space "benchmarks/article/$space.yaml" \
        --objectives "$objectives" --algorithm "$ALGORITHM" --evaluations "$EVALUATIONS" --rounds 0 --seed "$seed" \
        --finalists "${FINALISTS:-1}" --simulations "${FINALISTS:-1}" --out "$folder" "$@" >"$folder.txt" 2>&1 || status=$?
      # 3: some limit is missed by simulation, which is an answer as well.
      [ "$status" = 0 ] || [ "$status" = 3 ] || { cat "$folder.txt" >&2; exit "$status"; }
    done
  done
}

# Sums up the searches: prints the table, writes JSON and SVG. The exit status says whether the result is reached.
article_end() {
  local status=0
  build/release/benchmarks/"$benchmark" "$work" "$SETTINGS" "$work/$benchmark.json" "$work/$benchmark.svg" || status=$?
  [ "$status" -le 1 ] || exit "$status"
  mv "$work/$benchmark.json" "$work/$benchmark.svg" benchmarks/results/
  exit "$status"
}
