# SPDX-License-Identifier: Apache-2.0
# What the searches and trainings with measured accuracy share, to be sourced from the repository's root. Nothing here depends on
# what a search or a training found. Everything is gone on with where it was cut off: build/benchmarks/measured holds it.
SEEDS=(1 2 3)          # of each search; the network that is trained is chosen among what all three end in, by simulation
EVALUATIONS=2000       # designs priced by each search, by latency or by multiply-accumulates
TRAININGS=${TRAININGS:-3}  # of each network, with seeds 0, 1 and so on

# Builds what is needed, makes the estimators of families $3…, and writes baseline $1 for the task of that name, on data $2.
measured_begin() {
  task=$1
  data=$2
  shift 2
  scripts/install-packages --torch
  [ -f build/release/build.ninja ] || cmake --preset release -DLANEWISE_WITH_TORCH=ON >/dev/null
  cmake --build --preset release --target lanewise lanewise-worker lanewise-fit
  for family in "$@"; do
    [ -f "trained/$family.lwm" ] || scripts/make-estimator "$family"
  done
  work=build/benchmarks/measured/$task
  mkdir -p "$work/networks"
  [ -f "$work/networks/baseline.onnx" ] ||
    build/release/lanewise network show --space "benchmarks/measured/$task.yaml" --export "$work/networks/baseline.onnx" >/dev/null
}

# measured_search NAME ENGINE SPACE OBJECTIVES FINALISTS, then options of `codesign`.
measured_search() {
  local name=$1 engine=$2 space=$3 objectives=$4 finalists=$5 seed status folder
  shift 5
  for seed in "${SEEDS[@]}"; do
    folder=$work/search/$engine/$name/$seed
    [ ! -f "$folder/result.json" ] || continue
    mkdir -p "$(dirname "$folder")"
    status=0
    build/release/lanewise codesign "$work/networks/baseline.onnx" --hw "$engine" --space "benchmarks/measured/$space.yaml" \
      --objectives "$objectives" --algorithm nsga2 --evaluations "$EVALUATIONS" --rounds 0 --seed "$seed" \
      --finalists "$finalists" --simulations "$finalists" --out "$folder" "$@" >"$folder.txt" 2>&1 || status=$?
    # 3: some limit is missed by simulation, which is an answer as well.
    [ "$status" = 0 ] || [ "$status" = 3 ] || { cat "$folder.txt" >&2; exit "$status"; }
  done
}

# Trains the networks of that name, one after the other, with all seeds each; what is trained is not trained again. With one
# thread each the results are the same on every run.
measured_train() {
  local name
  for name in "$@"; do
    OMP_WAIT_POLICY=passive build/release/lanewise-fit train "$work/networks/$name.onnx" --data "$data" \
      --recipe "benchmarks/measured/${task}_recipe.yaml" --seeds "$TRAININGS" --out "$work/trained/$name"
  done
}

# Writes docs/results from what is there, networks that are not trained yet among it.
measured_end() { python3 benchmarks/measured/results.py write; }
