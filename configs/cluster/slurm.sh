#!/bin/bash
# A training of four machines, each with two processes; sbatch configs/cluster/slurm.sh my.ini
#SBATCH --job-name=heed --nodes=4 --ntasks-per-node=2 --cpus-per-task=8 --time=24:00:00
#SBATCH --signal=TERM@120 --requeue --open-mode=append
# Two minutes before the end all processes save and exit 143; the job goes back into the queue.
srun --kill-on-bad-exit=0 "${HEED:-heed}" train "$@"
code=$?
if [ $code -eq 143 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
