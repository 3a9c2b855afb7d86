# SPDX-License-Identifier: Apache-2.0
# A Slurm of this machine alone, for the benchmarks that run arrays for real: munged, slurmctld, slurmd on loopback, with
# configuration, keys, spool and logs of their own in a temporary folder, $work, which goes with the script that reads
# this. That script has defined `refuse`. Needs root, as slurmd does, and scripts/install-packages --slurm.
work=$(mktemp -d /tmp/lanewise-slurm-XXXXXX)
daemons=()
stop() {
  for daemon in "${daemons[@]}"; do kill "$daemon" 2>/dev/null || true; done
  for daemon in "${daemons[@]}"; do wait "$daemon" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
cores=$(nproc)
mkdir -m 0755 "$work/state" "$work/spool" "$work/munge"
chmod 0755 "$work"
head -c 1024 /dev/urandom > "$work/munge/key"
chmod 0400 "$work/munge/key"
node=$(hostname -s)
cat > "$work/slurm.conf" <<CONF
ClusterName=lanewise
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_min_interval=0
MpiDefault=none
ReturnToService=2
KillWait=5
NodeName=$node NodeAddr=127.0.0.1 CPUs=$cores RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf

munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
  --seed-file="$work/munge/seed" --log-file="$work/munge/log" >/dev/null 2>&1 &
daemons+=($!)
wait_for() {  # seconds, what, command…
  local left=$1 what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$left" -gt 0 ] || { tail -n 20 "$work"/*.log >&2; refuse "$what"; }
    left=$((left - 1))
    sleep 1
  done
}
wait_for 20 "munged does not answer" test -S "$work/munge/socket"
slurmctld -D -f "$work/slurm.conf" >/dev/null 2>&1 &
daemons+=($!)
wait_for 30 "slurmctld does not answer" scontrol ping
slurmd -D -f "$work/slurm.conf" >/dev/null 2>&1 &
daemons+=($!)
wait_for 30 "the node does not come up" bash -c '[ "$(sinfo -h -o %t)" = idle ]'

# Memory is not what this is about, and a small machine may have less than the script asks for.
export SBATCH_MEM_PER_CPU=100
seconds() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(seconds)" 'BEGIN {printf "%.2f", b - a}'; }
job_ended() { [ -z "$(squeue -h -o %i 2>/dev/null)" ]; }
